"""An .xlsx workbook as plain cells: what Excel last showed, no formula run, no link followed."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import range_boundaries

from intake.documents import Document, Grid, Progress, Unseen
from intake.documents.grid_builder import MAX_COLUMNS, MAX_TEXT, Cell, GridBuilder, Range
from intake.documents.plain_text import clean_cell, clean_line
from text.refusals import Refusal

MAX_SHEETS = 200
_LAST_ROW = 1_048_576
"""Excel's own last row; a file that names a later one is not from Excel."""
_TRUE = frozenset(("1", "true"))
_MAX_SLOTS = 30_000_000
"""Cells looked at in one workbook, empty ones included."""
_CHINESE_DATES = frozenset((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58))
"""Number formats that a Chinese Excel knows as dates without writing them out (31 is 2025年5月1日)."""
_MONTHS = frozenset((17, 27, 36, 50, 52, 57))
"""Those built-in formats that show a month without a day: 2025年5月, May-25."""
_SAID = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
"""What a format writes out or sets aside: its letters name no part of a date."""


@dataclass(slots=True)
class _Marks:
    """What the cells alone do not tell: merged ranges, rows there are, what is hidden, formulas never computed."""

    merged: list[Range] = field(default_factory=list)
    rows: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncomputed: dict[str, str] = field(default_factory=dict)


