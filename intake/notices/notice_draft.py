"""A published notice as a draft: findings, measures, the facts of the round, questions, and what found no place.

Promise: every line of the notice ends up in a title, a measure, a state, a fact or among what is told as unplaced
(tests/intake/notices/nothing_is_lost_test.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import NamedTuple

from intake.documents import DocumentLine
from intake.draft import DocumentDates, Draft, DraftFinding, Unplaced
from intake.normalise import half_width
from intake.notices.asks import earlier_work, not_printed, promised_elsewhere, promised_in_notes
from intake.notices.named_problem import NamedProblem
from intake.notices.notice_facts import WHOLE_NOTICE, notice_facts
from intake.notices.notice_grammar import LabelRole, Patterns, load_notice_grammar, matches_any
from intake.notices.notice_measures import MeasureReader
from intake.notices.outline import NoticeOutline, OutlineBuilder
from intake.notices.problems import TaskItems, outline_problems, outline_tasks, says_of_itself
from intake.notices.problems_in_sentences import problems_in_sentences
from intake.notices.repair_pasted_lines import contents_of, with_line_ends
from intake.notices.tokens import Tokenizer
from intake.role_directory import WHO_LEADS
from plan.types import WorkState

_OPENING = 8
"""Lines in which a closure publicity or a list of tasks calls itself one."""
_LONGEST_TITLE = 60
_NO_DATES = DocumentDates()


class NoticeStructure(NamedTuple):
    """A notice taken apart: its lines, its tree, the problems, and the text that belongs to none of them.

    ``closure``: it publishes that its items were accepted. ``names_problems``: a heading or a label names one, and they
    are not just what stands where problems do.
    """

    lines: Sequence[DocumentLine]
    outline: NoticeOutline
    problems: list[NamedProblem]
    unplaced: list[Unplaced]
    closure: bool
    names_problems: bool


def notice_structure(lines: Sequence[DocumentLine], tasks: TaskItems | None = None) -> NoticeStructure:
    """Take a notice apart.

    Args:
        lines: as ``intake.documents.reader.read_lines`` gives them.
        tasks: which items are tasks where it is read as a list of them: then their headings take the place of problems.
    """
    words = load_notice_grammar()
    lines = with_line_ends(lines)
    said = [half_width(line.text) for line in lines]
    closure = any(words.closure.notice.search(text) for text in said[:_OPENING])
    # Where every task of a list is a record of its own, with measures under a label of theirs (整改任务：…,
    # 整改措施：…), what is called a task is the problem.
    records, measures = (sum(bool(pattern.search(text)) for text in said) for pattern in words.records)
    tokenizer = Tokenizer(words, closure or 0 < records <= measures)
    outline = OutlineBuilder(list(tokenizer.tokens(lines, contents_of(lines))), words).outline()
    if tasks:
        problems, unplaced = outline_tasks(outline, words, tasks)
    else:
        problems, unplaced = outline_problems(outline, words)
        if not problems:
            problems, unplaced = problems_in_sentences(outline, unplaced, words)
        # The number of the only task that a closure publicity is about: 序号43, 第12项整改任务.
        numbers = (pattern.search(text) for text in said[:_OPENING] for pattern in words.closure.number)
        number = next((int(match[1]) for match in numbers if match), None) if closure else None
        if number and len(problems) == 1:
            problems[0].number = number
    labelled = any(node.role is LabelRole.PROBLEM for node in outline.root.walk())
    # In a paper that calls itself a list of tasks 补齐民生短板 is one, and no problem.
    names = words.names_problem if calls_itself(words.tasks.title, lines) else words.may_name_problem
    named = labelled or any(names(problem.title) for problem in problems)
    return NoticeStructure(lines, outline, problems, unplaced, closure, named)


def calls_itself(wording: Patterns, lines: Sequence[DocumentLine]) -> bool:
    """Whether a line among the first that is short enough for a title, and not yet a numbered one, is worded so."""
    forms = load_notice_grammar().forms
    opening = takewhile(lambda one: not any(form.mark.match(half_width(one.text)) for form in forms), lines[:_OPENING])
    return any(matches_any(wording, one.text) for one in opening if len(one.text) <= _LONGEST_TITLE)


def notice_draft(
    lines: Sequence[DocumentLine],
    source: str,
    dates: DocumentDates = _NO_DATES,
    tasks: TaskItems | None = None,
) -> Draft:
    """Read a notice.

    Args:
        lines: the notice as ``intake.documents.reader.read_lines`` gives it.
        source: the file's name, for messages.
        dates: days the reader knows better than the notice (dates of the office's zone); they stand in for its own.
        tasks: as for ``notice_structure``.

    Returns:
        Findings and measures with what their wording says about time, the facts and numbers the notice states of
        itself, the questions a person must answer, and all text that is no part of a finding.
    """
    words = load_notice_grammar()
    read = notice_structure(lines, tasks)
    known = notice_facts(read.outline, [one.text for one in read.unplaced if says_of_itself(one)], words)
    facts = replace(
        known.facts,
        published_on=dates.published_on or known.facts.published_on,
        feedback_on=dates.feedback_on or known.facts.feedback_on,
    )
    days = DocumentDates(facts.published_on, facts.feedback_on)
    accepted = read.closure and any(words.closure.accepted.search(half_width(line.text)) for line in read.lines)
    reader = MeasureReader(words, days, WorkState.ACCEPTED if accepted else None)
    findings = list[DraftFinding]()
    for problem, code in zip(read.problems, _codes(read.problems), strict=True):
        measures = reader.measures(problem, code)
        taken = {place for one in measures for place in one.places}
        own = (f"第{line}行" for line in sorted(problem.lines))
        goal = "\n".join(goal.whole for goal in problem.goals)
        places = tuple(place for place in own if place not in taken)
        findings.append(DraftFinding(code, problem.title, measures, goal, places))
    # A sentence that only names a problem (反馈问题第7项关于“…”整改任务落实情况公示) is told without the problem.
    named = {f"第{problem.line}行": problem.title for problem in read.problems if problem.form is None}
    unplaced = [
        one
        if not (title := named.get(one.where.partition(" ")[0]))
        else replace(one, text=one.text.replace(title, "…"))
        for one in read.unplaced
        if one.text != facts.title
    ]
    # Public notices seldom print who leads: one question for the whole notice.
    led = all(measure.lead for finding in findings for measure in finding.measures)
    return Draft(
        source=source,
        facts=facts,
        findings=tuple(findings),
        asks=(
            *known.asks,
            *earlier_work(facts, read.lines),
            *([] if led else [replace(WHO_LEADS, where=WHOLE_NOTICE)]),
            *(not_printed(finding) for finding in findings if not finding.measures),
            *(ask for finding in findings for ask in promised_in_notes(finding, days)),
            *reader.asks,
            *promised_elsewhere(read.unplaced, facts),
        ),
        unplaced=(*unplaced, *dict.fromkeys(reader.unplaced)),
        counts=known.counts,
        frame=tuple(one.where.partition(" ")[0] for one in read.unplaced if one.text == facts.title),
    )


def _codes(problems: Sequence[NamedProblem]) -> list[str]:
    """The notice's own numbers where they run on through all of it in one form, else 01, 02 … in reading order."""
    own = [problem.number for problem in problems]
    runs = len({problem.form for problem in problems}) == 1 and all(
        before is not None and after is not None and before < after for before, after in pairwise(own)
    )
    numbers = own if runs and own[0] else range(1, len(problems) + 1)
    return [f"{number:02d}" for number in numbers]
