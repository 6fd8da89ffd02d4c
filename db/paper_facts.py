"""What papers tell of an inspection: where each task stands, what was accepted of it in some months, what is late.

Only accepted reports are progress. A report belongs to the months in which its period ended, or, of what is owed once,
in which it came in: so each is told once, and of two papers in a row none is told twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import joinedload, selectinload

from db.board import Lateness, lateness
from db.ledger.context import LedgerContext, name_of
from db.ledger.inspections import inspection
from db.ledger.periods import rule_of
from db.ledger.queries import all_measures, lamp_of, time_state_of
from db.ledger.report_months import reporting_duty
from db.ledger.reports import outcome
from db.models import AuditEntry, Closure, Duty, Escalation, Measure, Part, Period, Submission
from plan.round_duties import TITLE
from plan.types import (
    LIVE,
    OPEN,
    AlertKind,
    Cadence,
    DurationClass,
    DutyKind,
    EscalationState,
    Level,
    PeriodState,
    TimeState,
    WorkState,
)
from rules.cadence import window
from rules.month_span import MonthSpan
from rules.parts import same_words
from rules.timestate import most_urgent
from text.catalogue import term

# Each entry that states the work state of a measure, the oldest first: what a measure was at an instant is the last.
_STATES = text(
    """
    SELECT at, facts -> 'rows' AS rows FROM audit
    WHERE at < :until AND facts -> 'rows' @> '[["measures"]]' ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class AcceptedReport:
    """What was accepted of a task: for which period and duty, the report, when it came in (a day in the office's zone),
    the period in which the same was said before (empty: it is new), and units with what each contributed."""

    period: str
    duty: str
    body: str
    percent: int
    difficulty: str
    help_needed: str
    submitted_on: date
    same_as: str
    parts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LatePeriod:
    """What is late: its lamp, its duty and period, its limit (a day in the office's zone), how many working days, why
    as far as the ledger was told, the help its unit asked for last, and the numbers of the sheets that wait for a
    supervisor."""

    lamp: Level
    matter: str
    due_on: date
    days: int
    why: Lateness
    help_needed: str
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextDuty:
    """What a task owes next: of which kind, until which day in the office's zone, and whether that day was assumed
    where the source gives none (``assumed``) or may be moved by a calendar to come (``provisional``)."""

    title: str
    kind: DutyKind
    due_on: date
    assumed: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One measure as papers tell it.

    ``code`` is its full code, ``note`` what its plan says of its state, ``limit`` until when it is to be finished
    (None: it has no such day), ``before`` and ``percent_before`` how it stood before the months began, ``gap`` the
    catalogue's key of why nothing was accepted of it in them (empty: something was).
    """

    code: str
    title: str
    text: str
    note: str
    lead_unit: str
    assisting: tuple[str, ...]
    duration: DurationClass
    state: WorkState
    before: WorkState
    time_state: TimeState
    percent: int | None
    percent_before: int | None
    limit: NextDuty | None
    reports: tuple[AcceptedReport, ...]
    gap: str
    late: tuple[LatePeriod, ...]
    coming: tuple[NextDuty, ...]


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """One finding with its tasks, in the order of the plan."""

    code: str
    title: str
    tasks: tuple[TaskFacts, ...]


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """An inspection in some months (``span``), as it stands on a day in the office's zone (``as_of``).

    ``receiver``: to whom its reports go, as its plan says; empty where it says nothing.
    """

    key: str
    title: str
    organisation: str
    inspector: str
    feedback_on: date
    receiver: str
    span: MonthSpan
    as_of: date
    findings: tuple[FindingFacts, ...]

    @property
    def tasks(self) -> list[TaskFacts]:
        """All tasks in the order of the plan."""
        return [task for finding in self.findings for task in finding.tasks]


def round_facts(ctx: LedgerContext, key: str | None, span: MonthSpan) -> RoundFacts:
    """An inspection as papers tell it. What the office itself owes for the round is no task of it.

    Args:
        ctx: the context; how things stand is as of its ``now``.
        key: of the inspection; None: the only one.
        span: the months in which progress is told.

    Raises:
        Refusal: those of ``inspection``.
    """
    present = inspection(ctx.session, key)
    measures = [one for one in all_measures(ctx.session, inspection_id=present.id) if one.finding.title != TITLE]
    periods: dict[int, list[Period]] = defaultdict(list)
    for period in _periods(ctx, present.id):
        periods[period.duty.measure_id].append(period)
    overdue = [one.id for found in periods.values() for one in found if time_state_of(ctx, one) is TimeState.OVERDUE]
    why = lateness(ctx, overdue) if overdue else {}
    before = _states_before(ctx, ctx.work_time.start_of(span.first))
    tasks: dict[int, list[TaskFacts]] = defaultdict(list)
    for measure in measures:
        tasks[measure.finding_id].append(_task(ctx, measure, periods[measure.id], span, why, before))
    findings = {measure.finding_id: measure.finding for measure in measures}
    duty = reporting_duty(ctx, present)
    return RoundFacts(
        key=present.key,
        title=present.title,
        organisation=present.organisation,
        inspector=present.inspector,
        feedback_on=present.feedback_on,
        receiver=duty.receiver or "" if duty else "",
        span=span,
        as_of=ctx.today,
        findings=tuple(FindingFacts(one.code, one.title, tuple(tasks[one.id])) for one in findings.values()),
    )


def _periods(ctx: LedgerContext, inspection_id: int) -> Sequence[Period]:
    query = (
        select(Period)
        .join(Period.duty)
        .join(Duty.measure)
        .options(joinedload(Period.duty).joinedload(Duty.measure))
        .options(selectinload(Period.submissions), selectinload(Period.parts), selectinload(Period.escalations))
        .where(Measure.inspection_id == inspection_id)
        .order_by(Period.opens_on, Period.id)
    )
    return ctx.session.execute(query).scalars().all()


def _states_before(ctx: LedgerContext, instant: datetime) -> dict[int, WorkState]:
    """The work state of every measure at an instant, by its id, as the trail has it; none of one that came later."""
    found: dict[int, WorkState] = {}
    for _, rows in ctx.connection.execute(_STATES, {"until": instant}):
        for table, names, values, *_ in rows:
            if table == "measures" and "work_state" in names:
                place, own = names.index("work_state"), names.index("id")
                found |= {row[own]: WorkState(row[place]) for row in values}
    return found


def _task(
    ctx: LedgerContext,
    measure: Measure,
    periods: Sequence[Period],
    span: MonthSpan,
    why: Mapping[int, Lateness],
    before: Mapping[int, WorkState],
) -> TaskFacts:
    told = [
        one for period in periods for one in period.submissions if one.accepted and _ended_on(ctx, one) <= span.last
    ]
    told.sort(key=lambda one: one.submitted_at)
    reports = tuple(_report(ctx, one, told) for one in told if span.holds(_ended_on(ctx, one)))
    earlier = [one.percent for one in told if _ended_on(ctx, one) < span.first]
    open_ones = [period for period in periods if period.state in OPEN]
    coming = tuple(_coming(ctx, measure, open_ones))
    return TaskFacts(
        code=measure.full_code,
        title=measure.title,
        text=measure.text,
        note=measure.state_note,
        lead_unit=measure.lead_unit,
        assisting=tuple(measure.assisting_units),
        duration=DurationClass(measure.duration_class),
        state=WorkState(measure.work_state),
        before=before.get(measure.id, WorkState(measure.work_state)),
        time_state=most_urgent(time_state_of(ctx, period) for period in open_ones),
        percent=measure.percent,
        percent_before=earlier[-1] if earlier else None,
        limit=next((one for one in coming if one.kind is DutyKind.FINISH), None),
        reports=reports,
        gap="" if reports else _gap(ctx, measure, periods, span),
        late=tuple(_late(ctx, one, periods, why[one.id]) for one in open_ones if one.id in why),
        coming=coming,
    )


def _ended_on(ctx: LedgerContext, report: Submission) -> date:
    """The day in the office's zone by which a report belongs to some months."""
    duty = report.period.duty
    if duty.cadence == Cadence.ONCE:
        return ctx.work_time.day_of(report.submitted_at)
    return _last_day(ctx, report.period)


