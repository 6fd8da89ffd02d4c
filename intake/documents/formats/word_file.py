"""Documents of Word."""

from intake.documents import Document, Progress
from intake.documents.formats import DocumentFormat


def _read(name: str, content: bytes, progress: Progress) -> Document:
    from intake.documents.word import read_docx

    return read_docx(name, content, progress)


FORMAT = DocumentFormat(
    "docx", (".docx",), _read, tables=True, package="wordprocessingml.document.main", held_tags=2_000_000
)
