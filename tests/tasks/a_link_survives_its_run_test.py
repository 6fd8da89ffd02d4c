"""A letter's link outlives the run that it led to when the letter was written."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun

from db import ledger
from flows import FLOWS
from tasks.deployments import sync_prefect
from tasks.projection import reconcile
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.tasks.conftest import Installed, ask


@pytest.fixture
def asked(prefect: None, installed: Installed, activated: Callable[..., Any], ledger_at: ContextAt) -> None:
    """An extension waits for its decision."""
    installed.set_clock("2025-02-10T09:00")
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    with ledger_at("2025-02-10T09:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 14), "雨季无法施工")


async def _listed(client: PrefectClient) -> list[FlowRun]:
    """The runs of the page to which the letter leads."""
    found = FlowRunFilter(tags=FlowRunFilterTags(all_=["extension-1"]))
    return [run for run in await client.read_flow_runs(flow_run_filter=found) if run.state and not run.state.is_final()]


@pytest.mark.prefect
def test_the_run_that_replaced_a_deleted_one_is_found_by_the_old_link(asked: None) -> None:
    async def story(client: PrefectClient) -> tuple[list[FlowRun], list[FlowRun]]:
        await sync_prefect(client, FLOWS)
        await reconcile(client)
        before = await _listed(client)
        for run in before:
            await client.delete_flow_run(run.id)
        await reconcile(client)
        return before, await _listed(client)

    (first,), (second,) = ask(story)
    assert first.id != second.id
    assert second.name == first.name
