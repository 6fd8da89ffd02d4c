"""From a frozen ladder and a period's dates to its steps, each with the instant it falls due.

Pure: the same dates give the same steps whenever they are computed; ``tests/rules/ladder_test.py`` holds it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from plan.policy import Ladder, Offset, Rung
from plan.types import PeriodState
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class PeriodDates:
    """What a period's ladder is anchored on: days in the office's zone.

    ``submitted_on`` only while a report waits for its review; ``round`` counts the reports, from 1; ``warn_days``:
    calendar days before the due date at which the measure wants its warning, None for the ladder's own.
    """

    opens_on: date
    due_on: date
    submitted_on: date | None = None
    round: int = 1
    warn_days: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A rung with its instant (UTC). ``key`` names it inside the period and is never reused."""

    key: str
    at: datetime
    rung: Rung


def steps(ladder: Ladder, dates: PeriodDates, state: PeriodState, work_time: WorkTime) -> tuple[Step, ...]:
    """The steps that apply in ``state``, in the order they fall due (domain.md 5.1, 5.3).

    Steps that would lie before the opening do not exist. Calendar-day offsets that meet a non-working day move back
    when they warn of a date and forward when they follow it (domain.md 7.1: remind on the working day before).

    Args:
        ladder: the ladder frozen into the period.
        dates: the days of the period.
        state: while a report waits for its review the reviewers are reminded, else whoever owes it.
        work_time: working days, hours and zone of the office; a step falls due when it opens.
    """
    submitted = state is PeriodState.SUBMITTED
    found = [
        Step(_key(rung, dates), work_time.at_opening(day), rung)
        for rung in ladder.rungs
        if (rung.anchor == "submitted") == submitted and (day := step_day(rung, dates, work_time.calendar)) is not None
    ]
    # A stable sort: rungs of one instant keep the order of the policy.
    return tuple(sorted(found, key=lambda step: step.at))


def step_day(rung: Rung, dates: PeriodDates, calendar: WorkCalendar) -> date | None:
    """The day (in the office's zone) a rung falls on, or ``None`` when that lies before the period opens.

    Args:
        rung: the rung; a lead time of the measure's own replaces the offset of one that warns.
        dates: the days of the period.
        calendar: the working days (domain.md 7.1).
    """
    anchor = {"open": dates.opens_on, "due": dates.due_on, "submitted": dates.submitted_on}[rung.anchor]
    if anchor is None:
        return None
    offset = rung.offset
    if rung.warn and dates.warn_days is not None:
        # A measure's own lead time counts calendar days, whatever the unit of the rung (domain.md 5.1).
        offset = Offset(count=-dates.warn_days, unit="d")
    day = shift(anchor, offset, calendar)
    if rung.anchor != "due" or offset.count > 0:
        return calendar.next_workday(day)
    moved = calendar.previous_workday(day)
    # A warning before the opening would speak of a period that nobody knows yet.
    return moved if moved >= dates.opens_on else None


def shift(day: date, offset: Offset, calendar: WorkCalendar) -> date:
    """``day`` (in the office's zone) moved by ``offset``, whose working days are those of ``calendar``."""
    if offset.unit == "wd":
        return calendar.add_workdays(day, offset.count)
    return day + timedelta(days=offset.count)


def repeat_at(ladder: Ladder, count: int, last_on: date, work_time: WorkTime) -> datetime:
    """When a repeat falls due. The gaps grow and the last one stays for ever: nagging backs off, but never to zero.

    Args:
        ladder: gives the gaps, in working days.
        count: which repeat, from 1.
        last_on: the day in the office's zone of the one before it, or of the last rung.
        work_time: working days, hours and zone of the office.

    Returns:
        The UTC instant at which the office opens on that day.
    """
    gaps = ladder.repeat.gaps
    return work_time.at_opening(work_time.calendar.add_workdays(last_on, gaps[min(count, len(gaps)) - 1]))


def _key(rung: Rung, dates: PeriodDates) -> str:
    return f"{rung.key}@{dates.round}" if rung.anchor == "submitted" else rung.key
