"""The board of an office of any size: the database counts and finds, the rules say what the clock says.

Periods whose clocks stand alike share one answer of the rules (``clocks``), which the database is handed with their ids
as a table. So lamp and time state have one meaning, and cost follows the number of different clocks, not of periods.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    BigInteger,
    CompoundSelect,
    Date,
    Float,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import joinedload

from db.ledger.bulk import among, as_json
from db.ledger.context import LedgerContext, period_dates
from db.ledger.inspections import before_codes, inspections
from db.matters import MATTERS, Matter, matters_of, measures_held
from db.matters.kind import MatterKind, subject_tag
from db.models import Duty, Extension, Finding, Inspection, Measure, Period, Submission
from plan.types import OPEN, Audience, DutyKind, Level, PeriodState, TimeState, severity
from rules.sections import IF_ANY, SECTIONS, section_of
from rules.timestate import elapsed_share, lamp, time_state

ONE_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
"""What is counted and what is shown must be of one moment."""
_OF_FINISH = Duty.kind == DutyKind.FINISH
_CLOCK = (
    Period.ladder_id,
    Period.opens_on,
    Period.due_on,
    Period.climbs_from,
    # What the rules do not look at makes no clock of its own.
    case((Period.state == PeriodState.SUBMITTED, Period.submitted_on)).label("submitted_on"),
    Period.state,
    Period.stopped_on.is_not(None).label("stopped"),
    Duty.kind,
    Measure.warn_days,
    case((_OF_FINISH, Measure.heard_on)).label("heard_on"),
    Measure.heard_on.is_not(None).label("heard"),
    case((_OF_FINISH, Measure.percent)).label("percent"),
)
_IS_OPEN = Period.state.in_(OPEN)
_STANDING = (
    select(*_CLOCK, Period.id)
    .join(Duty, Duty.id == Period.duty_id)
    .join(Measure, Measure.id == Duty.measure_id)
    .where(_IS_OPEN)
    .subquery()
)
_ALIKE = [one for one in _STANDING.c if one.name != "id"]
_CLOCKS = select(*_ALIKE, literal(1).label("round"), func.array_agg(_STANDING.c.id).label("periods")).group_by(*_ALIKE)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the rules say of all open periods whose clocks stand alike: of those with the ids ``periods``.

    ``severity`` ranks the lamp, ``section`` is the part of the board (None: not on it), ``elapsed`` the share of the
    time that is gone, 0 to 1.
    """

    periods: list[int]
    severity: int
    state: TimeState
    section: str | None
    elapsed: float


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Whose matters a reader wants to see: of an inspection's key, a unit, a finding (as ``BoardChoices`` names it), a
    leader, under a lamp; empty: of all."""

    inspection: str = ""
    unit: str = ""
    finding: str = ""
    leader: str = ""
    lamp: str = ""


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One part of the board: how many matters stand in it, and those that are shown, the worst first."""

    name: str
    count: int
    matters: Sequence[Matter]


@dataclass(frozen=True, slots=True)
class LampRow:
    """How many open periods of a unit or of a finding (``title`` its own) stand under which lamp."""

    name: str
    title: str
    lamps: Mapping[Level, int]


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """Work that a unit is to finish: how many tasks, their mean progress and the mean of the time that is gone, both 0
    to 100, how many are behind the calendar, and of how many nothing is known."""

    unit: str
    tasks: int
    percent: int
    elapsed: int
    behind: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Board:
    """How all that is open stands."""

    sections: Sequence[SectionPage]
    lamps: Mapping[Level, int]
    units: Sequence[LampRow]
    findings: Sequence[LampRow]
    progress: Sequence[UnitProgress]


