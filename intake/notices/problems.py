"""The tree read as problems: which headings name one, which blocks of work belong to it, and what is only context."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from intake.draft import DocumentDates, Unplaced
from intake.normalise import half_width
from intake.notices.lists import listed_once, shared_out
from intake.notices.named_problem import (
    NamedProblem,
    attribute_labels,
    attributes_of,
    left_aside,
    merged_attributes,
    said_by,
)
from intake.notices.notice_grammar import (
    ATTRIBUTE_ROLES,
    WORK_ROLES,
    LabelRole,
    NoticeGrammar,
    NoticeSection,
    matches_any,
)
from intake.notices.outline import NoticeOutline, OutlineNode
from intake.notices.sentences import split_problem, split_title
from intake.phrases import read_wording
from intake.states import StateReading, load_states
from intake.task_list import TASKS

_SAYS = {
    NoticeSection.NEXT: "下一步工作",
    NoticeSection.ORGANISATION: "整改工作组织",
    NoticeSection.FINDINGS: "小标题",
    NoticeSection.CONTACT: "联系方式",
    None: "正文",
}
OPENING = "开头"
AROUND_LEDGER = "表外文字"
"""What stands around the table of a ledger."""
PROMISING = frozenset(
    (
        OPENING,
        AROUND_LEDGER,
        _SAYS[NoticeSection.NEXT],
        _SAYS[NoticeSection.ORGANISATION],
        _SAYS[NoticeSection.FINDINGS],
        _SAYS[None],
    )
)
"""Why text is left aside that may still promise something."""
_AROUND = (OPENING, "落款和联系方式", "页面信息", "问题描述")


def says_of_itself(one: Unplaced) -> bool:
    """Whether text left aside may state the notice's own numbers, and is not what a label such as 整改目标 says."""
    why = one.where.partition(" ")[2]
    return why in PROMISING or why in _AROUND


def outline_problems(outline: NoticeOutline, grammar: NoticeGrammar) -> tuple[list[NamedProblem], list[Unplaced]]:
    """The problems of a notice.

    Returns:
        The problems in reading order, and every piece of text that belongs to none of them, with a word why.
    """
    placer = _Placer(grammar)
    placer.place(outline)
    label = re.compile(rf"【?(?:{grammar.words_of(LabelRole.PROBLEM)}){grammar.marks.counted}[】:]\s*")
    for problem in placer.problems:
        # On one line, without the label before it and the full stop behind it.
        line = " ".join(problem.title.split())
        said = label.match(half_width(line))
        problem.title = line[said.end() if said else 0 :].rstrip("。．.；;：:，, ")
    return listed_once(placer.problems), sorted(placer.unplaced, key=lambda one: int(one.where[1:].split("行")[0]))


class TaskItems(StrEnum):
    """Which items of a list are tasks: those that say who does them or when; besides these all that stand below no
    heading such as 总体要求; or all of them."""

    OWED = "owed"
    LISTED = "listed"
    ALL = "all"


def outline_tasks(
    outline: NoticeOutline, grammar: NoticeGrammar, which: TaskItems
) -> tuple[list[NamedProblem], list[Unplaced]]:
    """The tasks of a paper that assigns work, gathered under their headings.

    Args:
        outline: the paper's tree.
        grammar: the layout grammar.
        which: the items that are tasks.

    Returns:
        As ``outline_problems``: a heading takes the place of a problem, its items are the work.
    """
    tasks = {
        id(one)
        for head in outline.root.heads
        for one in head.walk()
        if not (one.role or one.heads)
        and (
            which is TaskItems.ALL
            or (which is TaskItems.LISTED and not matches_any(grammar.tasks.apart, head.title))
            or _is_owed(one)
        )
    }
    placer = _TaskPlacer(grammar, tasks)
    placer.place(outline)
    return placer.problems, sorted(placer.unplaced, key=lambda one: int(one.where[1:].split("行")[0]))


def _is_owed(item: OutlineNode) -> bool:
    """Whether an item says who does it, or when."""
    if any(label.role in ATTRIBUTE_ROLES for label in item.labels):
        return True
    said = read_wording(item.whole, DocumentDates())
    return bool(said.hints or said.dated)


