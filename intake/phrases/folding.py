"""Text as the phrasebook reads it: one width of digits, no spaces, no titles, and the way back to the original."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from intake.normalise import HALF_WIDTH
from intake.phrases.phrasebook import shipped_phrasebook

HIDDEN = "\0"
"""Stands for a character that is no wording: part of a title or of a word such as 日常."""

_SIGNS = HALF_WIDTH | {ord(sign): '"' for sign in "“”‘’「」『』"} | {ord(dash): "-" for dash in "—–―－~～"}
_INVISIBLE = "\u200b\u200c\u200d\ufeff\u00ad\u2060"
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \t](?=\d)")
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class FoldedText:
    """``text`` is what patterns are tried on; ``origin[i]`` is where its character i stood in ``source``."""

    source: str
    text: str
    origin: tuple[int, ...]

    @classmethod
    def of(cls, source: str) -> Self:
        """Fold ``source``: full width to half width, white space dropped (a line end stays), titles in 《》 hidden.

        A list of months that says 月 only once (3、6、9、12月) says it of each.
        """
        signs = shipped_phrasebook().phrases.signs
        wrapped = {place for found in signs.wrap.finditer(source) for place in range(found.start(), found.end())}
        apart = {found.start() for found in _BETWEEN_DIGITS.finditer(source)}
        kept = [
            place
            for place, char in enumerate(source)
            if place in apart
            or (place not in wrapped and (char == "\n" or not (char.isspace() or char in _INVISIBLE or char == HIDDEN)))
        ]
        text = "".join(source[place] for place in kept).translate(_SIGNS)
        # 月 is put behind each bare month of a list, where it stands for the number's last character.
        bare = {place for found in signs.months.finditer(text) for place in range(*found.span()) if text[place] == "、"}
        named = list(text)
        for at in sorted(bare, reverse=True):
            named.insert(at, "月")
            kept.insert(at, kept[at - 1])
        text = "".join(named)
        return cls(source, _without(text, _titles(text)), tuple(kept))

    def hiding(self, pattern: re.Pattern[str]) -> Self:
        """The same text with everything ``pattern`` finds hidden too."""
        spans = (found.span() for found in pattern.finditer(self.text))
        return type(self)(self.source, _without(self.text, spans), self.origin)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded characters ``start`` to ``end`` (not empty) stand in the source."""
        return self.origin[start], self.origin[end - 1] + 1


def _titles(text: str) -> Iterator[tuple[int, int]]:
    """Closed titles, inner ones too; an opening mark nobody closes on its line hides nothing."""
    opened: list[int] = []
    for place, char in enumerate(text):
        if char == "《":
            opened.append(place)
        elif char == "》" and opened:
            start = opened.pop()
            if place - start <= _LONGEST_TITLE:
                yield start, place + 1
        elif char == "\n":
            opened.clear()


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    steps = [0] * (len(text) + 1)
    for start, end in spans:
        steps[start] += 1
        steps[end] -= 1
    return "".join(HIDDEN if depth else char for char, depth in zip(text, accumulate(steps), strict=False))
