"""Nothing that stopped is called healthy, and what somebody changed in Prefect is put back, kept and told."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine, text

from flows import FLOWS
from tasks.alarm import OPERATORS_BLOCK
from tasks.context import Examined
from tasks.deployments import POOL, sync_prefect
from tasks.follow import examined_engine
from tasks.projection import ReconcileCounts, our_deployments, reconcile
from tasks.queues import ANSWERS, OPENINGS
from tasks.watch import examine_engine, examine_scheduler
from tests.conftest import reread_settings
from tests.plans import ROLES, measure, plan_of
from tests.tasks.conftest import Installed, ask

MEASURE = "01-1 每月调度工程进度"
Break = Callable[[PrefectClient], Coroutine[Any, Any, Any]]


@pytest.fixture
def office(installed: Installed, activated: Callable[..., Any]) -> None:
    """A ledger with one measure whose office reads mail."""
    installed.set_clock("2025-02-03T09:00")
    roles = {name: {"name": name} for name in ROLES} | {
        "office": {"name": "整改办", "channels": {"mail": "office@example.org"}}
    }
    activated("2025-02-03T09:00", plan_of(measure("01-1"), roles=roles))


@pytest.fixture
def running(prefect: None, office: None) -> None:
    """The office's engine: deployed, its patrol and delivery just finished, a worker polling."""
    ask(_start)


async def _start(client: PrefectClient) -> None:
    await sync_prefect(client, FLOWS)
    await _forget_runs(client)
    for name in ("patrol", "deliver"):
        await _finish(client, name)
    await client.send_worker_heartbeat(POOL, "a worker", heartbeat_interval_seconds=3600)
    await client.get_scheduled_flow_runs_for_work_pool(POOL)
    deployment = await client.read_deployment_by_name("escalate/escalate")
    state: State[Any] = State(type=StateType.SCHEDULED)
    await client.create_flow_run_from_deployment(
        deployment.id, parameters={"escalation_id": 1}, tags=["auto-scheduled"], state=state
    )


async def _forget_runs(client: PrefectClient) -> None:
    ours = FlowFilter(name=FlowFilterName(any_=list(FLOWS)))
    for run in await client.read_flow_runs(flow_filter=ours, limit=200):
        await client.delete_flow_run(run.id)


async def _waiting(client: PrefectClient) -> list[FlowRun]:
    paused = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    return await client.read_flow_runs(flow_run_filter=paused)


async def _finish(client: PrefectClient, flow: str) -> None:
    deployment = await client.read_deployment_by_name(f"{flow}/{flow}")
    run = await client.create_flow_run_from_deployment(deployment.id)
    done: State[Any] = State(type=StateType.COMPLETED)
    await client.set_flow_run_state(run.id, done, force=True)


def _restored(engine: Engine) -> list[tuple[str, dict[str, Any]]]:
    """What the trail says that was put back; not what a test before this one left in the server."""
    with engine.connect() as connection:
        entries = connection.execute(text("SELECT subject, facts FROM audit WHERE command = 'restore' ORDER BY id"))
        return [(entry.subject, entry.facts) for entry in entries]


def _unwell(found: list[Examined]) -> list[str]:
    return [one.check for one in found if not one.ok]


async def _deployment(client: PrefectClient, name: str) -> Any:
    return next(one for one in await our_deployments(client) if one.name == name)


async def _delete_deployment(client: PrefectClient) -> None:
    await client.delete_deployment((await _deployment(client, MEASURE)).id)


async def _delete_delivery(client: PrefectClient) -> None:
    await client.delete_deployment((await _deployment(client, "deliver")).id)


async def _pause_patrol(client: PrefectClient) -> None:
    await client.pause_deployment((await _deployment(client, "patrol")).id)


async def _pause_schedule(client: PrefectClient) -> None:
    patrol = await _deployment(client, "patrol")
    await client.update_deployment_schedule(patrol.id, patrol.schedules[0].id, active=False)


