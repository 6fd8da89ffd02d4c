"""Pages of PDF that hold text."""

from intake.documents import Document, Progress
from intake.documents.formats import DocumentFormat


def _read(name: str, content: bytes, progress: Progress) -> Document:
    from intake.documents.pdf import read_pdf

    return read_pdf(name, content, progress)


# Anywhere in the first kilobyte: readers of PDF take a header there, so it counts here too.
FORMAT = DocumentFormat("pdf", (".pdf",), _read, shows=lambda head: b"%pdf-" in head)
