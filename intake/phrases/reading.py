"""Reads wording: everything a text says about time, and everything it leaves open.

Promise: never a schedule from wording that gives none, never a deadline from a fact of the past, and every hint's
phrase stands exactly where the hint says (tests/intake/phrases).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from intake.draft import Ask, DocumentDates, Hint, Reading
from intake.phrases.deadlines import Dating, bounded, datings, listed, read_deadline
from intake.phrases.due_day import outside_tails
from intake.phrases.folding import FoldedText
from intake.phrases.from_event import read_from_event
from intake.phrases.matches import Match, find_all
from intake.phrases.not_owed import without_names
from intake.phrases.phrasebook import Phrasebook, shipped_phrasebook
from intake.phrases.phrasebook_schema import FromEvent, Recurring, Soft
from intake.phrases.recurrence_window import BoundedRecurrence, with_windows
from intake.phrases.recurring import read_recurring
from intake.phrases.wording_context import denied, past
from plan.types import DurationClass

_STRONGEST_FIRST = (DurationClass.IMMEDIATE, DurationClass.STAGED, DurationClass.STANDING)
_SENTENCE_MARKS = frozenset("。；;！!？?\n")
_CLAUSE_MARKS = _SENTENCE_MARKS | frozenset("，,、：:")


@lru_cache(maxsize=2048)
def read_wording(text: str, dates: DocumentDates) -> Reading:
    """What a stretch of Chinese wording says about time; ledgers repeat their wording, so the last readings are kept.

    Args:
        text: any text; it need not be about time.
        dates: the days the document gives of itself (dates of the office's zone), for years and starting days left out.

    Returns:
        Hints in the order of the text, positions in ``text``; asks, one for each different wording; the duration class
        where the wording names one, the strictest if it names several.
    """
    said = read_all(text, dates, cell=False)
    return Reading(said.hints, said.asks, said.duration, said.dated)


@dataclass(frozen=True, slots=True)
class TextReading:
    """Everything a text says about time; ``soft`` are its wordings without a date, ``dated`` the asks that name a
    time."""

    folded: str
    hints: tuple[Hint, ...]
    asks: tuple[Ask, ...]
    soft: tuple[Soft, ...]
    dated: tuple[Ask, ...]

    @property
    def duration(self) -> DurationClass | None:
        """The strictest duration class that the wording names."""
        named = {spec.duration for spec in self.soft}
        return next((one for one in _STRONGEST_FIRST if one in named), None)


def read_all(text: str, dates: DocumentDates, *, cell: bool) -> TextReading:
    """Read ``text`` with the shipped phrasebook; ``cell``: it is a whole cell of a 整改时限 column."""
    book = shipped_phrasebook()
    folded = FoldedText.of(text).hiding(book.compounds)
    matches = find_all(book, folded, cell)
    items = list(_timed(book, folded, matches, dates, cell=cell))
    hints = tuple(one for one in items if isinstance(one, Hint))
    # 未长期坚持 names what was not done: neither a class nor a question.
    soft = [one for one in matches if isinstance(one.spec, Soft) and not denied(book, folded.text, one.start)]
    questions = list(_questions(book, folded, soft, hints))
    timed = [one for one in items if isinstance(one, Ask)]
    asks = _once([*timed, *(ask for _, ask in questions)])
    dated = _once([*timed, *(ask for spec, ask in questions if spec.dated)])
    specs = tuple(one.spec for one in soft if isinstance(one.spec, Soft))
    return TextReading(folded.text, hints, asks, specs, dated)


def _once(asks: Sequence[Ask]) -> tuple[Ask, ...]:
    """The asks, of those about one phrase the first."""
    first = {ask.phrase: ask for ask in reversed(asks)}
    return tuple(reversed(first.values()))


def _timed(
    book: Phrasebook, folded: FoldedText, matches: Sequence[Match], dates: DocumentDates, *, cell: bool
) -> Iterator[Hint | Ask]:
    """What the wordings that name a time say, in the order of the text."""
    timed = outside_tails(book, folded, (one for one in matches if not isinstance(one.spec, Soft)))
    dated = datings(book, folded, without_names(book, folded, timed))
    found = list(dated if cell else with_windows(book, folded, dated, dates))  # in a cell a date is the limit
    sentence = _numbered(folded.text, _SENTENCE_MARKS)
    limits = _first_limits(book, folded, found, sentence)
    last: Hint | None = None
    for one, until in zip(found, _ends(book, folded, found), strict=True):
        said_until = last.end if last else 0
        if folded.origin[one.start] < said_until:
            continue
        # It names the paper that the recurrence directly before it asks for: 每月1日、11日、21日前报送旬报.
        directly = last and last.cadence and folded.origin[one.start] == last.end
        slots = one.slots if directly and isinstance(one, Match) else {}
        if "paper" in slots or slots.get("act") in book.phrases.papers:
            continue
        said: Iterable[Hint | Ask]
        if isinstance(one, Dating):
            forward = limits.get(sentence[one.start], one.start) < one.start
            said = read_deadline(book, folded, one, dates, until, forward=forward, cell=cell)
        elif isinstance(one, BoundedRecurrence):
            read = () if one.over(dates) else _read_match(book, folded, one.match, dates, said_until, until)
            said = (one.applied(item) if isinstance(item, Hint) else item for item in read)
        else:
            said = _read_match(book, folded, one, dates, said_until, until)
        for item in said:
            last = item if isinstance(item, Hint) else last
            yield item


def _ends(book: Phrasebook, folded: FoldedText, found: Sequence[Match | Dating | BoundedRecurrence]) -> list[int]:
    """Up to where each reaches: the next one begins there, but what follows a list is said of all its dates."""
    ends = list[int]()
    end, following = len(folded.text), None
    for one in reversed(found):
        if following is not None:
            one_list = (
                isinstance(one, Dating) and isinstance(following, Dating) and listed(book, folded, one, following)
            )
            end = end if one_list else following.start
        ends.append(end)
        following = one
    return ends[::-1]


def _questions(
    book: Phrasebook, folded: FoldedText, soft: Sequence[Match], hints: Sequence[Hint]
) -> Iterator[tuple[Soft, Ask]]:
    """The wordings with their questions that no hint of the same clause answers (定期于每月5日前报送); one for each
    duration class.

    By when 立行立改 is to be done, any limit of the sentence answers (立行立改，3月底前).
    """
    clause, sentence = _numbered(folded.source, _CLAUSE_MARKS), _numbered(folded.source, _SENTENCE_MARKS)
    answered = {clause[hint.start] for hint in hints}
    limited = {sentence[hint.start] for hint in hints if hint.cadence is None}
    classes: set[DurationClass] = set()
    for match in soft:
        assert isinstance(match.spec, Soft)
        named = match.spec.duration
        if named in classes or (clause[folded.origin[match.start]] in answered and not match.spec.keep_up):
            continue
        if named is DurationClass.IMMEDIATE and sentence[folded.origin[match.start]] in limited:
            continue
        classes |= {named} if named else set()
        if match.spec.ask is None:  # a style word
            continue
        rest = folded.text[match.end : match.end + 8]
        verb = max((len(word) for word in book.verbs if rest.startswith(word)), default=0)
        start, end = folded.span(match.start, match.end + verb)
        phrase = folded.source[start:end]
        yield match.spec, Ask(phrase, match.spec.ask.replace("{phrase}", phrase), match.spec.suggest)


def _read_match(
    book: Phrasebook, folded: FoldedText, match: Match, dates: DocumentDates, said_until: int, until: int
) -> Iterator[Hint | Ask]:
    if isinstance(match.spec, Recurring):
        yield from read_recurring(book, folded, match, dates, until)
    elif isinstance(match.spec, FromEvent):
        yield from read_from_event(book, folded, match, dates, said_until, until)


def _first_limits(
    book: Phrasebook, folded: FoldedText, found: Iterable[Match | Dating | BoundedRecurrence], sentence: Sequence[int]
) -> dict[int, int]:
    """For each sentence that names a limit where the first one begins: what comes later lies ahead too."""
    first: dict[int, int] = {}
    for one in found:
        if isinstance(one, Dating) and bounded(book, folded, one) and not past(book, folded.text, one.start, one.end):
            first.setdefault(sentence[one.start], one.start)
    return first


def _numbered(text: str, marks: frozenset[str]) -> list[int]:
    """For each character how many marks stand up to it: the number of its sentence or clause."""
    return list(accumulate(char in marks for char in text))
