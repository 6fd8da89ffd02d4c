"""merge: the alerts of a message become its items, one per matter, the worst first. Records stay as they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial

from plan.types import AlertKind, Level, severity
from rules.alert_kinds import ALERT_FACTS
from rules.message import AlertRow, Message, MessageItem
from rules.timestate import workdays_late
from rules.work_time import WorkTime


def merge(messages: Iterable[Message], work_time: WorkTime) -> list[Message]:
    """Fill in the items of selected messages.

    Args:
        messages: each with the alerts that are still true.
        work_time: whose working days count how late a matter is.

    Returns:
        The messages in their order; one without alerts has no items.
    """

    @cache  # many matters share their due date
    def days_late(today: date, due_on: date) -> int:
        return workdays_late(due_on, today, work_time)

    return [replace(message, items=merged(message.alerts, partial(days_late, message.day))) for message in messages]


def merged(alerts: Sequence[AlertRow], days_late: Callable[[date], int]) -> tuple[MessageItem, ...]:
    """One item per matter: alerts about the same period and of the same nature are said once.

    Args:
        alerts: in the order in which they fell due.
        days_late: working days after a due date, 0 when not late.

    Returns:
        The items by colour, then lateness, then the measure's code.
    """
    matters: dict[tuple[object, ...], list[AlertRow]] = {}
    for alert in alerts:
        own = "" if ALERT_FACTS[alert.kind].merged else alert.rung
        matters.setdefault((alert.period_id, own), []).append(alert)
    items = [_item(group, days_late) for group in matters.values()]
    return tuple(sorted(items, key=lambda item: (-severity(item.level), -item.days_late, item.measure, item.label)))


def _item(alerts: Sequence[AlertRow], days_late: Callable[[date], int]) -> MessageItem:
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
        days_late=days_late(alert.due_on),
        flow_run_id=alert.flow_run_id,
    )
