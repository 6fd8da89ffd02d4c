"""Which lines of a document are the rows of its ledgers: what stands around them is its text."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from intake.documents import Document, DocumentLine, Grid
from intake.ledgers.column_vocabulary import WORK_FIELDS, LedgerField, load_columns
from intake.ledgers.header import ledger_tables
from intake.ledgers.mapping import map_columns
from intake.normalise import cell_as_text

_CELLS = "\t"
"""What parts the cells of a table's row in the lines of a document."""


class LedgerPlace(NamedTuple):
    """Where a line stands in a ledger: its sheet, its row from 1, and whether the sheet has a column for problems."""

    sheet: str
    row: int
    has_problems: bool

    @property
    def where(self) -> str:
        """As drafts say it: ``表1!2``."""
        return f"{self.sheet}!{self.row}"


@lru_cache(maxsize=1)
def ledger_lines(document: Document) -> dict[int, LedgerPlace]:
    """The lines that are rows of a table with a column for problems or measures.

    Args:
        document: one with lines and tables; of any other no line is.

    Returns:
        The place by the number of the line.
    """
    columns = load_columns()
    found: dict[int, LedgerPlace] = {}
    for grid in document.sheets if document.lines else ():
        tables = [(one, map_columns(one, columns).fields) for one in ledger_tables(grid, columns)]
        tables = [(one, fields) for one, fields in tables if not WORK_FIELDS.isdisjoint(fields)]
        rows = [row for one, _ in tables for row in one.body if len({*grid.rows[row]} - {""}) > 1]
        if not rows:
            continue
        if document.kind == "txt":
            # The text is its own sheet, row by row.
            inside = range(tables[0][0].top + 1, rows[-1] + 2)
            placed = {one.number: one.number for one in document.lines if one.number in inside}
        else:
            placed = _rows_of(grid, [one for one in document.lines if one.number not in found])
        has_problems = any(LedgerField.PROBLEM in fields for _, fields in tables)
        found |= {line: LedgerPlace(grid.name, row, has_problems) for line, row in placed.items()}
    return found


def lines_above_tables(document: Document) -> dict[int, LedgerPlace]:
    """The lines right above a ledger, by their number, with the place where it begins."""
    inside = ledger_lines(document)
    return {
        line.number: inside[after.number]
        for line, after in pairwise(document.lines)
        if after.number in inside and line.number not in inside
    }


def _rows_of(grid: Grid, lines: Sequence[DocumentLine]) -> dict[int, int]:
    """The longest run of lines that hold nothing but cells of a table, each with its row from 1."""
    texts = [{_bare(cell_as_text(cell)) for cell in row} for row in grid.rows]
    known = set[str]().union(*texts)
    runs = [[*run] for inside, run in groupby(lines, lambda one: _cells(one) <= known) if inside]
    run = max(runs, key=lambda some: sum(_CELLS in one.text for one in some), default=[])
    found, row = dict[int, int](), 0
    for line in run:
        row = next((at for at in range(row, len(texts)) if _cells(line) <= texts[at]), row)
        found[line.number] = row + 1
        row = min(row + 1, len(texts) - 1)
    return found


def _cells(line: DocumentLine) -> set[str]:
    return {bare for one in line.text.split(_CELLS) if (bare := _bare(one))}


def _bare(text: str) -> str:
    return "".join(text.split())
