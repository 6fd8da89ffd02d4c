"""select: messages that may leave now, each with the alerts that are still true (architecture 3, 8)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from db.ledger import LedgerContext, message_queue
from db.ledger.events import tell_systems
from db.ledger.forwarding import forward
from db.ledger.message_items import alerts_of
from plan.policy import Pace
from plan.types import DeliveryResult
from rules.alert_kinds import ALERT_FACTS
from rules.message import Message


def select(
    ctx: LedgerContext, limit: int, only: str | None = None, paces: Mapping[str, Pace] | None = None
) -> Iterator[Message]:
    """Lease messages, each for who stands for its posts today, and see what each still has to say.

    Args:
        ctx: the ledger at the instant of sending.
        limit: the most messages to take of each channel.
        only: take those alone that carry an alert whose key begins so; None takes all.
        paces: what the channels can take, by name; any other takes whatever comes.

    Yields:
        The messages, the most severe first; those to systems as they are. One whose alerts are all settled by now has
        none; one with an alert of a kind this version does not know has the result ``dead`` and says so: a message is
        never dropped silently.
    """
    if only is None:
        forward(ctx)
        tell_systems(ctx)
    leased = message_queue.lease(ctx, limit, only, paces)
    to_people = [message.id for message in leased if not message.hook]
    alerts = alerts_of(ctx, to_people) if to_people else {}
    for message in leased:
        if message.hook:
            yield message
            continue
        try:
            true = tuple(alert for alert in alerts[message.id] if ALERT_FACTS[alert.kind].matters(alert))
            yield replace(message, items=true)
        except KeyError as unknown:
            yield replace(message, result=DeliveryResult.DEAD, failure=f"alert_kind_unknown: {unknown}")
