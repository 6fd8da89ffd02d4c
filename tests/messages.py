"""What a queued message would say now, and what becomes of leased ones, for tests that deliver by hand."""

from dataclasses import replace
from functools import partial

from db.ledger import LedgerContext, message_queue
from db.ledger.message_items import alerts_of
from letters.merge import merged
from letters.select import still_true
from plan.types import DeliveryResult
from rules.message import Message, MessageItem
from rules.timestate import workdays_late


def items_of(ctx: LedgerContext, message_id: int) -> tuple[MessageItem, ...]:
    """What a message says at the context's ``now``."""
    alerts = [alert for alert in alerts_of(ctx, [message_id])[message_id] if still_true(alert)]
    return merged(alerts, partial(workdays_late, today=ctx.today, work_time=ctx.work_time))


def sent(ctx: LedgerContext, *messages: Message) -> None:
    """Record that leased messages were taken by their channels."""
    message_queue.record_results(ctx, [replace(message, result=DeliveryResult.SENT) for message in messages])


def failed(ctx: LedgerContext, message: Message, *, permanent: bool = False) -> DeliveryResult:
    """Record that the channel of a leased message refused it."""
    (result,) = message_queue.record_results(ctx, [replace(message, failure="busy", permanent=permanent)])
    return result
