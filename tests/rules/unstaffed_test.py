"""Nobody waits on an empty rung: the step of the first staffed one is taken with it, and what follows is looked at."""

from datetime import date

from plan.policy import Policy
from plan.types import Audience, PeriodState
from rules.due_steps import FRESH, due_steps
from rules.ladder import PeriodDates, steps
from rules.work_time import WorkTime
from tests.conftest import at

DATES = PeriodDates(date(2025, 2, 1), date(2025, 2, 28))
ORANGE_DAY = at("2025-03-05T08:30")


def _taken(policy: Policy, work_time: WorkTime, *absent: Audience) -> list[str]:
    found = steps(policy.short, DATES, PeriodState.WAITING, work_time)
    decided = due_steps(policy.short, found, FRESH, ORANGE_DAY, work_time, frozenset(absent))
    assert decided.next_at is not None
    assert decided.next_at > ORANGE_DAY
    return [step.key for step in decided.steps]


def test_with_somebody_everywhere_only_what_has_come_due_is_taken(policy: Policy, work_time: WorkTime) -> None:
    found = steps(policy.short, DATES, PeriodState.WAITING, work_time)
    plain = [step.key for step in found if step.at <= ORANGE_DAY]
    assert _taken(policy, work_time) == plain
    assert plain[-1] == "orange"


def test_an_empty_last_step_takes_the_next_staffed_one_along(policy: Policy, work_time: WorkTime) -> None:
    assert _taken(policy, work_time, Audience.DEPUTY)[-2:] == ["orange", "red"]


def test_with_nobody_above_the_whole_ladder_is_taken_and_repeats_follow(policy: Policy, work_time: WorkTime) -> None:
    everybody = tuple(Audience)
    assert _taken(policy, work_time, *everybody) == [
        rung.key for rung in policy.short.rungs if rung.anchor not in ("submitted", "heard")
    ]
