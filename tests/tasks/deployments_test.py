"""Deployments, schedules and automations are made equal to the ledger, and stay so: against a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleUpdate

import tasks.deployments
from db import ledger
from db.embedded import LEDGER
from flows import FLOWS
from tasks.automations import sync_automations
from tasks.deployments import ensure_pool, sync_deployments, sync_prefect
from tasks.first_page import sync_searches
from tasks.projection import our_deployments, reconcile
from tests.conftest import ContextAt, administer, as_account, reread_settings
from tests.plans import duty, measure, of_inspection, plan_of
from tests.tasks.conftest import Installed, ask
from text.refusals import Refusal

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]
NOW = "2025-02-10T09:00"
ONCE = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-05-31", opens_on="2025-02-01")
LAST = duty("yearly", title="年末盘点", cadence="yearly", anchor="2024-12-31")


@pytest.fixture
def two_measures(installed: Installed, activated: Callable[..., Any]) -> None:
    """01-1 reports monthly, finishes once and takes stock on the last day of the year; 02-1 has no date."""
    installed.set_clock(NOW)
    activated(
        "2025-02-03T09:00",
        plan_of(measure("01-1", duties=[duty(), ONCE, LAST]), measure("02-1", title="加强<学习>", duties=[])),
    )


@pytest.fixture(autouse=True)
def pool(two_measures: None) -> None:
    ask(ensure_pool)
    ask(lambda client: sync_deployments(client, FLOWS))


async def _by_name(client: PrefectClient) -> dict[str, Any]:
    return {one.name: one for one in await our_deployments(client)}


def test_every_measure_has_a_deployment_and_the_same_again_changes_nothing() -> None:
    found = ask(_by_name)
    drive = {"patrol", "deliver", "backup", "escalate", "extend", "suspend", "gather", "close", "look-back"}
    drive |= {"release", "compile-province", "compile-dispatch"}
    assert set(found) == {"01-1 每月调度工程进度", "02-1 加强·学习·"} | drive
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.created, done.updated, done.deleted, done.unchanged) == (0, 0, 0, 14)


def test_what_a_new_version_brings_was_not_taken_away_by_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = tasks.deployments._matter_flows()

    async def without(client: PrefectClient) -> Any:
        await client.delete_deployment((await _by_name(client))["suspend"].id)
        return await sync_deployments(client, FLOWS)

    with monkeypatch.context() as earlier:
        earlier.setattr(
            tasks.deployments, "_matter_flows", lambda: {k: v for k, v in brought.items() if k != "suspend"}
        )
        ask(without)
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.created, done.restored) == (1, [])
    done = ask(without)
    assert (done.created, [what for what, _ in done.restored]) == (1, ["部署“suspend”"])


def test_beside_an_empty_ledger_nothing_of_the_server_is_taken_away(
    postgres: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ask(_by_name)
    administer(postgres("postgres"), "CREATE DATABASE elsewhere TEMPLATE template_ledger")
    monkeypatch.setenv("DUBAN_DATABASE_URL", as_account(postgres("elsewhere"), LEDGER))
    reread_settings()
    with pytest.raises(Refusal, match="台账为空"):
        ask(lambda client: sync_prefect(client, FLOWS))
    assert ask(_by_name).keys() == before.keys()
    reread_settings()
    administer(postgres("postgres"), "DROP DATABASE elsewhere WITH (FORCE)")


def test_when_the_time_is_up_the_others_are_left_as_they_are_and_counted() -> None:
    async def describe(client: PrefectClient) -> Any:
        found = (await _by_name(client))["01-1 每月调度工程进度"]
        await client._client.patch(f"/deployments/{found.id}", json={"description": "别的"})
        return await sync_deployments(client, FLOWS, go_on=lambda: False)

    done = ask(describe)
    assert (done.updated, done.unchanged, done.left, done.restored) == (0, 0, 14, [])
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.updated, done.unchanged, done.left) == (1, 13, 0)


def test_every_duty_has_its_schedule_in_the_zone_of_the_office() -> None:
    monthly = ask(_by_name)["01-1 每月调度工程进度"]
    schedules = {one.slug: one for one in monthly.schedules}
    assert set(schedules) == {"01-1-report", "01-1-finish", "01-1-yearly"}
    assert schedules["01-1-report"].schedule.cron.endswith(" 0 1 * *")
    assert schedules["01-1-report"].schedule.timezone == "Asia/Shanghai"
    assert schedules["01-1-report"].parameters == {"measure": "01-1", "duty": "report"}
    assert not schedules["01-1-finish"].active  # it is open already: nothing more is to be opened
    assert "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=28,29,30,31;BYSETPOS=-1" in schedules["01-1-yearly"].schedule.rrule


def test_a_schedule_paused_by_hand_is_put_back() -> None:
    async def pause(client: PrefectClient) -> Any:
        found = (await _by_name(client))["01-1 每月调度工程进度"]
        report = next(one for one in found.schedules if one.slug == "01-1-report")
        update = DeploymentScheduleUpdate(active=False, schedule=report.schedule)
        await client.update_deployment_schedule(found.id, report.id, update.active, update.schedule)
        return await sync_deployments(client, FLOWS)

    done = ask(pause)
    assert (done.created, done.updated, done.unchanged) == (0, 1, 13)


def test_a_measure_that_is_renamed_or_dropped_takes_its_deployment_along(ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        other = plan_of(measure("01-1", title="每周调度", duties=[duty(), ONCE, LAST]))
        ledger.amend(ctx, other, base_digest=None, apply=True)
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.created, done.updated, done.deleted) == (1, 0, 2)
    assert "01-1 每周调度" in ask(_by_name)


def test_automations_are_made_once_and_mended_when_somebody_changed_them() -> None:
    async def story(client: PrefectClient) -> list[Any]:
        first = await sync_automations(client)
        again = await sync_automations(client)
        (silence,) = await client.read_automations_by_name("duban: 引擎静默")
        await client.pause_automation(silence.id)
        return [first.changed, again.changed, (await sync_automations(client)).restored]

    made, again, mended = ask(story)
    assert (made in (0, 3), again, mended) == (True, 0, [("自动化“duban: 引擎静默”", "已停用")])


def test_both_at_once_say_what_changed() -> None:
    done = ask(lambda client: sync_prefect(client, FLOWS))
    assert (done["created"], done["updated"], done["deleted"], done["unchanged"]) == (0, 0, 0, 14)


def test_a_second_inspection_comes_beside_the_first_and_renames_nothing(activated: Callable[..., Any]) -> None:
    before = {name: one.id for name, one in ask(_by_name).items()}
    activated(NOW, of_inspection("second", plan_of(measure("01-1")), title="第二轮督察"))
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.created, done.deleted, done.restored) == (1, 0, [])
    after = ask(_by_name)
    assert before.items() <= {name: one.id for name, one in after.items()}.items()
    (theirs,) = after.keys() - before.keys()
    assert theirs == "second·01-1 每月调度工程进度"
    assert after[theirs].parameters["measure"] == "second/01-1"
    assert [one.slug for one in after[theirs].schedules] == ["second-01-1-report"]
    assert "轮次second" in after[theirs].tags
    assert "轮次test-round" in after["01-1 每月调度工程进度"].tags
    assert "轮次：第二轮督察" in str(after[theirs].description)
    done = ask(lambda client: sync_deployments(client, FLOWS))
    assert (done.created, done.updated, done.deleted) == (0, 0, 0)

    async def shown(client: PrefectClient) -> dict[str, Any]:
        await reconcile(client)
        await sync_searches(client)
        searches = (await client._client.post("/saved_searches/filter", json={})).json()
        runs = {run.name: run for run in await client.read_flow_runs()}
        return {"runs": runs, "searches": {one["name"] for one in searches}}

    found = ask(shown)
    ours, beside = (found["runs"][f"{before}01-1 每月报送 · 2025年2月"] for before in ("", "second/"))
    assert (ours.deployment_id, beside.deployment_id) == (before["01-1 每月调度工程进度"], after[theirs].id)
    assert "轮次second" in beside.tags
    assert {"轮次test-round", "轮次second"} <= found["searches"]