def clocks(ctx: LedgerContext) -> list[Clock]:
    """What the rules say of every clock that an open period has.

    Args:
        ctx: the context; the answer is as of its ``now``.
    """
    found = []
    for row in ctx.connection.execute(_CLOCKS):
        dates = period_dates(row, row.kind, row.warn_days, row.heard_on)
        state = time_state(
            opens_on=row.opens_on,
            due_on=row.due_on,
            kind=DutyKind(row.kind),
            percent=row.percent,
            heard=row.heard,
            state=PeriodState(row.state),
            stopped=row.stopped,
            now=ctx.now,
            work_time=ctx.work_time,
            bars=ctx.policy.progress,
        )
        colour = lamp(ctx.ladders.steps(ctx, row.ladder_id, dates, PeriodState(row.state)), ctx.now)
        kind = "review" if row.state == PeriodState.SUBMITTED else "report"
        section = section_of(kind, state, row.due_on, ctx.today)
        elapsed = elapsed_share(row.opens_on, row.due_on, ctx.today)
        found.append(Clock(row.periods, severity(colour), state, section, elapsed))
    return found


def _as_table(found: Sequence[Clock]) -> str:
    # Not by ``asdict``, which copies every id.
    return as_json([{name: getattr(one, name) for name in Clock.__slots__} for one in found])


def board(ctx: LedgerContext, asked: BoardFilter, most: int, section: str | None = None, start: int = 0) -> Board:
    """The board as of the ``now`` of the context.

    Args:
        ctx: the context of a transaction that has read nothing yet: all is read in one snapshot.
        asked: whose matters are counted and shown.
        most: how many matters of a part are shown.
        section: the only part that is shown with its matters; None: each of them.
        start: how many matters of a part are left out before the first that is shown.
    """
    ctx.connection.execute(ONE_SNAPSHOT)
    given = {"clocks": _as_table(clocks(ctx))}
    # Read once, and before it is narrowed: with a narrow filter the planner would look through all clocks per period.
    rows = _filtered(ctx, _all_rows().cte("rows").prefix_with("MATERIALIZED"), asked).cte("chosen")
    of_groups = (
        select(rows.c.unit, rows.c.finding, rows.c.section, rows.c.severity, rows.c.state)
        .add_columns(rows.c.elapsed.is_not(None).label("finish"), func.count().label("n"))
        .add_columns(func.sum(rows.c.percent).label("percent"), func.sum(rows.c.elapsed).label("elapsed"))
        .add_columns(
            cast(null(), Text).label("subject"), cast(null(), BigInteger).label("id"), literal(0).label("place")
        )
        .group_by(rows.c.unit, rows.c.finding, rows.c.section, rows.c.severity, rows.c.state, text("finish"))
    )
    order = (rows.c.severity.desc(), rows.c.due_on, rows.c.subject, rows.c.id)
    placed = select(rows.c.section, rows.c.subject, rows.c.id).add_columns(
        func.row_number().over(partition_by=rows.c.section, order_by=order).label("place")
    )
    placed = placed.where(rows.c.section == section) if section else placed.where(rows.c.section.is_not(None))
    named = placed.subquery()
    of_shown = (
        select(cast(null(), Text), cast(null(), BigInteger), named.c.section, cast(null(), Integer), cast(null(), Text))
        .add_columns(literal(False), literal(0), cast(null(), BigInteger), cast(null(), Float))
        .add_columns(named.c.subject, named.c.id, named.c.place)
        .where(named.c.place.between(start + 1, start + most))
    )
    found = ctx.connection.execute(union_all(of_groups, of_shown).order_by("place"), given).all()
    counted = [one for one in found if not one.place]
    shown = [one for one in found if one.place]
    return Board(
        sections=_sections(ctx, counted, shown),
        lamps=_lamps(counted),
        units=_by_unit(counted),
        findings=_by_finding(ctx, counted),
        progress=_progress(counted),
    )


def _filtered(ctx: LedgerContext, rows: CTE, asked: BoardFilter) -> Select[Any]:
    """Of all open matters those that ``asked`` wants to see."""
    query = select(rows)
    if asked.unit:
        query = query.where(rows.c.unit == asked.unit)
    if asked.inspection:
        of_it = select(Measure.id).join(Measure.inspection).where(Inspection.key == asked.inspection)
        query = query.where(rows.c.measure_id.in_(of_it))
    if asked.finding:
        meant = [key for key, name, _ in _findings(ctx) if name == asked.finding]
        query = query.where(rows.c.finding.in_(meant))
    if asked.lamp in tuple(Level):
        query = query.where(rows.c.severity == severity(asked.lamp))
    if asked.leader:
        posts = ctx.roster.of_person(ctx.session, ctx.today, asked.leader)
        query = query.where(rows.c.measure_id.in_(measures_held(Audience.LEADER, posts)))
    return query


