"""Twenty openings at once: patrol and letters come before those that were there first, and every one is done."""

from typing import Any

import pytest

from tests.stack.conftest import OfficeMaker
from tests.stack.office import SILENT, Office, until
from tests.stack.small import MATTERS, NOW, small_plan

pytestmark = pytest.mark.prefect
OPENINGS = 20


def _burst(office: Office) -> set[str]:
    """Ask every measure for its period again and again, as schedules do; the ids of the runs."""
    measures = [one for one in office.every("/deployments/filter") if "duty" in one["parameters"]]
    return {
        office.api(f"/deployments/{measures[number % len(measures)]['id']}/create_flow_run", {})["id"]
        for number in range(OPENINGS)
    }


def _begun(office: Office, burst: set[str]) -> int:
    return len(burst - {run["id"] for run in office.runs("SCHEDULED", flow="supervise")})


def test_patrol_and_letters_pass_what_is_opened_and_nothing_is_lost(office_of: OfficeMaker) -> None:
    office = office_of(small_plan(), DUBAN_CLOCK=NOW, DUBAN_WORKER_LIMIT="1")
    office.up()
    until("the first waiting runs", lambda: len(office.waiting()) == MATTERS)
    office.quieten()
    office.duban("people", "add", "王工", "李科长")
    office.run_once("deliver")
    waiting, letters = office.waiting(), office.letters()
    office.duban("submit", "01-1", "--text", "已推进", "--percent", "10", "--by", "王工", PREFECT_API_URL=SILENT)
    changed = office.api("/deployments/filter", {"deployments": {"name": {"any_": ["01-2 管网改造01-2"]}}})[0]["id"]
    office.api(f"/deployments/{changed}/pause_deployment", {})
    burst = _burst(office)

    patrol = office.run_once("patrol")
    delivery = office.run_once("deliver")
    assert (
        _begun(office, burst) < OPENINGS
    )  # both were asked for after the last of them, and have ended before it began
    (told,) = [file for file in office.letters() if file not in letters]
    assert "部署“01-2 管网改造01-2”被改动（已暂停），已恢复" in told.with_suffix(".md").read_text()
    until("the report's run has followed", lambda: office.waiting()["01-1 月报 · 2025年3月"] == "待审核")

    def completed() -> dict[str, dict[str, Any]]:
        return {run["id"]: run for run in office.runs("COMPLETED", flow="supervise")}

    until("every opening is done", lambda: burst <= completed().keys(), seconds=600, every=2)
    ended = completed()
    last = max(ended[run]["start_time"] for run in burst)
    assert max(patrol["end_time"], delivery["end_time"]) < last
    assert office.waiting() == waiting | {"01-1 月报 · 2025年3月": "待审核"}  # one run each, as before
    office.audit()
    office.stop()
