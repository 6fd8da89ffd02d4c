"""Prefect shows what the ledger says: waiting runs are created, named, woken and ended until both agree.

A waiting run is renamed by setting a paused state with another name and the same details, which keeps its form
(``name_waiting_state``): it goes below Prefect's verbs, as ``flows/suspend.py`` and the worker do.
"""

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
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse, SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.input.run_input import keyset_from_base_key
from prefect.states import Cancelled

from db import ledger, matters
from db.ledger.context import SYSTEM_ACTOR
from db.matters import MATTERS, Matter
from tasks.matters import in_ledger

PAGE = 200
TAG = "duban"
API_CONCURRENCY = 4
T = TypeVar("T")
_MOVING = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING}


@dataclass(slots=True)
class ReconcileCounts:
    """What reconciliation changed in Prefect."""

    created: int = 0
    renamed: int = 0
    woken: int = 0


async def reconcile(client: PrefectClient) -> ReconcileCounts:
    """Bring Prefect to what the ledger says of every matter (architecture 1).

    Args:
        client: a client of the Prefect server.
    """
    done = ReconcileCounts()
    deployments = {d.name: d.id for d in await our_deployments(client)}
    coming = await parameters_on_their_way(client)  # asked first: what begins meanwhile has claimed its subject
    unfinished = await in_ledger(SYSTEM_ACTOR, matters.unfinished)
    wanted = [matter for matter in unfinished if matter.run_id or dict(matter.parameters) not in coming]
    runs = await _runs(client, [matter.run_id for matter in wanted if matter.run_id])
    for stranded in [run for run in runs.values() if _stranded(run, set(deployments.values()))]:
        await client.set_flow_run_state(stranded.id, Cancelled(message="所属部署已撤换"), force=True)
        del runs[str(stranded.id)]
    await each(wanted, lambda matter: reconcile_one(client, matter, runs.get(matter.run_id or ""), deployments, done))
    return done


async def reconcile_one(
    client: PrefectClient,
    matter: Matter,
    run: FlowRun | None,
    deployments: Mapping[str, UUID],
    done: ReconcileCounts,
) -> None:
    """One matter:

    1. No living run although something is asked: create one.
    2. A run that is on its way: leave it.
    3. A run that waits without its form: give it back.
    4. A run that waits for a form that came through another door, or although all is over: wake it.
    5. A run that waits under another name: rename it.

    Args:
        client: a client of the Prefect server.
        matter: the subject as the ledger has it.
        run: the run that the ledger knows of, if Prefect still has it.
        deployments: ids of our deployments by their names.
        done: takes what was changed.
    """
    state = run.state if run else None
    if run is None or state is None or state.is_final():
        if not matter.kind:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.mark_ended(ctx, matter.subject, matter.id))
        # Otherwise its event is about to start one, or its deployment is not there yet: the next patrol looks again.
        elif matter.announced and matter.deployment in deployments:
            await _create(client, matter, deployments[matter.deployment])
            done.created += 1
        return
    if state.type in _MOVING:
        return
    if _lacks_form(state):
        done.renamed += await rename_waiting_state(client, run.id, matter.waiting_name or str(state.name))
    # The key is the question and how often it was asked (flows/waiting.py).
    asked = (state.state_details.pause_key or "").rpartition("-")[0]
    if not matter.kind or asked != matter.question:
        answer = await client.resume_flow_run(run.id, run_input=_wakes(asked))
        done.woken += answer.status == SetStateStatus.ACCEPT
        return
    # The plan moved its limit or changed its title since; or its lamp, its stage or its leader is another.
    if run.name != matter.name or set(run.tags) != set(run_tags(matter)):
        await client.update_flow_run(run.id, name=matter.name, tags=run_tags(matter))
    if state.name != matter.waiting_name:
        done.renamed += await rename_waiting_state(client, run.id, matter.waiting_name)


def run_tags(matter: Matter) -> list[str]:
    """The tags of the run of a matter: ours, and those by which Prefect's pages filter.

    Args:
        matter: as the ledger has it.
    """
    return [TAG, *matter.tags]


