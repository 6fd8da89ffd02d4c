"""Wording that repeats and still asks for nothing: what was not done, what is over, what gave way to another cadence.

A mere quantity (每天处理污水2万吨) or a routine (工资按月发放) may be meant as a duty, so it is a question and never a
schedule.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from intake.chinese_numerals import numeral_value
from intake.draft import DocumentDates
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match, longest_at
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import Recurring
from intake.phrases.recurrence import unit_of
from intake.phrases.wording_context import clause_after, clause_before, denied, names_duty

_SENTENCE_MARK = re.compile(r"[、。;:!?\n]")
_MARK = re.compile(r"[,、。;:!?\n]")


def not_owed(book: Phrasebook, folded: FoldedText, start: int, end: int, dates: DocumentDates, until: int) -> bool:
    """Whether the recurrence between ``start`` and ``end`` is a fact, a failing or one that gave way to another.

    ``until`` is where the next wording begins.
    """
    text, read_on = folded.text, dates.read_on
    # 2024年每月调度 in a document of 2025 tells what was done; 自2024年起每月 does not end so.
    named = book.phrases.signs.past_year.search(clause_before(text, start))
    return (
        denied(book, text, start)
        or next(longest_at(book.failings, text, end), None) is not None
        or any(found.end() == until for one in book.replaced if (found := one.match(text, end)))
        or bool(read_on and named and numeral_value(named[1]) < read_on.year)
    )


def quantity_end(book: Phrasebook, folded: FoldedText, end: int, until: int) -> int | None:
    """Where the amount ends if the recurrence only says how much (每月补贴200元) or what is paid, fined or open by
    rule (按日计罚), and no verb of a duty follows before ``until``."""
    if names_duty(book, clause_after(folded.text, end)[: max(0, until - end)]):
        return None
    return max((found.end() for one in book.quantities if (found := one.match(folded.text, end))), default=None)


def without_names(book: Phrasebook, folded: FoldedText, matches: Iterable[Match]) -> list[Match]:
    """Without 月报 and 月度推进会 where the same clause says 每月: they name what recurs, it is owed once."""
    kept = list(matches)
    names: set[int] = set()
    for first, second in pairwise(one for one in kept if isinstance(one.spec, Recurring)):
        named = [one for one in (first, second) if not one.slots.keys().isdisjoint({"paper", "short"})]
        explained = folded.text.startswith(book.phrases.regimes, first.end)  # 实行周报告制度，每周五前报送
        apart = (_SENTENCE_MARK if explained else _MARK).search(folded.text, first.end, second.start)
        if len(named) == 1 and not apart and unit_of(book, first) == unit_of(book, second):
            names.add(named[0].start)
    return [one for one in kept if one.start not in names]
