"""The vocabulary of ledgers, ``intake/grammar/columns.yaml``: checked when loaded, so that a person can extend it.

Every entry that cannot be used is refused by its name (``tests/intake/ledgers/column_vocabulary_test.py``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from intake.ledgers.normalise import LONGEST_HEADER, normalised, without_brackets
from plan.types import DurationClass, WorkState
from text.refusals import Refusal

SHIPPED = Path(__file__).parents[1] / "grammar" / "columns.yaml"
_SHORTEST_TAIL = 2
"""Characters a known spelling needs for a longer header that ends in it to be taken for it."""
_AND = re.compile("[及和与、/]")

Vocabulary = TypeVar("Vocabulary", bound=StrEnum)
Value = TypeVar("Value")


class LedgerField(StrEnum):
    """What a column of a ledger can hold; the values are the words of ``columns.yaml``."""

    NUMBER = "number"
    PROBLEM = "problem"
    DETAIL = "detail"
    GOAL = "goal"
    MEASURE = "measure"
    LIMIT = "limit"
    DONE_ON = "done_on"
    LEADER = "leader"
    LEAD = "lead"
    ASSISTING = "assisting"
    HANDLER = "handler"
    PROGRESS = "progress"
    STATE = "state"
    DURATION = "duration"
    PERCENT = "percent"
    DIFFICULTY = "difficulty"
    NEXT = "next"
    RESULT = "result"
    EXTENSION = "extension"
    EVIDENCE = "evidence"
    PHONE = "phone"
    REMARK = "remark"
    CATEGORY = "category"
    PLACE = "place"
    OTHER = "other"


WORK_FIELDS = frozenset((LedgerField.PROBLEM, LedgerField.MEASURE))
"""What a ledger is about: a table without one of these is none."""


class NonMeasureKind(StrEnum):
    """What a row can be that is no measure: 合计, 填报人, 备注, 示例."""

    TOTAL = "total"
    SIGNATURE = "signature"
    NOTE = "note"
    EXAMPLE = "example"


Spelling = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_HEADER, pattern=r"\S")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnRule(_Part):
    """How context decides an ambiguous header; a rule without ``when`` and ``values`` always fits."""

    field: LedgerField
    when: LedgerField | None = None
    values: Literal["state"] | None = None
    certain: bool = False


class AmbiguousHeader(_Part):
    """Headers that may mean several things: the rules in order, and what a person is asked."""

    spellings: tuple[Spelling, ...]
    rules: tuple[ColumnRule, ...]
    ask: Spelling

    @field_validator("rules")
    @classmethod
    def _the_last_rule_always_fits(cls, rules: tuple[ColumnRule, ...]) -> tuple[ColumnRule, ...]:
        if not rules or rules[-1].when or rules[-1].values:
            raise ValueError("the last rule must have neither 'when' nor 'values'")
        return rules


class _Book(_Part):
    fields: dict[LedgerField, tuple[Spelling, ...]]
    ambiguous: tuple[AmbiguousHeader, ...] = ()
    states: dict[WorkState, tuple[Spelling, ...]]
    durations: dict[DurationClass, tuple[Spelling, ...]]
    implied: dict[WorkState, tuple[Spelling, ...]] = {}
    blanks: tuple[Spelling, ...] = ()
    dittos: tuple[Spelling, ...] = ()
    endings: dict[NonMeasureKind, tuple[Spelling, ...]]


@dataclass(frozen=True, slots=True)
class HeaderMeaning:
    """What a header means: a field, or an ambiguity. ``rank`` orders the spellings, the usual one first."""

    field: LedgerField | None
    rank: int
    ambiguity: AmbiguousHeader | None = None

    @property
    def possible(self) -> tuple[LedgerField, ...]:
        """Every field the header may stand for."""
        return (
            tuple(rule.field for rule in self.ambiguity.rules) if self.ambiguity else (self.field or LedgerField.OTHER,)
        )

    @property
    def names_work(self) -> bool:
        """Whether the header may stand for problems or measures."""
        return not WORK_FIELDS.isdisjoint(self.possible)


@dataclass(frozen=True, slots=True)
class ColumnVocabulary:
    """The checked vocabulary, ready to be looked up."""

    senses: dict[str, HeaderMeaning]
    titles: dict[LedgerField, str]
    states: dict[str, WorkState]
    durations: dict[str, DurationClass]
    blanks: frozenset[str]
    dittos: frozenset[str]
    endings: dict[str, NonMeasureKind]

    def sense(self, header: str) -> HeaderMeaning | None:
        """What a header means as it is spelt, or without its brackets; None where nobody knows it."""
        spelt = normalised(header)
        return self.senses.get(spelt) or self.senses.get(without_brackets(spelt))

    def near(self, header: str) -> HeaderMeaning | None:
        """What the first part of a longer header means (``整改措施及责任分工``), or its end (``市级牵头单位``)."""
        spelt = without_brackets(normalised(header))
        if len(spelt) > LONGEST_HEADER:
            return None
        tails = (spelt[start:] for start in range(1, len(spelt) - _SHORTEST_TAIL + 1))
        first, *parts = _AND.split(spelt)
        spellings = chain((first,), tails, parts)
        return next((self.senses[one] for one in spellings if one in self.senses), None)

    def title(self, field: LedgerField) -> str:
        """The usual spelling of a field, as people read it: ``整改措施``."""
        return self.titles.get(field, field)


@cache
def load_columns(path: Path = SHIPPED) -> ColumnVocabulary:
    """Read and check a vocabulary file. Raises ``Refusal`` naming the entry that cannot be used."""
    try:
        book = _Book.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506 (a SafeLoader)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]") or "columns"
        given = first["input"] if isinstance(first["input"], str | int | float) else ""
        raise Refusal("columns_bad", file=path.name, where=place, given=given, what=first["msg"]) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refusal("columns_bad", file=path.name, where="YAML", given="", what=error) from error
    return _columns(path.name, book)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice; YAML would silently keep the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [str(name.value) for name, _ in node.value]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"{twice!r} is written twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _columns(file: str, book: _Book) -> ColumnVocabulary:
    return ColumnVocabulary(
        senses=_unique(file, _senses(book)),
        titles={field: spellings[0] for field, spellings in book.fields.items() if spellings},
        states=_unique(file, chain(_words(book.states), _words(book.implied))),
        durations=_unique(file, _words(book.durations)),
        blanks=frozenset(map(normalised, book.blanks)) | {""},
        dittos=frozenset(map(normalised, book.dittos)),
        endings=_unique(file, _words(book.endings)),
    )


def _senses(book: _Book) -> Iterator[tuple[str, str, HeaderMeaning]]:
    for field, spellings in book.fields.items():
        yield from ((word, field, HeaderMeaning(field, rank)) for rank, word in enumerate(spellings))
    for one in book.ambiguous:
        yield from (
            (word, "ambiguous", HeaderMeaning(None, 100 + rank, one)) for rank, word in enumerate(one.spellings)
        )


def _words(groups: Mapping[Vocabulary, tuple[str, ...]]) -> Iterator[tuple[str, str, Vocabulary]]:
    return ((word, value, value) for value, words in groups.items() for word in words)


def _unique(file: str, entries: Iterable[tuple[str, str, Value]]) -> dict[str, Value]:
    """The entries by their key. Raises ``Refusal`` naming a word that stands in two places."""
    found: dict[str, Value] = {}
    places: dict[str, str] = {}
    for word, place, value in entries:
        if normalised(word) in found:
            raise Refusal("columns_twice", file=file, word=word, first=places[normalised(word)], second=place)
        found[normalised(word)], places[normalised(word)] = value, place
    return found
