"""The layout grammar of notices, ``intake/grammar/notice.yaml``: checked when loaded, so that a person can extend it.

Every entry that cannot be used is refused by its name (``tests/intake/notices/notice_grammar_test.py``).
"""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from plan.types import DurationClass, InspectionKind, WorkState
from text.refusals import Refusal

SHIPPED = Path(__file__).parents[1] / "grammar" / "notice.yaml"

Patterns = tuple[re.Pattern[str], ...]
_SIGNS = "。.;,、: "
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}


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


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberForm(_Entry):
    """One form of numbering. ``after``: signs behind which it also counts in mid-line; ``item``: never a heading;
    ``section``: begins a part of the notice; ``holds``: any numbering that begins at one stands below it."""

    name: str
    mark: re.Pattern[str]
    after: str = ""
    item: bool = False
    section: bool = False
    holds: bool = False


class LabelWords(_Entry):
    """The words of one role."""

    role: LabelRole
    words: tuple[str, ...]
    group: bool = False
    elsewhere: LabelRole | None = None


class ProblemWording(_Entry):
    """How headings that name a problem are worded, and sentences that do where there is no heading."""

    told: Patterns

    heading: Patterns
    total: Patterns
    strong: Patterns
    group: Patterns
    weak: Patterns


class ClosureWording(_Entry):
    """How a closure publicity is recognised, what it says of the acceptance, and which number it is about."""

    notice: re.Pattern[str]
    accepted: re.Pattern[str]
    number: Patterns


class StateWording(_Entry):
    """What one wording says about where the work stands."""

    wording: re.Pattern[str]
    state: WorkState
    duration: DurationClass | None = None


class DoneWording(_Entry):
    """What a sentence of a finished measure says, and what shows that it is not finished after all."""

    says: Patterns
    unless: Patterns


class FooterWording(_Entry):
    """Lines that are no part of the notice."""

    page: Patterns
    closing: Patterns
    signature: Patterns


class FactWords(_Entry):
    """Where the names of the round stand; the group ``x`` is kept."""

    organisation: Patterns
    inspector: Patterns


class NoticeGrammar(_Entry):
    """The whole file."""

    forms: tuple[NumberForm, ...]
    sections: dict[NoticeSection, Patterns]
    problems: ProblemWording
    labels: tuple[LabelWords, ...]
    closure: ClosureWording
    states: tuple[StateWording, ...]
    standings: tuple[StateWording, ...]
    state_prefix: re.Pattern[str]
    done: DoneWording
    media: re.Pattern[str]
    instances: re.Pattern[str]
    footers: FooterWording
    counts: dict[str, Patterns]
    facts: FactWords
    kinds: dict[InspectionKind, Patterns]

    @model_validator(mode="after")
    def _label_words_are_patterns(self) -> "NoticeGrammar":
        for word in (word for entry in self.labels for word in entry.words):
            try:
                re.compile(word)
            except re.error as error:
                raise ValueError(f"labels: {word!r}: {error}") from None
        return self

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

    def standing(self, title: str) -> StateWording | None:
        """Where the problems below a section's heading stand, if it says so."""
        return next((one for one in self.standings if one.wording.search(half_width(title))), None)

    def state(self, said: str) -> StateWording | None:
        """The state a sentence names, if it says nothing else."""
        bare = self.state_prefix.sub("", half_width(said).replace(" ", "").strip(_SIGNS), count=1)
        return next((state for state in self.states if state.wording.fullmatch(bare)), None)

    def names_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself."""
        return matches_any(self.problems.strong, title) and not matches_any(self.problems.heading, title)

    def may_name_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself, or ends like one."""
        return self.names_problem(title) or matches_any(self.problems.weak, title)

    def is_total(self, title: str) -> bool:
        """Whether a heading only counts problems: 已完成整改任务25项."""
        return matches_any(self.problems.total, title)

    def words_of(self, *roles: LabelRole) -> str:
        """The label words of some roles, or of all, as one alternative."""
        return "|".join(word for entry in self.labels if not roles or entry.role in roles for word in entry.words)


def half_width(text: str) -> str:
    """The text with half-width digits, letters and signs, each character in its place: what patterns are tried on."""
    return text.translate(_WIDE)


def matches_any(wording: Patterns, text: str) -> bool:
    """Whether any of the patterns occurs in ``text``."""
    line = half_width(text)
    return any(pattern.search(line) for pattern in wording)


@cache
def load_notice_grammar(path: Path = SHIPPED) -> NoticeGrammar:
    """Read and check a grammar file. Raises ``Refusal`` naming the entry that cannot be used."""
    try:
        written: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return NoticeGrammar.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Refusal("notice_grammar", file=path.name, where=place, what=first["msg"]) from error
    except yaml.YAMLError as error:
        raise Refusal("notice_grammar", file=path.name, where="YAML", what=error) from error
