"""Notices that lost their line ends, and tables of contents: what must be known of the lines before they are cut."""

import re
from collections.abc import Sequence

from intake.documents import DocumentLine
from intake.normalise import half_width

_FEW = 5
"""Lines that a notice pasted as one has at most."""
_SECTIONS = re.compile(r"一、.+二、")
_BREAK = re.compile(
    r"(?<=[。！!？?；;：:）)\s])(?=[一二三四五六七八九十]{1,2}、)|(?=[(（][一二三四五六七八九十]{1,2}[)）])|(?<=通报|公告|公示|报告)\s+"
)
_CONTENTS = re.compile(r"目\s*[录次]")
_LEADER = re.compile(r"[.…·\s]+\d*$")


def with_line_ends(lines: Sequence[DocumentLine]) -> Sequence[DocumentLine]:
    """The lines, those of a notice pasted as one line parted at its headings; each part keeps the line's number."""
    if len(lines) > _FEW or not any(_SECTIONS.search(line.text) for line in lines):
        return lines
    parts = ((line.number, part.strip()) for line in lines for part in _BREAK.split(line.text))
    return [DocumentLine(number, part) for number, part in parts if part]


def contents_of(lines: Sequence[DocumentLine]) -> frozenset[int]:
    """The numbers of the lines of a table of contents: those behind 目录 that stand in the text once more."""
    texts = [_LEADER.sub("", half_width(line.text)) for line in lines]
    start = next((place for place, text in enumerate(texts) if _CONTENTS.fullmatch(text)), None)
    if start is None:
        return frozenset()
    end = start + 1
    while end < len(lines) and texts[end] in texts[end + 1 :]:
        end += 1
    return frozenset(line.number for line in lines[start:end])