class _Placer:
    """Walks the tree once; every node ends as a problem, as work of one, or unplaced."""

    def __init__(self, grammar: NoticeGrammar) -> None:
        self._grammar = grammar
        self._states = load_states()
        self.problems: list[NamedProblem] = []
        self.unplaced: list[Unplaced] = []
        self._standing: StateReading | None = None

    def place(self, outline: NoticeOutline) -> None:
        """Sort the whole notice."""
        self._leave_around(outline)
        self._records(outline.root, "")
        for head in outline.root.heads:
            self._section(head)

    def _leave_around(self, outline: NoticeOutline) -> None:
        self._leave_pieces(((one.line, one.text) for one in outline.page), "页面信息")
        self._leave_pieces(outline.closing.pieces, "落款和联系方式")
        self._leave_pieces(outline.root.pieces, OPENING)
        self._leave_pieces(((one.line, one.text) for one in outline.below_tables), _SAYS[None])

    def _section(self, node: OutlineNode) -> None:
        kind = self._grammar.section(node.title)
        has_work = any(one.role in WORK_ROLES for one in node.walk())
        if kind is NoticeSection.NEXT and self._lists_unfinished(node):
            self._field(node)
        elif node.is_item or (kind not in (None, NoticeSection.FINDINGS) and not has_work):
            self._leave(node, _SAYS[NoticeSection.ORGANISATION if node.is_item else kind])
        elif kind is None and not node.form:
            self._visit(node, listed=True)
        elif kind is None:
            self._visit(node, listed=False)
        else:
            self._field(node)

    def _lists_unfinished(self, node: OutlineNode) -> bool:
        """Whether a section tells, problem by problem, what is not done yet and what comes next."""
        heads = [split_title(head.title)[0] for head in node.heads]
        return bool(self._states.heading(node.title) and heads and all(map(self._grammar.names_problem, heads)))

    def _field(self, node: OutlineNode) -> None:
        """A section or a field of problems: its heading is none, what stands below it are problems."""
        named = bool(node.heads) and all(self._names_problem(head) for head in node.heads)
        items = bool(node.heads) and all(head.is_item for head in node.heads)
        if items and not (node.labels or named or _hold_work(node.heads)):
            self._problem(node)
            return
        around, self._standing = self._standing, self._states.heading(node.title) or self._standing
        titled = self._records(node, "")
        self._leave_pieces(node.pieces[1 if titled else 0 :], _SAYS[NoticeSection.FINDINGS])
        for head in node.heads:
            self._visit(head, listed=True)
        self._standing = around

    def _visit(self, node: OutlineNode, listed: bool) -> None:
        """A heading. ``listed``: it stands where problems stand, so that it is one even if worded otherwise."""
        if any(label.role in WORK_ROLES or label.role is LabelRole.PROBLEM for label in node.labels):
            self._labelled(node)
        elif self._is_field(node):
            self._field(node)
        elif self._grammar.is_total(split_title(node.title)[0]):
            self._leave(node, _SAYS[None])
        elif matches_any(self._grammar.problems.group, node.title) and not (node.paragraphs or node.children):
            self._leave(node, _SAYS[NoticeSection.FINDINGS])
        elif self._names_problem(node) or (listed and not node.is_item) or _assigns(node):
            self._problem(node)
        else:
            self._leave(node, _SAYS[None])

    def _is_field(self, node: OutlineNode) -> bool:
        below = [head for head in node.heads if not head.is_item]
        if any(one.role in WORK_ROLES for head in below for one in head.walk()):
            return True
        # A measure that only takes a problem up (…；针对灌溉“最后一公里”问题，争取资金) makes no problem of itself.
        inside = (one for head in below for one in head.walk() if not one.is_item or self._names_problem(head))
        if any(self._grammar.names_problem(split_title(one.title)[0]) for one in inside):
            return True
        if _hold_work(node.heads):
            return True
        # A heading inside another one is surely a problem where it names one, or has items and sounds like one.
        own = len(node.heads) > 1 and all(
            self._grammar.names_problem(split_title(head.title)[0])
            or (head.heads and not head.is_item and self._names_problem(head))
            for head in node.heads
        )
        if own and not (self._names_problem(node) and all(head.is_item for head in node.heads)):
            return True  # 针对甲问题，…；针对乙问题，… below a heading that names a problem are its measures
        return matches_any(self._grammar.problems.group, node.title) and any(
            self._names_problem(head) for head in below
        )

    def _is_field_of_labels(self, node: OutlineNode) -> bool:
        """Whether labels below a heading name the problems, and the heading only the field they belong to."""
        naming = [label.role is LabelRole.PROBLEM for label in node.labels]
        return naming[0] and (sum(naming) > 1 or matches_any(self._grammar.problems.group, node.title))

    def _names_problem(self, node: OutlineNode) -> bool:
        return self._grammar.may_name_problem(split_title(node.title)[0])

    def _labelled(self, node: OutlineNode) -> None:
        """A problem with labels: what stands between its heading and the first label only describes it; what stands
        behind labels that say who and when is of no label."""
        is_field = self._is_field_of_labels(node)
        for piece in node.pieces[1:]:
            self._leave_pieces([piece], "问题描述" if piece[0] <= node.labels[0].line else _SAYS[None])
        titled = self._records(node, "" if is_field else node.title)
        self._leave_pieces(node.pieces[:1] if is_field and not titled else (), _SAYS[NoticeSection.FINDINGS])
        for head in node.heads:
            if head.is_item:
                self._leave(head, "问题描述")
            else:
                self._visit(head, listed=True)

    def _problem(self, node: OutlineNode) -> None:
        """A problem without labels: what follows its first sentence is work."""
        title, rest = split_problem(node.title)
        work = OutlineNode(
            node.line, role=LabelRole.PROGRESS, title=rest, paragraphs=node.paragraphs, children=node.heads
        )
        problem = NamedProblem(title, node.line, node.form.name if node.form else None, node.number)
        problem.lines.add(node.line)
        self._sort_in(problem, [*([work] if work.whole else []), *node.labels])
        self.problems.append(problem)

    def _records(self, node: OutlineNode, title: str) -> bool:
        """The labels below one heading: each label of a problem begins another one.

        Returns:
            Whether the heading is the title of a problem, or part of it.
        """
        used = False
        for labels in _by_problem(node.labels):
            named = next((label for label in labels if label.role is LabelRole.PROBLEM), None)
            worked = any(label.role in WORK_ROLES for label in labels)
            if named and named.group and named.heads and not worked:
                self._field(named)
                self._leave_all(label for label in labels if label is not named)
            elif not named and not title and all(label.role not in WORK_ROLES - {LabelRole.NEXT} for label in labels):
                self._leave_all(labels)
            else:
                problem = NamedProblem(" ".join(filter(None, (title, _named(named)))) or node.title, labels[0].line)
                problem.form, problem.number = node.form.name if node.form else None, node.number
                within = [one for one in named.labels if one.role not in ATTRIBUTE_ROLES] if named else []
                apart = {id(one) for label in within for one in label.walk()}
                problem.labels = [one for one in attribute_labels(named) if id(one) not in apart] if named else []
                problem.details = said_by(problem.labels)
                problem.lines.update([node.line] if title or not _named(named) else (), named.lines if named else ())
                problem.lines.discard(0)
                if not (problem.title or any(label.whole for label in labels if label.role in WORK_ROLES)):
                    self._leave_all(labels)
                    continue
                self._sort_in(problem, [*within, *(label for label in labels if label is not named)])
                parts = shared_out(problem, named)
                used = used or (len(parts) == 1 and (bool(title) or problem.title == node.title))
                self.problems += parts
        self._leave_pieces(node.pieces[:1] if title and not used else (), _SAYS[NoticeSection.FINDINGS])
        return used

    def _leave_all(self, labels: Iterable[OutlineNode]) -> None:
        for label in labels:
            self._leave(label, _SAYS[NoticeSection.NEXT] if label.role is LabelRole.NEXT else label.word)

    def _sort_in(self, problem: NamedProblem, labels: Iterable[OutlineNode]) -> None:
        problem.standing = self._standing
        for label in labels:
            if label.role in WORK_ROLES and label.whole:
                problem.work.append(label)
            elif label.role in WORK_ROLES or label.role in ATTRIBUTE_ROLES:
                self._who_and_when(problem, label)
            elif label.role is LabelRole.GOAL and label.whole:
                problem.goals.append(label)
                self._who_and_when(problem, label)
            else:
                self._who_and_when(problem, label)
                self._leave_pieces(label.told, label.word)
                problem.lines.update(line for one in attribute_labels(label) for line in one.lines)
                continue
            problem.lines.update(label.lines)

    def _who_and_when(self, problem: NamedProblem, label: OutlineNode) -> None:
        problem.details = merged_attributes(problem.details, attributes_of(label))
        problem.labels += attribute_labels(label)

    def _leave(self, node: OutlineNode, why: str) -> None:
        """Keep a node and all below it aside, line by line."""
        self._leave_pieces((piece for one in node.walk() for piece in one.pieces), why)

    def _leave_pieces(self, pieces: Iterable[tuple[int, str]], why: str) -> None:
        self.unplaced += left_aside(pieces, why)


