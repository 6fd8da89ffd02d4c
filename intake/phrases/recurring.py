"""Wording that repeats, as hints: how often, on which day it falls due, and how surely it was read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from config.due import Basis, DueRule
from config.types import Cadence
from config.words import term
from intake.draft import Ask, Hint, Page
from intake.phrases.book import Book
from intake.phrases.context import clause_after, clause_before, kind_near, sentence_after, through_verb
from intake.phrases.folding import Folded
from intake.phrases.grammar import UNIT_SLOTS, Recurring, Tail
from intake.phrases.matches import Match, longest_at
from intake.phrases.not_owed import not_owed, quantity_end
from intake.phrases.numerals import number

_WEEKDAYS = "一二三四五六日"
_GAP = 6
"""Characters that may stand between the recurrence and its verb for both to be one phrase (双月向省厅报送)."""
_COUNT_WITHIN = 20
_EARLY = 10
"""Up to this day of a period a report is mostly on the period before."""
_LAST_DAY = 31
"""Every month's last day: the rule takes a shorter month's own."""
_MOST_TIMES = 7
"""More times than this in one period are a total (每月调度，共12次), unless the phrasebook knows the number."""


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """A recurrence as far as it is read; ``end`` is the end of its wording in the folded text."""

    unit: str
    cadence: Cadence
    end: int
    certain: bool
    notes: tuple[str, ...] = ()
    dues: tuple[str | None, ...] = (None,)
    counted: bool = False

    def doubtful(self, why: str) -> "_Rhythm":
        return replace(self, certain=False, notes=(*self.notes, why))


def read_recurring(book: Book, folded: Folded, match: Match, page: Page, until: int) -> Iterator[Hint | Ask]:
    """The hints of one recurrence, or the question where no cadence fits; nothing where none is owed."""
    assert isinstance(match.spec, Recurring)
    if not_owed(book, folded, match, page, until):
        return
    amount = quantity_end(book, folded, match)
    start, end = folded.span(match.start, amount or match.end)
    phrase = folded.source[start:end]
    if amount:
        yield Ask(phrase, f"“{phrase}”像是说数量：是要按期督办的事吗？", "不排日程")
        return
    rhythm = _rhythm(book, match, match.spec)
    if rhythm is None:
        yield Ask(
            phrase,
            f"“{phrase}”没有对应的频次：按哪一种频次督办？",
            "请在日、周、旬、半月、月、双月、季、半年、年中选定",
        )
        return
    rhythm = _with_hour(book, folded, _with_tail(book, folded, _told(book, folded, rhythm, match.start)))
    rhythm = _with_count(book, folded, match, rhythm, until)
    yield from _hints(book, folded, match, rhythm, until)


def _rhythm(book: Book, match: Match, spec: Recurring) -> _Rhythm | None:
    slot = next((name for name in UNIT_SLOTS if name in match.slots), "")
    unit = spec.unit or book.value(slot, match.slots[slot])
    count = spec.every or number(match.slots.get("n") or match.slots.get("few", "1"))
    often = book.phrases.cadences[unit].get(count)
    if often is None or spec.choose:
        return None
    doubt = book.phrases.cautions.get(unit) or f"没有恰好这么长的频次，按{term(often.cadence)}读"
    note = spec.note or ("" if often.certain else doubt)
    one = next(
        name for name, table in book.phrases.cadences.items() if 1 in table and table[1].cadence is often.cadence
    )
    return _Rhythm(
        one if count > 1 else unit,
        often.cadence,
        match.end,
        spec.certain and often.certain,
        (note,) if note else (),
        _filled(book, spec.due, match.slots) or (None,),
    )


def _told(book: Book, folded: Folded, rhythm: _Rhythm, start: int) -> _Rhythm:
    """With a doubt where it may only tell what is being done (2024年以来每季度检查)."""
    told = clause_before(folded.text, start).endswith(book.phrases.told)
    return rhythm.doubtful("像是已经在做的事，请确认是否还要督办") if told else rhythm


def _with_tail(book: Book, folded: Folded, rhythm: _Rhythm) -> _Rhythm:
    for found in longest_at(book.tails, folded.text, rhythm.end):
        tail = found.spec
        assert isinstance(tail, Tail)
        if tail.units and rhythm.unit not in tail.units:
            continue
        if tail.every:
            often = book.phrases.cadences[tail.every][1]
            rhythm = replace(rhythm, unit=tail.every, cadence=often.cadence)
        dues: tuple[str | None, ...] = _filled(book, tail.due, found.slots) or (None,)
        rhythm = replace(rhythm, end=found.end, dues=dues, certain=rhythm.certain and tail.certain)
        rhythm = replace(rhythm, notes=(*rhythm.notes, tail.note) if tail.note else rhythm.notes)
        if not all(map(_possible, dues)):
            return replace(rhythm, dues=(None,)).doubtful("没有这样的日子，请核对")
        return _previous_or_current(book, folded, rhythm, found) if tail.previous else rhythm
    return rhythm


def _filled(book: Book, dues: Iterable[str], slots: dict[str, str]) -> tuple[str, ...]:
    """The due rules with what stood in the slots put in."""
    shown = {slot: book.shown(slot, written) for slot, written in slots.items()}
    return tuple(due.format_map(shown) for due in dues)


def _possible(due: str | None) -> bool:
    try:
        return due is None or bool(DueRule.parse(due))
    except ValueError:
        return False


def _previous_or_current(book: Book, folded: Folded, rhythm: _Rhythm, found: Match) -> _Rhythm:
    """每月5日前 is the report on last month, 每月25日前 the one on this month; where the wording says, it decides."""
    tail, rest = found.spec, sentence_after(folded.text, found.end)
    assert isinstance(tail, Tail)
    after = replace(rhythm, dues=_filled(book, tail.previous, found.slots))
    if any(word in rest for word in book.phrases.previous):
        return after
    if "by" not in found.slots or any(word in rest for word in book.phrases.current):
        return rhythm
    due = DueRule.parse(rhythm.dues[0] or "end")
    if due.number <= _EARLY or due.month == 1:
        return after.doubtful("按报上一期的情况、在下一期截止读，请确认")
    return rhythm.doubtful("按当期截止读；如报上一期情况请改") if due.number <= 15 or rhythm.unit != "month" else rhythm


def _with_hour(book: Book, folded: Folded, rhythm: _Rhythm) -> _Rhythm:
    ends = [found.end() for one in book.hour if (found := one.match(folded.text, rhythm.end))]
    if not ends or (rhythm.dues == (None,) and rhythm.cadence is not Cadence.DAILY):
        return rhythm
    end = max(ends)
    return replace(rhythm, end=end, notes=(*rhythm.notes, f"钟点“{folded.text[rhythm.end : end]}”未计入"))


def _with_count(book: Book, folded: Folded, match: Match, rhythm: _Rhythm, until: int) -> _Rhythm:
    """How many times in one unit: 每年2次以上 is half-yearly, if somebody confirms it."""
    times, end = number(match.slots.get("n2", "1")), rhythm.end
    near = clause_after(folded.text, end)[: max(0, min(_COUNT_WITHIN, until - end))]
    counted = [found for one in book.count if (found := one.search(near))]
    if counted:
        first = min(counted, key=lambda found: found.start())
        times = number(first["n2"])
        end = end + first.end() if first.end() <= _GAP + 6 and "\0" not in near[: first.end()] else end
    rhythm = replace(rhythm, end=end, counted=end > rhythm.end)
    if times < 2:
        return rhythm
    if often := book.phrases.times.get(rhythm.unit, {}).get(times):
        return replace(rhythm, cadence=often.cadence).doubtful(f"每期{times}次，匀开按{term(often.cadence)}读")
    if times > _MOST_TIMES:
        return rhythm.doubtful(f"“{times}次”像是累计次数，没有计入")
    return rhythm.doubtful(f"每期须做{times}次，只按期督办")


def _hints(book: Book, folded: Folded, match: Match, rhythm: _Rhythm, until: int) -> Iterator[Hint]:
    whole = rhythm.counted or not match.slots.keys().isdisjoint({"act", "paper", "times"})
    end = rhythm.end if whole else through_verb(book, folded.text, rhythm.end, until, _GAP)
    start, stop = folded.span(match.start, end)
    kind = kind_near(book, folded.text, match.start, rhythm.end, until, once=False)
    several = f"共{len(rhythm.dues)}个截止日" if len(rhythm.dues) > 1 else ""
    for due in rhythm.dues:
        notes = [term(rhythm.cadence), _due_said(rhythm, due), several, *rhythm.notes]
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


def _due_said(rhythm: _Rhythm, written: str | None) -> str:
    if written is None:
        return "没有写哪一天截止"
    due = DueRule.parse(written)
    if due.basis is Basis.END and not due.number:
        return "期末截止"
    if due.basis is Basis.WORKDAY:
        return f"期内{'倒数' if due.number < 0 else ''}第{abs(due.number)}个工作日截止"
    if due.month and rhythm.cadence is Cadence.YEARLY:
        return f"{due.month}月{'底' if due.number == _LAST_DAY else f'{due.number}日'}截止"
    if due.month:
        return f"期内第{due.month}个月{'月底' if due.number == _LAST_DAY else f'{due.number}日'}截止"
    if due.basis is Basis.DAY:
        return f"{'当月' if rhythm.unit == 'month' else '期末月'}{due.number}日截止"
    if due.basis is Basis.DAY_AFTER:
        return f"{'次月' if rhythm.unit == 'month' else '下一期首月'}{due.number}日截止"
    if rhythm.cadence is Cadence.WEEKLY and due.basis is Basis.START:
        return f"星期{_WEEKDAYS[due.number % 7]}截止"
    unit = "个工作日" if due.workdays else "日"
    if due.basis is Basis.START:
        return f"期初后第{due.number}{unit}截止"
    return f"期满{'后' if due.number > 0 else '前'}{abs(due.number)}{unit}截止"
