"""Prefect is brought to agree with the ledger, matter by matter: every branch, without a server."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.input.run_input import keyset_from_base_key
from sqlalchemy import Engine, text

from db import ledger, matters
from db.ledger import Report
from tasks.projection import ReconcileCounts, reconcile
from tasks.waiting_runs import waits_as_it_should
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.tasks.conftest import Installed
from tests.tasks.prefect_stub import PrefectStub

MEASURE = "01-1 每月调度工程进度"
PERIOD = "01-1 每月报送 · 2025年2月"
NOW = "2025-02-10T09:00"


@pytest.fixture
def server(installed: Installed, activated: Callable[..., Any]) -> PrefectStub:
    """A server with the deployments of a ledger that supervises one monthly report; no run yet."""
    installed.set_clock(NOW)
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    return PrefectStub(MEASURE, "escalate", "extend", "patrol", "deliver")


def _reconciled(server: PrefectStub) -> ReconcileCounts:
    return asyncio.run(reconcile(server))  # type: ignore[arg-type]


def _waiting(server: PrefectStub, ledger_at: ContextAt, key: str = "report-1-0", shown: str = "待填报") -> FlowRun:
    """A run that waits for the form of ``key`` and has claimed the period."""
    run = server.run(MEASURE, StateType.PAUSED, shown, key, name=PERIOD)
    with ledger_at(NOW) as ctx:
        assert ledger.claim(ctx, "period", 1, str(run.id))
    return run


def _cut_off(server: PrefectStub, ledger_at: ContextAt) -> FlowRun:
    """A run whose worker died between its suspension and its form."""
    run = _waiting(server, ledger_at, shown="Suspended")
    assert run.state is not None
    run.state.state_details.run_input_keyset = None
    return run


def test_what_is_asked_and_has_no_run_gets_one_and_only_one(server: PrefectStub) -> None:
    assert _reconciled(server) == ReconcileCounts(created=1)
    assert _reconciled(server) == ReconcileCounts()
    assert server.calls == [("create", PERIOD)]
    (run,) = server.runs.values()
    assert run.parameters["measure"] == "01-1"


def test_two_reconciliations_at_once_make_one_run(server: PrefectStub, engine: Engine) -> None:
    _reconciled(server)
    with engine.begin() as connection:  # the other one has read before this one wrote
        connection.execute(text("UPDATE runs SET run_id = NULL"))
    _reconciled(server)
    assert server.calls == [("create", PERIOD)]
    assert len(server.runs) == 1


def test_a_run_that_failed_is_replaced_by_another(server: PrefectStub, ledger_at: ContextAt) -> None:
    dead = _waiting(server, ledger_at)
    dead.state = server.run(MEASURE, StateType.FAILED).state
    assert _reconciled(server) == ReconcileCounts(replaced=1)
    assert _reconciled(server) == ReconcileCounts()


@pytest.mark.parametrize("type_", [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
def test_a_run_on_its_way_is_left_alone(server: PrefectStub, ledger_at: ContextAt, type_: StateType) -> None:
    run = _waiting(server, ledger_at)
    run.state = server.run(MEASURE, type_).state
    assert _reconciled(server) == ReconcileCounts()
    assert server.calls == []


def test_a_run_that_shows_the_truth_is_left_alone(server: PrefectStub, ledger_at: ContextAt) -> None:
    _waiting(server, ledger_at)
    assert _reconciled(server) == ReconcileCounts()
    assert server.calls == []


def test_a_run_of_the_wrong_colour_is_renamed_and_keeps_its_form(
    server: PrefectStub, ledger_at: ContextAt, installed: Installed
) -> None:
    run = _waiting(server, ledger_at)
    installed.set_clock("2025-03-03T09:00")
    assert _reconciled(server) == ReconcileCounts(renamed=1)
    assert server.calls == [("state", PERIOD, StateType.PAUSED, "逾期·黄")]
    assert run.state is not None
    assert run.state.state_details.pause_key == "report-1-0"


def test_a_run_that_was_cut_off_before_it_got_its_form_gets_it_with_its_name(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    run = _cut_off(server, ledger_at)
    assert _reconciled(server) == ReconcileCounts(renamed=1)
    assert server.calls == [("state", PERIOD, StateType.PAUSED, "待填报")]
    assert run.state is not None
    assert run.state.state_details.run_input_keyset == dict(keyset_from_base_key("report-1-0"))
    assert _reconciled(server) == ReconcileCounts()


def test_a_run_that_was_cut_off_before_it_got_its_form_can_be_woken(server: PrefectStub, ledger_at: ContextAt) -> None:
    _cut_off(server, ledger_at)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已调度", percent=50))
    assert _reconciled(server) == ReconcileCounts(renamed=1, woken=1)
    assert [call[0] for call in server.calls] == ["state", "resume"]


def test_a_run_whose_measure_has_another_title_gets_the_name_of_now(server: PrefectStub, ledger_at: ContextAt) -> None:
    run = _waiting(server, ledger_at)
    run.name = "01-1 旧名 · 2025年2月"
    assert _reconciled(server) == ReconcileCounts()
    assert server.calls == [("name", "01-1 旧名 · 2025年2月", PERIOD)]


def test_a_run_bears_unit_leader_stage_and_lamp_as_tags_and_they_follow(
    server: PrefectStub, ledger_at: ContextAt, installed: Installed
) -> None:
    run = _waiting(server, ledger_at)
    _reconciled(server)
    assert run.tags == ["duban", "period-1", "待填报", "问题01", "水科", "leader"]
    installed.set_clock("2025-03-03T09:00")
    _reconciled(server)
    assert run.tags == ["duban", "period-1", "待填报", "逾期", "黄灯", "问题01", "水科", "leader"]
    with ledger_at("2025-03-03T09:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已调度", percent=50))
        assert matters.matter(ctx, "period", 1).tags[1] == "待审核"
    with ledger_at("2025-03-03T09:00", "整改办") as ctx:
        ledger.review(ctx, 1, accept=True)
        assert matters.matter(ctx, "period", 1).tags == ("period-1", "逾期办结", "问题01", "水科", "leader")


def test_a_report_through_another_door_wakes_the_run_that_waits_for_it(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    _waiting(server, ledger_at)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已调度", percent=50))
    assert _reconciled(server) == ReconcileCounts(woken=1)
    assert server.calls == [("resume", PERIOD, {"body": "已由其他途径填报", "percent": 0, "by": "督办引擎"})]


def test_a_run_that_waits_although_all_is_over_is_woken_and_then_forgotten(
    server: PrefectStub, ledger_at: ContextAt, engine: Engine
) -> None:
    run = _waiting(server, ledger_at, "review-1-0", "待审核")
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已调度", percent=50))
    with ledger_at(NOW, "整改办") as ctx:
        ledger.review(ctx, 1, accept=True)
    assert _reconciled(server) == ReconcileCounts(woken=1)
    run.state = server.run(MEASURE, StateType.COMPLETED, "按期办结").state
    assert _reconciled(server) == ReconcileCounts()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT subject, ended FROM runs")).all() == [("period", True)]


def test_a_question_of_an_earlier_version_is_woken_with_what_every_form_has(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    _waiting(server, ledger_at, "confirm-7")
    assert _reconciled(server) == ReconcileCounts(woken=1)
    assert server.calls == [("resume", PERIOD, {"by": "督办引擎"})]


def test_a_run_whose_deployment_was_deleted_waits_until_another_takes_its_place(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    run = _waiting(server, ledger_at)
    deployments, server.deployments = server.deployments, [one for one in server.deployments if one.name != MEASURE]
    run.deployment_id = None  # what the server does to the runs of a deployment that is deleted
    assert _reconciled(server) == ReconcileCounts()  # there is nowhere to make another: nothing is cancelled
    assert server.calls == []
    server.deployments = deployments
    assert _reconciled(server) == ReconcileCounts(replaced=1)
    assert server.calls == [("create", PERIOD), ("state", PERIOD, StateType.CANCELLED, "已另建运行")]
    assert _reconciled(server) == ReconcileCounts()


def test_a_run_whose_queue_was_deleted_would_be_taken_up_by_no_worker_and_is_replaced(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    run = _waiting(server, ledger_at)
    run.work_queue_id = None  # what the server does to the runs of a queue that is deleted
    assert _reconciled(server) == ReconcileCounts(replaced=1)
    assert server.calls == [("create", PERIOD), ("state", PERIOD, StateType.CANCELLED, "已另建运行")]
    assert _reconciled(server) == ReconcileCounts()


def test_a_run_is_made_waiting_with_its_form_as_a_worker_would_leave_it(server: PrefectStub) -> None:
    _reconciled(server)
    (run,) = server.runs.values()
    assert run.state is not None
    assert (run.state.type, run.state.name) == (StateType.PAUSED, "待填报")
    assert waits_as_it_should(run.state)
    description, schema = (server.inputs[run.id, f"report-1-0-{part}"] for part in ("description", "schema"))
    assert "期限 2025-02-28" in json.loads(description)
    assert json.loads(schema)["properties"]["body"]["title"] == "完成情况"


def test_a_run_that_was_made_for_a_matter_which_another_has_claimed_meanwhile_is_taken_away(
    server: PrefectStub, ledger_at: ContextAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = server.request

    async def create_while_another_claims(*args: Any, **options: Any) -> Any:
        with ledger_at(NOW) as ctx:
            assert ledger.claim(ctx, "period", 1, "the run that the schedule began")
        return await create(*args, **options)

    monkeypatch.setattr(server, "request", create_while_another_claims)
    assert _reconciled(server) == ReconcileCounts()
    assert server.calls == [("create", PERIOD), ("delete", PERIOD)]


def test_a_run_forced_to_an_end_that_it_did_not_reach_is_replaced_and_does_not_stay_beside(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    run = _waiting(server, ledger_at)
    run.state = server.run(MEASURE, StateType.COMPLETED, "按期办结").state
    assert _reconciled(server) == ReconcileCounts(replaced=1)
    assert server.calls == [("create", PERIOD), ("state", PERIOD, StateType.CANCELLED, "已另建运行")]


def test_a_request_for_a_longer_limit_gets_a_run_at_once_and_leaves_the_form_somebody_is_filling_in(
    server: PrefectStub, ledger_at: ContextAt
) -> None:
    run = _waiting(server, ledger_at)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 14), "雨季")
    assert _reconciled(server) == ReconcileCounts(created=1, rewritten=1)
    assert ("create", f"延期至2025-03-14 · {PERIOD}") in server.calls
    assert "申请延期至 2025-03-14，待批复" in _text(server, run)


def test_the_form_that_asked_for_a_longer_limit_is_made_anew(server: PrefectStub, ledger_at: ContextAt) -> None:
    _waiting(server, ledger_at)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 14), "雨季", by_form=True)
    assert _reconciled(server) == ReconcileCounts(created=1, woken=1)


class TestEscalations:
    """An escalation's run is started by an event; the reconciliation makes what the event did not."""

    @pytest.fixture
    def escalated(
        self, server: PrefectStub, patrol_at: Callable[..., Any], ledger_at: ContextAt, installed: Installed
    ) -> PrefectStub:
        """The period is late and the deputy asked; its own run shows so."""
        patrol_at("2025-03-05T09:00")
        installed.set_clock("2025-03-05T09:00")
        _reconciled(server)
        server.calls.clear()
        return server

    def test_one_that_is_not_announced_gets_no_run(self, escalated: PrefectStub) -> None:
        assert _reconciled(escalated) == ReconcileCounts()

    def test_one_that_is_announced_and_taken_up_by_nobody_gets_its_run(
        self, escalated: PrefectStub, ledger_at: ContextAt
    ) -> None:
        with ledger_at("2025-03-05T09:00") as ctx:
            ledger.mark_announced(ctx, "escalation", 1)
        assert _reconciled(escalated) == ReconcileCounts(created=1)

    def test_one_whose_run_is_on_its_way_gets_no_second(self, escalated: PrefectStub, ledger_at: ContextAt) -> None:
        with ledger_at("2025-03-05T09:00") as ctx:
            ledger.mark_announced(ctx, "escalation", 1)
        escalated.run("escalate", StateType.SCHEDULED, parameters={"escalation_id": 1})
        assert _reconciled(escalated) == ReconcileCounts()

    def test_a_run_with_strange_parameters_stops_nobody(self, escalated: PrefectStub, ledger_at: ContextAt) -> None:
        with ledger_at("2025-03-05T09:00") as ctx:
            ledger.mark_announced(ctx, "escalation", 1)
        for parameters in ({}, {"escalation_id": [1]}, {"escalation_id": {"a": 1}}, {"escalation_id": 10**30}):
            escalated.run("escalate", StateType.SCHEDULED, parameters=parameters)
        assert _reconciled(escalated) == ReconcileCounts(created=1)


