"""A real Prefect server on an embedded PostgreSQL, and real worker processes for it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.states import Scheduled

from cli.server import PrefectServer, api_secret
from cli.supervisor import Supervisor
from db.embedded import embedded_prefect
from tests.runtime.demo import FLOWS

PATIENCE_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], what: str) -> None:
    """Ask a process of its own until it agrees."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.1)


class Engine:
    """A running server, with workers to start and kill."""

    def __init__(self, server: PrefectServer) -> None:
        self.server = server
        self.environment = {**os.environ, **server.client_environment(), "DUBAN_HOME": str(server.home)}
        self._workers: list[subprocess.Popen[bytes]] = []

    def ask(self, question: Callable[[PrefectClient], Coroutine[Any, Any, Any]]) -> Any:
        """Run one coroutine with a client."""

        async def run() -> Any:
            async with get_client() as client:
                return await question(client)

        ours: dict[Any, Any] = {PREFECT_API_URL: self.server.api_url, PREFECT_API_AUTH_STRING: self.server.secret}
        with temporary_settings(ours):
            return asyncio.run(run())

    def start_worker(self) -> subprocess.Popen[bytes]:
        with (self.server.home / "logs" / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.runtime.demo"], env=self.environment, stdout=log, stderr=log
            )
        self._workers.append(worker)
        return worker

    def kill_workers(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self._workers.clear()

    def stop_workers(self) -> list[int]:
        """Ask all to leave; their exit codes."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        codes = [worker.wait(PATIENCE_SECONDS) for worker in self._workers]
        self._workers.clear()
        return codes

    def create_run(
        self, flow: str = "demo", name: str | None = None, queue: str | None = None, **parameters: Any
    ) -> UUID:
        async def create(client: PrefectClient) -> UUID:
            made = FLOWS.get(flow)
            flow_id = await (client.create_flow(made) if made else client.create_flow_from_name(flow))
            deployment = await client.create_deployment(
                flow_id, f"{flow} {name or 'one'}", work_pool_name="duban", work_queue_name=queue
            )
            due: Any = Scheduled(scheduled_time=datetime.now(UTC))
            return (await client.create_flow_run_from_deployment(deployment, parameters=parameters, state=due)).id

        return UUID(str(self.ask(create)))

    def read(self, run_id: UUID) -> FlowRun:
        run: FlowRun = self.ask(lambda client: client.read_flow_run(run_id))
        return run

    def shown(self, run_id: UUID) -> tuple[str, str]:
        """Type and name of the run's state."""
        state = self.read(run_id).state
        assert state is not None
        return state.type.value, str(state.name)

    def wait_for(self, run_id: UUID, type_: str, name: str) -> FlowRun:
        until(lambda: self.shown(run_id) == (type_, name), f"run is {type_} {name}")
        return self.read(run_id)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    home = tmp_path_factory.mktemp("engine")
    made = PrefectServer(home, embedded_prefect(home), api_secret(home), free_port())
    with Supervisor() as keep:
        child = made.child()
        keep.start(child)
        made.wait_until_healthy(lambda: child.alive)
        yield made


@pytest.fixture(scope="session")
def _engine(server: PrefectServer) -> Engine:
    engine = Engine(server)
    with contextlib.suppress(Exception):
        engine.ask(lambda client: client.create_work_pool(WorkPoolCreate(name="duban", type="duban")))
    return engine


@pytest.fixture
def idle(_engine: Engine) -> Iterator[Engine]:
    """The server without a worker."""
    yield _engine
    _engine.kill_workers()


@pytest.fixture
def engine(idle: Engine) -> Engine:
    """The server with one worker."""
    idle.start_worker()
    return idle
