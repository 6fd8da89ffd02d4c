"""Prefect shows what the ledger says: waiting runs are created, named, woken and ended until both agree.

Matter by matter: whatever a run or a row holds, it stops no other. One that fails is parked in the ledger with its
error and told to the operators; the next reconciliation tries it again. ``tests/tasks/reconcile_test.py`` has every
branch.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import httpx
from anyio import CapacityLimiter, create_task_group
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse, SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Cancelled

from db import ledger, matters
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.matters import MATTERS, Matter
from tasks.matters import in_ledger
from tasks.queues import ANSWERS
from tasks.waiting_runs import (
    create_waiting_run,
    fingerprint,
    form_of,
    refresh_start,
    refresh_text,
    rename_waiting_state,
    save_form_anew,
    stored_fingerprint,
    text_above,
    waits_as_it_should,
)
from text.catalogue import phrase
from text.clean import line

PAGE = 200
TAG = "duban"
API_CONCURRENCY = 4
LONGEST_REASON = 200
MOST_NAMES = 5
# The server's clock and ours: what ended about when it was last looked at is looked at once more.
CLOCKS_APART = timedelta(minutes=1)
T = TypeVar("T")
_MOVING = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING}


@dataclass(slots=True)
class ReconcileCounts:
    """What reconciliation changed in Prefect, and what of it failed and was parked.

    ``created`` counts the runs of matters that had none; ``replaced`` those that took the place of one that had ended,
    was gone or could not be answered; ``left`` the matters that were not looked at because the time was up;
    ``looked_at`` all the others; ``rewritten`` the forms whose text was not what the ledger says.
    """

    created: int = 0
    replaced: int = 0
    renamed: int = 0
    woken: int = 0
    failed: int = 0
    left: int = 0
    looked_at: int = field(default=0, compare=False)
    rewritten: int = field(default=0, compare=False)


@dataclass(slots=True)
class Reconciler:
    """One reconciliation: the client, our deployments by name, what was done so far, and what is to be told of it."""

    client: PrefectClient
    deployments: Mapping[str, UUID]
    done: ReconcileCounts = field(default_factory=ReconcileCounts)
    parked: list[tuple[str, str]] = field(default_factory=list)
    """Names of matters that failed for the first time, with the reason."""
    replaced: list[str] = field(default_factory=list)
    """Names of matters whose run another took the place of."""
    by_hand: list[tuple[str, str]] = field(default_factory=list)
    """What somebody changed by hand and was put back, and how it was found, in words."""


def always() -> bool:
    """Go on without end."""
    return True


async def reconcile(
    client: PrefectClient,
    tell: bool = True,
    whole: bool = True,
    go_on: Callable[[], bool] = always,
    put_back: Callable[[], Awaitable[object]] | None = None,
) -> ReconcileCounts:
    """Bring Prefect to what the ledger says of every matter (architecture 1).

    Args:
        client: a client of the Prefect server.
        tell: whether the operators are told what was parked or replaced; one who asked for it at a console sees it.
        whole: look at all that is open; else at what has changed since the last time, unless something is missing or
            the office's day has just begun.
        go_on: asked before each matter; once it says no, the others are left to the next time.
        put_back: makes the deployments that there should be, called where one is missing.

    Raises:
        httpx.TransportError: the server is away; what was done stays done.
    """
    # Prefect stamps its states by the machine's clock and not by the office's.
    looked_at = datetime.now(UTC)
    seen = await in_ledger(SYSTEM_ACTOR, ledger.changes)
    ended: list[str] = []
    if whole or seen.periods is None:
        seen = replace(seen, periods=None)
    else:
        ended = await _ended_since(client, seen.looked_at - CLOCKS_APART)
        # Nothing tells what was deleted; fewer runs than the ledger knows of do.
        if await _living(client) + len(ended) < await in_ledger(SYSTEM_ACTOR, ledger.living_runs):
            seen = replace(seen, periods=None)
    coming = await parameters_on_their_way(client)  # asked first: what begins meanwhile has claimed its subject
    unreadable: list[tuple[str, int, Exception]] = []
    unfinished = await in_ledger(
        SYSTEM_ACTOR, lambda ctx: matters.unfinished(ctx, lambda *fault: unreadable.append(fault), seen, ended)
    )
    wanted = [matter for matter in unfinished if matter.run_id or dict(matter.parameters) not in coming]
    names = {matter.deployment for matter in wanted}
    deployments = await _deployments(client, names)
    if put_back is not None and names - deployments.keys():
        await put_back()
        deployments = await _deployments(client, names)
    work = Reconciler(client, deployments)
    runs = await _runs(client, [matter.run_id for matter in wanted if matter.run_id])
    for subject, subject_id, error in unreadable:
        await _park(work, subject, subject_id, f"{subject} {subject_id}", error)

    async def one(matter: Matter) -> None:
        if not go_on():
            work.done.left += 1
            return
        work.done.looked_at += 1
        try:
            await reconcile_one(work, matter, runs.get(matter.run_id or ""))
        # The server's being away is nobody's fault in particular: nothing is parked for it.
        except httpx.TransportError:
            raise
        except Exception as error:  # whatever is wrong with this one, the others go on
            await _park(work, matter.subject, matter.id, matter.name, error)
        else:
            if matter.parked:
                await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.unpark_run(ctx, matter.subject, matter.id))

    try:
        # What a person waits for comes before what opens: first the runs that are there, then sheets and requests.
        await each(sorted(wanted, key=lambda one: (not one.run_id, one.subject == "period")), one)
        if not work.done.left:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.note_reconciled(ctx, seen, looked_at))
    finally:
        if work.by_hand:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.note_restored(ctx, work.by_hand))
        if tell:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: _tell(ctx, work))
    return work.done


async def _park(work: Reconciler, subject: str, subject_id: int, name: str, error: Exception) -> None:
    work.done.failed += 1
    reason = line(f"{type(error).__name__}: {error}", LONGEST_REASON)
    if await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.park_run(ctx, subject, subject_id, reason)):
        work.parked.append((name, reason))


def _tell(ctx: LedgerContext, work: Reconciler) -> None:
    """One line to the operators for all that was parked, and one for all that was replaced, however many."""
    if work.parked:
        names, reason = _names([name for name, _ in work.parked]), work.parked[0][1]
        note = phrase("runs.parked", n=len(work.parked), names=names, reason=reason)
        ledger.notify_operators(ctx, f"runs-parked:{ctx.now.isoformat()}", note)
    if work.replaced:
        note = phrase("runs.replaced", n=len(work.replaced), names=_names(work.replaced))
        ledger.notify_operators(ctx, f"runs-replaced:{ctx.now.isoformat()}", note)


def _names(found: Sequence[str]) -> str:
    names = phrase("message.separator").join(found[:MOST_NAMES])
    return names if len(found) <= MOST_NAMES else phrase("runs.and_more", names=names)


async def reconcile_one(work: Reconciler, matter: Matter, run: FlowRun | None) -> None:
    """One matter:

    1. No living run although something is asked: create one.
    2. A run that waits where nobody can answer it: create another and end this one.
    3. A run that is on its way: leave it.
    4. A run that waits without its form: give it back.
    5. A run that waits for a form that came through another door, or although all is over: wake it.
    6. A run that waits under another name, or whose form tells another story: bring both up to now.
    7. A run whose form is not the one that we saved: put ours back.

    Args:
        work: the reconciliation.
        matter: the subject as the ledger has it.
        run: the run that the ledger knows of, if Prefect still has it.
    """
    client, state = work.client, run.state if run else None
    if run is None or state is None or state.is_final():
        if not matter.kind:
            await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.mark_ended(ctx, matter.subject, matter.id))
        elif matter.announced:  # otherwise its event is about to start one
            await _replace(work, matter, run)
        return
    waits = state.type in (StateType.PAUSED, StateType.SCHEDULED)
    # No worker takes up what hangs under no deployment of its measure or stands in a queue that was deleted, and a
    # waiting run without a key asks nothing.
    placed = run.deployment_id is not None and run.deployment_id == work.deployments.get(matter.deployment)
    stranded = waits and not (placed and run.work_queue_id)
    if stranded or (state.type == StateType.PAUSED and not state.state_details.pause_key):
        await _replace(work, matter, run)
        return
    if state.type in _MOVING:
        return
    if not waits_as_it_should(state):
        work.done.renamed += await rename_waiting_state(client, run.id, matter.waiting_name or str(state.name))
    # The key is the question and how often it was asked (tasks/waiting_runs.py).
    asked = str(state.state_details.pause_key).rpartition("-")[0]
    if not matter.kind or asked != matter.question:
        if await _wake(client, run.id, asked):
            work.done.woken += 1
        else:
            await _replace(work, matter, run)
        return
    # The plan moved its limit or changed its title since; or its lamp, its stage or its leader is another.
    if run.name != matter.name or set(run.tags) != set(run_tags(matter)):
        await client.update_flow_run(run.id, name=matter.name, tags=run_tags(matter))
    if state.name != matter.waiting_name:
        work.done.renamed += await rename_waiting_state(client, run.id, matter.waiting_name)
    await _bring_form_up(work, matter, run.id, str(state.state_details.pause_key))


async def _bring_form_up(work: Reconciler, matter: Matter, run_id: UUID, key: str) -> None:
    """The form of a waiting run as we saved it, under the text of now."""
    client, wanted = work.client, await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.form_context(ctx, matter))
    # What an earlier version saved is not known, and so is believed.
    forged = matter.form is not None and await stored_fingerprint(client, run_id, key) != matter.form
    if forged:
        await save_form_anew(client, run_id, form_of(wanted), key)
        work.by_hand.append((phrase("engine.run", name=matter.name), phrase("engine.found.form")))
    rewritten = not forged and await refresh_text(client, run_id, key, text_above(wanted))
    if rewritten:
        await refresh_start(client, run_id, key, wanted.prefilled)
    work.done.rewritten += rewritten
    if forged or rewritten or matter.form is None:
        stored = await stored_fingerprint(client, run_id, key)
        await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.note_form(ctx, matter.subject, matter.id, stored))


def run_tags(matter: Matter) -> list[str]:
    """The tags of the run of a matter: ours, and those by which Prefect's pages filter.

    Args:
        matter: as the ledger has it.
    """
    return [TAG, *matter.tags]


async def _wake(client: PrefectClient, run_id: UUID, question: str) -> bool:
    """Resume a run that waits for a form of this question. The ledger has gone on without it and takes nothing of it.

    Returns:
        Whether the run goes on; false when it waits still, because its form is not the one that we made.
    """
    kind = MATTERS.get(question.partition("-")[0])  # a question of an earlier version may have another name
    # Prefect checks a form against its schema before it resumes a run, so even this one must fit.
    filled = {**(kind.placeholder if kind else {}), "by": SYSTEM_ACTOR}
    try:
        if (await client.resume_flow_run(run_id, run_input=filled)).status == SetStateStatus.ACCEPT:
            return True
    except PrefectHTTPStatusError:
        pass  # the server itself stumbles over what it finds there
    state = (await client.read_flow_run(run_id)).state
    return state is None or state.type != StateType.PAUSED


async def _replace(work: Reconciler, matter: Matter, run: FlowRun | None) -> None:
    """A run for a matter that has none that can be answered; then the other one ends, and the operators are told.

    First the new one: a crash between leaves a run too many, which the next reconciliation ends, and never none.
    """
    if matter.kind:
        if matter.deployment not in work.deployments:
            return  # there is nowhere to make one yet; what waits is left waiting
        if not await _create(work, matter):
            return
        if matter.run_id:
            work.done.replaced += 1
            if run is not None and run.state is not None and (run.state.is_completed() or run.state.is_cancelled()):
                # The ledger still asks: no run of ours ended like this.
                ended_as = phrase("engine.found.ended", name=line(str(run.state.name), LONGEST_REASON))
                work.by_hand.append((phrase("engine.run", name=matter.name), ended_as))
            else:
                work.replaced.append(matter.name)
        else:
            work.done.created += 1
    if run is not None and (run.state is None or not run.state.is_final() or run.state.is_completed()):
        ended: State[Any] = Cancelled(name="已另建运行" if matter.kind else "已终止", message="该运行无法继续办理")
        await work.client.set_flow_run_state(run.id, ended, force=True)


async def _create(work: Reconciler, matter: Matter) -> bool:
    """A run for a matter; the key names the run it replaces, so two reconcilers create one."""
    wanted = await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.form_context(ctx, matter))
    # Created before it is claimed: the other way round a crash would leave a matter whose run nobody makes.
    run_id = await create_waiting_run(
        work.client, work.deployments[matter.deployment], wanted, ANSWERS, run_tags(matter)
    )

    def claim(ctx: LedgerContext) -> bool:
        taken = ledger.claim(ctx, matter.subject, matter.id, str(run_id), instead_of=matter.run_id)
        if taken:
            ledger.note_form(ctx, matter.subject, matter.id, fingerprint(form_of(wanted)))
        return taken

    claimed = await in_ledger(SYSTEM_ACTOR, claim)
    if not claimed:  # another run began meanwhile; in this one an answer would be lost
        await work.client.delete_flow_run(run_id)
    return claimed


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
    return await _pages(partial(client.read_deployments, deployment_filter=ours))


async def named_deployments(client: PrefectClient, names: Collection[str]) -> list[DeploymentResponse]:
    """Only those that are needed: a large office has thousands.

    Args:
        client: a client of the Prefect server.
        names: of deployments of ours.
    """
    found: list[DeploymentResponse] = []
    for some in pages_of(sorted(names)):
        wanted = DeploymentFilter(name=DeploymentFilterName(any_=some))
        found += await _pages(partial(client.read_deployments, deployment_filter=wanted))
    return found


async def _deployments(client: PrefectClient, names: Collection[str]) -> dict[str, UUID]:
    return {one.name: one.id for one in await named_deployments(client, names)}


def pages_of(items: Sequence[T]) -> Iterator[list[T]]:
    """``items`` in lists of a page each."""
    for start in range(0, len(items), PAGE):
        yield list(items[start : start + PAGE])


async def _pages(read: Callable[..., Awaitable[list[T]]]) -> list[T]:
    """All that ``read`` finds, page by page."""
    found: list[T] = []
    while page := await read(limit=PAGE, offset=len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


async def _ended_since(client: PrefectClient, since: datetime) -> list[str]:
    """Ids of the runs of matters that ended, by whomever, at ``since`` or later."""
    ended = FlowRunFilter(end_time=FlowRunFilterEndTime(after_=since))
    found = await _pages(
        partial(client.read_flow_runs, flow_filter=_matter_flows(), flow_run_filter=ended, sort=FlowRunSort.ID_DESC)
    )
    return [str(run.id) for run in found]


async def _living(client: PrefectClient) -> int:
    """How many runs of matters wait or are on their way, under a deployment of ours.

    Those that the scheduler has made ahead do neither; one whose deployment was deleted is under none.
    """
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    begun = FlowRunFilter(state=_in(StateType.PAUSED, *(_MOVING - {StateType.SCHEDULED})))
    woken = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Resuming", "AwaitingRetry"])))
    counts = [
        await client.count_flow_runs(flow_filter=_matter_flows(), flow_run_filter=which, deployment_filter=ours)
        for which in (begun, woken)
    ]
    return sum(counts)


def _matter_flows() -> FlowFilter:
    return FlowFilter(name=FlowFilterName(any_=sorted({kind.flow for kind in MATTERS.values()})))


async def parameters_on_their_way(client: PrefectClient) -> list[dict[str, Any]]:
    """The parameters of runs that an automation has made and no worker has finished or suspended yet.

    Args:
        client: a client of the Prefect server.
    """
    announced = sorted({kind.flow for kind in MATTERS.values() if kind.event is not None})
    flows = FlowFilter(name=FlowFilterName(any_=announced))
    moving = FlowRunFilter(state=_in(*_MOVING))
    found = await _pages(
        partial(client.read_flow_runs, flow_filter=flows, flow_run_filter=moving, sort=FlowRunSort.ID_DESC)
    )
    return [run.parameters for run in found]


async def _runs(client: PrefectClient, ids: Sequence[str]) -> dict[str, FlowRun]:
    found: dict[str, FlowRun] = {}
    for some in pages_of(ids):
        chosen = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id) for run_id in some]))
        found |= {str(run.id): run for run in await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE)}
    return found


def _in(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
