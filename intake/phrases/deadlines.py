"""Dated wording as hints: which dates are limits at all, and which are facts of the past or mere ranges."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from intake.chinese_numerals import numeral_value
from intake.draft import Ask, DocumentDates, Hint
from intake.phrases.calendar_words import DateMeaning, NoSuchDay, NoYear, date_meant
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import Dated
from intake.phrases.wording_context import (
    clause_after,
    clause_before,
    context_signs,
    kind_of_limit,
    past,
    sentence_after,
    sentence_before,
    through_verb,
)
from plan.types import Precision

_GAP = 2
HALF_A_YEAR = timedelta(days=183)
_BOUNDS = frozenset({"by", "within"})
_YEARS = frozenset({"year", "thisyear"})
_PARTS = ("month", "quarter", "half")
_BORROWED = "borrowed"
"""The slot of a day that stands only behind the last of several months."""


@dataclass(frozen=True, slots=True)
class Dating:
    """A dated wording, or the two ends of a window of which the second is the limit."""

    match: Match
    opens: Match | None = None

    @property
    def start(self) -> int:
        """Where it begins in the folded text."""
        return (self.opens or self.match).start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.match.end

    def closing(self) -> Match:
        """The second end of a window with the year and month it takes over from the first."""
        if self.opens is None:
            return self.match
        first, slots = self.opens.slots, self.match.slots
        years = frozenset() if _YEARS & slots.keys() else _YEARS
        taken: dict[str, str] = {name: first[name] for name in years if name in first}
        if "month" in first and "month" not in slots and "month" in "".join(self.opens.spec.say):
            taken["month"] = first["month"]
        elif (
            "year" in taken
            and "month" in first
            and numeral_value(slots.get("month", "12")) < numeral_value(first["month"])
        ):
            taken["year"] = str(numeral_value(taken["year"]) + 1)
        return replace(self.match, slots=taken | slots)


class NoSuchDayAsk(Ask):
    """The question about a day the calendar does not have; in a ledger's cell it is an error."""


def bounded(book: Phrasebook, folded: FoldedText, dating: Dating) -> bool:
    """Whether 前, 内 or 止 closes the dated wording, or 最迟 opens it: a limit, unless it is past."""
    closed = not dating.match.slots.keys().isdisjoint(_BOUNDS)
    return closed or bool(context_signs(book).latest_led.search(sentence_before(folded.text, dating.start)))


def datings(book: Phrasebook, folded: FoldedText, found: Sequence[Match]) -> Iterator[Match | Dating]:
    """The matches, with two dates that 至 or a dash joins made one window; a bare day outside a window is dropped."""
    matches = _in_the_year_of_the_first(book, folded, _closed_by_the_last(book, folded, found))
    opens: Match | None = None
    for place, match in enumerate(matches):
        if not isinstance(match.spec, Dated):
            yield match
            continue
        after = matches[place + 1] if place + 1 < len(matches) else None
        joined = after is not None and isinstance(after.spec, Dated) and match.slots.keys().isdisjoint(_BOUNDS)
        if after and joined and folded.text[match.end : after.start] in book.phrases.joins and opens is None:
            opens = None if match.spec.joined else match
            continue
        if opens is not None or not match.spec.joined:
            yield Dating(match, opens)
        opens = None


def _closed_by_the_last(book: Phrasebook, folded: FoldedText, matches: Sequence[Match]) -> list[Match]:
    """The matches, where what closes the last date of a list closes the others too.

    底 and 前 (4月10日、6月10日前), and the day behind the last of several months (3月、6月、9月25日前).
    """
    closed: list[Match] = []
    for match in reversed(matches):
        after = closed[-1] if closed else None
        if (
            after
            and isinstance(match.spec, Dated)
            and isinstance(after.spec, Dated)
            and "by" in after.slots
            and listed(book, folded, match, after)
        ):
            if match.spec.span == after.spec.span:
                taken = {name: after.slots[name] for name in ("part", "by") if name in after.slots}
                match = replace(match, slots=taken | match.slots)
            elif _months_of_a_day(match, after):
                match = replace(
                    match, spec=after.spec, slots=after.slots | match.slots | {_BORROWED: after.slots["day"]}
                )
        closed.append(match)
    return closed[::-1]


