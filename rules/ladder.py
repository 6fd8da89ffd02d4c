"""From a frozen ladder and a period's dates to its steps, each with the instant it falls due.

Pure: the same dates give the same steps whenever they are computed; ``tests/rules/ladder_test.py`` holds it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plan.policy import Hours, Ladder, Offset, Rung
from plan.types import PeriodState
from rules.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Office:
    """What turns dates into instants: working days, opening hours and the office's zone."""

    calendar: WorkCalendar
    hours: Hours
    zone: ZoneInfo

    def at_opening(self, day: date) -> datetime:
        """The UTC instant at which the office opens on ``day``."""
        return self._instant(day, self.hours.open)

    def end_of(self, day: date) -> datetime:
        """The UTC instant at which ``day`` is over; a due date is kept until then (Civil Code 203, domain.md 7.1)."""
        return self._instant(day + timedelta(days=1), time(0))

    def start_of(self, day: date) -> datetime:
        """The UTC instant at which ``day`` begins in the office's zone."""
        return self._instant(day, time(0))

    def day_of(self, moment: datetime) -> date:
        """The office's calendar day of an aware instant."""
        return moment.astimezone(self.zone).date()

    def may_send(self, moment: datetime) -> bool:
        """Whether messages may leave at this instant: a working day, within hours (DESIGN invariant 8)."""
        local = moment.astimezone(self.zone)
        return self.calendar.is_workday(local.date()) and self.hours.open <= local.time() < self.hours.close

    def next_sending(self, moment: datetime) -> datetime:
        """``moment`` itself when messages may leave, else the next opening."""
        if self.may_send(moment):
            return moment
        local = moment.astimezone(self.zone)
        day = local.date() if local.time() < self.hours.open else local.date() + timedelta(days=1)
        return self.at_opening(self.calendar.next_workday(day))

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Dates:
    """What a period's ladder is anchored on; ``submitted_on`` only while a report waits for its review."""

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


def steps(ladder: Ladder, dates: Dates, state: PeriodState, office: Office) -> tuple[Step, ...]:
    """The steps that apply in ``state``, in the order they fall due.

    Steps that would lie before the opening do not exist. Calendar-day offsets that meet a non-working day move back
    when they warn of a date and forward when they follow it (domain.md 7.1: remind on the working day before).
    """
    submitted = state is PeriodState.SUBMITTED
    found = [
        Step(_key(rung, dates), office.at_opening(day), rung)
        for rung in ladder.rungs
        if (rung.anchor == "submitted") == submitted and (day := step_day(rung, dates, office.calendar)) is not None
    ]
    return tuple(sorted(found, key=lambda step: step.at))


def step_day(rung: Rung, dates: Dates, calendar: WorkCalendar) -> date | None:
    """The day a rung falls on, or ``None`` when that lies before the period opens."""
    anchor = {"open": dates.opens_on, "due": dates.due_on, "submitted": dates.submitted_on}[rung.anchor]
    if anchor is None:
        return None
    offset = rung.offset
    if rung.warn and dates.warn_days is not None:
        offset = Offset(count=-dates.warn_days, unit="d")
    day = shift(anchor, offset, calendar)
    if rung.anchor != "due" or offset.count > 0:
        return calendar.next_workday(day)
    moved = calendar.previous_workday(day)
    return moved if moved >= dates.opens_on else None


def shift(day: date, offset: Offset, calendar: WorkCalendar) -> date:
    """``day`` moved by an offset of calendar or working days."""
    if offset.unit == "wd":
        return calendar.add_workdays(day, offset.count)
    return day + timedelta(days=offset.count)


def repeat_at(ladder: Ladder, count: int, last_on: date, office: Office) -> datetime:
    """When the nag number ``count`` (from 1) falls due, ``last_on`` being the day of the one before it.

    The gaps grow and the last one stays for ever: nagging backs off, but never to zero.
    """
    gaps = ladder.repeat.gaps
    return office.at_opening(office.calendar.add_workdays(last_on, gaps[min(count, len(gaps)) - 1]))


def _key(rung: Rung, dates: Dates) -> str:
    return f"{rung.key}@{dates.round}" if rung.anchor == "submitted" else rung.key
