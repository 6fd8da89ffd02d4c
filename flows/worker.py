"""The worker: runs our flows in its own process, several at once, and takes back what a killed one left behind.

A run in a process of its own costs three seconds, here a fraction of one. Only the flows it was given are ever run,
by name: a deployment cannot make it import anything else. ``python -m flows.worker`` serves until SIGTERM or Ctrl-C.
"""

import asyncio
import logging
import os
import platform
import signal
import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import anyio
from anyio.abc import TaskStatus
from fasteners import InterProcessLock
from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkerStatus
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.context import AsyncClientContext
from prefect.exceptions import Abort, InfrastructureNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_WORKER_PREFETCH_SECONDS,
    PREFECT_WORKER_QUERY_SECONDS,
    temporary_settings,
)
from prefect.states import Cancelled, Scheduled
from prefect.utilities.services import critical_service_loop
from prefect.workers.base import BaseJobConfiguration, BaseWorker, BaseWorkerResult

from config.settings import settings
from flows import FLOWS
from tasks.deployments import POOL
from tasks.queues import OPENINGS, slots_of

POLL_SECONDS = 2
CANCEL_SECONDS = 5
PAGE = 200
# A run some other worker has just claimed carries no name for a moment.
CLAIMING = timedelta(minutes=1)
# A heartbeat would cost each short run a thread and an event; a dead worker is noticed by its seat.
IN_PROCESS: Mapping[Any, Any] = {
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    PREFECT_WORKER_PREFETCH_SECONDS: 0,
    PREFECT_WORKER_QUERY_SECONDS: POLL_SECONDS,
}


class InProcessJob(BaseJobConfiguration):
    """There is no infrastructure to configure: nothing is read from the server for it."""

    @classmethod
    async def resolve_for_flow_run(cls, flow_run: FlowRun, **_: Any) -> Self:
        """The empty configuration, related to ``flow_run`` so that the worker's events are."""
        job = cls()
        job._related_objects = {"flow-run": flow_run}
        return job


class InProcessResult(BaseWorkerResult):
    """A run ended or was suspended; what became of it is in its state."""


