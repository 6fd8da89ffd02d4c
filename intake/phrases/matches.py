"""Where the phrasebook's wordings stand in a text: of two that overlap the earlier, then the longer one counts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.phrases.folding import FoldedText
from intake.phrases.phrasebook import Phrasebook, PhraseEntry
from intake.phrases.phrasebook_schema import Spoken


@dataclass(frozen=True, slots=True)
class Match:
    """One wording found: its entry, where it stands in the folded text, and what stood in its slots."""

    spec: Spoken
    start: int
    end: int
    slots: dict[str, str]


def find_all(book: Phrasebook, folded: FoldedText, cell: bool) -> list[Match]:
    """All wordings in order, none overlapping another; ``cell`` admits those that count only in a ledger's cell."""
    candidates = [
        (found.start(), -found.end(), order, entry.spec, found)
        for order, entry in enumerate(book.entries)
        if cell or not entry.spec.cell
        for lead, pattern in zip(entry.leads, entry.patterns, strict=True)
        if lead in folded.text
        for found in pattern.finditer(folded.text)
    ]
    candidates.sort(key=lambda candidate: candidate[:3])
    chosen: list[Match] = []
    for start, end, _, spec, found in candidates:
        if not chosen or start >= chosen[-1].end:
            chosen.append(Match(spec, start, -end, _slots(found)))
    return chosen


def longest_at(entries: Sequence[PhraseEntry], text: str, place: int) -> Iterator[Match]:
    """The longest wording of each entry that stands exactly at ``place``, the longest first."""
    found = [
        Match(entry.spec, place, here.end(), _slots(here))
        for entry in entries
        for pattern in entry.patterns
        if (here := pattern.match(text, place))
    ]
    yield from sorted(found, key=lambda match: -match.end)


def _slots(found: re.Match[str]) -> dict[str, str]:
    return {name: written for name, written in found.groupdict().items() if written is not None}