class _TaskPlacer(_Placer):
    """Walks the tree of a paper that assigns work: what stands below a heading is work, whatever it is called."""

    def __init__(self, grammar: NoticeGrammar, tasks: set[int]) -> None:
        super().__init__(grammar)
        self._tasks = tasks

    def place(self, outline: NoticeOutline) -> None:
        """Sort the whole paper; items above all headings are one list."""
        self._leave_around(outline)
        self._leave_all(outline.root.labels)
        self._list(OutlineNode(0, children=outline.root.heads), TASKS)

    def _list(self, node: OutlineNode, title: str) -> None:
        """The items right below a heading as its work; an item with items of its own is the next heading."""
        # An item of labels alone says what nobody is to do.
        items = [head for head in node.heads if not head.heads and id(head) in self._tasks and head.whole]
        if items or any(label.role in WORK_ROLES for label in node.labels):
            work = OutlineNode(node.line, role=LabelRole.MEASURE, children=[*items])
            problem = NamedProblem(title, node.line, node.form.name if node.form else None, node.number)
            problem.lines.update([node.line] if node.line else ())
            self._sort_in(problem, [work, *node.labels])
            self.problems.append(problem)
        else:
            self._leave_pieces([(node.line, node.mark + title)] if node.line else (), _SAYS[NoticeSection.FINDINGS])
            self._leave_all(node.labels)
        for head in node.heads:
            if head.heads:
                own, rest = split_title(head.title)
                self._leave_pieces([(head.line, rest), *head.pieces[1:]], _SAYS[None])
                self._list(head, own)
            elif head not in items:
                self._leave(head, _SAYS[self._grammar.section(head.title)])


def _assigns(node: OutlineNode) -> bool:
    """Whether the items below a heading say who does each: the tasks of a 分工方案, whatever the heading is called."""
    return any(label.role is LabelRole.LEAD for head in node.heads for label in head.labels)


def _hold_work(heads: Iterable[OutlineNode]) -> bool:
    """Whether any of some headings or items has a label of work of its own."""
    return any(label.role in WORK_ROLES for head in heads for label in head.labels)


def _named(label: OutlineNode | None) -> str:
    """The problem that a label names: of a list with a single number only its text, and no label below it."""
    heads = label.heads if label else []
    if label is None:
        return ""
    if len(heads) == 1:
        return f"{label.text}{heads[0].whole}"
    return label.text + "".join(f"{'' if one.inline else chr(10)}{one.mark}{one.whole}" for one in heads)


def _by_problem(labels: Iterable[OutlineNode]) -> Iterator[list[OutlineNode]]:
    """The labels in groups, each but perhaps the first with the label of a problem; who and when may stand before it,
    in the first."""
    group: list[OutlineNode] = []
    for label in labels:
        if label.role is LabelRole.PROBLEM and any(one.role not in ATTRIBUTE_ROLES for one in group):
            yield group
            group = []
        group.append(label)
    if group:
        yield group
