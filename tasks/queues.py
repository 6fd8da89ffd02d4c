"""The work queues of our pool, in the order in which they come: what must not wait never stands behind openings.

Each queue has slots of its own in every worker (``flows/worker.py``), so that a thousand openings at once take neither
the place of the patrol nor that of the letters, nor of what somebody has just answered.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import WorkQueue

PATROL, DELIVER, ANSWERS, OPENINGS = "patrol", "deliver", "answers", "openings"
QUEUES: Mapping[str, str] = MappingProxyType(
    {
        PATROL: "巡检",
        DELIVER: "送达",
        ANSWERS: "督办单、审批，以及刚有人填报或审核的",
        OPENINGS: "按日程开启的期次",
    }
)
"""Every queue and what it is for, the most urgent first."""


def queue_of(flow: str) -> str:
    """The queue of the runs of a flow.

    Args:
        flow: its name.
    """
    return {"patrol": PATROL, "deliver": DELIVER, "supervise": OPENINGS}.get(flow, ANSWERS)


def slots_of(limit: int) -> dict[str, int]:
    """How many runs of each queue a worker runs at once.

    Args:
        limit: the slots of openings, and of answers.
    """
    return {PATROL: 1, DELIVER: 1, ANSWERS: limit, OPENINGS: limit}


async def ensure_queues(client: PrefectClient, pool: str) -> None:
    """The queues of a pool, made where they are missing and put in their order; the same again changes nothing.

    Args:
        client: a client of the Prefect server.
        pool: name of the work pool, which is there.
    """
    present = {queue.name: queue for queue in await client.read_work_queues(work_pool_name=pool)}
    for name in QUEUES.keys() - present.keys():
        await client.create_work_queue(name, description=QUEUES[name], work_pool_name=pool)
    found = await client.read_work_queues(work_pool_name=pool)
    if not in_order(found):
        ids = {queue.name: queue.id for queue in found}
        # The others, too: the server lets Prefect's own stand beside the first of ours.
        for priority, name in enumerate([*QUEUES, *(ids.keys() - QUEUES.keys())], 1):
            await client.update_work_queue(ids[name], priority=priority)


def in_order(queues: Iterable[WorkQueue]) -> bool:
    """Whether ours come before all others of their pool, and in their order.

    Args:
        queues: those of the pool.
    """
    # Setting the priority of one may move the others, so the order is looked at as a whole.
    found = sorted(queues, key=lambda queue: queue.priority)
    apart = len({queue.priority for queue in found}) == len(found)
    return apart and [queue.name for queue in found][: len(QUEUES)] == list(QUEUES)
