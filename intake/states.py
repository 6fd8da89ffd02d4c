"""Where the work stands, as ledgers and notices say it: ``intake/grammar/states.yaml``, one reading for each word.

A word of the file means the same in a cell, in a sentence, in brackets and behind a label
(``tests/intake/states_test.py``). Words such as 是 and 通过 count only where the state is asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from intake.grammar_files import GRAMMAR_FOLDER, LARGEST, GrammarEntry, Spelling, spelt_once, words_by_value
from intake.normalise import half_width, normalised
from plan.types import DurationClass, WorkState
from plan.yaml_reader import read_yaml

FINISHED = frozenset((WorkState.DONE_CLAIMED, WorkState.ACCEPTED, WorkState.CLOSED))
"""The unit says that nothing is left to be done; whether that is accepted is the office's question."""

_SIGNS = "。.;,、: "


@dataclass(frozen=True, slots=True)
class StateReading:
    """What a text says of the state. ``clash``: two things at once; ``more``: words that give neither state nor
    duration."""

    state: WorkState | None = None
    duration: DurationClass | None = None
    clash: bool = False
    more: bool = False

    @property
    def unknown(self) -> bool:
        """Whether the text says something, and nothing of it is known."""
        return self.more and self.state is None and self.duration is None


class StateWording(GrammarEntry):
    """What one wording says about where the work stands."""

    wording: re.Pattern[str]
    state: WorkState
    duration: DurationClass | None = None

    @property
    def reading(self) -> StateReading:
        """The wording as a reading."""
        return StateReading(self.state, self.duration)


class StateSigns(GrammarEntry):
    """How words of the state are put together."""

    breaks: re.Pattern[str]
    past_month: re.Pattern[str]
    share: re.Pattern[str]


class _StatesFile(GrammarEntry):
    words: dict[WorkState, tuple[Spelling, ...]]
    answers: dict[WorkState, tuple[Spelling, ...]]
    durations: dict[DurationClass, tuple[Spelling, ...]]
    implied: dict[WorkState, tuple[Spelling, ...]]
    before: re.Pattern[str]
    sentences: tuple[StateWording, ...]
    headings: tuple[StateWording, ...]
    told: tuple[StateWording, ...]
    deeds: tuple[re.Pattern[str], ...]
    deeds_go_on: tuple[re.Pattern[str], ...]
    still_to_come: tuple[re.Pattern[str], ...]
    nothing: tuple[Spelling, ...]
    undecided: tuple[Spelling, ...]
    signs: StateSigns


