"""What a leader reads in a minute: the open matters by what has to happen with them, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.board import Lateness
from db.matters import Matter
from plan.types import PeriodState, TimeState
from rules.sections import SECTIONS, section_of
from text.catalogue import phrase, term
from text.clean import line

OVERDUE, NEAR = term(TimeState.OVERDUE), term(TimeState.DUE_SOON)
_WORST_FIRST = {f"{OVERDUE}·红": 0, f"{OVERDUE}·橙": 1, f"{OVERDUE}·黄": 2}
_TAGS = {
    "late": OVERDUE,
    "review": term(PeriodState.SUBMITTED),
    "escalated": "待批示",
    "decide": "待批复",
    "near": NEAR,
}


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
        Every section, also an empty one; those of ``IF_ANY`` only where there is something in them.
    """
    of_section: dict[str | None, list[Matter]] = {name: [] for name in SECTIONS}
    for one in found:
        if one.kind:
            state = TimeState.OVERDUE if OVERDUE in one.tags else TimeState.NOT_APPLICABLE
            of_section.setdefault(section_of(one.kind, state, one.due_on, today), []).append(one)
    of_section["late"].sort(key=_by_weight)
    return [
        BoardSection(name, _TAGS.get(name, ""), of_section[name])
        for name in SECTIONS
        if name in _TAGS or of_section[name]
    ]


def _by_weight(matter: Matter) -> tuple[Any, ...]:
    return (_WORST_FIRST.get(matter.waiting_name, 3), matter.due_on, matter.id)


def reason_text(said: Lateness) -> str:
    """Why a report is late, in a few words.

    Args:
        said: what the ledger was told.
    """
    if said.asked is not None:
        return phrase("web.late.asked", day=said.asked)
    for key in ("returned", "refused", "difficulty"):
        if why := getattr(said, key):
            return phrase(f"web.late.{key}", why=line(why, 60))
    return phrase("web.late.silent")