def _last_day(ctx: LedgerContext, period: Period) -> date:
    found = window(rule_of(period.duty), period.ordinal, ctx.work_time.calendar)
    return found.ends_on - timedelta(days=1)


def _report(ctx: LedgerContext, report: Submission, told: Sequence[Submission]) -> AcceptedReport:
    duty = report.period.duty
    of_duty = [one for one in told if one.period.duty.key == duty.key and one.submitted_at < report.submitted_at]
    same = next((one for one in of_duty[-1:] if same_words(report.body, one.body)), None)
    return AcceptedReport(
        period=report.period.label,
        duty=duty.title,
        body=report.body,
        percent=report.percent,
        difficulty=report.difficulty,
        help_needed=report.help_needed,
        submitted_on=ctx.work_time.day_of(report.submitted_at),
        same_as=same.period.label if same else "",
        parts=tuple(_given(report.period.parts, report.round)),
        missing=tuple(report.missing),
    )


def _given(parts: Sequence[Part], upto: int) -> Iterator[tuple[str, str]]:
    """What each unit contributed to a report of round ``upto``: its newest words."""
    newest = {part.unit_name: part.text for part in parts if part.text and part.round <= upto}
    yield from ((unit, text or "") for unit, text in newest.items())


def _gap(ctx: LedgerContext, measure: Measure, periods: Sequence[Period], span: MonthSpan) -> str:
    """Why nothing was accepted of a task in some months, as the catalogue names it."""
    if measure.work_state in (WorkState.CLOSED, WorkState.ACCEPTED):
        return "over"
    if measure.work_state == WorkState.SUSPENDED:
        return "suspended"
    owed = [one for one in periods if one.duty.cadence != Cadence.ONCE and span.holds(_last_day(ctx, one))]
    began = [one for one in periods if one.duty.cadence == Cadence.ONCE and one.opens_on <= span.last]
    if any(one.state == PeriodState.SUBMITTED for one in (*owed, *began)):
        return "review"
    if any(one.state == PeriodState.WAITING and one.submissions for one in owed):
        return "returned"
    if any(one.state == PeriodState.WAITING for one in owed):
        return "silent"
    return "quiet" if any(one.state == PeriodState.WAITING for one in began) else "none"


