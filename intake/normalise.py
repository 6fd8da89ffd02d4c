"""How texts are compared: spaces, line ends, widths, stars and colons make no difference."""

import re
import unicodedata
from datetime import date

_IGNORED = re.compile(r"[\s\u200b\ufeff*:]+")
_BRACKETS = re.compile(r"[(\[<【〔][^()\[\]<>【】〔〕]*[)\]>】〕]|(?<!\d)\d+$")
LONGEST_HEADER = 40
"""Characters of a header, without what stands in brackets; more is a sentence."""
LONGEST_HEADER_CELL = 200
"""Characters of a header with its brackets, in which offices explain how to fill the column in."""


HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
"""What a full-width digit, letter or sign is in half width, and the wide spaces a space: one character for each."""


def half_width(text: str) -> str:
    """The text with half-width digits, letters and signs, each character in its place: what patterns are tried on."""
    return text.translate(HALF_WIDTH)


def compatible(text: str) -> str:
    """The text in the plainest characters that Unicode has for it (NFKC): ``①`` is ``1``, ``％`` is ``%``.

    It may be longer or shorter than before."""
    return unicodedata.normalize("NFKC", text)


def normalised(text: str) -> str:
    """The text as it is compared: ``整改 时限（截止）：`` is ``整改时限(截止)``."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def without_brackets(spelt: str) -> str:
    """A key without what stands in brackets and without a number at its end: ``整改任务(序号43)`` is ``整改任务``."""
    return _BRACKETS.sub("", spelt)


def cell_as_text(cell: str | date) -> str:
    """A cell as text without space around it; a date as ``2025-05-31``."""
    return cell.strip() if isinstance(cell, str) else cell.isoformat()


def one_line(text: str) -> str:
    """The text without line ends and double spaces."""
    return " ".join(text.split())