def _text(server: PrefectStub, run: FlowRun, key: str = "report-1-0") -> str:
    return str(json.loads(server.inputs[run.id, keyset_from_base_key(key)["description"]]))


def test_the_text_above_a_form_follows_the_ledger(server: PrefectStub, ledger_at: ContextAt) -> None:
    run = _waiting(server, ledger_at)
    server.inputs[run.id, keyset_from_base_key("report-1-0")["description"]] = json.dumps(
        "[领奖](https://evil.example)"
    )
    assert _reconciled(server).rewritten == 1
    assert f"**{PERIOD}，期限 2025-02-28**" in _text(server, run)
    assert _reconciled(server).rewritten == 0
    with ledger_at(NOW, "整改办") as ctx:
        ledger.suspend(ctx, "01-1", reason="等待批复", evidence=["受理单"], until=date(2025, 3, 14))
    assert _reconciled(server).rewritten == 1
    assert "**已挂账**" in _text(server, run)


def test_why_the_last_answer_was_refused_stays_above_the_form(server: PrefectStub, ledger_at: ContextAt) -> None:
    run = _waiting(server, ledger_at, key="report-1-1")
    key = keyset_from_base_key("report-1-1")["description"]
    server.inputs[run.id, key] = json.dumps("**未能登记：完成情况不能为空**\n\n旧文")
    assert _reconciled(server).rewritten == 1
    assert _text(server, run, "report-1-1").startswith(f"**未能登记：完成情况不能为空**\n\n**{PERIOD}，期限")


