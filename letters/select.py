"""select: messages that may leave now, each with the alerts that are still true (DESIGN invariants 3 and 8)."""

from collections.abc import Sequence
from dataclasses import replace

from db.ledger import LedgerContext, message_queue
from db.ledger.message_items import alerts_of, signing_office
from plan.types import DeliveryResult
from rules.alert_kinds import ALERT_FACTS
from rules.message import AlertRow, Message


def select(ctx: LedgerContext, limit: int) -> list[Message]:
    """Lease messages and see what each still has to say.

    Args:
        ctx: the ledger at the instant of sending.
        limit: the most messages to take.

    Returns:
        The messages, the most severe first. One whose alerts are all settled by now has none; one with an alert of a
        kind this version does not know has the result ``dead`` and says so: a message is never dropped silently.
    """
    leased = message_queue.lease(ctx, limit)
    if not leased:
        return []
    alerts = alerts_of(ctx, [message.id for message in leased])
    office = signing_office(ctx)
    return [_selected(replace(message, office=office, day=ctx.today), alerts[message.id]) for message in leased]


def _selected(message: Message, alerts: Sequence[AlertRow]) -> Message:
    try:
        return replace(message, alerts=tuple(alert for alert in alerts if still_true(alert)))
    except KeyError as unknown:
        return replace(message, result=DeliveryResult.DEAD, failure=f"alert_kind_unknown: {unknown}", permanent=True)


def still_true(alert: AlertRow) -> bool:
    """Whether an alert still speaks of something open.

    Args:
        alert: with the state its period has now.

    Raises:
        KeyError: of an unknown kind.
    """
    facts = ALERT_FACTS[alert.kind]
    return alert.state is None or facts.matters(alert.state)
