"""Whole months that a paper speaks of, one or several: 2025年3月, 2025年3—4月."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from text.refusals import Refusal

MOST_MONTHS = 12
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})(?:\.\.(?:(\d{4})-)?(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class MonthSpan:
    """From the first day of a month, ``first``, to the last day of the same or a later one, ``last``; both of them days
    in the office's zone."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """What people call it, as periods of duties are called: ``2025年3月``, ``2025年3—4月``."""
        if (self.first.year, self.first.month) == (self.last.year, self.last.month):
            return f"{self.first.year}年{self.first.month}月"
        between = "—" if self.first.year == self.last.year else f"月—{self.last.year}年"
        return f"{self.first.year}年{self.first.month}{between}{self.last.month}月"

    def holds(self, day: date) -> bool:
        """Whether ``day`` (in the office's zone) lies in it."""
        return self.first <= day <= self.last


def months(year: int, month: int, count: int = 1) -> MonthSpan:
    """So many months from one on.

    Args:
        year: of the first month.
        month: the first month; from 1 to 12, or beyond into other years: 0 is the December before.
        count: how many, at least 1.
    """
    first, last = year * 12 + month - 1, year * 12 + month + count - 2
    days = monthrange(last // 12, last % 12 + 1)[1]
    return MonthSpan(date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, days))


def read_months(written: str, today: date) -> MonthSpan:
    """Months as a person writes them: ``2025-03``, ``2025-03..04``, ``2025-11..2026-01``.

    Args:
        written: anything.
        today: a day in the office's zone; nothing can be told of months that begin after it.

    Raises:
        Refusal: ``months_wrong``, ``months_backwards``, ``months_too_many``, ``months_to_come``.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise Refusal("months_wrong", written=written)
    year, month, last_year, last_month = (int(part) if part else 0 for part in found.groups())
    last_year, last_month = last_year or year, last_month or month
    if not (1 <= month <= 12 and 1 <= last_month <= 12 and 2000 <= year <= 2999 and last_year <= 2999):
        raise Refusal("months_wrong", written=written)
    count = (last_year - year) * 12 + last_month - month + 1
    if count < 1:
        raise Refusal("months_backwards", written=written)
    if count > MOST_MONTHS:
        raise Refusal("months_too_many", written=written, count=count, limit=MOST_MONTHS)
    span = months(year, month, count)
    if span.first > today:
        raise Refusal("months_to_come", written=span.label, today=today)
    return span


def months_of(first: date, after: date) -> MonthSpan | None:
    """The whole months that a window of days is made of; None where it begins or ends within one.

    Args:
        first: the first day of it, in the office's zone.
        after: the first day behind it.
    """
    return MonthSpan(first, after - timedelta(days=1)) if first.day == 1 == after.day and after > first else None
