"""From a frozen ladder and a period's dates to its steps, each with the instant it falls due.

Pure: the same dates give the same steps whenever they are computed; ``tests/rules/ladder_test.py`` holds it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from plan.policy import Anchor, Ladder, Offset, Rung
from plan.types import SHEET_KINDS, PeriodState
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime


class PeriodDates(NamedTuple):
    """What a period's ladder is anchored on: days in the office's zone.

    ``submitted_on`` only while a report waits for its review; ``round`` counts the reports, from 1; ``warn_days``:
    calendar days before the due date at which the measure wants its warning, None for the ladder's own.
    ``climbs_from``: the day that stands for the limit on the ladder, where time that others took made it later; None
    for the limit. ``heard_on``: the day of the last word on work that is to be finished; None where none is expected.
    """

    opens_on: date
    due_on: date
    submitted_on: date | None = None
    round: int = 1
    warn_days: int | None = None
    climbs_from: date | None = None
    heard_on: date | None = None

    def anchor_day(self, anchor: Anchor) -> date | None:
        """The day from which rungs with this ``anchor`` count; None where there is none (yet)."""
        limit = self.climbs_from or self.due_on
        return {"open": self.opens_on, "heard": self.heard_on, "due": limit, "submitted": self.submitted_on}[anchor]


class Step(NamedTuple):
    """A rung with its instant (UTC). ``key`` names it inside the period and is never reused."""

    key: str
    at: datetime
    rung: Rung

    @property
    def late(self) -> bool:
        """Whether it speaks of a limit that is past."""
        return self.rung.anchor == "due" and self.rung.offset.count > 0


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
    calendar, found = work_time.calendar, list[Step]()
    for rung in ladder.rungs:
        anchor, of_review = dates.anchor_day(rung.anchor), rung.anchor == "submitted"
        if anchor is None or of_review != (state is PeriodState.SUBMITTED):
            continue
        offset = rung.offset
        if rung.warn and dates.warn_days is not None:
            # A measure's own lead time counts calendar days, whatever the unit of the rung (domain.md 5.1).
            offset = Offset(count=-dates.warn_days, unit="d")
        day = shift(anchor, offset, calendar)
        if rung.anchor != "due" or offset.count > 0:
            day = calendar.next_workday(day)
        else:
            day = calendar.previous_workday(day)
            # A warning before the opening would speak of a period that nobody knows yet.
            if day < dates.opens_on:
                continue
        key = rung.key
        if of_review:  # every report of a period has its reviewers reminded anew
            key = f"{rung.key}@{dates.round}"
        if rung.anchor == "heard":
            # Before the limit only: afterwards the ladder speaks of the lateness. Every silence is told of anew.
            if day >= dates.due_on:
                continue
            key = f"{rung.key}@{dates.heard_on:%Y%m%d}"
        found.append(Step(key, work_time.at_opening(day), rung))
    # A stable sort: rungs of one instant keep the order of the policy.
    return tuple(sorted(found, key=lambda step: step.at))


def sheets_above(steps: Sequence[Step], fired: Collection[str]) -> tuple[Step, ...]:
    """The steps to which a serious matter may be raised: those that ask a supervisor, above all that asked one.

    Levels go up one at a time, but a serious matter may start higher (domain.md 5.3).

    Args:
        steps: those of a period whose report is awaited, in the order they fall due.
        fired: keys of what fired for the limit in force.

    Returns:
        From the lowest up; empty where the highest has been reached.
    """
    asking = [step for step in steps if step.rung.kind in SHEET_KINDS and step.rung.anchor == "due"]
    reached = [place for place, step in enumerate(asking) if step.key in fired]
    return tuple(asking[max(reached, default=-1) + 1 :])


def fired_under(fired: Sequence[str], ladder: Ladder, before: date, after: date) -> list[str]:
    """What of a period's recorded rungs counts when its limit moves: a rung belongs to the limit it fired for.

    A rung that fired for one limit counts for that and every earlier one, so that a limit moved to and fro fires
    nothing twice; a later limit than any it fired for has it still before it. Openings, reviews and repeats are counted
    in the period and not by limits.

    Args:
        fired: keys as recorded under ``before``: plain ones count there, ``yellow@2025-03-14`` is history.
        ladder: the ladder frozen into the period.
        before: the limit in force until now, a day in the office's zone.
        after: the limit from now on.

    Returns:
        The keys as they stand under ``after``; the history grows and is never lost.
    """
    of_limit = {rung.key for rung in ladder.rungs if rung.anchor == "due"}
    latest = {
        key: date.fromisoformat(limit)
        for key, _, limit in (one.partition("@") for one in fired)
        if key in of_limit and limit
    }
    history = [one for one in fired if one not in of_limit]
    for key in (one for one in fired if one in of_limit):
        if latest.get(key, date.min) < before:
            latest[key] = before
            history.append(f"{key}@{before}")
    return history + [key for key, limit in latest.items() if limit >= after]


def shift(day: date, offset: Offset, calendar: WorkCalendar) -> date:
    """``day`` (in the office's zone) moved by ``offset``, whose working days are those of ``calendar``."""
    if offset.unit == "wd":
        return calendar.add_workdays(day, offset.count)
    return day + timedelta(days=offset.count)