@dataclass(frozen=True, slots=True, eq=False)
class StateVocabulary:
    """The checked vocabulary, ready to read with.

    ``states`` and ``durations`` are the words by their normalised spelling, ``known`` all of them, ``answers`` those of
    the states that count only where the state is asked for. ``nothing`` are the cells that hold nothing, ``blanks``
    with those of which nothing is decided yet.
    """

    states: dict[str, WorkState]
    answers: frozenset[str]
    durations: dict[str, DurationClass]
    known: frozenset[str]
    nothing: frozenset[str]
    blanks: frozenset[str]
    _file: _StatesFile

    def cell(self, text: str) -> StateReading:
        """What a cell or a label that asks for the state says: ``已完成，长期坚持`` is both done and standing.

        Args:
            text: the whole cell.

        Returns:
            The reading; a wording that no word of the cell gives is looked up as that of a sentence.
        """
        whole, signs = normalised(text), self._file.signs
        said = signs.past_month.sub("", text) if "已" in text else text
        parts = (
            {whole} if whole in self.known else {normalised(part) for part in signs.breaks.split(said)} - self.blanks
        )
        read = self._combined(parts, more=said != text)
        if read.unknown and (wording := self._wording(self._bare(text))):
            return StateReading(wording.state, wording.duration, more=True)
        return read

    def sentence(self, text: str) -> StateReading | None:
        """The state that a sentence, a clause or brackets name.

        Args:
            text: the sentence; 该问题, 目前 and the like before the words do not matter.

        Returns:
            The reading; None where the sentence says anything else, or only how long the work lasts, unless that is
            for good.
        """
        bare = self._bare(text)
        whole, signs = normalised(bare), self._file.signs
        parts = {whole} if whole in self.known else {normalised(part) for part in signs.breaks.split(bare)} - {""}
        if parts and parts <= self.known and parts.isdisjoint(self.answers):
            read = self._combined(parts, more=False)
            lasts = read.state or read.duration is DurationClass.STANDING
            return read if lasts and not read.clash else None
        wording = self._wording(bare)
        return wording.reading if wording else None

    def heading(self, title: str) -> StateReading | None:
        """Where the problems below a section's heading stand, if it says so."""
        line = half_width(title)
        return next((one.reading for one in self._file.headings if one.wording.search(line)), None)

    def told(self, sentences: Iterable[str], whole: str) -> WorkState | None:
        """The state that the sentences of a measure tell by the way: 制度已于7月正式印发.

        Args:
            sentences: its sentences, half-width.
            whole: all its text, half-width.

        Returns:
            The state of the first wording that one of them has; None where the text speaks of work still to come.
        """
        if any(one.search(whole) for one in self._file.still_to_come):
            return None
        known = list(sentences)
        return next((one.state for one in self._file.told if any(map(one.wording.search, known))), None)

    def tells_of_a_deed(self, sentences: Iterable[str], whole: str) -> bool:
        """Whether a measure of a report tells of what was done, without saying that nothing is left: 召开专题会.

        Args:
            sentences: its sentences, half-width.
            whole: all its text, half-width.
        """
        if any(one.search(whole) for one in self._file.deeds_go_on):
            return False
        return any(one.search(sentence) for sentence in sentences for one in self._file.deeds)

    def _combined(self, parts: set[str], more: bool) -> StateReading:
        """What several words say together; a state named by itself counts before a share, and that before an implied
        one."""
        shares = {
            WorkState.DONE_CLAIMED if share[1] == "100" else WorkState.IN_PROGRESS
            for share in map(self._file.signs.share.fullmatch, parts)
            if share
        }
        named = {self.states[part] for part in parts if part in self.states and part not in self.durations}
        implied = {self.states[part] for part in parts if part in self.states and part in self.durations}
        states = named or shares or implied
        durations = {self.durations[part] for part in parts if part in self.durations}
        more = more or not parts <= self.known
        if len(states) > 1 or len(durations) > 1:
            return StateReading(clash=True, more=more)
        return StateReading(next(iter(states), None), next(iter(durations), None), more=more)

    def _wording(self, bare: str) -> StateWording | None:
        return next((one for one in self._file.sentences if one.wording.fullmatch(bare)), None)

    def _bare(self, text: str) -> str:
        return self._file.before.sub("", half_width(text).replace(" ", "").strip(_SIGNS), count=1)


@cache
def load_states(path: Path = GRAMMAR_FOLDER / "states.yaml") -> StateVocabulary:
    """Read and check the vocabulary of states.

    Args:
        path: the file.

    Returns:
        The vocabulary.

    Raises:
        FileProblems: with every entry that cannot be used, and every word that stands in two places.
    """
    tree = read_yaml(path, LARGEST)
    file = tree.checked(_StatesFile)
    answers = list(words_by_value(("answers",), file.answers))
    words = chain(words_by_value(("words",), file.words), answers, words_by_value(("implied",), file.implied))
    nothing = frozenset(map(normalised, file.nothing)) | {""}
    states = spelt_once(tree, words)
    durations = spelt_once(tree, words_by_value(("durations",), file.durations))
    return StateVocabulary(
        states=states,
        answers=frozenset(normalised(word) for word, _, _ in answers),
        durations=durations,
        known=frozenset(states.keys() | durations.keys()),
        nothing=nothing,
        blanks=nothing | frozenset(map(normalised, file.undecided)),
        _file=file,
    )
