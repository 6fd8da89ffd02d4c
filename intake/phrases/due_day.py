"""On which day a recurrence falls due: the words behind it, as a rule of ``plan/due.py``, and how people say it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match, longest_at
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import Recurring, Tail
from intake.phrases.recurrence import Recurrence, filled, recurrence_of
from intake.phrases.wording_context import sentence_after
from plan.due import DueRule, due_text
from plan.types import Cadence
from rules.cadence import CadenceRule, window_at
from rules.calendar import WorkCalendar

_BRACKET = re.compile(r"[^,。;:!?()\n]{0,20}\(")
"""The rest of a clause up to what it says in brackets."""
_EARLY = 10
"""Up to this day of a period a report is mostly on the period before."""


def outside_tails(book: Phrasebook, folded: FoldedText, matches: Iterable[Match]) -> Iterator[Match]:
    """The matches without the dates that belong to a recurrence (每年6月底前): they are read with it, or not at all."""
    end = 0
    for match in matches:
        if match.start < end:
            continue
        if isinstance(match.spec, Recurring) and (recurrence := recurrence_of(book, match)):
            end = with_tail(book, folded, recurrence).end
        yield match


def with_tail(book: Phrasebook, folded: FoldedText, recurrence: Recurrence) -> Recurrence:
    """With the due rules of the words right behind the recurrence, or in brackets in its clause: 每月报送(25日前)."""
    read = _tail_at(book, folded, recurrence, recurrence.end)
    bracket = _BRACKET.match(folded.text, recurrence.end)
    if read is None and bracket:
        read = _tail_at(book, folded, recurrence, bracket.end(), closed_by=")")
    return read or recurrence


def _tail_at(
    book: Phrasebook, folded: FoldedText, recurrence: Recurrence, place: int, closed_by: str = ""
) -> Recurrence | None:
    for found in longest_at(book.tails, folded.text, place):
        tail = found.spec
        assert isinstance(tail, Tail)
        if (tail.units and recurrence.unit not in tail.units) or not folded.text.startswith(closed_by, found.end):
            continue
        if tail.every:
            often = book.phrases.cadences[tail.every][1]
            recurrence = replace(recurrence, unit=tail.every, cadence=often.cadence)
        dues: tuple[str | None, ...] = filled(book, tail.due, found.slots) or (None,)
        certain = recurrence.certain and tail.certain
        recurrence = replace(recurrence, end=found.end + len(closed_by), dues=dues, certain=certain)
        recurrence = replace(recurrence, notes=(*recurrence.notes, tail.note) if tail.note else recurrence.notes)
        if not all(map(_possible, dues)):
            return replace(recurrence, dues=(None,)).doubtful("没有这样的日子，请核对")
        return _previous_or_current(book, folded, recurrence, found) if tail.previous else recurrence
    return None


def _possible(due: str | None) -> bool:
    try:
        return due is None or bool(DueRule.parse(due))
    except ValueError:
        return False


def _previous_or_current(book: Phrasebook, folded: FoldedText, recurrence: Recurrence, found: Match) -> Recurrence:
    """每月5日前 is the report on last month, 每月25日前 the one on this month; where the wording says, it decides."""
    tail, rest = found.spec, sentence_after(folded.text, found.end)
    assert isinstance(tail, Tail)
    after = replace(recurrence, dues=filled(book, tail.previous, found.slots))
    if any(word in rest for word in book.phrases.previous):
        return after
    if "by" not in found.slots or any(word in rest for word in book.phrases.current):
        return recurrence
    due = DueRule.parse(recurrence.dues[0] or "end")
    if due.number <= _EARLY or due.month == 1:
        return after.doubtful("按报上一期的情况、在下一期截止读，请确认")
    return (
        recurrence.doubtful("按当期截止读；如报上一期情况请改")
        if due.number <= 15 or recurrence.unit != "month"
        else recurrence
    )


def formal_due(cadence: Cadence, due: DueRule, day: date) -> date:
    """The day on which the period of a cadence falls due that runs on a day."""
    found = window_at(CadenceRule(cadence, due=due), day, WorkCalendar.china())
    assert found is not None
    return found.formal_due_on


def due_said(recurrence: Recurrence, written: str | None) -> str:
    """When a recurrence falls due, in words.

    Args:
        recurrence: how often.
        written: one of its due rules in the plan's own grammar, or None where the wording has none.

    Returns:
        The words.
    """
    return "没有写哪一天截止" if written is None else f"{due_text(DueRule.parse(written), recurrence.cadence)}截止"
