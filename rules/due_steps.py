"""Which rungs of a period have come due, and when the next one will: the very function that fires and that forecasts.

Decides by range, never by equality (architecture 5): whatever lies at or before ``now`` and is not recorded yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from plan.policy import Ladder, Offset, Rung
from plan.types import AlertKind, Audience, Level, PeriodState
from rules.ladder import Step, repeat_at
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class LadderProgress:
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
        return replace(self, fired=self.fired | {step.key for step in steps}, repeats=repeats, last_fired_on=today)


FRESH = LadderProgress(PeriodState.WAITING, frozenset(), 0, None, None)
"""The progress of a period that opens only now."""


@dataclass(frozen=True, slots=True)
class DueSteps:
    """The steps to record now, in order; the repeats then recorded in all; the UTC instant of the next step (``None``:
    nothing ever)."""

    steps: tuple[Step, ...]
    repeats: int
    next_at: datetime | None


def due_steps(
    ladder: Ladder, steps: Sequence[Step], progress: LadderProgress, now: datetime, work_time: WorkTime
) -> DueSteps:
    """Decide for one period (domain.md 5.1–5.4).

    1. Take every step that applies, is not recorded and has come due; a hold delays all but the opening.
    2. When the ladder is used up, take one repeat whose gap has run out.
    3. Say when the next step is.

    Args:
        ladder: the ladder frozen into the period.
        steps: the steps of the period in its present state, in the order of time.
        progress: how far the period has gone up.
        now: an aware instant.
        work_time: working days, hours and zone of the office.

    Returns:
        What to record at ``now``, and when to look again (UTC).
    """
    pending = [step for step in steps if step.key not in progress.fired]
    # By range and not by equality: all that lies at or before now, however long ago.
    passed = tuple(step for step in pending if _falls_at(step, progress.hold_until) <= now)
    repeats, today = progress.repeats, work_time.day_of(now)
    last_on = _last_on(steps, today if passed else (progress.last_fired_on or today), work_time)
    # Repeats begin when the whole ladder is recorded, what a hold delays included.
    if not pending:
        at = _repeat_at(ladder, repeats + 1, last_on, progress.hold_until, work_time)
        if at <= now:
            nag = Step(_fresh_key(progress), at, _repeat_rung(ladder, progress.state))
            passed, repeats, last_on = (nag,), repeats + 1, today
    return DueSteps(passed, repeats, next_after(ladder, pending, passed, progress, repeats, last_on, work_time))


def next_after(
    ladder: Ladder,
    pending: Sequence[Step],
    passed: Sequence[Step],
    progress: LadderProgress,
    repeats: int,
    last_on: date,
    work_time: WorkTime,
) -> datetime:
    """When a period is looked at next: its first step not yet passed, else the next repeat.

    Args:
        ladder: the ladder frozen into the period; it says how far apart repeats are.
        pending: the steps that are not recorded, in the order of time.
        passed: those of them that are recorded now.
        progress: how far the period has gone up before.
        repeats: the repeats recorded in this round, those of now included.
        last_on: the day in the office's zone from which the gap of the next repeat counts.
        work_time: working days, hours and zone of the office.

    Returns:
        A UTC instant; it may lie in the past.
    """
    done = {step.key for step in passed}
    waiting = [_falls_at(step, progress.hold_until) for step in pending if step.key not in done]
    if waiting:
        return min(waiting)
    return _repeat_at(ladder, repeats + 1, last_on, progress.hold_until, work_time)


def first_at(
    ladder: Ladder, steps: Sequence[Step], progress: LadderProgress, today: date, work_time: WorkTime
) -> datetime:
    """When a period that was opened, moved, held or returned is looked at next.

    Args:
        ladder: the ladder frozen into the period.
        steps: the steps of the period in its present state, in the order of time.
        progress: how far the period has gone up.
        today: a day in the office's zone; a fresh gap of repeats counts from it where nothing has fired.
        work_time: working days, hours and zone of the office.

    Returns:
        A UTC instant; it may lie in the past.
    """
    pending = [step for step in steps if step.key not in progress.fired]
    last_on = _last_on(steps, progress.last_fired_on or today, work_time)
    return next_after(ladder, pending, (), progress, progress.repeats, last_on, work_time)


def _repeat_at(ladder: Ladder, count: int, last_on: date, hold_until: datetime | None, work_time: WorkTime) -> datetime:
    if hold_until is not None:
        # The day on which a hold ends counts as the last step, or a repeat would follow on its heels.
        last_on = max(last_on, work_time.day_of(hold_until))
    return repeat_at(ladder, count, last_on, work_time)


def _last_on(steps: Sequence[Step], last_on: date, work_time: WorkTime) -> date:
    """The day a repeat's gap counts from; an extension that moved the last rung away moves the nagging with it."""
    return max(last_on, work_time.day_of(steps[-1].at)) if steps else last_on


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
