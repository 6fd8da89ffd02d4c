"""The steps of a patrol: the ledger's own, then events for escalations, then Prefect brought to agree."""

from dataclasses import asdict
from typing import Any

from anyio import sleep, to_thread
from prefect import get_client, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from sqlalchemy import select

from config import clock
from db import ledger
from db.ledger import LedgerContext
from db.models import Escalation
from tasks.context import ledger_context
from tasks.projection import on_their_way, reconcile
from tasks.supervise import SYSTEM_ACTOR, in_ledger

ESCALATED = "duban.period.escalated"
COMPLETED = "duban.patrol.completed"
LOOKS, LOOK_SECONDS = 30, 0.5


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="推进台账")
async def patrol_ledger() -> dict[str, Any]:
    """Open, climb and audit; returns the totals and the health numbers."""

    def run() -> dict[str, Any]:
        now = clock.now()
        totals = ledger.patrol(lambda: ledger_context(SYSTEM_ACTOR, now))
        with ledger_context(SYSTEM_ACTOR, now) as ctx:
            return {"at": now.isoformat(), **asdict(totals), **ledger.health(ctx)}

    return await to_thread.run_sync(run)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="通报督办单")
async def announce() -> int:
    """Emit one event for every escalation not announced yet; the automation answers each with a run of ``escalate``.

    Events are a convenience, not a promise: what nobody takes up gets its run from the next patrol's reconciliation.
    The patrol waits for those runs a while: as long as it lasts there is no next one that would make them too.
    """
    news = await in_ledger(SYSTEM_ACTOR, _unannounced)
    for one in news:
        emit_event(event=ESCALATED, resource={"prefect.resource.id": f"duban.escalation.{one['id']}"}, payload=one)
    ids = [new["id"] for new in news]
    await in_ledger(SYSTEM_ACTOR, lambda ctx: _mark_announced(ctx, ids))
    if ids and not await _taken_up(ids):
        get_run_logger().warning("新督办单的事件尚未全部被接手，由下次巡检补建运行")
    return len(news)


async def _taken_up(ids: list[int]) -> bool:
    """Whether every escalation has a run soon."""
    async with get_client() as client:
        for _ in range(LOOKS):
            if not await in_ledger(SYSTEM_ACTOR, lambda ctx: _unclaimed(ctx, ids)) - await on_their_way(client):
                return True
            await sleep(LOOK_SECONDS)
    return False


def _unclaimed(ctx: LedgerContext, ids: list[int]) -> set[int]:
    query = select(Escalation.id).where(Escalation.id.in_(ids), Escalation.flow_run_id.is_(None))
    return set(ctx.session.execute(query).scalars())


def _unannounced(ctx: LedgerContext) -> list[dict[str, Any]]:
    query = select(Escalation).where(Escalation.state == "open", Escalation.announced_at.is_(None))
    return [
        {"id": found.id, "number": found.number, "level": found.level, "period": ledger.name_of(found.period)}
        for found in ctx.session.execute(query.order_by(Escalation.id)).scalars()
    ]


def _mark_announced(ctx: LedgerContext, ids: list[int]) -> None:
    for escalation in ctx.session.execute(select(Escalation).where(Escalation.id.in_(ids))).scalars():
        escalation.announced_at = ctx.now


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="核对运行")
async def agree() -> dict[str, int]:
    """Reconcile Prefect with the ledger."""
    async with get_client() as client:
        return asdict(await reconcile(client))
