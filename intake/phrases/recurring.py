"""Wording that repeats, as hints: how often, on which day it falls due, and how surely it was read."""

from collections.abc import Iterator
from dataclasses import replace

from intake.draft import Ask, DocumentDates, Hint
from intake.phrases.due_day import due_said, formal_due, with_tail
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match
from intake.phrases.not_owed import not_owed, quantity_end
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.recurrence import GAP, Recurrence, recurrence_of, with_count
from intake.phrases.wording_context import clause_after, clause_before, kind_of_recurrence, through_verb
from plan.due import DueRule
from plan.types import Cadence, DutyKind
from text.catalogue import term


def read_recurring(
    book: Phrasebook, folded: FoldedText, match: Match, dates: DocumentDates, until: int
) -> Iterator[Hint | Ask]:
    """The hints of one recurrence, or the question where no cadence fits; nothing where none is owed.

    ``until`` is where the next wording begins.
    """
    recurrence = recurrence_of(book, match)
    if recurrence:
        recurrence = with_tail(book, folded, recurrence)
    said_until = recurrence.end if recurrence else match.end
    if not_owed(book, folded, match.start, said_until, dates, until):
        return
    amount = quantity_end(book, folded, said_until, until)
    start, end = folded.span(match.start, amount or said_until)
    phrase = folded.source[start:end]
    if amount:
        yield Ask(phrase, f"“{phrase}”像是说数量或照章办的事：是要按期督办的事吗？", "不排日程")
    elif recurrence is None:
        choices = "请在日、周、旬、半月、月、双月、季、半年、年中选定"
        yield Ask(phrase, f"“{phrase}”没有对应的频次：按哪一种频次督办？", choices)
    else:
        # No rule has hours, so the one that follows the day only goes to the note.
        hours = [found.end() for one in book.hour if (found := one.match(folded.text, recurrence.end))]
        if hours and (recurrence.dues != (None,) or recurrence.cadence is Cadence.DAILY):
            note = f"钟点“{folded.text[recurrence.end : max(hours)]}”未计入"
            recurrence = replace(recurrence, end=max(hours), notes=(*recurrence.notes, note))
        # Where a month of the period that runs as the document is read is over, it would begin overdue.
        rules = [rule for due in recurrence.dues if due and (rule := DueRule.parse(due)).month]
        read_on = dates.read_on
        if read_on and any(formal_due(recurrence.cadence, one, read_on) < read_on for one in rules):
            recurrence = recurrence.doubtful("本期的截止日已过；如从下一期做起，请设起始日期")
        # 2024年以来每季度检查 may only tell what is being done.
        if clause_before(folded.text, match.start).endswith(book.phrases.told):
            recurrence = recurrence.doubtful("像是已经在做的事，请确认是否还要督办")
        yield from _hints(book, folded, match, with_count(book, folded, match, recurrence, until), until)


def _hints(book: Phrasebook, folded: FoldedText, match: Match, recurrence: Recurrence, until: int) -> Iterator[Hint]:
    whole = recurrence.counted or not match.slots.keys().isdisjoint({"act", "paper", "times"})
    end = recurrence.end if whole else through_verb(book, folded.text, recurrence.end, until, GAP)
    start, stop = folded.span(match.start, end)
    kind = kind_of_recurrence(book, folded.text, match.start, recurrence.end, until)
    paper = folded.text.startswith(book.phrases.papers, recurrence.end)  # 每年度总结
    # Alone, as in a cell (每月), it is what is asked for.
    says_more = clause_before(folded.text, match.start) or clause_after(folded.text, recurrence.end)
    if kind is None and not (whole or paper) and says_more:
        recurrence = recurrence.doubtful("没有说报送、检查、调度或学习，请确认是不是要督办的事")
    several = f"共{len(recurrence.dues)}个截止日" if len(recurrence.dues) > 1 else ""
    for due in recurrence.dues:
        notes = [term(recurrence.cadence), due_said(recurrence, due), several, *recurrence.notes]
        yield Hint(
            phrase=folded.source[start:stop],
            start=start,
            end=stop,
            kind=kind or DutyKind.REPORT,
            cadence=recurrence.cadence,
            due=due,
            certain=recurrence.certain,
            note="；".join(filter(None, notes)),
        )
