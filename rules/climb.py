"""Which rungs of a period have come due, and when the next one will: the very function that fires and that forecasts.

Decides by range, never by equality (DESIGN invariant 5): whatever lies at or before ``now`` and is not recorded yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from plan.policy import Ladder, Offset, Rung
from plan.types import Audience, Level, PeriodState
from rules.ladder import Office, Step, repeat_at


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a period has climbed. ``hold_until`` is a UTC instant before which nothing but the opening fires."""

    state: PeriodState
    fired: frozenset[str]
    repeats: int
    last_fired_on: date | None
    hold_until: datetime | None


@dataclass(frozen=True, slots=True)
class Climb:
    """The steps to record now, in order, and the instant of the next one (``None``: nothing ever)."""

    steps: tuple[Step, ...]
    repeats: int
    next_at: datetime | None


def climb(ladder: Ladder, steps: Sequence[Step], standing: Standing, now: datetime, office: Office) -> Climb:
    """Decide for one period.

    1. Take every step that applies, is not recorded and has come due; a hold delays all but the opening.
    2. When the ladder is used up, take one repeat whose gap has run out.
    3. Say when the next step is.
    """
    pending = [step for step in steps if step.key not in standing.fired]
    passed = tuple(step for step in pending if _falls_at(step, standing.hold_until) <= now)
    repeats, today = standing.repeats, office.day_of(now)
    last_on = _last_on(steps, today if passed else (standing.last_fired_on or today), office)
    if not pending:
        at = _repeat_at(ladder, repeats + 1, last_on, standing.hold_until, office)
        if at <= now:
            nag = Step(_fresh_key(standing), at, _repeat_rung(ladder, standing.state))
            passed, repeats, last_on = (nag,), repeats + 1, today
    return Climb(passed, repeats, next_after(ladder, pending, passed, standing, repeats, last_on, office))


def next_after(
    ladder: Ladder,
    pending: Sequence[Step],
    passed: Sequence[Step],
    standing: Standing,
    repeats: int,
    last_on: date,
    office: Office,
) -> datetime:
    """When a period is looked at next: its first step not yet passed, else the next repeat."""
    done = {step.key for step in passed}
    waiting = [_falls_at(step, standing.hold_until) for step in pending if step.key not in done]
    if waiting:
        return min(waiting)
    return _repeat_at(ladder, repeats + 1, last_on, standing.hold_until, office)


def first_at(ladder: Ladder, steps: Sequence[Step], standing: Standing, today: date, office: Office) -> datetime:
    """When a period that was opened, moved, held or returned is looked at next; ``today`` starts a fresh repeat gap."""
    pending = [step for step in steps if step.key not in standing.fired]
    last_on = _last_on(steps, standing.last_fired_on or today, office)
    return next_after(ladder, pending, (), standing, standing.repeats, last_on, office)


def _repeat_at(ladder: Ladder, count: int, last_on: date, hold_until: datetime | None, office: Office) -> datetime:
    if hold_until is not None:
        last_on = max(last_on, office.day_of(hold_until))
    return repeat_at(ladder, count, last_on, office)


def _last_on(steps: Sequence[Step], last_on: date, office: Office) -> date:
    """The day a repeat's gap counts from; an extension that moved the last rung away moves the nagging with it."""
    return max(last_on, office.day_of(steps[-1].at)) if steps else last_on


def _fresh_key(standing: Standing) -> str:
    """The gaps of repeats start anew after a report was returned, their keys never do."""
    return f"repeat#{sum(key.startswith('repeat#') for key in standing.fired) + 1}"


def _repeat_rung(ladder: Ladder, state: PeriodState) -> Rung:
    """To the supervisors while a report is missing, to the reviewers while one waits."""
    if state is not PeriodState.SUBMITTED:
        return _nag(False, ladder.repeat.level, ladder.repeat.audience, ladder.repeat.limit)
    last = [rung for rung in ladder.rungs if rung.anchor == "submitted"][-1:]
    level, audience = (last[0].level, last[0].audience) if last else (Level.YELLOW, (Audience.OFFICE,))
    return _nag(True, level, audience, None)


@lru_cache
def _nag(reviewing: bool, level: Level, audience: tuple[Audience, ...], limit: Offset | None) -> Rung:
    return Rung(
        key="repeat",
        anchor="submitted" if reviewing else "due",
        offset=Offset(count=0, unit="wd"),
        kind="review" if reviewing else "escalation",
        level=level,
        audience=audience,
        limit=limit,
    )


def _falls_at(step: Step, hold_until: datetime | None) -> datetime:
    if hold_until is None or step.rung.anchor == "open":
        return step.at
    return max(step.at, hold_until)
