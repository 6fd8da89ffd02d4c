"""A .docx document as paragraphs: what a reader sees in it, automatic numbers included, in the order of the pages."""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT

from intake.documents import Document, Grid, Progress, with_tables
from intake.documents.grid_builder import MAX_COLUMNS, GridBuilder, Range
from intake.documents.plain_text import clean_cell, clean_line, paragraphs
from intake.documents.word_numbering import Numbering, integer, numbering_of, value_of
from text.refusals import Refusal

_UNSEEN = frozenset(
    ("pPr", "rPr", "del", "moveFrom", "instrText", "delText", "Fallback", "txbxContent", "rt", "sdtPr", "fldData")
)
# What stands around paragraphs, rows and cells without being one; of tracked changes only what is there now.
_CONTAINERS = frozenset(("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_CHARACTERS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LAYOUT = 30
"""A table's row with more paragraphs than this holds a page and not data."""


def read_docx(name: str, content: bytes, progress: Progress) -> Document:
    """The document's paragraphs and table rows (cells parted by a tab) in document order, and its outer tables as
    sheets, merged cells filled.

    Headers, footers, notes, comments, deleted and hidden text are left out; text boxes follow the paragraph they hang
    on. Raises ``Refusal``.
    """
    try:
        document = docx.Document(io.BytesIO(content))
        rels = [rel for rel in document.part.rels.values() if not rel.is_external]
        roots = {rel.reltype: getattr(rel.target_part, "element", None) for rel in rels}
        stories = [_Story(numbering_of(roots.get(RT.NUMBERING), roots.get(RT.STYLES))) for _ in range(2)]
        body = document.element.body
    except Exception as error:  # A damaged package makes the library raise nearly anything.
        raise Refusal("document_damaged", name=name) from error
    lines = paragraphs(name, stories[0].blocks(body))
    return with_tables(name, "docx", lines, lambda: _tables(name, body, stories[1]))


def _tables(name: str, body: Any, story: "_Story") -> tuple[Grid, ...]:
    tables = [table for table in body.iter("{*}tbl") if not any(True for _ in table.iterancestors("{*}tbl"))]
    return tuple(_sheet(name, f"表{number}", table, story) for number, table in enumerate(tables, 1))


class _Story:
    """The walk through a document's body: what the numbering and a deleted paragraph mark remember on the way."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._carried = ""

    def blocks(self, parent: Any, in_cell: bool = False) -> Iterator[str]:
        """The lines of the paragraphs and tables below an element."""
        for child in _inside(parent):
            if _kind(child) == "p":
                yield from self._paragraph(child, in_cell)
            elif _kind(child) == "tbl":
                yield from self._table(child)

    def _paragraph(self, paragraph: Any, in_cell: bool) -> Iterator[str]:
        text = self._carried + "".join(_pieces(paragraph))
        self._carried = ""
        if paragraph.find("{*}pPr/{*}rPr/{*}del") is not None:
            # Its end was deleted under tracked changes: what is left of it belongs to the next one.
            self._carried = text
        elif not self._numbering.is_contents(paragraph):
            numbered = self._numbering.label(paragraph, text)
            # An empty numbered paragraph counts; to be read its number is only in a cell, as the row's number.
            yield from numbered.split("\n") if in_cell or text.strip() else ()
        for box in _boxes(paragraph):
            yield from self.blocks(box)

    def _table(self, table: Any) -> Iterator[str]:
        for row in _rows(table):
            cells = [list(self.blocks(cell, in_cell=True)) for cell in _cells(row)]
            if len(cells) == 1 or sum(map(len, cells)) > _LAYOUT or row.find(".//{*}tbl") is not None:
                yield from (line for cell in cells for line in cell)
            else:
                yield "\t".join(clean_line(" ".join(cell)) for cell in cells)

    def cell_text(self, cell: Any) -> str:
        """The text of one cell, its paragraphs as lines."""
        return clean_cell("\n".join(self.blocks(cell, in_cell=True)))


def _kind(element: Any) -> str:
    """The element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _inside(parent: Any) -> Iterator[Any]:
    """The children of an element, those of containers between them included."""
    for child in parent:
        if _kind(child) in _CONTAINERS:
            yield from _inside(child)
        else:
            yield child


def _pieces(element: Any) -> Iterator[str]:
    """The visible text of a paragraph, soft line ends as line feeds."""
    for child in element:
        kind = _kind(child)
        if kind == "t":
            yield child.text or ""
        elif kind in _CHARACTERS:
            yield _CHARACTERS[kind]
        elif kind not in _UNSEEN and child.find("{*}rPr/{*}vanish") is None:
            yield from _pieces(child)


def _boxes(element: Any) -> Iterator[Any]:
    """The text boxes that hang on a paragraph; each is stored twice, the second time for old programs."""
    for child in element:
        if _kind(child) == "txbxContent":
            yield child
        elif _kind(child) not in {"Fallback", "del", "moveFrom"}:
            yield from _boxes(child)


def _rows(table: Any) -> Iterator[Any]:
    return (row for row in _inside(table) if _kind(row) == "tr" and row.find("{*}trPr/{*}del") is None)


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in _inside(row) if _kind(cell) == "tc")


def _sheet(name: str, title: str, table: Any, story: _Story) -> Grid:
    builder, ranges = GridBuilder(name), _Ranges()
    for number, row in enumerate(_rows(table)):
        texts: list[str] = []
        for cell in _cells(row):
            span = _span(cell)
            ranges.add(number, len(texts), span, _goes_on(cell))
            texts += [story.cell_text(cell)] + [""] * (span - 1)
        builder.put(number, texts)
    return builder.build(title, ranges.merged())


class _Ranges:
    """The merged ranges of a table as its cells come by, row after row."""

    def __init__(self) -> None:
        self._done: list[Range] = []
        self._last: dict[tuple[int, int], Range] = {}

    def add(self, row: int, left: int, span: int, goes_on: bool) -> None:
        """One cell; ``goes_on`` says that it continues the cell above."""
        place = (left, left + span - 1)
        above = self._last.pop(place, None)
        if above and not (goes_on and above[2] == row - 1):
            self._done.append(above)
            above = None
        self._last[place] = (above[0] if above else row, left, row, place[1])

    def merged(self) -> list[Range]:
        """The ranges of more than one cell."""
        return [one for one in (*self._done, *self._last.values()) if one[:2] != one[2:]]


def _span(cell: Any) -> int:
    """How many columns a cell covers; what a ledger cannot have is cut, and then refused by the grid."""
    return max(1, min(integer(value_of(cell.find("{*}tcPr"), "gridSpan"), 1), MAX_COLUMNS + 1))


def _goes_on(cell: Any) -> bool:
    merge = cell.find("{*}tcPr/{*}vMerge")
    return merge is not None and value_of(cell.find("{*}tcPr"), "vMerge") != "restart"
