"""Whatever stands in Prefect or in a row, the runs of all others are brought to what the ledger says."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun, State, StateDetails, StateType
from prefect.exceptions import PrefectHTTPStatusError
from sqlalchemy import Engine, text

from db import ledger, matters
from tasks.projection import ReconcileCounts, reconcile
from tests.conftest import ContextAt, reread_settings
from tests.plans import measure, plan_of
from tests.tasks.prefect_stub import PrefectStub

NOW = "2025-02-10T09:00"
CODES = ("01-1", "01-2", "01-3")
OTHERS = {"01-2 每月报送 · 2025年2月", "01-3 每月报送 · 2025年2月"}
PAUSED: dict[str, Any] = {"type": StateType.PAUSED, "name": "Paused"}
MALFORMED: dict[str, State[Any]] = {
    "no key": State(**PAUSED),
    "an empty key": State(**PAUSED, state_details=StateDetails(pause_key="")),
    "a key of nothing": State(**PAUSED, state_details=StateDetails(pause_key="-", pause_reschedule=True)),
    "a key of another": State(**PAUSED, state_details=StateDetails(pause_key="x" * 9000)),
    "a form of another": State(
        **PAUSED, state_details=StateDetails(pause_key="report-1-0", run_input_keyset={"a": "b"}, pause_reschedule=True)
    ),
    "an end of its own": State(
        **PAUSED, state_details=StateDetails(pause_key="report-1-0", pause_timeout="2020-01-01T00:00:00Z")
    ),
}


@pytest.fixture
def server(installed: Path, activated: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> PrefectStub:
    """Three measures with an open period each, and no run yet."""
    monkeypatch.setenv("DUBAN_CLOCK", NOW)
    reread_settings()
    activated("2025-02-03T09:00", plan_of(*(measure(code) for code in CODES)))
    return PrefectStub(*(f"{code} 每月调度工程进度" for code in CODES), "escalate", "extend")


def _reconciled(server: PrefectStub) -> ReconcileCounts:
    return asyncio.run(reconcile(server))  # type: ignore[arg-type]


def _first(server: PrefectStub) -> FlowRun:
    return next(run for run in server.runs.values() if run.name.startswith("01-1"))


def _answerable(server: PrefectStub) -> Iterator[str]:
    """The runs that wait with a form that is theirs."""
    for run in server.runs.values():
        state = run.state
        if state and state.type == StateType.PAUSED and state.name == "待填报":
            keys = state.state_details.run_input_keyset or {}
            if (run.id, keys.get("schema")) in server.inputs and state.state_details.pause_timeout is None:
                yield run.name


@pytest.mark.parametrize("state", MALFORMED.values(), ids=MALFORMED)
def test_a_run_that_somebody_set_to_wait_for_nothing_is_mended_or_replaced(
    server: PrefectStub, state: State[Any]
) -> None:
    _reconciled(server)
    _first(server).state = state
    counts = _reconciled(server)
    assert counts.failed == 0
    assert counts.replaced == 1 or counts.renamed == 1
    assert sorted(_answerable(server)) == [f"{code} 每月报送 · 2025年2月" for code in CODES]
    assert _reconciled(server) == ReconcileCounts()


def test_a_run_that_the_server_itself_chokes_on_is_parked_and_told_once_and_the_others_go_on(
    server: PrefectStub, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = server.request

    async def choke(method: str, path: str, **options: Any) -> Any:
        if options["json"]["name"].startswith("01-1"):
            request = httpx.Request(method, "http://server")
            raise PrefectHTTPStatusError("500 Internal " + "x" * 9000, request=request, response=httpx.Response(500))
        return await create(method, path, **options)

    with monkeypatch.context() as broken:
        broken.setattr(server, "request", choke)
        assert _reconciled(server) == ReconcileCounts(created=2, failed=1)
        assert set(_answerable(server)) == OTHERS
        assert _reconciled(server) == ReconcileCounts(failed=1)
    assert _parked(engine) == 1
    assert _told(engine) == ["1个事项的运行未能更新，已搁置，下次巡检再试：01-1 每月报送 · 2025年2月"]
    assert _reconciled(server) == ReconcileCounts(created=1)
    assert _parked(engine) == 0


def test_a_row_that_cannot_be_told_is_parked_and_the_others_go_on(
    server: PrefectStub, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = matters.MATTERS["report"].name
    monkeypatch.setattr(
        type(matters.MATTERS["report"]), "name", lambda self, row: name(row) if row.id != 1 else row.no_such_column
    )
    assert _reconciled(server) == ReconcileCounts(created=2, failed=1)
    assert set(_answerable(server)) == OTHERS
    assert _parked(engine) == 1


def test_a_server_that_is_away_is_nobody_s_fault(
    server: PrefectStub, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(server, "request", away)
    with pytest.raises(ExceptionGroup):
        _reconciled(server)
    assert _parked(engine) == 0


@pytest.mark.parametrize("strange", [[1], {"a": 1}, 10**30, None, "1", -1])
def test_a_forged_escalation_finds_nothing_and_stops_nobody(
    server: PrefectStub, ledger_at: ContextAt, strange: Any
) -> None:
    server.run("escalate", StateType.SCHEDULED, parameters={"escalation_id": strange})
    assert _reconciled(server).failed == 0
    with ledger_at(NOW) as ctx:
        assert not isinstance(strange, int) or not matters.exists(ctx, "escalation", strange)
        assert ledger.claim_period(ctx, "01-1", "report", 10**30, "forged") is None


def _parked(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM runs WHERE parked_at IS NOT NULL")).scalar_one())


def _told(engine: Engine) -> list[str]:
    """What the operators were told of runs, without the reason."""
    with engine.connect() as connection:
        notes = connection.execute(text("SELECT note FROM alerts WHERE rung LIKE 'runs-%' ORDER BY id")).scalars()
        return [note.partition("；")[0] for note in notes]
