"""What the worker promises: runs wait with a form, answers wake them, and a killed worker loses nothing."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.states import Cancelling

from tasks.queues import ANSWERS, DELIVER, OPENINGS, PATROL, ensure_queues
from tasks.waiting_runs import rename_waiting_state
from tests.runtime.conftest import Engine, until

pytestmark = pytest.mark.prefect
REPORT = {"body": "已完成管网普查", "percent": 60}


def _answer(engine: Engine, run_id: UUID, answer: dict[str, Any]) -> str:
    """Fill the form; the server's verdict."""
    result = engine.ask(lambda client: client.resume_flow_run(run_id, run_input=answer))
    return str(result.status.value)


def _schema(engine: Engine, run_id: UUID) -> str:
    state = engine.read(run_id).state
    assert state is not None
    assert state.state_details.run_input_keyset is not None
    key = state.state_details.run_input_keyset["schema"]
    return str(engine.ask(lambda client: client.read_flow_run_input(run_id, key)))


def _rename(engine: Engine, run_id: UUID, name: str, **changed: Any) -> None:
    async def rename(client: PrefectClient) -> None:
        state = (await client.read_flow_run(run_id)).state
        assert state is not None
        details = state.state_details.model_copy(update=changed)
        renamed: State[Any] = State(type=StateType.PAUSED, name=name, state_details=details)
        await client.set_flow_run_state(run_id, renamed, force=True)

    engine.ask(rename)