def _in_the_year_of_the_first(book: Phrasebook, folded: FoldedText, matches: Iterable[Match]) -> list[Match]:
    """The matches, where later months or quarters of a list are of the year the first names (2025年3月、6月、9月)."""
    dated: list[Match] = []
    for match in matches:
        before = dated[-1] if dated else None
        if before and isinstance(before.spec, Dated) and isinstance(match.spec, Dated):
            both = (before, match)
            parts = [(part, book.shown(part, one.slots[part])) for one in both for part in _PARTS if part in one.slots]
            later = len(parts) == 2 and parts[0][0] == parts[1][0] and int(parts[0][1]) < int(parts[1][1])
            if later and listed(book, folded, before, match) and match.slots.keys().isdisjoint(_YEARS):
                years = {name: before.slots[name] for name in _YEARS if name in before.slots}
                match = replace(match, slots=years | match.slots)
        dated.append(match)
    return dated


def listed(book: Phrasebook, folded: FoldedText, one: Match | Dating, following: Match | Dating) -> bool:
    """Whether nothing but 、 or 和 stands between two dates, so that they are one list."""
    return folded.text[one.end : following.start] in book.phrases.listed


def _months_of_a_day(match: Match, after: Match) -> bool:
    alone = match.slots.keys() <= _YEARS | {"month"}
    return alone and {"month", "day"} <= after.slots.keys() and not _YEARS & after.slots.keys()


def read_deadline(
    book: Phrasebook, folded: FoldedText, dating: Dating, dates: DocumentDates, until: int, *, forward: bool, cell: bool
) -> Iterator[Hint | Ask]:
    """The hint of one dated wording; a question where the day does not exist or the year is nowhere.

    ``forward``: another limit stands in the same sentence. ``cell``: the text is a limit as a whole, so that a bare
    date is one. Nothing for a fact of the past.
    """
    match = dating.match
    if past(book, folded.text, dating.start, match.end, window=dating.opens is not None):
        return
    start, end = folded.span(dating.start, match.end)
    phrase = folded.source[start:end]
    try:
        meant = date_meant(book, dating.closing(), dates)
    except NoSuchDay:
        yield NoSuchDayAsk(phrase, f"日历上没有“{phrase}”：应是哪一天？", "请填写具体日期")
        return
    except NoYear:
        if cell or bounded(book, folded, dating) or _is_label(book, folded, dating) or _hands_in(book, folded, match):
            yield Ask(phrase, f"“{phrase}”没有写年份：是哪一年？", "请填写年月日")
        return
    if cell or _is_limit(book, folded, dating, meant, dates, forward):
        yield _hint(book, folded, dating, meant, dates, until, cell=cell)
    elif _may_be_limit(book, folded, match, meant, dates):
        suggest = "请填写具体日期；说的是过去，就不排日程"
        unsaid = "没有写“前”" if meant.stated else "没有写年份，也没有写“前”"
        yield Ask(phrase, f"“{phrase}”{unsaid}：是完成的期限吗？", suggest)


def _is_limit(
    book: Phrasebook, folded: FoldedText, dating: Dating, meant: DateMeaning, dates: DocumentDates, forward: bool
) -> bool:
    """A date is a limit where 前 or the future says so, where it lies ahead, or where something ends on it."""
    match, text, signs = dating.match, folded.text, context_signs(book)
    before = sentence_before(text, dating.start)
    if bounded(book, folded, dating) or signs.future_led.search(before) or signs.forecast_led.search(before):
        return True
    if _is_label(book, folded, dating):
        return True
    read_on = dates.read_on
    if meant.stated and read_on:
        return meant.due > read_on
    if dating.opens and read_on and meant.due.year > read_on.year:
        return meant.due - read_on < HALF_A_YEAR  # 3月至5月 in a report of July is over; 1月至3月 in December is ahead
    if dating.opens or forward:
        return True
    return "part" in match.slots and (_finishes(book, folded, match) or match.end - dating.start == len(text))


