"""The bureau's plan many times over: what a patrol costs that opens everything, one with nothing to do, and a burst.

``python -m bench.large [--times 19] [--minutes 12]``. The burst: every measure is opened at once while patrol and
delivery come every five minutes as always; told is how long these waited for a slot, and how many letters left.
"""

import asyncio
import atexit
import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

OPENED, BURST = "2025-03-17T09:00", "2025-04-01T08:40"
PORT = 4429


def plan_times(times: int) -> Any:
    """The shipped plan with its findings ``times`` over, each copy under codes of its own."""
    from cli.up import EZHOU
    from plan.loader import load_plan

    plan = load_plan(EZHOU)
    copies = [
        finding.model_copy(
            update={
                "code": f"{copy:02d}{finding.code}",
                "measures": list(one.model_copy(update={"code": f"{copy:02d}{one.code}"}) for one in finding.measures),
            }
        )
        for copy in range(times)
        for finding in plan.findings
    ]
    return plan.model_copy(update={"findings": copies})


async def patrolled(patrolling: bool = False) -> tuple[float, dict[str, Any]]:
    """One patrol of ledger and Prefect: the seconds it took, and its totals."""
    from config import clock
    from db.ledger.context import SYSTEM_ACTOR
    from flows import FLOWS
    from tasks.context import patrol_at, time_left
    from tasks.patrol_steps import show_patrol

    started, go_on = time.monotonic(), time_left()
    totals = await asyncio.to_thread(patrol_at, SYSTEM_ACTOR, clock.now(), go_on)
    counts, _ = await show_patrol(totals, FLOWS, patrolling=patrolling, go_on=go_on)
    return time.monotonic() - started, totals | counts


async def without_burst(plan: Any) -> None:
    """Deploy, patrol until nothing is left, then patrol with nothing to do."""
    from prefect import get_client

    from db import ledger
    from flows import FLOWS
    from tasks.context import ledger_context
    from tasks.deployments import sync_prefect

    with ledger_context("bench") as ctx:
        done = ledger.activate(ctx, plan)
    print(f"{done.measures} measures, {done.opened} periods open", flush=True)
    started = time.monotonic()
    async with get_client() as client:
        await sync_prefect(client, FLOWS)
    print(f"| deploy | {time.monotonic() - started:.1f} s |", flush=True)
    left = True
    while left:
        seconds, totals = await patrolled()
        left = totals["left"] > 0
        made = totals["created"]
        print(f"| a patrol that makes {made} runs, {totals['left']} left | {seconds:.1f} s |", flush=True)
    for _ in range(4):
        spent = cpu_seconds()
        seconds, totals = await patrolled(patrolling=True)
        spent = cpu_seconds() - spent
        print(f"| a patrol that looks at {totals['looked_at']} | {seconds:.1f} s | {spent:.1f} CPU-s |", flush=True)


async def burst(minutes: int) -> None:
    """Open every measure at once and watch what patrol and delivery do meanwhile."""
    from prefect import get_client
    from prefect.client.schemas.filters import (
        FlowFilter,
        FlowFilterName,
        FlowRunFilter,
        FlowRunFilterExpectedStartTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
        FlowRunFilterTags,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.exceptions import PrefectHTTPStatusError

    from tasks.projection import each, our_deployments

    async with get_client() as client:
        measures = [one for one in await our_deployments(client) if one.schedules and "duty" in one.parameters]
        started, began = time.monotonic(), datetime.now(UTC)

        async def open_one(deployment: Any) -> None:
            with suppress(PrefectHTTPStatusError):  # a server that is at its limit takes one less
                await client.create_flow_run_from_deployment(deployment.id, tags=["burst"])

        await each(measures, open_one)
        print(f"| {len(measures)} openings queued | {time.monotonic() - started:.1f} s |", flush=True)
        ours = FlowRunFilterTags(all_=["burst"])
        ahead = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED, StateType.PENDING]))
        while time.monotonic() - started < minutes * 60:
            await asyncio.sleep(30)
            waiting = await client.count_flow_runs(flow_run_filter=FlowRunFilter(tags=ours, state=ahead))
            print(f"{time.monotonic() - started:.0f} s: {waiting} wait to be opened, {letters()} letters", flush=True)
        expected = FlowRunFilterExpectedStartTime(after_=began, before_=datetime.now(UTC))
        for flow in ("patrol", "deliver"):
            of_flow = FlowFilter(name=FlowFilterName(any_=[flow]))
            found = await client.read_flow_runs(
                flow_filter=of_flow, flow_run_filter=FlowRunFilter(expected_start_time=expected)
            )
            for run in sorted(found, key=lambda one: one.expected_start_time or began):
                late = (run.start_time - run.expected_start_time).total_seconds() if run.start_time else None
                took = run.total_run_time.total_seconds()
                name = run.state.name if run.state else ""
                print(f"| {flow} | waited {late} s | took {took:.1f} s | {name} |", flush=True)


def cpu_seconds() -> float:
    """What this process and the server have spent: on a busy machine the clock says little."""
    own = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (own, *own.children(recursive=True)))


def letters() -> int:
    """How many letters have left."""
    return sum(1 for _ in (Path(os.environ["DUBAN_HOME"]) / "outbox").rglob("*.eml"))


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=19)
    parser.add_argument("--minutes", type=int, default=12, help="of the burst; 0: no burst")
    asked = parser.parse_args()
    from cli.server import PrefectServer, api_secret
    from cli.supervisor import Child, Supervisor
    from db.embedded import embedded_prefect

    home = Path(tempfile.mkdtemp(prefix="large-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {"DUBAN_HOME": str(home), "DUBAN_CLOCK": OPENED}
    server = PrefectServer(home, embedded_prefect(home), api_secret(home), PORT)
    with Supervisor() as keep:
        child = server.child()
        keep.start(child)
        server.wait_until_healthy(lambda: child.alive)
        os.environ.update(server.client_environment())
        asyncio.run(without_burst(plan_times(asked.times)))
        if not asked.minutes:
            return
        os.environ["DUBAN_CLOCK"] = BURST
        command = [sys.executable, "-m", "flows.worker"]
        keep.start(Child("worker", command, dict(os.environ), home / "logs" / "worker.log"))
        asyncio.run(burst(asked.minutes))


if __name__ == "__main__":
    main()
