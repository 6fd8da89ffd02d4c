"""Bytes as text: which encoding they have, and what of the text may stay."""

import re
import unicodedata
from collections.abc import Iterable

from intake.documents import DocumentLine
from intake.documents.repair_wrapped_lines import repair_wrapped_lines
from text.clean import visible
from text.refusals import Refusal

MAX_LINES = 100_000
MAX_LINE = 50_000
"""Characters in one paragraph: more than any notice has, and few enough for every later pattern."""

# The longer marks before the shorter: that of UTF-32 begins with that of UTF-16.
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_DECLARED = {"utf-8": "utf-8", "utf8": "utf-8", "big5": "big5hkscs"} | dict.fromkeys(
    ("gb2312", "gbk", "gb18030"), "gb18030"
)
"""What a page may call its encoding. GB18030 reads all that its forerunners wrote."""
_SYMBOLS = re.compile("[\ue000-\uf8ff]")
"""Bullets and icons of symbol fonts, which Word, PDF and web pages hold as signs of private use: no text."""


def decode(name: str, content: bytes, declared: str = "") -> str:
    """The text of a file: by its byte order mark, else as it declares itself, else UTF-8, else GB18030.

    ``name`` is the file's name for the refusal. Raises ``Refusal`` where no encoding gives readable text.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _readable(name, _decoded(content[len(mark) :], encoding))
    if declared in _DECLARED and (text := _decoded(content, _DECLARED[declared])) is not None:
        return _readable(name, text)
    return _readable(name, _likelier(_decoded(content, "utf-8"), _decoded(content, "gb18030")))


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _likelier(utf8: str | None, gb: str | None) -> str | None:
    """UTF-8 that holds no Chinese although GB18030 reads the same bytes as Chinese throughout is not UTF-8."""
    if utf8 is None or gb is None or utf8.isascii():
        return gb if utf8 is None else utf8
    letters = (character.isalpha() or character > "\u00ff" for character in utf8 if character > "\x7f")
    foreign = all(character < "\u0800" for character in utf8) and any(letters)
    chinese = all(character < "\x80" or "\u3000" <= character <= "\u9fff" for character in gb)
    return gb if foreign and chinese else utf8


def _readable(name: str, text: str | None) -> str:
    """The text, unless it is a program, a picture or the like that happened to decode."""
    if text is None or "\0" in text:
        raise Refusal("document_encoding", name=name)
    rubbish = sum(1 for character in text if not character.isprintable() and _is_rubbish(character))
    # More than two signs in a hundred; a few come with every copied page.
    if rubbish * 50 > len(text):
        raise Refusal("document_encoding", name=name)
    return text


def _is_rubbish(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cn", "Co"} or (category == "Cc" and character not in "\t\n\r\v\f\x1c\x1d\x1e\x85")


def legible(text: str) -> str:
    """The text without what no reader should meet; a blank stands for a sign of a symbol font."""
    return visible(_SYMBOLS.sub(" ", text))


def clean_line(text: str) -> str:
    """One line of legible text without space around it; NBSP and the ideographic space are space, too."""
    return " ".join(legible(text).splitlines()).strip()


def clean_cell(text: str) -> str:
    """A cell's text: like ``clean_line``, but its lines stay lines, parted by a single line feed."""
    lines = (line.strip() for line in legible(text).splitlines())
    return "\n".join(line for line in lines if line)


def text_lines(name: str, text: str) -> tuple[DocumentLine, ...]:
    """The lines of plain text that hold something, each with its number in the file, blank lines counted; lines that
    were broken at a margin are put together again."""
    raws = text.splitlines()
    return repair_wrapped_lines(as_lines(name, raws), raws)


def paragraphs(name: str, texts: Iterable[str]) -> tuple[DocumentLine, ...]:
    """The paragraphs that hold something, numbered through from 1."""
    return as_lines(name, filter(None, map(clean_line, texts)))


def as_lines(name: str, texts: Iterable[str]) -> tuple[DocumentLine, ...]:
    """The texts that hold something as lines. Raises ``Refusal`` where there is none, or more than a notice has."""
    lines = list[DocumentLine]()
    for number, raw in enumerate(texts, 1):
        text = clean_line(raw)
        if len(text) > MAX_LINE:
            raise Refusal("document_line_long", name=name, line=number, length=len(text), limit=MAX_LINE)
        if number > MAX_LINES:
            raise Refusal("document_too_long", name=name, limit=MAX_LINES)
        if text:
            lines.append(DocumentLine(number, text))
    if not lines:
        raise Refusal("document_blank", name=name)
    return tuple(lines)
