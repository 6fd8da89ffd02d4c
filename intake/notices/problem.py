"""One problem of a notice, and who and when as the labels of the tree say it."""

from dataclasses import dataclass, field

from intake.notices.grammar import ATTRIBUTES, Role, State
from intake.notices.tree import Node


@dataclass(slots=True)
class Problem:
    """A problem as it stands in the tree. ``work`` are the blocks that hold its measures, ``details`` who and when,
    ``goals`` what is to be reached, perhaps by a day, ``standing`` what the heading of its section says of it."""

    title: str
    line: int
    form: str | None = None
    number: int | None = None
    work: list[Node] = field(default_factory=list)
    details: dict[Role, str] = field(default_factory=dict)
    goals: list[Node] = field(default_factory=list)
    standing: State | None = None


def details_of(node: Node) -> dict[Role, str]:
    """Who and when, from the labels of a node and of all below it."""
    details: dict[Role, str] = {}
    for one in node.walk():
        if one.role in ATTRIBUTES and one.role:
            details = merged(details, {one.role: one.whole.strip("()（）")})
    return details


def merged(details: dict[Role, str], more: dict[Role, str]) -> dict[Role, str]:
    """Both, what is said of one role twice put together."""
    return details | {role: "；".join(filter(None, (details.get(role), text))) for role, text in more.items()}
