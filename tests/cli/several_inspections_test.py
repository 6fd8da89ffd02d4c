"""A second inspection in the same ledger, from the command line: it is added, named where it must be, never guessed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.cli.conftest import PLAN, Run
from tests.cli.roundtrip_test import Book
from tests.conftest import ToldOnce

Content = Callable[[], dict[str, Any]]
SECOND = (
    PLAN.replace("key: test-round", "key: env-2025")
    .replace("title: 第一轮巡察整改", "title: 环保督察整改")
    .replace("kind: party", "kind: environment")
)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A second plan with the same codes and posts."""
    file = tmp_path / "second.yaml"
    file.write_text(SECOND)
    return file


@pytest.fixture
def both(told_once: ToldOnce, loaded: Run, beside: Path) -> Run:
    """The command line on a ledger of two inspections."""

    def story() -> None:
        assert loaded("plan", "load", str(beside), "--at", "2025-03-03", "--yes").status == 0

    told_once(story)
    return loaded


def test_a_plan_of_another_inspection_is_shown_and_asked_for_before_it_is_added(
    loaded: Run, beside: Path, content: Content
) -> None:
    before = content()
    said = loaded("plan", "load", str(beside))
    assert said.status == 1
    assert "将收到的提醒" in said.out
    assert "与“第一轮巡察整改”并行" in said.out
    assert content() == before
    said = loaded("plan", "load", str(beside), "--yes")
    assert (said.status, said.out.split("：")[0]) == (0, "已启用")
    assert loaded("plan", "load", str(beside), "--yes").out == "该方案已在督办，没有变化\n"
    beside.write_text(SECOND.replace("建立制度", "另一制度"))
    assert loaded("plan", "load", str(beside), "--yes").out.endswith("已生效\n")
    assert "另一制度" not in loaded("ledger", "--inspection", "test-round", "--json").out
    assert "另一制度" in loaded("ledger", "--inspection", "env-2025", "--json").out


def test_inspections_lists_how_each_stands(both: Run) -> None:
    first, second = both("inspections", "--json").json
    assert (first["key"], second["key"], second["kind"]) == ("test-round", "env-2025", "environment")
    assert second["activated_at"] == "2025-03-03T09:00:00+08:00"
    assert set(first) == {
        "key", "title", "kind", "feedback_on", "measures", "open", "overdue", "activated_at",
    }  # fmt: skip
    assert "环保督察整改" in both("inspections").out


def test_the_ledger_keeps_its_shape_for_one_and_lists_several(loaded: Run, beside: Path) -> None:
    alone = loaded("ledger", "--json").json
    assert loaded("plan", "load", str(beside), "--yes").status == 0
    assert loaded("ledger", "--inspection", "test-round", "--json").json == alone
    both = loaded("ledger", "--json").json
    assert list(both) == ["inspections"]
    assert [one["inspection"]["key"] for one in both["inspections"]] == ["test-round", "env-2025"]
    forecasts = loaded("forecast", "--json").json["inspections"]
    assert [one["round"] for one in forecasts] == ["test-round", "env-2025"]
    assert loaded("forecast", "--inspection", "env-2025", "--json").json["round"] == "env-2025"


AMBIGUOUS = "措施编号 01-1 不止一个轮次有，请指明其中一项：test-round/01-1、env-2025/01-1（或 --inspection）\n"


