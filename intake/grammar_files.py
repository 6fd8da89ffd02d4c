"""The grammars of ``intake/grammar``: files a person may extend, read and refused as every YAML file is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from intake.normalise import LONGEST_HEADER, normalised
from plan.faults import Fault, Loc
from plan.yaml_reader import YamlTree

GRAMMAR_FOLDER = Path(__file__).parent / "grammar"
LARGEST = 1 << 20
"""Bytes a grammar may have, ten times what the longest of them has."""

_Value = TypeVar("_Value")
Spelling = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_HEADER, pattern=r"\S")]
"""A word that is compared without regard to spaces and widths."""
SpeltWord = tuple[str, Loc, _Value]
"""A word, its place in the file, and what it means."""


class GrammarEntry(BaseModel):
    """A part of a grammar: it has the fields it names and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def pattern_text(written: str) -> str:
    """A part of a pattern, as a validator of a grammar's field.

    Args:
        written: as the file has it.

    Returns:
        The same text.

    Raises:
        ValueError: it is no regular expression by itself.
    """
    try:
        re.compile(written)
    except re.error:
        raise ValueError(f"“{written}”不是正则表达式") from None
    return written


PatternText = Annotated[str, AfterValidator(pattern_text)]
"""A part of a pattern, kept as text because other patterns are made of it."""


def words_by_value(place: Loc, groups: Mapping[_Value, tuple[str, ...]]) -> Iterator[SpeltWord[_Value]]:
    """Every word of a mapping from what it means to its spellings.

    Args:
        place: where the mapping stands in the file.
        groups: the mapping.

    Returns:
        The words in the order of the file.
    """
    for value, words in groups.items():
        yield from ((word, (*place, str(value), number), value) for number, word in enumerate(words))


def spelt_once(tree: YamlTree, words: Iterable[SpeltWord[_Value]]) -> dict[str, _Value]:
    """The words by their normalised spelling.

    Args:
        tree: the file they stand in.
        words: the words.

    Returns:
        What each spelling means.

    Raises:
        FileProblems: with every word that stands in two places, for it can have only one meaning.
    """
    meanings: dict[str, _Value] = {}
    places: dict[str, Loc] = {}
    faults: list[Fault] = []
    for word, place, value in words:
        spelling = normalised(word)
        if spelling in meanings:
            first = places[spelling]
            told = f"“{word}”已写在第{tree.line(first)}行（{tree.where(first[:-1])}）；一个词只能写在一处"
            faults.append((place, told))
        else:
            meanings[spelling], places[spelling] = value, place
    if faults:
        raise tree.refusal(faults)
    return meanings