def measures_chosen(ctx: LedgerContext, asked: BoardFilter) -> tuple[Select[Any], dict[str, str]]:
    """The ids of the measures in force that a filter chooses, for a query; without a period the lamp is off.

    Args:
        ctx: the context of a transaction that has read nothing yet; lamps are as of its ``now``.
        asked: whose measures, under which lamp.

    Returns:
        The query and the values that it needs.
    """
    query = select(Measure.id).join(Finding, Finding.id == Measure.finding_id).where(Measure.retired_at.is_(None))
    given: dict[str, str] = {}
    if asked.inspection:
        query = query.join(Measure.inspection).where(Inspection.key == asked.inspection)
    if asked.unit:
        query = query.where(Measure.lead_unit == asked.unit)
    if asked.finding:
        query = query.where(Finding.id.in_([key for key, name, _ in _findings(ctx) if name == asked.finding]))
    if asked.leader:
        posts = ctx.roster.of_person(ctx.session, ctx.today, asked.leader)
        query = query.where(Measure.id.in_(measures_held(Audience.LEADER, posts)))
    if asked.lamp in tuple(Level):
        given["clocks"] = _as_table(clocks(ctx))
        rows = _all_rows().cte("rows").prefix_with("MATERIALIZED")
        worst = select(rows.c.measure_id, func.max(rows.c.severity).label("severity")).where(rows.c.subject == "period")
        lamps = worst.group_by(rows.c.measure_id).subquery()
        query = query.outerjoin(lamps, lamps.c.measure_id == Measure.id)
        query = query.where(func.coalesce(lamps.c.severity, 0) == severity(asked.lamp))
    return query, given


def _all_rows() -> CompoundSelect[Any]:
    """Every open matter: the periods by their clocks, the others as their kinds say."""
    return _rows_of(tuple(MATTERS.values()))


# The same for every page; to put it together anew takes a tenth of the board's time.
@lru_cache(maxsize=4)
def _rows_of(kinds: tuple[MatterKind[Any], ...]) -> CompoundSelect[Any]:
    clock = (
        func.json_to_recordset(cast(bindparam("clocks", type_=Text), JSON))
        .table_valued(
            column("periods", ARRAY(BigInteger)),
            column("severity", Integer),
            column("state", Text),
            column("section", Text),
            column("elapsed", Float),
        )
        .render_derived(name="clock", with_types=True)
    )
    of_clock = select(clock, func.unnest(clock.c.periods).label("id")).subquery()
    of_periods = (
        select(literal("period").label("subject"), Period.id, Duty.measure_id, of_clock.c.severity, of_clock.c.section)
        .add_columns(of_clock.c.state, Period.due_on, case((_OF_FINISH, Measure.percent)).label("percent"))
        .add_columns(case((_OF_FINISH, of_clock.c.elapsed)).label("elapsed"))
        .add_columns(Measure.lead_unit.label("unit"), Measure.finding_id.label("finding"))
        .join(Duty, Duty.id == Period.duty_id)
        .join(Measure, Measure.id == Duty.measure_id)
        .join(of_clock, of_clock.c.id == Period.id)
        .where(_IS_OPEN)
    )
    # Kinds that ask about one subject in turn, as the stages of closure do, are looked for together.
    together: dict[tuple[str, str | None], list[MatterKind[Any]]] = defaultdict(list)
    for kind in kinds:
        if kind.subject != "period":
            section = section_of(kind.key, TimeState.NOT_APPLICABLE, None, date.min)
            together[kind.subject, section].append(kind)
    others = []
    for (_, section), (kind, *more) in together.items():
        rank = case(*((kind.level() == level.value, severity(level)) for level in Level), else_=0)
        asks = or_(kind.asks(), *(one.asks() for one in more))
        # Apart, or the database would look for the measure of each twice: to show it and to join it.
        asking = select(kind.model.id, kind.measure_id().label("measure"), rank.label("severity")).where(asks)
        apart = asking.cte(f"asking_{kind.key}").prefix_with("MATERIALIZED")
        others.append(
            select(literal(kind.subject), apart.c.id, apart.c.measure, apart.c.severity, literal(section))
            .add_columns(null(), cast(null(), Date), cast(null(), Integer), cast(null(), Float))
            .add_columns(Measure.lead_unit, Measure.finding_id)
            .outerjoin(Measure, Measure.id == apart.c.measure)
        )
    return union_all(of_periods, *others)


