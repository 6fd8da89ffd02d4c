"""From a published notice to a supervised plan in one sitting: everything that is open is answered in one sheet."""

from pathlib import Path

import pytest

from papers.workbook.plan_sheets import read_plan
from plan.loader import load_plan
from tests.cli.conftest import Run
from tests.intake.notices.reading import EZHOU
from tests.papers.editing import Sheet, editing

BEFORE = 55 + 59 + 4
"""Cells that had to be filled or rows to be deleted: units of measures, questions, and supervisors, unasked."""
UNITS = {"机关党委": "16、17、20、21、22", "办公室": "12、13、14、15、23", "人事科": "18、19", "综合科": "01-1、02"}
SUPERVISORS = {"分管领导": "王副局长", "主要领导": "李局长", "纪检监察组": "派驻纪检监察组", "整改办": "整改办张主任"}
OF_ITS_OWN = {
    "没有写明日期": "每季度、2025-12-31",
    "已做的事": "已完成",
    "预计5月完工": "2025-06-30",
    "不定期": "不需要",
}
"""What is answered otherwise than as it is suggested."""


class _Pen:
    """Fills cells in and counts them."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self.filled = sheet, 0

    def put(self, row: int, header: str, value: str) -> None:
        self._sheet.put(row, header, value)
        self.filled += 1


def _answer(sheet: Sheet, pen: _Pen) -> None:
    questions = [row for row in range(2, sheet.sheet.max_row + 1) if sheet.get(row, "原文表述")]
    for row in questions:
        phrase = sheet.get(row, "原文表述")
        if phrase == "牵头单位":
            pen.put(row, "答复", "生态科")  # all that no other row names
            continue
        pen.put(row, "答复", SUPERVISORS.get(phrase) or OF_ITS_OWN.get(phrase) or "照此办理")
    lead = sheet.row_of("原文表述", "牵头单位")
    for unit, codes in UNITS.items():
        copied = sheet.add(**{header: sheet.get(lead, header) for header in ("原文表述", "需要确认", "答复前暂按")})
        pen.put(copied, "措施编号", codes)
        pen.put(copied, "答复", unit)


def test_the_notice_of_ezhou_becomes_a_supervised_plan_through_its_workbook(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    said = run("intake", str(EZHOU), "-o", str(file))
    assert (said.status, said.err) == (0, "")
    assert f"duban plan check {file}" in said.out
    refused = run("plan", "check", str(file))
    assert refused.status == 2
    assert "逾期后无人督办" in refused.err
    with editing(file, "待确认问题") as sheet:
        pen = _Pen(sheet)
        _answer(sheet, pen)
    assert pen.filled <= BEFORE / 3
    checked = run("plan", "check", str(file), "--json").json
    assert (checked["questions"], checked["assumed"], checked["unsupervised"]) == (0, 0, [])
    assert run("plan", "load", str(file), "--at", "2025-02-17", "--yes").status == 0
    ledger = {one["code"]: one for one in run("ledger", "--json").json["measures"]}
    assert {code: ledger[code]["lead_unit"] for code in ("01-1", "02-3", "05-1", "12-1", "18-2", "22-2")} == {
        "01-1": "综合科",
        "02-3": "综合科",
        "05-1": "生态科",
        "12-1": "办公室",
        "18-2": "人事科",
        "22-2": "机关党委",
    }
    assert ledger["16-1"]["work_state"] == "done_claimed"
    assert [one["cadence"] for one in ledger["05-2"]["duties"]] == ["quarterly", "once"]
    assert "没有写明日期”的答复：每季度、2025-12-31" in run("explain", "05-2").out
    assert "答复“已做的事”：已完成" in run("show", "16-1").out


def test_a_name_that_ends_in_xlsx_never_gets_yaml_and_any_other_never_a_workbook(run: Run, tmp_path: Path) -> None:
    for name in ("plan.xlsx", "PLAN.XLSX"):
        run("intake", str(EZHOU), "-o", str(tmp_path / name))
        assert (tmp_path / name).read_bytes()[:2] == b"PK"
    run("intake", str(EZHOU), "-o", str(tmp_path / "plan.yaml"))
    assert load_plan(tmp_path / "plan.yaml") == read_plan(tmp_path / "plan.xlsx").plan


def test_a_workbook_that_was_answered_goes_out_anew_with_its_units_and_posts(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    run("intake", str(EZHOU), "-o", str(first))
    with editing(first, "待确认问题") as sheet:
        _answer(sheet, _Pen(sheet))
    assert run("plan", "export", str(second), "--plan", str(first)).status == 0
    with editing(second, "责任单位") as sheet:
        assert {sheet.get(row, "单位名称") for row in range(2, sheet.sheet.max_row + 1)} == {*UNITS, "生态科"}
    with editing(second, "待确认问题") as sheet:
        assert sheet.sheet.max_row == 1


ORDER = """关于做好安全生产大检查的通知
各乡镇：请于2024年3月10日前报送自查报告，每月底报送整改进展。
一、总体要求
全面排查隐患。
"""


@pytest.fixture
def order(tmp_path: Path) -> str:
    file = tmp_path / "order.txt"
    file.write_text(ORDER, encoding="utf-8")
    return str(file)


GIVEN = ("--organisation", "某县", "--inspector", "县督查室", "--kind", "government", "--feedback-on", "2024-02-20")


def test_a_paper_without_problems_that_asks_for_something_becomes_a_list_of_tasks(
    run: Run, order: str, tmp_path: Path
) -> None:
    assert run("intake", order).out.startswith("没有读到反馈问题\n")
    said = run("intake", order, "-o", str(tmp_path / "plan.yaml"), *GIVEN)
    assert said.out.startswith("没有读到反馈问题；文中要求办理的事已列为一份任务清单")
    (finding,) = load_plan(tmp_path / "plan.yaml").findings
    assert finding.title == "关于做好安全生产大检查的通知"
    duties = [(one.kind, one.cadence, str(one.due_on), one.assumed) for one in finding.measures[0].duties]
    assert duties == [("report", "once", "2024-03-10", True), ("report", "monthly", "None", True)]
    assert len(finding.measures[0].questions) == 2


def test_all_facts_that_are_missing_are_told_at_once(run: Run, order: str, tmp_path: Path) -> None:
    said = run("intake", order, "-o", str(tmp_path / "plan.xlsx"))
    assert (said.status, said.err.count("\n"), list(tmp_path.glob("*.xlsx"))) == (2, 1, [])
    for option in ("--organisation", "--inspector", "--kind", "--feedback-on"):
        assert option in said.err