async def _change(client: PrefectClient, **fields: Any) -> None:
    path = f"/deployments/{(await _deployment(client, MEASURE)).id}"
    (await client._client.patch(path, json=fields)).raise_for_status()


async def _pause_pool(client: PrefectClient) -> None:
    await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=True))


async def _pause_queue(client: PrefectClient) -> None:
    for queue in await client.read_work_queues(work_pool_name=POOL):
        if queue.name == "default":
            await client.update_work_queue(queue.id, is_paused=True)


async def _queue(client: PrefectClient, name: str) -> UUID:
    return next(one.id for one in await client.read_work_queues(work_pool_name=POOL) if one.name == name)


async def _delete_queue(client: PrefectClient) -> None:
    await client.delete_work_queue_by_id(await _queue(client, ANSWERS))


async def _openings_first(client: PrefectClient) -> None:
    await client.update_work_queue(await _queue(client, OPENINGS), priority=1)


async def _silence(client: PrefectClient) -> Automation:
    return (await client.read_automations_by_name("duban: 引擎静默"))[0]


async def _delete_automation(client: PrefectClient) -> None:
    await client.delete_automation((await _silence(client)).id)


async def _disable_automation(client: PrefectClient) -> None:
    await client.pause_automation((await _silence(client)).id)


async def _change_automation(client: PrefectClient) -> None:
    silence = await _silence(client)
    kept = silence.model_dump(exclude={"id", "owner_resource"})
    changed = AutomationCore(**kept | {"description": "everything is fine"})
    await client.update_automation(silence.id, changed)


CRON = [{"schedule": {"cron": "0 0 1 1 *", "timezone": "UTC"}, "active": True, "slug": "01-1-report"}]
BY_HAND = [
    pytest.param(_delete_deployment, "部署与日程", f"部署“{MEASURE}”", "缺失", id="a deployment is deleted"),
    pytest.param(_delete_delivery, "部署与日程", "部署“deliver”", "缺失", id="the delivery is deleted"),
    pytest.param(_pause_patrol, "部署与日程", "部署“patrol”", "已暂停", id="the patrol is paused"),
    pytest.param(_pause_schedule, "部署与日程", "部署“patrol”", "日程", id="its schedule is paused"),
    pytest.param(
        lambda client: _change(client, description="[续期](https://evil.example)"),
        "部署与日程",
        f"部署“{MEASURE}”",
        "说明",
        id="a description is changed",
    ),
    pytest.param(
        lambda client: _change(client, parameters={"measure": "99-9", "duty": "report"}),
        "部署与日程",
        f"部署“{MEASURE}”",
        "参数",
        id="parameters are changed",
    ),
    pytest.param(
        lambda client: _change(client, schedules=CRON),
        "部署与日程",
        f"部署“{MEASURE}”",
        "日程",
        id="cron and zone are changed",
    ),
    pytest.param(
        lambda client: _change(client, tags=["duban"]),
        "部署与日程",
        f"部署“{MEASURE}”",
        "标签",
        id="its tags are changed",
    ),
    pytest.param(_pause_pool, "工作池", "工作池“duban”", "已暂停", id="the work pool is paused"),
    pytest.param(_pause_queue, "工作池", "工作队列“default”", "已暂停", id="a work queue is paused"),
    pytest.param(_openings_first, "工作池", "工作池“duban”", "优先级", id="openings come first"),
    pytest.param(_delete_automation, "自动化", "自动化“duban: 引擎静默”", "缺失", id="an automation is deleted"),
    pytest.param(_disable_automation, "自动化", "自动化“duban: 引擎静默”", "已停用", id="an automation is disabled"),
    pytest.param(_change_automation, "自动化", "自动化“duban: 引擎静默”", "内容", id="an automation is changed"),
]


