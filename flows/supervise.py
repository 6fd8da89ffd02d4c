"""``supervise``: one period of one measure, from its opening through report and review to its closing."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.waiting import wait_until_over
from tasks.matters import open_and_claim


@flow(name="supervise", persist_result=True)
async def supervise(measure: str, duty: str, ordinal: int | None = None) -> State[Any]:
    """督办一期：开启期次，等待填报，等待审核，退回则再来一轮，通过则办结。

    Args:
        measure: code of the measure, such as ``02-3``.
        duty: key of the duty.
        ordinal: the period, when it is open already; the schedule leaves it out.
    """
    period_id = await open_and_claim(measure, duty, ordinal, str(runtime.flow_run.id))
    if period_id is None:
        return Completed(name="无需办理", message="该期次已由其他运行督办，或尚未到期次")
    return await wait_until_over("period", period_id)
