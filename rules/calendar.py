"""The working days of China, make-up days (调休) included, for any year, and which of them may still change.

Promise: every day from 2001 to the last published year is as the State Council's papers say; later years are an
estimate marked provisional, never an error (tests/rules/calendar_test.py).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import NamedTuple, Self

from holidays import country_holidays

from plan.overrides import DayOverride, Override, PublishedYear
from plan.types import Roll

_DAY = timedelta(days=1)
_FIRST_PAPER = 2001
"""The oldest year whose paper the package carries; every year since then has make-up days."""


class _Year(NamedTuple):
    """The working days of a year, to look one up and to count along them."""

    days: frozenset[date]
    ordered: list[date]


class WorkCalendar:
    """An immutable calendar of working days. Two calendars are equal only if they are the same object."""

    __slots__ = ("_changes", "_national_until", "_years", "published_until")

    published_until: int
    """The last year whose State Council paper is known."""

    def __init__(self, changes: Mapping[date, bool], national_until: int, published_until: int) -> None:
        self._changes = changes
        self._national_until = national_until
        # Reckoned when first asked for: a plan looks at a few years, the package knows many.
        self._years: dict[int, _Year] = {}
        self.published_until = published_until

    @classmethod
    def china(cls, overrides: Iterable[Override] = ()) -> Self:
        """The national calendar with the office's own corrections (domain.md 7.1).

        Args:
            overrides: days that are worked or not, and years whose paper the office has entered by hand; of two
                entries for one day the later one counts.
        """
        listed = list(overrides)
        # A dict: the later entry for a day takes the place of the earlier one.
        changes = {entry.day: entry.working for entry in listed if isinstance(entry, DayOverride)}
        declared = {entry.year for entry in listed if isinstance(entry, PublishedYear)}
        national = _last_paper()
        return cls(changes, national, next(year for year in count(national) if year + 1 not in declared))

    def is_workday(self, day: date) -> bool:
        """Whether people work on ``day``."""
        return day in self._year(day.year).days

    def next_workday(self, day: date) -> date:
        """``day`` itself if it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += _DAY
        return day

    def previous_workday(self, day: date) -> date:
        """``day`` itself if it is a working day, else the last one before it."""
        while not self.is_workday(day):
            day -= _DAY
        return day

    def add_workdays(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day`` (before it if negative); ``day`` itself does not count."""
        if not number:
            return day
        year, days = day.year, self._year(day.year).ordered
        # By place in the year's list: a walk from day to day would take as many steps as days.
        at = bisect_right(days, day) + number - 1 if number > 0 else bisect_left(days, day) + number
        while at >= len(days):
            at, year = at - len(days), year + 1
            days = self._year(year).ordered
        while at < 0:
            year -= 1
            days = self._year(year).ordered
            at += len(days)
        return days[at]

    def count_workdays(self, first: date, last: date) -> int:
        """How many working days lie from ``first`` to ``last``, both included; 0 if ``last`` is earlier."""
        years = (self._year(year).ordered for year in range(first.year, last.year + 1))
        return max(0, sum(bisect_right(days, last) - bisect_left(days, first) for days in years))

    def publicity_end(self, first: date, workdays: int) -> date:
        """The last day of a publicity (公示), which counts its first day, unlike a limit that runs from an event.

        Suzhou 2023: 07-27 to 08-09 is ten (domain.md 7.2).

        Args:
            first: its first day, in the office's zone, worked or not.
            workdays: how many working days it lasts.

        Raises:
            ValueError: ``workdays`` is not positive.
        """
        if workdays < 1:
            raise ValueError(f"a publicity has at least one working day, not {workdays}")
        return self.add_workdays(first - _DAY, workdays)

    def roll(self, day: date, roll: Roll, workdays: int) -> date:
        """Where the due date ``day`` falls under ``roll`` (domain.md 7.1).

        ``workdays`` is the N of NTH_WORKDAY_AFTER (节后第 N 个工作日); the other rolls take no notice of it.
        """
        if roll is Roll.PREVIOUS_WORKDAY:
            return self.previous_workday(day)
        if roll is Roll.NEXT_WORKDAY:
            return self.next_workday(day)
        if roll is Roll.NTH_WORKDAY_AFTER and not self.is_workday(day):
            return self.add_workdays(day, workdays)
        return day

    def provisional(self, day: date) -> bool:
        """Whether a paper still to come may change ``day``: it lies after the last published November.

        The paper of a year may move days of the December before it (2012: 2011-12-31 was worked).
        """
        return (day.year, day.month) >= (self.published_until, 12)

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            # The package knows no paper of such a year: its substitutes are guesses, the office entered the true ones.
            entered_by_hand = self._national_until < year <= self.published_until
            days = set(_national_workdays(year, substitutes=not entered_by_hand))
            for day, working in self._changes.items():
                if day.year == year:
                    (days.add if working else days.discard)(day)
            found = self._years[year] = _Year(frozenset(days), sorted(days))
        return found


@cache
def _national_workdays(year: int, substitutes: bool) -> frozenset[date]:
    """The package's working days of a year; ``substitutes=False`` leaves only the days off that the law names."""
    china = country_holidays("CN", years=year, observed=substitutes, expand=False)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range(366))
    return frozenset(day for day in days if day.year == year and china.is_working_day(day))


@cache
def _last_paper() -> int:
    """The last year in the package that has make-up working days: no paper has ever gone without them."""
    return next(year for year in count(_FIRST_PAPER) if not _has_make_up_days(year + 1))


def _has_make_up_days(year: int) -> bool:
    china = country_holidays("CN", years=year, expand=False)
    # December of a year may be touched by the next year's paper, so it proves nothing about its own.
    return any(day.year == year and day.month < 12 for day in china.weekend_workdays)
