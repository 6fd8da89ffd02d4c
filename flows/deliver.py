"""``deliver``: what waits in the outbox leaves the house, once per letter, marked one by one."""

from typing import Any

from anyio import create_task_group
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.deliver import Counts, lease_letters, send_letter

AT_ONCE = 20


@flow(name="deliver")
async def deliver() -> State[Any]:
    """送达一次：租用到点的消息，逐人合并、逐通道发送，失败重试、改道，直至登记为止。"""
    counts = Counts()
    while letters := await lease_letters(AT_ONCE):
        async with create_task_group() as group:
            for letter in letters:
                group.start_soon(send_letter, letter, counts)
    return Completed(message=str(counts))
