"""The roster as an office writes it: people with their channels, who holds which post, who stands in, who is away."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from plan.faults import Fault, fault_sentence, model_faults, quoted
from plan.model import Address, Channel, Day, Line
from plan.policy import Hours
from plan.types import TurnRhythm
from plan.yaml_reader import child, read_yaml

LARGEST = 8 * 1024 * 1024
"""Bytes a roster may have: some twenty thousand people."""
MOST_TURNS = 60
"""People who may take turns in one post."""


def _hours(written: str) -> str:
    opens, _, closes = written.partition("-")
    Hours.model_validate({"open": opens, "close": closes})
    return written


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PersonSpec(_Entry):
    """Somebody, by his name. What is left out stays as the ledger has it."""

    name: Line
    channels: dict[Channel, Address] = {}
    urgent: dict[Channel, Address] = {}
    hours: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$"), AfterValidator(_hours)] = ""


class HoldingSpec(_Entry):
    """Who holds a post, or stands in. Without a first day it is today."""

    post: Line
    name: Line
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    stand_in: bool = False


class AbsenceSpec(_Entry):
    """Who is away, from the first day to the last."""

    name: Line
    since: Day = Field(alias="from")
    until: Day
    reason: Line


class RotationSpec(_Entry):
    """A post that goes round: every week, or every working day, the next of these people; nobody ends that."""

    post: Line
    every: TurnRhythm = TurnRhythm.WEEK
    since: Day = Field(alias="from")
    people: list[Line] = Field(default=[], max_length=MOST_TURNS)


class TurnSpec(_Entry):
    """Who has one day of a post that goes round, instead of him whose turn it is."""

    post: Line
    day: Day
    name: Line


class RosterFile(_Entry):
    """A whole roster, or the part of it that is to change: whom it does not name stays as he is."""

    people: list[PersonSpec] = []
    holdings: list[HoldingSpec] = []
    absences: list[AbsenceSpec] = []
    rotations: list[RotationSpec] = []
    turns: list[TurnSpec] = []


def check_roster(data: Any, fold: Callable[[str], str]) -> tuple[RosterFile | None, list[Fault]]:
    """Check a whole roster, whatever it was read from.

    Args:
        data: the roster as plain text, lists and mappings.
        fold: how names are compared.

    Returns:
        The roster, or None when the models refuse it, and every fault; a roster with faults is not to be used.
    """
    faults = [*_twice(data, fold), *_reversed(data)]
    try:
        return RosterFile.model_validate(data), faults
    except ValidationError as error:
        return None, [*faults, *model_faults(error, RosterFile)]


def _entries(data: Any, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    found = child(data, section)
    for place, one in enumerate(found if isinstance(found, list) else ()):
        if isinstance(one, dict):
            yield place, one


def _twice(data: Any, fold: Callable[[str], str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, one in _entries(data, "people"):
        name = one.get("name")
        if isinstance(name, str) and fold(name) in seen:
            yield ("people", place, "name"), fault_sentence("person_twice", given=quoted(name))
        seen.add(fold(str(name)))
    for place, one in _entries(data, "rotations"):
        members = one.get("people")
        taking = set[str]()
        for turn, name in enumerate(members if isinstance(members, list) else ()):
            if isinstance(name, str) and fold(name) in taking:
                yield ("rotations", place, "people", turn), fault_sentence("person_twice", given=quoted(name))
            taking.add(fold(str(name)))


def _reversed(data: Any) -> Iterator[Fault]:
    for section in ("holdings", "absences"):
        for place, one in _entries(data, section):
            since, until = one.get("from"), one.get("until")
            # As ISO text days compare as they are; what is none is told by the models.
            if isinstance(since, str) and isinstance(until, str) and until < since:
                yield (section, place, "until"), fault_sentence("until_before_from", given=quoted(until), since=since)


def load_roster(path: Path, fold: Callable[[str], str]) -> tuple[RosterFile, Callable[[Iterable[Fault]], Exception]]:
    """Read and check a roster.

    Args:
        path: the YAML file.
        fold: how names are compared.

    Returns:
        The roster, and what makes an error of faults that are found in it later.

    Raises:
        FileProblems: with every problem found.
    """
    tree = read_yaml(path, LARGEST)
    if not isinstance(tree.data, dict):
        raise tree.refusal([((), "须为键值，以“people:”开头")])
    roster, faults = check_roster(tree.data, fold)
    if roster is None or faults or tree.faults:
        raise tree.refusal(faults)
    return roster, tree.refusal
