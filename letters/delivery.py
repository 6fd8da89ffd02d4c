"""The one delivery loop: lease, select, merge, then each message rendered, sent and recorded by itself.

The flow, the command line and the simulator bring their ledger, their clock and their way to send; how many messages
are under way at once is the caller's business too. One message's trouble stays its own.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from db.ledger import LedgerContext
from db.ledger.message_queue import hold, next_slot, record_results
from letters.failures import DeliveryFailed
from letters.merge import merge
from letters.select import select
from plan.policy import Pace
from plan.types import DeliveryResult
from rules.message import Message

logger = logging.getLogger(__name__)
Send = Callable[[Message, datetime], None]
"""Renders a message and hands it to its channel at an instant; raises ``DeliveryFailed`` when it was not taken."""


def deliver(
    lease: Callable[[], Sequence[Message]],
    deliver_all: Callable[[Sequence[Message]], Iterable[DeliveryResult]],
    wait: Callable[[], bool] = lambda: False,
) -> Counter[DeliveryResult]:
    """Deliver until nothing may leave any more.

    Args:
        lease: gives messages to send, none when there are no more, such as ``Delivery.lease``.
        deliver_all: sends and records them, one after the other or at once, such as ``Delivery.deliver`` for each.
        wait: waits for the pace of the channels; False when nothing comes of waiting.

    Returns:
        How many attempts ended in which result.
    """
    results: Counter[DeliveryResult] = Counter()
    while (messages := lease()) or wait():
        results.update(deliver_all(messages))
    return results


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivery from one ledger, every step in a transaction of its own.

    ``ledger_at`` opens a context at an aware instant; ``clock`` says which instant it is; ``batch`` is how many
    messages of each channel are leased together, where ``paces`` names no fewer; ``only`` narrows them, given the
    ledger at that instant (None: all may leave);
    ``addressed`` gives each item the address at which its reader answers.
    """

    ledger_at: Callable[[datetime], AbstractContextManager[LedgerContext]]
    send: Send
    clock: Callable[[], datetime]
    batch: int
    only: Callable[[LedgerContext], str | None] = lambda _: None
    paces: Mapping[str, Pace] = field(default_factory=dict)
    addressed: Callable[[LedgerContext, list[Message]], list[Message]] = lambda _, messages: messages

    def lease(self) -> list[Message]:
        """Lease messages that have something to say; those that have not are recorded on the way.

        Returns:
            The most severe first; none when no more may leave now.
        """
        with self.ledger_at(self.clock()) as ctx:
            # A batch in which nothing has anything left to say is no sign that the queue is empty.
            only = self.only(ctx)
            while messages := merge(select(ctx, self.batch, only, self.paces), ctx.work_time):
                record_results(ctx, [message for message in messages if message.result])
                if to_send := [message for message in messages if not message.result]:
                    return self.addressed(ctx, to_send)
        return []

    def next_slot(self) -> datetime | None:
        """When something more may leave that waits for the pace of its channel; None when nothing does."""
        with self.ledger_at(self.clock()) as ctx:
            return next_slot(ctx, self.paces) if self.only(ctx) is None else None

    def deliver(self, message: Message) -> DeliveryResult:
        """Send one message and record the result before anything else happens to it.

        Args:
            message: leased.
        """
        # Read for each message: those before it may have taken minutes.
        now = self.clock()
        with self.ledger_at(now) as ctx:
            if not hold(ctx, message):
                return DeliveryResult.LOST
        tried = attempt(message, self.send, now)
        with self.ledger_at(now) as ctx:
            (result,) = record_results(ctx, [tried])
        return result

    def run(self) -> Counter[DeliveryResult]:
        """Deliver all that may leave, one message after the other.

        Returns:
            How many attempts ended in which result.
        """
        return deliver(self.lease, lambda messages: map(self.deliver, messages))


def attempt(message: Message, send: Send, now: datetime) -> Message:
    """Try to send one message; whatever goes wrong with it is its result, so that it is tried again or elsewhere.

    Args:
        message: merged.
        send: renders and sends it.
        now: aware instant.

    Returns:
        The message with its result ``sent``, or with its failure.
    """
    try:
        send(message, now)
    except DeliveryFailed as failed:
        return replace(message, failure=str(failed), fate=failed.fate, retry_after=failed.retry_after)
    # Told by its class alone: what an unforeseen error says may hold an address or a secret.
    except Exception as error:
        logger.exception("消息 %s 未能发出", message.key)
        return replace(message, failure=type(error).__name__)
    return replace(message, result=DeliveryResult.SENT)
