"""Where the tables of a sheet begin: title rows above, one to three header rows, the same header again further down.

1. A row with a known spelling may open a header; every block of one to three rows from there is tried.
2. The block that gives most known columns wins, the smaller one where two give as many.
3. A block takes in the rows that its vertically merged cells reach into.
4. Group and leaf are read together (``牵头`` over ``单位``), else the leaf alone.
5. Further down the same words again are a repeated header, other known words a new table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from openpyxl.utils import get_column_letter

from intake.documents import Grid
from intake.ledgers.column_vocabulary import ColumnVocabulary, HeaderMeaning, LedgerField
from intake.normalise import LONGEST_HEADER_CELL, cell_as_text, normalised, one_line

_TALLEST = 3
_DEEPEST = 200
"""Rows that may stand above the first header."""
_MOST = 50
"""Tables one sheet may hold; what looks like a header after that is a row."""
_REPEATED = 3
"""Columns whose headers stand again to the right where two tables stand side by side."""


@dataclass(frozen=True, slots=True)
class ColumnHeader:
    """One column's header: its texts from the group down to the leaf, and what they mean, exactly or nearly."""

    parts: tuple[str, ...]
    exact: HeaderMeaning | None = None
    near: HeaderMeaning | None = None

    @property
    def label(self) -> str:
        """The header as people see it: ``责任分工/责任单位``."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """One table of a sheet. ``top`` and ``bottom`` are its header's rows, ``body`` the rows below, ``again`` those that
    repeat the header, all from 0."""

    grid: Grid
    top: int
    bottom: int
    headings: tuple[ColumnHeader, ...]
    body: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)

    @property
    def senses(self) -> list[HeaderMeaning]:
        """What the headers mean, those that are not known left out."""
        return [sense for one in self.headings if (sense := one.exact or one.near)]

    @property
    def names_work(self) -> bool:
        """Whether a header may stand for problems or measures."""
        return any(sense.names_work for sense in self.senses)

    def letter(self, column: int) -> str:
        """A column as a spreadsheet names it: ``C``."""
        return get_column_letter(column + 1)

    def place(self, column: int) -> str:
        """A column as people name it: ``台账!C列``."""
        return f"{self.grid.name}!{self.letter(column)}列"

    def titled(self, column: int) -> str:
        """A column by letter and header: ``C 整改时限``."""
        return f"{self.letter(column)} {self.headings[column].label}".strip()


def ledger_tables(grid: Grid, columns: ColumnVocabulary) -> list[LedgerTable]:
    """Every table of a sheet with its header and the rows below it; none where no header is recognised."""
    search = _Search(grid, columns, _spans(grid))
    tables: list[LedgerTable] = []
    words: set[str] = set()
    row = 0
    while row < len(grid.rows):
        keys = _keys(grid, row)
        repeats = bool(tables and keys) and keys <= words
        found = None if repeats or not _promises(keys, row, tables, columns) else search.header_at(row)
        if found:
            tables.append(found)
            words = {word for one in range(found.top, found.bottom + 1) for word in _keys(grid, one)}
            row = found.bottom
        elif tables:
            (tables[-1].again if repeats else tables[-1].body).append(row)
        row += 1
    return [part for table in tables for part in _side_by_side(table)]


def _side_by_side(table: LedgerTable) -> list[LedgerTable]:
    """A table whose header stands twice in one row, to save paper, as two; any other as it is."""
    labels = [one.label for one in table.headings]
    start = next((place for place, label in enumerate(labels) if label), 0)
    opening = labels[start : start + _REPEATED]
    starts = [place for place in range(len(labels)) if labels[place : place + _REPEATED] == opening]
    if len(starts) < 2 or len({*opening}) < _REPEATED:
        return [table]
    return [_part(table, *edges) for edges in pairwise([*starts, len(labels)])]


def _part(table: LedgerTable, left: int, right: int) -> LedgerTable:
    """The table with nothing but these columns in it, each where it stood."""
    rows = (row[left:right] for row in table.grid.rows)
    blank = ("",) * left
    grid = replace(table.grid, rows=tuple((*blank, *row) for row in rows))
    headings = (*(ColumnHeader(()),) * left, *table.headings[left:right])
    return LedgerTable(grid, table.top, table.bottom, headings, list(table.body), table.again)


def _keys(grid: Grid, row: int) -> set[str]:
    """The distinct texts of a row as they are compared; a long one stands for itself, it is no header."""
    texts = {cell_as_text(cell) for cell in grid.rows[row]} - {""}
    return {normalised(text) if len(text) <= LONGEST_HEADER_CELL else text for text in texts} - {""}


def _promises(keys: set[str], row: int, tables: list[LedgerTable], columns: ColumnVocabulary) -> bool:
    """Whether a row may open a header: the first by any known word, a further one only by mostly known words."""
    known = sum(columns.sense(one) is not None for one in keys)
    if tables:
        return known >= 3 and known * 5 >= len(keys) * 3 and len(tables) < _MOST
    return known > 0 and row < _DEEPEST


def _spans(grid: Grid) -> dict[int, set[tuple[int, int]]]:
    """For each row the vertically merged ranges it lies in, as (first row, last row), none taller than a header."""
    spans: dict[int, set[tuple[int, int]]] = {}
    for first, _, below, _ in grid.merged:
        last = min(below, len(grid.rows) - 1)
        if 0 < last - first < _TALLEST:
            for row in range(first, last + 1):
                spans.setdefault(row, set()).add((first, last))
    return spans


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for the header of one sheet."""

    grid: Grid
    columns: ColumnVocabulary
    spans: dict[int, set[tuple[int, int]]]

    def header_at(self, row: int) -> LedgerTable | None:
        """The best block that opens at the row or just below; a smaller one within it, if that says as much."""
        tops = range(row, min(row + _TALLEST, len(self.grid.rows)))
        found = next((one for top in tops if (one := self._best((top,)))), None)
        return self._best(range(found.top, found.bottom + 1)) if found else None

    def _best(self, tops: Iterable[int]) -> LedgerTable | None:
        blocks = (one for top in tops for one in self._blocks(top))
        return max(blocks, key=lambda one: (_known(one), one.top - one.bottom, -one.top), default=None)

    def _blocks(self, top: int) -> Iterator[LedgerTable]:
        for bottom in range(top, min(top + _TALLEST, len(self.grid.rows))):
            first, last = self._closed(top, bottom)
            table = LedgerTable(self.grid, first, last, _headings(self.grid, first, last, self.columns))
            if _is_header(table):
                yield table

    def _closed(self, top: int, bottom: int) -> tuple[int, int]:
        """The block with the rows that cells merged out of it reach; no further than a header can be tall."""
        touching = {span for row in range(top, bottom + 1) for span in self.spans.get(row, ())}
        for first, last in sorted(touching):
            if max(last, bottom) - min(first, top) < _TALLEST:
                top, bottom = min(first, top), max(last, bottom)
        return top, bottom


