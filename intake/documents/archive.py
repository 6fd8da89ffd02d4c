"""The checks of an Office package (.docx, .xlsx), which is a zip of XML parts, before any library opens it."""

import io
import re
import zipfile
import zlib
from itertools import pairwise

from lxml import etree

from text.refusals import Refusal

MAX_ENTRIES = 5_000
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 200
"""Only asked of entries beyond ``_RATIO_FROM``: small XML parts may well shrink that much."""
MAX_STREAMED_TAGS = 8_000_000
"""Tags in worksheets and shared strings, which are read row by row."""

_RATIO_FROM = 10 * 1024 * 1024
_CHUNK = 1 << 20
_MANIFEST = "[Content_Types].xml"
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"^[^>]*?encoding\s*=\s*[\"']([^\"'>]*)")
_ENCODINGS = frozenset(
    (b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-1", b"windows-1252", b"gb2312", b"gbk", b"gb18030")
)
_STREAMED = ("worksheet+xml", "sharedStrings+xml")
# What a hostile entry makes the standard library raise.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


def looks_packed(content: bytes) -> bool:
    """Whether the bytes begin as a zip does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def package_types(content: bytes) -> set[str]:
    """The types of the parts of a zip; none where it is no Office package. Only for what passed ``check_package``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return {kind for _, kind in _content_types(package)}
    except (*_BROKEN, KeyError, etree.XMLSyntaxError):
        return set()


def check_package(name: str, held_tags: int, content: bytes) -> None:
    """Refuse what could harm: bombs, overlapping or wandering entries, macros, encryption, document types, entities.
    ``held_tags`` is how many tags may stand in the parts that are held in memory as a whole.

    Every entry is unpacked once, in pieces, so what its header promises need not be believed; that also proves its
    checksum. Raises ``Refusal``.
    """
    # Counted in the bytes, before the library makes an object of every entry.
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise Refusal("document_bomb", name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_entries(name, package.infolist())
            _check_parts(name, package, held_tags)
    except (*_BROKEN, KeyError, etree.XMLSyntaxError) as error:
        raise Refusal("document_damaged", name=name) from error


def _check_entries(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refusal("document_encrypted", name=name)
    names = [entry.filename for entry in entries]
    # A path that leads out of the package.
    wanders = any(one.startswith("/") or "\\" in one or ":" in one or ".." in one.split("/") for one in names)
    # A name that occurs twice: programs differ in which of the two they read.
    if wanders or len({*names}) < len(names):
        raise Refusal("document_archive", name=name)
    if entries_overlap(entries) or any(entry_swells(entry) for entry in entries):
        raise Refusal("document_bomb", name=name)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refusal("document_bomb", name=name)
    # Visual Basic, or the Excel 4 sheets before it.
    macros = ("vbaproject", "/macrosheets/", "/dialogsheets/")
    if any(sign in one.lower() for one in names for sign in macros):
        raise Refusal("document_macro", name=name)


def entry_swells(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry unpacks into far more than any file of an office does."""
    return entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size


def entries_overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two entries share bytes, as in bombs that unpack one piece many times."""
    spans = sorted((entry.header_offset, entry.compress_size + len(entry.filename)) for entry in entries)
    # 30 bytes are the fixed part of the header that stands before each entry.
    return any(start + 30 + size > after for (start, size), (after, _) in pairwise(spans))


def _check_parts(name: str, package: zipfile.ZipFile, held_left: int) -> None:
    _check_part(name, package, _MANIFEST, held_left)
    kinds = _content_types(package)
    if any("macroenabled" in kind.lower() or "macrosheet" in kind.lower() for _, kind in kinds):
        raise Refusal("document_macro", name=name)
    # The parts that are nothing but worksheets or shared strings, whatever else a hostile manifest calls them.
    rows = {part for part, kind in kinds if kind.endswith(_STREAMED)}
    other = {part for part, kind in kinds if not kind.endswith(_STREAMED)}
    streamed = {
        part for part in rows - other if part.startswith("xl/") and "_rels/" not in part and "styles" not in part
    }
    streamed_left = MAX_STREAMED_TAGS
    for part in package.namelist():
        if part in streamed:
            streamed_left -= _check_part(name, package, part, streamed_left)
        else:
            held_left -= _check_part(name, package, part, held_left)


def _content_types(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    """The manifest: which part is of which type."""
    root = etree.fromstring(package.read(_MANIFEST), etree.XMLParser(resolve_entities=False, no_network=True))
    return [(one.get("PartName", "").lstrip("/"), one.get("ContentType", "")) for one in root.iter("{*}*")]


def _check_part(name: str, package: zipfile.ZipFile, part: str, limit: int) -> int:
    """How many tags a part has; 0 for what is no XML. Raises ``Refusal`` for what no Office program writes."""
    tags, tail, is_xml = 0, b"", None
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            # Without its zero bytes UTF-16 and UTF-32 read like ASCII, so one pattern finds the words in any of them.
            plain = tail + chunk.replace(b"\0", b"")
            if is_xml is None:
                start = plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
                is_xml = part.lower().endswith((".xml", ".rels", ".vml")) or start.startswith(b"<")
                # Only encodings in which the forbidden words are spelt in ASCII, so that the search cannot be led past.
                declared = _ENCODING.match(plain[:400]) if is_xml else None
                if declared and declared[1].lower() not in _ENCODINGS:
                    raise Refusal("document_xml", name=name)
            if is_xml and _FORBIDDEN.search(plain):
                raise Refusal("document_xml", name=name)
            # What the tail holds was counted with the chunk before.
            tags += plain.count(b"<", len(tail)) if is_xml else 0
            if tags > limit:
                raise Refusal("document_bomb", name=name)
            # As long as the longest forbidden word, which may lie across two chunks.
            tail = plain[-10:]
    return tags
