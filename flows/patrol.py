"""``patrol``: every few minutes, everything that has come due; and the proof that nothing was overlooked."""

from datetime import datetime
from typing import Any

import httpx
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.deployments.flow_runs import arun_deployment
from prefect.events import emit_event
from prefect.states import Completed, Failed

from config.settings import settings
from tasks.artifacts import publish_patrol
from tasks.automations import COMPLETED
from tasks.context import doubted, time_left
from tasks.patrol_steps import patrol_ledger, show_patrol
from tasks.titles import engine_title, entitle_run
from tasks.watch import FAULTY


@flow(name="patrol")
async def patrol_flow() -> State[Any]:
    """巡检一次。

    1. The ledger: open what was missed, climb what is due, audit itself.
    2. Delivery, at once: what it says is in the ledger, and its links lead to pages that need no run.
    3. Prefect: create, rename and wake runs until both agree; announce new escalations; the pages of the operators.
    4. An event for the automations, a beat to the outside: they say that the engine itself is awake.

    A patrol that finds the engine unwell fails: that is an alarm. So does one that overlooked a rung, and one whose
    clock is doubted, which does nothing but say so.
    """
    from flows import FLOWS  # this flow is one of them

    go_on = time_left()
    totals = await patrol_ledger(go_on)
    if totals["messages"] or totals["doubt"]:
        # Delivery has a run and a schedule of its own: a slow channel must not hold up the next patrol.
        await arun_deployment("deliver/deliver", timeout=0, as_subflow=False)
    if totals["doubt"]:
        # Nothing was done that Prefect could show but this; the word to the operators is all that leaves.
        examined = [doubted(totals["doubt"])]
        await publish_patrol(totals, examined)
        totals |= {"restored": 0}
    else:
        counts, examined = await show_patrol(totals, FLOWS, patrolling=True, go_on=go_on)
        totals |= counts
    done = {name: totals[name] for name in ("opened", "alerts", "escalations", "restored")}
    await entitle_run(engine_title("patrol", datetime.fromisoformat(totals["at"]), done))
    # No event and no beat after a fault, so that those who watch from outside notice the silence.
    if faults := [f"{one.check}：{one.said}" for one in examined if not one.ok]:
        return Failed(name=FAULTY, message="；".join(faults))
    emit_event(event=COMPLETED, resource={"prefect.resource.id": "duban.patrol"}, payload=totals)
    await _beat()
    return Completed(
        message=f"新增提醒{totals['alerts']}条、督办单{totals['escalations']}份、消息{totals['messages']}封"
    )


async def _beat() -> None:
    """Tell the outside watcher that all is well; its being down is its own alarm, not ours."""
    url = settings().heartbeat_url
    if url is None:
        return
    try:
        async with httpx.AsyncClient(timeout=10) as http:
            await http.get(url.get_secret_value())
    except httpx.HTTPError as error:
        get_run_logger().warning("心跳未能送达：%s", type(error).__name__)