def _is_label(book: Phrasebook, folded: FoldedText, dating: Dating) -> bool:
    """Whether the date heads its clause with a colon behind it, alone or in a list: 3月:制定方案."""
    first = dating.start - len(clause_before(folded.text, dating.start))
    return any((found := one.match(folded.text, first)) and found.end() > dating.end for one in book.labels)


def _may_be_limit(book: Phrasebook, folded: FoldedText, match: Match, meant: DateMeaning, dates: DocumentDates) -> bool:
    """Whether a person must say if a date without 前 is one that was or one that is to come: 于7月4日提交报告."""
    # A quarter or a half: 二季度完成 is more often a plan than a fact, 5月印发 tells of the past.
    part_of_a_year = isinstance(match.spec, Dated) and match.spec.span in ("quarter", "half")
    if part_of_a_year and not meant.stated and _finishes(book, folded, match):
        return True
    return (dates.read_on is None or not meant.stated) and _hands_in(book, folded, match)


def _finishes(book: Phrasebook, folded: FoldedText, match: Match) -> bool:
    """Whether something ends on the day: 完成 and its like follow at once."""
    verb = context_signs(book).verbs.search(clause_after(folded.text, match.end)[: _GAP + 4])
    return verb is not None and verb.lastgroup == "finish" and verb.start() <= _GAP


def _hands_in(book: Phrasebook, folded: FoldedText, match: Match) -> bool:
    """Whether something is reported on the day: 提交, 报送 and their like follow at once (第二季度报告 is a paper)."""
    if match.slots.keys().isdisjoint({"day", "part", "third"}):
        return False
    verb = context_signs(book).verbs.search(clause_after(folded.text, match.end)[: _GAP + 4])
    return verb is not None and verb.lastgroup == "report" and verb.start() <= _GAP


def _hint(
    book: Phrasebook,
    folded: FoldedText,
    dating: Dating,
    meant: DateMeaning,
    dates: DocumentDates,
    until: int,
    *,
    cell: bool,
) -> Hint:
    match, text, doubts = dating.match, folded.text, list(meant.doubts)
    before = sentence_before(text, dating.start)
    if not cell:
        if _BORROWED in match.slots:
            doubts.append(f"日子取自后面的“{match.slots[_BORROWED]}日”，请确认")
        around = before + sentence_after(text, match.end)
        others = sorted({found for found in book.phrases.signs.year.findall(around) if int(found) != meant.due.year})
        if others and "year" not in match.slots and "ymd" not in match.slots:
            doubts.append(f"同一句又写{others[0]}年，请确认年份")
        if dates.published_on and meant.due < dates.published_on:
            doubts.append(f"早于公开日期{_plain(dates.published_on)}，请确认是否已完成")
        if not (bounded(book, folded, dating) or dating.opens or "part" in match.slots):
            by_month = meant.precision is Precision.MONTH
            doubts.append("只写到月份，没有写“前”" if by_month else "没有写“前”，请确认是不是期限")
    forecast = context_signs(book).forecast_led.search(before)
    doubts += ["只是预测，不是承诺"] if forecast else []
    first = dating.start - len(forecast[0]) if forecast else dating.start
    start, end = folded.span(first, through_verb(book, text, match.end, until, _GAP))
    window = "起止期间的最后一天" if dating.opens else ""
    return Hint(
        phrase=folded.source[start:end],
        start=start,
        end=end,
        kind=kind_of_limit(book, text, first, match.end, until),
        due=meant.due.isoformat(),
        precision=meant.precision,
        certain=not doubts,
        note="；".join(filter(None, [f"读作{_plain(meant.due)}", window, *doubts])),
    )


def _plain(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
