"""A unit that owes a part finds it among the waiting runs; what it fills in there comes into the lead unit's form."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.input.run_input import keyset_from_base_key

from db import ledger
from db.ledger import Report
from flows import FLOWS
from tasks.deployments import ensure_pool, sync_deployments
from tasks.projection import ReconcileCounts, reconcile
from tests.conftest import ContextAt
from tests.plans import gathering
from tests.tasks.conftest import Installed, ask

pytestmark = pytest.mark.prefect
NOW = "2025-02-10T09:00"
REPORT, EAST, LAW = (
    "01-1 每月报送 · 2025年2月",
    "东站分报 · 01-1 每月报送 · 2025年2月",
    "法规科分报 · 01-1 每月报送 · 2025年2月",
)


@pytest.fixture(autouse=True)
def asked(prefect: None, installed: Installed, activated: Callable[..., Any]) -> None:
    """February's report and its two parts wait, each in a run."""
    installed.set_clock(NOW)
    activated("2025-02-05T09:00", gathering())

    async def deploy(client: PrefectClient) -> None:
        await ensure_pool(client)
        await sync_deployments(client, FLOWS)

    ask(deploy)
    ask(reconcile)


def _run(name: str) -> FlowRun:
    (found,) = [run for run in ask(lambda client: client.read_flow_runs()) if run.name == name]
    return found


def _form(run: FlowRun) -> dict[str, Any]:
    assert run.state is not None
    key = keyset_from_base_key(str(run.state.state_details.pause_key))["schema"]
    return dict(json.loads(ask(lambda client: client.read_flow_run_input(run.id, key)))["properties"])


def _carry_out(run: FlowRun) -> FlowRun:
    """What the worker does with a run that goes on: until it ends or waits."""

    async def drive(client: PrefectClient) -> FlowRun:
        with suppress(Pause):
            await run_flow(FLOWS["gather"], flow_run=await client.read_flow_run(run.id), return_type="state")  # type: ignore[misc]
        return await client.read_flow_run(run.id)

    driven: FlowRun = ask(drive)
    return driven


def test_its_form_is_filled_and_the_lead_units_form_starts_from_it() -> None:
    part = _run(EAST)
    assert part.state is not None
    assert (part.state.type, part.state.name) == (StateType.PAUSED, "待分报")
    assert {"part-1", "待分报", "水科"} <= set(part.tags)
    assert [field["title"] for field in _form(part).values()] == ["分报内容", "进度（%）", "分报人"]
    assert _form(_run(REPORT))["body"].get("default") in (None, "")
    ask(lambda client: client.resume_flow_run(part.id, run_input={"body": "已清理", "percent": "60", "by": "east"}))
    ended = _carry_out(part).state
    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "已分报")
    ask(reconcile)
    assert _form(_run(REPORT))["body"]["default"] == "东站：已清理"
    assert ask(reconcile) == ReconcileCounts()


def test_the_runs_of_parts_end_when_the_report_goes_without_them(ledger_at: ContextAt) -> None:
    with ledger_at(NOW, "handler") as ctx:
        ledger.submit(ctx, 1, Report(body="汇总", percent=40))
    ask(reconcile)
    ended = _carry_out(_run(LAW)).state
    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "未分报")
