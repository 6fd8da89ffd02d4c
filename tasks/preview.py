"""What activating a plan would send: the first activation is a dry run (DESIGN invariant 7).

Uses the same windows and steps as the ledger; nothing is written.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from config.plan import DutySpec, MeasureSpec, Plan
from config.policy import Policy
from config.types import Audience, PeriodState
from db.ledger.activate import duty_from
from db.ledger.periods import first_window
from rules.cadence import Window
from rules.ladder import Dates, Office, steps

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


def preview(plan: Plan, office: Office, policy: Policy, now: datetime) -> Preview:
    """What activating ``plan`` at ``now`` (an aware instant) would do if nobody reported for thirty days."""
    found = Preview()
    for finding in plan.findings:
        for measure in finding.measures:
            for duty in measure.duties:
                _add(found, plan, measure, duty, office, policy, now)
    return found


def _add(
    found: Preview, plan: Plan, measure: MeasureSpec, duty: DutySpec, office: Office, policy: Policy, now: datetime
) -> None:
    today = office.day_of(now)
    window = first_window(duty_from(duty, today, office), today, office.calendar)
    found.assumed += duty.assumed
    if window is None or window.starts_on > today:
        return
    opening = Opening(measure.code, duty.title, window.label, window.due_on)
    found.opening.append(opening)
    if now >= office.end_of(window.due_on):
        found.overdue.append(opening)
    _count(found, plan, measure, window, office, policy, now)


def _count(
    found: Preview, plan: Plan, measure: MeasureSpec, window: Window, office: Office, policy: Policy, now: datetime
) -> None:
    ladder = policy.ladder_for((window.due_on - window.starts_on).days + 1)
    dates = Dates(min(window.starts_on, window.due_on), window.due_on, None, 1, measure.warn_days)
    for step in steps(ladder, dates, PeriodState.WAITING, office):
        counter = found.at_once if step.at <= now else found.later
        if step.at <= now + HORIZON:
            for audience in step.rung.audience:
                counter.update(plan.roles[key].name for key in _keys(plan, measure, audience))


def _keys(plan: Plan, measure: MeasureSpec, audience: Audience) -> list[str]:
    lead = plan.units[measure.lead]
    own = {Audience.HANDLER: lead.handler, Audience.LEADER: lead.leader, Audience.DEPUTY: measure.deputy}
    return own.get(audience) or getattr(plan.audiences, audience, [])
