"""From the records of a simulated ledger to the result people read."""

from datetime import datetime

from db.ledger.context import period_name
from db.ledger.records import EscalationRecord, PaperRecord, PeriodRecord
from foresight.simulation.records import Records
from foresight.simulation.result import EscalationOutcome, PaperOutcome, PeriodOutcome
from plan.types import EscalationState, Level, PeriodState, severity
from rules.alert_kinds import ALERT_FACTS
from text.catalogue import phrase


def periods_of(records: Records) -> tuple[PeriodOutcome, ...]:
    """How every period of ``records`` went."""
    worst: dict[int, str] = {}
    for alert in records.alerts:
        # Only what urged the unit: the colour of a late review is not the unit's.
        if alert.period_id is not None and ALERT_FACTS[alert.kind].urges:
            worst[alert.period_id] = max(worst.get(alert.period_id, Level.NONE), alert.level, key=severity)
    return tuple(_period(records, row, Level(worst.get(row.id, Level.NONE))) for row in records.periods)


def _period(records: Records, row: PeriodRecord, worst: Level) -> PeriodOutcome:
    return PeriodOutcome(
        id=row.id,
        measure=row.measure,
        title=row.title,
        duty=row.duty,
        label=row.label,
        opens_on=row.opens_on,
        due_on=row.due_on,
        formal_due_on=row.formal_due_on,
        reported_at=_local(records, row.reported_at),
        closed_at=_local(records, row.closed_at),
        rounds=row.round,
        worst=worst,
        outcome=_outcome(records, row),
    )


def _local(records: Records, moment: datetime | None) -> datetime | None:
    return moment.astimezone(records.work_time.zone) if moment else None


def _outcome(records: Records, row: PeriodRecord) -> str:
    if row.on_time is not None:
        return "on_time" if row.on_time else "late"
    if row.state == PeriodState.SUBMITTED:
        return "review"
    return "overdue" if records.end >= records.work_time.end_of(row.due_on) else "open"


def papers_of(records: Records) -> tuple[PaperOutcome, ...]:
    """How every paper of ``records`` went."""
    return tuple(_paper(records, one) for one in records.papers)


def _paper(records: Records, row: PaperRecord) -> PaperOutcome:
    released_at = _local(records, row.released_at)
    late = released_at is not None and row.due_on is not None and released_at.date() > row.due_on
    return PaperOutcome(
        kind=row.kind,
        title=phrase(f"paper.{row.kind}"),
        label=row.sheet or row.span.label,
        begun_at=row.begun_at.astimezone(records.work_time.zone),
        due_on=row.due_on,
        released_at=released_at,
        outcome="left" if released_at is None else "late" if late else "released",
    )


def escalations_of(records: Records) -> tuple[EscalationOutcome, ...]:
    """How every escalation of ``records`` went."""
    periods = {row.id: row for row in records.periods}
    return tuple(_escalation(records, one, periods[one.period_id]) for one in records.escalations)


def _escalation(records: Records, row: EscalationRecord, period: PeriodRecord) -> EscalationOutcome:
    return EscalationOutcome(
        number=row.number,
        period_id=period.id,
        measure=period.measure,
        period=period_name(period.measure, period.duty, period.label),
        level=Level(row.level),
        to=row.to,
        opened_at=row.opened_at.astimezone(records.work_time.zone),
        limit_on=row.limit_on,
        state=EscalationState(row.state),
        acknowledged_by=row.acknowledged_by,
        instructed_at=_local(records, row.instructed_at),
        new_limit_on=row.new_limit_on,
    )
