"""An escalation gets its run from the automation on its event; when the event is lost, from the next patrol."""

import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stack.office import DUBAN, SILENT, Office, until

pytestmark = pytest.mark.prefect
_SENT = """
    INSERT INTO runs (subject, subject_id, announced_at, ended) VALUES ('escalation', %s, now(), false)
    RETURNING subject_id
"""


def _sheet(office: Office, measure: str) -> dict[str, Any]:
    """The open escalation of a measure: its number, level, and the run the ledger names."""
    query = """
        SELECT escalations.id, level, runs.run_id FROM escalations
        JOIN periods ON periods.id = period_id
        JOIN duties ON duties.id = duty_id
        JOIN measures ON measures.id = measure_id
        LEFT JOIN runs ON subject = 'escalation' AND subject_id = escalations.id
        WHERE code = %s AND escalations.state IN ('open', 'acknowledged')
    """
    found = office.rows(query, measure)
    assert len(found) == 1, found
    return dict(zip(("id", "level", "run"), found[0], strict=True))


def _run(office: Office, measure: str) -> dict[str, Any]:
    """The run that has taken the open escalation of a measure."""
    run_id = until(f"a run for {measure}'s escalation", lambda: _sheet(office, measure)["run"])
    return office.shows(str(run_id), "待批示")


def _scheduled_for_tomorrow(office: Office, sheet: int) -> str:
    """A run for an escalation that no worker begins today; its id."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": tomorrow}}
    deployment = office.api("/deployments/name/escalate/escalate")["id"]
    body = {"parameters": {"escalation_id": sheet}, "state": state}
    return str(office.api(f"/deployments/{deployment}/create_flow_run", body)["id"])


def test_what_is_late_waits_under_its_colour(small: Office) -> None:
    waiting = small.waiting()
    assert (waiting["03-1 完工 · 2025年2月25日前"], waiting["03-2 完工 · 2025年3月7日前"]) == ("逾期·红", "逾期·黄")
    assert waiting["04-2 月报 · 2025年3月"] == "待填报"


def test_the_automation_starts_a_run_for_a_new_escalation(small: Office) -> None:
    run = _run(small, "03-1")
    assert run["created_by"]["type"] == "AUTOMATION"
    assert run["parameters"] == {"escalation_id": _sheet(small, "03-1")["id"]}
    assert run["name"].endswith(" · 03-1 完工 · 2025年2月25日前")
    assert [one["id"] for one in small.runs(flow="escalate") if one["parameters"] == run["parameters"]] == [run["id"]]


def test_a_lost_event_costs_one_patrol_and_no_escalation(small: Office) -> None:
    # Events live in the server's memory: it went down with the one that was to start this run.
    silent = {"DUBAN_CLOCK": "2025-03-12T09:00", "PREFECT_API_URL": SILENT}
    subprocess.run([str(DUBAN), "patrol"], env=small.environment | silent, capture_output=True, check=False)
    sheet = _sheet(small, "03-2")
    assert (sheet["level"], sheet["run"]) == ("orange", None)
    assert small.rows(_SENT, sheet["id"]) == [(sheet["id"],)]
    waits = _scheduled_for_tomorrow(small, sheet["id"])
    small.run_once("patrol")
    assert _sheet(small, "03-2")["run"] is None  # one is on its way
    small.delete(f"/flow_runs/{waits}")
    small.run_once("patrol")
    run = _run(small, "03-2")
    assert (run["created_by"] or {}).get("type") != "AUTOMATION"

    small.resume(run["id"], instruction="本周内完工", new_limit="2025-03-14", by="分管副局长")
    small.shows(run["id"], "已批示")
    (sheet,) = small.read("show", "03-2")["periods"][0]["escalations"]
    assert (sheet["state"], sheet["instruction"], sheet["new_limit_on"]) == ("instructed", "本周内完工", "2025-03-14")
