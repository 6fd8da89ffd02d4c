"""What people wrote and nobody can read is told, all of it, by sheet, row, column and reason; nothing else happens."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from papers.workbook import WorkbookError
from papers.workbook.plan_sheets import read_plan, write_plan
from papers.workbook.report_sheets import write_reports
from plan.model import kept_plan
from tests.papers.editing import SHEETS, editing
from tests.papers.plans import NASTY
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal


def problems(path: Path) -> list[str]:
    with pytest.raises(WorkbookError) as refused:
        read_plan(path)
    return str(refused.value).splitlines()


def set_(sheet: str, row: int, header: str, value: Any) -> Callable[[Path], None]:
    def do(path: Path) -> None:
        with editing(path, sheet) as found:
            found.put(row, header, value)

    return do


def both(*edits: Callable[[Path], None]) -> Callable[[Path], None]:
    def do(path: Path) -> None:
        for edit in edits:
            edit(path)

    return do


class TestWhatCannotBeReadIsTold:
    @pytest.mark.parametrize(
        ("edit", "line"),
        [
            (set_("督办事项", 2, "频次", "经常"), "“督办事项”第2行“频次”栏填的是“经常”，不在可选之列：每日、每周"),
            (set_("督办事项", 2, "每期期限", "月底左右"), "“督办事项”第2行“每期期限”栏填的是“月底左右”，读不懂"),
            (set_("督办事项", 3, "期限", "5月底"), "“督办事项”第3行“期限”栏填的是“5月底”，不是日期"),
            (set_("督办事项", 3, "期限", "2025年2月30日"), "“督办事项”第3行“期限”栏填的是“2025年2月30日”，没有这一天"),
            (set_("督办事项", 3, "期限", None), "“督办事项”第3行频次为“一次性”的须写期限"),
            (
                set_("督办事项", 2, "期限", datetime.fromisoformat("2025-01-01T09:00")),
                "“督办事项”第2行“期限”栏填的是“2025-01-01 09:00:00”，带有钟点",
            ),
            (
                set_("督办事项", 2, "措施编号", "09-9"),
                "“督办事项”第2行“措施编号”栏填的是“09-9”，“整改台账”里没有这项措施",
            ),
            (set_("督办事项", 2, "措施编号", None), "“督办事项”第2行“措施编号”栏没有填写"),
            (set_("督办事项", 6, "事项代号", "b"), "“督办事项”第6行“事项代号”栏“b”与“督办事项”第5行重复"),
            (set_("督办事项", 2, "第几个工作日", 11), "“督办事项”第2行“第几个工作日”栏“11”大于10"),
            (set_("整改台账", 2, "提前提醒天数", "多"), "“整改台账”第2行“提前提醒天数”栏填的是“多”，不是整数"),
            (set_("整改台账", 2, "措施编号", 2), "“整改台账”第2行“措施编号”栏填的是“2”，被当成了数字或日期"),
            (
                set_("整改台账", 2, "措施编号", datetime.fromisoformat("2025-02-02")),
                "“整改台账”第2行“措施编号”栏填的是“2025年2月2日”，被当成了数字或日期",
            ),
            (set_("整改台账", 3, "措施编号", "02-2"), "“整改台账”第3行“措施编号”栏“02-2”与“整改台账”第2行重复"),
            (set_("整改台账", 2, "措施编号", "03-1"), "“整改台账”第2行“措施编号”栏“03-1”须以所属问题的编号“02-”开头"),
            (set_("整改台账", 2, "整改措施", "=1+1"), "“整改台账”第2行“整改措施”栏填的是“=1+1”，是公式"),
            (set_("整改台账", 2, "整改措施", "#REF!"), "“整改台账”第2行“整改措施”栏填的是“#REF!”，是错误值"),
            (set_("整改台账", 2, "整改措施", None), "“整改台账”第2行“整改措施”栏没有填写"),
            (set_("整改台账", 2, "整改措施", "长" * 201), "“整改台账”第2行“整改措施”栏超过200个字"),
            (set_("整改台账", 2, "整改措施", "两\n行"), "“整改台账”第2行“整改措施”栏“两\\n行”须为一行文字"),
            (
                set_("整改台账", 3, "反馈问题", "另一个说法"),
                "“整改台账”第3行“反馈问题”栏填的是“另一个说法”，与第2行同一问题的写法不同",
            ),
            (
                both(set_("整改台账", 2, "整改目标", "断面达标"), set_("整改台账", 3, "整改目标", "断面达标并保持")),
                "“整改台账”第3行“整改目标”栏填的是“断面达标并保持”，与第2行同一问题的写法不同",
            ),
            (set_("整改台账", 2, "牵头单位", "火科"), "“整改台账”第2行“牵头单位”栏填的是“火科”，不在“责任单位”表里"),
            (
                set_("整改台账", 2, "分管领导", "deputy\n某人"),
                "“整改台账”第2行“分管领导”栏填的是“deputy 某人”，不在“岗位”表里：某人",
            ),
            (set_("责任单位", 3, "单位代号", "water"), "“责任单位”第3行“单位代号”栏填的是“water”，与第2行重复"),
            (
                set_("责任单位", 3, "单位名称", "水科"),
                "“整改台账”第2行“牵头单位”栏填的是“水科”，有2个都叫“水科”；请写明是哪一个：水科〔soil〕、水科〔water〕",
            ),
            (set_("责任单位", 2, "承办岗位", None), "“责任单位”第2行“承办岗位”栏没有填写"),
            (set_("岗位", 2, "地址2", "a@b"), "“岗位”第2行“渠道2”栏填了地址，没有填渠道"),
            (set_("岗位", 2, "渠道2", "outbox"), "“岗位”第2行“渠道2”栏填的是“outbox”，同一岗位的渠道重复"),
            (set_("岗位", 2, "渠道1", "短信"), "“岗位”第2行“渠道1”栏“短信”不能作渠道名"),
            (set_("巡察信息", 3, "内容", None), "“巡察信息”“标题”栏没有填写"),
            (set_("巡察信息", 7, "内容", "去年底"), "“巡察信息”第7行“反馈日期”栏填的是“去年底”，不是日期"),
            (set_("待确认问题", 2, "需要确认", None), "“待确认问题”第2行“需要确认”栏没有填写"),
            (set_("整改台账", 1, "牵头单位", "单位"), "“整改台账”“牵头单位”栏在表头里找不到"),
        ],
    )
    def test_by_sheet_row_column_and_reason(self, book: Path, edit: Callable[[Path], None], line: str) -> None:
        edit(book)
        found = problems(book)
        assert any(one.startswith(f"台账.xlsx：{line}") for one in found), found

    def test_all_at_once_in_the_order_of_the_sheets(self, book: Path) -> None:
        set_("岗位", 2, "岗位名称", None)(book)
        set_("督办事项", 2, "频次", "经常")(book)
        set_("整改台账", 3, "整改状态", "快了")(book)
        assert [line.split("栏")[0] for line in problems(book)] == [
            "台账.xlsx：“整改台账”第3行“整改状态”",
            "台账.xlsx：“督办事项”第2行“频次”",
            "台账.xlsx：“岗位”第2行“岗位名称”",
        ]

    def test_fifty_at_most_and_how_many_more(self, tmp_path: Path) -> None:
        write_plan(plan_of(*(measure(f"01-{n}") for n in range(60))), tmp_path / "a.xlsx")
        with editing(tmp_path / "a.xlsx", "督办事项") as found:
            for row in range(2, 62):
                found.put(row, "频次", "经常")
        found = problems(tmp_path / "a.xlsx")
        assert len(found) == 51
        assert found[-1] == "……另有10处问题，改正后重新导入即可看到"

    def test_a_missing_sheet_without_what_follows_from_it(self, book: Path) -> None:
        changed = load_workbook(book)
        del changed["督办事项"]
        changed.save(book)
        assert problems(book) == ["台账.xlsx：“督办事项”工作表不见了；请恢复，或从系统重新导出"]

    def test_and_a_file_of_another_kind_is_refused(self, tmp_path: Path, book: Path) -> None:
        write_reports([], tmp_path / "填报.xlsx", "水科")
        (tmp_path / "坏.xlsx").write_bytes(book.read_bytes()[:-400])
        (tmp_path / "a.csv").write_text("措施编号,牵头单位\n1,2\n")
        codes = []
        for name in ("填报.xlsx", "坏.xlsx", "a.csv", "没有.xlsx"):
            with pytest.raises(Refusal) as refused:
                read_plan(tmp_path / name)
            codes.append(refused.value.code)
        assert codes[0] == "workbook_other"
        assert codes[1].startswith("document_")
        assert codes[2:] == ["workbook_not_excel", "document_missing"]

    def test_a_text_no_cell_can_hold_is_refused_on_the_way_out(self, tmp_path: Path) -> None:
        values = plan_of(measure(), roles={"office": {"name": "办"}} | _roles()).model_dump(mode="json")
        values["roles"]["office"]["channels"]["mail"] = "x" * 40_000  # of a ledger that was made before it was refused
        plan = kept_plan(values)
        with pytest.raises(Refusal, match="岗位"):
            write_plan(plan, tmp_path / "a.xlsx")


def _roles() -> dict[str, Any]:
    return {name: {"name": name} for name in ("handler", "leader", "deputy", "head", "discipline")}


@settings(max_examples=20)
@given(junk=st.binary(max_size=200), place=st.floats(0, 1))
def test_a_damaged_workbook_is_refused_and_nothing_else(junk: bytes, place: float, scratch: Path) -> None:
    write_plan(plan_of(measure()), scratch)
    whole = scratch.read_bytes()
    at = int(len(whole) * place)
    scratch.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    with suppress(Refusal, WorkbookError):
        read_plan(scratch)


@settings(max_examples=60)
@given(
    edits=st.lists(
        st.tuples(
            st.sampled_from([*SHEETS, "巡察信息", "_督办"]),
            st.integers(1, 8),
            st.integers(1, 16),
            st.one_of(
                st.sampled_from(NASTY),
                st.none(),
                st.booleans(),
                st.integers(),
                st.floats(allow_nan=False, allow_infinity=False),
                st.datetimes(datetime.fromisoformat("1901-01-01")),
                st.times(),
                st.timedeltas(),
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_people_write_is_read_or_told(edits: list[tuple[str, int, int, Any]], scratch: Path) -> None:
    write_plan(plan_of(measure(duties=[duty("a"), duty("b")]), measure("01-2")), scratch)
    changed = load_workbook(scratch)
    for sheet, row, column, value in edits:
        changed[sheet].cell(row, column).value = value
    changed.save(scratch)
    with suppress(Refusal, WorkbookError):
        read_plan(scratch)
