"""Cells parted by commas or the like, as one sheet."""

from intake.documents import Document, Progress
from intake.documents.formats import DocumentFormat


def _read(name: str, content: bytes, progress: Progress) -> Document:
    from intake.documents.delimited import read_csv

    return Document(name, "csv", sheets=read_csv(name, content, progress))


FORMAT = DocumentFormat("csv", (".csv",), _read, confined=False, sheets_only=True, plain=True)
