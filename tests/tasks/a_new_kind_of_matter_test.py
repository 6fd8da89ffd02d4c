"""A kind of matter costs one file: it is listed, waits in a run with its form, is answered, and ends."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact, FlowRun, StateType
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.input.run_input import keyset_from_base_key
from sqlalchemy import Engine, text

from db.matters import MATTERS
from flows import FLOWS
from flows.waiting import flow_of
from tasks.deployments import ensure_pool, sync_deployments
from tasks.projection import ReconcileCounts, reconcile
from tests.plans import measure, plan_of
from tests.tasks.conftest import Installed, ask
from tests.tasks.sign_off import SignOff

pytestmark = pytest.mark.prefect
NOW = "2025-02-10T09:00"


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> SignOff:
    """The new kind, registered."""
    made = SignOff()
    monkeypatch.setitem(MATTERS, made.key, made)
    return made


@pytest.fixture
def accepted(installed: Installed, activated: Callable[..., Any], engine: Engine) -> Engine:
    """A ledger with one measure that was accepted and owes nothing in time."""
    installed.set_clock(NOW)
    activated("2025-02-03T09:00", plan_of(measure("01-1", duties=[])))
    with engine.begin() as connection:
        connection.execute(text("UPDATE measures SET work_state = 'accepted'"))
    return engine


def _carry_out(kind: SignOff, run: FlowRun) -> FlowRun:
    """What the worker does with a run: until it ends or waits."""

    async def drive(client: PrefectClient) -> FlowRun:
        with suppress(Pause):
            await run_flow(flow_of(kind), flow_run=await client.read_flow_run(run.id), return_type="state")  # type: ignore[misc]
        return await client.read_flow_run(run.id)

    driven: FlowRun = ask(drive)
    return driven


def test_it_waits_in_a_run_with_its_form_is_answered_and_ends(prefect: None, kind: SignOff, accepted: Engine) -> None:
    async def deploy(client: PrefectClient) -> None:
        await ensure_pool(client)
        await sync_deployments(client, {**FLOWS, kind.flow: flow_of(kind)})

    ask(deploy)
    assert ask(reconcile) == ReconcileCounts(created=1)
    (run,) = [run for run in ask(lambda client: client.read_flow_runs()) if run.name == "01-1 签字背书"]

    assert run.state is not None  # no worker has touched it
    assert (run.state.type, run.state.name) == (StateType.PAUSED, "待签字")
    assert run.state.state_details.pause_key == "signature-0"
    assert _titles(run.id, "signature-0") == ["签字意见", "签字人"]

    _resume(run.id, statement="不同意", by="周局")
    refused = _carry_out(kind, run)
    assert refused.state is not None
    assert refused.state.state_details.pause_key == "signature-1"  # asked again, and told why, also without the form
    assert refused.state.name == "未登记·待签字"
    assert refused.state.message == "未能登记：必须写明理由（见“签字意见”一栏）"
    assert _kept(run.id, "signature-1") == ["不同意", "周局"]
    assert ask(reconcile) == ReconcileCounts(renamed=1)
    named = ask(lambda client: client.read_flow_run(run.id)).state
    assert (named.name, named.message) == ("待签字", refused.state.message)

    _resume(run.id, statement="同意销号", by="周局")
    ended = _carry_out(kind, run)
    assert ended.state is not None
    assert (ended.state.type, ended.state.name) == (StateType.COMPLETED, "已销号")
    (told,) = _artifacts(run.id)
    assert (told.key, told.data) == ("measure-1", "请为 01-1 签字")
    with accepted.connect() as connection:
        assert connection.execute(text("SELECT work_state FROM measures")).scalar_one() == "closed"
    assert ask(reconcile) == ReconcileCounts()
    with accepted.connect() as connection:
        assert connection.execute(text("SELECT subject, ended FROM runs")).one() == ("measure", True)


def _resume(run_id: UUID, **form: Any) -> None:
    ask(lambda client: client.resume_flow_run(run_id, run_input=form))


def _kept(run_id: UUID, key: str) -> list[str]:
    async def read(client: PrefectClient) -> Any:
        return await client.read_flow_run_input(run_id, keyset_from_base_key(key)["schema"])

    return [field.get("default") for field in json.loads(ask(read))["properties"].values()]


def _artifacts(run_id: UUID) -> list[Artifact]:
    """The pages of a run; what Prefect keeps of its result is none and has no key."""
    ours = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    found: list[Artifact] = ask(lambda client: client.read_artifacts(artifact_filter=ours))
    return [one for one in found if one.key]


def _titles(run_id: UUID, key: str) -> list[str]:
    async def read(client: PrefectClient) -> Any:
        return await client.read_flow_run_input(run_id, keyset_from_base_key(key)["schema"])

    return [field["title"] for field in json.loads(ask(read))["properties"].values()]
