"""A plan under supervision goes out with its lamps and periods, in a workbook that is good to work with."""

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from papers.workbook import MeasureStatus, PeriodRow, PlanStatus
from papers.workbook.plan_sheets import read_plan, write_plan
from plan.model import Plan
from plan.types import Level, PeriodState
from tests.papers.conftest import Saved
from tests.papers.editing import SHEETS, editing, same
from tests.plans import measure, plan_of


class TestTheLedgerStandsInTheWorkbook:
    @pytest.fixture
    def exported(self, small: Plan, tmp_path: Path) -> Path:
        rows = [
            PeriodRow(
                "p1",
                "02-2",
                "report",
                "2025年1月",
                date(2025, 1, 1),
                date(2025, 1, 31),
                PeriodState.CLOSED,
                "按期办结",
                "=已报\n_x000D_",
            ),
            PeriodRow("p2", "02-2", "report", "2025年2月", date(2025, 2, 1), date(2025, 2, 28), PeriodState.WAITING),
            PeriodRow("p3", "02-9", "gone", "2025年2月", date(2025, 2, 1), date(2025, 2, 28), PeriodState.WITHDRAWN),
        ]
        lamps = {
            "02-2": MeasureStatus(Level.ORANGE, "逾期", date(2025, 2, 28)),
            "02-1": MeasureStatus(Level.NONE, "无时限"),
        }
        write_plan(small, tmp_path / "a.xlsx", PlanStatus("d1", lamps, tuple(rows)))
        return tmp_path / "a.xlsx"

    def test_with_lamps_in_colour(self, exported: Path) -> None:
        with editing(exported, "整改台账") as found:
            lamp = found.sheet.cell(2, found.column("亮灯"))
            assert (lamp.value, lamp.fill.fgColor.rgb) == ("橙", "00F4A460")
            assert [found.get(2, name) for name in ("时限状态", "下一期限")] == [
                "逾期",
                datetime.fromisoformat("2025-02-28"),
            ]
            assert found.get(3, "亮灯") == "无色"

    def test_and_comes_back_with_its_digest_and_nothing_edited(self, exported: Path, small: Plan) -> None:
        found = read_plan(exported)
        assert same(found.plan, small)
        assert (found.digest, found.edited_periods) == ("d1", ())

    def test_also_after_libreoffice_saved_it(self, exported: Path, saved_by_libreoffice: Saved) -> None:
        found = read_plan(saved_by_libreoffice(exported))
        assert (found.digest, found.edited_periods) == ("d1", ())

    def test_sorted_and_shortened_lists_are_no_edits(self, exported: Path) -> None:
        with editing(exported, "期次") as found:
            found.reorder(lambda row: row[2])
            found.sheet.delete_rows(2)
        assert read_plan(exported).edited_periods == ()

    def test_an_edit_is_told_by_row_and_column(self, exported: Path) -> None:
        with editing(exported, "期次") as found:
            found.put(2, "状态", "待填报")
            found.put(2, "最近填报", "没有报")
            found.put(3, "期限", "2025年3月31日")
            found.add(措施编号="02-2", 期次="2025年9月")
        assert [(one.sheet, one.row, one.key, one.what) for one in read_plan(exported).edited_periods] == [
            ("期次", 2, "p1", "“状态”“最近填报”被改动"),
            ("期次", 3, "p2", "“期限”被改动"),
            ("期次", 5, "", "是新增的行"),
        ]

    def test_a_date_written_in_words_is_the_same_date(self, exported: Path) -> None:
        with editing(exported, "期次") as found:
            found.put(3, "期限", "2025年2月28日")
        assert read_plan(exported).edited_periods == ()

    def test_a_swapped_key_is_told(self, exported: Path) -> None:
        with editing(exported, "期次") as found:
            found.put(2, "期次编号", "p2")
        assert [one.what for one in read_plan(exported).edited_periods] == ["技术栏被改动"]


class TestTheWorkbookIsGoodToWorkWith:
    def test_its_header_stays_in_sight_filters_and_repeats_in_print(self, book: Path) -> None:
        for sheet in (load_workbook(book)[name] for name in SHEETS):
            assert sheet.freeze_panes.endswith("2")
            assert sheet.auto_filter.ref.startswith("A1:")
            assert sheet.print_title_rows == "$1:$1"
            assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)

    def test_it_opens_on_the_ledger_and_hides_what_is_technical(self, book: Path) -> None:
        found = load_workbook(book)
        assert found.active.title == "整改台账"
        assert [sheet.title for sheet in found if sheet.sheet_state != "visible"] == ["_督办"]
        assert found["责任单位"].column_dimensions["G"].hidden

    def test_dates_are_dates_and_codes_are_text(self, book: Path) -> None:
        with editing(book, "督办事项") as found:
            due = found.sheet.cell(3, found.column("期限"))
            assert (due.value, due.number_format) == (datetime.fromisoformat("2025-05-31"), 'yyyy"年"m"月"d"日"')
            assert found.sheet.cell(3, found.column("措施编号")).number_format == "@"
            assert found.sheet.column_dimensions["B"].number_format == "@"  # also in the rows still to be written

    def test_every_vocabulary_is_offered_in_chinese(self, book: Path) -> None:
        found = load_workbook(book)
        offered = {
            rule.formula1 for sheet in found for rule in sheet.data_validations.dataValidation if rule.type == "list"
        }
        assert '"未启动,整改中,申报完成,验收通过,已销号,重新整改,暂停计时"' in offered
        assert '"每日,每周,每旬,每半月,每月,每两月,每季度,每半年,每年,一次性"' in offered
        assert '"党委巡视巡察,生态环境保护督察,审计,政府督查"' in offered
        assert {"'责任单位'!$C$2:$C$1000", "'岗位'!$C$2:$C$1000"} <= offered
        assert all(len(formula) <= 255 for formula in offered)

    def test_a_long_text_gets_a_high_row(self, tmp_path: Path) -> None:
        write_plan(plan_of(measure(text="督办" * 100), measure("01-2")), tmp_path / "a.xlsx")
        sheet = load_workbook(tmp_path / "a.xlsx")["整改台账"]
        assert sheet.row_dimensions[2].height > 100 > 40 > sheet.row_dimensions[3].height
