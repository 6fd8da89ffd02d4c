"""The stretch of time in which a recurrence is owed: 自2025年3月起每月…, 2025年3月至12月每月…, 2025年内每月….

A date that only says so is no limit of its own, so it is read with the recurrence and nowhere else. A limit with 前 and
a comma (2025年底前，每月…) stays a limit: whether it also ends the recurrence nobody can tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from intake.draft import Hint, Page
from intake.phrases.book import Book
from intake.phrases.calendar_words import NoSuchDay, NoYear, meant_by
from intake.phrases.deadlines import Dating
from intake.phrases.folding import Folded
from intake.phrases.grammar import Recurring
from intake.phrases.matches import Match


@dataclass(frozen=True, slots=True)
class Within:
    """A recurrence and the first and last day on which it is owed, both of the office's zone; None where not named.

    ``doubt``: why a person should look, in Chinese.
    """

    match: Match
    opens_on: date | None
    ends_on: date | None
    doubt: str = ""

    @property
    def start(self) -> int:
        """Where the recurrence begins in the folded text; what says the stretch stands before it."""
        return self.match.start

    def over(self, page: Page) -> bool:
        """Whether the stretch ended before the page was written: it tells what was done."""
        read_on = page.published_on or page.feedback_on
        return bool(read_on and self.ends_on and self.ends_on < read_on)

    def applied(self, hint: Hint) -> Hint:
        """The hint of the recurrence with its stretch."""
        said = [f"自{self.opens_on}起" if self.opens_on else "", f"至{self.ends_on}止" if self.ends_on else ""]
        note = "；".join(filter(None, (hint.note, "".join(said), self.doubt)))
        certain = hint.certain and not self.doubt
        return replace(hint, opens_on=self.opens_on, ends_on=self.ends_on, certain=certain, note=note)


def with_stretches(
    book: Book, folded: Folded, found: Iterable[Match | Dating], page: Page
) -> Iterator[Match | Dating | Within]:
    """What was found, with a recurrence and the dates directly before it made one."""
    within: Within | None = None
    for one, following in pairwise((*found, None)):
        kept, within = within or one, None
        if isinstance(one, Dating) and isinstance(following, Match):
            within = _within(book, folded, one, following, page)
        if within is None and kept is not None:
            yield kept


def _within(book: Book, folded: Folded, dating: Dating, match: Match, page: Page) -> Within | None:
    if not isinstance(match.spec, Recurring):
        return None
    between = folded.text[dating.end : match.start]
    try:
        if between in book.phrases.begins:
            return Within(match, meant_by(book, dating.match, page).first, None)
        if dating.opens and between in ("", ","):
            first, last = meant_by(book, dating.opens, page), meant_by(book, dating.closing(), page)
            return Within(match, first.first, last.due) if first.first <= last.due else None
        if not between and (closed := dating.match.slots.get("by")):
            doubt = "按频次到这一天为止读，请确认" if book.value("by", closed) == "before" else ""
            return Within(match, None, meant_by(book, dating.match, page).due, doubt)
        if not between and "within" in dating.match.slots:
            return Within(match, None, meant_by(book, dating.match, page).due)
    except (NoSuchDay, NoYear):
        return None
    return None
