"""The day arithmetic of wording: spans of the calendar, the year a notice leaves out, limits that run from an event.

Promise: a limit in months ends on the same day number or on the month's last day, and the first day does not count
(Civil Code Art. 200-203, domain.md 7.1); tests/intake/phrases/date_spans_test.py.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import pendulum
from holidays import country_holidays

from rules.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A stretch of the calendar, both days included."""

    first: pendulum.Date
    last: pendulum.Date


def day_span(year: int, month: int, day: int) -> DateSpan:
    """One day. Raises ValueError when the calendar has no such day, like the others here."""
    named = pendulum.Date(year, month, day)
    return DateSpan(named, named)


def months_span(year: int, month: int, months: int = 1) -> DateSpan:
    """``months`` whole months from the first of ``month`` on: a month, a quarter, half a year, a year."""
    first = pendulum.Date(year, month, 1)
    return DateSpan(first, first.add(months=months, days=-1))


def third_span(year: int, month: int, third: int) -> DateSpan:
    """上旬 (1), 中旬 (2) or 下旬 (3) of a month."""
    whole = months_span(year, month)
    last = whole.last if third == 3 else whole.first.replace(day=third * 10)
    return DateSpan(whole.first.replace(day=third * 10 - 9), last)


def festival_span(year: int, name: str) -> DateSpan:
    """The first day of a public holiday; 春节 begins with 除夕 where that day is free. ValueError without one."""
    eve = "农历除夕" if name == "春节" else name
    first = min((day for day, named in _festivals(year) if name in named or eve in named), default=None)
    if first is None:
        raise ValueError(f"{year} has no {name}")
    return day_span(first.year, first.month, first.day)


@cache
def _festivals(year: int) -> tuple[tuple[date, str], ...]:
    china = country_holidays("CN", years=year, language="zh_CN", expand=False)
    return tuple(sorted((day, name) for day, name in china.items() if day.year == year))


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
        start = pendulum.Date(day.year, day.month, day.day)
        return start.add(months=self.count) if self.unit == "m" else start.add(days=self.count)
