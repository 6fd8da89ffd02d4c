"""An empty rung (nobody stands on it) does not wait: the next one that somebody stands on fires at once.

Pure: the patrol and the forecast both decide with it (architecture 10).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from plan.policy import Ladder, Rung
from rules.due_steps import DueSteps, LadderProgress, due_steps
from rules.ladder import Step
from rules.work_time import WorkTime

Staffed = Callable[[Rung], bool]
"""Whether somebody stands on a rung."""


def skip_unstaffed_rungs(
    ladder: Ladder,
    steps: Sequence[Step],
    progress: LadderProgress,
    now: datetime,
    work_time: WorkTime,
    staffed: Staffed,
) -> DueSteps:
    """Decide for one period as ``due_steps`` does; when nobody stands on the last step taken, go on to somebody.

    Args:
        ladder: the ladder frozen into the period.
        steps: the steps of the period in its present state, in the order of time.
        progress: how far the period has climbed.
        now: an aware instant.
        work_time: working days, hours and zone of the office.
        staffed: tells the rungs that speak to somebody.

    Returns:
        The steps to record at ``now``, the empty ones included, and the instant of the next one (UTC).
    """
    decided = due_steps(ladder, steps, progress, now, work_time)
    if not decided.steps or staffed(decided.steps[-1].rung):
        return decided
    known = progress.fired | {step.key for step in decided.steps}
    later = [step for step in steps if step.key not in known]
    taken = (*decided.steps, *_up_to_somebody(later, staffed))
    after = progress.after(taken, decided.repeats, work_time.day_of(now))
    return DueSteps(taken, decided.repeats, due_steps(ladder, later, after, now, work_time).next_at)


def _up_to_somebody(later: Sequence[Step], staffed: Staffed) -> list[Step]:
    index = next((at for at, step in enumerate(later) if staffed(step.rung)), len(later))
    return list(later[: index + 1])
