"""Time that others take is not the unit's: what becomes of a limit when the clock has stood (domain.md 5.4).

The clock stands while a report waits for its review and while a measure is suspended. Pure.
"""

from datetime import date, timedelta

from plan.policy import Offset
from rules.calendar import WorkCalendar
from rules.ladder import shift


def given_back(due_on: date, stopped_on: date, today: date, at_least: Offset | None, calendar: WorkCalendar) -> date:
    """The limit after a standstill that began in time: what was left of it goes on from today.

    Args:
        due_on: the limit in force; like the others a day in the office's zone.
        stopped_on: the day on which the clock stopped, not later than the limit.
        today: the day on which it goes on.
        at_least: how long the unit has from today, whatever was left; None for no more than that.
        calendar: the office's working days.

    Returns:
        A day, never before ``due_on``.
    """
    rest = today + (due_on - stopped_on)
    return max(due_on, rest, shift(today, at_least, calendar)) if at_least else max(due_on, rest)


def climbs_on_from(anchor: date, stopped_on: date, today: date, calendar: WorkCalendar) -> date:
    """The day that stands for the limit on the ladder after a standstill that began late: the limit itself stays.

    Args:
        anchor: the day that stood for it before; like the others a day in the office's zone.
        stopped_on: the day on which the clock stopped.
        today: the day on which it goes on.
        calendar: the office's working days; as many as it stood are added.
    """
    return calendar.add_workdays(anchor, calendar.count_workdays(stopped_on + timedelta(days=1), today))
