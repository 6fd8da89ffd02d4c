"""A .pdf as paragraphs: the lines of its pages with their places, joined again. Runs in a process of its own."""

from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from intake.documents import Document, Progress
from intake.documents.plain_text import clean_line, paragraphs
from intake.documents.reflow import PageLine, reflowed
from text.clean import visible
from text.refusals import Refusal

MAX_PAGES = 500
MAX_CHARACTERS = 2_000_000
_TAIL = 2048
_GAP = 0.8
"""Of a letter's height; a wider gap parts two columns."""
_LATIN = "\u2e80"
"""Where the writing systems with spaces between words end."""


def read_pdf(name: str, content: bytes, progress: Progress) -> Document:
    """The paragraphs of a PDF that has text. Page numbers and repeated headers are left out.

    Raises ``Refusal`` for one that is encrypted, cut off, a scan, or out of proportion.
    """
    # The library reads a file that was cut off as far as it goes, and says nothing.
    if b"%%EOF" not in content[-_TAIL:]:
        raise Refusal("document_damaged", name=name)
    document = _open(name, content)
    if len(document) > MAX_PAGES:
        raise Refusal("document_pages", name=name, limit=MAX_PAGES)
    pages = [list(_page_lines(name, document, number)) for number in range(len(document))]
    if not any(pages):
        raise Refusal("document_scan", name=name)
    if sum(len(line.text) for page in pages for line in page) > MAX_CHARACTERS:
        raise Refusal("document_costly", name=name)
    return Document(name, "pdf", paragraphs(name, reflowed(pages)))


def _open(name: str, content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pdfium.FPDF_ERR_PASSWORD
        raise Refusal("document_encrypted" if locked else "document_damaged", name=name) from error


def _page_lines(name: str, document: Any, number: int) -> Iterator[PageLine]:
    try:
        text = document[number].get_textpage()
    except pypdfium2.PdfiumError as error:
        raise Refusal("document_damaged", name=name) from error
    line: list[_Letter] = []
    for place in range(text.count_chars()):
        sign = chr(pdfium.FPDFText_GetUnicode(text, place))
        if sign not in "\r\n":
            line.append(_Letter(sign, *text.get_charbox(place, loose=True)))
        elif line:
            yield from _page_line(line)
            line = []
    yield from _page_line(line)


class _Letter(NamedTuple):
    sign: str
    left: float
    bottom: float
    right: float
    top: float


def _page_line(letters: list[_Letter]) -> Iterator[PageLine]:
    """The line of some letters, if any of them is to be seen."""
    seen = [letter for letter in letters if visible(letter.sign).strip()]
    if seen:
        height = median(letter.top - letter.bottom for letter in seen)
        yield PageLine(_text(letters, height), seen[0].left, seen[-1].right, seen[0].bottom, height)


def _text(letters: list[_Letter], height: float) -> str:
    """The letters as text, without the spaces that wide setting seems to put between Chinese characters."""
    signs = [letter.sign for letter in letters]
    for place, (before, letter, after) in enumerate(zip(letters, letters[1:], letters[2:], strict=False), 1):
        narrow = after.left - before.right < height * _GAP
        if letter.sign == " " and narrow and before.sign > _LATIN < after.sign:
            signs[place] = ""
    return clean_line("".join(signs))
