"""What matters of a running engine, asked in one place: ``up``, doctor, the patrol's page and its beat say the same.

Read only. What Prefect has stamped is compared with the machine's clock and not with the office's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType, WorkerStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from config.settings import settings
from db import ledger
from db.ledger.context import SYSTEM_ACTOR
from tasks.alarm import alarm_block, alarm_urls
from tasks.automations import automation_faults
from tasks.backup import examine_backup
from tasks.context import LATE, Examined, examine_clock, examine_messages, policy
from tasks.deployments import POOL, DeploymentSpec, deployment_specs, differences, pool_faults
from tasks.matters import in_ledger
from tasks.projection import named_deployments
from text.catalogue import phrase

POLLED = timedelta(minutes=2)
FAULTY = "自查未过"
"""Name of the state of a patrol that ran to its end and found the engine unwell."""
SHOWN = 5


async def examine_engine(
    client: PrefectClient, patrolling: bool = False, now: datetime | None = None, turn: int | None = None
) -> list[Examined]:
    """Whether the engine runs, check by check.

    Args:
        client: a client of the Prefect server.
        patrolling: whether a patrol asks, which is itself the sign that patrols run.
        now: an aware instant of the machine's clock; None for the present one.
        turn: the page of deployments to look at, which a patrol has just put back; None: all.
    """
    now = now or datetime.now(UTC)
    specs = await deployment_specs(turn)
    deployments = await named_deployments(client, {spec.name for spec in specs})
    patrolled = await _last(client, "patrol")
    woken = patrolling and (patrolled is None or now - patrolled > LATE)
    return [
        await to_thread.run_sync(examine_clock),
        await _audited(),
        Examined(phrase("watch.patrol"), True, phrase("watch.finished", at=_at(now)))
        if patrolling
        else _finished("patrol", patrolled, deployments, now),
        await _delivered(client, deployments, now, woken),
        await to_thread.run_sync(examine_messages),
        _deployed(deployments, specs),
        await examine_scheduler(client),
        await _pooled(client),
        await _worked(client, now),
        await _automated(client),
        await examine_alarm(client),
        await _backed_up(deployments, now, woken),
    ]


async def _audited() -> Examined:
    health = await in_ledger(SYSTEM_ACTOR, ledger.health)
    well = not health["overlooked"] and not health["unarmed"]
    said = phrase("watch.audit_well" if well else "watch.audit_fault", **({} if well else health))
    return Examined(phrase("watch.audit"), well, said)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(settings().zone):%m-%d %H:%M}"


async def _last(client: PrefectClient, flow: str) -> datetime | None:
    """When a run of ``flow`` came to its end last."""
    ended = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Completed", FAULTY])))
    runs = await _runs_of(client, flow, ended, FlowRunSort.END_TIME_DESC)
    return runs[0].end_time if runs else None


async def _runs_of(client: PrefectClient, flow: str, chosen: FlowRunFilter, sort: FlowRunSort) -> list[FlowRun]:
    of_flow = FlowFilter(name=FlowFilterName(any_=[flow]))
    return await client.read_flow_runs(flow_filter=of_flow, flow_run_filter=chosen, sort=sort, limit=1)


def _finished(
    name: str, last: datetime | None, deployments: Sequence[DeploymentResponse], now: datetime, woken: bool = False
) -> Examined:
    check = phrase(f"watch.{name}")
    made = next((one.created for one in deployments if one.name == name), None)
    if last is not None and now - last <= LATE:
        return Examined(check, True, phrase("watch.finished", at=_at(last)))
    if last is not None:
        return Examined(check, woken, phrase("watch.woken" if woken else "watch.stopped", at=_at(last)))
    young = made is not None and now - made <= LATE
    return Examined(check, young, phrase("watch.not_yet", at=_at(made)) if young and made else phrase("watch.never"))


async def _delivered(
    client: PrefectClient, deployments: Sequence[DeploymentResponse], now: datetime, woken: bool
) -> Examined:
    """Many messages through a slow channel take longer than the next delivery's turn: one that runs has not stopped."""
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])))
    found = await _runs_of(client, "deliver", running, FlowRunSort.START_TIME_DESC)
    if found and found[0].start_time and now - found[0].start_time <= timedelta(hours=policy().silence_hours):
        return Examined(phrase("watch.deliver"), True, phrase("watch.running", at=_at(found[0].start_time)))
    return _finished("deliver", await _last(client, "deliver"), deployments, now, woken)


