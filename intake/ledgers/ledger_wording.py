"""How the cells, rows and titles of ledgers are written, ``intake/grammar/ledger.yaml``: checked when loaded."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import field_validator, model_validator

from intake.grammar_files import GRAMMAR_FOLDER, LARGEST, GrammarEntry, PatternText, pattern_text
from plan.types import InspectionKind
from plan.yaml_reader import read_yaml


class CellWording(GrammarEntry):
    """What single cells say; ``date_rest`` is part of other patterns."""

    number: re.Pattern[str]
    counted: re.Pattern[str]
    quantity: re.Pattern[str]
    month: re.Pattern[str]
    date_rest: PatternText
    joined: re.Pattern[str]


class RowWording(GrammarEntry):
    """What rows are that hold no measure; ``word_ends`` is part of other patterns."""

    headed: re.Pattern[str]
    chapter: re.Pattern[str]
    word_ends: PatternText
    date: re.Pattern[str]


class LayoutWording(GrammarEntry):
    """Sheets that are laid out otherwise than as a table with one column for each thing."""

    ticks: str
    owner: re.Pattern[str]
    unit: re.Pattern[str]
    example: re.Pattern[str]
    explains: re.Pattern[str]


class LedgerTitleWording(GrammarEntry):
    """What stands above a table."""

    annex: re.Pattern[str]
    named: re.Pattern[str]
    unit: re.Pattern[str]
    about: re.Pattern[str]
    inspections: tuple[str, ...]
    body: re.Pattern[str]
    inspector: re.Pattern[str]
    date: re.Pattern[str]
    feedback: re.Pattern[str]
    kinds: dict[InspectionKind, re.Pattern[str]]


class PeopleWording(GrammarEntry):
    """Units and people in a cell; the patterns with their parts written out."""

    parts: dict[str, str]
    between: re.Pattern[str]
    called: re.Pattern[str]
    label: re.Pattern[str]
    duties: re.Pattern[str]
    leading: re.Pattern[str]
    assisting: re.Pattern[str]
    said_after: re.Pattern[str]
    in_brackets: re.Pattern[str]
    role: re.Pattern[str]

    @model_validator(mode="before")
    @classmethod
    def _with_parts_written_out(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(parts := given.get("parts"), dict):
            return given  # what is wrong with it is told by the fields
        return {name: _written_out(text, parts) if name != "parts" else text for name, text in given.items()}


class LedgerWording(GrammarEntry):
    """The whole file."""

    cells: CellWording
    items: tuple[str, ...]
    rows: RowWording
    layouts: LayoutWording
    titles: LedgerTitleWording
    people: PeopleWording

    @field_validator("items")
    @classmethod
    def _are_patterns(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        for item in items:
            pattern_text(re.sub(r"<\w+>", "1", item))
        return items


def _written_out(text: Any, parts: dict[str, Any]) -> Any:
    for name, words in parts.items():
        text = text.replace(f"<{name}>", words) if isinstance(text, str) and isinstance(words, str) else text
    return text


@cache
def load_ledger_wording(path: Path = GRAMMAR_FOLDER / "ledger.yaml") -> LedgerWording:
    """Read and check a wording file.

    Args:
        path: the file.

    Returns:
        The wording.

    Raises:
        FileProblems: with every entry that cannot be used.
    """
    return read_yaml(path, LARGEST).checked(LedgerWording)