def _late(ctx: LedgerContext, period: Period, periods: Sequence[Period], why: Lateness) -> LatePeriod:
    accepted = sorted((one for other in periods for one in other.submissions if one.accepted), key=lambda one: one.id)
    difficulties = [one.difficulty for one in accepted if one.difficulty]
    asked = [one.help_needed for one in accepted if one.help_needed]
    return LatePeriod(
        lamp=lamp_of(ctx, period),
        matter=f"{period.duty.title}（{period.label}）",
        due_on=period.due_on,
        days=ctx.work_time.calendar.count_workdays(period.due_on + timedelta(days=1), ctx.today),
        why=replace(why, difficulty=difficulties[-1] if difficulties else ""),
        help_needed=asked[-1] if asked else "",
        sheets=tuple(one.number for one in period.escalations if one.state in LIVE),
    )


def _coming(ctx: LedgerContext, measure: Measure, open_ones: Sequence[Period]) -> Iterator[NextDuty]:
    """What a measure owes next, one for each duty that still owes something, the earliest first."""
    found = []
    for duty in measure.owed:
        kind, waiting = DutyKind(duty.kind), [one for one in open_ones if one.duty_id == duty.id]
        if waiting:
            first = min(waiting, key=lambda one: one.due_on)
            found.append(NextDuty(duty.title, kind, first.due_on, duty.assumed, first.provisional))
        elif duty.next_ordinal is not None and duty.next_opens_at is not None:
            following = window(rule_of(duty), duty.next_ordinal, ctx.work_time.calendar)
            found.append(NextDuty(duty.title, kind, following.due_on, duty.assumed, following.provisional))
    yield from sorted(found, key=lambda one: one.due_on)


def state_counts(tasks: Sequence[TaskFacts]) -> list[tuple[WorkState, int, int]]:
    """How many tasks stood in each state before the months and stand there now; states in which none was are left out.

    Args:
        tasks: of one inspection.
    """
    before, now = Counter(one.before for one in tasks), Counter(one.state for one in tasks)
    return [(state, before[state], now[state]) for state in WorkState if before[state] or now[state]]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A sheet with all that its paper says: what it is about and on what ground, its limits, whom it asks, why it was
    raised before its time (``raise_reason``, empty: it was not), what was answered, whether its matter is over
    (``ended``), where it stands (``outcome``) and what was accepted of its matter since it was opened (``result``,
    empty: nothing); days in the office's zone, instants aware."""

    id: int
    kind: AlertKind
    number: str
    level: Level
    finding: str
    measure: str
    code: str
    matter: str
    basis: str
    unit: str
    to: tuple[str, ...]
    formal_due_on: date
    due_on: date
    days: int
    limit_on: date
    new_limit_on: date | None
    opened_on: date
    acknowledged: tuple[str, ...]
    raise_reason: str
    held_on: date | None
    attended: str
    circulated: bool
    instruction: str
    instructed_by: str
    instructed_at: datetime | None
    ended: bool
    outcome: str
    result: str


