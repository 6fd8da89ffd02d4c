"""An empty rung (nobody stands on it) does not wait: the next one that somebody stands on fires at once.

DESIGN invariant 10. Pure: the patrol and the forecast both decide with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from plan.policy import Ladder, Rung
from rules.climb import Climb, Standing, climb
from rules.ladder import Office, Step

Staffed = Callable[[Rung], bool]
"""Whether somebody stands on a rung."""


def climb_to_somebody(
    ladder: Ladder, steps: Sequence[Step], standing: Standing, now: datetime, office: Office, staffed: Staffed
) -> Climb:
    """Decide for one period as ``climb`` does, and go on to the first staffed rung when the last one taken is empty.

    Args:
        ladder, steps, standing, now, office: as for ``rules.climb.climb``.
        staffed: tells the rungs that speak to somebody.
    Returns:
        The steps to record at ``now``, the empty ones included, and the instant of the next one (UTC).
    """
    decided = climb(ladder, steps, standing, now, office)
    if not decided.steps or staffed(decided.steps[-1].rung):
        return decided
    known = standing.fired | {step.key for step in decided.steps}
    later = [step for step in steps if step.key not in known]
    taken = (*decided.steps, *_up_to_somebody(later, staffed))
    fired = standing.fired | {step.key for step in taken}
    after = replace(standing, fired=fired, repeats=decided.repeats, last_fired_on=office.day_of(now))
    return Climb(taken, decided.repeats, climb(ladder, later, after, now, office).next_at)


def _up_to_somebody(later: Sequence[Step], staffed: Staffed) -> list[Step]:
    index = next((at for at, step in enumerate(later) if staffed(step.rung)), len(later))
    return list(later[: index + 1])