@pytest.mark.prefect
@pytest.mark.usefixtures("running")
class TestByHand:
    """Against a real server."""

    @pytest.mark.parametrize(("broken", "check", "what", "found"), BY_HAND)
    def test_what_was_changed_by_hand_is_unwell_until_it_is_put_back_kept_and_told(
        self, engine: Engine, broken: Break, check: str, what: str, found: str
    ) -> None:
        assert [one.said for one in ask(examine_engine) if not one.ok] == []
        assert _restored(engine) == []
        ask(broken)
        assert check in _unwell(ask(examine_engine))
        done = ask(lambda client: sync_prefect(client, FLOWS, patrolling=True))
        assert done["restored"] == 1
        assert _unwell(ask(examine_engine)) == []
        assert ask(lambda client: sync_prefect(client, FLOWS, patrolling=True))["restored"] == 0
        assert _restored(engine) == [(what, {"found": found})]
        with engine.connect() as connection:
            notes = connection.execute(text("SELECT note FROM alerts WHERE kind = 'operator'")).scalars().all()
        assert notes == [f"{what}被改动（{found}），已恢复"]

    def test_a_queue_that_was_deleted_is_made_again_and_what_waited_in_it_can_be_answered(self, engine: Engine) -> None:
        async def story(client: PrefectClient) -> None:
            await reconcile(client)
            (waiting,) = await _waiting(client)
            await _delete_queue(client)
            # No worker would take it up.
            assert (await client.read_flow_run(waiting.id)).work_queue_id is None
            assert "工作池" in _unwell(await examine_engine(client))
            await sync_prefect(client, FLOWS, patrolling=True)
            assert _unwell(await examine_engine(client)) == []
            assert await reconcile(client, whole=False) == ReconcileCounts(replaced=1)
            (instead,) = await _waiting(client)
            assert (instead.work_queue_name, instead.name) == (ANSWERS, waiting.name)

        ask(story)
        queue, *deployments = [(what, facts["found"]) for what, facts in _restored(engine)]
        assert queue == (f"工作队列“{ANSWERS}”", "缺失")
        # Several are put back at once.
        of_queue = ("backup", "close", "compile-dispatch", "compile-province", "escalate", "extend", "gather")
        of_queue += ("look-back", "release", "suspend")
        assert sorted(deployments) == [(f"部署“{name}”", "工作池或队列") for name in of_queue]

    def test_a_patrol_and_a_delivery_that_no_longer_come_are_unwell(self) -> None:
        found = ask(lambda client: examine_engine(client, now=datetime.now(UTC) + timedelta(minutes=30)))
        assert _unwell(found) == ["巡检", "送达", "工作进程"]
        assert "此后停了" in next(one.said for one in found if one.check == "送达")

    def test_a_delivery_that_is_still_sending_has_not_stopped(self) -> None:
        async def send(client: PrefectClient) -> list[Examined]:
            deployment = await client.read_deployment_by_name("deliver/deliver")
            run = await client.create_flow_run_from_deployment(deployment.id)
            await client.set_flow_run_state(run.id, State(type=StateType.RUNNING), force=True)
            return await examine_engine(client, now=datetime.now(UTC) + timedelta(minutes=30))

        assert _unwell(ask(send)) == ["巡检", "工作进程"]

    def test_the_first_patrol_after_a_night_off_does_not_blame_the_delivery(self) -> None:
        in_the_morning = datetime.now(UTC) + timedelta(hours=9)
        found = ask(lambda client: examine_engine(client, patrolling=True, now=in_the_morning))
        assert [one.ok for one in found if one.check in ("巡检", "送达")] == [True, True]

    def test_without_a_worker_it_is_unwell(self) -> None:
        async def leave(client: PrefectClient) -> list[Examined]:
            for worker in await client.read_workers_for_work_pool(POOL):
                await client._client.delete(f"/work_pools/{POOL}/workers/{worker.name}")
            return await examine_engine(client)

        assert _unwell(ask(leave)) == ["工作进程"]


