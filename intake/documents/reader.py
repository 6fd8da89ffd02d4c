"""The two ways into intake: a document as lines, a ledger as sheets."""

from pathlib import Path

from intake.documents import DocumentLine, Grid, Progress
from intake.documents.delimited import read_csv, read_text_table
from intake.documents.guard import admit
from intake.documents.plain_text import decode, text_lines
from intake.documents.sandbox import lines_in_sandbox, sheets_in_sandbox
from text.refusals import Refusal

_LEDGERS = frozenset(("xlsx", "csv"))
_WITH_TABLES = frozenset(("docx", "html"))


def is_ledger(path: Path) -> bool:
    """Whether a file is a ledger (``read_sheets``) and not a document (``read_lines``).

    Suffix and content must agree. Raises ``Refusal`` for a file that is neither, or may not be read.
    """
    return admit(path).kind in _LEDGERS


def read_lines(path: Path) -> tuple[DocumentLine, ...]:
    """The paragraphs of a .txt, .docx, .html, .htm or .pdf that hold text, in reading order.

    Of a .txt the numbers are those of the file's lines, blank ones counted; of the others they count paragraphs.
    Raises ``Refusal`` for any file that cannot be read whole and safely.
    """
    source = admit(path)
    if source.kind in _LEDGERS:
        raise Refusal("document_is_ledger", name=source.name)
    if source.kind == "txt":
        return text_lines(source.name, decode(source.name, source.content))
    return lines_in_sandbox(source.kind, source.name, source.content)


def read_sheets(path: Path, progress: Progress | None = None) -> tuple[Grid, ...]:
    """The sheets of an .xlsx or .csv as plain cells; ``progress`` is told the rows read and the rows there are.

    Raises ``Refusal`` for any file that cannot be read whole and safely, and where no sheet has a cell.
    """
    source = admit(path)
    if source.kind not in _LEDGERS:
        raise Refusal("document_no_ledger", name=source.name)
    if source.kind == "csv":
        sheets = read_csv(source.name, source.content, progress)
    else:
        sheets = sheets_in_sandbox(source.kind, source.name, source.content, progress)
    if not any(sheet.rows for sheet in sheets):
        raise Refusal("document_blank", name=source.name)
    return sheets


def read_tables(path: Path) -> tuple[Grid, ...]:
    """The tables of a .docx, .html or .htm as sheets (表1, 表2 …), for an office that keeps its ledger in one.

    Raises ``Refusal`` for any other file, for one that cannot be read, and for one without a table.
    """
    source = admit(path)
    if source.kind not in _WITH_TABLES:
        raise Refusal("document_no_ledger", name=source.name)
    tables = sheets_in_sandbox(f"{source.kind}-tables", source.name, source.content, None)
    if not any(table.rows for table in tables):
        raise Refusal("document_no_ledger", name=source.name)
    return tables


def read_text_cells(path: Path) -> tuple[Grid, ...]:
    """A .txt as one sheet, for an office that copies its ledger out of a table: cells parted by tabs or strokes.

    Raises ``Refusal`` for any other file, and for one that cannot be read.
    """
    source = admit(path)
    if source.kind != "txt":
        raise Refusal("document_no_ledger", name=source.name)
    return read_text_table(source.name, source.content)
