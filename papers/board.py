"""What a leader reads in a minute: the open matters by what has to happen with them, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from db.matters import Matter
from plan.types import PeriodState, TimeState
from text.catalogue import term

SOON = timedelta(days=14)
OVERDUE, NEAR = term(TimeState.OVERDUE), term(TimeState.DUE_SOON)
_WORST_FIRST = {f"{OVERDUE}·红": 0, f"{OVERDUE}·橙": 1, f"{OVERDUE}·黄": 2}
_OWN_SECTION = ("report", "review", "escalation", "extension")


@dataclass(frozen=True, slots=True)
class BoardSection:
    """One part of the board: ``name`` as the catalogue knows it, the tag that finds its runs, its matters in order."""

    name: str
    tag: str
    matters: list[Matter]


def board_sections(found: Iterable[Matter], today: date) -> list[BoardSection]:
    """The open matters in the order of the board: late, to review, escalated, to decide, due soon, whatever else.

    Args:
        found: matters; what asks nothing any more is left out.
        today: a day in the office's zone.

    Returns:
        Every section but the last, also an empty one; the last only where there is something in it.
    """
    asked = [matter for matter in found if matter.kind]
    reports = [matter for matter in asked if matter.kind == "report"]
    near = [one for one in reports if one.due_on and OVERDUE not in one.tags and one.due_on <= today + SOON]
    others = [one for one in asked if one.kind not in _OWN_SECTION]
    return [
        BoardSection("late", OVERDUE, sorted((one for one in reports if OVERDUE in one.tags), key=_by_weight)),
        BoardSection("review", term(PeriodState.SUBMITTED), [one for one in asked if one.kind == "review"]),
        BoardSection("escalated", "待批示", [one for one in asked if one.kind == "escalation"]),
        BoardSection("decide", "待批复", [one for one in asked if one.kind == "extension"]),
        BoardSection("near", NEAR, near),
        *([BoardSection("others", "", others)] if others else []),
    ]


def _by_weight(matter: Matter) -> tuple[Any, ...]:
    return (_WORST_FIRST.get(matter.waiting_name, 3), matter.due_on, matter.id)
