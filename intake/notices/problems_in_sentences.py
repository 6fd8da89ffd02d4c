"""Problems that no heading names, only a sentence: 针对…问题，制定…, 反馈问题第7项关于“…”整改任务落实情况公示."""

import re
from collections.abc import Sequence

from intake.draft import Unplaced
from intake.normalise import half_width
from intake.notices.named_problem import NamedProblem
from intake.notices.notice_grammar import LabelRole, NoticeGrammar
from intake.notices.outline import NoticeOutline, OutlineNode
from intake.notices.tokens import Token


def problems_in_sentences(
    outline: NoticeOutline, unplaced: Sequence[Unplaced], grammar: NoticeGrammar
) -> tuple[list[NamedProblem], list[Unplaced]]:
    """The problems that the paragraphs of a notice without headings name.

    Returns:
        The problems in reading order, and what is still unplaced: all text but the paragraphs that are a problem whole.
    """
    found = [(one, match) for one in outline.root.paragraphs if (match := _named(one.text, grammar))]
    whole = {one.text for one, match in found if match.groupdict().get("work")}
    return [_problem(one, match) for one, match in found], [one for one in unplaced if one.text not in whole]


def _named(text: str, grammar: NoticeGrammar) -> re.Match[str] | None:
    matches = (pattern.search(half_width(text)) for pattern in grammar.problems.told)
    return next((match for match in matches if match), None)


def _problem(token: Token, match: re.Match[str]) -> NamedProblem:
    groups = match.groupdict()
    work = token.text[match.start("work") :] if groups.get("work") else ""
    return NamedProblem(
        title=token.text[slice(*match.span("title"))],
        line=token.line,
        number=int(groups["n"]) if groups.get("n") else None,
        work=[OutlineNode(token.line, role=LabelRole.PROGRESS, title=work)] if work else [],
        lines={token.line},
    )
