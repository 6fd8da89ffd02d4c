"""Web pages as they were saved."""

from intake.documents import Document, Progress
from intake.documents.formats import DocumentFormat

_BEGINS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta")


def _read(name: str, content: bytes, progress: Progress) -> Document:
    from intake.documents.web_tables import read_html

    return read_html(name, content, progress)


FORMAT = DocumentFormat(
    "html", (".html", ".htm"), _read, tables=True, shows=lambda head: head.startswith(_BEGINS), plain=True
)
