"""What a workbook says of itself on a hidden sheet: what it is, in which version, and what it was exported from."""

from dataclasses import dataclass

from papers.workbook.kinds import LINE
from papers.workbook.paint import StyledWorkbook
from papers.workbook.tables import WorkbookColumn, WorkbookReader, WorkbookTable, write_table
from text.refusals import Refusal

_VERSION = "1"
_MARKS = WorkbookTable(
    "_督办", (WorkbookColumn("name", "标记", 20, needed=True), WorkbookColumn("value", "值", 70, LINE))
)


@dataclass(frozen=True, slots=True)
class Marks:
    """``format`` names the kind of workbook; ``digest`` is of the ledger's plan, None where there was no ledger;
    ``unit`` is whose sheet it is, None for one of no unit."""

    format: str
    digest: str | None = None
    unit: str | None = None


def add_marks(book: StyledWorkbook, marks: Marks) -> None:
    """Add the hidden sheet with these ``marks`` to ``book``."""
    rows = [("format", marks.format), ("version", _VERSION), ("digest", marks.digest), ("unit", marks.unit)]
    sheet = write_table(book, _MARKS, [{"name": name, "value": value} for name, value in rows], "")
    sheet.sheet_state = "hidden"


def read_marks(book: WorkbookReader, expected: str) -> Marks:
    """The marks of a workbook. One without the hidden sheet is read all the same: its headers say what it is.

    Args:
        book: the workbook.
        expected: the kind of workbook that may be read.

    Raises:
        Refusal: ``workbook_other`` for another kind of workbook, ``workbook_newer`` for a later version.
    """
    rows = book.rows(_MARKS, optional=True)
    found = {book.read(_MARKS, row, "name"): book.read(_MARKS, row, "value") for row in rows}
    if found.get("format", expected) != expected:
        raise Refusal("workbook_other", name=book.name)
    if found.get("version", _VERSION) != _VERSION:
        raise Refusal("workbook_newer", name=book.name)
    return Marks(expected, found.get("digest"), found.get("unit"))
