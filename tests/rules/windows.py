"""The windows of a stretch of days, for tests that look at many in a row."""

from collections.abc import Iterator
from datetime import date, timedelta

from rules.cadence import CadenceRule, Window, next_window
from rules.calendar import WorkCalendar


def windows(rule: CadenceRule, first: date, until: date, calendar: WorkCalendar) -> Iterator[Window]:
    """The windows that start on ``first`` or later and before ``until``, in order."""
    found = next_window(rule, first - timedelta(days=1), calendar)
    while found is not None and found.starts_on < until:
        yield found
        found = next_window(rule, found.starts_on, calendar)
