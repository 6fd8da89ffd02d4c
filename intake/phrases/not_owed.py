"""Wording that repeats and still asks for nothing: what was not done, what is over, what gave way to another rhythm.

A mere quantity (每天处理污水2万吨) may be meant as a duty, so it is a question and never a schedule.
"""

import re

from intake.draft import Page
from intake.phrases.book import Book
from intake.phrases.context import clause_after, clause_before, denied, signs_of
from intake.phrases.folding import Folded
from intake.phrases.matches import Match
from intake.phrases.numerals import number

_YEAR_LED = re.compile(r"(20\d\d|二[〇零○][〇零○一二三四五六七八九]{2})年度?\Z")


def not_owed(book: Book, folded: Folded, match: Match, page: Page, until: int) -> bool:
    """Whether the recurrence is a fact or a failing; ``until`` is where the next wording begins."""
    text = folded.text
    return (
        denied(book, text, match.start)
        or any(one.match(text, match.end) for one in book.failings)
        or any(found.end() == until for one in book.replaced if (found := one.match(text, match.end)))
        or _in_a_past_year(text, match.start, page)
    )


def quantity_end(book: Book, folded: Folded, match: Match) -> int | None:
    """Where the amount ends if the recurrence only says how much (每月补贴200元) and no verb of a duty follows."""
    if signs_of(book).verbs.search(clause_after(folded.text, match.end)):
        return None
    return max((found.end() for one in book.quantities if (found := one.match(folded.text, match.end))), default=None)


def _in_a_past_year(text: str, place: int, page: Page) -> bool:
    """2024年每月调度 on a page of 2025 tells what was done; 自2024年起每月 does not end so."""
    read_on = page.published_on or page.feedback_on
    named = _YEAR_LED.search(clause_before(text, place))
    return bool(read_on and named and number(named[1]) < read_on.year)
