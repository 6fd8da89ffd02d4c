"""One problem of a notice, and who and when as the labels of the tree say it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from intake.draft import Unplaced
from intake.notices.notice_grammar import ATTRIBUTE_ROLES, LabelRole
from intake.notices.outline import OutlineNode
from intake.states import StateReading


@dataclass(slots=True)
class NamedProblem:
    """A problem as it stands in the tree. ``work`` are the blocks that hold its measures, ``details`` who and when,
    ``goals`` what is to be reached, perhaps by a day, ``standing`` what the heading of its section says of it,
    ``lines`` the numbers of all lines it was read from, ``labels`` those that say who and when."""

    title: str
    line: int
    form: str | None = None
    number: int | None = None
    work: list[OutlineNode] = field(default_factory=list)
    details: dict[LabelRole, str] = field(default_factory=dict)
    goals: list[OutlineNode] = field(default_factory=list)
    standing: StateReading | None = None
    lines: set[int] = field(default_factory=set)
    labels: list[OutlineNode] = field(default_factory=list)


def attribute_labels(node: OutlineNode) -> list[OutlineNode]:
    """The labels that say who and when, of a node and of all below it."""
    return [one for one in node.walk() if one.role in ATTRIBUTE_ROLES]


def attributes_of(node: OutlineNode) -> dict[LabelRole, str]:
    """Who and when, from the labels of a node and of all below it."""
    return said_by(attribute_labels(node))


def said_by(labels: Iterable[OutlineNode]) -> dict[LabelRole, str]:
    """Who and when as these labels say it."""
    details: dict[LabelRole, str] = {}
    for one in labels:
        if one.role:
            details = merged_attributes(details, {one.role: own_words(one)})
    return details


def own_words(label: OutlineNode) -> str:
    """What a label that says who or when says: 各镇（街道、园区）, without the brackets around label and text."""
    return _own_brackets(label.whole)


def left_aside(pieces: Iterable[tuple[int, str]], why: str) -> list[Unplaced]:
    """Words that find no place, line by line.

    Args:
        pieces: the words as they are written, each with the number of its line.
        why: what they are, for people.
    """
    lines: dict[int, str] = {}
    for line, text in pieces:
        lines[line] = lines.get(line, "") + text
    return [Unplaced(f"第{line}行 {why}", text) for line, text in lines.items() if text]


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
