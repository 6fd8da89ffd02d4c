"""Files from outside as plain text or plain cells: guarded, decoded, without anything that could act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from text.refusals import Refusal

Progress = Callable[[int, int], None]
"""Called now and then with how many rows were read and how many there are."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One paragraph of a document. ``number`` counts from 1 over the whole document, in reading order.

    ``text`` has a list's automatic number written out in front (``1．``), no line ends and no space around it.
    """

    number: int
    text: str


class Unseen(NamedTuple):
    """Hidden rows and columns, and rows that are struck through, from 0."""

    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    struck: tuple[int, ...] = ()


ALL_SEEN = Unseen()


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet or table as plain cells. ``rows[0]`` is the sheet's first row; a merged cell's value stands in each of
    its cells; a cell is text (trimmed, possibly empty) or a date. ``merged`` lists the merged ranges as
    (first row, first column, last row, last column), all from 0. ``hidden`` says that people do not see the sheet,
    ``unseen`` which of its rows and columns they do not see."""

    name: str
    rows: tuple[tuple[str | date, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False
    unseen: Unseen = ALL_SEEN


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read, once: its paragraphs, its sheets or tables, its ``name`` without folder and its format.

    A workbook and a .csv have sheets alone, a PDF lines alone. ``sheets_refused`` is why the tables of a document could
    not be read, whose lines could.
    """

    name: str
    kind: str
    lines: tuple[DocumentLine, ...] = ()
    sheets: tuple[Grid, ...] = ()
    sheets_refused: Refusal | None = None


def with_tables(
    name: str, kind: str, lines: tuple[DocumentLine, ...], tables: Callable[[], tuple[Grid, ...]]
) -> Document:
    """A document with its tables, where these can be read.

    Args:
        name: of the file.
        kind: its format.
        lines: its paragraphs.
        tables: reads them; what it refuses is kept.
    """
    try:
        return Document(name, kind, lines, tables())
    except Refusal as refusal:
        return Document(name, kind, lines, sheets_refused=refusal)
