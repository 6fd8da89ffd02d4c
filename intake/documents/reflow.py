"""The lines of printed pages as paragraphs again, by the habits of Chinese official documents.

A paragraph begins two characters in, its lines run to the right margin, and only its last one may end before it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from statistics import median

_PAGE_NUMBER = re.compile(
    r"[\s\-—–－─―•·|]*(第\s*)?\d{1,4}(\s*页)?(\s*[,，/]?\s*[共/]\s*\d{1,4}\s*页?)?[\s\-—–－─―•·|]*|(?i:page)\s+\d+(\s+of\s+\d+)?"
)
_BEGINNING = re.compile(
    r"[（(]?[一二三四五六七八九十百]{1,4}[、.．）)]|[（(]\d{1,2}[）)]|\d{1,2}([、．]|\.(?!\d))|[①-⑳]|第[一二三四五六七八九十百\d]{1,4}[条章节项]|"
    r"[一二三四五六七八九十]是|(整改|问题|责任|完成|公示|目标|重点|反馈)\w{0,6}[：:]|——|附件"
)
_SENTENCE_END = ("。", "！", "？", "；", "：", "!", "?", ";", ":")
_PAUSES = ("，", "、")
_NEVER_FIRST = (*_PAUSES, "。", "；", "：", "！", "？", "）", "》", "”")
"""Signs that no paragraph begins with."""
_REPEATED = 0.6
"""The share of pages a header stands on."""
_REACHES = {True: 0.8, False: 0.9}
"""Of the width: a line that ends there in mid-sentence was broken; surer where paragraphs are indented."""


@dataclass(frozen=True, slots=True)
class PageLine:
    """One printed line; places in points, counted from the lower left corner of the page; ``height`` of a letter."""

    text: str
    left: float
    right: float
    bottom: float
    height: float


def reflowed(pages: Sequence[Sequence[PageLine]]) -> Iterator[str]:
    """The paragraphs of the pages in order, page numbers and repeated headers left out."""
    lines = [line for page in _without_furniture(pages) for line in page]
    if not lines:
        return
    page = PageLayout.of(lines)
    gathered = lines[0].text
    for above, line in pairwise(lines):
        if page.goes_on(above, line):
            gathered = joined(gathered, line.text)
        else:
            yield gathered
            gathered = line.text
    yield gathered


def joined(before: str, after: str) -> str:
    """Two parts of a paragraph; a space only where two Latin words meet."""
    parted = before[-1:].isascii() and after[:1].isascii() and before[-1:].isalnum() and after[:1].isalpha()
    return f"{before} {after}" if parted else before + after


def _without_furniture(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """The pages without page numbers and headers: looked for in the highest and the lowest line, twice."""
    kept = [list(page) for page in pages]
    for _ in range(2):
        edges = [
            {max(page, key=attrgetter("bottom")), min(page, key=attrgetter("bottom"))} if page else set()
            for page in kept
        ]
        seen = Counter(_shape(line) for page in edges for line in page)
        often = {shape for shape, count in seen.items() if count >= max(2, _REPEATED * len(kept))}
        for page, edge in zip(kept, edges, strict=True):
            page[:] = [line for line in page if line not in edge or not _is_furniture(line, often)]
    return kept


def _is_furniture(line: PageLine, often: set[str]) -> bool:
    return is_page_number(line.text) or _shape(line) in often


def is_page_number(text: str) -> bool:
    """Whether a line only numbers its page."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def begins_paragraph(text: str) -> bool:
    """Whether a line begins as only a paragraph does: with a number or a label."""
    return _BEGINNING.match(text) is not None


def ends_sentence(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return text.endswith(_SENTENCE_END)


def _shape(line: PageLine) -> str:
    """A header's text as it is on every page: its numbers may differ."""
    return re.sub(r"\d+", "#", line.text)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the text of the document begins and ends on its pages, and whether its paragraphs are indented."""

    left: float
    right: float
    height: float
    indents: bool

    @classmethod
    def of(cls, lines: Sequence[PageLine]) -> "PageLayout":
        """The margins, but for a line in twenty that may stand out."""
        outside = len(lines) // 20
        left = sorted(line.left for line in lines)[outside]
        right = sorted(line.right for line in lines)[-1 - outside]
        height = median(line.height for line in lines)
        return cls(left, right, height, any(1.2 * height < line.left - left < 3 * height for line in lines))

    def goes_on(self, above: PageLine, line: PageLine) -> bool:
        """Whether a line continues the paragraph of the line above it."""
        if abs(above.height - line.height) > 0.15 * self.height:
            return False
        ended = ends_sentence(above.text)
        if line.height > 1.15 * self.height and self._is_centred(line):
            return not ended
        if not begins_paragraph(line.text) and (above.text.endswith(_PAUSES) or line.text.startswith(_NEVER_FIRST)):
            return True
        full = self.left + _REACHES[self.indents] * (self.right - self.left)
        reach = self.right - 2 * above.height if ended else full
        if above.right < reach or line.left > self.left + 1.2 * line.height:
            return False
        if self.indents:
            return not (ended and begins_paragraph(line.text))
        return not ended and not begins_paragraph(line.text)

    def _is_centred(self, line: PageLine) -> bool:
        return abs((line.left + line.right) - (self.left + self.right)) < 2 * line.height
