"""66 measures fall due in the same minute: how long until every run waits with its form?

Twice on each server: run to its form by the worker, as a schedule opens periods; then 66 others made waiting, as the
patrol opens and restores them.

``python -m bench.burst [--limits 2,4,6,8] [--engines postgresql,sqlite]`` prints a table for docs/performance.md.
"""

import asyncio
import atexit
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RUNS = 66
GIVE_UP_SECONDS = 240
AHEAD_SECONDS = 40
PORT = 4417


@dataclass(frozen=True, slots=True)
class Figures:
    """What one burst cost."""

    engine: str
    limit: int
    healthy_seconds: float
    waiting: int
    seconds: float
    made_seconds: float
    locked: int
    errors: int
    megabytes: float

    def row(self) -> str:
        """A row of the table."""
        return (
            f"| {self.engine} | {self.limit} | {self.healthy_seconds:.1f} | {self.waiting} | {self.seconds:.1f} "
            f"| {self.made_seconds:.1f} | {self.locked} | {self.errors} | {self.megabytes:.0f} |"
        )


def burst(engine: str, limit: int) -> Figures:
    """One burst on a fresh server."""
    from cli.server import PrefectServer, api_secret
    from cli.supervisor import Child, Supervisor

    home = Path(tempfile.mkdtemp(prefix="burst-"))
    # Before the database's own, so that it runs after the database has stopped.
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    server = PrefectServer(home, _database(engine, home), api_secret(home), PORT)
    with Supervisor() as keep:
        started = time.monotonic()
        child = server.child()
        keep.start(child)
        server.wait_until_healthy(lambda: child.alive)
        healthy = time.monotonic() - started
        os.environ.update(server.client_environment())
        command = [sys.executable, "-m", "bench.burst", "--worker", str(limit)]
        keep.start(Child("worker", command, dict(os.environ), home / "logs" / "worker.log"))
        waiting, seconds, made_seconds = asyncio.run(_run())
    logs = "".join(path.read_text() for path in (home / "logs").glob("*.log"))
    size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6
    errors = len(re.findall(r"\bERROR\b|Traceback", logs))
    return Figures(
        engine, limit, healthy, waiting, seconds, made_seconds, logs.count("database is locked"), errors, size
    )


def _database(engine: str, home: Path) -> str:
    if engine == "sqlite":
        return f"sqlite+aiosqlite:///{home}/prefect.db"
    from db.embedded import embedded_prefect

    return embedded_prefect(home)


async def _run() -> tuple[int, float, float]:
    """Create the runs, all due at one instant.

    Returns:
        How many came to wait with a form, and after how long; and how long as many took to be made waiting.
    """
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.states import Scheduled

    async with get_client() as client:
        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name="duban", type="duban"))
        flow_id = await client.create_flow(_flow())
        deployments = [
            await client.create_deployment(flow_id, f"burst {number}", work_pool_name="duban") for number in range(RUNS)
        ]
        due = datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS)
        scheduled: Any = Scheduled(scheduled_time=due)
        for deployment in deployments:
            await client.create_flow_run_from_deployment(deployment, state=scheduled)
        ahead = (due - datetime.now(UTC)).total_seconds()
        if ahead < 0:
            raise RuntimeError("the runs fell due before all of them were there: measure on a quieter machine")
        await asyncio.sleep(ahead)
        waiting, seconds = await _wait(client, time.monotonic())
        return waiting, seconds, await _make(client, deployments)


async def _make(client: Any, deployments: list[Any]) -> float:
    """Make a run of each deployment that waits with the form of a report; returns the seconds it took."""
    from db.matters import FormContext, Matter
    from tasks.projection import each
    from tasks.queues import ANSWERS, ensure_queues
    from tasks.waiting_runs import create_waiting_run

    async def make(number: int) -> None:
        name = f"made {number}"
        asked = Matter("period", number, "report", name, "待填报", "report-1", name, {}, None, True, None)
        await create_waiting_run(client, deployments[number], FormContext(asked, name * 40, {}), ANSWERS, ["duban"])

    await ensure_queues(client, "duban")
    started = time.monotonic()
    await each(range(RUNS), make)
    return time.monotonic() - started


async def _wait(client: Any, started: float) -> tuple[int, float]:
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType

    paused = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    while time.monotonic() - started < GIVE_UP_SECONDS:
        if await client.count_flow_runs(flow_run_filter=paused) == RUNS:
            break
        await asyncio.sleep(0.5)
    seconds = time.monotonic() - started
    found = await client.read_flow_runs(flow_run_filter=paused)
    forms = 0
    for run in found:
        keys = run.state.state_details.run_input_keyset
        forms += bool(keys and await client.read_flow_run_input(run.id, keys["schema"]))
    return forms, seconds


def _flow() -> Any:
    from tests.runtime.demo import demo

    return demo


def _work(limit: int) -> None:
    from flows.worker import run_worker

    asyncio.run(run_worker("duban", limit, "bench", threading.Event(), {"demo": _flow()}))


def main() -> None:
    """Measure and print, or be the worker of a measurement."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--limits", default="2,4,6,8")
    parser.add_argument("--engines", default="postgresql,sqlite")
    parser.add_argument("--worker", type=int)
    options = parser.parse_args()
    if options.worker:
        _work(options.worker)
        return
    heads = ("database", "at once", "server healthy (s)", "waiting", "run there (s)", "made waiting (s)")
    print("|", " | ".join((*heads, "database is locked", "errors", "MB")), "|")
    print("|---|---|---|---|---|---|---|---|---|")
    for engine in options.engines.split(","):
        for limit in options.limits.split(","):
            print(burst(engine, int(limit)).row(), flush=True)


if __name__ == "__main__":
    main()
