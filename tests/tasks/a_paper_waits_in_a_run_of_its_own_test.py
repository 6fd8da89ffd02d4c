"""A paper that is due is put before the office by its deployment, and waits there in a run with its form."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.flow_engine import run_flow

from flows import FLOWS
from flows.compile import compile_flow
from papers.evidence_store import EvidenceFolder
from papers.kinds import PAPERS
from papers.releasing import released
from rules.month_span import months
from tasks.deployments import ensure_pool, sync_deployments
from tasks.projection import reconcile
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.tasks.conftest import Installed, ask

pytestmark = pytest.mark.prefect
NOW = "2025-03-03T09:00"


def _run() -> FlowRun:
    (found,) = [run for run in ask(lambda client: client.read_flow_runs()) if run.name == "调度情况 · 2025年2月"]
    return found


def test_from_the_schedule_of_its_deployment_until_it_goes_out(
    prefect: None, installed: Installed, activated: Callable[..., Any], ledger_at: ContextAt, tmp_path: Path
) -> None:
    installed.set_clock(NOW)
    activated("2025-02-05T09:00", plan_of(measure(duties=[])))

    async def deploy(client: PrefectClient) -> Any:
        await ensure_pool(client)
        await sync_deployments(client, FLOWS)
        return await client.read_deployment_by_name("compile/compile-dispatch")

    deployed = ask(deploy)
    assert deployed.parameters == {"paper": "dispatch"}
    assert [one.active for one in deployed.schedules] == [True]
    assert asyncio.run(compile_flow.fn(**deployed.parameters)).name == "编制1份"
    assert asyncio.run(compile_flow.fn(**deployed.parameters)).name == "无事"
    ask(reconcile)
    waiting = _run().state
    assert waiting is not None
    assert (waiting.type, waiting.name) == (StateType.PAUSED, "待发布")
    document = Document()
    document.add_paragraph("调度情况")
    document.save(str(tmp_path / "定稿.docx"))
    with ledger_at(NOW, "office") as ctx:
        store = EvidenceFolder(tmp_path / "kept")
        released(ctx, PAPERS["dispatch"], None, months(2025, 2), tmp_path / "定稿.docx", store)
    ask(reconcile)

    number = _run().id

    async def carry_out(client: PrefectClient) -> None:  # as the worker does with a run that goes on
        run = await client.read_flow_run(number)
        await run_flow(FLOWS["release"], flow_run=run, return_type="state")  # type: ignore[misc]

    ask(carry_out)
    ended = _run().state
    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "已发布")
