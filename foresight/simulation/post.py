"""The recording channel: messages are delivered as in earnest, and noted instead of sent."""

from collections.abc import Sequence
from datetime import datetime

from db.ledger import LedgerContext
from db.ledger.message_queue import record_results
from foresight.simulation.result import FailedTry, SentLetter
from foresight.simulation.scenario import Outage
from letters.delivery import attempt
from letters.failures import DeliveryFailed
from letters.merge import merge
from letters.render import subject
from letters.select import select
from plan.types import Fate
from rules.message import Message

DELIVERY_BATCH = 500
"""Messages delivered together: nobody waits for them, and one statement records them all."""


class RecordingChannel:
    """Every message of a simulation, and every try that failed."""

    def __init__(self, outages: Sequence[Outage] = ()) -> None:
        self._outages = outages
        self.sent: list[SentLetter] = []
        self.failed: list[FailedTry] = []

    def deliver(self, ctx: LedgerContext) -> int:
        """Send what may leave now, in the transaction of the instant.

        Args:
            ctx: the simulated ledger at the instant.

        Returns:
            How many messages were taken up.
        """
        now = ctx.now.astimezone(ctx.work_time.zone)
        messages = merge(select(ctx, DELIVERY_BATCH), ctx.work_time)
        tried = [message if message.result else attempt(message, self._send, now) for message in messages]
        for message, result in zip(tried, record_results(ctx, tried), strict=True):
            if message.failure:
                self.failed.append(FailedTry(now, message.key, message.recipient, message.channel, result))
        return len(messages)

    def _send(self, message: Message, now: datetime) -> None:
        if any(outage.covers(message.channel, now) for outage in self._outages):
            raise DeliveryFailed("connection", "通道中断", Fate.AWAY)
        daily = message.key.startswith("digest-")
        said = subject(message)
        sent = SentLetter(
            now, message.key, message.recipient, message.channel, said, daily, message.resend, message.items
        )
        self.sent.append(sent)
