"""分报: when a unit's part of a report is due, and when the unit is reminded of it. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from plan.policy import Offset, Parts
from rules.ladder import shift
from rules.work_time import WorkTime


def part_due(due_on: date, asked_on: date, rules: Parts, work_time: WorkTime) -> date:
    """The limit of a part: so long before that of its period, but never before it was asked for.

    Args:
        due_on: the limit of the period; like the others a day in the office's zone.
        asked_on: the day on which the unit is asked.
        rules: the office's own.
        work_time: its working days count.
    """
    return max(shift(due_on, _back(rules.days_before), work_time.calendar), asked_on)


def first_asked(asked_at: datetime, work_time: WorkTime) -> datetime:
    """The UTC instant at which a unit hears that it is asked: at once, or when people are at work next.

    Args:
        asked_at: aware instant at which its part was opened.
        work_time: its working days and hours count.
    """
    day = work_time.day_of(asked_at)
    return max(asked_at, work_time.at_opening(work_time.calendar.next_workday(day)))


def next_reminder(due_on: date, reminded_on: date, rules: Parts, work_time: WorkTime) -> date:
    """The day on which a unit is next reminded of its part: before it is due, once it is late, then again and again.

    Args:
        due_on: the limit of the part; like the others a day in the office's zone.
        reminded_on: the day on which it was last asked or reminded.
        rules: the office's own.
        work_time: its working days count.

    Returns:
        A day after ``reminded_on``.
    """
    return next(day for day in _reminders(due_on, reminded_on, rules, work_time) if day > reminded_on)


def _reminders(due_on: date, reminded_on: date, rules: Parts, work_time: WorkTime) -> Iterator[date]:
    calendar = work_time.calendar
    yield shift(due_on, _back(rules.remind), calendar)
    late = calendar.next_workday(due_on + timedelta(days=1))
    yield late
    yield calendar.next_workday(shift(max(late, reminded_on), rules.again, calendar))


def _back(offset: Offset) -> Offset:
    return Offset(count=-offset.count, unit=offset.unit)


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same word for word, whatever blanks stand between.

    Args:
        one: a report, or a part of one.
        other: what was reported before.
    """
    return "".join(one.split()) == "".join(other.split())
