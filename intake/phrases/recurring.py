"""Wording that repeats, as hints: how often, on which day it falls due, and how surely it was read."""

from collections.abc import Iterator

from intake.draft import Ask, Hint, Page
from intake.phrases.book import Book
from intake.phrases.context import kind_near, through_verb
from intake.phrases.due_day import already_due, due_said, with_hour, with_tail
from intake.phrases.folding import Folded
from intake.phrases.matches import Match
from intake.phrases.not_owed import not_owed, quantity_end
from intake.phrases.rhythm import GAP, Rhythm, rhythm_of, told, with_count
from text.catalogue import term


def read_recurring(book: Book, folded: Folded, match: Match, page: Page, until: int) -> Iterator[Hint | Ask]:
    """The hints of one recurrence, or the question where no cadence fits; nothing where none is owed.

    ``until`` is where the next wording begins.
    """
    rhythm = rhythm_of(book, match)
    if rhythm:
        rhythm = with_tail(book, folded, rhythm)
    said_until = rhythm.end if rhythm else match.end
    if not_owed(book, folded, match.start, said_until, page, until):
        return
    amount = quantity_end(book, folded, said_until)
    start, end = folded.span(match.start, amount or said_until)
    phrase = folded.source[start:end]
    if amount:
        yield Ask(phrase, f"“{phrase}”像是说数量：是要按期督办的事吗？", "不排日程")
    elif rhythm is None:
        choices = "请在日、周、旬、半月、月、双月、季、半年、年中选定"
        yield Ask(phrase, f"“{phrase}”没有对应的频次：按哪一种频次督办？", choices)
    else:
        rhythm = told(book, folded, already_due(with_hour(book, folded, rhythm), page), match.start)
        yield from _hints(book, folded, match, with_count(book, folded, match, rhythm, until), until)


def _hints(book: Book, folded: Folded, match: Match, rhythm: Rhythm, until: int) -> Iterator[Hint]:
    whole = rhythm.counted or not match.slots.keys().isdisjoint({"act", "paper", "times"})
    end = rhythm.end if whole else through_verb(book, folded.text, rhythm.end, until, GAP)
    start, stop = folded.span(match.start, end)
    kind = kind_near(book, folded.text, match.start, rhythm.end, until, once=False)
    several = f"共{len(rhythm.dues)}个截止日" if len(rhythm.dues) > 1 else ""
    for due in rhythm.dues:
        notes = [term(rhythm.cadence), due_said(rhythm, due), several, *rhythm.notes]
        yield Hint(
            phrase=folded.source[start:stop],
            start=start,
            end=stop,
            kind=kind,
            cadence=rhythm.cadence,
            due=due,
            certain=rhythm.certain,
            note="；".join(filter(None, notes)),
        )
