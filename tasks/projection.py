"""Prefect shows what the ledger says: waiting runs are created, named, woken and ended until both agree.

A waiting run is renamed by setting a paused state with another name and the same details, which keeps its form
(``show``): one of the two places that go below Prefect's verbs, with ``flows/suspend.py``.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, create_task_group
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse, SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from db import ledger
from db.ledger import LedgerContext
from db.models import LIVE, Duty, Escalation, Period
from plan.types import PeriodState
from tasks.supervise import SYSTEM_ACTOR, in_ledger

PAGE = 200
TAG = "duban"
ESCALATE = "escalate"
AT_ONCE = 4
T = TypeVar("T")
_MOVING = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING}
# What wakes a run by the form it waits for. The ledger has gone on without that form and takes nothing of this.
_WAKE: dict[str, dict[str, Any]] = {
    "report": {"body": "已由其他途径填报", "percent": 0, "by": SYSTEM_ACTOR},
    "review": {"reason": "已由其他途径审核", "by": SYSTEM_ACTOR},
    "instruct": {"by": SYSTEM_ACTOR},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a period or an escalation should look like in Prefect."""

    id: int
    name: str
    deployment: str
    parameters: Mapping[str, Any]
    shown: str
    question: str
    """Start of the key of the form it waits for: ``report-1``, ``review-2``, ``instruct``; empty when it is over."""
    run_id: str | None


@dataclass(slots=True)
class Agreement:
    """What reconciliation changed in Prefect."""

    created: int = 0
    renamed: int = 0
    woken: int = 0


def deployment_name(code: str, title: str) -> str:
    """The name of a measure's deployment; Prefect forbids ``/ % & < >`` in names."""
    return re.sub(r"[/%&<>\x00-\x1f]", "·", f"{code} {title}")


async def show(client: PrefectClient, run_id: UUID, name: str) -> bool:
    """Rename the waiting state of a run; its form stays. Returns whether anything changed."""
    state = (await client.read_flow_run(run_id)).state
    if state is None or state.type != StateType.PAUSED or state.name == name:
        return False
    renamed = State(type=StateType.PAUSED, name=name, message=state.message, state_details=state.state_details)
    await client.set_flow_run_state(run_id, renamed, force=True)
    return True


async def reconcile(client: PrefectClient) -> Agreement:
    """Bring Prefect to what the ledger says about periods and escalations (DESIGN invariant 1)."""
    done = Agreement()
    deployments = {d.name: d.id for d in await our_deployments(client)}
    coming = await on_their_way(client)  # asked first: what begins meanwhile has claimed its escalation
    sheets = [one for one in await in_ledger(SYSTEM_ACTOR, wanted_escalations) if one.run_id or one.id not in coming]
    wanted = [*(await in_ledger(SYSTEM_ACTOR, wanted_periods)), *sheets]
    runs = await _runs(client, [one.run_id for one in wanted if one.run_id])
    for stranded in [run for run in runs.values() if _stranded(run, set(deployments.values()))]:
        await client.set_flow_run_state(stranded.id, Cancelled(message="所属部署已撤换"), force=True)
        del runs[str(stranded.id)]
    await each(wanted, lambda one: _agree(client, one, runs.get(one.run_id or ""), deployments, done))
    return done


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do ``work`` for every item, a few at once: the client prepares one request while the server answers another."""
    slots = CapacityLimiter(AT_ONCE)

    async def one(item: T) -> None:
        async with slots:
            await work(item)

    async with create_task_group() as group:
        for item in items:
            group.start_soon(one, item)


async def our_deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """Every deployment that carries our tag."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(deployment_filter=ours, limit=PAGE, offset=len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


async def on_their_way(client: PrefectClient) -> set[int]:
    """The escalations for which the automation has made a run that no worker has finished or suspended yet."""
    flow = FlowFilter(name=FlowFilterName(any_=[ESCALATE]))
    moving = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_MOVING))))
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(
        flow_filter=flow, flow_run_filter=moving, limit=PAGE, offset=len(found), sort=FlowRunSort.ID_DESC
    ):
        found += page
        if len(page) < PAGE:
            break
    return {run.parameters["escalation_id"] for run in found if "escalation_id" in run.parameters}


async def _runs(client: PrefectClient, ids: Sequence[str]) -> dict[str, FlowRun]:
    found: dict[str, FlowRun] = {}
    for start in range(0, len(ids), PAGE):
        chosen = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(one) for one in ids[start : start + PAGE]]))
        found |= {str(run.id): run for run in await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE)}
    return found


def _stranded(run: FlowRun, deployments: Collection[UUID]) -> bool:
    """Whether a run waits under a deployment that is gone, its measure renamed or dropped: no worker takes it up."""
    waits = run.state is not None and run.state.type in (StateType.PAUSED, StateType.SCHEDULED)
    return waits and run.deployment_id not in deployments