def test_more_scheduled_runs_than_a_page_holds_are_counted() -> None:
    class Client:
        async def count_flow_runs(self, **_: Any) -> int:
            return 1045

    assert asyncio.run(examine_scheduler(Client())).said == "已排期运行1045个"  # type: ignore[arg-type]


_TOLD = """
from datetime import timedelta
from prefect.automations import AutomationCore, DoNothing, EventTrigger, Posture
from tasks.automations import _fingerprint
events = {"prefect.flow-run.Crashed", "prefect.flow-run.Failed"}
trigger = EventTrigger(expect=events, posture=Posture.Reactive, threshold=1, within=timedelta(0))
print(_fingerprint(AutomationCore(name="a", description="b", trigger=trigger, actions=[DoNothing()])))
"""


def test_every_process_tells_an_automation_by_the_same_fingerprint_in_whatever_order_its_events_are() -> None:
    told = {
        subprocess.check_output([sys.executable, "-c", _TOLD], env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "3")
    }
    assert len(told) == 1


@contextmanager
def _receiver(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server on loopback that answers everything with ``status``; its address and what it was given."""
    posts: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}"))
            self.send_response(status)
            self.end_headers()

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Not into the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", posts
    finally:
        server.shutdown()


def test_a_server_that_wants_a_login_is_one_line(office: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with _receiver(401) as (address, _):
        monkeypatch.setenv("PREFECT_API_URL", f"http://{address}/api")
        with temporary_settings({PREFECT_API_URL: f"http://{address}/api"}):
            (found,) = asyncio.run(examined_engine())
    assert not found.ok
    assert "PREFECT_API_AUTH_STRING" in found.said


_RING = """
import sys
from prefect.blocks.notifications import SlackWebhook
SlackWebhook.load(sys.argv[1]).notify(subject="督办引擎静默", body="请检查")
assert not {"tasks", "letters", "flows", "db"} & set(sys.modules)
"""


@pytest.mark.prefect
@pytest.mark.usefixtures("running")
class TestAlarm:
    """What Prefect's own automation says when nothing of ours runs any more."""

    def test_without_a_channel_it_is_said_that_nobody_would_be_told_and_how_to_mend_it(self) -> None:
        found = next(one for one in ask(examine_engine) if one.check == "静默告警")
        assert found.mark == "！"
        assert "DUBAN_CHANNELS" in found.said

    def test_the_office_is_told_by_its_own_channel_without_our_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with _receiver() as (address, posts):
            monkeypatch.setenv("DUBAN_CHANNELS", json.dumps({"mail": f"json://{address}/?to={{address}}"}))
            reread_settings()
            assert "静默告警" in _unwell(ask(examine_engine))  # deploy has not been told of the channel yet
            ask(lambda client: sync_prefect(client, FLOWS))
            found = next(one for one in ask(examine_engine) if one.check == "静默告警")
            assert (found.mark, found.said) == ("✓", "引擎停止时由 Prefect 直接告知整改办（1处）")

            async def told_through(client: PrefectClient) -> Any:
                action = (await _silence(client)).actions[0]
                return await client.read_block_document(action.block_document_id)  # type: ignore[union-attr]

            assert ask(told_through).name == OPERATORS_BLOCK
            command = [sys.executable, "-c", _RING, OPERATORS_BLOCK]
            subprocess.run(command, check=True, env=_environment())
        assert [post["title"] for post in posts] == ["督办引擎静默"]

    def test_a_channel_that_is_taken_away_takes_the_alarm_along(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DUBAN_CHANNELS", json.dumps({"mail": "json://127.0.0.1:9/{address}"}))
        reread_settings()
        ask(lambda client: sync_prefect(client, FLOWS))
        monkeypatch.delenv("DUBAN_CHANNELS")
        reread_settings()
        done = ask(lambda client: sync_prefect(client, FLOWS, patrolling=True))
        assert (done["automations"], done["restored"]) == (2, 0)
        assert ask(lambda client: _silence(client)).actions[0].type == "do-nothing"


def _environment() -> dict[str, str]:
    return os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value())}
