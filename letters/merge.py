"""merge: the alerts of a message become its items, one per matter, the worst first. Records stay as they are."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache

from plan.types import AlertKind, DeliveryResult, severity
from rules.alert_kinds import ALERT_FACTS
from rules.message import Message, MessageItem
from rules.work_time import WorkTime
from text.codes import code_order


def merge(messages: Iterable[Message], work_time: WorkTime) -> list[Message]:
    """Say every matter of a message once: alerts about the same period and of the same nature are one item.

    Args:
        messages: selected, each with an item for every alert in the order in which they fell due.
        work_time: whose working days count how late a matter is, the day after its due date being the first.

    Returns:
        The messages in their order with their items by colour, then lateness, then the measure's code. One that has
        nothing to say has the result ``moot``, one to a system is left as it is.
    """
    workdays = cache(work_time.calendar.count_workdays)  # many matters share their dates
    merged = []
    for message in messages:
        if message.hook:
            merged.append(message)
            continue
        matters: dict[tuple[object, ...], list[MessageItem]] = {}
        for alert in message.items:
            # A return or a decision is a matter of its own, even beside another of the same period.
            # So is a part: whoever owes it may hear of the period itself in another post.
            own = "" if ALERT_FACTS[alert.kind].merged else alert.rung
            own = alert.tag if alert.kind in (AlertKind.PART, AlertKind.CLOSURE, AlertKind.CLOSURE_LATE) else own
            matters.setdefault((alert.period_id, own), []).append(alert)
        items = []
        for alerts in matters.values():
            # The worst alert of a matter speaks; of equal ones one that asks, for somebody may hold one post that is
            # asked and another that is only informed; of these the last to fall due.
            worst = max(reversed(alerts), key=lambda alert: (severity(alert.level), not alert.informed))
            late = 0
            if worst.due_on is not None and message.day > worst.due_on:
                late = workdays(worst.due_on + timedelta(days=1), message.day)
            items.append(replace(worst, kind=AlertKind(worst.kind), days_late=late))
        items.sort(key=lambda item: (-severity(item.level), -item.days_late, code_order(item.measure), item.label))
        result = message.result or (None if items else DeliveryResult.MOOT)
        merged.append(replace(message, items=tuple(items), result=result))
    return merged
