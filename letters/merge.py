"""merge: the alerts of a message become its items, one per matter, the worst first. Records stay as they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from plan.types import AlertKind, DeliveryResult, Level, severity
from rules.alert_kinds import ALERT_FACTS
from rules.message import AlertRow, Message, MessageItem
from rules.timestate import workdays_late
from rules.work_time import WorkTime


def merge(messages: Iterable[Message], work_time: WorkTime) -> list[Message]:
    """Say every matter of a message once: alerts about the same period and of the same nature are one item.

    Args:
        messages: selected, each with its alerts in the order in which they fell due.
        work_time: whose working days count how late a matter is.

    Returns:
        The messages in their order with their items by colour, then lateness, then the measure's code. One that has
        nothing to say has the result ``moot``.
    """
    days_late = cache(lambda due_on, today: workdays_late(due_on, today, work_time))  # many matters share their dates
    merged = []
    for message in messages:
        matters: dict[tuple[object, ...], list[AlertRow]] = {}
        for alert in message.alerts:
            # A return or a decision is a matter of its own, even beside another of the same period.
            own = "" if ALERT_FACTS[alert.kind].merged else alert.rung
            matters.setdefault((alert.period_id, own), []).append(alert)
        items = [_item(alerts, message.day, days_late) for alerts in matters.values()]
        items.sort(key=lambda item: (-severity(item.level), -item.days_late, item.measure, item.label))
        result = message.result or (None if items else DeliveryResult.MOOT)
        merged.append(replace(message, items=tuple(items), result=result))
    return merged


def _item(alerts: Sequence[AlertRow], today: date, days_late: Callable[[date, date], int]) -> MessageItem:
    """The worst alert of a matter speaks; of equal ones the last to fall due."""
    alert = max(reversed(alerts), key=lambda one: severity(one.level))
    if alert.due_on is None:
        return MessageItem(AlertKind(alert.kind), Level(alert.level), alert.note)
    return MessageItem(
        kind=AlertKind(alert.kind),
        level=Level(alert.level),
        note=alert.note,
        period_id=alert.period_id,
        measure=alert.measure or "",
        title=alert.title or "",
        duty=alert.duty or "",
        label=alert.label or "",
        due_on=alert.due_on,
        days_late=days_late(alert.due_on, today),
        flow_run_id=alert.flow_run_id,
    )
