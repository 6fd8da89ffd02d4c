"""Workbooks of Excel."""

from intake.documents import Document, Progress
from intake.documents.formats import DocumentFormat


def _read(name: str, content: bytes, progress: Progress) -> Document:
    from intake.documents.spreadsheet import read_workbook

    return read_workbook(name, content, progress)


# A style of a workbook takes more room than a word; its rows are not held.
FORMAT = DocumentFormat(
    "xlsx", (".xlsx",), _read, sheets_only=True, package="spreadsheetml.sheet.main", held_tags=500_000
)
