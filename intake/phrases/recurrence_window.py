"""The window of time in which a recurrence is owed: 自2025年3月起每月…, 2025年3月至12月每月…, 2025年内每月….

A date that only says so is no limit of its own, so it is read with the recurrence and nowhere else. A limit with 前 and
a comma (2025年底前，每月…) stays a limit: whether it also ends the recurrence nobody can tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from intake.draft import DocumentDates, Hint
from intake.phrases.calendar_words import DateMeaning, NoSuchDay, NoYear, date_meant
from intake.phrases.deadlines import HALF_A_YEAR, Dating
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import Recurring


@dataclass(frozen=True, slots=True)
class BoundedRecurrence:
    """A recurrence and the first and last day on which it is owed, both of the office's zone; None where not named.

    ``doubt``: why a person should look, in Chinese.
    """

    match: Match
    opens_on: date | None
    ends_on: date | None
    doubt: str = ""

    @property
    def start(self) -> int:
        """Where the recurrence begins in the folded text; what says the window stands before it."""
        return self.match.start

    def over(self, dates: DocumentDates) -> bool:
        """Whether the window ended before the document was written: it tells what was done."""
        return bool(dates.read_on and self.ends_on and self.ends_on < dates.read_on)

    def applied(self, hint: Hint) -> Hint:
        """The hint of the recurrence with its window."""
        said = [f"自{self.opens_on}起" if self.opens_on else "", f"至{self.ends_on}止" if self.ends_on else ""]
        note = "；".join(filter(None, (hint.note, "".join(said), self.doubt)))
        certain = hint.certain and not self.doubt
        return replace(hint, opens_on=self.opens_on, ends_on=self.ends_on, certain=certain, note=note)


def with_windows(
    book: Phrasebook, folded: FoldedText, found: Iterable[Match | Dating], dates: DocumentDates
) -> Iterator[Match | Dating | BoundedRecurrence]:
    """What was found, with a recurrence and the dates directly before it made one."""
    within: BoundedRecurrence | None = None
    for one, following in pairwise((*found, None)):
        kept, within = within or one, None
        if isinstance(one, Dating) and isinstance(following, Match):
            within = _within(book, folded, one, following, dates)
        if within is None and kept is not None:
            yield kept


def _within(
    book: Phrasebook, folded: FoldedText, dating: Dating, match: Match, dates: DocumentDates
) -> BoundedRecurrence | None:
    if not isinstance(match.spec, Recurring):
        return None
    between = folded.text[dating.end : match.start]
    closed = dating.match.slots.get("by") or dating.match.slots.get("within")
    try:
        if between in book.phrases.begins:
            return _from(match, date_meant(book, dating.match, dates), None, dates)
        if dating.opens and between in ("", ","):
            return _from(match, date_meant(book, dating.opens, dates), date_meant(book, dating.closing(), dates), dates)
        if closed and not between:
            last = date_meant(book, dating.match, dates)
            doubt = "按频次到这一天为止读，请确认" if book.value("by", closed) == "before" else ""
            return BoundedRecurrence(match, None, last.due, "；".join(filter(None, (*_guessed(last), doubt))))
    except (NoSuchDay, NoYear):
        return None
    return None


def _from(match: Match, first: DateMeaning, last: DateMeaning | None, dates: DocumentDates) -> BoundedRecurrence | None:
    """The window from ``first`` on; None where a year left out would put it far ahead: 3月起 in a report of July."""
    far_ahead = dates.read_on and not first.stated and first.first - dates.read_on > HALF_A_YEAR
    if far_ahead or (last and last.due < first.first):
        return None
    return BoundedRecurrence(match, first.first, last.due if last else None, "；".join(_guessed(first)))


def _guessed(meant: DateMeaning) -> tuple[str, ...]:
    """What was guessed where a day leaves its year out."""
    return () if meant.stated else meant.doubts
