"""``duban patrol --at`` an instant to come rehearses: it shows what would happen, and nothing happens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run

Content = Callable[[], dict[str, Any]]
LATER = "2025-04-14T09:00"


def test_it_tells_what_would_open_fire_and_leave_and_changes_nothing(
    loaded: Run, content: Content, tmp_path: Path
) -> None:
    assert loaded("patrol").status == 0
    before, files = content(), sorted(tmp_path.rglob("*"))
    found = loaded("patrol", "--at", LATER, "--json").json
    assert (found["rehearsal"], found["at"]) == (True, "2025-04-14T09:00:00+08:00")
    assert found["periods"] == [{"period": "01-1 月报 · 2025年4月", "due_on": "2025-04-30"}]
    assert {"period": "01-1 月报 · 2025年2月", "kind": "escalation", "level": "red", "to": "局长"} in found["steps"]
    assert {"number": "督办〔2025〕3号", "period": "01-1 月报 · 2025年2月", "limit_on": "2025-04-21"} in found["sheets"]
    assert "局长" in {letter["to"] for letter in found["letters"]}
    assert (found["opened"], found["sent"], found["unsent"]) == (1, len(found["letters"]), 0)
    assert (content(), sorted(tmp_path.rglob("*"))) == (before, files)


def test_what_it_tells_is_what_the_patrol_of_that_day_does(loaded: Run) -> None:
    assert loaded("patrol").status == 0
    told = loaded("patrol", "--at", LATER, "--json").json
    done = loaded("patrol", "--json", DUBAN_CLOCK=LATER).json
    same = ("opened", "rungs", "alerts", "escalations", "messages", "parked", "truncated", "sent", "unsent")
    assert {name: told[name] for name in same} == {name: done[name] for name in same}


def test_people_are_told_that_it_is_a_rehearsal(loaded: Run) -> None:
    said = loaded("patrol", "--at", LATER)
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("预演：2025-04-14 09:00 晚于现在，以下只是推算；台账没有改动，没有发出消息\n")
    assert "将开出的督办单" in said.out
    assert "预演：将新开" in said.out.splitlines()[-1]


def test_years_ahead_are_refused_and_an_instant_that_is_not_later_acts(loaded: Run, content: Content) -> None:
    before = content()
    said = loaded("patrol", "--at", "2099-12-31")
    assert (said.status, said.err) == (2, "预演到2099-12-31，距现在27324天，超过上限3660天；请给出更近的时刻\n")
    assert content() == before
    assert "rehearsal" not in loaded("patrol", "--at", "2025-03-10T09:00", "--json").json
    assert content() != before


def test_no_plan_is_activated_or_amended_ahead_of_its_time(run: Run, plan_file: Path, content: Content) -> None:
    for command in (("load", "--yes"), ("import", "--yes")):
        said = run("plan", command[0], str(plan_file), "--at", "2026-01-01", *command[1:])
        assert (said.status, said.err) == (2, "--at：2026-01-01晚于现在；请给出不晚于现在的时刻\n")
    assert content()["measures"] == 0
