"""``kill -9`` of the worker and of ``duban up``, and the loss of Prefect's whole database.

What waits is there again, once, and nothing is told twice.
"""

import subprocess
import sys
from typing import Any

import pytest

from config.settings import HERE
from tests.stack.office import Office, until

pytestmark = pytest.mark.prefect
_DROP = """
import sys
from pathlib import Path
import psycopg
from db.embedded import OWNER, embedded_ledger
url = embedded_ledger(Path(sys.argv[1]), OWNER).replace("+psycopg", "")
with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("DROP DATABASE prefect")
"""
_RUNS = """
    SELECT run_id FROM runs WHERE NOT ended
"""
_FORMS = {"待填报": "report", "逾期·红": "report", "逾期·黄": "report", "待审核": "review", "待批示": "escalation"}


def _settled(office: Office) -> dict[str, Any]:
    """What a restart must leave as it was, after a patrol and a delivery have nothing left to do."""
    office.run_once("patrol")
    office.run_once("deliver")
    return {
        "waiting": office.waiting(),
        "rows": office.counts(),
        "letters": office.letters(),
        "audit": office.audit(),
    }


def test_a_worker_killed_right_after_a_resume_is_replaced_and_the_report_arrives_once(small: Office) -> None:
    run = small.run_of("04-1")
    small.shows(run["id"], "待填报")
    victim = small.worker()
    small.resume(run["id"], body="恢复后填报", percent=40, by="王工")
    victim.kill()
    small.shows(run["id"], "待审核", seconds=90)
    assert small.worker().pid != victim.pid
    (period,) = small.read("show", "04-1")["periods"]
    assert [(one["body"], one["submitted_by"]) for one in period["submissions"]] == [("恢复后填报", "王工")]
    small.audit()


def test_a_killed_duban_up_goes_on_where_it_left_off(small: Office) -> None:
    before = _settled(small)
    run = small.run_of("04-2")
    assert before["waiting"][run["name"]] == "待填报"
    small.kill()
    small.up()
    assert "部署：新建0，更新0，" in small.said
    small.quieten()
    assert _settled(small) == before
    small.resume(run["id"], body="重启后填报", percent=70, by="王工")
    small.shows(run["id"], "待审核")


def test_prefects_database_may_be_dropped(small: Office) -> None:
    before = _settled(small)
    small.stop()
    subprocess.run([sys.executable, "-c", _DROP, str(small.home)], check=True, cwd=HERE.parent)
    small.up()
    assert "更新0，未变0" in small.said
    waiting = before["waiting"]
    until("every run is back", lambda: small.count(*waiting.values()) == len(waiting), seconds=120)
    small.quieten()
    after = _settled(small)
    assert after["waiting"] == waiting
    # The operators are told in one line that all runs are new; nothing else was said, and nothing twice.
    (told,) = [file for file in after["letters"] if file not in before["letters"]]
    assert f"{len(waiting)}个事项的运行被删除、终止或改动，已另建运行" in told.with_suffix(".md").read_text()
    grown = {name: number - before["rows"][name] for name, number in after["rows"].items()}
    assert {name: number for name, number in grown.items() if number} == {"alerts": 1, "messages": 1}
    runs = small.runs("PAUSED")
    assert {str(one) for (one,) in small.rows(_RUNS)} == {run["id"] for run in runs}
    forms = {run["state"]["name"]: run["state"]["state_details"]["pause_key"].split("-")[0] for run in runs}
    assert forms.items() <= _FORMS.items()
