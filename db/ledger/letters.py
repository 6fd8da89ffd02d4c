"""What a letter says at the moment it leaves: one entry per period, its most severe alert, nothing that is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from config.types import Level, PeriodState
from db.ledger.desk import Desk, severity_of
from db.models import Alert, Duty, Message, Period
from rules.timestate import workdays_late

_WHILE_WAITING = frozenset({"notice", "chase", "warning", "escalation", "returned"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter in a letter. ``period_id`` is ``None`` for a word about the engine itself."""

    kind: str
    level: Level
    note: str | None
    period_id: int | None = None
    measure: str = ""
    title: str = ""
    duty: str = ""
    label: str = ""
    due_on: date | None = None
    days_late: int = 0
    flow_run_id: str | None = None


def entries(desk: Desk, message: Message) -> list[Entry]:
    """What is still worth saying, worst first (DESIGN invariants 3 and 8: state is checked again at send time)."""
    query = (
        select(Alert)
        .outerjoin(Alert.period)
        .outerjoin(Period.duty)
        .outerjoin(Duty.measure)
        .options(contains_eager(Alert.period).contains_eager(Period.duty).contains_eager(Duty.measure))
        .where(Alert.message_id == message.id)
        .order_by(Alert.fell_due_at, Alert.id)
    )
    alerts = [alert for alert in desk.session.execute(query).scalars() if still_matters(alert)]
    found = [_entry(desk, group) for group in _by_matter(alerts)]
    return sorted(found, key=lambda entry: (-severity_of(entry.level), -entry.days_late, entry.measure, entry.label))


def still_matters(alert: Alert) -> bool:
    """Whether an alert still speaks of something open."""
    if alert.period is None or alert.kind in ("decision", "operator"):
        return True
    wanted = PeriodState.WAITING if alert.kind in _WHILE_WAITING else PeriodState.SUBMITTED
    return alert.period.state == wanted


def _by_matter(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts about the same period and of the same nature merge; records stay, only the message is shorter."""
    groups: dict[tuple[object, ...], list[Alert]] = {}
    for alert in alerts:
        own = alert.rung if alert.period is None or alert.kind in ("decision", "returned") else ""
        groups.setdefault((alert.period_id, own), []).append(alert)
    return list(groups.values())


def _entry(desk: Desk, alerts: Sequence[Alert]) -> Entry:
    """The worst alert of a matter; of equal ones the last to fall due speaks."""
    alert = max(reversed(alerts), key=lambda one: severity_of(one.level))
    period = alert.period
    if period is None:
        return Entry(alert.kind, Level(alert.level), alert.note)
    duty = period.duty
    return Entry(
        kind=alert.kind,
        level=Level(alert.level),
        note=alert.note,
        period_id=period.id,
        measure=duty.measure.code,
        title=duty.measure.title,
        duty=duty.title,
        label=period.label,
        due_on=period.due_on,
        days_late=workdays_late(period.due_on, desk.today, desk.office),
        flow_run_id=period.flow_run_id,
    )