def _sections(ctx: LedgerContext, groups: Sequence[Any], shown: Sequence[Any]) -> list[SectionPage]:
    counts: Counter[str] = Counter()
    for one in groups:
        counts[one.section] += one.n
    found = matters_of(ctx, [subject_tag(one.subject, one.id) for one in shown])
    of_section: dict[str, list[Matter]] = defaultdict(list)
    for one in shown:
        of_section[one.section].append(found[subject_tag(one.subject, one.id)])
    return [
        SectionPage(name, counts[name], of_section[name]) for name in SECTIONS if counts[name] or name not in IF_ANY
    ]


def _lamps(groups: Sequence[Any]) -> dict[Level, int]:
    """Periods by their lamps, the most severe first; every lamp is named."""
    counts: Counter[int] = Counter()
    for one in groups:
        # Only a period has a time state.
        if one.state is not None:
            counts[one.severity] += one.n
    return {level: counts[severity(level)] for level in reversed(Level)}


def _by_unit(groups: Sequence[Any]) -> list[LampRow]:
    of_unit: dict[str, list[Any]] = defaultdict(list)
    for one in groups:
        of_unit[one.unit or ""].append(one)
    return _worst_first([LampRow(unit, "", _lamps(of_it)) for unit, of_it in of_unit.items()])


def _by_finding(ctx: LedgerContext, groups: Sequence[Any]) -> list[LampRow]:
    of_finding: dict[int | None, list[Any]] = defaultdict(list)
    for one in groups:
        of_finding[one.finding].append(one)
    return _worst_first(
        [LampRow(name, title, _lamps(of_finding[key])) for key, name, title in _findings(ctx) if of_finding[key]]
    )


def _findings(ctx: LedgerContext) -> list[tuple[int, str, str]]:
    """Id, name among all inspections, and title of every finding, in the order of the plans."""
    query = select(Finding).options(joinedload(Finding.inspection))
    rows = ctx.session.execute(query.order_by(Finding.inspection_id, Finding.place, Finding.id)).scalars().all()
    before = {one.id: before_codes(ctx.session, one) for one in {row.inspection for row in rows}}
    return [(row.id, f"{before[row.inspection_id]}{row.code}", row.title) for row in rows]


def _worst_first(rows: list[LampRow]) -> list[LampRow]:
    with_periods = [one for one in rows if any(one.lamps.values())]
    return sorted(with_periods, key=lambda one: [-n for level, n in one.lamps.items() if level is not Level.NONE])


def _progress(groups: Sequence[Any]) -> list[UnitProgress]:
    of_unit: dict[str, list[Any]] = defaultdict(list)
    for one in groups:
        if one.finish:
            of_unit[one.unit].append(one)
    found = []
    for unit, of_it in of_unit.items():
        tasks = sum(one.n for one in of_it)
        states: Counter[str] = Counter()
        for one in of_it:
            states[one.state] += one.n
        found.append(
            UnitProgress(
                unit,
                tasks,
                round(sum(one.percent or 0 for one in of_it) / tasks),
                round(100 * sum(one.elapsed for one in of_it) / tasks),
                states[TimeState.BEHIND] + states[TimeState.OVERDUE],
                states[TimeState.UNKNOWN],
            )
        )
    return sorted(found, key=lambda one: (one.percent - one.elapsed, one.unit))


