"""A plan goes out to Excel and comes back: unchanged, or changed exactly where somebody changed it."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from config.settings import HERE
from papers.workbook import PlanStatus
from papers.workbook.kinds import due_rule
from papers.workbook.plan_sheets import read_plan, write_plan
from plan.due import DueRule, due_text
from plan.loader import load_plan
from plan.model import MeasureSpec, Plan
from plan.types import Cadence
from tests.papers.conftest import Saved
from tests.papers.editing import SHEETS, editing, same
from tests.papers.plans import NASTY, dues, plans
from tests.plans import duty, measure, plan_of


@pytest.fixture(scope="module")
def ezhou() -> Plan:
    return load_plan(HERE / "plans" / "ezhou-2024.yaml")


def measures(plan: Plan) -> dict[str, MeasureSpec]:
    return {one.code: one for finding in plan.findings for one in finding.measures}


class TestAPlanComesBack:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(plan=plans())
    def test_unchanged_whatever_is_in_it(self, plan: Plan, scratch: Path) -> None:
        write_plan(plan, scratch)
        assert same(read_plan(scratch).plan, plan)

    def test_unchanged_with_all_of_the_ezhou_plan(self, ezhou: Plan, tmp_path: Path) -> None:
        write_plan(ezhou, tmp_path / "a.xlsx")
        found = read_plan(tmp_path / "a.xlsx")
        assert same(found.plan, ezhou)
        assert (found.digest, found.edited_periods) == (None, ())

    def test_unchanged_after_libreoffice_saved_it(
        self, ezhou: Plan, tmp_path: Path, saved_by_libreoffice: Saved
    ) -> None:
        write_plan(ezhou, tmp_path / "a.xlsx", PlanStatus("abc"))
        found = read_plan(saved_by_libreoffice(tmp_path / "a.xlsx"))
        assert same(found.plan, ezhou)
        assert (found.digest, found.edited_periods) == ("abc", ())

    def test_with_the_nastiest_texts_after_libreoffice_saved_it(
        self, tmp_path: Path, saved_by_libreoffice: Saved
    ) -> None:
        nasty = [
            measure(f"01-{place}", title=text, text=f" {text}\n\n{text}\n", state_note=text, duties=[duty(source=text)])
            for place, text in enumerate(NASTY, 1)
        ]
        plan = plan_of(*nasty, measure("01-99", text="😀" * 4000))
        write_plan(plan, tmp_path / "a.xlsx")
        assert same(read_plan(saved_by_libreoffice(tmp_path / "a.xlsx")).plan, plan)

    def test_with_progress_told_on_the_way(self, ezhou: Plan, tmp_path: Path) -> None:
        write_plan(plan_of(*(measure(f"01-{n}") for n in range(600))), tmp_path / "a.xlsx")
        told: list[tuple[int, int]] = []
        read_plan(tmp_path / "a.xlsx", lambda done, of: told.append((done, of)))
        assert [done for done, _ in told] == [500, 1000]
        assert all(done <= of for done, of in told)

    def test_with_every_text_as_text_and_none_as_a_formula(self, tmp_path: Path) -> None:
        write_plan(plan_of(measure(title="=1+1", state_note="@x", text="+86")), tmp_path / "a.xlsx")
        cells = [
            cell for row in load_workbook(tmp_path / "a.xlsx")["整改台账"] for cell in row if cell.value is not None
        ]
        assert {cell.data_type for cell in cells} == {"s", "n"}
        assert [cell.value for cell in cells if cell.quotePrefix] == ["=1+1", "+86", "@x"]

    @pytest.mark.parametrize(
        "names",
        [
            {"water": "soil", "soil": "水科"},
            {"water": "水科〔soil〕", "soil": "水科"},
            {"water": "水科、土壤科", "soil": "土壤科"},
        ],
    )
    def test_with_units_whose_names_mean_something_else_too(self, tmp_path: Path, names: dict[str, str]) -> None:
        units = {key: {"name": name, "handler": ["handler"]} for key, name in names.items()}
        plan = plan_of(measure(assisting=["soil", "water"]), measure("01-2", lead="soil"), units=units)
        write_plan(plan, tmp_path / "a.xlsx")
        assert same(read_plan(tmp_path / "a.xlsx").plan, plan)

    def test_with_days_before_excel_begins_to_count_as_text(self, tmp_path: Path) -> None:
        plan = plan_of(measure(duties=[duty(anchor="1900-01-01", opens_on="1900-03-01")]))
        write_plan(plan, tmp_path / "a.xlsx")
        with editing(tmp_path / "a.xlsx", "督办事项") as found:
            assert found.get(2, "周期起算日") == "1900-01-01"
            assert found.get(2, "起始日期") == datetime.fromisoformat("1900-03-01")
        assert same(read_plan(tmp_path / "a.xlsx").plan, plan)

    @given(due=dues, cadence=st.sampled_from(Cadence))
    def test_with_every_due_rule_in_words(self, due: str, cadence: Cadence) -> None:
        rule = DueRule.parse(due)
        assert DueRule.parse(due_rule(due_text(rule, cadence))) == DueRule.parse(due_rule(str(rule))) == rule

    @pytest.mark.parametrize(
        ("written", "rule"),
        [
            ("期末前３个工作日", "end-3wd"),
            ("期末后5日", "end+5d"),
            ("每月25日", "day 25"),
            ("下月5号", "after day 5"),
            ("当月31日", "day 31"),
            ("末月月底", "day 31"),
            ("第2个月31日", "month 2 day 31"),
            ("次月底", "after day 31"),
            (" 期初后 9 天 ", "start+9d"),
            ("第 3 个工作日", "workday 3"),
            ("倒数第1个工作日", "workday -1"),
            ("倒数第1个星期五", "friday -1"),
            ("第2个月10号", "month 2 day 10"),
        ],
    )
    def test_with_due_rules_as_people_write_them(self, written: str, rule: str) -> None:
        assert due_rule(written) == rule


class TestPeopleEditTheWorkbook:
    def test_and_sort_the_rows(self, book: Path, small: Plan) -> None:
        for sheet in SHEETS:
            with editing(book, sheet) as found:
                found.reorder(lambda row: -row[0])
        assert same(read_plan(book).plan, small)

    def test_and_put_a_title_above_and_columns_of_their_own(self, book: Path, small: Plan) -> None:
        with editing(book, "整改台账") as found:
            found.sheet.insert_rows(1)
            found.sheet["A1"] = "某局整改台账"
            found.sheet.insert_cols(3)
            found.sheet["C2"], found.sheet["C3"] = "我的备注", "看过"
        assert same(read_plan(book).plan, small)

    def test_and_add_a_measure_below_the_last(self, book: Path, small: Plan) -> None:
        given = {"整改措施": "新措施", "措施内容": "新做的事", "整改类型": "限期整改", "整改状态": "未启动"}
        with editing(book, "整改台账") as found:
            found.add(措施编号="02-3", 牵头单位="土壤科", 进展说明="新增", **given)
        with editing(book, "督办事项") as found:
            found.add(措施编号="02-3", 类别="报送", 督办事项="每月报送", 频次="每月", 依据="新增", 每期期限="次月5日")
            found.add(措施编号="02-3", 类别="报送", 督办事项="每周报送", 频次="weekly", 依据="新增")
        plan = read_plan(book).plan
        assert list(measures(plan)) == ["02-2", "02-1", "02-3", "01-1", "01-2"]
        added = measures(plan).pop("02-3")
        assert (added.lead, added.title, [one.key for one in added.duties]) == (
            "soil",
            "新措施",
            ["report", "report-2"],
        )
        assert added.duties[0].due == DueRule.parse("after day 5")

    def test_and_number_a_row_in_between(self, book: Path) -> None:
        with editing(book, "整改台账") as found:
            found.put(found.row_of("措施编号", "01-2"), "序号", 2.5)
        assert list(measures(read_plan(book).plan)) == ["02-2", "02-1", "01-2", "01-1"]

    def test_and_add_a_unit_and_a_post(self, book: Path) -> None:
        with editing(book, "岗位") as found:
            found.add(岗位名称="新科经办人", 渠道1="mail", 地址1="a@b.cn", 渠道2="outbox")
        with editing(book, "责任单位") as found:
            found.add(单位名称="新科", 承办岗位="新科经办人")
        with editing(book, "整改台账") as found:
            found.put(2, "配合单位", "水科、新科")
        plan = read_plan(book).plan
        assert plan.units["unit-1"].handler == ["role-1"]
        assert list(plan.roles["role-1"].channels.items()) == [("mail", "a@b.cn"), ("outbox", "")]
        assert measures(plan)["02-2"].assisting == ["water", "unit-1"]

    def test_and_rename_a_unit_in_one_place(self, book: Path, small: Plan) -> None:
        with editing(book, "责任单位") as found:
            found.put(found.row_of("单位名称", "水科"), "单位名称", "水生态科")
        plan = read_plan(book).plan
        assert plan.units["water"].name == "水生态科"
        assert plan.findings == small.findings

    def test_and_delete_or_clear_a_row(self, book: Path) -> None:
        with editing(book, "待确认问题") as found:
            found.sheet.delete_rows(found.row_of("原文表述", "定期"))
        with editing(book, "督办事项") as found:
            row = found.row_of("督办事项", "完成")
            for cell in found.sheet[row]:
                if cell.column not in (1, 3):  # the number, and the measure's title that is only for reading
                    cell.value = None
        plan = measures(read_plan(book).plan)
        assert plan["02-1"].questions == []
        assert [one.key for one in plan["02-2"].duties] == ["report"]

    @pytest.mark.parametrize(
        "written",
        [
            "2025年6月30日",
            "2025.6.30",
            "2025/6/30",
            "20250630",
            "２０２５年６月３０日前",
            "2025年6月底前",
            datetime.fromisoformat("2025-06-30"),
            45838,
        ],
    )
    def test_and_write_dates_in_words(self, book: Path, written: Any) -> None:
        with editing(book, "督办事项") as found:
            row = found.row_of("督办事项", "完成")
            found.put(row, "期限", written)
            found.sheet.cell(row, found.column("期限")).number_format = (
                "General" if isinstance(written, int) else "yyyy-mm-dd"
            )
        assert measures(read_plan(book).plan)["02-2"].duties[1].due_on == date(2025, 6, 30)

    def test_and_paste_text_with_characters_nobody_sees(self, book: Path) -> None:
        with editing(book, "整改台账") as found:
            found.put(2, "整改措施", "\ufeff每月\u200b调度\t进度 ")
            found.put(2, "措施内容", "第一段_x000D_\n第二段")
        found = measures(read_plan(book).plan)["02-2"]
        assert (found.title, found.text) == ("每月调度 进度", "第一段\n第二段")

    def test_and_leave_out_a_findings_title_where_it_repeats(self, book: Path, small: Plan) -> None:
        with editing(book, "整改台账") as found:
            row = found.row_of("措施编号", "01-2")
            found.put(row, "问题编号", None)
            found.put(row, "反馈问题", None)
        assert same(read_plan(book).plan, small)

    def test_and_change_what_is_only_for_reading_to_no_effect(self, book: Path, small: Plan) -> None:
        with editing(book, "督办事项") as found:
            found.put(2, "整改措施", "随便写写")
        assert same(read_plan(book).plan, small)

    def test_and_number_rows_by_formula(self, book: Path, small: Plan) -> None:
        with editing(book, "整改台账") as found:
            for row in range(2, 6):
                found.put(row, "序号", "=ROW()-1")
        assert same(read_plan(book).plan, small)
