"""``escalate``: one escalation (督办单), from its announcement to the supervisor's instruction."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.waiting import take_up


@flow(name="escalate", persist_result=True)
async def escalate(escalation_id: int) -> State[Any]:
    """督办：等待督办领导签收或批示；签收只暂缓升级，批示定出新时限。

    Started by the automation on ``duban.period.escalated``.

    Args:
        escalation_id: the escalation in the ledger.
    """
    return await take_up("escalation", escalation_id)
