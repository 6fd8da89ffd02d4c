"""A web page as lines and tables, for an office that publishes its notice or its ledger as one."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from intake.documents import Document, Grid, Progress, with_tables
from intake.documents.grid_builder import MAX_COLUMNS, MAX_ROWS, GridBuilder, Range
from intake.documents.plain_text import clean_cell, paragraphs
from intake.documents.web import is_hidden, page_lines, parse_page, whole


def read_html(name: str, content: bytes, progress: Progress) -> Document:
    """The page's blocks as lines, numbers of ordered lists written out, rows of data tables with their cells parted
    by a tab; and its tables that hold no other table, merged cells filled.

    Scripts, styles, comments and whatever is hidden are left out. Raises ``Refusal``.
    """
    page = parse_page(name, content)
    lines = paragraphs(name, page_lines(page))
    return with_tables(name, "html", lines, lambda: _tables(name, page))


def _tables(name: str, page: Any) -> tuple[Grid, ...]:
    tables = [one for one in _shown(page) if next(one.iterdescendants("table"), None) is None]
    return tuple(_sheet(name, f"表{number}", table) for number, table in enumerate(tables, 1))


def _shown(root: Any) -> Iterator[Any]:
    """The tables a browser would show."""
    events = etree.iterwalk(root, events=("start",))
    for _, element in events:
        if is_hidden(element):
            events.skip_subtree()
        elif element.tag == "table":
            yield element


def _sheet(name: str, title: str, table: Any) -> Grid:
    builder, merged = GridBuilder(name), list[Range]()
    reach: dict[int, int] = {}
    """Of each column the first row below what is merged into it from above."""
    rows = [row for row in table.iter("tr") if not is_hidden(row)]
    for number, row in enumerate(rows):
        texts: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren("td", "th"):
            # A cell merged from above takes its column without an element in this row.
            while reach.get(column, 0) > number:
                column += 1
            wide, high = _span(cell, "colspan", MAX_COLUMNS + 1), _span(cell, "rowspan", MAX_ROWS)
            texts[column] = clean_cell("\n".join(page_lines(cell)))
            reach |= dict.fromkeys(range(column, column + wide), number + high)
            if wide > 1 or high > 1:
                merged.append((number, column, number + high - 1, column + wide - 1))
            column += wide
        builder.put(number, [texts.get(place, "") for place in range(max(texts, default=-1) + 1)])
    return builder.build(title, merged)


def _span(cell: Any, way: str, most: int) -> int:
    """How many columns or rows a cell covers; more than a ledger can have is cut, and then refused by the grid."""
    return max(1, min(whole(cell.get(way), 1), most))
