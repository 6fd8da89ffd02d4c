"""One sheet is one table: a header, then one row for each thing. Written here, and read back by its headers.

People sort, filter, move columns and put a title above: a column is found by its header, not by its letter.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from intake.documents import Progress, guard
from intake.draft import CellError
from papers.workbook.cells import LONGEST_CELL, Cell, Unreadable, complaint_text
from papers.workbook.kinds import LINE, ORDER, CellKind
from papers.workbook.paint import FORMATS, StyledWorkbook, lamp_style, lay_out, style_of
from plan.types import Level
from text import clean
from text.refusals import Refusal

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
# Ten rows are more than any title takes; looking further would find headers quoted in the text.
_HEADER_WITHIN = 10
"""The header is looked for in the first rows: people like to put a title above it."""
_SPARE_ROWS = 500
"""Empty rows below the last that still offer the choices."""
_LINE_HEIGHT, _HIGHEST = 15, 400
"""Points: one line of text, and about the highest row there is. Not every program fits rows to their text itself."""


@dataclass(frozen=True, slots=True)
class WorkbookColumn:
    """One column. ``use``: people edit it, only read it, or never see it.

    ``listed`` is a range of another sheet whose values are offered; ``bounds`` are those of a whole number; ``hint`` is
    shown when a cell is chosen. The header is known by its ``needed`` columns. Of the others people edit only the
    ``spare`` ones may be missing: a deleted column would silently clear what it held.
    """

    name: str
    header: str
    width: float
    kind: CellKind = LINE
    use: Literal["edit", "read", "hidden"] = "edit"
    listed: str = ""
    bounds: tuple[int, int] | None = None
    hint: str = ""
    needed: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class WorkbookTable:
    """One sheet: its name, its columns, how many of them stay in sight when scrolling, and whether it prints on A3."""

    sheet: str
    columns: tuple[WorkbookColumn, ...]
    frozen: int = 1
    wide: bool = False

    def header(self, name: str) -> str:
        """The header of the column ``name``, for complaints."""
        return next((one.header for one in self.columns if one.name == name), "")

    def speaks(self, cells: Mapping[str, object]) -> bool:
        """Whether a row of these ``cells`` says anything: what is hidden, only shown, or numbers the row does not."""
        edited = {one.name for one in self.columns if one.use == "edit" and one.kind is not ORDER}
        return not cells.keys().isdisjoint(edited or {one.name for one in self.columns})


@dataclass(frozen=True, slots=True)
class WorkbookRow:
    """One row as found: its number in the sheet (from 1) and the cells of the columns that are there."""

    number: int
    cells: Mapping[str, Cell]


def write_table(
    book: StyledWorkbook, table: WorkbookTable, rows: Sequence[Mapping[str, Any]], title: str, above: str = ""
) -> Worksheet:
    """Add a sheet to a workbook.

    Args:
        book: takes the sheet.
        table: its name and columns.
        rows: column names to values of the column's kind, None or absent for none; a ``Level`` is coloured.
        title: printed above every page.
        above: stands in a line of its own above the header.

    Raises:
        Refusal: ``workbook_cell_too_long``.
    """
    sheet: Worksheet = book.create_sheet(table.sheet)
    lay_out(sheet, title, wide=table.wide)
    top = 2 if above else 1
    if above:
        seen = [column.use != "hidden" for column in table.columns].index(True)
        _write_cell(book, sheet.cell(1, seen + 1), table.columns[seen], above, "督办提示")
    for place, column in enumerate(table.columns, 1):
        _write_head(book, sheet.cell(top, place), column, top + len(rows) + _SPARE_ROWS)
    sheet.row_dimensions[top].height = 36
    for number, row in enumerate(rows, top + 1):
        _write_row(book, sheet, number, table, row)
    sheet.freeze_panes = f"{get_column_letter(table.frozen + 1)}{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(table.columns))}{top + len(rows)}"
    sheet.print_title_rows = f"{top}:{top}"
    return sheet


def _write_head(book: StyledWorkbook, cell: Any, column: WorkbookColumn, last: int) -> None:
    cell.value = column.header
    book.dress(cell, "督办表头" if column.use == "edit" else "督办参考表头")
    dimension = cell.parent.column_dimensions[cell.column_letter]
    # On the column and not its cells alone, for rows that people add below.
    dimension.width, dimension.hidden = column.width, column.use == "hidden"
    dimension.number_format = FORMATS[column.kind.look]  # also where rows are yet to be written
    offer(cell.parent, f"{cell.column_letter}{cell.row + 1}:{cell.column_letter}{last}", column)


def _write_row(
    book: StyledWorkbook, sheet: Worksheet, number: int, table: WorkbookTable, row: Mapping[str, Any]
) -> None:
    lines = 1
    for place, column in enumerate(table.columns, 1):
        style = style_of(column.kind.look, edited=column.use == "edit")
        cell, given = sheet.cell(number, place), row.get(column.name)
        if given is None:
            book.dress(cell, style)
        else:
            lines = max(lines, _write_cell(book, cell, column, given, style))
    sheet.row_dimensions[number].height = min(_LINE_HEIGHT * lines + 6, _HIGHEST)


def _write_cell(book: StyledWorkbook, cell: Any, column: WorkbookColumn, given: Any, style: str) -> int:
    """Write one cell; returns how many lines it takes."""
    value = column.kind.write(given)
    text = clean.cell(value) if isinstance(value, str) else ""
    # Excel counts in UTF-16: a rare character takes two of its places.
    if 2 * len(text) > LONGEST_CELL and len(text.encode("utf-16-le")) // 2 > LONGEST_CELL:
        raise Refusal("workbook_cell_too_long", sheet=cell.parent.title, row=cell.row, limit=LONGEST_CELL)
    cell.value = text or (None if isinstance(value, str) else value)
    if text:
        cell.data_type = "s"  # openpyxl would take =1+1 for a formula and #REF! for an error
    book.dress(cell, lamp_style(given) if isinstance(given, Level) else style, quoted=clean.is_formula(text))
    return 0 if column.use == "hidden" else line_count(text, column.width)


def line_count(text: str, width: float) -> int:
    """How many lines ``text`` takes in a column ``width`` digits wide; GBK has two bytes where a character is wide."""
    if 2 * len(text) < width - 1 and "\n" not in text:
        return 1
    return sum(1 + int(len(line.encode("gbk", "replace")) // (width - 1)) for line in text.split("\n"))


def offer(sheet: Worksheet, cells: str, column: WorkbookColumn) -> None:
    """Offer a column's choices, bounds and hint.

    Args:
        sheet: where.
        cells: such as ``C2:C90``.
        column: only one that people edit offers anything.
    """
    if column.use != "edit" or not (column.kind.choices or column.listed or column.bounds or column.hint):
        return
    choices = column.listed or (f'"{",".join(column.kind.choices)}"' if column.kind.choices else None)
    rule = DataValidation("list", formula1=choices) if choices else DataValidation()
    if column.bounds:
        low, high = column.bounds
        rule = DataValidation("whole", formula1=str(low), formula2=str(high), operator="between")
        rule.errorTitle, rule.error = column.header, f"请填{low}至{high}的整数"
    # Of the choices other wording is read, too, and whatever is not is told on import.
    rule.allow_blank, rule.showErrorMessage = True, column.bounds is not None
    if column.hint:
        rule.promptTitle, rule.prompt, rule.showInputMessage = column.header[:32], column.hint[:255], True
    rule.add(cells)
    sheet.add_data_validation(rule)


_BROKEN = (BadZipFile, KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, SyntaxError)
"""What openpyxl raises on files that only look like workbooks; an XML error is a SyntaxError."""


class WorkbookReader:
    """A workbook from outside, through the guard, as plain cells; complaints are gathered in ``errors``."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        """Open ``path``. Raises ``Refusal`` where it is no Excel workbook that may be read."""
        source = guard.admit(path)
        if source.kind != "xlsx":
            raise Refusal("workbook_not_excel", name=source.name)
        try:
            with catch_warnings():
                simplefilter("ignore")
                self._book = load_workbook(io.BytesIO(source.content), read_only=True, keep_links=False)
        except _BROKEN as error:
            raise Refusal("workbook_broken", name=source.name) from error
        self.name, self.errors, self._progress, self._read = source.name, list[CellError](), progress, 0
        self._total = sum(sheet.max_row or 0 for sheet in self._book.worksheets)

    def __contains__(self, sheet: str) -> bool:
        return sheet in self._book.sheetnames

    @property
    def problems(self) -> list[CellError]:
        """What was noted so far, in the order of the sheets and rows."""
        order = {name: place for place, name in enumerate(self._book.sheetnames)}
        return sorted(self.errors, key=lambda one: (order.get(one.sheet, -1), one.row))

    def complain(self, sheet: str, row: int, column: str, value: str, why: str) -> None:
        """Note a problem.

        Args:
            sheet: where it is.
            row: from 1; 0 where it concerns the whole sheet.
            column: header; empty where it concerns the whole row.
            value: what the cell says.
            why: what is wrong with it and how to mend it, in Chinese.
        """
        self.errors.append(CellError(sheet, row, column, value, why))

    def rows(self, table: WorkbookTable, *, optional: bool = False) -> list[WorkbookRow]:
        """The rows of a table that hold anything; a missing sheet or column is noted as a problem.

        Args:
            table: its name and columns.
            optional: whether the sheet may be missing.

        Raises:
            Refusal: ``workbook_broken``.
        """
        if table.sheet not in self:
            if not optional:
                self.complain(table.sheet, 0, "", "", "工作表不见了；请恢复，或从系统重新导出")
            return []
        try:
            with catch_warnings():
                simplefilter("ignore")  # of extensions it drops and dates it cannot hold: neither concerns us
                return self._rows(table)
        except _BROKEN as error:
            raise Refusal("workbook_broken", name=self.name) from error

    def _rows(self, table: WorkbookTable) -> list[WorkbookRow]:
        lines = self._lines(table)
        places = self._header(table, lines)
        if not places:
            return []
        found = (WorkbookRow(number, _named(cells, places)) for number, cells in lines)
        return [row for row in found if table.speaks(row.cells)]

    def _lines(self, table: WorkbookTable) -> Iterator[tuple[int, Sequence[Cell]]]:
        sheet: Any = self._book[table.sheet]
        sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            if number > MOST_ROWS and any(cell.value is not None for cell in cells):
                self.complain(table.sheet, number, "", "", f"超过{MOST_ROWS}行；请拆分")
                return
            self._read += 1
            if self._progress and self._read % 500 == 0:
                self._progress(self._read, max(self._total, self._read))
            yield number, cells

    def _header(self, table: WorkbookTable, lines: Iterator[tuple[int, Sequence[Cell]]]) -> dict[str, int]:
        """Where each column is, by its header; empty where no row looks like the header."""
        names = {column.header: column.name for column in table.columns}
        best: dict[str, int] = {}
        for _, cells in islice(lines, _HEADER_WITHIN):
            found: dict[str, int] = {}
            for place, cell in enumerate(cells):
                if name := names.get(str(cell.value).strip()):
                    found.setdefault(name, place)
            # The row most like the header, so that what is told as missing is what really is.
            best = max(best, found, key=len)
            if all(column.name in found for column in table.columns if column.needed):
                break
        lost = [column for column in table.columns if column.name not in best and _missed(column)]
        for column in lost:
            self.complain(table.sheet, 0, column.header, "", "在表头里找不到；请恢复这一栏")
        return {} if any(column.needed for column in lost) else best

    def read(self, table: WorkbookTable, row: WorkbookRow, name: str) -> Any:
        """The value of one cell by its column's kind, None for an empty cell; what cannot be read is noted.

        Args:
            table: whose columns are meant.
            row: of that table.
            name: of the column.
        """
        cell = row.cells.get(name)
        if cell is None:
            return None
        column = next(one for one in table.columns if one.name == name)
        try:
            return column.kind.read(cell)
        except Unreadable as error:
            self.complain(table.sheet, row.number, column.header, complaint_text(cell), str(error))
            return None


def _missed(column: WorkbookColumn) -> bool:
    return column.needed or (column.use == "edit" and not column.spare)


def _named(cells: Sequence[Cell], places: Mapping[str, int]) -> dict[str, Cell]:
    there = ((name, cells[place]) for name, place in places.items() if place < len(cells))
    return {name: cell for name, cell in there if cell.value not in (None, "")}
