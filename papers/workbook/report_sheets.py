"""The periods that wait for one unit, out to a sheet to fill in and back.

A unit that would rather not open the system fills in this sheet; the office imports it, and every row goes through
the same command as a report from anywhere else.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from papers.workbook import FilledRow, FilledSheet, WaitingRow, WorkbookError
from papers.workbook.cells import Cell, Unreadable, cell_text
from papers.workbook.kinds import CODE, DAY, LINE, TEXT, YES_NO, CellKind
from papers.workbook.marks import Marks, add_marks, read_marks
from papers.workbook.paint import StyledWorkbook
from papers.workbook.tables import WorkbookColumn, WorkbookReader, WorkbookRow, WorkbookTable, write_table
from text.limits import LONGEST_TEXT
from text.refusals import Refusal

_FORMAT = "duban-report"
_HOW = "请填写深蓝表头的栏目：完成情况、进度、填报人必填；没有填的行不导入，灰色表头的栏目改了也不导入。"


def _percent(cell: Cell) -> int | None:
    """Whole per cent; where the cell's format is per cent, 80 % is held as 0.8. Raises ``Unreadable``."""
    text = unicodedata.normalize("NFKC", cell_text(cell)).strip().removesuffix("%")
    if not text:
        return None
    # Only a number: 80% typed as text is held as it was typed.
    if cell.data_type == "n" and "%" in cell.number_format:
        text = f"{float(text) * 100:.6g}"
    if not re.fullmatch(r"\d{1,2}(\.0+)?|100(\.0+)?", text):
        raise Unreadable("不是0至100的整数；请改正")
    return int(float(text))


def _body(cell: Cell) -> str | None:
    text = cell_text(cell).strip()
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"共{len(text)}字，超过上限{LONGEST_TEXT}字；请精简或改用佐证材料")
    return text or None


def _evidence(cell: Cell) -> tuple[str, ...] | None:
    return tuple(line.strip() for line in (_body(cell) or "").split("\n") if line.strip()) or None


_PERCENT = CellKind(lambda value: value, _percent, "数字")
_BODY = CellKind(lambda value: value, _body, "文字")
_EVIDENCE = CellKind(lambda value: value, _evidence, "文字")

REPORTS = WorkbookTable(
    "待填报",
    (
        WorkbookColumn("key", "期次编号", 18, CODE, "hidden", needed=True),
        WorkbookColumn("measure", "措施编号", 10, CODE, "read"),
        WorkbookColumn("duty", "督办事项", 22, LINE, "read"),
        WorkbookColumn("label", "期次", 18, LINE, "read"),
        WorkbookColumn("due_on", "期限", 15, DAY, "read"),
        WorkbookColumn("last_text", "上期填报", 34, TEXT, "read"),
        WorkbookColumn("body", "完成情况", 48, _BODY, hint="写明做了什么、到什么程度", needed=True),
        WorkbookColumn("percent", "进度（%）", 9, _PERCENT, bounds=(0, 100), hint="0至100的整数", needed=True),
        WorkbookColumn("finished", "是否已全部完成", 10, YES_NO, hint="措施本身全部做完填“是”；不填为“否”"),
        WorkbookColumn("difficulty", "存在困难", 28, _BODY, hint="没有就空着"),
        WorkbookColumn("help_needed", "需协调事项", 28, _BODY, hint="没有就空着"),
        WorkbookColumn(
            "evidence", "佐证材料", 30, _EVIDENCE, hint="文件名或链接，一行一份（单元格内按 Alt+Enter 换行）"
        ),
        WorkbookColumn("by", "填报人", 12, LINE, hint="谁填报的", needed=True),
    ),
    frozen=5,
    wide=True,
)
_FILLED = tuple(column.name for column in REPORTS.columns if column.use == "edit")


def write_reports(rows: Sequence[WaitingRow], path: Path, unit: str) -> None:
    """Write the periods that wait for a unit as a sheet to fill in; an existing file is replaced.

    Args:
        rows: the periods, in the order in which they are to stand; may be empty.
        path: where to, ending in ``.xlsx``.
        unit: the name of the unit, printed above every page and kept in the sheet.

    Raises:
        Refusal: ``workbook_cell_too_long``, a text longer than a cell can hold.
    """
    book = StyledWorkbook()
    fields = [{name: getattr(row, name) for name in type(row).__dataclass_fields__} for row in rows]
    write_table(book, REPORTS, fields, f"{unit}　督办事项填报表", above=f"{unit}：{_HOW}")
    add_marks(book, Marks(_FORMAT, unit=unit))
    book.save(path)


def read_reports(path: Path) -> FilledSheet:
    """Read the filled rows of a sheet that ``write_reports`` wrote.

    Args:
        path: the workbook.

    Returns:
        Whose sheet it is, and its filled rows in their order, without those in which something is wrong, which stop no
        other; a row in which nothing is filled is skipped.

    Raises:
        WorkbookError: what is wrong concerns the whole sheet.
        Refusal: the file is no workbook that may be read (``intake/documents/guard.py``), or of another kind;
            ``sheet_without_unit``.
    """
    book = WorkbookReader(path)
    unit = read_marks(book, _FORMAT).unit
    if not unit:
        raise Refusal("sheet_without_unit")
    found = [filled for row in book.rows(REPORTS) if (filled := _filled(book, row))]
    doubled = _tell_doubles(book, found)
    if any(not one.row for one in book.errors):
        raise WorkbookError(path, book.problems)
    # Of two rows for one period nobody knows which is meant: neither is taken.
    wrong = {one.row for one in book.errors} | doubled
    return FilledSheet(unit, tuple(row for row in found if row.row not in wrong), tuple(book.problems))


_MISSING = {
    "body": "没有填写；请写明做了什么",
    "percent": "没有填写；请填0至100的整数",
    "by": "没有填写；请写明填报人",
    "key": "丢失，不知道报的是哪一期；请填在导出的行里，或重新导出",
}


def _filled(book: WorkbookReader, row: WorkbookRow) -> FilledRow | None:
    """One row; None where nothing but a name is filled, or where a problem was noted."""
    told = len(book.errors)
    read = ((name, book.read(REPORTS, row, name)) for name in _FILLED)
    values: dict[str, Any] = {name: value for name, value in read if value is not None}
    wrong = {one.column for one in book.errors[told:]}
    # A name alone is what offices fill down the whole column: it is no report.
    if values.keys() <= {"by"} and not wrong:
        return None
    values |= {"key": book.read(REPORTS, row, "key"), "measure": book.read(REPORTS, row, "measure") or ""}
    for name, why in _MISSING.items():
        if values.get(name) is None and REPORTS.header(name) not in wrong:
            book.complain(REPORTS.sheet, row.number, REPORTS.header(name), "", why)
    if len(book.errors) > told:
        return None
    return FilledRow(row.number, **values | {"finished": values.get("finished") == "true"})


def _tell_doubles(book: WorkbookReader, rows: Sequence[FilledRow]) -> set[int]:
    """Note rows that are for a period of an earlier row; returns the numbers of those earlier rows."""
    first: dict[str, int] = {}
    doubled: set[int] = set()
    for row in rows:
        if first.setdefault(row.key, row.row) != row.row:
            why = f"与第{first[row.key]}行填的是同一期；请只留一行"
            book.complain(REPORTS.sheet, row.row, REPORTS.header("label"), "", why)
            doubled.add(first[row.key])
    return doubled