@dataclass(frozen=True, slots=True)
class BoardChoices:
    """What the filters of the board offer: inspections, units, leaders, and findings as pairs of code and title; the
    code of a finding of a later inspection has the key of that inspection before it."""

    inspections: Sequence[Inspection]
    units: Sequence[str]
    findings: Sequence[tuple[str, str]]
    leaders: Sequence[str]


def board_choices(ctx: LedgerContext) -> BoardChoices:
    """What the filters of the board offer in the ledger of ``ctx``."""
    # In one look at the measures, and not one post at a time: few of their lists differ.
    led = select(Measure.lead_unit, Measure.audiences[Audience.LEADER.value], Measure.retired_at.is_(None)).distinct()
    rows = ctx.connection.execute(led).tuples().all()
    leaders = ctx.asked_names(dict.fromkeys(post for _, posts, _ in rows for post in posts or ()))
    return BoardChoices(
        inspections(ctx.session),
        sorted({unit for unit, _, in_force in rows if in_force}),
        [(name, title) for _, name, title in _findings(ctx)],
        sorted(leaders),
    )


@dataclass(frozen=True, slots=True)
class Lateness:
    """Why a report is late, as far as the ledger was told: the last report ``returned`` with which reason, a longer
    limit ``refused`` or ``asked`` for, the ``difficulty`` that was last reported of its measure; all empty: nobody
    reported."""

    returned: str = ""
    refused: str = ""
    asked: date | None = None
    difficulty: str = ""


def lateness(ctx: LedgerContext, period_ids: Sequence[int]) -> dict[int, Lateness]:
    """Why some reports are late.

    Args:
        ctx: the context.
        period_ids: of their periods.

    Returns:
        By the ids of the periods, each is named.
    """
    last = (
        select(Submission.period_id, Submission.accepted, Submission.reason)
        .where(among(Submission.period_id, period_ids))
        .distinct(Submission.period_id)
        .order_by(Submission.period_id, Submission.id.desc())
    )
    returned = {row.period_id: row.reason or "" for row in ctx.session.execute(last) if row.accepted is False}
    asked = (
        select(Extension.period_id, Extension.granted, Extension.new_due_on, Extension.decision_reason)
        .where(among(Extension.period_id, period_ids))
        .distinct(Extension.period_id)
        .order_by(Extension.period_id, Extension.id.desc())
    )
    extensions = {row.period_id: row for row in ctx.session.execute(asked)}
    other, of_other = Period.__table__.alias(), Duty.__table__.alias()
    told = (
        select(Period.id, Submission.difficulty)
        .join(Duty, Duty.id == Period.duty_id)
        .join(of_other, of_other.c.measure_id == Duty.measure_id)
        .join(other, other.c.duty_id == of_other.c.id)
        .join(Submission, and_(Submission.period_id == other.c.id, Submission.difficulty != ""))
        .where(among(Period.id, period_ids))
        .distinct(Period.id)
        .order_by(Period.id, Submission.id.desc())
    )
    difficulties = dict(ctx.session.execute(told).tuples().all())
    found = {}
    for one in period_ids:
        extension = extensions.get(one)
        found[one] = Lateness(
            returned.get(one, ""),
            (extension.decision_reason or extension.new_due_on.isoformat())
            if extension and extension.granted is False
            else "",
            extension.new_due_on if extension and extension.granted is None else None,
            difficulties.get(one, ""),
        )
    return found


def round_dates(present: Inspection) -> list[tuple[str, date]]:
    """The dates of a round that are known, each with the name under which the catalogue has it, in their order.

    Args:
        present: the round.
    """
    days = {"feedback_on": present.feedback_on, "published_on": present.published_on}
    days |= {name: date.fromisoformat(day) for name, day in present.phases.items() if day}
    return sorted(((name, day) for name, day in days.items() if day is not None), key=lambda one: one[1])
