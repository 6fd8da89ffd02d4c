"""From the records of a simulated ledger to the result people read."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from db.ledger import LedgerContext
from db.ledger.context import period_name, severity_of
from db.models import Escalation, Recipient
from foresight.simulation.records import Records
from foresight.simulation.result import PeriodFate, SheetFate
from plan.types import Level, PeriodState
from rules.alert_kinds import ALERT_FACTS


def periods_of(records: Records) -> tuple[PeriodFate, ...]:
    """How every period went."""
    worst: dict[int, str] = {}
    for alert in records.alerts:
        if alert.period_id is not None and ALERT_FACTS[alert.kind].urges:
            worst[alert.period_id] = max(worst.get(alert.period_id, Level.NONE), alert.level, key=severity_of)
    return tuple(_period(records, row, Level(worst.get(row.id, Level.NONE))) for row in records.periods)


def _period(records: Records, row: Row[Any], worst: Level) -> PeriodFate:
    return PeriodFate(
        id=row.id,
        measure=row.code,
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


def _outcome(records: Records, row: Row[Any]) -> str:
    if row.on_time is not None:
        return "on_time" if row.on_time else "late"
    if row.state == PeriodState.SUBMITTED:
        return "review"
    return "overdue" if records.end >= records.work_time.end_of(row.due_on) else "open"


def sheets_of(ctx: LedgerContext, records: Records) -> tuple[SheetFate, ...]:
    """How every escalation went."""
    names = dict(ctx.session.execute(select(Recipient.id, Recipient.name)).tuples().all())
    rows = {row.id: row for row in records.periods}
    found = ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars()
    return tuple(_sheet(records, one, rows[one.period_id], names) for one in found)


def _sheet(records: Records, sheet: Escalation, period: Row[Any], names: dict[int, str]) -> SheetFate:
    opened_at = sheet.opened_at.astimezone(records.work_time.zone)
    return SheetFate(
        number=sheet.number,
        period_id=period.id,
        measure=period.code,
        period=period_name(period.code, period.duty, period.label),
        level=Level(sheet.level),
        to=tuple(names[one] for one in sheet.recipients),
        opened_at=opened_at,
        limit_on=sheet.limit_on,
        state=sheet.state,
        acknowledged_by=sheet.acknowledged_by,
        instructed_at=_local(records, sheet.instructed_at),
        new_limit_on=sheet.new_limit_on,
    )
