"""Plain text: its lines, and a table where tabs or strokes part cells."""

from intake.documents import Document, Progress, with_tables
from intake.documents.formats import DocumentFormat


def _read(name: str, content: bytes, _progress: Progress) -> Document:
    from intake.documents.delimited import read_text_table
    from intake.documents.plain_text import decode, text_lines

    lines = text_lines(name, decode(name, content))
    return with_tables(name, "txt", lines, lambda: read_text_table(name, content))


FORMAT = DocumentFormat("txt", (".txt",), _read, confined=False, plain=True)
