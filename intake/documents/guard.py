"""Whether a file may be read at all: what it is, how large it is, and whether its content is what its name says."""

import os
import stat
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from intake.documents.archive import check_package, looks_packed, package_types
from intake.documents.formats import FORMATS, DocumentFormat
from intake.documents.plain_text import clean_line
from text.refusals import Refusal

MAX_BYTES = 20 * 1024 * 1024

KINDS = {suffix: one.kind for one in FORMATS.values() for suffix in one.suffixes}
"""The kind of each suffix."""
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


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that passed the guard: its name for messages, its kind, and its bytes, read once and never again."""

    name: str
    kind: str
    content: bytes


def admit(path: Path) -> SourceFile:
    """Read a file from outside after every check that needs no understanding of it.

    Raises ``Refusal`` for what is no regular file, empty, too large, of an unknown, old or macro-carrying kind, or
    not what its suffix says.
    """
    name, suffix = clean_line(path.name), path.suffix.lower()
    if suffix in _MACRO:
        raise Refusal("document_macro", name=name)
    if suffix in _OLD:
        raise Refusal("document_old_format", name=name)
    if suffix not in KINDS:
        raise Refusal("document_unknown", name=name, known=" ".join(KINDS))
    wanted = FORMATS[KINDS[suffix]]
    content = _bytes(path, name)
    if wanted.package and looks_packed(content):
        check_package(name, wanted.held_tags, content)
    _agree(name, wanted, content)
    return SourceFile(name, wanted.kind, content)


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


def _agree(name: str, wanted: DocumentFormat, content: bytes) -> None:
    """The suffix and the content must name the same kind: a renamed file is told, never guessed at."""
    found = "zip"
    if looks_packed(content):
        types = package_types(content)
        packages = (one for one in FORMATS.values() if one.package and any(one.package in kind for kind in types))
        found = next((one.kind for one in packages), found)
    else:
        head = content[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\f").lower()
        foreign = (kind for start, kind in _STARTS.items() if content.startswith(start))
        shown = (one.kind for one in FORMATS.values() if one.shows and one.shows(head))
        found = next(chain(foreign, shown), "txt")
    if found == "ole":
        # Office keeps an encrypted .docx or .xlsx in the container of the old formats.
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Refusal("document_encrypted" if locked else "document_old_format", name=name)
    if found == "rtf":
        raise Refusal("document_old_format", name=name)
    if found != wanted.kind and not (found == "txt" and wanted.plain):
        raise Refusal("document_mismatch", name=name, suffix=f".{wanted.kind}", found=found)
