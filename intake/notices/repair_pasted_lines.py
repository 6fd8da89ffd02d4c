"""Notices that lost their line ends, and tables of contents: what must be known of the lines before they are cut."""

import re
from collections.abc import Sequence

from intake.documents import DocumentLine
from intake.normalise import half_width
from intake.notices.notice_grammar import load_notice_grammar

_FEW = 5
"""Lines that a notice pasted as one has at most."""
_LEADER = re.compile(r"[.…·\s]+\d*$")


def with_line_ends(lines: Sequence[DocumentLine]) -> Sequence[DocumentLine]:
    """The lines, those of a notice pasted as one line parted at its headings; each part keeps the line's number."""
    wording = load_notice_grammar().pasted
    if len(lines) > _FEW or not any(wording.sections.search(line.text) for line in lines):
        return lines
    parts = ((line.number, part.strip()) for line in lines for part in wording.breaks.split(line.text))
    return [DocumentLine(number, part) for number, part in parts if part]


def contents_of(lines: Sequence[DocumentLine]) -> frozenset[int]:
    """The numbers of the lines of a table of contents: those behind 目录 that stand in the text once more."""
    wording = load_notice_grammar().pasted
    texts = [_LEADER.sub("", half_width(line.text)) for line in lines]
    start = next((place for place, text in enumerate(texts) if wording.contents.fullmatch(text)), None)
    if start is None:
        return frozenset()
    end = start + 1
    while end < len(lines) and texts[end] in texts[end + 1 :]:
        end += 1
    return frozenset(line.number for line in lines[start:end])
