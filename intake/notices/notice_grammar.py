"""The layout grammar of notices, ``intake/grammar/notice.yaml``: checked when loaded, so that a person can extend it.

Every entry that cannot be used is refused with its line (``tests/intake/notices/notice_grammar_test.py``).
"""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

from intake.grammar_files import GRAMMAR_FOLDER, LARGEST, GrammarEntry, PatternText
from intake.normalise import half_width
from plan.types import InspectionKind
from plan.yaml_reader import read_yaml

Patterns = tuple[re.Pattern[str], ...]


class LabelRole(StrEnum):
    """What the text behind a label word is; the values are the words of ``notice.yaml``."""

    PROBLEM = "problem"
    MEASURE = "measure"
    NEXT = "next"
    PROGRESS = "progress"
    RESULT = "result"
    STATE = "state"
    LIMIT = "limit"
    LEAD = "lead"
    ASSISTING = "assisting"
    LEADER = "leader"
    HANDLER = "handler"
    GOAL = "goal"
    CONTEXT = "context"


ATTRIBUTE_ROLES = frozenset(
    (LabelRole.STATE, LabelRole.LIMIT, LabelRole.LEAD, LabelRole.ASSISTING, LabelRole.LEADER, LabelRole.HANDLER)
)
"""Roles that say something about a measure or a finding."""
WORK_ROLES = frozenset((LabelRole.MEASURE, LabelRole.NEXT, LabelRole.PROGRESS, LabelRole.RESULT))
"""Roles whose text holds measures."""


class NoticeSection(StrEnum):
    """What a top-level heading opens."""

    NEXT = "next"
    ORGANISATION = "organisation"
    FINDINGS = "findings"
    CONTACT = "contact"


class NumberForm(GrammarEntry):
    """One form of numbering. ``after``: signs behind which it also counts in mid-line; ``item``: never a heading;
    ``section``: begins a part of the notice; ``holds``: any numbering that begins at one stands below it."""

    name: str
    mark: re.Pattern[str]
    after: str = ""
    item: bool = False
    section: bool = False
    holds: bool = False


class LabelWords(GrammarEntry):
    """The words of one role."""

    role: LabelRole
    words: tuple[PatternText, ...]
    group: bool = False
    elsewhere: LabelRole | None = None


class ProblemWording(GrammarEntry):
    """How headings that name a problem are worded, and sentences that do where there is no heading."""

    told: Patterns

    heading: Patterns
    total: Patterns
    strong: Patterns
    deeds: Patterns
    group: Patterns
    weak: Patterns


class ClosureWording(GrammarEntry):
    """How a closure publicity is recognised, what it says of the acceptance, and which number it is about."""

    notice: re.Pattern[str]
    accepted: re.Pattern[str]
    number: Patterns


class TaskWording(GrammarEntry):
    """How a list of tasks calls itself, the headings that hold none of them, and how other papers call themselves."""

    title: Patterns
    apart: Patterns
    other: Patterns


class FooterWording(GrammarEntry):
    """Lines that are no part of the notice."""

    page: Patterns
    closing: Patterns
    signature: Patterns


class FactWords(GrammarEntry):
    """Where the names of the round stand; the group ``x`` is kept. ``title``: its label in the head of a web page."""

    title: re.Pattern[str]
    organisation: Patterns
    inspector: Patterns


class TitleWording(GrammarEntry):
    """What the title of a paper looks like."""

    line: re.Pattern[str]
    itself: re.Pattern[str]
    body: re.Pattern[str]
    dated: re.Pattern[str]


class DateWording(GrammarEntry):
    """How notices write days, and which days they are; the groups ``y``, ``m`` and ``d`` are kept."""

    day: re.Pattern[str]
    year: re.Pattern[str]
    full: re.Pattern[str]
    published: re.Pattern[str]
    released: re.Pattern[str]
    feedback: re.Pattern[str]
    shown: str
    until: re.Pattern[str]
    damaged: re.Pattern[str]
    guessed: re.Pattern[str]
    dated: re.Pattern[str]
    inside: str


class EarlierWording(GrammarEntry):
    """What shows that work began before the feedback."""

    work: re.Pattern[str]
    inspected: re.Pattern[str]
    deeds: re.Pattern[str]


class PastedWording(GrammarEntry):
    """Notices that lost their line ends, and tables of contents."""

    sections: re.Pattern[str]
    breaks: re.Pattern[str]
    contents: re.Pattern[str]


class SentenceWording(GrammarEntry):
    """Sentences that name a problem or a measure."""

    clause: re.Pattern[str]
    taken_up: re.Pattern[str]
    named: re.Pattern[str]


class MarkWording(GrammarEntry):
    """Signs around the numbers of headings and labels."""

    star: re.Pattern[str]
    counted: str
    idle: re.Pattern[str]


class NoticeGrammar(GrammarEntry):
    """The whole file."""

    forms: tuple[NumberForm, ...]
    sections: dict[NoticeSection, Patterns]
    problems: ProblemWording
    labels: tuple[LabelWords, ...]
    closure: ClosureWording
    tasks: TaskWording
    captions: Patterns
    records: tuple[re.Pattern[str], re.Pattern[str]]
    media: re.Pattern[str]
    instances: re.Pattern[str]
    footers: FooterWording
    counts: dict[str, Patterns]
    facts: FactWords
    kinds: dict[InspectionKind, Patterns]
    titles: TitleWording
    dates: DateWording
    earlier: EarlierWording
    pasted: PastedWording
    sentences: SentenceWording
    marks: MarkWording

    def label(self, written: str, closure: bool) -> tuple[LabelRole, bool] | None:
        """The role of a label word, and whether problems stand below it; None for any other word."""
        for entry in self.labels:
            if any(re.fullmatch(word, written) for word in entry.words):
                return (entry.elsewhere if entry.elsewhere and not closure else entry.role), entry.group
        return None

    def section(self, title: str) -> NoticeSection | None:
        """What a top-level heading opens; None where its wording does not tell, or names a problem."""
        title = title.rstrip("。．.:：")
        if matches_any(self.problems.heading, title):
            return NoticeSection.FINDINGS
        if self.names_problem(title) or matches_any(self.problems.group, title):
            return None
        return next((kind for kind, wording in self.sections.items() if matches_any(wording, title)), None)

    def names_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself."""
        others = (*self.problems.heading, *self.problems.deeds)
        return matches_any(self.problems.strong, title) and not matches_any(others, title)

    def may_name_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself, or ends like one."""
        ends = matches_any(self.problems.weak, title) and not matches_any(self.problems.deeds, title)
        return ends or self.names_problem(title)

    def is_total(self, title: str) -> bool:
        """Whether a heading only counts problems: 已完成整改任务25项."""
        return matches_any(self.problems.total, title)

    def words_of(self, *roles: LabelRole) -> str:
        """The label words of some roles, or of all, as one alternative."""
        return "|".join(word for entry in self.labels if not roles or entry.role in roles for word in entry.words)


def matches_any(wording: Patterns, text: str) -> bool:
    """Whether any of the patterns occurs in ``text``."""
    line = half_width(text)
    return any(pattern.search(line) for pattern in wording)


@cache
def load_notice_grammar(path: Path = GRAMMAR_FOLDER / "notice.yaml") -> NoticeGrammar:
    """Read and check a grammar file.

    Args:
        path: the file.

    Returns:
        The grammar.

    Raises:
        FileProblems: with every entry that cannot be used.
    """
    return read_yaml(path, LARGEST).checked(NoticeGrammar)
