"""Which days a dated wording means: the year it leaves out, 底 and 初, and a 前 that excludes what it stands behind."""

from dataclasses import dataclass
from datetime import date

import pendulum

from intake.chinese_numerals import numeral_value
from intake.draft import DocumentDates
from intake.phrases.date_spans import (
    DateSpan,
    day_span,
    festival_span,
    months_span,
    third_span,
)
from intake.phrases.matches import Match
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import Dated
from plan.types import Precision

_MONTHS = {"quarter": 3, "half": 6}


class NoSuchDay(ValueError):
    """The calendar has no such day."""


class NoYear(ValueError):
    """The wording leaves the year out and the document does not give one."""


@dataclass(frozen=True, slots=True)
class DateMeaning:
    """The limit a wording means. ``stated``: it names its year; ``first``: the day on which what it names begins;
    ``doubts``: why a person should look, in Chinese."""

    due: date
    precision: Precision
    stated: bool
    first: date
    doubts: tuple[str, ...] = ()


def date_meant(book: Phrasebook, match: Match, dates: DocumentDates) -> DateMeaning:
    """What the dated wording ``match`` means in a document of these ``dates``.

    Raises NoSuchDay (2月30日) and NoYear.
    """
    try:
        placed = _placed(book, match, dates.read_on)
        return _limit(book, match, placed, dates)
    except NoYear:
        raise
    except (ValueError, OverflowError, KeyError):
        raise NoSuchDay from None


@dataclass(frozen=True, slots=True)
class _Placed:
    """The stretch of the calendar; ``stated``: the wording names its year, by number or by 今年; ``doubt`` about it."""

    span: DateSpan
    stated: bool = True
    doubt: str = ""


def _placed(book: Phrasebook, match: Match, read_on: date | None) -> _Placed:
    """Places the wording in its year; one without a year in the first that is not over on ``read_on``."""
    if shift := match.slots.get("thismonth"):
        month = _known(read_on).add(months=int(book.value("thismonth", shift)))
        return _Placed(_in_year(book, match, month.year, month.month), doubt=f"按{month.year}年{month.month}月读")
    if match.slots.keys() & {"thisquarter", "thisweek"}:
        span = _running(book, match, _known(read_on))
        return _Placed(span, doubt=f"按{span.first.isoformat()}至{span.last.isoformat()}读")
    if (year := _year(book, match, read_on)) is not None:
        return _Placed(_in_year(book, match, year))
    since = _known(read_on)
    span = _in_year(book, match, since.year)
    if span.last < since:
        span = _in_year(book, match, since.year + 1)
    return _Placed(span, stated=False, doubt=f"没有写年份，按{span.last.year}年读")


def _running(book: Phrasebook, match: Match, read_on: pendulum.Date) -> DateSpan:
    """The quarter or week that runs on ``read_on``, or the next one; of a week the day that is named."""
    if word := match.slots.get("thisquarter"):
        start = read_on.first_of("quarter").add(months=3 * int(book.value("thisquarter", word)))
        return months_span(start.year, start.month, 3)
    weeks = int(book.value("thisweek", match.slots["thisweek"]))
    monday = read_on.start_of("week").add(weeks=weeks)
    if named := match.slots.get("weekday"):
        day = monday.add(days=int(book.value("weekday", named)))
        return DateSpan(day, day)
    return DateSpan(monday, monday.end_of("week"))


def _known(read_on: date | None) -> pendulum.Date:
    if read_on is None:
        raise NoYear
    return pendulum.Date(read_on.year, read_on.month, read_on.day)


def _year(book: Phrasebook, match: Match, read_on: date | None) -> int | None:
    if "ymd" in match.slots:
        return int(match.slots["ymd"][:4])
    if written := match.slots.get("year"):
        year = numeral_value(written)
        return year if year >= 100 else 2000 + year
    if plan := match.slots.get("plan"):
        return int(book.value("plan", plan))
    if word := match.slots.get("thisyear"):
        return _known(read_on).year + int(book.value("thisyear", word))
    return None


def _in_year(book: Phrasebook, match: Match, year: int, month: int = 1) -> DateSpan:
    """The stretch that ``match`` names in ``year``; 本月 brings its ``month`` along."""
    spec, slots = match.spec, match.slots
    assert isinstance(spec, Dated)
    if "ymd" in slots:
        return day_span(year, int(slots["ymd"][4:6]), int(slots["ymd"][6:]))
    month = numeral_value(slots["month"]) if "month" in slots else month
    if spec.span == "day" or (spec.span == "month" and "day" in slots):
        return day_span(year, month, numeral_value(slots["day"]))
    if spec.span == "month":
        return months_span(year, month)
    if spec.span == "third":
        return third_span(year, month, int(book.value("third", slots["third"])))
    if spec.span == "year":
        return months_span(year, 1, 12)
    if spec.span == "festival":
        return festival_span(year, book.value("festival", slots["festival"]))
    months = _MONTHS[spec.span]
    return months_span(year, int(book.value(spec.span, slots[spec.span])) * months - months + 1, months)


def _limit(book: Phrasebook, match: Match, placed: _Placed, dates: DocumentDates) -> DateMeaning:
    """What 底, 初 and 前 make of the stretch: a stretch that 前 stands behind is over before it begins."""
    span = placed.span
    part, by = (book.value(slot, match.slots[slot]) if slot in match.slots else None for slot in ("part", "by"))
    festival = isinstance(match.spec, Dated) and match.spec.span == "festival"
    stretch = part is None and span.last > span.first
    whole = stretch and (span.last - span.first).days > 10
    due, doubt = span.last, ""
    if part == "first":
        due, doubt = _early(span), "“初”没有定数，请确认是哪一天"
    elif by == "before" and festival:
        due, doubt = span.first.subtract(days=1), "按放假前一天读，可能须提前到放假前的工作日"
    elif by == "before" and stretch:
        due = _before(span, dates)
        doubt = f"“前”按{'不含' if due < span.first else '含'}本期读，请确认"
    precision = Precision.MONTH if whole else Precision.DAY
    return DateMeaning(due, precision, placed.stated, span.first, tuple(filter(None, [placed.doubt, doubt])))


def _early(span: DateSpan) -> pendulum.Date:
    """年初 and 季度初 are the first month, 月初 is the first ten days."""
    if (span.last - span.first).days > 31:
        return months_span(span.first.year, span.first.month).last
    return third_span(span.first.year, span.first.month, 1).last


def _before(span: DateSpan, dates: DocumentDates) -> pendulum.Date:
    """The day before the span (2024年8月前), unless the document is later already: then its last day."""
    strict = span.first.subtract(days=1)
    return span.last if dates.published_on and strict < dates.published_on <= span.last else strict
