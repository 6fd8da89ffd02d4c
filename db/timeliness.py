"""How punctual units were: facts of what ended, each with its count, in the order of their names and without rank."""

from dataclasses import dataclass

from sqlalchemy import Date, case, cast, func, select

from db.ledger.context import LedgerContext
from db.models import Duty, Measure, Period, Submission
from plan.types import PeriodState


@dataclass(frozen=True, slots=True)
class UnitTimeliness:
    """What a unit reported and saw accepted: how many periods, how many of them in time, and by how many days on
    average the others came after their limit (None: none did)."""

    unit: str
    ended: int
    in_time: int
    mean_delay: float | None

    @property
    def percent(self) -> int:
        """The share that was in time, 0 to 100; never 100 where one was late."""
        return 100 * self.in_time // self.ended


def unit_timeliness(ctx: LedgerContext, inspection_id: int | None = None) -> list[UnitTimeliness]:
    """The punctuality of every unit of which something ended; what was excused or withdrawn counts for nothing.

    Args:
        ctx: the context; a report is of the day in its zone on which it came in.
        inspection_id: of one inspection; None: of all.
    """
    # The report that was accepted decides, as for ``on_time``; a supplement after it would be later.
    came_in = select(func.min(Submission.submitted_at)).where(
        Submission.period_id == Period.id, Submission.accepted.is_(True), Submission.round == Period.round
    )
    on = cast(func.timezone(ctx.work_time.zone.key, came_in.scalar_subquery()), Date)
    query = (
        select(Measure.lead_unit, func.count(), func.count().filter(Period.on_time.is_(True)))
        # Looked up for the late ones alone.
        .add_columns(func.avg(case((Period.on_time.is_(False), func.greatest(on - Period.due_on, 1)))))
        .join(Duty, Duty.id == Period.duty_id)
        .join(Measure, Measure.id == Duty.measure_id)
        .where(Period.state == PeriodState.CLOSED, Period.on_time.is_not(None))
        .group_by(Measure.lead_unit)
        .order_by(Measure.lead_unit)
    )
    if inspection_id is not None:
        query = query.where(Measure.inspection_id == inspection_id)
    return [
        UnitTimeliness(unit, ended, in_time, None if delay is None else round(float(delay), 1))
        for unit, ended, in_time, delay in ctx.connection.execute(query)
    ]
