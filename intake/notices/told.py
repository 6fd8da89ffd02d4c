"""Problems that no heading names, only a sentence: 针对…问题，制定…, 反馈问题第7项关于“…”整改任务落实情况公示."""

import re
from collections.abc import Sequence

from intake.draft import Unplaced
from intake.notices.grammar import Grammar, Role, folded
from intake.notices.problem import Problem
from intake.notices.tokens import Token
from intake.notices.tree import Node, Tree


def told_problems(tree: Tree, unplaced: Sequence[Unplaced], grammar: Grammar) -> tuple[list[Problem], list[Unplaced]]:
    """The problems that the paragraphs of a notice without headings name.

    Returns:
        The problems in reading order, and what is still unplaced: all text but the paragraphs that are a problem whole.
    """
    found = [(one, match) for one in tree.root.paragraphs if (match := _named(one.text, grammar))]
    whole = {one.text for one, match in found if match.groupdict().get("work")}
    return [_problem(one, match) for one, match in found], [one for one in unplaced if one.text not in whole]


def _named(text: str, grammar: Grammar) -> re.Match[str] | None:
    matches = (pattern.search(folded(text)) for pattern in grammar.problems.told)
    return next((match for match in matches if match), None)


def _problem(token: Token, match: re.Match[str]) -> Problem:
    groups = match.groupdict()
    work = token.text[match.start("work") :] if groups.get("work") else ""
    return Problem(
        title=token.text[slice(*match.span("title"))],
        line=token.line,
        number=int(groups["n"]) if groups.get("n") else None,
        work=[Node(token.line, role=Role.PROGRESS, title=work)] if work else [],
    )
