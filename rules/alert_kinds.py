"""What each kind of alert means, in one table: how letters count it, how long it matters, what a forecast calls it.

Its wording (``term`` and the phrase ``action.KIND``) is in ``text/catalogue.py``. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plan.types import AlertKind, EventKind, PeriodState


class WhileTrue(StrEnum):
    """In which state of its period an alert still has something to say."""

    ALWAYS = "always"
    REPORT_AWAITED = "report_awaited"
    REVIEW_AWAITED = "review_awaited"


_AWAITED = {WhileTrue.REPORT_AWAITED: PeriodState.WAITING, WhileTrue.REVIEW_AWAITED: PeriodState.SUBMITTED}


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What follows from the kind of an alert.

    ``count``: the phrase ``count.…`` by which a subject counts it. ``own_count``: also when the matter is late; the
    others then count as overdue. ``merged``: one entry of a letter speaks for all alerts of its period of this nature.
    ``event``: what a forecast calls a rung of this kind; None for kinds that are on no ladder.
    """

    while_true: WhileTrue
    count: str
    own_count: bool
    merged: bool
    event: EventKind | None = None

    def matters(self, state: PeriodState | None) -> bool:
        """Whether an alert of this kind still speaks of something open.

        Args:
            state: of the alert's period, now; None for an alert about the engine itself, which always matters.
        """
        return state is None or self.while_true is WhileTrue.ALWAYS or state == _AWAITED[self.while_true]

    @property
    def urges(self) -> bool:
        """Whether it asks the unit for a report, and so makes sense only while one is awaited."""
        return self.while_true is WhileTrue.REPORT_AWAITED


# A kind without a line here would end its letters as dead ones, never in silence (letters/select.py).
ALERT_FACTS: Mapping[AlertKind, AlertFacts] = MappingProxyType(
    {
        AlertKind.ESCALATION: AlertFacts(
            WhileTrue.REPORT_AWAITED, "escalation", own_count=False, merged=True, event=EventKind.ESCALATION
        ),
        AlertKind.RETURNED: AlertFacts(WhileTrue.REPORT_AWAITED, "returned", own_count=True, merged=False),
        AlertKind.REVIEW: AlertFacts(
            WhileTrue.REVIEW_AWAITED, "review", own_count=True, merged=True, event=EventKind.REVIEW
        ),
        AlertKind.REQUEST: AlertFacts(WhileTrue.ALWAYS, "request", own_count=True, merged=False),
        AlertKind.DECISION: AlertFacts(WhileTrue.ALWAYS, "decision", own_count=True, merged=False),
        AlertKind.CHANGE: AlertFacts(WhileTrue.ALWAYS, "change", own_count=True, merged=False),
        AlertKind.CHASE: AlertFacts(
            WhileTrue.REPORT_AWAITED, "due_soon", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.WARNING: AlertFacts(
            WhileTrue.REPORT_AWAITED, "due_soon", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.STALE: AlertFacts(
            WhileTrue.REPORT_AWAITED, "stale", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.NOTICE: AlertFacts(
            WhileTrue.REPORT_AWAITED, "notice", own_count=False, merged=True, event=EventKind.OPEN
        ),
        AlertKind.OPERATOR: AlertFacts(WhileTrue.ALWAYS, "operator", own_count=True, merged=False),
    }
)
"""Every kind, in the order of weight in which a subject counts them."""

OVERDUE = "overdue"
"""The count of what is late, whatever kind of alert says so."""
COUNTS = (OVERDUE, *dict.fromkeys(facts.count for facts in ALERT_FACTS.values()))
"""The counts of a subject in the order of weight."""
