"""What activating a plan would send: the first activation is a dry run (architecture 7).

Counts what the forecast says, which is what fires; nothing is written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from foresight.planned import planned
from plan.model import MeasureSpec, Plan
from plan.policy import Policy
from plan.types import EventKind
from rules.forecast import ForecastDuty, forecast
from rules.work_time import WorkTime

HORIZON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Opening:
    """A period that activation opens at once."""

    measure: str
    duty: str
    label: str
    due_on: date


@dataclass(slots=True)
class Preview:
    """What would open, what is overdue already, and how many alerts each recipient would get."""

    opening: list[Opening] = field(default_factory=list)
    overdue: list[Opening] = field(default_factory=list)
    assumed: int = 0
    at_once: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)

    def per_recipient(self) -> list[tuple[str, int, int]]:
        """Every recipient with the alerts of the first patrol and of the thirty days after it."""
        names = sorted({*self.at_once, *self.later}, key=lambda name: (-self.at_once[name], name))
        return [(name, self.at_once[name], self.later[name]) for name in names]

    def as_dict(self) -> dict[str, Any]:
        """The preview as JSON values."""
        return {
            "opening": [
                {"measure": o.measure, "duty": o.duty, "label": o.label, "due_on": o.due_on} for o in self.opening
            ],
            "overdue": [
                {"measure": o.measure, "duty": o.duty, "label": o.label, "due_on": o.due_on} for o in self.overdue
            ],
            "assumed": self.assumed,
            "recipients": [{"name": n, "at_once": a, "later": b} for n, a, b in self.per_recipient()],
        }


def preview(plan: Plan, work_time: WorkTime, policy: Policy, now: datetime) -> Preview:
    """What activating a plan would do if nobody reported for thirty days.

    Told are the rungs of what opens at once; ``duban forecast --plan`` tells the repeats and later periods too.

    Args:
        plan: a checked plan.
        work_time: working days, hours and zone of the office.
        policy: gives every period its ladder.
        now: the aware instant of activation.
    """
    owed = [one for one in planned(plan, policy, work_time, now).duties if one.open]
    found = Preview(assumed=sum(duty.assumed for measure in _measures(plan) for duty in measure.duties))
    for one in owed:
        for period in one.open:
            opening = Opening(one.measure, one.title, period.label, period.dates.due_on)
            found.opening.append(opening)
            if now >= work_time.end_of(opening.due_on):
                found.overdue.append(opening)
    # Without a next window nothing opens later: only what opens at once is counted.
    _count(found, [replace(one, next_ordinal=None) for one in owed], policy, work_time, now)
    return found


def _measures(plan: Plan) -> list[MeasureSpec]:
    return [measure for finding in plan.findings for measure in finding.measures]


def _count(found: Preview, owed: Sequence[ForecastDuty], policy: Policy, work_time: WorkTime, now: datetime) -> None:
    today = work_time.day_of(now)
    for event in forecast(owed, policy, work_time, now, today, today + HORIZON):
        if event.kind is not EventKind.REPEAT and event.at <= now + HORIZON:
            counter = found.at_once if event.at <= now else found.later
            counter.update(person.name for person in event.recipients)
