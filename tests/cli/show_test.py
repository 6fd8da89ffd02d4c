"""What became of a measure is readable afterwards: in ``duban show``, in ``explain``, in the calendar of a phone."""

from pathlib import Path

import pytest
from icalendar import Calendar

from tests.cli.conftest import Run

REPORT = ("submit", "01-2", "--by", "王工", "--percent", "60", "--text")


@pytest.fixture
def told(loaded: Run) -> Run:
    """01-2 is late, its sheet acknowledged and instructed, its report returned; 01-1's finish is extended."""
    asked = ("extend", "01-1", "--duty", "finish", "--by", "王工", "--to", "2025-06-30", "--reason", "设备未到货")
    for command in (
        ("patrol",),
        ("ack", "01-2", "--by", "分管副局长"),
        ("instruct", "01-2", "--by", "分管副局长", "--text", "抓紧印发", "--limit", "2025-03-20"),
        (*REPORT, "起草中", "--difficulty", "缺人", "--help-needed", "请人事科协调", "--evidence", "草稿.docx"),
        ("review", "01-2", "--return", "--reason", "请附会议纪要", "--by", "整改办"),
        asked,
        ("extend", "01-1", "--duty", "finish", "--decide", "grant", "--reason", "情况属实", "--by", "分管副局长"),
    ):
        done = loaded(*command)
        assert done.status == 0, (command, done.err)
    return loaded


def test_show_tells_reports_reviews_sheets_and_who_held_them(told: Run) -> None:
    said = told("show", "01-2").out
    for part in (
        "王工，60%，起草中",
        "存在困难：缺人",
        "需协调：请人事科协调",
        "佐证：草稿.docx",
        "审核：退回，整改办，2025年3月10日09:00，请附会议纪要",
        "橙，已批示，2025年3月10日09:00，时限2025年3月20日，分管副局长",
        "签收：分管副局长，有效至2025年3月12日08:30",
        "批示：抓紧印发（分管副局长，2025年3月10日09:00）",
    ):
        assert part in said, part
    (sheet,) = told("show", "01-2", "--json").json["periods"][0]["escalations"]
    assert (sheet["to"], sheet["acknowledged_until"]) == (["分管副局长"], "2025-03-12T08:30:00+08:00")


def test_show_tells_the_goal_that_acceptance_is_checked_against(run: Run, plan_file: Path) -> None:
    whole = plan_file.read_text()
    plan_file.write_text(whole.replace("    measures:\n", "    goal: 断面水质达到Ⅲ类\n    measures:\n", 1))
    assert run("plan", "load", str(plan_file), "--yes").status == 0
    assert "整改目标：断面水质达到Ⅲ类" in run("show", "01-1").out
    assert run("ledger", "--json").json["findings"][0]["goal"] == "断面水质达到Ⅲ类"


def test_show_tells_extensions_and_every_limit_there_was(told: Run) -> None:
    said = told("show", "01-1").out
    assert "由2025年5月30日延至2025年6月30日，王工，理由：设备未到货" in said
    assert "批复：已同意，分管副局长，2025年3月10日09:00，情况属实" in said
    assert "2025年5月30日 → 2025年6月30日" in said


def test_what_is_owed_once_is_called_by_its_limit_in_force_everywhere(told: Run, tmp_path: Path) -> None:
    name = "01-1 完工 · 2025年6月30日前"
    assert name in [one["name"] for one in told("show", "01-1", "--json").json["periods"]]
    assert name in told("explain", "01-1").out
    told("forecast", "--to", "2025-07-31", "--ics", str(tmp_path / "x.ics"))
    titles = [str(one["summary"]) for one in Calendar.from_ical((tmp_path / "x.ics").read_bytes()).walk("VEVENT")]
    assert f"{name} 到期" in titles
    assert not [title for title in titles if "5月30日" in title]


def test_a_period_that_ended_is_taken_back_from_the_calendar(told: Run, tmp_path: Path) -> None:
    def entries(name: str, clock: str) -> dict[str, tuple[str, int]]:
        done = told("forecast", "--measure", "01-2", "--ics", str(tmp_path / name), DUBAN_CLOCK=clock)
        assert done.status == 0, done.err
        found = Calendar.from_ical((tmp_path / name).read_bytes()).walk("VEVENT")
        return {str(one["uid"]): (str(one["status"]), int(one["sequence"])) for one in found}

    before = entries("before.ics", "2025-03-10T10:00")
    assert {status for status, _ in before.values()} == {"CONFIRMED"}
    finished = ("submit", "01-2", "--by", "王工", "--percent", "100", "--finished", "--text", "已印发")
    assert told(*finished).status == told("review", "01-2", "--accept", "--by", "整改办").status == 0
    after = entries("after.ics", "2025-03-10T11:00")
    assert after.keys() == before.keys()
    for uid, (status, sequence) in after.items():
        assert (status, sequence > before[uid][1]) == ("CANCELLED", True)


def test_explain_marks_the_rungs_of_years_not_yet_published(run: Run, plan_file: Path) -> None:
    plan_file.write_text(plan_file.read_text().replace("2025-05-30", "2030-05-30"))
    assert run("plan", "load", str(plan_file), "--yes").status == 0
    steps = run("explain", "01-1", "--json").json["duties"][1]["periods"][0]["steps"]
    assert {step["at"][:4]: step["provisional"] for step in steps} == {"2025": False, "2030": True}
    assert "未到〔暂定〕" in run("explain", "01-1").out
