"""The vocabulary of ledgers, ``intake/grammar/columns.yaml``: checked when loaded, so that a person can extend it.

Every entry that cannot be used is refused with its line (``tests/intake/ledgers/column_vocabulary_test.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from intake.grammar_files import GRAMMAR_FOLDER, LARGEST, GrammarEntry, Spelling, SpeltWord, spelt_once, words_by_value
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import LONGEST_HEADER, normalised, without_brackets
from intake.states import StateVocabulary, load_states
from plan.yaml_reader import read_yaml

_SHORTEST_TAIL = 2
"""Characters a known spelling needs for a longer header that ends in it to be taken for it."""


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


class ColumnRule(GrammarEntry):
    """How context decides an ambiguous header; a rule without ``when`` and ``values`` always fits."""

    field: LedgerField
    when: LedgerField | None = None
    values: Literal["state"] | None = None
    certain: bool = False


class AmbiguousHeader(GrammarEntry):
    """Headers that may mean several things: the rules in order, and what a person is asked."""

    spellings: tuple[Spelling, ...]
    rules: tuple[ColumnRule, ...]
    ask: Spelling

    @field_validator("rules")
    @classmethod
    def _the_last_rule_always_fits(cls, rules: tuple[ColumnRule, ...]) -> tuple[ColumnRule, ...]:
        if not rules or rules[-1].when or rules[-1].values:
            raise ValueError("最后一条须无条件成立：不写 when 和 values")
        return rules


class _ColumnsFile(GrammarEntry):
    fields: dict[LedgerField, tuple[Spelling, ...]]
    ambiguous: tuple[AmbiguousHeader, ...] = ()
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

    meanings: dict[str, HeaderMeaning]
    titles: dict[LedgerField, str]
    dittos: frozenset[str]
    endings: dict[str, NonMeasureKind]
    states: StateVocabulary

    def sense(self, header: str) -> HeaderMeaning | None:
        """What a header means as it is spelt, or without its brackets; None where nobody knows it."""
        spelt = normalised(header)
        return self.meanings.get(spelt) or self.meanings.get(without_brackets(spelt))

    def near(self, header: str) -> HeaderMeaning | None:
        """What the first part of a longer header means (``整改措施及责任分工``), or its end (``市级牵头单位``)."""
        wording = load_ledger_wording().cells
        spelt = without_brackets(normalised(header))
        if len(spelt) > LONGEST_HEADER:
            return None
        tails = (spelt[start:] for start in range(1, len(spelt) - _SHORTEST_TAIL + 1))
        first, *parts = wording.joined.split(spelt)
        spellings = chain((first,), tails, parts)
        return next((self.meanings[one] for one in spellings if one in self.meanings), None)

    def title(self, field: LedgerField) -> str:
        """The usual spelling of a field, as people read it: ``整改措施``."""
        return self.titles.get(field, field)


@cache
def load_columns(
    path: Path = GRAMMAR_FOLDER / "columns.yaml", states: StateVocabulary | None = None
) -> ColumnVocabulary:
    """Read and check a vocabulary file.

    Args:
        path: the file.
        states: the vocabulary of states; the shipped one unless given.

    Returns:
        The vocabulary.

    Raises:
        FileProblems: with every entry that cannot be used, and every word that stands in two places.
    """
    tree = read_yaml(path, LARGEST)
    file = tree.checked(_ColumnsFile)
    return ColumnVocabulary(
        meanings=spelt_once(tree, _meanings(file)),
        titles={field: spellings[0] for field, spellings in file.fields.items() if spellings},
        dittos=frozenset(map(normalised, file.dittos)),
        endings=spelt_once(tree, words_by_value(("endings",), file.endings)),
        states=states or load_states(),
    )


def _meanings(file: _ColumnsFile) -> Iterator[SpeltWord[HeaderMeaning]]:
    for field, spellings in file.fields.items():
        for rank, word in enumerate(spellings):
            yield word, ("fields", field, rank), HeaderMeaning(field, rank)
    for number, one in enumerate(file.ambiguous):
        for rank, word in enumerate(one.spellings):
            yield word, ("ambiguous", number, "spellings", rank), HeaderMeaning(None, 100 + rank, one)
