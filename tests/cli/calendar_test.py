"""``duban calendar`` and ``forecast --against`` tell the same of one file; ``explain`` marks what may still move."""

from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Run
from tests.cli.roundtrip_test import Content

DAYS_OFF = "holidays: [2025-03-28, 2025-04-02]\n"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper with two more days off, around the limits of March."""
    file = tmp_path / "2025.yaml"
    file.write_text(DAYS_OFF)
    return file


def test_both_tell_the_same_of_a_file_that_is_not_in_force(loaded: Run, paper: Path, content: Content) -> None:
    before = content()
    foreseen = loaded("forecast", "--against", str(paper), "--json").json
    told = loaded("calendar", str(paper), "--json").json
    assert len(foreseen["alerts"]) > 0
    assert (told["alerts"], told["dates"], told["people"]) == tuple(foreseen[k] for k in ("alerts", "dates", "people"))
    said = loaded("calendar", str(paper))
    assert "2025.yaml 与现行日历相比：" in said.out
    assert f"改期{len(foreseen['alerts'])}" in said.out
    assert content() == before


def test_once_it_is_in_force_the_calendar_still_tells_what_it_moves(loaded: Run, paper: Path, tmp_path: Path) -> None:
    foreseen = loaded("forecast", "--against", str(paper), "--json").json
    folder = tmp_path / "calendars"
    folder.mkdir()
    paper.rename(folder / paper.name)
    told = loaded("calendar", "--json", DUBAN_CALENDARS=str(folder)).json
    assert (told["alerts"], told["dates"]) == (foreseen["alerts"], foreseen["dates"])
    assert loaded("calendar", "--apply", DUBAN_CALENDARS=str(folder)).status == 0
    assert loaded("calendar", "--json", DUBAN_CALENDARS=str(folder)).json["moved"] == []


def test_a_file_that_is_not_in_force_is_not_applied(loaded: Run, paper: Path, plan_file: Path) -> None:
    said = loaded("calendar", str(paper), "--apply")
    assert (said.status, "请先把 2025.yaml 放入" in said.err) == (2, True)
    said = loaded("calendar", str(plan_file))
    assert (said.status, "不是放假调休表" in said.err) == (2, True)


def test_explain_marks_the_rungs_that_the_forecast_marks(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "next.yaml"
    file.write_text(PLAN.replace("due_on: 2025-05-30", "due_on: 2027-01-15"))
    clock = {"DUBAN_CLOCK": "2026-11-27T09:00"}
    assert run("plan", "load", str(file), "--at", "2026-11-27", "--yes", **clock).status == 0
    found = run("forecast", "--to", "2027-02-20", "--measure", "01-1", "--json", **clock).json["events"]
    foreseen = {one["rung"]: one["provisional"] for one in found if one["duty"] == "finish" and one["rung"]}
    (why,) = [one for one in run("explain", "01-1", "--json", **clock).json["duties"] if one["duty"] == "finish"]
    steps = {step["rung"]: step["provisional"] for step in why["periods"][0]["steps"]}
    both = steps.keys() & foreseen.keys()
    assert {rung: steps[rung] for rung in both} == {rung: foreseen[rung] for rung in both}
    assert {foreseen[rung] for rung in both} == {True, False}
