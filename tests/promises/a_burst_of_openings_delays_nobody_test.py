"""A thousand openings at once: the slots of patrol, letters and answers stay theirs, and are never lost."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.workers.base import BaseWorker

from flows import FLOWS
from flows.worker import DubanWorker
from tasks.deployments import engine_specs
from tasks.queues import ANSWERS, DELIVER, OPENINGS, PATROL, QUEUES, queue_of, slots_of


class Held(DubanWorker):
    """A worker without a server: what it submits holds its slot until it is let go."""

    type = "held"

    def __init__(self, limit: int) -> None:
        super().__init__("duban", limit=limit, name="held")
        self._limiter = anyio.CapacityLimiter(sum(slots_of(limit).values()))
        self.asked: list[set[str]] = []

    async def offer(self, *queues: str) -> list[str]:
        """The queues of those runs that were taken of what is due in ``queues``."""
        due: list[Any] = [SimpleNamespace(flow_run=FlowRun(flow_id=uuid4(), work_queue_name=name)) for name in queues]
        async with anyio.create_task_group() as self._runs_task_group:
            await self._submit_scheduled_flow_runs(due)
        return [self._taken[one.flow_run.id] for one in due if one.flow_run.id in self._taken]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Held:
    async def begin(worker: Any, flow_run: FlowRun) -> None:
        worker._running[flow_run.id] = None
        worker._submitting_flow_run_ids.remove(flow_run.id)

    async def due(worker: Any) -> list[Any]:
        worker.asked.append(set(worker._work_queues))
        return []

    monkeypatch.setattr(BaseWorker, "_submit_run", begin)
    monkeypatch.setattr(BaseWorker, "_get_scheduled_flow_runs", due)
    monkeypatch.setattr(BaseWorker, "get_flow_run_logger", lambda *_: logging.getLogger("tests"))  # else to a server
    return Held(4)


def test_openings_take_their_own_slots_and_no_other(worker: Held) -> None:
    async def story() -> None:
        assert await worker.offer(*[OPENINGS] * 1000) == [OPENINGS] * 4
        assert await worker.offer(*[OPENINGS] * 1000, PATROL, DELIVER, ANSWERS) == [PATROL, DELIVER, ANSWERS]

    asyncio.run(story())


def test_openings_without_a_free_slot_are_not_read_again_and_the_others_are(worker: Held) -> None:
    async def story() -> None:
        await worker._get_scheduled_flow_runs()
        await worker.offer(*[OPENINGS] * 1000)
        await worker._get_scheduled_flow_runs()
        assert worker.asked == [set(), {PATROL, DELIVER, ANSWERS}]

    asyncio.run(story())


def test_a_run_that_ends_gives_its_slot_to_the_next(worker: Held) -> None:
    async def story() -> None:
        assert await worker.offer(PATROL) == [PATROL]
        assert await worker.offer(PATROL) == []
        (patrol,) = worker._of(PATROL)
        _end(worker, patrol)
        assert await worker.offer(PATROL) == [PATROL]

    asyncio.run(story())


def test_a_run_whose_deployment_was_deleted_keeps_no_slot(worker: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(worker: Any, flow_run: FlowRun) -> None:
        worker._submitting_flow_run_ids.remove(flow_run.id)

    async def story() -> None:
        with monkeypatch.context() as deleted:
            deleted.setattr(BaseWorker, "_submit_run", gone)
            assert await worker.offer(PATROL) == []
        assert await worker.offer(PATROL) == [PATROL]

    asyncio.run(story())


def test_what_lies_in_a_queue_of_another_version_goes_with_the_openings(worker: Held) -> None:
    assert asyncio.run(worker.offer("default")) == [OPENINGS]


def test_every_flow_has_its_queue_and_every_queue_slots(installed: Any) -> None:
    assert {spec.queue for spec in engine_specs()} == {PATROL, DELIVER, ANSWERS}
    assert {queue_of(flow) for flow in FLOWS} == QUEUES.keys()
    assert slots_of(4).keys() == QUEUES.keys()
    assert list(QUEUES)[-1] == OPENINGS  # the least urgent


def _end(worker: Held, run_id: UUID) -> None:
    del worker._running[run_id]
    worker._release_limit_slot(run_id)
