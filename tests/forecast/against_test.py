"""``duban forecast --against``: what a changed plan, policy or calendar would do, before it is applied."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import HERE
from tests.cli.conftest import PLAN, Run

Write = Callable[[str, str], str]
Content = Callable[[], dict[str, Any]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and gives its path."""

    def to(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return to


def _alerts(found: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [one for one in found["alerts"] if one["what"] == what]


def test_a_plan_with_an_earlier_limit_moves_the_dates_of_open_periods_too(loaded: Run, write: Write) -> None:
    file = write("new.yaml", PLAN.replace("cadence: monthly,", "cadence: monthly, due: day 20,"))
    found = loaded("forecast", "--against", file, "--to", "2025-05-10", "--json").json
    assert (found["change"], found["file"]) == ("plan", "new.yaml")
    assert [(one["period"], one["before"], one["after"]) for one in found["dates"]] == [
        ("01-1 月报 · 2025年3月", "2025-03-31", "2025-03-20"),
        ("01-1 月报 · 2025年4月", "2025-04-30", "2025-04-20"),
        ("01-1 月报 · 2025年5月", "2025-05-31", "2025-05-20"),
    ][: len(found["dates"])]
    assert len(found["dates"]) == 2  # May's lies outside the span on both sides
    assert "01-1 月报 · 2025年3月" in {one["period"] for one in _alerts(found, "moved")}


def test_a_measure_that_is_dropped_withdraws_its_letters(loaded: Run, write: Write) -> None:
    shorter = PLAN[: PLAN.index("      - code: 01-2")]
    found = loaded("forecast", "--against", write("new.yaml", shorter), "--json").json
    gone = _alerts(found, "withdrawn")
    assert {one["period"] for one in gone} == {"01-2 印发制度 · 2025年2月28日前"}
    assert {one["what"] for one in found["alerts"]} == {"withdrawn"}
    deputy = next(one for one in found["people"] if one["person"]["key"] == "deputy")
    assert deputy["alerts_before"] - deputy["alerts_after"] == sum("分管副局长" in one["to_before"] for one in gone) > 0


def test_a_duty_that_is_added_shows_its_letters(loaded: Run, write: Write) -> None:
    line = "          - {key: report, kind: report, title: 月报, cadence: monthly, source: 措施一}\n"
    more = line.replace("key: report", "key: weekly").replace("月报", "周报").replace("monthly", "weekly")
    found = loaded("forecast", "--against", write("new.yaml", PLAN.replace(line, line + more)), "--json").json
    assert {one["what"] for one in found["alerts"]} == {"added"}
    assert found["dates"][0] == {"period": "01-1 周报 · 2025年第11周", "before": None, "after": "2025-03-16"}


def test_somebody_else_is_told(loaded: Run, write: Write) -> None:
    text = PLAN.replace("leader: [leader]", "leader: [office]")
    found = loaded("forecast", "--against", write("new.yaml", text), "--json").json
    assert not found["dates"]
    assert {one["what"] for one in found["alerts"]} == {"others"}
    assert found["alerts"][0]["to_after"] == ["水科经办人", "整改办"]


def test_a_policy_changes_only_periods_that_open_later(loaded: Run, write: Write) -> None:
    text = (HERE / "policy.yaml").read_text().replace("offset: -3wd, kind: chase", "offset: -5wd, kind: chase")
    file = write("office.yaml", text)
    found = loaded("forecast", "--against", file, "--measure", "01-1", "--json").json
    assert found["change"] == "policy"
    moved = _alerts(found, "moved")
    assert {one["kind"] for one in moved} == {"reminder"}
    to_come = {f"01-1 月报 · 2025年{month}月" for month in (3, 4, 5)}
    assert {one["period"] for one in moved} == to_come  # February's ladder is frozen
    again = loaded("forecast", "--plan", write("plan.yaml", PLAN), "--from", "2025-02-17", "--against", file, "--json")
    assert {one["period"] for one in _alerts(again.json, "moved")} > {"01-1 月报 · 2025年2月"}


def test_a_day_off_moves_rolled_limits_and_reminders(run: Run, write: Write) -> None:
    plan = write("plan.yaml", PLAN.replace("cadence: monthly,", "cadence: monthly, roll: previous_workday,"))
    run("plan", "load", plan, "--at", "2025-02-17", "--yes")
    file = write("2025.yaml", "holidays: [2025-03-31]\nworkdays: [2025-03-29]\n")
    found = run("forecast", "--against", file, "--to", "2025-04-01", "--json").json
    assert found["change"] == "calendar"
    assert found["dates"] == [{"period": "01-1 月报 · 2025年3月", "before": "2025-03-31", "after": "2025-03-29"}]


def test_a_correction_that_contradicts_one_in_force_is_refused(loaded: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    write("calendars/2025.yaml", "holidays: [2025-03-28]\n")
    file = write("extra.yaml", "workdays: [2025-03-28]\n")
    refused = loaded("forecast", "--against", file, DUBAN_CALENDARS=str(tmp_path / "calendars"))
    assert (refused.status, "既是假日又是工作日" in refused.err) == (2, True)
    same = write("2025.yaml", "workdays: [2025-03-28]\n")  # takes the place of the one in force
    assert loaded("forecast", "--against", same, DUBAN_CALENDARS=str(tmp_path / "calendars")).status == 0


@pytest.mark.parametrize("name", ["plan.yaml", "policy.yaml", "calendar.yaml"])
def test_nothing_differs_and_that_is_said(loaded: Run, write: Write, name: str) -> None:
    texts = {
        "plan.yaml": PLAN,
        "policy.yaml": (HERE / "policy.yaml").read_text(),
        "calendar.yaml": "workdays: [2025-03-10]\n",
    }
    file = write(name, texts[name])
    said = loaded("forecast", "--against", file)
    assert "期限变动0项；提醒新增0，取消0，改期0，改收件人0。没有变化" in said.out
    assert "每人收到" in said.out
    found = loaded("forecast", "--against", file, "--json").json
    assert (found["dates"], found["alerts"]) == ([], [])
    assert all(one["alerts_before"] == one["alerts_after"] > 0 for one in found["people"])


def test_people_read_what_moves(loaded: Run, write: Write) -> None:
    file = write("new.yaml", PLAN.replace("cadence: monthly,", "cadence: monthly, due: day 20,"))
    said = loaded("forecast", "--against", file, "--to", "2025-05-10", COLUMNS="220")
    assert "改动：整改方案 new.yaml；2025-03-10 至 2025-05-10" in said.out
    assert "期限变动2项" in said.out
    for text in ("2025-03-31", "2025-03-20", "改期", "每人收到"):
        assert text in said.out


def test_trying_a_change_writes_nothing(loaded: Run, write: Write, content: Content) -> None:
    before = content()
    changed = PLAN.replace("cadence: monthly,", "cadence: monthly, due: day 20,")
    for file in (write("new.yaml", changed), write("cal.yaml", "holidays: [2025-03-31]\n")):
        assert loaded("forecast", "--against", file).status == 0
    assert content() == before


def test_another_file_is_refused(loaded: Run, write: Write) -> None:
    refused = loaded("forecast", "--against", write("notes.yaml", "hello: world\n"))
    assert refused.status == 2
    assert "不是整改方案" in refused.err
