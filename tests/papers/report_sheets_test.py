"""A unit gets a sheet of what it owes, fills in some rows, and the office reads them back."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from papers.workbook import FilledRow, WaitingRow, cell_fault
from papers.workbook.plan_sheets import write_plan
from papers.workbook.report_sheets import read_reports, write_reports
from tests.papers.conftest import Saved
from tests.papers.editing import Sheet, editing
from tests.plans import one_measure
from text.refusals import Refusal

WAITING = (
    WaitingRow("02-3/report/7", "02-3", "双月报送", "2025年3—4月", date(2025, 4, 30), "上期：已报送\n第二段"),
    WaitingRow("02-3/check/2", "02-3", "=季度报送", "2025年第二季度", date(2025, 6, 30)),
    WaitingRow("07-3/finish/0", "07-3", "工程完工", "2025年5月", date(2025, 5, 31)),
)
FILLED = {"完成情况": "已完成管网铺设", "进度（%）": 80, "填报人": "张三"}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "填报.xlsx"
    write_reports(WAITING, path, "水科")
    return path


def fill(path: Path, row: int, **changes: Any) -> None:
    """Fill in a row as a unit would, with changes; the header stands in row 2, below the instructions."""
    with editing(path, "待填报", header=2) as found:
        for header, value in (
            FILLED | {name.replace("percent", "进度（%）"): v for name, v in changes.items()}
        ).items():
            found.put(row, header, value)


def problems(path: Path) -> list[str]:
    return [f"{path.name}：{cell_fault(one)}" for one in read_reports(path).faults]


class TestTheSheetOfAUnit:
    def test_lists_what_waits_with_what_was_said_last(self, sheet: Path) -> None:
        found = Sheet(load_workbook(sheet)["待填报"], header=2)
        assert [found.get(row, "期次") for row in (3, 4, 5)] == [one.label for one in WAITING]
        assert found.get(3, "上期填报") == "上期：已报送\n第二段"
        assert found.sheet.cell(4, found.column("督办事项")).data_type == "s"

    def test_says_how_to_fill_it_in_and_hides_the_keys(self, sheet: Path) -> None:
        found = load_workbook(sheet)["待填报"]
        assert str(found["B1"].value).startswith("水科：请填写深蓝表头的栏目")
        assert found.column_dimensions["A"].hidden
        assert (found.freeze_panes, found.print_title_rows) == ("F3", "$2:$2")

    def test_offers_yes_and_no_and_holds_the_percent_within_bounds(self, sheet: Path) -> None:
        rules = {rule.type: rule for rule in load_workbook(sheet)["待填报"].data_validations.dataValidation}
        assert rules["list"].formula1 == '"是,否"'
        assert (rules["whole"].formula1, rules["whole"].formula2, rules["whole"].showErrorMessage) == ("0", "100", True)

    def test_may_be_empty(self, tmp_path: Path) -> None:
        write_reports([], tmp_path / "a.xlsx", "水科")
        assert read_reports(tmp_path / "a.xlsx").rows == ()


class TestFilledRowsComeBack:
    def test_and_rows_nobody_filled_are_skipped(self, sheet: Path) -> None:
        fill(sheet, 4)
        assert read_reports(sheet).rows == (FilledRow(4, "02-3/check/2", "02-3", "张三", "已完成管网铺设", 80),)

    def test_with_all_that_was_filled(self, sheet: Path) -> None:
        rest = {
            "是否已全部完成": "是",
            "存在困难": "+资金不足",
            "需协调事项": "请协调\n两个部门",
            "佐证材料": "a.pdf\n\n b.jpg ",
        }
        fill(sheet, 3, percent=100, 完成情况="第一段\n第二段", **rest)
        assert read_reports(sheet).rows == (
            FilledRow(
                row=3,
                key="02-3/report/7",
                measure="02-3",
                by="张三",
                body="第一段\n第二段",
                percent=100,
                finished=True,
                difficulty="+资金不足",
                help_needed="请协调\n两个部门",
                evidence=("a.pdf", "b.jpg"),
            ),
        )

    def test_after_libreoffice_saved_the_sheet(self, sheet: Path, saved_by_libreoffice: Saved) -> None:
        fill(sheet, 3)
        fill(sheet, 5, 是否已全部完成="否")
        assert read_reports(saved_by_libreoffice(sheet)) == read_reports(sheet)
        assert [row.key for row in read_reports(sheet).rows] == ["02-3/report/7", "07-3/finish/0"]

    def test_when_only_the_name_was_filled_down_they_are_not_reports(self, sheet: Path) -> None:
        fill(sheet, 3, 完成情况=None, percent=None)
        assert read_reports(sheet).rows == ()

    @pytest.mark.parametrize(
        ("written", "style", "percent"),
        [
            ("80%", "@", 80),
            ("８０", "@", 80),
            (0.8, "0%", 80),
            (1, "0%", 100),
            (0.29, "0.00%", 29),
            (0, "General", 0),
            ("100.0", "@", 100),
        ],
    )
    def test_with_the_percent_in_whatever_way_it_was_typed(
        self, sheet: Path, written: Any, style: str, percent: int
    ) -> None:
        fill(sheet, 3, percent=written)
        with editing(sheet, "待填报", header=2) as found:
            found.sheet.cell(3, found.column("进度（%）")).number_format = style
        assert [row.percent for row in read_reports(sheet).rows] == [percent]


def given(row: int, **changes: Any) -> Callable[[Path], None]:
    return lambda path: fill(path, row, **changes)


class TestWhatCannotBeReadIsTold:
    @pytest.mark.parametrize(
        ("edit", "line"),
        [
            (given(3, percent=101), "第3行“进度（%）”栏填的是“101”，不是0至100的整数；请改正"),
            (given(3, percent=-1), "第3行“进度（%）”栏填的是“-1”，不是0至100的整数；请改正"),
            (given(3, percent=33.3), "第3行“进度（%）”栏填的是“33.3”，不是0至100的整数；请改正"),
            (given(3, percent="一半"), "第3行“进度（%）”栏填的是“一半”，不是0至100的整数；请改正"),
            (given(3, percent=None), "第3行“进度（%）”栏没有填写；请填0至100的整数"),
            (given(3, 完成情况=None), "第3行“完成情况”栏没有填写；请写明做了什么"),
            (given(3, 完成情况="  \n "), "第3行“完成情况”栏没有填写；请写明做了什么"),
            (given(3, 完成情况="=1+1"), "第3行“完成情况”栏填的是“=1+1”，是公式；请复制后用“选择性粘贴—数值”改成文字"),
            (given(3, 填报人=None), "第3行“填报人”栏没有填写；请写明填报人"),
            (given(3, 是否已全部完成="差不多"), "第3行“是否已全部完成”栏填的是“差不多”，不在可选之列：是、否"),
            (given(3, 期次编号=None), "第3行“期次编号”栏丢失，不知道报的是哪一期；请填在导出的行里，或重新导出"),
            (given(6), "第6行“期次编号”栏丢失，不知道报的是哪一期；请填在导出的行里，或重新导出"),
        ],
    )
    def test_by_row_column_and_reason(self, sheet: Path, edit: Callable[[Path], None], line: str) -> None:
        edit(sheet)
        assert problems(sheet) == [f"填报.xlsx：“待填报”{line}"]

    def test_with_too_long_a_text(self, sheet: Path) -> None:
        fill(sheet, 3, 存在困难="难" * 4001)
        assert problems(sheet)[0].endswith("共4001字，超过上限4000字；请精简或改用佐证材料")

    def test_with_every_problem_of_every_row(self, sheet: Path) -> None:
        fill(sheet, 3, percent=101, 填报人=None)
        fill(sheet, 4, 填报人=None, 完成情况=None)
        assert [line.split("，")[0].split("；")[0] for line in problems(sheet)] == [
            "填报.xlsx：“待填报”第3行“进度（%）”栏填的是“101”",
            "填报.xlsx：“待填报”第3行“填报人”栏没有填写",
            "填报.xlsx：“待填报”第4行“完成情况”栏没有填写",
            "填报.xlsx：“待填报”第4行“填报人”栏没有填写",
        ]

    def test_with_the_same_period_filled_twice(self, sheet: Path) -> None:
        fill(sheet, 3)
        fill(sheet, 4, 期次编号="02-3/report/7")
        assert problems(sheet) == ["填报.xlsx：“待填报”第4行“期次”栏与第3行填的是同一期；请只留一行"]

    def test_and_stops_none_of_the_good_rows(self, sheet: Path) -> None:
        fill(sheet, 3, percent=101)
        fill(sheet, 4)
        assert [row.row for row in read_reports(sheet).rows] == [4]
        fill(sheet, 5, 期次编号="02-3/check/2")
        assert read_reports(sheet).rows == (), "of two for one period neither"

    def test_and_a_plans_workbook_is_refused(self, tmp_path: Path) -> None:
        write_plan(one_measure(), tmp_path / "a.xlsx")
        with pytest.raises(Refusal, match="另一种工作簿"):
            read_reports(tmp_path / "a.xlsx")
