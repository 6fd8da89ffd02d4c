"""A duty may be gathered: the plan says from whom, whichever way it is written, and refuses to gather from nobody."""

from pathlib import Path
from typing import Any

import pytest

from papers.workbook.plan_sheets import read_plan, write_plan
from plan.audiences import gathered_from
from plan.differences import plan_changes
from plan.dump import dump_plan
from plan.loader import load_plan
from plan.model import Plan
from plan.yaml_reader import FileProblems
from tests.plans import gathering


def _units(plan: Plan) -> list[str]:
    found = plan.findings[0].measures[0]
    return gathered_from(found, found.duties[0], plan.units)


def test_it_gathers_from_those_who_assist_those_below_or_those_it_names() -> None:
    assert _units(gathering("assisting", assisting=["law", "west"])) == ["law", "west"]
    assert _units(gathering("subordinate")) == ["east", "west"]
    assert _units(gathering(["law"])) == ["law"]
    assert _units(gathering(["subordinate", "law", "west"])) == ["east", "west", "law"]
    assert _units(gathering([])) == []


def test_a_unit_that_leads_and_assists_gives_itself_no_part() -> None:
    assert _units(gathering("assisting", assisting=["water", "law"])) == ["law"]


@pytest.mark.parametrize("written", ["assisting", ["subordinate", "law"], ["east"]])
def test_it_comes_back_from_yaml_and_workbook_as_it_was(written: Any, tmp_path: Path) -> None:
    plan = gathering(written, assisting=["law"])
    (tmp_path / "plan.yaml").write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(tmp_path / "plan.yaml") == plan
    write_plan(plan, tmp_path / "plan.xlsx")
    assert read_plan(tmp_path / "plan.xlsx").plan == plan


def test_gathering_from_others_is_a_difference_of_the_duty() -> None:
    (change,) = plan_changes(gathering([], assisting=["law"]), gathering(["assisting", "east"], assisting=["law"]))
    assert (change.subject, change.field, change.before, change.after) == ("duty", "gather", "", "assisting、east")


@pytest.mark.parametrize("written", ["assisting", ["water"]])
def test_gathering_from_nobody_is_refused_in_one_line(written: Any, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(dump_plan(gathering(written, assisting=[])), encoding="utf-8")
    with pytest.raises(FileProblems) as refused:
        load_plan(tmp_path / "plan.yaml")
    (problem,) = refused.value.problems
    assert "没有可以分报的单位" in str(problem)


def test_a_unit_that_the_plan_does_not_have_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(
        dump_plan(gathering(["assisting", "eastt"], assisting=["law"])), encoding="utf-8"
    )
    with pytest.raises(FileProblems) as refused:
        load_plan(tmp_path / "plan.yaml")
    (problem,) = refused.value.problems
    assert "“eastt”不在名单“units”里；是否应为“east”？" in str(problem)
