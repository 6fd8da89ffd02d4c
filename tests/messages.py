"""What a queued message would say now, and what becomes of leased ones, for tests that deliver by hand."""

from dataclasses import replace

from db.ledger import LedgerContext, message_queue
from db.ledger.message_items import alerts_of
from letters.merge import merge
from plan.types import DeliveryResult, Fate
from rules.alert_kinds import ALERT_FACTS
from rules.message import Message, MessageItem


def items_of(ctx: LedgerContext, message_id: int) -> tuple[MessageItem, ...]:
    """What a message says at the context's ``now``."""
    alerts = alerts_of(ctx, [message_id])[message_id]
    true = tuple(alert for alert in alerts if ALERT_FACTS[alert.kind].matters(alert))
    queued = Message(message_id, "key", "lease", 0, False, "recipient", "outbox", "", day=ctx.today, items=true)
    (message,) = merge([queued], ctx.work_time)
    return message.items


def sent(ctx: LedgerContext, *messages: Message) -> None:
    """Record that leased messages were taken by their channels."""
    message_queue.record_results(ctx, [replace(message, result=DeliveryResult.SENT) for message in messages])


def failed(ctx: LedgerContext, message: Message, fate: Fate = Fate.TEMPORARY) -> DeliveryResult:
    """Record that the channel of a leased message refused it."""
    (result,) = message_queue.record_results(ctx, [replace(message, failure="busy", fate=fate)])
    return result
