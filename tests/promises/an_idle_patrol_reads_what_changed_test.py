"""A patrol reads what changed since the last one and all that is open once a day; what it has no time for it says."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType

from db import ledger
from db.ledger import Report
from tasks import deployments
from tasks.deployments import deployment_specs, engine_specs, turn_of
from tasks.projection import ReconcileCounts, reconcile
from tests.conftest import ContextAt, reread_settings
from tests.plans import measure, plan_of
from tests.tasks.prefect_stub import PrefectStub

NOW, LATER, NEXT_DAY = "2025-02-10T09:00", "2025-02-10T09:05", "2025-02-11T00:05"
CODES = ("01-1", "01-2", "01-3")
FIRST, SECOND, THIRD = (f"{code} 每月报送 · 2025年2月" for code in CODES)
Patrolled = Callable[..., ReconcileCounts]


@pytest.fixture
def server(installed: Path, activated: Callable[..., Any]) -> PrefectStub:
    """Three measures with an open period each, and no run yet."""
    activated("2025-02-03T09:00", plan_of(*(measure(code) for code in CODES)))
    return PrefectStub(*(f"{code} 每月调度工程进度" for code in CODES), "escalate", "extend")


@pytest.fixture
def patrolled(server: PrefectStub, monkeypatch: pytest.MonkeyPatch) -> Patrolled:
    """Reconciles as a patrol does at an instant; afterwards ``server`` knows what was read and called."""

    def patrol(at: str, go_on: Callable[[], bool] = lambda: True, **options: Any) -> ReconcileCounts:
        monkeypatch.setenv("DUBAN_CLOCK", at)
        reread_settings()
        server.read, server.calls = [], []
        client: Any = server
        return asyncio.run(reconcile(client, whole=False, go_on=go_on, **options))

    return patrol


def test_a_patrol_after_which_nothing_happened_reads_no_run(server: PrefectStub, patrolled: Patrolled) -> None:
    assert patrolled(NOW) == ReconcileCounts(created=3)
    assert patrolled(LATER).looked_at == 0
    assert (server.read, server.calls) == ([], [])


def test_what_a_command_changed_is_looked_at_and_nothing_else(
    server: PrefectStub, patrolled: Patrolled, ledger_at: ContextAt
) -> None:
    patrolled(NOW)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已调度", percent=50))
    assert patrolled(LATER) == ReconcileCounts(woken=1)
    assert server.read == [SECOND]


def test_the_runs_of_periods_whose_rungs_were_fired_are_looked_at(
    server: PrefectStub, patrolled: Patrolled, patrol_at: Callable[..., Any]
) -> None:
    patrolled("2025-03-03T09:00")
    patrol_at("2025-03-03T09:01")
    patrolled("2025-03-03T09:01")
    assert sorted(server.read) == [FIRST, SECOND, THIRD]


def test_the_first_patrol_of_a_day_looks_at_all_that_is_open(server: PrefectStub, patrolled: Patrolled) -> None:
    patrolled(NOW)
    assert patrolled(NEXT_DAY).looked_at == 3
    assert patrolled("2025-02-11T00:10").looked_at == 0


def test_one_who_asks_for_it_gets_all_that_is_open_looked_at(
    server: PrefectStub, patrolled: Patrolled, ledger_at: ContextAt
) -> None:
    patrolled(NOW)
    with ledger_at(NOW) as ctx:
        ledger.look_at_all(ctx)
    assert patrolled(LATER).looked_at == 3


def test_a_run_that_somebody_deleted_is_missed_at_once(server: PrefectStub, patrolled: Patrolled) -> None:
    patrolled(NOW)
    del server.runs[_named(server, SECOND).id]
    assert patrolled(LATER) == ReconcileCounts(replaced=1)


def test_a_run_that_somebody_cancelled_is_missed_at_once_and_alone(server: PrefectStub, patrolled: Patrolled) -> None:
    patrolled(NOW)
    run = _named(server, SECOND)
    run.state, run.end_time = State(type=StateType.CANCELLED), datetime.now(UTC)
    assert patrolled(LATER) == ReconcileCounts(replaced=1)
    assert server.read == [SECOND]


def test_a_deployment_that_somebody_deleted_comes_back_and_its_run_is_made_again(
    server: PrefectStub, patrolled: Patrolled
) -> None:
    patrolled(NOW)
    deleted = next(one for one in server.deployments if one.name.startswith("01-2"))
    server.deployments.remove(deleted)
    _named(server, SECOND).deployment_id = None

    async def put_back() -> None:
        server.deployments += PrefectStub(deleted.name).deployments

    assert patrolled(LATER, put_back=put_back) == ReconcileCounts(replaced=1)
    assert server.calls == [("create", SECOND), ("state", SECOND, StateType.CANCELLED, "已另建运行")]


def test_an_amended_plan_may_have_changed_anything(
    server: PrefectStub, patrolled: Patrolled, ledger_at: ContextAt
) -> None:
    patrolled(NOW)
    with ledger_at(NOW) as ctx:
        ledger.amend(ctx, plan_of(*(measure(code, title="每周调度") for code in CODES)), base_digest=None, apply=True)
    assert patrolled(LATER).looked_at == 3  # and their runs, whose deployments are others now, wait where they are
    assert server.calls == []


def test_what_there_is_no_time_for_is_said_and_done_by_the_next_patrol(
    server: PrefectStub, patrolled: Patrolled
) -> None:
    times: Iterator[bool] = iter([True, False, False])
    assert patrolled(NOW, lambda: next(times)) == ReconcileCounts(created=1, left=2)
    assert patrolled(LATER) == ReconcileCounts(created=2)
    assert patrolled(LATER).looked_at == 0


def test_a_large_office_has_its_deployments_looked_at_in_turn_until_all_were(
    server: PrefectStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def names(turn: int | None) -> set[str]:
        return {spec.name for spec in await deployment_specs(turn)} - {spec.name for spec in engine_specs()}

    now = datetime(2025, 2, 10, 9, tzinfo=UTC)
    assert asyncio.run(turn_of(now)) is None  # three measures: all of them each time
    monkeypatch.setattr(deployments, "PAGE", 2)
    monkeypatch.setattr(deployments, "TURN", 2)
    first, second = (asyncio.run(turn_of(now + timedelta(minutes=5 * patrol))) for patrol in range(2))
    assert {len(asyncio.run(names(first))), len(asyncio.run(names(second)))} == {1, 2}
    assert asyncio.run(names(first)) | asyncio.run(names(second)) == asyncio.run(names(None))


def _named(server: PrefectStub, name: str) -> FlowRun:
    return next(run for run in server.runs.values() if run.name == name)
