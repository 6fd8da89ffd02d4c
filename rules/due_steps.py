"""Which rungs of a period have come due, and when the next one will: the very function that fires and that forecasts.

Decides by range, never by equality (architecture 5): whatever lies at or before ``now`` and is not recorded yet.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from plan.policy import Ladder, Offset, Rung
from plan.types import AlertKind, Audience, Level, PeriodState
from rules.ladder import Step
from rules.work_time import WorkTime


class LadderProgress(NamedTuple):
    """How far a period has gone up its ladder.

    ``fired``: the keys of the steps recorded. ``repeats``: how many reminders followed the last rung in this round.
    ``last_fired_on``: the day (in the office's zone) of the last step. ``hold_until``: a UTC instant before which
    nothing but the opening fires.
    """

    state: PeriodState
    fired: frozenset[str]
    repeats: int
    last_fired_on: date | None
    hold_until: datetime | None

    def after(self, steps: Sequence[Step], repeats: int, today: date) -> "LadderProgress":
        """The progress once ``steps`` are recorded on ``today`` (a day in the office's zone), ``repeats`` in all."""
        if not steps:
            return self
        fired = self.fired.union(step.key for step in steps)
        return LadderProgress(self.state, fired, repeats, today, self.hold_until)


FRESH = LadderProgress(PeriodState.WAITING, frozenset(), 0, None, None)
"""The progress of a period that opens only now."""


class DueSteps(NamedTuple):
    """The steps to record now, in order; the repeats then recorded in all; the UTC instant of the next step (``None``:
    nothing ever)."""

    steps: tuple[Step, ...]
    repeats: int
    next_at: datetime | None


def due_steps(
    ladder: Ladder,
    steps: Sequence[Step],
    progress: LadderProgress,
    now: datetime,
    work_time: WorkTime,
    vacant: frozenset[str],
    led: bool = False,
) -> DueSteps:
    """Decide for one period (domain.md 5.1–5.4).

    0. A period that is led climbs no further than its limit: the older one says its lateness, and it is looked at again
       every working day until that one leads no more.
    1. Take every step that applies, is not recorded and has come due; a hold delays all but the opening.
    2. When the ladder is used up, take one repeat whose gap has run out.
    3. An empty rung that is late does not wait: when nobody stands on the last step taken, go on to one that somebody
       stands on. Before the limit nothing goes up, whoever is missing.
    4. Say when the next step is.

    Args:
        ladder: the ladder frozen into the period.
        steps: the steps of the period in its present state, in the order of time.
        progress: how far the period has gone up.
        now: an aware instant.
        work_time: working days, hours and zone of the office.
        vacant: the audiences that nobody stands for; a rung that speaks to no other is empty.
        led: whether an older period of the same duty is missed, too, and still awaited (``ledger.led``).

    Returns:
        What to record at ``now``, empty rungs included, and when to look again (UTC).
    """
    today, repeats = work_time.day_of(now), progress.repeats
    if led:
        steps = [step for step in steps if not step.late]
        if not any(_falls_at(step, progress.hold_until) <= now for step in steps if step.key not in progress.fired):
            again = work_time.calendar.next_workday(today + timedelta(days=1))
            return DueSteps((), repeats, work_time.at_opening(again))
    pending = [step for step in steps if step.key not in progress.fired]
    # By range and not by equality: all that lies at or before now, however long ago.
    passed = [step for step in pending if _falls_at(step, progress.hold_until) <= now]
    # Repeats begin when the whole ladder is recorded, what a hold delays included.
    if not pending and (at := first_at(ladder, steps, progress, today, work_time)) <= now:
        passed, repeats = [Step(_fresh_key(progress), at, _repeat_rung(ladder, progress.state))], repeats + 1
    if passed and passed[-1].late and vacant.issuperset(passed[-1].rung.audience):
        known = {step.key for step in passed}
        for step in pending:
            if step.key not in known:
                passed.append(step)
                if not vacant.issuperset(step.rung.audience):
                    break
    after = progress.after(passed, repeats, today)
    return DueSteps(tuple(passed), repeats, first_at(ladder, steps, after, today, work_time))


def first_at(
    ladder: Ladder, steps: Sequence[Step], progress: LadderProgress, today: date, work_time: WorkTime
) -> datetime:
    """When a period is looked at next: its first step not yet recorded, else its next repeat.

    The gaps of repeats grow and the last one stays for ever: nagging backs off, but never to zero.

    Args:
        ladder: the ladder frozen into the period; it says how far apart repeats are, in working days.
        steps: the steps of the period in its present state, in the order of time.
        progress: how far the period has gone up.
        today: a day in the office's zone; a fresh gap of repeats counts from it where nothing has fired.
        work_time: working days, hours and zone of the office.

    Returns:
        A UTC instant; it may lie in the past.
    """
    waiting = [_falls_at(step, progress.hold_until) for step in steps if step.key not in progress.fired]
    if waiting:
        return min(waiting)
    last_on = progress.last_fired_on or today
    if steps:
        # An extension that moved the last rung away moves the nagging with it.
        last_on = max(last_on, work_time.day_of(steps[-1].at))
    if progress.hold_until is not None:
        # The day on which a hold ends counts as the last step, or a repeat would follow on its heels.
        last_on = max(last_on, work_time.day_of(progress.hold_until))
    gaps = ladder.repeat.gaps
    return work_time.at_opening(work_time.calendar.add_workdays(last_on, gaps[min(progress.repeats, len(gaps) - 1)]))


def _fresh_key(progress: LadderProgress) -> str:
    """The gaps of repeats start anew after a report was returned, their keys never do."""
    return f"repeat#{sum(key.startswith('repeat#') for key in progress.fired) + 1}"


def _repeat_rung(ladder: Ladder, state: PeriodState) -> Rung:
    """To the supervisors while a report is missing, to the reviewers while one waits."""
    if state is not PeriodState.SUBMITTED:
        return _nag(False, ladder.repeat.level, ladder.repeat.audience, ladder.repeat.limit)
    # A policy may leave the reviewers without a rung; the office is reminded all the same.
    last = [rung for rung in ladder.rungs if rung.anchor == "submitted"][-1:]
    level, audience = (last[0].level, last[0].audience) if last else (Level.YELLOW, (Audience.OFFICE,))
    return _nag(True, level, audience, None)


@lru_cache
def _nag(reviewing: bool, level: Level, audience: tuple[Audience, ...], limit: Offset | None) -> Rung:
    return Rung(
        key="repeat",
        anchor="submitted" if reviewing else "due",
        offset=Offset(count=0, unit="wd"),
        kind=AlertKind.REVIEW if reviewing else AlertKind.ESCALATION,
        level=level,
        audience=audience,
        limit=limit,
    )


def _falls_at(step: Step, hold_until: datetime | None) -> datetime:
    if hold_until is None or step.rung.anchor == "open":
        return step.at
    # Delayed and not dropped: the rung fires when the hold is over.
    return max(step.at, hold_until)