@pytest.mark.parametrize(
    "command",
    [
        ("show", "01-1"),
        ("explain", "01-1"),
        ("submit", "01-1", "--text", "办", "--percent", "1", "--by", "王工"),
        ("review", "01-1", "--accept", "--by", "李科长"),
        ("extend", "01-1", "--to", "2025-04-30", "--by", "王工"),
        ("skip", "01-1", "--by", "整改办", "--reason", "无"),
        ("merge", "01-1", "--by", "整改办", "--reason", "无"),
        ("ack", "01-1", "--by", "李局"),
        ("instruct", "01-1", "--text", "办", "--by", "李局"),
        ("suspend", "01-1", "--until", "2025-06-30", "--evidence", "函", "--reason", "等", "--by", "整改办"),
        ("resume", "01-1", "--by", "整改办"),
        ("close", "01-1", "--reason", "已完成", "--by", "整改办"),
        ("reopen", "01-1", "--reason", "反弹", "--by", "整改办"),
        ("audit", "list", "--measure", "01-1"),
        ("forecast", "--measure", "01-1"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_code_that_two_have_is_one_line_that_lists_them(
    command: tuple[str, ...], both: Run, content: Content
) -> None:
    before = content()
    said = both(*command)
    assert (said.status, said.out, said.err) == (2, "", AMBIGUOUS)
    assert content() == before


def test_an_unknown_inspection_is_one_line_with_the_nearest(both: Run, content: Content) -> None:
    before = content()
    told = "台账没有轮次“env-2024”；相近的有：env-2025；在督：test-round、env-2025（全部轮次：duban inspections）\n"
    for command in (
        ("show", "env-2024/01-1"),
        ("show", "01-1", "--inspection", "env-2024"),
        ("ledger", "--inspection", "env-2024"),
        ("matters", "--inspection", "env-2024"),
        ("audit", "list", "--inspection", "env-2024"),
        ("forecast", "--inspection", "env-2024"),
        ("plan", "export", "x.xlsx", "--inspection", "env-2024"),
        ("simulate", "--from", "2025-03-10", "--to", "2025-03-11", "--scenario", "silent", "--inspection", "env-2024"),
    ):
        said = both(*command)
        assert (said.status, said.err) == (2, told), command
    said = both("show", "test-round/01-1", "--inspection", "env-2025")
    assert (said.status, said.err) == (2, "--inspection：env-2025 与 test-round/01-1 不是同一轮次\n")
    assert content() == before


def test_a_qualified_code_and_the_option_mean_the_same(both: Run, tmp_path: Path) -> None:
    by_code, by_option = (
        both("show", "env-2025/01-1", "--json").json,
        both("show", "01-1", "--inspection", "env-2025", "--json").json,
    )
    assert by_code == by_option
    assert (by_code["inspection"], by_code["code"]) == ("env-2025", "01-1")
    report = ("--text", "已办", "--percent", "40", "--by", "王工")
    said = both("submit", "env-2025/01-1", "--duty", "report", *report)
    assert (said.status, said.out) == (0, "env-2025/01-1 月报 · 2025年3月：已填报，待审核\n"), said.err
    asked = {one["measure"] for one in both("matters", "--inspection", "test-round", "--json").json}
    assert "01-1" in asked
    reviews = [one for one in both("matters", "--json").json if one["kind"] == "review"]
    assert [(one["inspection"], one["measure"]) for one in reviews] == [("env-2025", "01-1")]
    told = both("audit", "list", "--measure", "env-2025/01-1", "--by", "王工").out
    assert "〔env-2025〕 王工" in told
    assert "王工" not in both("audit", "list", "--inspection", "test-round", "--by", "王工").out


def test_calendars_of_both_hold_each_period_once_under_the_name_it_had(
    loaded: Run, beside: Path, tmp_path: Path
) -> None:
    def uids(*options: str) -> list[str]:
        file = tmp_path / "x.ics"
        assert loaded("forecast", "--ics", str(file), "--force", *options).status == 0
        return [str(one["UID"]) for one in Calendar.from_ical(file.read_bytes()).walk("VEVENT")]

    alone = uids()
    assert loaded("plan", "load", str(beside), "--yes").status == 0
    both = uids()
    assert len(set(both)) == len(both)
    assert [one for one in both if one.endswith("@test-round.duban")] == alone
    assert sorted(both) == sorted([*uids("--inspection", "test-round"), *uids("--inspection", "env-2025")])


def test_one_sheet_of_a_unit_takes_what_it_owes_in_every_inspection(both: Run, tmp_path: Path) -> None:
    file = tmp_path / "sheet.xlsx"
    assert both("report", "export", str(file), "--unit", "水科").status == 0
    book = Book(file)
    assert book.row("待填报", 措施编号="01-1")
    row = book.row("待填报", 措施编号="env-2025/01-2")
    book.put("待填报", row, **{"完成情况": "已印发", "进度（%）": 100, "填报人": "王工"})
    book.save()
    done = both("report", "import", str(file), "--yes", "--json").json
    assert (done["submitted"], done["refused"]) == (1, 0)
    assert done["rows"][0]["period"].startswith("env-2025/01-2 ")
    assert both("report", "export", str(file), "--unit", "水科", "--inspection", "test-round", "--force").status == 0
    codes = [cell.value for cell in Book(file).sheet("待填报")["B"]]
    assert "01-1" in codes
    assert "env-2025/01-1" not in codes


def test_each_plan_goes_out_to_its_own_workbook_and_comes_back_into_its_own_inspection(
    both: Run, tmp_path: Path, content: Content
) -> None:
    said = both("plan", "export", str(tmp_path / "x.xlsx"))
    assert (said.status, said.err) == (2, "台账有多个轮次，请指明其中一个：test-round、env-2025（--inspection）\n")
    for key in ("test-round", "env-2025"):
        file = tmp_path / f"{key}.xlsx"
        assert both("plan", "export", str(file), "--inspection", key).status == 0
        before = content()
        assert both("plan", "import", str(file), "--yes").out == "方案没有变化\n"
        assert content() == before


def test_what_another_inspection_would_send_is_compared_before_it_is_loaded(loaded: Run, beside: Path) -> None:
    found = loaded("forecast", "--against", str(beside), "--json").json
    assert {one["what"] for one in found["alerts"]} == {"added"}
    assert all(one["period"].startswith("env-2025/") for one in found["alerts"])
    assert [one["key"] for one in loaded("inspections", "--json").json] == ["test-round"]


def test_a_patrol_to_come_is_rehearsed_with_both(both: Run, content: Content) -> None:
    before = content()
    opened = {one["period"] for one in both("patrol", "--at", "2025-04-02", "--json").json["periods"]}
    assert {"01-1 月报 · 2025年4月", "env-2025/01-1 月报 · 2025年4月"} <= opened
    assert content() == before
