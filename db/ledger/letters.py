"""What a letter says at the moment it leaves: one entry per period, its most severe alert, nothing that is closed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, select

from db.ledger.bulk import among
from db.ledger.context import LedgerContext, severity_of
from db.models import Alert, Duty, Measure, Period, Run
from plan.types import AlertKind, Level
from rules.alert_kinds import ALERT_FACTS
from rules.timestate import workdays_late


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter in a letter. ``period_id`` is ``None`` for a word about the engine itself."""

    kind: AlertKind
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


_ALERTS = (
    select(
        Alert.message_id,
        Alert.period_id,
        Alert.rung,
        Alert.kind,
        Alert.level,
        Alert.note,
        Period.state,
        Period.label,
        Period.due_on,
        Run.run_id,
        Duty.title.label("duty"),
        Measure.code,
        Measure.title,
    )
    .outerjoin(Period, Period.id == Alert.period_id)
    .outerjoin(Run, (Run.subject == "period") & (Run.subject_id == Period.id))
    .outerjoin(Duty, Duty.id == Period.duty_id)
    .outerjoin(Measure, Measure.id == Duty.measure_id)
    .where(among(Alert.message_id, bindparam("messages")))
    .order_by(Alert.fell_due_at, Alert.id)
)


def entries(ctx: LedgerContext, message: int) -> list[Entry]:
    """What a letter still has to say, worst first (DESIGN invariants 3 and 8: state is checked again at send time)."""
    return entries_of(ctx, [message])[message]


def entries_of(ctx: LedgerContext, messages: Iterable[int]) -> dict[int, list[Entry]]:
    """What each of several letters, given by their ids, still has to say; one query for all."""
    alerts: dict[int, list[Row[Any]]] = {message: [] for message in messages}
    for alert in ctx.connection.execute(_ALERTS, {"messages": sorted(alerts)}):
        if _still_matters(alert):
            alerts[alert.message_id].append(alert)
    late = cache(lambda due_on: workdays_late(due_on, ctx.today, ctx.work_time))
    return {message: _in_order(late, found) for message, found in alerts.items()}


def _in_order(late: Callable[[date], int], alerts: Sequence[Row[Any]]) -> list[Entry]:
    found = [_entry(late, group) for group in _by_matter(alerts)]
    return sorted(found, key=lambda entry: (-severity_of(entry.level), -entry.days_late, entry.measure, entry.label))


def _still_matters(alert: Row[Any]) -> bool:
    """Whether an alert still speaks of something open."""
    return alert.period_id is None or ALERT_FACTS[AlertKind(alert.kind)].matters(alert.state)


def _by_matter(alerts: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """Alerts about the same period and of the same nature merge; records stay, only the message is shorter."""
    groups: dict[tuple[object, ...], list[Row[Any]]] = {}
    for alert in alerts:
        own = "" if ALERT_FACTS[AlertKind(alert.kind)].merged else alert.rung
        groups.setdefault((alert.period_id, own), []).append(alert)
    return list(groups.values())


def _entry(late: Callable[[date], int], alerts: Sequence[Row[Any]]) -> Entry:
    """The worst alert of a matter; of equal ones the last to fall due speaks."""
    alert = max(reversed(alerts), key=lambda one: severity_of(one.level))
    if alert.period_id is None:
        return Entry(AlertKind(alert.kind), Level(alert.level), alert.note)
    return Entry(
        kind=AlertKind(alert.kind),
        level=Level(alert.level),
        note=alert.note,
        period_id=alert.period_id,
        measure=alert.code,
        title=alert.title,
        duty=alert.duty,
        label=alert.label,
        due_on=alert.due_on,
        days_late=late(alert.due_on),
        flow_run_id=alert.run_id,
    )
