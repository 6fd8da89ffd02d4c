"""A published notice as a draft: findings, measures, the facts of the round, questions, and what found no place.

Promise: every line of the notice ends up in a title, a measure, a state, a fact or among what is told as unplaced
(tests/intake/notices/nothing_is_lost_test.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from intake.documents import DocumentLine
from intake.draft import Ask, DocumentDates, Draft, DraftFacts, DraftFinding, Unplaced
from intake.normalise import half_width
from intake.notices.asks import earlier_work, promised_elsewhere, promised_in_notes, who_leads
from intake.notices.named_problem import NamedProblem
from intake.notices.notice_facts import notice_facts
from intake.notices.notice_grammar import NoticeGrammar, load_notice_grammar
from intake.notices.notice_measures import MeasureReader
from intake.notices.outline import NoticeOutline, build_outline
from intake.notices.problems import outline_problems, says_of_itself
from intake.notices.problems_in_sentences import problems_in_sentences
from intake.notices.repair_pasted_lines import contents_of, with_line_ends
from intake.notices.tokens import Tokenizer
from plan.types import WorkState

_OPENING = 8
"""Lines in which a closure publicity calls itself one."""
_NO_DATES = DocumentDates()


def notice_draft(lines: Sequence[DocumentLine], source: str, dates: DocumentDates = _NO_DATES) -> Draft:
    """Read a notice.

    Args:
        lines: the notice as ``intake.documents.reader.read_lines`` gives it.
        source: the file's name, for messages.
        dates: days the reader knows better than the notice (dates of the office's zone); they stand in for its own.

    Returns:
        Findings and measures with what their wording says about time, the facts and numbers the notice states of
        itself, the questions a person must answer, and all text that is no part of a finding.
    """
    words = load_notice_grammar()
    lines = with_line_ends(lines)
    closure = any(words.closure.notice.search(half_width(line.text)) for line in lines[:_OPENING])
    tokenizer = Tokenizer(words, closure or _lists_records(words, lines))
    outline = build_outline(list(tokenizer.tokens(lines, contents_of(lines))), words)
    problems, unplaced = _problems(outline, words, _number(words, lines) if closure else None)
    known = notice_facts(outline, [one.text for one in unplaced if says_of_itself(one)], words)
    facts = _with(known.facts, dates)
    days = DocumentDates(facts.published_on, facts.feedback_on)
    reader = MeasureReader(words, days, _accepted(words, closure, lines))
    findings = tuple(_finding(reader, one, code) for one, code in zip(problems, _codes(problems), strict=True))
    return Draft(
        source=source,
        facts=facts,
        findings=findings,
        asks=(*known.asks, *_whole(facts, lines, findings), *reader.asks, *promised_elsewhere(unplaced, facts)),
        unplaced=(*(one for one in unplaced if one.text != facts.title), *reader.unplaced),
        counts=known.counts,
    )


def _problems(
    outline: NoticeOutline, words: NoticeGrammar, number: int | None
) -> tuple[list[NamedProblem], list[Unplaced]]:
    """The problems that headings name, else those that sentences name; ``number`` is that of the only one."""
    problems, unplaced = outline_problems(outline, words)
    if not problems:
        problems, unplaced = problems_in_sentences(outline, unplaced, words)
    if number and len(problems) == 1:
        problems[0].number = number
    return problems, unplaced


def _with(facts: DraftFacts, dates: DocumentDates) -> DraftFacts:
    published: date | None = dates.published_on or facts.published_on
    return replace(facts, published_on=published, feedback_on=dates.feedback_on or facts.feedback_on)


def _accepted(words: NoticeGrammar, closure: bool, lines: Sequence[DocumentLine]) -> WorkState | None:
    said = closure and any(words.closure.accepted.search(half_width(line.text)) for line in lines)
    return WorkState.ACCEPTED if said else None


def _lists_records(words: NoticeGrammar, lines: Sequence[DocumentLine]) -> bool:
    """Whether every task of a list is a record of its own, with measures under a label of theirs (整改任务：…,
    整改措施：…): then what is called a task is the problem."""
    said = [half_width(line.text) for line in lines]
    tasks, measures = (sum(bool(pattern.search(text)) for text in said) for pattern in words.records)
    return 0 < tasks <= measures


def _number(words: NoticeGrammar, lines: Sequence[DocumentLine]) -> int | None:
    """The number of the task that a closure publicity is about: 序号43, 第12项整改任务."""
    opening = [half_width(line.text) for line in lines[:_OPENING]]
    matches = (pattern.search(text) for text in opening for pattern in words.closure.number)
    return next((int(match[1]) for match in matches if match), None)


def _codes(problems: Sequence[NamedProblem]) -> list[str]:
    """The notice's own numbers where they run on through all of it in one form, else 01, 02 … in reading order."""
    own = [problem.number for problem in problems]
    runs = len({problem.form for problem in problems}) == 1 and all(
        before is not None and after is not None and before < after for before, after in pairwise(own)
    )
    numbers = own if runs and own[0] else range(1, len(problems) + 1)
    return [f"{number:02d}" for number in numbers]


def _finding(reader: MeasureReader, problem: NamedProblem, code: str) -> DraftFinding:
    measures = reader.measures(problem, code)
    return DraftFinding(code, problem.title, measures, "\n".join(goal.whole for goal in problem.goals))


def _whole(facts: DraftFacts, lines: Sequence[DocumentLine], findings: Sequence[DraftFinding]) -> list[Ask]:
    """What is asked of the notice as a whole, and of its problems that have no measure."""
    measures = [measure for finding in findings for measure in finding.measures]
    days = DocumentDates(facts.published_on, facts.feedback_on)
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