def _wakes(question: str) -> dict[str, Any]:
    """A form that wakes a run from this question. The ledger has gone on without it and takes nothing of it."""
    kind = MATTERS.get(question.partition("-")[0])  # a question of an earlier version may have another name
    # Prefect checks a form against its schema before it resumes a run, so even this one must fit.
    return {**(kind.placeholder if kind else {}), "by": SYSTEM_ACTOR}


async def _create(client: PrefectClient, matter: Matter, deployment_id: UUID) -> None:
    """A run for a matter that has none; the key names the run it replaces, so two reconcilers create one."""
    # Created before it is claimed: the other way round a crash would leave a matter whose run nobody makes.
    run = await client.create_flow_run_from_deployment(
        deployment_id,
        parameters=dict(matter.parameters),
        name=matter.name,
        tags=run_tags(matter),
        idempotency_key=f"{matter.subject}:{matter.id}:{matter.run_id}",
    )
    await in_ledger(
        SYSTEM_ACTOR, lambda ctx: ledger.claim(ctx, matter.subject, matter.id, str(run.id), instead_of=matter.run_id)
    )


async def rename_waiting_state(client: PrefectClient, run_id: UUID, name: str) -> bool:
    """Name the waiting state of a run; its form stays, or comes back.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        name: as the ledger has it.

    Returns:
        Whether anything changed.
    """
    state = (await client.read_flow_run(run_id)).state
    if state is None or state.type != StateType.PAUSED or (state.name == name and not _lacks_form(state)):
        return False
    await name_waiting_state(client, run_id, state, name)
    return True


async def name_waiting_state(client: PrefectClient, run_id: UUID, state: State[Any], name: str) -> None:
    """Give a waiting state its name and, when it has none yet, the form that was saved under its key."""
    details = state.state_details.model_copy()
    if _lacks_form(state):
        details.run_input_keyset = {
            str(part): key for part, key in keyset_from_base_key(str(details.pause_key)).items()
        }
    named = State(type=StateType.PAUSED, name=name, message=state.message, state_details=details)
    await client.set_flow_run_state(run_id, named, force=True)


def _lacks_form(state: State[Any]) -> bool:
    """Whether a run was cut off after it began to wait and before it got its form."""
    return bool(state.state_details.pause_key) and not state.state_details.run_input_keyset


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do ``work`` for each of ``items``, a few at once: one request is prepared while the server answers another."""
    slots = CapacityLimiter(API_CONCURRENCY)

    async def do(item: T) -> None:
        async with slots:
            await work(item)

    async with create_task_group() as group:
        for item in items:
            group.start_soon(do, item)


async def our_deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """Every deployment that carries our tag, read through ``client``."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(deployment_filter=ours, limit=PAGE, offset=len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


async def parameters_on_their_way(client: PrefectClient) -> list[dict[str, Any]]:
    """The parameters of runs that an automation has made and no worker has finished or suspended yet.

    Args:
        client: a client of the Prefect server.
    """
    announced = sorted({kind.flow for kind in MATTERS.values() if kind.event is not None})
    flows = FlowFilter(name=FlowFilterName(any_=announced))
    moving = FlowRunFilter(state=_in(*_MOVING))
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(
        flow_filter=flows, flow_run_filter=moving, limit=PAGE, offset=len(found), sort=FlowRunSort.ID_DESC
    ):
        found += page
        if len(page) < PAGE:
            break
    return [run.parameters for run in found]


async def _runs(client: PrefectClient, ids: Sequence[str]) -> dict[str, FlowRun]:
    found: dict[str, FlowRun] = {}
    for start in range(0, len(ids), PAGE):
        chosen = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id) for run_id in ids[start : start + PAGE]]))
        found |= {str(run.id): run for run in await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE)}
    return found


def _stranded(run: FlowRun, deployments: Collection[UUID]) -> bool:
    """Whether a run waits under a deployment that is gone, its measure renamed or dropped: no worker takes it up."""
    waits = run.state is not None and run.state.type in (StateType.PAUSED, StateType.SCHEDULED)
    return waits and run.deployment_id not in deployments


def _in(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
