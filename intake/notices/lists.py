"""Lists of problems: several under one label with work under the same numbers, and those that are taken up again."""

from collections.abc import Sequence

from intake.notices.named_problem import NamedProblem
from intake.notices.outline import OutlineNode


def listed_once(problems: Sequence[NamedProblem]) -> list[NamedProblem]:
    """The problems without those that are only listed, to be taken up again with their work (针对“…”问题); what is
    said of these in the list goes to where they are taken up."""
    kept = []
    for problem in problems:
        again = next((one for one in problems if one.work and problem.title in one.title), None)
        if problem.work or problem.details or again is None:
            kept.append(problem)
        else:
            again.lines |= problem.lines
            again.goals += problem.goals
    return kept


def shared_out(problem: NamedProblem, named: OutlineNode | None) -> list[NamedProblem]:
    """A problem whose label lists several, each with its own work under the same number, is that many problems."""
    heads = named.heads if named else []
    if named is None or len(heads) < 2 or not all(_is_list(block, len(heads)) for block in problem.work):
        return [problem]
    return [
        NamedProblem(
            title=f"{named.text}{head.whole}",
            line=head.line,
            form=head.form.name if head.form else None,
            number=head.number,
            work=[_as_block(block, block.heads[place]) for block in problem.work],
            details=dict(problem.details),
            labels=problem.labels,
            goals=[_own(goal, place, len(heads)) for goal in problem.goals],
            standing=problem.standing,
            lines=problem.lines.difference(*(one.lines for one in heads)) | {*head.lines},
        )
        for place, head in enumerate(heads)
    ]


def _own(goal: OutlineNode, place: int, count: int) -> OutlineNode:
    """The goal of one of ``count`` problems: its own item of the list, or all of it."""
    return goal.heads[place] if _is_list(goal, count) else goal


def _is_list(block: OutlineNode, length: int) -> bool:
    return not block.text and len(block.heads) == len(block.children) == length


def _as_block(block: OutlineNode, head: OutlineNode) -> OutlineNode:
    return OutlineNode(
        head.line,
        role=block.role,
        word=block.word,
        title=head.title,
        paragraphs=head.paragraphs,
        children=head.children,
    )
