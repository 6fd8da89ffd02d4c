"""Cells on their way to a sheet: kept within bounds, merged ranges filled, made rectangular."""

from collections.abc import Iterable, Sequence
from datetime import date

from intake.documents import ALL_SEEN, Grid, Unseen
from text.refusals import Refusal

MAX_ROWS = 50_000
MAX_COLUMNS = 300
MAX_CELLS = 3_000_000
"""Cells of one sheet as it is handed on, the empty ones of its rectangle included."""
MAX_TEXT = 20_000_000
"""Characters in all cells of a document: as many as the largest text file has. A workbook that names one long text a
million times, or merges it over a million cells, is small on the disk and not in memory."""
Cell = str | date
Range = tuple[int, int, int, int]


class GridBuilder:
    """Rows as they are read. Empty rows stand where they stood; empty rows and columns at the end are left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: dict[int, list[Cell]] = {}
        self.height = 0
        self.text = 0
        """Characters in all cells."""
        self._width = 0

    def put(self, number: int, cells: Sequence[Cell]) -> None:
        """Set one row, counted from 0. Raises ``Refusal`` for a row or a column no ledger has."""
        width = max((place for place, cell in enumerate(cells, 1) if cell != ""), default=0)
        if width == 0:
            return
        self._rows[number] = list(cells[:width])
        self.text += sum(len(cell) for cell in self._rows[number] if isinstance(cell, str))
        self.height, self._width = max(self.height, number + 1), max(self._width, width)
        self._check_size()

    def _check_size(self) -> None:
        if self.height > MAX_ROWS:
            raise Refusal("document_rows", name=self._name, limit=MAX_ROWS)
        if self._width > MAX_COLUMNS:
            raise Refusal("document_columns", name=self._name, limit=MAX_COLUMNS)
        if self.height * self._width > MAX_CELLS:
            raise Refusal("document_cells", name=self._name, limit=MAX_CELLS)
        if self.text > MAX_TEXT:
            raise Refusal("document_text", name=self._name, limit=MAX_TEXT)

    def build(self, title: str, merged: Iterable[Range] = (), hidden: bool = False, unseen: Unseen = ALL_SEEN) -> Grid:
        """The sheet: every row equally long, each merged range filled with the value of its first cell."""
        rows = [self._padded(number) for number in range(self.height)]
        ranges = tuple(one for one in map(self._clipped, merged) if one)
        if sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in ranges) > MAX_CELLS:
            raise Refusal("document_cells", name=self._name, limit=MAX_CELLS)
        for top, left, bottom, right in ranges:
            said = rows[top][left]
            self.text += len(said) * (bottom - top + 1) * (right - left + 1) if isinstance(said, str) else 0
            self._check_size()
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [said] * (right - left + 1)
        seen = Unseen(
            tuple(one for one in unseen.rows if one < self.height),
            tuple(one for one in unseen.columns if one < self._width),
            tuple(one for one in unseen.struck if one < self.height),
        )
        return Grid(title, tuple(map(tuple, rows)), ranges, hidden, seen)

    def _padded(self, number: int) -> list[Cell]:
        # Taken out, so that a large sheet is not held twice.
        row = self._rows.pop(number, [])
        return row + [""] * (self._width - len(row))

    def _clipped(self, range_: Range) -> Range | None:
        """The part of a merged range that lies within the used cells: some are merged down to the last row."""
        top, left, bottom, right = range_
        bottom, right = min(bottom, self.height - 1), min(right, self._width - 1)
        return (top, left, bottom, right) if top <= bottom and left <= right else None