def test_a_period_lives_from_its_form_to_its_named_end(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    assert "完成情况" in _schema(engine, run_id)
    assert _answer(engine, run_id, REPORT) == "ACCEPT"
    engine.wait_for(run_id, "PAUSED", "待审核")
    assert "审核结论" in _schema(engine, run_id)
    assert _answer(engine, run_id, {"decision": "通过"}) == "ACCEPT"
    ended = engine.wait_for(run_id, "COMPLETED", "按期办结")
    assert ended.state is not None
    assert ended.state.message == "进度60%"


def test_an_answer_that_breaks_the_form_is_refused_and_the_run_waits_on(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    assert _answer(engine, run_id, {"body": "", "percent": 130}) == "REJECT"
    assert engine.shown(run_id) == ("PAUSED", "待填报")


def test_a_renamed_run_keeps_its_form_and_can_be_answered(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    _rename(engine, run_id, "逾期·红")
    assert engine.shown(run_id) == ("PAUSED", "逾期·红")
    assert _answer(engine, run_id, REPORT) == "ACCEPT"
    engine.wait_for(run_id, "PAUSED", "待审核")


def test_a_renamed_run_is_cancelled_at_once(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    _rename(engine, run_id, "临期")
    asked: State[Any] = Cancelling()
    engine.ask(lambda client: client.set_flow_run_state(run_id, asked))
    assert engine.shown(run_id) == ("CANCELLED", "Cancelled")


def test_a_flow_that_raises_fails_and_says_why(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    _answer(engine, run_id, {"body": "坏", "percent": 1})
    failed = engine.wait_for(run_id, "FAILED", "Failed")
    assert failed.state is not None
    assert "坏的填报" in str(failed.state.message)


def test_a_flow_that_is_not_ours_is_never_run(engine: Engine) -> None:
    run_id = engine.create_run(flow="stranger")
    crashed = engine.wait_for(run_id, "CRASHED", "Crashed")
    assert crashed.state is not None
    assert "没有流程“stranger”；现有：demo、hold" in str(crashed.state.message)


def test_a_running_flow_stops_when_somebody_cancels_it(engine: Engine, tmp_path: Path) -> None:
    run_id = engine.create_run(flow="hold", until=str(tmp_path / "never"))
    engine.wait_for(run_id, "RUNNING", "Running")
    asked: State[Any] = Cancelling()
    engine.ask(lambda client: client.set_flow_run_state(run_id, asked))
    engine.wait_for(run_id, "CANCELLED", "Cancelled")


def test_sigterm_lets_the_runs_in_progress_end_even_when_it_comes_twice(engine: Engine, tmp_path: Path) -> None:
    run_id = engine.create_run(flow="hold", until=str(tmp_path / "go"))
    engine.wait_for(run_id, "RUNNING", "Running")
    engine._workers[0].terminate()
    (tmp_path / "go").touch()
    assert engine.stop_workers() == [0]
    assert engine.shown(run_id) == ("COMPLETED", "Completed")


def test_a_worker_killed_in_a_burst_loses_no_run(idle: Engine) -> None:
    runs = [idle.create_run(name=f"burst {number}") for number in range(24)]
    idle.start_worker()
    until(lambda: _how_many(idle, runs) >= 2, "the burst is under way")
    idle.kill_workers()
    assert _how_many(idle, runs) < len(runs)
    idle.start_worker()
    until(lambda: _how_many(idle, runs) == len(runs), "all wait")
    # A run cut off between waiting and its form gets both from the next patrol.
    for run_id in runs:
        idle.ask(partial(rename_waiting_state, run_id=run_id, name="待填报"))
    assert all(idle.shown(run_id) == ("PAUSED", "待填报") for run_id in runs)
    assert all("完成情况" in _schema(idle, run_id) for run_id in runs)


def test_openings_that_hold_all_their_slots_leave_patrol_letters_and_answers_theirs(
    engine: Engine, tmp_path: Path
) -> None:
    engine.ask(lambda client: ensure_queues(client, "duban"))
    never, go = str(tmp_path / "never"), tmp_path / "go"
    openings = [engine.create_run("hold", f"{number}", OPENINGS, until=never) for number in range(6)]
    until(lambda: _in_state(engine, openings, StateType.RUNNING) == 4, "the openings hold their slots")
    others = [engine.create_run("hold", queue, queue, until=str(go)) for queue in (PATROL, DELIVER, ANSWERS)]
    until(lambda: _in_state(engine, others, StateType.RUNNING) == 3, "the others run beside them")
    go.touch()
    until(lambda: _in_state(engine, others, StateType.COMPLETED) == 3, "the others have ended")
    assert _in_state(engine, openings, StateType.RUNNING) == 4
    Path(never).touch()
    until(lambda: _in_state(engine, openings, StateType.COMPLETED) == 6, "the openings have ended")


def test_a_run_cut_off_after_its_form_was_saved_waits_with_it(idle: Engine) -> None:
    run_id = idle.create_run()
    saved = '{"title": "saved before the kill"}'
    idle.ask(lambda client: client.create_flow_run_input(run_id, "report-schema", saved))
    idle.start_worker()
    idle.wait_for(run_id, "PAUSED", "待填报")
    assert "saved before the kill" in _schema(idle, run_id)


def test_a_run_cut_off_before_it_got_its_name_gets_its_form_with_it(engine: Engine) -> None:
    run_id = engine.create_run()
    engine.wait_for(run_id, "PAUSED", "待填报")
    _rename(engine, run_id, "Suspended", run_input_keyset=None)
    assert engine.ask(lambda client: rename_waiting_state(client, run_id, "待填报"))
    assert "完成情况" in _schema(engine, run_id)
    assert _answer(engine, run_id, REPORT) == "ACCEPT"
    engine.wait_for(run_id, "PAUSED", "待审核")


def test_a_run_cut_off_in_its_middle_is_run_again_by_the_next_worker(idle: Engine, tmp_path: Path) -> None:
    idle.start_worker()
    run_id = idle.create_run(flow="hold", until=str(tmp_path / "go"))
    idle.wait_for(run_id, "RUNNING", "Running")
    idle.kill_workers()
    (tmp_path / "go").touch()
    idle.start_worker()
    idle.wait_for(run_id, "COMPLETED", "Completed")
    assert idle.read(run_id).run_count == 2


def _how_many(engine: Engine, runs: list[UUID]) -> int:
    """How many of the runs wait."""
    return _in_state(engine, runs, StateType.PAUSED)


def _in_state(engine: Engine, runs: list[UUID], type_: StateType) -> int:
    found = FlowRunFilter(
        id=FlowRunFilterId(any_=runs), state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[type_]))
    )
    return int(engine.ask(lambda client: client.count_flow_runs(flow_run_filter=found)))
