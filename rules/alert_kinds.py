"""What each kind of alert means, in one table: how letters count it, how long it matters, what a forecast calls it.

Its wording (``term`` and the phrase ``action.KIND``) is in ``text/catalogue.py``. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plan.types import OPEN, AlertKind, EventKind, PeriodState
from rules.message import MessageItem


class WhileTrue(StrEnum):
    """While what an alert still has something to say."""

    ALWAYS = "always"
    REPORT_AWAITED = "report_awaited"
    REVIEW_AWAITED = "review_awaited"
    SHEET_OPEN = "sheet_open"
    DECISION_AWAITED = "decision_awaited"
    PERIOD_OPEN = "period_open"
    PART_AWAITED = "part_awaited"
    PARTS_MISSING = "parts_missing"
    NOT_CLOSED = "not_closed"
    STAGE_AWAITED = "stage_awaited"


class Asked(StrEnum):
    """Of whom an alert asks something; a letter closes with the words for each (``closing.…``)."""

    UNIT = "unit"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    CONTRIBUTOR = "contributor"
    STAGE = "stage"
    DELEGATE = "delegate"
    RELEASER = "releaser"
    OPERATOR = "operator"
    READER = "reader"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What follows from the kind of an alert.

    ``asks``: of whom. ``count``: the phrase ``count.…`` by which a subject counts it. ``own_count``: also when the
    matter is late; the others then count as overdue. ``merged``: one entry of a letter speaks for all alerts of its
    period of this nature. ``event``: what a forecast calls a rung of this kind; None for kinds that are on no ladder.
    """

    while_true: WhileTrue
    asks: Asked
    count: str
    own_count: bool
    merged: bool
    event: EventKind | None = None

    def matters(self, item: MessageItem) -> bool:
        """Whether an alert of this kind still speaks of something open to its reader.

        Args:
            item: the alert with what is known now; one about the engine itself always matters.
        """
        if self.while_true is WhileTrue.STAGE_AWAITED:
            return item.addressed and item.stage_awaited
        if item.period_id is None:
            return True
        return (
            item.addressed
            and {
                WhileTrue.ALWAYS: True,
                WhileTrue.REPORT_AWAITED: item.state == PeriodState.WAITING,
                WhileTrue.REVIEW_AWAITED: item.state == PeriodState.SUBMITTED,
                WhileTrue.SHEET_OPEN: item.state == PeriodState.WAITING and item.sheet != "",
                WhileTrue.DECISION_AWAITED: item.state in OPEN and item.decision_awaited,
                WhileTrue.PERIOD_OPEN: item.state in OPEN,
                WhileTrue.PART_AWAITED: item.state == PeriodState.WAITING and item.part_awaited,
                WhileTrue.PARTS_MISSING: item.state == PeriodState.WAITING and item.parts_missing != "",
                WhileTrue.NOT_CLOSED: item.state != PeriodState.CLOSED,
            }[self.while_true]
        )

    @property
    def urges(self) -> bool:
        """Whether it is about a report that is missing, and so makes sense only while one is awaited."""
        return self.while_true in (WhileTrue.REPORT_AWAITED, WhileTrue.SHEET_OPEN)


# A kind without a line here would end its letters as dead ones, never in silence (letters/select.py).
ALERT_FACTS: Mapping[AlertKind, AlertFacts] = MappingProxyType(
    {
        AlertKind.ESCALATION: AlertFacts(
            WhileTrue.SHEET_OPEN,
            Asked.SUPERVISOR,
            "escalation",
            own_count=False,
            merged=True,
            event=EventKind.ESCALATION,
        ),
        AlertKind.INTERVIEW: AlertFacts(
            WhileTrue.SHEET_OPEN, Asked.SUPERVISOR, "interview", own_count=True, merged=True, event=EventKind.INTERVIEW
        ),
        AlertKind.CIRCULAR: AlertFacts(
            WhileTrue.SHEET_OPEN, Asked.SUPERVISOR, "circular", own_count=True, merged=True, event=EventKind.CIRCULAR
        ),
        AlertKind.RETURNED: AlertFacts(WhileTrue.REPORT_AWAITED, Asked.UNIT, "returned", own_count=True, merged=False),
        AlertKind.REVIEW: AlertFacts(
            WhileTrue.REVIEW_AWAITED, Asked.REVIEWER, "review", own_count=True, merged=True, event=EventKind.REVIEW
        ),
        AlertKind.REQUEST: AlertFacts(
            WhileTrue.DECISION_AWAITED, Asked.SUPERVISOR, "request", own_count=True, merged=False
        ),
        AlertKind.DECISION: AlertFacts(WhileTrue.PERIOD_OPEN, Asked.UNIT, "decision", own_count=True, merged=False),
        AlertKind.CHANGE: AlertFacts(WhileTrue.NOT_CLOSED, Asked.UNIT, "change", own_count=True, merged=False),
        AlertKind.PART: AlertFacts(WhileTrue.PART_AWAITED, Asked.CONTRIBUTOR, "part", own_count=True, merged=True),
        AlertKind.PART_MISSING: AlertFacts(
            WhileTrue.PARTS_MISSING, Asked.UNIT, "part_missing", own_count=False, merged=True
        ),
        AlertKind.CLOSURE: AlertFacts(WhileTrue.STAGE_AWAITED, Asked.STAGE, "closure", own_count=False, merged=True),
        AlertKind.CLOSURE_LATE: AlertFacts(
            WhileTrue.STAGE_AWAITED, Asked.NOBODY, "closure_late", own_count=False, merged=True
        ),
        AlertKind.PAPER: AlertFacts(WhileTrue.PERIOD_OPEN, Asked.RELEASER, "paper", own_count=True, merged=False),
        AlertKind.DELEGATED: AlertFacts(
            WhileTrue.PERIOD_OPEN, Asked.DELEGATE, "delegated", own_count=True, merged=False
        ),
        AlertKind.CHASE: AlertFacts(
            WhileTrue.REPORT_AWAITED, Asked.UNIT, "due_soon", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.WARNING: AlertFacts(
            WhileTrue.REPORT_AWAITED, Asked.UNIT, "due_soon", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.STALE: AlertFacts(
            WhileTrue.REPORT_AWAITED, Asked.UNIT, "stale", own_count=False, merged=True, event=EventKind.REMINDER
        ),
        AlertKind.NOTICE: AlertFacts(
            WhileTrue.REPORT_AWAITED, Asked.UNIT, "notice", own_count=False, merged=True, event=EventKind.OPEN
        ),
        AlertKind.OPERATOR: AlertFacts(WhileTrue.ALWAYS, Asked.OPERATOR, "operator", own_count=True, merged=False),
        AlertKind.SUMMARY: AlertFacts(WhileTrue.ALWAYS, Asked.NOBODY, "summary", own_count=True, merged=False),
        AlertKind.SIGN_IN: AlertFacts(WhileTrue.ALWAYS, Asked.READER, "sign_in", own_count=True, merged=False),
    }
)
"""Every kind, in the order of weight in which a subject counts them."""

OVERDUE = "overdue"
"""The count of what is late, whatever kind of alert says so."""
COUNTS = (OVERDUE, *dict.fromkeys(facts.count for facts in ALERT_FACTS.values()))
"""The counts of a subject in the order of weight."""