class DubanWorker(BaseWorker[InProcessJob, Any, InProcessResult]):
    """Runs async flows as tasks of its own event loop.

    Args of ``__init__``: those of ``BaseWorker``, with the ``limit`` of openings and of answers; and ``flows``, all the
    flows it will run, by name.
    """

    type = "duban"
    job_configuration = InProcessJob
    _description = "督办引擎：在自己的进程内运行督办流程"

    def __init__(
        self, work_pool_name: str, flows: Mapping[str, Flow[..., Any]] = FLOWS, *, limit: int, **options: Any
    ) -> None:
        self._slots = slots_of(limit)
        super().__init__(work_pool_name, limit=sum(self._slots.values()), **options)
        self._flows = flows
        self._taken: dict[UUID, str] = {}
        self._names: dict[UUID, str] = {}
        self._running: dict[UUID, asyncio.Task[Any]] = {}
        self._slots_free = anyio.Event()

    async def run(
        self, flow_run: FlowRun, configuration: InProcessJob, task_status: TaskStatus[Any] | None = None
    ) -> InProcessResult:
        """Run a flow to its end or suspension.

        Args:
            flow_run: claimed by this worker.
            configuration: empty; there is no infrastructure.
            task_status: told of the run's id once it has begun.

        Raises:
            LookupError: a foreign flow; the run crashes.
        """
        flow = await self._flow_of(flow_run)
        # A task of its own: whoever cancels the run cancels this, and not the worker's call that waits for it.
        task = asyncio.ensure_future(_drive(flow, flow_run))
        self._running[flow_run.id] = task
        if task_status:
            task_status.started(flow_run.id)
        try:
            await asyncio.wait({task})
        finally:
            del self._running[flow_run.id]
            queue = self._taken.get(flow_run.id, OPENINGS)
            if 2 * (len(self._of(queue)) - 1) <= self._slots[queue]:
                self._slots_free.set()
        if not task.cancelled() and (error := task.exception()):
            self._logger.error("运行“%s”中断，将重新安排", flow_run.name, exc_info=error)
        return InProcessResult(identifier=str(flow_run.id), status_code=0)

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        if flow_run.flow_id not in self._names:
            self._names[flow_run.flow_id] = (await self.client.read_flow(flow_run.flow_id)).name
        name = self._names[flow_run.flow_id]
        if name not in self._flows:
            raise LookupError(f"没有流程“{name}”；现有：{'、'.join(sorted(self._flows))}")
        return self._flows[name]

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Poll; while there is work, poll again as soon as half the slots are free instead of an interval later."""
        submitted: list[FlowRun] = []
        while found := await super().get_and_submit_flow_runs():
            submitted += found
            with anyio.move_on_after(POLL_SECONDS):
                await self._slots_free.wait()
            self._slots_free = anyio.Event()
        return submitted

    def _of(self, queue: str) -> list[UUID]:
        """The runs that hold a slot of ``queue``."""
        return [run_id for run_id, taken in self._taken.items() if taken == queue]

    async def _get_scheduled_flow_runs(self) -> list[WorkerFlowRunResponse]:
        """What is due; not that of the openings while they have no slot, for a thousand of them would be read again."""
        full = len(self._of(OPENINGS)) >= self._slots[OPENINGS]
        # Without names Prefect gives what is due in all queues, in their order; a name it does not know gives nothing.
        self._work_queues = self._slots.keys() - {OPENINGS} if full else set()
        return await super()._get_scheduled_flow_runs()

    async def _submit_scheduled_flow_runs(self, flow_run_response: list[WorkerFlowRunResponse]) -> list[FlowRun]:
        """Submit what finds a slot of its own queue; the rest is due still at the next poll.

        Args:
            flow_run_response: what is due, the most urgent queue first.
        """
        taken = [one for one in flow_run_response if self._takes(one.flow_run)]
        submitted = await super()._submit_scheduled_flow_runs(taken)
        for one in taken:
            self._free_unless_held(one.flow_run.id)
        return submitted

    async def _submit_run(self, flow_run: FlowRun) -> None:
        # Prefect keeps the slot of a run whose deployment is gone: the patrol's only one would be lost for good.
        try:
            await super()._submit_run(flow_run)
        finally:
            self._free_unless_held(flow_run.id)

    def _free_unless_held(self, flow_run_id: UUID) -> None:
        if flow_run_id not in self._running and flow_run_id not in self._submitting_flow_run_ids:
            self._release_limit_slot(flow_run_id)

    def _takes(self, flow_run: FlowRun) -> bool:
        # What another version has put into another queue goes with the openings.
        named = flow_run.work_queue_name or OPENINGS
        queue = named if named in self._slots else OPENINGS
        if flow_run.id not in self._taken and len(self._of(queue)) >= self._slots[queue]:
            return False
        self._taken[flow_run.id] = queue
        return True

    def _release_limit_slot(self, flow_run_id: UUID) -> None:
        super()._release_limit_slot(flow_run_id)
        self._taken.pop(flow_run_id, None)

    async def kill_infrastructure(self, infrastructure_pid: str, *_: Any, **__: Any) -> None:
        """Cancel a run.

        Args:
            infrastructure_pid: the run's id.

        Raises:
            InfrastructureNotFound: it does not run here.
        """
        task = self._running.get(UUID(infrastructure_pid))
        if task is None:
            raise InfrastructureNotFound(f"运行 {infrastructure_pid} 不在本进程中")
        task.cancel()
        await asyncio.wait({task})

    async def honour_cancellations(self) -> None:
        """Stop the runs of this process that somebody asked to cancel."""
        if not self._running:
            return
        asked = FlowRunFilter(id=FlowRunFilterId(any_=list(self._running)), state=_in(StateType.CANCELLING))
        for flow_run in await self.client.read_flow_runs(flow_run_filter=asked):
            await self.kill_infrastructure(str(flow_run.id))
            stopped: State[Any] = Cancelled(message="已按要求停止")
            await self.client.set_flow_run_state(flow_run.id, stopped, force=True)

    async def recover(self) -> None:
        """Take back what another worker left when it died, and what the server forgot to be told of."""
        await recover_orphans(self.client, self.work_pool.name, self.name, self._running)


def _calm(record: logging.LogRecord) -> bool:
    """Prefect logs a run that waits for a person as an error; operators would read it as one."""
    if record.levelno == logging.ERROR and "type=PAUSED" in record.getMessage():
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


logging.getLogger("prefect.flow_runs").addFilter(_calm)


async def _drive(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Failures become states inside the engine; a suspension or a refusal by the server comes out as a signal.

    Told of a deployment, the engine would block the loop for a thread, a websocket and two reads per run, only to learn
    if somebody suspends the run from outside; it reads the run again in any case.
    """
    unobserved = flow_run.model_copy(update={"deployment_id": None})
    with suppress(Pause, Abort):
        await run_flow(flow, flow_run=unobserved, return_type="state")  # type: ignore[misc]


def _in(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))


