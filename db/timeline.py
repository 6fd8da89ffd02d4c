"""The plan in time: from when to when each measure goes, how far it is, which limits lie ahead, under which lamp."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from db.board import Clock
from db.ledger.context import LedgerContext
from db.models import Duty, Finding, Inspection, Measure, Period
from plan.types import OPEN, Cadence, Level, WorkState, severity


@dataclass(frozen=True, slots=True)
class PlannedSpan:
    """A measure, or a finding with all of its measures, between two days of the office; ``ends_on`` None: it goes on.

    ``percent`` None: unknown. ``limits`` are those of its open periods. ``done``: nothing but confirmations are owed.
    """

    code: str
    title: str
    begins_on: date
    ends_on: date | None
    percent: int | None
    limits: tuple[date, ...]
    lamp: Level
    done: bool
    measures: int = 1


def timeline(ctx: LedgerContext, inspection: Inspection, standing: Sequence[Clock], most: int) -> list[PlannedSpan]:
    """The measures of an inspection in the order of the plan; its findings where there are too many measures.

    Args:
        ctx: the context.
        inspection: whose.
        standing: what the rules say of all open periods.
        most: how many measures are shown one by one.
    """
    rank = {period: one.severity for one in standing for period in one.periods}
    limits: dict[int, list[date]] = defaultdict(list)
    worst: dict[int, int] = defaultdict(int)
    open_ones = select(Duty.measure_id, Period.id, Period.due_on).join(Duty, Duty.id == Period.duty_id)
    open_ones = open_ones.join(Measure, Measure.id == Duty.measure_id)
    mine = open_ones.where(Measure.inspection_id == inspection.id, Period.state.in_(OPEN))
    for measure, period, due_on in ctx.connection.execute(mine):
        limits[measure].append(due_on)
        worst[measure] = max(worst[measure], rank.get(period, 0))
    once = Duty.cadence == Cadence.ONCE
    query = (
        select(Measure.id, Measure.code, Measure.title, Measure.percent, Measure.work_state)
        .add_columns(Finding.code.label("finding"), Finding.title.label("named"))
        .add_columns(func.min(Period.opens_on).label("begins_on"))
        .add_columns(func.bool_or(Duty.retired_at.is_(None) & ~once & Duty.ends_on.is_(None)).label("endless"))
        .add_columns(
            func.max(case((once, func.coalesce(Period.due_on, Duty.due_on)), else_=Duty.ends_on)).label("last")
        )
        .join(Finding, Finding.id == Measure.finding_id)
        .outerjoin(Duty, (Duty.measure_id == Measure.id) & Duty.retired_at.is_(None))
        .outerjoin(Period, Period.duty_id == Duty.id)
        .where(Measure.inspection_id == inspection.id, Measure.retired_at.is_(None))
        .group_by(Measure.id, Finding.id)
        .order_by(Finding.place, Finding.id, Measure.place, Measure.id)
    )
    levels = {severity(level): level for level in Level}
    since = min(inspection.feedback_on, ctx.work_time.day_of(inspection.activated_at))
    of_finding: dict[tuple[str, str], list[PlannedSpan]] = defaultdict(list)
    for row in ctx.connection.execute(query):
        # Work that ends is drawn to its end, and what is kept up after it is not: that has none.
        ends_on = row.last if row.last is not None or row.endless else max(limits[row.id], default=None)
        done = row.work_state in (WorkState.ACCEPTED, WorkState.CLOSED)
        due = tuple(sorted(limits[row.id]))
        begins_on = min(row.begins_on or since, ends_on or date.max)
        lamp = levels[worst[row.id]]
        drawn = PlannedSpan(row.code, row.title, begins_on, ends_on, row.percent, due, lamp, done)
        of_finding[row.finding, row.named].append(drawn)
    rows = [row for group in of_finding.values() for row in group]
    return rows if len(rows) <= most else [_together(*named, group) for named, group in of_finding.items()]


def _together(code: str, title: str, group: Sequence[PlannedSpan]) -> PlannedSpan:
    ends = [one.ends_on for one in group]
    known = [one.percent for one in group if one.percent is not None]
    return PlannedSpan(
        code,
        title,
        min(one.begins_on for one in group),
        None if None in ends else max(end for end in ends if end is not None),
        round(sum(known) / len(group)) if known else None,
        tuple(sorted({limit for one in group for limit in one.limits})),
        max((one.lamp for one in group), key=severity),
        all(one.done for one in group),
        len(group),
    )
