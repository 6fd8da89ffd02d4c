"""The one way into intake: a file as lines and sheets, read once."""

from functools import partial
from pathlib import Path

from intake.documents import Document, DocumentLine, Grid, Progress
from intake.documents.formats import FORMATS
from intake.documents.guard import SourceFile, admit
from intake.documents.sandbox import read_in_sandbox
from text.refusals import Refusal


def read_document(path: Path, progress: Progress | None = None) -> Document:
    """A file, admitted, unpacked and parsed once: nobody can put another one in its place in between.

    Args:
        path: .txt, .docx, .html, .htm and .pdf have lines, in reading order; .xlsx and .csv sheets of plain cells;
            .docx and .html tables (表1, 表2 …), too, and a .txt one of the cells that tabs or strokes part.
        progress: is told the rows of a ledger that were read and the rows there are.

    Raises:
        Refusal: for any file that cannot be read whole and safely.
    """
    return _read(admit(path), progress)


def _read(source: SourceFile, progress: Progress | None = None) -> Document:
    known = FORMATS[source.kind]
    read = (partial(read_in_sandbox, source.kind) if known.confined else known.read)(
        source.name, source.content, progress or _nobody
    )
    if known.sheets_only and not any(sheet.rows for sheet in read.sheets):
        raise Refusal("document_blank", name=source.name)
    return read


def _nobody(_read: int, _there_are: int) -> None:
    """Progress that nobody watches."""


def is_ledger(document: Document) -> bool:
    """Whether a document is a workbook or a .csv, which have sheets alone."""
    return FORMATS[document.kind].sheets_only


def read_lines(path: Path) -> tuple[DocumentLine, ...]:
    """The paragraphs of a .txt, .docx, .html, .htm or .pdf that hold text, in reading order.

    Of a .txt the numbers are those of the file's lines, blank ones counted; of the others they count paragraphs.
    Raises ``Refusal`` for any file that cannot be read whole and safely.
    """
    source = admit(path)
    if FORMATS[source.kind].sheets_only:
        raise Refusal("document_is_ledger", name=source.name)
    return _read(source).lines


def read_sheets(path: Path, progress: Progress | None = None) -> tuple[Grid, ...]:
    """The sheets of an .xlsx or .csv as plain cells; ``progress`` is told the rows read and the rows there are.

    Raises ``Refusal`` for any file that cannot be read whole and safely, and where no sheet has a cell.
    """
    source = admit(path)
    if not FORMATS[source.kind].sheets_only:
        raise Refusal("document_no_ledger", name=source.name)
    return _read(source, progress).sheets


def read_tables(path: Path) -> tuple[Grid, ...]:
    """The tables of a .docx, .html or .htm as sheets (表1, 表2 …), for an office that keeps its ledger in one.

    Raises ``Refusal`` for any other file, for one that cannot be read, and for one without a table.
    """
    source = admit(path)
    if not FORMATS[source.kind].tables:
        raise Refusal("document_no_ledger", name=source.name)
    read = _read(source)
    if read.sheets_refused:
        raise read.sheets_refused
    if not any(table.rows for table in read.sheets):
        raise Refusal("document_no_ledger", name=source.name)
    return read.sheets