async def _backed_up(deployments: Sequence[DeploymentResponse], now: datetime, woken: bool) -> Examined:
    made = next((one.created for one in deployments if one.name == "backup"), None)
    return await to_thread.run_sync(examine_backup, made, now, woken)


def _deployed(deployments: Sequence[DeploymentResponse], specs: Sequence[DeploymentSpec]) -> Examined:
    present = {one.name: one for one in deployments}
    wrong = {spec.name: found for spec in specs if (found := differences(present.get(spec.name), spec))}
    if not wrong:
        return Examined(phrase("watch.deployments"), True, phrase("watch.deployments_well", n=len(specs)))
    # The engine's own first: without them nothing at all goes on.
    worst = sorted(wrong, key=lambda name: (name not in ("patrol", "deliver"), name))[:SHOWN]
    told = phrase("engine.and").join(f"{name}（{phrase('engine.and').join(wrong[name])}）" for name in worst)
    return Examined(phrase("watch.deployments"), False, phrase("watch.deployments_fault", n=len(wrong), what=told))


async def examine_scheduler(client: PrefectClient) -> Examined:
    """Whether Prefect's scheduler makes runs, of which its own pages are silent; ``client`` is of its server."""
    waiting = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        tags=FlowRunFilterTags(all_=["auto-scheduled"]),
    )
    count = await client.count_flow_runs(flow_run_filter=waiting)
    said = phrase("watch.scheduler_well", n=count) if count else phrase("watch.scheduler_fault")
    return Examined(phrase("watch.scheduler"), count > 0, said)


async def _pooled(client: PrefectClient) -> Examined:
    faults = await pool_faults(client)
    if faults:
        told = phrase("engine.and").join(f"{what}{found}" for what, found in faults)
        return Examined(phrase("watch.pool"), False, phrase("watch.pool_fault", what=told))
    queues = await client.read_work_queues(work_pool_name=POOL)
    return Examined(phrase("watch.pool"), True, phrase("watch.pool_well", n=len(queues)))


async def _worked(client: PrefectClient, now: datetime) -> Examined:
    """A worker may send its heartbeat and fetch nothing: both are looked at."""
    try:
        workers = await client.read_workers_for_work_pool(POOL)
        queues = await client.read_work_queues(work_pool_name=POOL)
    except ObjectNotFound:
        workers, queues = [], []
    online = [one for one in workers if one.status == WorkerStatus.ONLINE]
    # A new queue has a while to be found.
    idle = [
        queue.name
        for queue in queues
        if not queue.is_paused and now - max(filter(None, (queue.last_polled, queue.created)), default=now) > POLLED
    ]
    check = phrase("watch.worker")
    if not online:
        return Examined(check, False, phrase("watch.worker_offline"))
    if idle:
        return Examined(check, False, phrase("watch.worker_idle", what=phrase("engine.and").join(idle)))
    return Examined(check, True, phrase("watch.worker_well", n=len(online)))


async def _automated(client: PrefectClient) -> Examined:
    try:
        faults = await automation_faults(client)
    except ObjectNotFound as error:  # of a deployment that an automation starts
        faults = [str(error)]
    said = phrase("watch.automations_fault", what=phrase("engine.and").join(faults))
    return Examined(phrase("watch.automations"), not faults, said if faults else phrase("watch.automations_well"))


async def examine_alarm(client: PrefectClient) -> Examined:
    """Whether anybody would be told if the engine fell silent; ``client`` is of the Prefect server."""
    urls = await alarm_urls()
    if not urls:
        return Examined(phrase("watch.alarm"), True, phrase("watch.alarm_none"), warned=True)
    if await alarm_block(client) is None:
        return Examined(phrase("watch.alarm"), False, phrase("watch.alarm_stale"))
    return Examined(phrase("watch.alarm"), True, phrase("watch.alarm_well", n=len(urls)))
