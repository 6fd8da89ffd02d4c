"""The phrasebook, read from its two files, checked and compiled once. A wrong entry is refused with line and name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from intake.chinese_numerals import numeral_value
from intake.grammar_files import GRAMMAR_FOLDER, LARGEST
from intake.phrases.pattern_language import PatternError, compile_wording, literal_prefix
from intake.phrases.phrasebook_schema import Phrases, SoftWords, Spoken, Tail
from plan.faults import Fault, Loc
from plan.yaml_reader import FileProblems, YamlTree, read_yaml


@dataclass(frozen=True, slots=True)
class PhraseEntry:
    """One entry with the patterns of its wordings, and the plain characters each begins with."""

    spec: Spoken
    patterns: tuple[re.Pattern[str], ...]
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Phrasebook:
    """The whole phrasebook, ready to read with; equal only to itself. ``verbs`` are all its words for doing."""

    phrases: Phrases
    soft: SoftWords
    entries: tuple[PhraseEntry, ...]
    tails: tuple[PhraseEntry, ...]
    hour: tuple[re.Pattern[str], ...]
    count: tuple[re.Pattern[str], ...]
    failings: tuple[PhraseEntry, ...]
    replaced: tuple[re.Pattern[str], ...]
    labels: tuple[re.Pattern[str], ...]
    quantities: tuple[re.Pattern[str], ...]
    compounds: re.Pattern[str]
    verbs: frozenset[str]

    def value(self, slot: str, written: str) -> str:
        """What a word in a slot stands for. Raises KeyError for a word that is not of that slot."""
        return self.phrases.words[slot.rstrip("0123456789")][written]

    def shown(self, slot: str, written: str) -> str:
        """A slot as a due rule writes it: a number in digits, a word as what it stands for."""
        plain = slot.rstrip("0123456789")
        return str(numeral_value(written)) if plain in self.phrases.numbers else self.value(plain, written)


@cache
def shipped_phrasebook() -> Phrasebook:
    """The phrasebook that comes with Duban. Raises ``FileProblems`` when somebody broke it."""
    return load_phrasebook(GRAMMAR_FOLDER / "phrases.yaml", GRAMMAR_FOLDER / "soft.yaml")


def load_phrasebook(phrases_path: Path, soft_path: Path) -> Phrasebook:
    """Read, check and compile a phrasebook.

    Args:
        phrases_path: the wordings that give a cadence or a limit, and the words all wordings are made of.
        soft_path: the wordings that leave time open.

    Returns:
        The phrasebook.

    Raises:
        FileProblems: with every entry that cannot be used.
    """
    trees = read_yaml(phrases_path, LARGEST), read_yaml(soft_path, LARGEST)
    phrases, soft = trees[0].checked(Phrases), trees[1].checked(SoftWords)
    timed, open_ended = (_Compiler(tree, phrases) for tree in trees)
    book = Phrasebook(
        phrases=phrases,
        soft=soft,
        entries=(
            *timed.entries("recurring", phrases.recurring),
            *timed.entries("relative", phrases.relative),
            *timed.entries("dates", phrases.dates),
            *open_ended.entries("soft", soft.soft),
        ),
        tails=timed.entries("tails", phrases.tails),
        hour=timed.patterns(("hour",), Tail(name="hour", say=phrases.hour)),
        count=timed.patterns(("count",), Tail(name="count", say=phrases.count, not_after=("第",))),
        failings=timed.entries("failings", phrases.failings),
        replaced=timed.patterns(("replaced",), Tail(name="replaced", say=phrases.replaced)),
        labels=timed.patterns(("labels",), Tail(name="labels", say=phrases.labels)),
        quantities=timed.patterns(("quantities",), phrases.quantities),
        compounds=re.compile("|".join(rf"(?<!\d){re.escape(word)}" for word in phrases.compounds)),
        verbs=frozenset(chain(soft.doing, *phrases.verbs.values(), *phrases.general.values())),
    )
    if timed.faults or open_ended.faults:
        raise FileProblems(one for each in (timed, open_ended) for one in each.tree.refusal(each.faults).problems)
    return book


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles the wordings of one file, with the words of the phrasebook; ``faults`` are those that cannot be."""

    tree: YamlTree
    phrases: Phrases
    faults: list[Fault] = field(default_factory=list)

    def entries(self, group: str, specs: Sequence[Spoken]) -> tuple[PhraseEntry, ...]:
        return tuple(
            PhraseEntry(spec, self.patterns((group, place), spec), tuple(map(literal_prefix, spec.say)))
            for place, spec in enumerate(specs)
        )

    def patterns(self, loc: Loc, spec: Spoken) -> tuple[re.Pattern[str], ...]:
        words, numbers, macros = self.phrases.words, self.phrases.numbers, self.phrases.macros
        try:
            return tuple(compile_wording(spec.say, words, numbers, macros, spec.not_after, spec.not_before))
        except PatternError as error:
            self.faults.append((loc, str(error)))
            return ()
