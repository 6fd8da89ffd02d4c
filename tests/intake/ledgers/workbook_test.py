"""Whole files: workbooks as offices make them and the same as CSV, read from disk."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import process_time

import pytest
from openpyxl import Workbook

from intake.documents.reader import read_sheets
from intake.draft import Draft
from intake.ledgers import ledger_draft
from tests.intake.ledgers.sheets import measures, sheet

TITLE = "某市某局党组巡察整改台账（截至2025年5月）"
UPPER = ("序号", "反馈问题", "整改措施", "责任分工", None, None, "整改\n时限", "整改状态", "进展情况")
LOWER = (None, None, None, "牵头单位", "配合单位", "责任人", None, None, None)
ROWS: Sequence[Sequence[object]] = (
    (1, "学习不深入", "每月学习一次", "办公室", "机关党委", "张三 13800000000", date(2025, 5, 31), "整改中", "学习3次"),
    (None, None, "完善学习制度", "人事科", None, "李四", "2025年6月30日", "已完成", "印发制度"),
    (2, "内控制度不健全", "修制度", "财务科", "法规科、办公室", "王五", "2024年底前，长期坚持", "完成，长期坚持", None),
    (3, "执法不规范", "开展专项检查", "法规科", None, "赵六", "2025年2月30日", "整改中", None),
    ("合计", None, "4条", None, None, None, None, None, None),
    ("填报人：张三", None, None, "审核人：李四", None, None, None, None, None),
)  # fmt: skip
MERGED = ("A1:I1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:G3", "H2:H3", "I2:I3", "A4:A5", "B4:B5")


def workbook(path: Path) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "整改台账"
    for row in ((TITLE,), UPPER, LOWER, *ROWS):
        page.append(row)
    for merged in MERGED:
        page.merge_cells(merged)
    book.create_sheet("填表说明").append(("请按月报送",))
    book.create_sheet("旧台账").sheet_state = "hidden"
    book.save(path)
    return path


def table(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(TITLE,), UPPER, LOWER, *ROWS])
    return path


def draft(path: Path) -> Draft:
    return ledger_draft(read_sheets(path), path.name)


def test_an_office_workbook_is_read_whole(tmp_path: Path) -> None:
    read = draft(workbook(tmp_path / "台账.xlsx"))
    assert [(f.code, f.title, len(f.measures)) for f in read.findings] == [
        ("01", "学习不深入", 2),
        ("02", "内控制度不健全", 1),
    ]
    first, second, third = measures(read)
    assert (first.due, first.lead, first.assisting, first.handler, first.state, first.state_note) == (
        date(2025, 5, 31), "办公室", ("机关党委",), "张三", "in_progress", "学习3次",
    )  # fmt: skip
    assert (second.due, second.lead, second.source) == (date(2025, 6, 30), "人事科", "整改台账!5")
    assert (third.due, third.duration, third.state) == (date(2024, 12, 31), "dated", "done_claimed")
    assert [(e.row, e.column, e.value) for e in read.errors] == [(7, "G 整改时限", "2025年2月30日")]
    assert (read.facts.title, read.facts.organisation, read.facts.kind) == (TITLE, "某市某局党组", "party")


def test_the_same_ledger_as_csv_gives_the_same_findings(tmp_path: Path) -> None:
    of_book, of_table = draft(workbook(tmp_path / "整改台账.xlsx")), draft(table(tmp_path / "整改台账.csv"))
    assert of_table.findings == of_book.findings
    assert of_table.errors == of_book.errors


def test_everything_is_accounted_for(tmp_path: Path) -> None:
    """Every row of the file is a measure, an error, or told; the draft can be written as JSON."""
    read = draft(workbook(tmp_path / "台账.xlsx"))
    rows = {int(m.source.rpartition("!")[2]) for m in measures(read)} | {e.row for e in read.errors}
    rows |= {int(left.where.rpartition("!")[2]) for left in read.unplaced if left.where.startswith("整改台账!")}
    assert rows == set(range(4, 4 + len(ROWS)))
    assert {"填表说明", "旧台账"} <= {left.where for left in read.unplaced}
    assert read.as_dict()["mapping"][3]["header"] == "责任分工/牵头单位"


def test_progress_is_told_and_ends_at_the_end() -> None:
    rows = [(str(n), f"问题{n}", "措施", "2025-05-31") for n in range(1, 1001)]
    told: list[tuple[int, int]] = []
    ledger_draft(
        (sheet(("序号", "反馈问题", "整改措施", "整改时限"), *rows),),
        "台账.xlsx",
        progress=lambda *one: told.append(one),
    )
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == (1000, 1000)


@pytest.mark.slow
def test_five_thousand_rows_take_a_few_seconds_at_most() -> None:
    header = ("序号", "反馈问题", "整改措施", "整改时限", "牵头单位", "责任人", "整改状态")
    measure = "开展第{}轮整治，每月调度一次，完善制度，压实责任"
    rows = [
        (str(n), f"第{n}个问题", measure.format(n), f"2025年{n % 12 + 1}月底前", "办公室、人事科", "张三", "整改中")
        for n in range(1, 5001)
    ]
    whole = sheet(header, *rows)
    started = process_time()
    read = ledger_draft((whole,), "台账.xlsx")
    assert len(measures(read)) == 5000
    assert process_time() - started < 8, "about two seconds on an idle machine"