@pytest.mark.parametrize("part", ["description", "schema"])
def test_a_form_that_was_changed_by_hand_is_put_back_kept_in_the_trail_and_told(
    server: PrefectStub, engine: Engine, installed: Installed, part: str
) -> None:
    _reconciled(server)
    (run,) = server.runs.values()
    ours = dict(server.inputs)
    server.inputs[run.id, f"report-1-0-{part}"] = json.dumps("[请在此登录](https://evil.example)")
    assert _reconciled(server) == ReconcileCounts()
    assert server.inputs == ours
    told = [(f"运行“{PERIOD}”", {"found": "表单"})]
    assert _put_back(engine) == (told, [f"运行“{PERIOD}”被改动（表单），已恢复"])
    _reconciled(server)
    assert _put_back(engine)[0] == told  # once
    installed.set_clock("2025-02-10T17:00")
    server.inputs[run.id, f"report-1-0-{part}"] = json.dumps("[请在此登录](https://evil.example)")
    _reconciled(server)
    # Whoever does it all day fills the trail and not the operators' letters.
    assert _put_back(engine) == (told * 2, [f"运行“{PERIOD}”被改动（表单），已恢复"])


@pytest.mark.parametrize(
    ("type_", "name"),
    [(StateType.COMPLETED, "按期办结"), (StateType.CANCELLED, "Cancelled")],
    ids=["closed", "cancelled"],
)
def test_a_run_that_was_forged_to_have_ended_is_made_again_kept_in_the_trail_and_told(
    server: PrefectStub, engine: Engine, type_: StateType, name: str
) -> None:
    _reconciled(server)
    (run,) = server.runs.values()
    run.state = State(type=type_, name=name)
    assert _reconciled(server) == ReconcileCounts(replaced=1)
    found = f"未办结而被改为“{name}”"
    told = f"运行“{PERIOD}”被改动（{found}），已恢复"
    assert _put_back(engine) == ([(f"运行“{PERIOD}”", {"found": found})], [told])


def _put_back(engine: Engine) -> tuple[list[tuple[str, Any]], list[str]]:
    """What the trail keeps of changes by hand, and what the operators were told of them."""
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT subject, facts FROM audit WHERE command = 'restore' ORDER BY id"))
        told = connection.execute(text("SELECT note FROM alerts WHERE kind = 'operator' ORDER BY id")).scalars()
        return [(entry.subject, entry.facts) for entry in kept], list(told)
