"""In which part of the board a matter stands: by what has to happen with it. The one place that says so."""

from datetime import date, timedelta

from plan.types import TimeState

SOON = timedelta(days=14)
"""What is due later is not on the board: offices meet fortnightly."""
SECTIONS = ("late", "review", "escalated", "decide", "closure", "near", "others")
"""In the order of the board."""
IF_ANY = frozenset({"closure", "others"})
"""Shown only where there is something in them."""
_OF_KIND = {
    "review": "review",
    **dict.fromkeys(("escalation", "interview", "circular"), "escalated"),
    "extension": "decide",
    **dict.fromkeys(
        ("self-check", "acceptance", "announcement", "publicity", "objection", "sign-off", "filing", "lookback"),
        "closure",
    ),
}


def section_of(kind: str, state: TimeState, due_on: date | None, today: date) -> str | None:
    """The part of the board in which a matter stands.

    Args:
        kind: key of the kind that asks, such as ``report``.
        state: what the clock says of it.
        due_on: until when it is to be answered, like ``today`` a day in the office's zone; None where there is none.
        today: the day asked for.

    Returns:
        One of ``SECTIONS``; None for a report that is due later than soon.
    """
    if kind != "report":
        return _OF_KIND.get(kind, "others")
    if state is TimeState.OVERDUE:
        return "late"
    return "near" if due_on is not None and due_on <= today + SOON else None
