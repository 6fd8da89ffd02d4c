"""The phrasebook, read from its two files, checked and compiled once. A wrong entry is refused with line and name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from intake.chinese_numerals import numeral_value
from intake.phrases.pattern_language import NUMBER_SLOTS, PatternError, compile_wording, literal_prefix
from intake.phrases.phrasebook_schema import Phrases, SoftWords, Spoken, Tail
from text.refusals import Refusal

GRAMMAR_FOLDER = Path(__file__).parents[1] / "grammar"
_Model = TypeVar("_Model", bound=BaseModel)
_Loc = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class PhraseEntry:
    """One entry with the patterns of its wordings, and the plain characters each begins with."""

    spec: Spoken
    patterns: tuple[re.Pattern[str], ...]
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Phrasebook:
    """The whole phrasebook, ready to read with; equal only to itself."""

    phrases: Phrases
    soft: SoftWords
    entries: tuple[PhraseEntry, ...]
    tails: tuple[PhraseEntry, ...]
    hour: tuple[re.Pattern[str], ...]
    count: tuple[re.Pattern[str], ...]
    failings: tuple[PhraseEntry, ...]
    replaced: tuple[re.Pattern[str], ...]
    quantities: tuple[re.Pattern[str], ...]
    compounds: re.Pattern[str]

    def value(self, slot: str, written: str) -> str:
        """What a word in a slot stands for. Raises KeyError for a word that is not of that slot."""
        return self.phrases.words[slot.rstrip("0123456789")][written]

    def shown(self, slot: str, written: str) -> str:
        """A slot as a due rule writes it: a number in digits, a word as what it stands for."""
        plain = slot.rstrip("0123456789")
        return str(numeral_value(written)) if plain in NUMBER_SLOTS else self.value(plain, written)


@cache
def shipped_phrasebook() -> Phrasebook:
    """The phrasebook that comes with Duban. Raises Refusal ``phrasebook_wrong`` when somebody broke it."""
    return load_phrasebook(GRAMMAR_FOLDER / "phrases.yaml", GRAMMAR_FOLDER / "soft.yaml")


def load_phrasebook(phrases_path: Path, soft_path: Path) -> Phrasebook:
    """Read, check and compile a phrasebook.

    Raises Refusal ``phrasebook_wrong`` that names the file, the line and the entry.
    """
    phrases, soft = _checked(phrases_path, Phrases), _checked(soft_path, SoftWords)
    spoken = [
        (phrases_path, ("recurring",), phrases.recurring),
        (phrases_path, ("relative",), phrases.relative),
        (phrases_path, ("dates",), phrases.dates),
        (soft_path, ("soft",), soft.soft),
    ]
    entries = [entry for path, loc, specs in spoken for entry in _entries(path, loc, specs, phrases)]
    return Phrasebook(
        phrases,
        soft,
        tuple(entries),
        tuple(_entries(phrases_path, ("tails",), phrases.tails, phrases)),
        _compiled(phrases_path, ("hour",), Tail(name="hour", say=phrases.hour), phrases),
        _compiled(phrases_path, ("count",), Tail(name="count", say=phrases.count, not_after=("第",)), phrases),
        tuple(_entries(phrases_path, ("failings",), phrases.failings, phrases)),
        _compiled(phrases_path, ("replaced",), Tail(name="replaced", say=phrases.replaced), phrases),
        _compiled(phrases_path, ("quantities",), phrases.quantities, phrases),
        re.compile("|".join(rf"(?<!\d){re.escape(word)}" for word in phrases.compounds)),
    )


def _entries(path: Path, loc: _Loc, specs: Sequence[Spoken], phrases: Phrases) -> list[PhraseEntry]:
    return [
        PhraseEntry(spec, _compiled(path, (*loc, place), spec, phrases), tuple(map(literal_prefix, spec.say)))
        for place, spec in enumerate(specs)
    ]


def _compiled(path: Path, loc: _Loc, spec: Spoken, phrases: Phrases) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(compile_wording(spec.say, phrases.words, phrases.macros, spec.not_after, spec.not_before))
    except PatternError as error:
        raise _wrong(path, loc, str(error)) from None


def _checked(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refusal("phrasebook_wrong", file=path.name, line=line, name="YAML", why=error.problem) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _wrong(path, first["loc"], f"{first['msg']}: {str(first['input'])[:60]}") from None


def _wrong(path: Path, loc: _Loc, why: str) -> Refusal:
    line, names = _place(yaml.compose(path.read_text("utf-8")), loc)
    return Refusal("phrasebook_wrong", file=path.name, line=line, name=" ".join(names) or path.stem, why=why)


def _place(node: Any, loc: _Loc) -> tuple[int, list[str]]:
    """The line of ``loc`` in the tree, or of the nearest place around it, and the words that lead there."""
    names = []
    for part in loc:
        found = _child(node, part)
        if found is None:
            names.append(str(part))
            break
        node = found
        name = _child(node, "name")
        names.append(str(name.value if name is not None else part))
    return (node.start_mark.line + 1 if node else 1), names


def _child(node: Any, part: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if str(key.value) == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None
