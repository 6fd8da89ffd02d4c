"""The day arithmetic of wording: spans of the calendar, the year a notice leaves out, limits that run from an event.

Promise: a limit in months ends on the same day number or on the month's last day, and the first day does not count
(Civil Code Art. 200-203, domain.md 7.1); tests/intake/phrases/date_spans_test.py.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

from rules.calendar import WorkCalendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A stretch of the calendar, both days included."""

    first: date
    last: date


def day_span(year: int, month: int, day: int) -> DateSpan:
    """One day. Raises ValueError when the calendar has no such day, like the others here."""
    return DateSpan(date(year, month, day), date(year, month, day))


def months_span(year: int, month: int, months: int = 1) -> DateSpan:
    """``months`` whole months from the first of ``month`` on: a month, a quarter, half a year, a year."""
    last = month + months - 1
    return DateSpan(date(year, month, 1), date(year, last, monthrange(year, last)[1]))


def third_span(year: int, month: int, third: int) -> DateSpan:
    """上旬 (1), 中旬 (2) or 下旬 (3) of a month."""
    whole = months_span(year, month)
    last = whole.last if third == 3 else date(year, month, third * 10)
    return DateSpan(date(year, month, third * 10 - 9), last)


def festival_span(year: int, name: str) -> DateSpan:
    """The first day of a public holiday; 春节 begins with 除夕 where that day is free. ValueError without one."""
    eve = "农历除夕" if name == "春节" else name
    first = min((day for day, named in _festivals(year) if name in named or eve in named), default=None)
    if first is None:
        raise ValueError(f"{year} has no {name}")
    return DateSpan(first, first)


@cache
def _festivals(year: int) -> tuple[tuple[date, str], ...]:
    china = country_holidays("CN", years=year, language="zh_CN", expand=False)
    return tuple(sorted((day, name) for day, name in china.items() if day.year == year))


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later, or that month's last day. Raises ValueError beyond the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class RelativeLimit:
    """A limit that runs from an event: ``feedback+30wd``, ``receipt+2m``, ``meeting+7d``.

    ``event`` is feedback (反馈), receipt (收到), issue (印发), meeting (会议) or event (another one the wording names);
    ``unit`` is d (days), wd (working days) or m (months).
    """

    event: str
    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.event}+{self.count}{self.unit}"

    def counted_from(self, day: date) -> date:
        """The last day of the limit when the event was on ``day``, which itself does not count.

        Raises ValueError or OverflowError when that day lies beyond the calendar.
        """
        if self.unit == "wd":
            return WorkCalendar.china().add_workdays(day, self.count)
        return add_months(day, self.count) if self.unit == "m" else day + timedelta(days=self.count)


def day_before(day: date) -> date:
    """The day before ``day``. Raises OverflowError for the first day there is."""
    return day - _DAY