def sheets_of(ctx: LedgerContext, key: str | None, span: MonthSpan | None) -> list[SheetFacts]:
    """The sheets of an inspection in the order in which they were opened.

    Args:
        ctx: the context; names and days are as of its ``now``.
        key: of the inspection; None: the only one.
        span: only those that were opened or instructed in these months; None: all.

    Raises:
        Refusal: those of ``inspection``.
    """
    present = inspection(ctx.session, key)
    whole = joinedload(Escalation.period).joinedload(Period.duty).joinedload(Duty.measure)
    query = (
        select(Escalation)
        .join(Escalation.period)
        .join(Period.duty)
        .join(Duty.measure)
        .options(whole.joinedload(Measure.finding), selectinload(Escalation.period, Period.submissions))
        .where(Measure.inspection_id == present.id)
        .order_by(Escalation.id)
    )
    ctx.roster.read(ctx.session, ctx.today)
    found = [_sheet(ctx, one) for one in ctx.session.execute(query).scalars()]
    if span is None:
        return found
    day = ctx.work_time.day_of
    return [
        one
        for one in found
        if span.holds(one.opened_on) or (one.instructed_at is not None and span.holds(day(one.instructed_at)))
    ]


def _sheet(ctx: LedgerContext, sheet: Escalation) -> SheetFacts:
    period, measure, day = sheet.period, sheet.period.duty.measure, ctx.work_time.day_of
    until = day(period.closed_at) if period.closed_at else ctx.today
    return SheetFacts(
        id=sheet.id,
        kind=sheet.kind,
        number=sheet.number,
        level=sheet.level,
        finding=f"{measure.finding.code} {measure.finding.title}",
        measure=measure.text,
        code=measure.full_code,
        matter=name_of(period),
        basis=period.duty.source,
        unit=measure.lead_unit,
        to=ctx.asked_names(sheet.recipients),
        formal_due_on=period.formal_due_on,
        due_on=sheet.due_on,
        days=ctx.work_time.calendar.count_workdays(sheet.due_on + timedelta(days=1), until),
        limit_on=sheet.limit_on,
        new_limit_on=sheet.new_limit_on,
        opened_on=day(sheet.opened_at),
        acknowledged=tuple(one["by"] for one in sheet.acknowledgements),
        raise_reason=sheet.raise_reason or "",
        held_on=sheet.held_on,
        attended=sheet.attended or "",
        circulated=sheet.circulated,
        instruction=sheet.instruction or "",
        instructed_by=sheet.instructed_by or "",
        instructed_at=sheet.instructed_at,
        ended=period.state not in OPEN,
        outcome=outcome(period) or term(EscalationState(sheet.state)),
        result=_result(sheet),
    )


def _result(sheet: Escalation) -> str:
    """What was accepted of the matter of a sheet after it was opened; empty while nothing was."""
    since = [one for one in sheet.period.submissions if one.accepted and one.submitted_at >= sheet.opened_at]
    return since[-1].body if since else ""


@dataclass(frozen=True, slots=True)
class TrailLine:
    """An entry of the trail about one measure: its number, when (aware), who did what to which subject, its hash."""

    number: int
    at: datetime
    actor: str
    command: str
    subject: str
    hash: str


def trail_of(ctx: LedgerContext, measure: Measure) -> list[TrailLine]:
    """What the trail says of one measure, the oldest entry first.

    Args:
        ctx: the context.
        measure: of the ledger.
    """
    periods = select(Period.id).join(Duty, Duty.id == Period.duty_id).where(Duty.measure_id == measure.id)
    of_period = AuditEntry.facts["period"].as_integer().in_(periods)
    of_measure = func.split_part(AuditEntry.subject, " ", 1) == measure.full_code
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.actor, AuditEntry.command, AuditEntry.subject, AuditEntry.hash)
    query = select(*columns).where(or_(of_period, of_measure)).order_by(AuditEntry.id)
    return [TrailLine(*row) for row in ctx.connection.execute(query)]


def struck_off_measures(ctx: LedgerContext, key: str | None) -> list[Measure]:
    """The measures of an inspection that were struck off, or are being so, in the order of the plan.

    Args:
        ctx: the context.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: those of ``inspection``.
    """
    present = inspection(ctx.session, key)
    begun = select(Closure.measure_id)
    query = (
        select(Measure)
        .where(Measure.inspection_id == present.id, Measure.retired_at.is_(None))
        .where(or_(Measure.id.in_(begun), Measure.work_state == WorkState.CLOSED))
        .options(joinedload(Measure.finding), joinedload(Measure.inspection), selectinload(Measure.duties))
        .order_by(Measure.place, Measure.id)
    )
    return list(ctx.session.execute(query).scalars())
