"""The steps of delivery as Prefect shows them: messages are leased, and each is sent by a task of its own."""

import time
from collections import Counter
from collections.abc import Sequence

from anyio import create_task_group, sleep, to_thread
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from letters.delivery import Delivery
from plan.types import DeliveryResult
from rules.message import Message
from text.catalogue import phrase, term

LOOK_AGAIN_SECONDS = 15


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="租用消息")
async def lease_messages(delivery: Delivery) -> list[Message]:
    """Take messages that may leave now, worst first; those with nothing left to say are laid aside on the way.

    Args:
        delivery: of the office.
    """
    return await to_thread.run_sync(delivery.lease)


async def wait_for_slot(delivery: Delivery, until: float) -> bool:
    """Wait a little for a channel that was given all that its pace allows, so that nothing waits for the next delivery.

    Args:
        delivery: of the office.
        until: when this delivery ends at the latest, as ``time.monotonic`` counts.

    Returns:
        False when nothing waits for a channel's pace, or it would take too long; the office's clock may even stand.
    """
    before = delivery.clock()
    slot = await to_thread.run_sync(delivery.next_slot)
    wait = (slot - before).total_seconds() if slot else 0.0
    if wait <= 0 or time.monotonic() + wait > until:
        return False
    # Not at once until then: what becomes due meanwhile does not wait with it.
    await sleep(min(wait, LOOK_AGAIN_SECONDS))
    return delivery.clock() > before


async def send_messages(delivery: Delivery, messages: Sequence[Message]) -> list[DeliveryResult]:
    """Send messages at once, each in a task of its own.

    Args:
        delivery: of the office.
        messages: leased.

    Returns:
        The results as they come.
    """
    results: list[DeliveryResult] = []

    async def send(message: Message) -> None:
        results.append(await send_message(delivery, message))

    async with create_task_group() as group:
        for message in messages:
            group.start_soon(send, message)
    return results


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="发送 {message.recipient}")
async def send_message(delivery: Delivery, message: Message) -> DeliveryResult:
    """Send one message and record the result before anything else happens to it.

    Args:
        delivery: of the office.
        message: leased.
    """
    result = await to_thread.run_sync(delivery.deliver, message)
    if result is not DeliveryResult.SENT:
        get_run_logger().warning("消息 %s（通道 %s）：%s", message.key, message.channel, term(result))
    return result


def summary(results: Counter[DeliveryResult]) -> str:
    """How many messages left, and how the others fared, in words; ``results`` counts attempts by their result."""
    counts = [phrase("delivery.count", result=term(result), n=count) for result, count in sorted(results.items())]
    return phrase("message.separator").join(counts) or phrase("delivery.none")