def read_workbook(name: str, content: bytes, progress: Progress) -> Document:
    """Every worksheet in order, hidden ones marked. Chart sheets have no cells and are left out.

    A date is a date of the office's zone, its time of day dropped; a month typed without a day is text; a formula
    that no program has computed yet stands as its own text (``=A1+30``), so that its cell is told and not lost.
    Raises ``Refusal``.
    """
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as package:
            warnings.simplefilter("ignore")
            reader = _Cells(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            reader.read()
            return Document(name, "xlsx", sheets=_read_sheets(name, reader.wb, package, progress))
    except (Refusal, MemoryError):
        raise
    except Exception as error:  # A damaged workbook makes the library raise nearly anything.
        raise Refusal("document_damaged", name=name) from error


class _Cells(ExcelReader):
    """The library's reader without the parts no cell needs: other programs write them in ways that make it fail."""

    def read_properties(self) -> None:
        """Author and dates of the file: not read."""

    def read_custom(self) -> None:
        """Properties an office adds: not read."""

    def read_theme(self) -> None:
        """Colours and fonts: not read."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Sheets that are one chart: not read."""


def _read_sheets(name: str, book: Any, package: zipfile.ZipFile, progress: Progress) -> tuple[Grid, ...]:
    if len(book.worksheets) > MAX_SHEETS:
        raise Refusal("document_sheets", name=name, limit=MAX_SHEETS)
    _know_chinese_dates(book)
    marks = [_read_marks(package, sheet._worksheet_path) for sheet in book.worksheets]
    count = _Count(name, sum(one.rows for one in marks), progress)
    struck = frozenset(place for place, style in enumerate(book._cell_styles) if book._fonts[style.fontId].strike)
    sheets = tuple(_read_sheet(sheet, mark, count, struck) for sheet, mark in zip(book.worksheets, marks, strict=True))
    progress(count.rows, count.rows)
    return sheets


def _know_chinese_dates(book: Any) -> None:
    chinese = (place for place, style in enumerate(book._cell_styles) if style.numFmtId in _CHINESE_DATES)
    book._date_formats = set(book._date_formats) | set(chinese)


def _read_marks(package: zipfile.ZipFile, part: str) -> _Marks:
    marks = _Marks()
    with package.open(part) as stream:
        for _, element in etree.iterparse(
            stream, tag=("{*}mergeCell", "{*}row", "{*}c", "{*}col"), resolve_entities=False, no_network=True
        ):
            _note(marks, element)
    return marks


def _note(marks: _Marks, element: Any) -> None:
    kind = etree.QName(element).localname
    if kind == "mergeCell":
        left, top, right, bottom = (edge or 1 for edge in range_boundaries(element.get("ref", "")))
        marks.merged.append((top - 1, left - 1, bottom - 1, right - 1))
    elif kind == "c":
        formula = element.find("{*}f")
        if formula is not None and not element.findtext("{*}v"):
            marks.uncomputed[element.get("r", "")] = "=" + (formula.text or "")
    elif kind == "col":
        if element.get("hidden") in _TRUE:
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            marks.hidden_columns += range(first - 1, min(last, MAX_COLUMNS))
    else:
        if element.get("hidden") in _TRUE:
            marks.hidden_rows.append(int(element.get("r") or marks.rows + 1) - 1)
        marks.rows += 1
    # Rows that were looked at are cut off, or the tree of the whole sheet would grow in memory.
    element.clear()
    while kind == "row" and element.getprevious() is not None:
        del element.getparent()[0]


@dataclass(slots=True)
class _Count:
    """Rows read so far over all sheets, how many cells that took, and how many characters stand in them."""

    name: str
    total: int
    progress: Progress
    rows: int = 0
    slots: int = 0
    text: int = 0

    def row(self, width: int) -> None:
        """One more row of so many cells. Raises ``Refusal`` for a workbook that is nearly nothing but emptiness."""
        self.rows, self.slots = self.rows + 1, self.slots + width
        if self.slots > _MAX_SLOTS:
            raise Refusal("document_cells", name=self.name, limit=_MAX_SLOTS)
        if self.rows % 500 == 0:
            self.progress(min(self.rows, self.total), self.total)

    def sheet(self, text: int) -> None:
        """One more sheet with so many characters. Raises ``Refusal`` for more than any office writes."""
        self.text += text
        if self.text > MAX_TEXT:
            raise Refusal("document_text", name=self.name, limit=MAX_TEXT)


def _read_sheet(sheet: Any, marks: _Marks, count: _Count, struck: frozenset[int]) -> Grid:
    # What a sheet says of its own size is often wrong, and would be built.
    sheet.reset_dimensions()
    builder, through = GridBuilder(count.name), list[int]()
    for number, cells in enumerate(_rows(sheet)):
        if cells:
            count.row(len(cells))
            builder.put(number, [_cell(cell, marks.uncomputed) for cell in cells])
            said = [cell for cell in cells if struck and cell.value is not None]
            through += [number] if said and all(cell._style_id in struck for cell in said) else []
    unseen = Unseen(tuple(marks.hidden_rows), tuple(marks.hidden_columns), tuple(through))
    grid = builder.build(clean_line(sheet.title), marks.merged, sheet.sheet_state != "visible", unseen)
    count.sheet(builder.text)
    return grid


def _rows(sheet: Any) -> Iterator[Any]:
    for number, cells in enumerate(sheet.iter_rows()):
        if number >= _LAST_ROW:
            raise ValueError("a row after the last one")
        yield cells


def _cell(cell: Any, uncomputed: dict[str, str]) -> Cell:
    value = cell.value
    if value is None:
        # An EMPTY_CELL, which has no place of its own, cannot hold a formula.
        return clean_cell(uncomputed.get(cell.coordinate, "")) if uncomputed and hasattr(cell, "row") else ""
    if isinstance(value, str):
        return clean_cell(value)
    if isinstance(value, datetime):
        return _day(value, cell)
    return value if isinstance(value, date) else _number(value, cell)


def _day(value: datetime, cell: Any) -> Cell:
    """The date; of a month that somebody typed (2025年5月), which Excel keeps as its first day, the month as text."""
    shape = _SAID.sub("", cell.number_format or "").lower().partition(";")[0]
    of_month = cell.style_array.numFmtId in _MONTHS or ("y" in shape and "m" in shape and not set(shape) & set("dh"))
    return f"{value.year}年{value.month}月" if value.day == 1 and of_month else value.date()


def _number(value: Any, cell: Any) -> str:
    """A number as Excel shows it: 15 digits, no ``.0``, percent as percent, leading zeros that its format gives."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, time | timedelta):
        return str(value)
    shape = cell.number_format or ""
    if "%" in shape:
        return f"{value * 100:.15g}%"
    # 15 digits are what Excel keeps; more would show the binary fraction (0.1 + 0.2).
    text = str(value) if isinstance(value, int) else f"{value:.15g}"
    return text.zfill(len(shape)) if re.fullmatch("0+", shape) else text
