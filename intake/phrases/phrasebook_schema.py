"""The shape of the phrasebook: what ``intake/grammar/phrases.yaml`` and ``soft.yaml`` may hold, explained there."""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from intake.grammar_files import GrammarEntry, pattern_text
from plan.due import DueRule
from plan.types import Cadence, DurationClass, DutyKind

_SLOT = re.compile(r"\{\w+\}")
_LENGTH = re.compile(r"\d{1,2}(d|wd|m|h)")

UNIT_SLOTS = ("unit", "short", "whole", "plain", "paper", "period")
"""The slots whose words are units of time."""

EventAnchor = Literal["feedback", "receipt", "issue", "meeting", "event"]
SpanName = Literal["day", "week", "third", "month", "quarter", "half", "year", "festival"]
SlotWords = Annotated[
    dict[str, str], BeforeValidator(lambda given: dict.fromkeys(given, "") if isinstance(given, list) else given)
]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]


class HowOften(GrammarEntry):
    """A cadence of the tables; ``certain`` is False where it was written ``about monthly``."""

    cadence: Cadence
    certain: bool

    @classmethod
    def parse(cls, text: object) -> object:
        """Read ``monthly`` or ``about monthly``."""
        if not isinstance(text, str):
            return text
        return {"cadence": text.removeprefix("about "), "certain": not text.startswith("about ")}


CadenceTable = dict[str, dict[int, Annotated[HowOften, BeforeValidator(HowOften.parse)]]]


class Spoken(GrammarEntry):
    """What every entry has: a name, and how it is said. ``cell``: counts only where it is a whole cell of a ledger."""

    name: str
    say: Texts = Field(min_length=1)
    not_after: Texts = ()
    not_before: Texts = ()
    cell: bool = False


class _Due(Spoken):
    """Wording that may say on which day a period falls due, in the rules of ``plan/due.py``."""

    due: Texts = ()

    @field_validator("due", "previous", check_fields=False)
    @classmethod
    def _due_rules(cls, due: tuple[str, ...]) -> tuple[str, ...]:
        for rule in due:
            DueRule.parse(_SLOT.sub("1", rule.replace("{weekdayname}", "monday")))
        return due


class Recurring(_Due):
    """Wording that repeats; the unit and how many of it come from slots where they are not given here.

    ``choose``: it names two rhythms, and a person must say which.
    """

    unit: str | None = None
    every: int | None = None
    choose: bool = False
    certain: bool = True
    note: str = ""

    @model_validator(mode="after")
    def _each_wording_has_a_unit(self) -> Self:
        for say in self.say:
            if self.unit is None and not any(f"{{{slot}}}" in say for slot in UNIT_SLOTS):
                raise ValueError(f"“{say}”没有时间单位；请写 unit，或用槽 {'、'.join(UNIT_SLOTS)} 之一")
        return self


class Tail(_Due):
    """What follows a recurrence directly and says on which day it falls due.

    ``previous`` is the rule where the report is on the period before, which then falls due in the one after.
    """

    units: tuple[str, ...] = ()
    previous: Texts = ()
    every: str | None = None
    certain: bool = True
    note: str = ""


class Dated(Spoken):
    """Wording that names a stretch of the calendar; ``joined``: only right after another one (9月1日至30日)."""

    span: SpanName
    joined: bool = False


class FromEvent(Spoken):
    """A limit that runs from an event; ``anchored``: only where the event stands before it."""

    length: str | None = None
    anchored: bool = False


class Soft(Spoken):
    """Wording that names no date: what to ask, or nothing for a style word. ``dated``: it names a time all the same."""

    ask: str | None = None
    suggest: str = ""
    duration: DurationClass | None = None
    keep_up: bool = False
    done: bool = False
    dated: bool = False

    @model_validator(mode="after")
    def _a_question_has_an_answer(self) -> Self:
        if (self.ask is None) != (not self.suggest):
            raise ValueError("问题（ask）与建议（suggest）须同时写，或都不写")
        return self


class PastWords(GrammarEntry):
    """Words that make a date a fact of the past: directly before it, directly after it, later in its clause.

    ``since`` stands before too, but the beginning of a window (自8月1日起至10月31日) is none.
    """

    since: Texts
    before: Texts
    after: Texts
    later: Texts


class PhraseSigns(GrammarEntry):
    """What is looked at before and around the wordings; ``not_done`` is part of another pattern."""

    year: re.Pattern[str]
    wrap: re.Pattern[str]
    months: re.Pattern[str]
    done_on: re.Pattern[str]
    past_year: re.Pattern[str]
    not_done: str

    @field_validator("not_done")
    @classmethod
    def _is_a_pattern(cls, written: str) -> str:
        return pattern_text(written)


class Phrases(GrammarEntry):
    """``phrases.yaml``."""

    compounds: Texts
    numerals: str
    numbers: dict[str, str]
    signs: PhraseSigns
    regimes: Texts
    words: dict[str, SlotWords]
    macros: dict[str, str]
    cadences: CadenceTable
    cautions: dict[str, str]
    times: CadenceTable
    recurring: tuple[Recurring, ...]
    tails: tuple[Tail, ...]
    previous: Texts
    current: Texts
    hour: Texts
    count: Texts
    dates: tuple[Dated, ...]
    joins: Texts
    begins: Texts
    papers: Texts
    listed: Texts
    labels: Texts
    relative: tuple[FromEvent, ...]
    anchors: dict[str, EventAnchor]
    after_event: Texts
    past: PastWords
    future: Texts
    latest: Texts
    forecast: Texts
    link: Texts
    negations: Texts
    bounds: Texts
    told: Texts
    failings: tuple[Spoken, ...]
    replaced: Texts
    quantities: Tail
    verbs: dict[DutyKind, Texts]
    general: dict[DutyKind, Texts]

    @field_validator("numbers")
    @classmethod
    def _with_numerals(cls, numbers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        numerals = info.data.get("numerals", "")
        return {slot: pattern_text(text.replace("<numerals>", numerals)) for slot, text in numbers.items()}

    @field_validator("words")
    @classmethod
    def _lengths(cls, words: dict[str, SlotWords]) -> dict[str, SlotWords]:
        for name in ("length", "halflength"):
            for word, length in words.get(name, {}).items():
                if not _LENGTH.fullmatch(length):
                    raise ValueError(f"“{word}”的“{length}”不是时长；请写成 1wd、7d、12m 或 1h")
        return words

    @model_validator(mode="after")
    def _units_are_known(self) -> Self:
        named = {unit for name in UNIT_SLOTS for unit in self.words.get(name, {}).values()}
        named |= {unit for one in self.recurring if (unit := one.unit)} | {u for one in self.tails for u in one.units}
        if unknown := sorted(named - set(self.cadences)):
            raise ValueError(f"单位“{unknown[0]}”没有写频次（cadences）；现有：{'、'.join(self.cadences)}")
        return self


class SoftWords(GrammarEntry):
    """``soft.yaml``."""

    doing: Texts
    soft: tuple[Soft, ...]
