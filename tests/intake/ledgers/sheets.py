"""Ledgers as offices keep them, built cell by cell: short ways for the tests of this folder to write one down."""

from collections.abc import Sequence
from datetime import date

from intake.documents import Grid
from intake.draft import Draft, DraftMeasure
from intake.ledgers import ledger_draft

HEADER = ("序号", "反馈问题", "整改措施", "整改时限", "牵头单位", "责任人", "整改状态")


def sheet(*rows: Sequence[str | date], name: str = "台账", merged: Sequence[tuple[int, int, int, int]] = ()) -> Grid:
    """A sheet of these rows, made equally wide; merged ranges are filled as the reader fills them."""
    width = max(map(len, rows), default=0)
    grid = [[*row, *[""] * (width - len(row))] for row in rows]
    for top, left, bottom, right in merged:
        for row in grid[top : bottom + 1]:
            row[left : right + 1] = [grid[top][left]] * (right - left + 1)
    return Grid(name, tuple(map(tuple, grid)), tuple(merged))


def read(*sheets: Grid) -> Draft:
    """The draft of a workbook with these sheets."""
    return ledger_draft(sheets, "台账.xlsx")


def one(*rows: Sequence[str | date]) -> Draft:
    """The draft of a one-sheet workbook."""
    return read(sheet(*rows))


def measures(draft: Draft) -> list[DraftMeasure]:
    """Every measure of a draft, in order."""
    return [measure for finding in draft.findings for measure in finding.measures]


def fields(draft: Draft) -> dict[str, str | None]:
    """What each column was taken for, by its header."""
    return {column.header: column.field for column in draft.mapping}