async def _agree(
    client: PrefectClient, wanted: Wanted, run: FlowRun | None, deployments: Mapping[str, UUID], done: Agreement
) -> None:
    """One matter:

    1. No living run although something is asked: create one.
    2. A run that is on its way: leave it.
    3. A run that waits for a form that came through another door, or although all is over: wake it.
    4. A run that waits under another name: rename it.
    """
    state = run.state if run else None
    if state is None or state.is_final():
        if wanted.question and wanted.deployment in deployments:
            await _create(client, wanted, deployments[wanted.deployment])
            done.created += 1
        elif not wanted.question:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: _settle(ctx, wanted))
        return
    if run is None or state.type in _MOVING:
        return
    key = state.state_details.pause_key or ""
    if not wanted.question or not key.startswith(wanted.question):
        answer = await client.resume_flow_run(run.id, run_input=_WAKE[key.partition("-")[0]])
        done.woken += answer.status == SetStateStatus.ACCEPT
        return
    if run.name != wanted.name:  # the plan moved its limit or changed its title since
        await client.update_flow_run(run.id, name=wanted.name)
    if state.name != wanted.shown:
        renamed = await show(client, run.id, wanted.shown)
        done.renamed += renamed


async def _create(client: PrefectClient, wanted: Wanted, deployment_id: UUID) -> None:
    """A run for a matter that has none; the key names the run it replaces, so two reconcilers create one."""
    run = await client.create_flow_run_from_deployment(
        deployment_id,
        parameters=dict(wanted.parameters),
        name=wanted.name,
        idempotency_key=f"{wanted.parameters}:{wanted.id}:{wanted.run_id}",
    )
    await in_ledger(SYSTEM_ACTOR, lambda ctx: _assign(ctx, wanted, str(run.id)))


def _assign(ctx: LedgerContext, wanted: Wanted, run_id: str) -> None:
    row = _row(ctx, wanted)
    if row.flow_run_id == wanted.run_id:
        row.flow_run_id = run_id


def _settle(ctx: LedgerContext, wanted: Wanted) -> None:
    """Nothing is asked and no run lives: Prefect has nothing left to show."""
    row = _row(ctx, wanted)
    row.settled = row.state in ("closed", "withdrawn", "instructed", "superseded")


def _row(ctx: LedgerContext, wanted: Wanted) -> Period | Escalation:
    if "escalation_id" in wanted.parameters:
        return ctx.session.get_one(Escalation, wanted.id, with_for_update=True)
    return ctx.session.get_one(Period, wanted.id, with_for_update=True)


def wanted_periods(ctx: LedgerContext) -> list[Wanted]:
    """Every period that is open, or closed while its run has not ended yet."""
    unsettled = Period.state.in_(("waiting", "submitted")) | ~Period.settled
    options = (joinedload(Period.duty).joinedload(Duty.measure), selectinload(Period.submissions))
    query = select(Period).where(unsettled).options(*options).order_by(Period.id)
    return [_wanted_period(ctx, period) for period in ctx.session.execute(query).scalars()]


def _wanted_period(ctx: LedgerContext, period: Period) -> Wanted:
    measure, duty = period.duty.measure, period.duty
    question = {PeriodState.WAITING: f"report-{period.round}-", PeriodState.SUBMITTED: f"review-{period.round}-"}
    return Wanted(
        id=period.id,
        name=ledger.name_of(period),
        deployment=deployment_name(measure.code, measure.title),
        parameters={"measure": measure.code, "duty": duty.key, "ordinal": period.ordinal},
        shown=ledger.run_name(ctx, period),
        question=question.get(PeriodState(period.state), ""),
        run_id=period.flow_run_id,
    )


def wanted_escalations(ctx: LedgerContext) -> list[Wanted]:
    """Every escalation that waits for a supervisor, and those that ended while their run waits on."""
    query = select(Escalation).where(Escalation.state.in_(LIVE) | ~Escalation.settled)
    return [_wanted_escalation(one_) for one_ in ctx.session.execute(query.order_by(Escalation.id)).scalars()]


def _wanted_escalation(escalation: Escalation) -> Wanted:
    live = escalation.state in LIVE
    return Wanted(
        id=escalation.id,
        name=f"{escalation.number} · {ledger.name_of(escalation.period)}",
        deployment=ESCALATE,
        parameters={"escalation_id": escalation.id},
        shown="待批示" if escalation.state == "open" else "已签收",
        question="instruct-" if live and escalation.announced_at else "",
        run_id=escalation.flow_run_id,
    )


async def scheduled_runs(client: PrefectClient) -> int:
    """How many runs Prefect's scheduler has made for our deployments: none means that it does not work."""
    waiting = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        tags=FlowRunFilterTags(all_=["auto-scheduled"]),
    )
    return len(await client.read_flow_runs(flow_run_filter=waiting, limit=PAGE))
