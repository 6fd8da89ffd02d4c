"""``deliver``: what waits in the queue leaves the house, once per message, recorded one by one."""

import time
from typing import Any

from anyio import from_thread, to_thread
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config import clock
from db.ledger.context import SYSTEM_ACTOR
from letters.delivery import deliver as deliver_until_none_is_left
from tasks.channels import delivery
from tasks.deliver import lease_messages, send_messages, summary, wait_for_slot
from tasks.titles import engine_title, entitle_run

LONGEST_SECONDS = 240.0
"""The next delivery comes after five minutes and goes on from there."""


@flow(name="deliver")
async def deliver_flow() -> State[Any]:
    """送达一次：租用到点的消息，逐人合并、逐通道按节奏发送，失败重试、改道，直至登记为止。"""
    office, ends = delivery(SYSTEM_ACTOR), time.monotonic() + LONGEST_SECONDS
    # The loop waits in a thread of its own and has its steps done here, where Prefect sees them.
    results = await to_thread.run_sync(
        deliver_until_none_is_left,
        lambda: from_thread.run(lease_messages, office),
        lambda messages: from_thread.run(send_messages, office, messages),
        lambda: from_thread.run(wait_for_slot, office, ends),
    )
    await entitle_run(engine_title("deliver", clock.now(), {str(result): n for result, n in results.items()}))
    return Completed(message=summary(results))
