"""A .csv file, or a table in plain text, as one sheet: the encoding as in plain text, the delimiter found out."""

import csv
import io
import re
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from intake.documents import Grid, Progress
from intake.documents.grid_builder import GridBuilder
from intake.documents.plain_text import clean_cell, decode, legible
from text.refusals import Refusal

if TYPE_CHECKING:
    import _csv

_DELIMITERS = ",\t;|，"
_TEXT_DELIMITERS = "\t|"
"""What parts cells in plain text, where commas belong to the prose."""
_RULE = re.compile(r"[|+\s:=-]*-{2,}[|+\s:=-]*")
"""The line below a header: ``|---|---|``, ``+----+----+``."""
_HEADING = re.compile(r"^#+\s+")
_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')
"""How a program writes a cell that a spreadsheet shall take for text: ``="001"``."""
_SAMPLE = 50
_NAMED = re.compile(r"sep=(.)\r?\n")
_END = "\ue000"
"""A last line of our own: what stands in the last row instead of by itself is in a cell that nobody closed."""


def read_csv(name: str, content: bytes, progress: Progress | None = None) -> tuple[Grid, ...]:
    """The one sheet of a .csv, named like the file. Cells are text; quoted line ends stay in them."""
    text = decode(name, content)
    named = _NAMED.match(text)
    text = legible(text[named.end() :] if named else text)
    return _sheet(name, text, named[1] if named else _delimiter(text, _DELIMITERS), progress)


def read_text_table(name: str, content: bytes) -> tuple[Grid, ...]:
    """A plain text as one sheet, its cells parted by tabs or strokes; a line without any is a row of one cell."""
    text = legible(decode(name, content))
    text = "\n".join("" if _RULE.fullmatch(line) else _HEADING.sub("", line) for line in text.split("\n"))
    return _sheet(name, text, _delimiter(text, _TEXT_DELIMITERS), None)


def _sheet(name: str, text: str, delimiter: str, progress: Progress | None) -> tuple[Grid, ...]:
    total = text.count("\n") + 1
    builder = GridBuilder(name)
    reader, begins = _rows(text, delimiter), 1
    try:
        for number, row in enumerate(reader):
            if row == [_END]:
                break
            if row and row[-1].endswith(_END):
                raise Refusal("document_cell_open", name=name, line=begins, limit=csv.field_size_limit())
            builder.put(number, [clean_cell(_AS_TEXT.sub(r"\1", cell)) if cell else "" for cell in row])
            begins = reader.line_num + 1
            if progress and number % 500 == 0:
                progress(number, total)
    except csv.Error as error:
        raise Refusal("document_cell_open", name=name, line=begins, limit=csv.field_size_limit()) from error
    if progress:
        progress(builder.height, builder.height)
    return (builder.build(PurePath(name).stem),)


def _rows(text: str, delimiter: str) -> "_csv.Reader":
    # ``newline=""``: the reader has to see line ends as they are, for quoted cells keep theirs.
    return csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter)


def _delimiter(text: str, among: str) -> str:
    """The delimiter by which the most of the first rows come out equally wide; the first one if none parts anything."""
    return max(among, key=lambda one: (_evenness(text, one), -among.index(one)))


def _evenness(text: str, delimiter: str) -> float:
    """The share of the first rows that have the commonest width, if that is more than one cell; none where a cell stays
    open."""
    try:
        rows = [row for row in islice(_rows(text, delimiter), _SAMPLE) if row not in ([], [_END])]
    except csv.Error:
        return 0
    if not rows or rows[-1][-1].endswith(_END):
        return 0
    widths = [len(row) for row in rows]
    common = max(set(widths), key=widths.count, default=1)
    return widths.count(common) / len(widths) if common > 1 else 0
