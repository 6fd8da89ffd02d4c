"""One cell that holds several measures: ``1.…2.…``, ``（1）…（2）…``, ``①…②…``, ``一是…；二是…``, ``一、…二、…``, lines
behind dots, and lines that are sentences."""

import re
from dataclasses import dataclass
from functools import cache

from intake.chinese_numerals import chinese_numeral
from intake.ledgers.ledger_wording import load_ledger_wording

_START = r"(?:(?<=[\s。；;：:，,、！!])|^)"
_LINE = r"(?:^|(?<=\n))"
_SENTENCES = re.compile(r"(?:[^\n]{4,}[。；;！!]\n)+[^\n]{4,}")
"""Several lines, each a sentence: one that only runs on to the next line does not end so."""
_MOST = 99
_MOST_SIGNS = 20
"""Numbers that are written in one sign: ①, ⑴, ⒈."""


@dataclass(frozen=True, slots=True)
class MeasureItem:
    """One measure of a cell. ``lead`` are the words before the first one (压实责任：), which belong to all."""

    lead: str
    own: str

    @property
    def text(self) -> str:
        """The measure as it reads by itself."""
        return f"{self.lead}{self.own}"


def split_items(text: str) -> tuple[MeasureItem, ...]:
    """The measures of a cell; the whole cell where it counts none.

    Only a count from one upwards without a gap splits, so ``1.5万元`` and ``第2项`` do not; without a count, lines that
    are sentences.
    """
    ways = range(len(load_ledger_wording().items)) if _first().search(text) else ()
    found = [spans for way in ways if len(spans := _counted(text, way)) > 1]
    if not found:
        lines = [line.rstrip("；;") for line in text.split("\n")] if _SENTENCES.fullmatch(text) else [text]
        return tuple(MeasureItem("", line) for line in lines)
    spans = min(found)
    ends = [start for start, _ in spans[1:]] + [len(text)]
    lead = text[: spans[0][0]].strip()
    items = [text[end:stop].strip(" \n\t；;，,、") for (_, end), stop in zip(spans, ends, strict=True)]
    return tuple(MeasureItem(lead, item) for item in items) if all(items) else (MeasureItem("", text),)


@cache
def _mark(way: int, number: int) -> re.Pattern[str]:
    """How the item of a number is opened in one way of counting: 1., (1), ①, 一是."""
    written = load_ledger_wording().items[way]
    if number > _MOST_SIGNS and "<sign>" in written:
        return re.compile(r"(?!)")
    signs = "".join(chr(first + number) for first in (0x245F, 0x2473, 0x2487))
    parts = {"n": f"{number}", "numeral": chinese_numeral(number), "sign": signs, "start": _START, "line": _LINE}
    return re.compile(re.sub(r"<(\w+)>", lambda part: parts[part[1]], written))


@cache
def _first() -> re.Pattern[str]:
    return re.compile("|".join(_mark(way, 1).pattern for way in range(len(load_ledger_wording().items))))


def _counted(text: str, way: int) -> list[tuple[int, int]]:
    """Where the marks of 1, 2, 3 … stand, one after the other."""
    spans: list[tuple[int, int]] = []
    while len(spans) < _MOST:
        found = _mark(way, len(spans) + 1).search(text, spans[-1][1] if spans else 0)
        if found is None:
            break
        spans.append(found.span())
    return spans


def distribute(text: str, count: int) -> tuple[str, ...]:
    """A cell beside a split one: its own items where it has as many, else the whole for each."""
    items = split_items(text) if count > 1 else ()
    return tuple(item.text for item in items) if len(items) == count else (text,) * count


def distribute_by_line(text: str, count: int) -> tuple[str, ...]:
    """A limit beside a split cell: dealt also where it has as many lines, or parts between semicolons."""
    if count > 1 and len(split_items(text)) == 1:
        for parts in (text.split("\n"), re.split("[；;]", text.rstrip("；;"))):
            if len(parts) == count:
                return tuple(parts)
    return distribute(text, count)