def _headings(grid: Grid, top: int, bottom: int, columns: ColumnVocabulary) -> tuple[ColumnHeader, ...]:
    texts = [[one_line(cell_as_text(cell).replace("\n", "")) for cell in row] for row in grid.rows[top : bottom + 1]]
    for upper, lower in pairwise(texts):
        _spread(upper, lower)
    width = max(map(len, texts), default=0)
    stacks = ([row[column] for row in texts if column < len(row)] for column in range(width))
    return tuple(_heading(tuple(dict.fromkeys(text for text in stack if text)), columns) for stack in stacks)


def _spread(upper: list[str], lower: list[str]) -> None:
    """Carry a group's text over the columns it stands above: a file without merged cells has it in the first only."""
    group = ""
    for column, below in enumerate(lower[: len(upper)]):
        if upper[column]:
            group = upper[column] if below and below != upper[column] else ""
        elif below and group:
            upper[column] = group


def _heading(parts: tuple[str, ...], columns: ColumnVocabulary) -> ColumnHeader:
    if not parts or any(len(part) > LONGEST_HEADER_CELL for part in parts):
        return ColumnHeader(parts)
    spellings = ["".join(parts[start:]) for start in range(len(parts))]
    exact = next((found for one in spellings if (found := columns.sense(one))), None)
    near = columns.near(spellings[-1]) or (columns.sense(parts[0]) if len(parts) > 1 else None)
    return ColumnHeader(parts, exact, None if exact else near)


def _known(table: LedgerTable) -> int:
    return len({one.label for one in table.headings if one.exact})


def _is_header(table: LedgerTable) -> bool:
    """Whether the block names a problem or a measure, and one more column unless it has only one.

    A list of responsibilities names neither: it has a number and at least two more known columns.
    """
    known = _known(table)
    if table.names_work:
        return known >= min(2, len({one.label for one in table.headings if one.parts}))
    return known >= 3 and any(sense.field is LedgerField.NUMBER for sense in table.senses)
