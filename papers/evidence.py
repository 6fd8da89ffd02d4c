"""Files of evidence: looked at, named harmlessly, kept under the digest of their content, never run."""

import re
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import puremagic

from db.ledger.evidence import StoredFile
from papers.evidence_store import EvidenceStore, content_digest
from text.clean import line
from text.refusals import Refusal

KINDS = {
    "pdf": ("pdf",),
    "jpg": ("jpg", "jpeg", "jfif"),
    "png": ("png",),
    "heic": ("heic", "heif"),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
    "pptx": ("pptx",),
    "doc": ("doc", "xls", "ppt", "wps", "et"),
    "mp4": ("mp4", "mov", "m4v"),
    "ofd": ("ofd",),
    "txt": ("txt", "csv"),
}
"""What is taken, by what its content is, with the endings that people give it."""
LONGEST_FILE_NAME = 120
_ODD = re.compile(r'[\\/:*?"<>|%]+')
_LOOKED_AT = 64 * 1024


def keep_file(store: EvidenceStore, given_name: str, content: BinaryIO, most_bytes: int) -> StoredFile:
    """Keep a file that somebody handed in.

    Args:
        store: of the office's evidence.
        given_name: as a browser or a person gave it, from anywhere.
        content: from its beginning.
        most_bytes: the most it may have.

    Returns:
        The file as it is kept; one of the same content is kept once.

    Raises:
        Refusal: ``evidence_empty``, ``evidence_too_large``, ``evidence_kind`` for what is not taken or is not what its
            name says, ``file_not_written``, ``evidence_store_away``.
    """
    name = file_name(given_name)
    data = content.read(most_bytes + 1)
    if not data:
        raise Refusal("evidence_empty", name=name)
    if len(data) > most_bytes:
        raise Refusal("evidence_too_large", name=name, limit=most_bytes // 2**20)
    kind = content_kind(data)
    ending = PurePosixPath(name.casefold()).suffix.removeprefix(".")
    if kind is None or ending not in KINDS[kind]:
        known = "、".join(ending for endings in KINDS.values() for ending in endings[:1])
        raise Refusal("evidence_kind", name=name, known=known)
    file = StoredFile(name, ending, len(data), content_digest(data))
    store.put(file.sha256, data)
    return file


def file_name(given: str) -> str:
    """A name that names no folder and fits every system; its ending stays.

    Args:
        given: from anywhere.
    """
    last = re.split(r"[\\/]", line(given))[-1]
    plain = line(_ODD.sub("_", last)).strip(". ") or "材料"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_FILE_NAME - len(ending) - 1]}.{ending}" if dot else plain[:LONGEST_FILE_NAME]


def content_kind(data: bytes) -> str | None:
    """What a content is, of what is taken; None for anything else.

    Args:
        data: all of it.
    """
    if data.startswith(b"PK"):
        return _packed(data)
    if b"\0" not in data[:_LOOKED_AT] and _is_text(data):
        # What a browser could take for a page is no text of evidence.
        return None if re.match(rb"\s*(<|%PDF|\{\\rtf)", data) else "txt"
    try:
        found = puremagic.from_string(data).removeprefix(".").casefold()
    except (puremagic.PureError, ValueError):
        return None
    return next((kind for kind, endings in KINDS.items() if found in endings), None)


def _packed(data: bytes) -> str | None:
    """Which document a package is, by the parts that it lists; nothing of it is unpacked."""
    try:
        names = ZipFile(BytesIO(data)).namelist()
    except (BadZipFile, ValueError):
        return None
    parts = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for kind, part in parts.items() if any(name.startswith(part) for name in names)), None)


def _is_text(data: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
