"""Which lines of a document are the rows of its ledgers: what stands around them is its text."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from intake.documents import Document, DocumentLine, Grid
from intake.ledgers.column_vocabulary import load_columns
from intake.ledgers.header import ledger_tables
from intake.normalise import cell_as_text

_CELLS = "\t"
"""What parts the cells of a table's row in the lines of a document."""


@lru_cache(maxsize=1)
def ledger_lines(document: Document) -> dict[int, str]:
    """The lines that are rows of a table below a header that names problems or measures.

    Args:
        document: one with lines and tables; of any other no line is.

    Returns:
        Sheet and row (``表1!2``) by the number of the line.
    """
    columns = load_columns()
    found: dict[int, str] = {}
    for grid in document.sheets if document.lines else ():
        tables = [one for one in ledger_tables(grid, columns) if one.names_work]
        rows = [row for one in tables for row in one.body if len({*grid.rows[row]} - {""}) > 1]
        if rows and document.kind == "txt":
            # The text is its own sheet, row by row.
            inside = range(tables[0].top + 1, rows[-1] + 2)
            found |= {one.number: f"{grid.name}!{one.number}" for one in document.lines if one.number in inside}
        elif rows:
            found |= _rows_of(grid, [one for one in document.lines if one.number not in found])
    return found


def _rows_of(grid: Grid, lines: Sequence[DocumentLine]) -> dict[int, str]:
    """The longest run of lines that hold nothing but cells of a table, each with its row."""
    texts = [{_bare(cell_as_text(cell)) for cell in row} for row in grid.rows]
    known = set[str]().union(*texts)
    runs = [[*run] for inside, run in groupby(lines, lambda one: _cells(one) <= known) if inside]
    run = max(runs, key=lambda some: sum(_CELLS in one.text for one in some), default=[])
    found, row = dict[int, str](), 0
    for line in run:
        row = next((at for at in range(row, len(texts)) if _cells(line) <= texts[at]), row)
        found[line.number] = f"{grid.name}!{row + 1}"
        row = min(row + 1, len(texts) - 1)
    return found


def _cells(line: DocumentLine) -> set[str]:
    return {bare for one in line.text.split(_CELLS) if (bare := _bare(one))}


def _bare(text: str) -> str:
    return "".join(text.split())
