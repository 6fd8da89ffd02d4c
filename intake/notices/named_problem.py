"""One problem of a notice, and who and when as the labels of the tree say it."""

from dataclasses import dataclass, field

from intake.notices.notice_grammar import ATTRIBUTE_ROLES, LabelRole
from intake.notices.outline import OutlineNode
from intake.states import StateReading


@dataclass(slots=True)
class NamedProblem:
    """A problem as it stands in the tree. ``work`` are the blocks that hold its measures, ``details`` who and when,
    ``goals`` what is to be reached, perhaps by a day, ``standing`` what the heading of its section says of it."""

    title: str
    line: int
    form: str | None = None
    number: int | None = None
    work: list[OutlineNode] = field(default_factory=list)
    details: dict[LabelRole, str] = field(default_factory=dict)
    goals: list[OutlineNode] = field(default_factory=list)
    standing: StateReading | None = None


def attributes_of(node: OutlineNode) -> dict[LabelRole, str]:
    """Who and when, from the labels of a node and of all below it."""
    details: dict[LabelRole, str] = {}
    for one in node.walk():
        if one.role in ATTRIBUTE_ROLES and one.role:
            details = merged_attributes(details, {one.role: _own_brackets(one.whole)})
    return details


def _own_brackets(text: str) -> str:
    """The text without the brackets that stand around it and its label, but with its own: 各镇（街道、园区）."""
    if text.rstrip("；;，,。. ").endswith((")", "）")):
        text = text.rstrip("；;，,。. ")
    bare = text.strip("()（）")
    start = text.find(bare)
    unclosed = sum(map(bare.count, "(（")) - sum(map(bare.count, ")）"))
    return text[max(0, start - max(0, -unclosed)) : start + len(bare) + max(0, unclosed)]


def merged_attributes(details: dict[LabelRole, str], more: dict[LabelRole, str]) -> dict[LabelRole, str]:
    """Both, what is said of one role twice put together."""
    return details | {role: "；".join(filter(None, (details.get(role), text))) for role, text in more.items()}
