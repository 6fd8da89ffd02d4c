"""A plan amended while its runs wait: Prefect's deployments, schedules and runs follow the ledger at once."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.stack.conftest import OfficeMaker
from tests.stack.office import Office, until
from tests.stack.small import MATTERS, NOW, small_plan

pytestmark = pytest.mark.prefect
_DROPPED = "      - code: 02-1\n"


def _deployments(office: Office) -> dict[str, Any]:
    return {one["name"]: one for one in office.every("/deployments/filter") if one["name"][:2].isdigit()}


def _amended(text: str) -> str:
    """01-1 has another title, 01-2 reports quarterly, 02-1 is dropped, 04-2 has no date any more."""
    before, _, rest = text.partition(_DROPPED)
    text = before + rest[rest.index("      - code: 02-2") :]
    text = text.replace("title: 管网改造01-1", "title: 雨污分流")
    head, _, tail = text.partition("      - code: 01-2")
    text = f"{head}      - code: 01-2{tail.replace('cadence: monthly', 'cadence: quarterly', 1)}"
    head, _, tail = text.partition("      - code: 04-2")
    return f"{head}      - code: 04-2{re.sub('duties: .*', 'duties: []', tail, count=1)}"


def test_deployments_schedules_and_waiting_runs_follow_the_amended_plan(office_of: OfficeMaker, tmp_path: Path) -> None:
    office = office_of(small_plan(), DUBAN_CLOCK=NOW)
    office.up()
    until("the first waiting runs", lambda: len(office.waiting()) == MATTERS)
    office.quieten()
    office.duban("people", "add", "王工")
    old = {code: office.run_of(code)["id"] for code in ("01-1", "01-2", "02-1", "04-2")}
    file = tmp_path / "amended.yaml"
    file.write_text(_amended(small_plan()))
    done = office.read("plan", "import", str(file), "--yes")
    assert (len(done["withdrawn"]), done["created"], done["deleted"]) == (2, 1, 2)
    assert done["runs"]["replaced"] == 1

    found = _deployments(office)
    assert "01-1 雨污分流" in found
    assert not {"01-1 管网改造01-1", "02-1 管网改造02-1"} & found.keys()
    assert found["04-2 管网改造04-2"]["schedules"] == []
    (quarterly,) = found["01-2 管网改造01-2"]["schedules"]
    assert quarterly["schedule"]["cron"].endswith(" 0 1 1-10/3 *")

    office.shows(old["01-1"], "已另建运行")
    renamed = office.run_of("01-1")
    assert (renamed["name"], renamed["deployment_id"]) == ("01-1 月报 · 2025年3月", found["01-1 雨污分流"]["id"])
    office.shows(renamed["id"], "待填报")
    assert office.run_of("01-2")["name"] == "01-2 月报 · 2025年第1季度"
    assert office.run_of("01-2")["id"] == old["01-2"]
    office.shows(old["02-1"], "已终止")  # with its deployment nobody can wake it any more
    office.shows(old["04-2"], "Cancelled")

    office.resume(old["01-2"], body="已推进", percent=30, by="王工")
    office.shows(old["01-2"], "待审核")
    (period,) = office.read("show", "01-2")["periods"]
    assert (period["label"], period["state"]) == ("2025年第1季度", "submitted")
    office.audit()
    office.stop()
