"""Text whose lines were broken at a margin (copied from a print, sent by mail) as paragraphs again."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from intake.documents import DocumentLine
from intake.documents.reflow import PageLayout, PageLine, begins_paragraph, ends_sentence, is_page_number, joined

_CHARACTERS = range(18, 61)
"""How many a broken line holds. Paragraphs as they were written are longer, headings shorter."""
_FULL = 0.85
"""Of the width, which a line must reach to be broken there."""
_FEWEST = 4
_WIDE = frozenset("WFA")
_EM = 2
"""Columns of a Chinese character."""


def repair_wrapped_lines(lines: Sequence[DocumentLine], raws: Sequence[str]) -> tuple[DocumentLine, ...]:
    """The lines as paragraphs where they surely were broken at a margin, else as they are; page numbers are left out.

    ``raws`` are the lines of the file as they stand in it, blank ones and space before the text included.
    """
    printed = [_printed(line, raws[line.number - 1]) for line in lines]
    layout = PageLayout.of(printed)
    if not _is_broken(printed, layout):
        return tuple(lines)
    kept = [(line, on) for line, on in zip(lines, printed, strict=True) if not is_page_number(line.text)]
    paragraphs: list[DocumentLine] = []
    above: PageLine | None = None
    for line, on in kept:
        if above and layout.goes_on(above, on):
            paragraphs[-1] = DocumentLine(paragraphs[-1].number, joined(paragraphs[-1].text, line.text))
        else:
            paragraphs.append(line)
        above = on
    return tuple(paragraphs)


def _printed(line: DocumentLine, raw: str) -> PageLine:
    left = _columns(raw[: len(raw) - len(raw.lstrip())])
    return PageLine(line.text, left, left + _columns(line.text), -line.number, _EM)


def _columns(text: str) -> int:
    return sum(_EM if unicodedata.east_asian_width(sign) in _WIDE else 1 for sign in text)


def _is_broken(lines: Sequence[PageLine], layout: PageLayout) -> bool:
    """Whether most lines that reach the margin break off there in the middle of a sentence."""
    full = [(above, line) for above, line in pairwise(lines) if above.right >= _FULL * layout.right]
    broken = sum(not ends_sentence(above.text) and not begins_paragraph(line.text) for above, line in full)
    return layout.right // _EM in _CHARACTERS and broken >= _FEWEST and 2 * broken > len(full)
