"""The steps of a patrol as Prefect shows them: the ledger's own, then runs, announcements and pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from anyio import sleep, to_thread
from prefect import Flow, get_client, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from config import clock
from db import ledger, matters
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.matters import Announcement
from tasks.artifacts import publish_ledger, publish_patrol
from tasks.context import Examined, patrol_at
from tasks.deployments import sync_prefect, turn_of
from tasks.first_page import is_current, publish_first_page
from tasks.matters import in_ledger
from tasks.projection import always, parameters_on_their_way, reconcile
from tasks.watch import examine_engine

# Fifteen seconds in all, which a patrol that runs every five minutes can spare.
LOOKS, LOOK_SECONDS = 30, 0.5


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="推进台账")
async def patrol_ledger(go_on: Callable[[], bool]) -> dict[str, Any]:
    """Open, climb and audit, as long as ``go_on`` says that there is time; returns the totals and health numbers."""

    return await to_thread.run_sync(patrol_at, SYSTEM_ACTOR, clock.now(), go_on)


async def show_patrol(
    totals: dict[str, Any], flows: Mapping[str, Flow[..., Any]], patrolling: bool, go_on: Callable[[], bool] = always
) -> tuple[dict[str, Any], list[Examined]]:
    """Bring Prefect to what a patrol found: what was changed by hand, its runs, the announcements, the pages.

    Args:
        totals: what ``patrol_at`` returned.
        flows: our flows by name.
        patrolling: whether this is a patrol of the engine and not one on the command line.
        go_on: whether there is time left; what is not done then is left to the next patrol, and the totals say so.

    Returns:
        How much was put back, how many runs were created, renamed and woken, how many matters were announced; and
        whether the engine is well.
    """
    turn = await turn_of(datetime.now(UTC))
    deployed = await put_back(flows, turn, go_on)
    counts: dict[str, Any] = await agree(flows, go_on)
    counts["truncated"] = totals["truncated"] or counts["left"] + deployed["left"] > 0
    counts |= {"restored": deployed["restored"], "undeployed": deployed["failed"], "announced": await announce()}
    examined = await examine(patrolling, turn)
    await publish_patrol(totals | counts, examined)
    # Where nothing was looked at all read as they did; where the time was up the next patrol writes the long ones.
    if counts["looked_at"] or not await is_current(examined):
        whole = await publish_ledger(go_on)
        await publish_first_page(examined, whole)
    return counts, examined


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="复原改动")
async def put_back(flows: Mapping[str, Flow[..., Any]], turn: int | None, go_on: Callable[[], bool]) -> dict[str, int]:
    """Put back what somebody changed of pool, deployments and automations; returns the counts of ``sync_prefect``.

    Args:
        flows: our flows by name.
        turn: the page of deployments to look at, as ``turn_of`` has it; None: all.
        go_on: whether there is time left.
    """
    async with get_client() as client:
        return await sync_prefect(client, dict(flows), patrolling=True, turn=turn, go_on=go_on)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="体检")
async def examine(patrolling: bool, turn: int | None) -> list[Examined]:
    """Whether the engine is well; ``patrolling`` as in ``show_patrol``, ``turn`` as in ``put_back``."""
    async with get_client() as client:
        return await examine_engine(client, patrolling, turn=turn)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="通报督办单")
async def announce() -> int:
    """Emit one event for every matter not announced yet whose run an automation starts; returns how many.

    Events are a convenience, not a promise: what nobody takes up gets its run from the next patrol's reconciliation.
    The patrol waits for those runs a while: as long as it lasts there is no next one that would make them too.
    """
    news = await in_ledger(SYSTEM_ACTOR, _unannounced)
    for new in news:
        resource = {"prefect.resource.id": f"duban.{new.subject}.{new.id}"}
        emit_event(event=new.event, resource=resource, payload=dict(new.payload))
    # Sent first, remembered after: a crash between the two sends it again, and of two runs one ends at once.
    await in_ledger(SYSTEM_ACTOR, lambda ctx: _mark_announced(ctx, news))
    if news and not await _taken_up(news):
        get_run_logger().warning("新督办单的事件尚未全部被接手，由下次巡检补建运行")
    return len(news)


def _unannounced(ctx: LedgerContext) -> list[Announcement]:
    """What can be announced; a row that cannot is parked, as in reconciliation."""
    faults: list[tuple[str, int, Exception]] = []
    found = matters.unannounced(ctx, lambda *fault: faults.append(fault))
    for subject, subject_id, error in faults:
        ledger.park_run(ctx, subject, subject_id, f"{type(error).__name__}: {error}")
    return found


def _mark_announced(ctx: LedgerContext, news: Sequence[Announcement]) -> None:
    for new in news:
        ledger.mark_announced(ctx, new.subject, new.id)


async def _taken_up(news: Sequence[Announcement]) -> bool:
    """Whether every announced matter has a run soon."""
    async with get_client() as client:
        for _ in range(LOOKS):
            waiting = await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.without_run(ctx, news))
            coming = await parameters_on_their_way(client) if waiting else []
            if all(dict(new.parameters) in coming for new in waiting):
                return True
            await sleep(LOOK_SECONDS)
    return False


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="核对运行")
async def agree(flows: Mapping[str, Flow[..., Any]], go_on: Callable[[], bool]) -> dict[str, int]:
    """Reconcile Prefect with what changed in the ledger.

    Args:
        flows: our flows by name, for a deployment that is missing.
        go_on: whether there is time left.
    """
    async with get_client() as client:
        put_all_back = partial(sync_prefect, client, dict(flows), patrolling=True, go_on=go_on)
        return asdict(await reconcile(client, whole=False, go_on=go_on, put_back=put_all_back))
