"""A published notice as a draft: findings, measures, the facts of the round, questions, and what found no place.

Promise: every line of the notice ends up in a title, a measure, a state, a fact or among what is told as unplaced
(tests/intake/notices/nothing_is_lost_test.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from intake.documents import Line
from intake.draft import Ask, Draft, DraftFinding, Facts, Page, Unplaced
from intake.notices.asks import earlier_work, promised_elsewhere, promised_in_notes, who_leads
from intake.notices.facts import facts_of
from intake.notices.grammar import Grammar, folded, grammar
from intake.notices.measures import MeasureReader
from intake.notices.pasted import contents_of, with_line_ends
from intake.notices.problem import Problem
from intake.notices.problems import problems_of, says_of_itself
from intake.notices.tokens import Cutter
from intake.notices.told import told_problems
from intake.notices.tree import Tree, grow
from plan.types import WorkState

_OPENING = 8
"""Lines in which a closure publicity calls itself one."""
_NO_DAYS = Page()


def draft_of(lines: Sequence[Line], source: str, page: Page = _NO_DAYS) -> Draft:
    """Read a notice.

    Args:
        lines: the notice as ``intake.documents.reader.read_lines`` gives it.
        source: the file's name, for messages.
        page: days the reader knows better than the notice (dates of the office's zone); they stand in for its own.
    Returns:
        Findings and measures with what their wording says about time, the facts and numbers the notice states of
        itself, the questions a person must answer, and all text that is no part of a finding.
    """
    words = grammar()
    lines = with_line_ends(lines)
    closure = any(words.closure.notice.search(folded(line.text)) for line in lines[:_OPENING])
    tree = grow(list(Cutter(words, closure).tokens(lines, contents_of(lines))), words)
    problems, unplaced = _problems(tree, words, _number(words, lines) if closure else None)
    known = facts_of(tree, [one.text for one in unplaced if says_of_itself(one)], words)
    facts = _with(known.facts, page)
    days = Page(facts.published_on, facts.feedback_on)
    reader = MeasureReader(words, days, _accepted(words, closure, lines))
    findings = tuple(_finding(reader, one, code) for one, code in zip(problems, _codes(problems), strict=True))
    return Draft(
        source=source,
        facts=facts,
        findings=findings,
        asks=(*known.asks, *_whole(facts, lines, findings), *reader.asks, *promised_elsewhere(unplaced, days)),
        unplaced=(*(one for one in unplaced if one.text != facts.title), *reader.unplaced),
        counts=known.counts,
    )


def _problems(tree: Tree, words: Grammar, number: int | None) -> tuple[list[Problem], list[Unplaced]]:
    """The problems that headings name, else those that sentences name; ``number`` is that of the only one."""
    problems, unplaced = problems_of(tree, words)
    if not problems:
        problems, unplaced = told_problems(tree, unplaced, words)
    if number and len(problems) == 1:
        problems[0].number = number
    return problems, unplaced


def _with(facts: Facts, page: Page) -> Facts:
    published: date | None = page.published_on or facts.published_on
    return replace(facts, published_on=published, feedback_on=page.feedback_on or facts.feedback_on)


def _accepted(words: Grammar, closure: bool, lines: Sequence[Line]) -> WorkState | None:
    said = closure and any(words.closure.accepted.search(folded(line.text)) for line in lines)
    return WorkState.ACCEPTED if said else None


def _number(words: Grammar, lines: Sequence[Line]) -> int | None:
    """The number of the task that a closure publicity is about: 序号43, 第12项整改任务."""
    opening = [folded(line.text) for line in lines[:_OPENING]]
    matches = (pattern.search(text) for text in opening for pattern in words.closure.number)
    return next((int(match[1]) for match in matches if match), None)


def _codes(problems: Sequence[Problem]) -> list[str]:
    """The notice's own numbers where they run on through all of it in one form, else 01, 02 … in reading order."""
    own = [problem.number for problem in problems]
    runs = len({problem.form for problem in problems}) == 1 and all(
        before is not None and after is not None and before < after for before, after in pairwise(own)
    )
    numbers = own if runs and own[0] else range(1, len(problems) + 1)
    return [f"{number:02d}" for number in numbers]


def _finding(reader: MeasureReader, problem: Problem, code: str) -> DraftFinding:
    measures = reader.measures(problem, code)
    return DraftFinding(code, problem.title, measures)


def _whole(facts: Facts, lines: Sequence[Line], findings: Sequence[DraftFinding]) -> list[Ask]:
    """What is asked of the notice as a whole, and of its problems that have no measure."""
    measures = [measure for finding in findings for measure in finding.measures]
    days = Page(facts.published_on, facts.feedback_on)
    return [
        *earlier_work(facts, lines),
        *who_leads(measures),
        *_empty(findings),
        *(ask for finding in findings for ask in promised_in_notes(finding, days)),
    ]


def _empty(findings: Sequence[DraftFinding]) -> list[Ask]:
    """What is asked of a problem whose measures the notice does not print."""
    ask = "通报没有写这个问题的整改措施，措施是什么，由谁负责，何时完成？"
    return [
        Ask(finding.title[:30], ask, "先以问题本身作为一项措施", finding.code)
        for finding in findings
        if not finding.measures
    ]
