"""The layout grammar of notices, ``intake/grammar/notice.yaml``: checked when loaded, so that a person can extend it.

Every entry that cannot be used is refused by its name (``tests/intake/notices/grammar_test.py``).
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

Wording = tuple[re.Pattern[str], ...]
_SIGNS = "。.;,、: "
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}


class Role(StrEnum):
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


ATTRIBUTES = frozenset((Role.STATE, Role.LIMIT, Role.LEAD, Role.ASSISTING, Role.LEADER, Role.HANDLER))
"""Roles that say something about a measure or a finding."""
WORK = frozenset((Role.MEASURE, Role.NEXT, Role.PROGRESS, Role.RESULT))
"""Roles whose text holds measures."""


class Section(StrEnum):
    """What a top-level heading opens."""

    NEXT = "next"
    ORGANISATION = "organisation"
    FINDINGS = "findings"
    CONTACT = "contact"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Form(_Entry):
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

    role: Role
    words: tuple[str, ...]
    group: bool = False
    elsewhere: Role | None = None


class Problems(_Entry):
    """How headings that name a problem are worded, and sentences that do where there is no heading."""

    told: Wording

    heading: Wording
    total: Wording
    strong: Wording
    group: Wording
    weak: Wording


class Closure(_Entry):
    """How a closure publicity is recognised, what it says of the acceptance, and which number it is about."""

    notice: re.Pattern[str]
    accepted: re.Pattern[str]
    number: Wording


class State(_Entry):
    """What one wording says about where the work stands."""

    wording: re.Pattern[str]
    state: WorkState
    duration: DurationClass | None = None


class Done(_Entry):
    """What a sentence of a finished measure says, and what shows that it is not finished after all."""

    says: Wording
    unless: Wording


class Footers(_Entry):
    """Lines that are no part of the notice."""

    page: Wording
    closing: Wording
    signature: Wording


class FactWords(_Entry):
    """Where the names of the round stand; the group ``x`` is kept."""

    organisation: Wording
    inspector: Wording


class Grammar(_Entry):
    """The whole file."""

    forms: tuple[Form, ...]
    sections: dict[Section, Wording]
    problems: Problems
    labels: tuple[LabelWords, ...]
    closure: Closure
    states: tuple[State, ...]
    standings: tuple[State, ...]
    state_prefix: re.Pattern[str]
    done: Done
    media: re.Pattern[str]
    instances: re.Pattern[str]
    footers: Footers
    counts: dict[str, Wording]
    facts: FactWords
    kinds: dict[InspectionKind, Wording]

    @model_validator(mode="after")
    def _label_words_are_patterns(self) -> "Grammar":
        for word in (word for entry in self.labels for word in entry.words):
            try:
                re.compile(word)
            except re.error as error:
                raise ValueError(f"labels: {word!r}: {error}") from None
        return self

    def label(self, written: str, closure: bool) -> tuple[Role, bool] | None:
        """The role of a label word, and whether problems stand below it; None for any other word."""
        for entry in self.labels:
            if any(re.fullmatch(word, written) for word in entry.words):
                return (entry.elsewhere if entry.elsewhere and not closure else entry.role), entry.group
        return None

    def section(self, title: str) -> Section | None:
        """What a top-level heading opens; None where its wording does not tell, or names a problem."""
        title = title.rstrip("。．.:：")
        if found(self.problems.heading, title):
            return Section.FINDINGS
        if self.names_problem(title) or found(self.problems.group, title):
            return None
        return next((kind for kind, wording in self.sections.items() if found(wording, title)), None)

    def standing(self, title: str) -> State | None:
        """Where the problems below a section's heading stand, if it says so."""
        return next((one for one in self.standings if one.wording.search(folded(title))), None)

    def state(self, said: str) -> State | None:
        """The state a sentence names, if it says nothing else."""
        bare = self.state_prefix.sub("", folded(said).replace(" ", "").strip(_SIGNS), count=1)
        return next((state for state in self.states if state.wording.fullmatch(bare)), None)

    def names_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself."""
        return found(self.problems.strong, title) and not found(self.problems.heading, title)

    def may_name_problem(self, title: str) -> bool:
        """Whether a heading names a problem by itself, or ends like one."""
        return self.names_problem(title) or found(self.problems.weak, title)

    def is_total(self, title: str) -> bool:
        """Whether a heading only counts problems: 已完成整改任务25项."""
        return found(self.problems.total, title)

    def words_of(self, *roles: Role) -> str:
        """The label words of some roles, or of all, as one alternative."""
        return "|".join(word for entry in self.labels if not roles or entry.role in roles for word in entry.words)


def folded(text: str) -> str:
    """The text with half-width digits, letters and signs, each character in its place: what patterns are tried on."""
    return text.translate(_WIDE)


def found(wording: Wording, text: str) -> bool:
    """Whether any of the patterns occurs in ``text``."""
    line = folded(text)
    return any(pattern.search(line) for pattern in wording)


@cache
def grammar(path: Path = SHIPPED) -> Grammar:
    """Read and check a grammar file. Raises ``Refusal`` naming the entry that cannot be used."""
    try:
        written: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Grammar.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Refusal("notice_grammar", file=path.name, where=place, what=first["msg"]) from error
    except yaml.YAMLError as error:
        raise Refusal("notice_grammar", file=path.name, where="YAML", what=error) from error