async def recover_orphans(
    client: PrefectClient, pool: str, name: str, running: Collection[UUID] | None = None
) -> list[UUID]:
    """Schedule again every claimed or running run that nobody runs; our flows repeat nothing. Returns their ids.

    Args:
        client: a client of the Prefect server.
        pool: the work pool to look through.
        name: the worker that asks.
        running: what it runs; ``None`` when it has just started, so that what bears its name is its predecessor's.
    """
    online = {one.name for one in await client.read_workers_for_work_pool(pool) if one.status == WorkerStatus.ONLINE}
    others = online - {name}
    orphans = [run.id for run in await _claimed(client, pool) if _is_orphan(run, name, others, running)]
    for orphan in orphans:
        again: State[Any] = Scheduled(message="执行进程曾中断，重新排队")
        await client.set_flow_run_state(orphan, again, force=True)
    return orphans


def _is_orphan(run: FlowRun, name: str, others: set[str], running: Collection[UUID] | None) -> bool:
    holder = run.labels.get("prefect.worker.name")
    # Just started: what bears our name is our predecessor's, and without any other worker everything is.
    if running is None and (holder == name or not others):
        return True
    claimed_at = run.state.timestamp if run.state else datetime.min.replace(tzinfo=UTC)
    held = holder in others or run.id in (running or ())
    # The machine's clock and not the ledger's: it is compared with what Prefect has stamped.
    return not held and datetime.now(UTC) - claimed_at > CLAIMING


async def _claimed(client: PrefectClient, pool: str) -> list[FlowRun]:
    states = FlowRunFilter(state=_in(StateType.PENDING, StateType.RUNNING))
    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(flow_run_filter=states, work_pool_filter=ours, limit=PAGE, offset=len(found))
        found += page
        if len(page) < PAGE:
            return found


async def run_worker(
    pool: str,
    limit: int,
    name: str,
    stop: threading.Event,
    flows: Mapping[str, Flow[..., Any]] = FLOWS,
) -> None:
    """Serve ``pool`` until ``stop`` is set, then let the runs in progress end.

    1. Make the pool if it is missing. 2. Take back what a dead worker left. 3. Poll.

    Args:
        pool: the work pool.
        limit: runs of each queue at once; patrol and delivery have one slot each beside.
        name: of this worker; two living workers must not share one.
        stop: set from any thread.
        flows: all that may run, by name.
    """
    with temporary_settings(dict(IN_PROCESS)):
        async with (
            AsyncClientContext.get_or_create(),
            DubanWorker(pool, flows, name=name, limit=limit) as worker,
        ):
            await recover_orphans(worker.client, pool, name)
            async with anyio.create_task_group() as loops:
                for workload, interval in (
                    (worker.get_and_submit_flow_runs, POLL_SECONDS),
                    (worker.sync_with_backend, worker.heartbeat_interval_seconds),
                    (worker.honour_cancellations, CANCEL_SECONDS),
                    (worker.recover, CLAIMING.seconds),
                ):
                    loops.start_soon(partial(critical_service_loop, workload, interval, backoff=4, jitter_range=0.3))
                await anyio.to_thread.run_sync(stop.wait, abandon_on_cancel=True)
                loops.cancel_scope.cancel()


@contextmanager
def seat(home: Path) -> Iterator[str]:
    """A worker's name: the first seat in this office nobody sits on. A killed worker's seat is free at once.

    Args:
        home: the office's folder.
    """
    for number in count(1):
        lock = InterProcessLock(home / f"worker-{number}.lock")
        if lock.acquire(blocking=False):
            try:
                yield f"{platform.node()}-{number}"
            finally:
                lock.release()
            return


def _stop_with(parent: str | None, stop: threading.Event) -> None:
    """Stop when the supervisor that started us is gone, however it went."""
    while parent and not stop.wait(POLL_SECONDS):
        if os.getppid() != int(parent):
            stop.set()


def serve(home: Path, limit: int, flows: Mapping[str, Flow[..., Any]] = FLOWS) -> None:
    """Serve the office's work pool; returns after SIGTERM or SIGINT, when the runs in progress have ended.

    The event loop has a thread of its own: in the main thread Prefect's engine would put its handler for SIGTERM in
    place of ours, and crash the runs that are to end in peace.

    Args:
        home: the office's folder, where the seats are.
        limit: runs of each queue at once; patrol and delivery have one slot each beside.
        flows: all that may run, by name.
    """
    stop = threading.Event()

    def leave(*_: Any) -> None:
        # Setting an event takes a lock: a second signal inside it would wait for the first for ever.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    parent = os.environ.get("DUBAN_SUPERVISOR")
    threading.Thread(target=_stop_with, args=(parent, stop), daemon=True).start()
    with seat(home) as name, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run_worker(POOL, limit, name, stop, flows)).result()


if __name__ == "__main__":
    serve(settings().home, settings().worker_limit)
