"""Whether a file may be read at all: what it is, how large it is, and whether its content is what its name says."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from intake.documents.archive import check_package, looks_packed, package_kind
from intake.documents.plain_text import clean_line
from text.refusals import Refusal

MAX_BYTES = 20 * 1024 * 1024

DocumentKind = Literal["txt", "docx", "html", "pdf", "xlsx", "csv"]

KINDS: dict[str, DocumentKind] = {
    ".txt": "txt",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".xlsx": "xlsx",
    ".csv": "csv",
}
_OLD = (".doc", ".dot", ".wps", ".wpt", ".xls", ".xlt", ".et", ".ett", ".rtf", ".ofd", ".odt", ".ods", ".xlsb", ".mht")
_MACRO = (".docm", ".dotm", ".xlsm", ".xltm", ".xlam")
_STARTS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b"{\\rtf": "rtf",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF8": "gif",
    b"II*\0": "tif",
    b"MM\0*": "tif",
}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that passed the guard: its name for messages, its kind, and its bytes, read once and never again."""

    name: str
    kind: DocumentKind
    content: bytes


def admit(path: Path) -> SourceFile:
    """Read a file from outside after every check that needs no understanding of it.

    Raises ``Refusal`` for what is no regular file, empty, too large, of an unknown, old or macro-carrying kind, or
    not what its suffix says.
    """
    name = clean_line(path.name)
    kind = _kind(name, path.suffix.lower())
    content = _bytes(path, name)
    if kind in {"docx", "xlsx"} and looks_packed(content):
        check_package(name, kind, content)
    _agree(name, kind, content)
    return SourceFile(name, kind, content)


def _kind(name: str, suffix: str) -> DocumentKind:
    if suffix in _MACRO:
        raise Refusal("document_macro", name=name)
    if suffix in _OLD:
        raise Refusal("document_old_format", name=name)
    if suffix not in KINDS:
        raise Refusal("document_unknown", name=name, known=" ".join(KINDS))
    return KINDS[suffix]


def _bytes(path: Path, name: str) -> bytes:
    """The file's bytes; one byte more than allowed is asked for, so a file that grows meanwhile is noticed, too."""
    try:
        # Without O_NONBLOCK the opening of a pipe nobody writes to would wait for ever.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Refusal("document_not_a_file", name=name)
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise Refusal("document_missing", name=name) from error
    except IsADirectoryError as error:
        raise Refusal("document_not_a_file", name=name) from error
    except OSError as error:
        raise Refusal("document_unreadable", name=name) from error
    if len(content) > MAX_BYTES:
        raise Refusal("document_too_large", name=name, limit=MAX_BYTES // 1024 // 1024)
    if not content.strip():
        raise Refusal("document_empty", name=name)
    return content


def _agree(name: str, kind: DocumentKind, content: bytes) -> None:
    """The suffix and the content must name the same kind: a renamed file is told, never guessed at."""
    found = _content_kind(content)
    if found == "ole":
        # Office keeps an encrypted .docx or .xlsx in the container of the old formats.
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Refusal("document_encrypted" if locked else "document_old_format", name=name)
    if found == "rtf":
        raise Refusal("document_old_format", name=name)
    expected = "txt" if kind in {"txt", "csv"} else kind
    # A page may do without the marks that tell it from text.
    if found != expected and (found, kind) != ("txt", "html"):
        raise Refusal("document_mismatch", name=name, suffix=f".{kind}", found=found)


def _content_kind(content: bytes) -> str:
    """What the bytes are, named like a suffix: pdf, docx, xlsx, zip, ole, rtf, html, a picture's, or txt."""
    if looks_packed(content):
        return package_kind(content)
    for start, kind in _STARTS.items():
        if content.startswith(start):
            return kind
    head = content[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\f").lower()
    if head.startswith(_HTML):
        return "html"
    # Anywhere in the first kilobyte: readers of PDF take a header there, so it counts here too.
    return "pdf" if b"%pdf-" in head else "txt"
