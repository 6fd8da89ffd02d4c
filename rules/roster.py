"""Who stands for a post on a day: its holder, who stands in for him, else whoever is above. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from plan.model import FOLDER
from plan.policy import Hours

Ways = Sequence[Sequence[str]]
"""Pairs of channel and address, the preferred one first."""


class Standing(StrEnum):
    """Why somebody stands for a post."""

    HOLDER = "holder"
    TURN = "turn"
    """The post goes round, and it is his turn."""
    STAND_IN = "stand_in"
    ABOVE = "above"
    ABSENT = "absent"
    """It is his, he is away, and nobody is there in his place."""


class PostPerson(NamedTuple):
    """Somebody who holds a post on a day, or stands in (``stand_in``); ``absent``: he is away on that day.

    ``holding`` is the id of the row that says so, ``told_at`` the aware instant at which he was told of what was open;
    None while he was not. ``turn``: his place among those who take turns in the post on that day, from 1; 0 for others.
    """

    person: int
    name: str
    holding: int
    stand_in: bool = False
    absent: bool = False
    told_at: datetime | None = None
    turn: int = 0


class Stands(NamedTuple):
    """Who stands for a post on a day, and why; ``instead_of`` is the name of the holder who is away, empty for none.

    ``acting``: the names of all who may act for the post, first of him who is asked. ``passed_over``: how many of them,
    the next ones, had their turn before him and are away.
    """

    who: PostPerson
    why: Standing
    instead_of: str
    acting: tuple[str, ...]
    passed_over: int = 0

    @property
    def gap(self) -> bool:
        """Whether the post has nobody of its own there, which the operators are told."""
        return self.why in (Standing.ABOVE, Standing.ABSENT)

    @property
    def away(self) -> tuple[str, ...]:
        """The names of those in whose place he is asked; whose turn it is not today is none of them."""
        # Of those who take turns only he who was passed over.
        return self.acting[1 : self.passed_over + 1] if self.why is Standing.TURN else self.acting[1:]


def stands_for(post: int, people: Mapping[int, Sequence[PostPerson]], above: Iterable[int]) -> Stands | None:
    """Who stands for a post: who has his turn where it goes round, else the holder; if he is away, the first who stands
    in; if none is there, the first above.

    Args:
        post: the id of the post.
        people: who holds which post on the day, in the order in which they were named; a post that has nobody may miss.
        above: ids of the posts to which a vacancy goes up, the nearest first.

    Returns:
        None for a post that is vacant all the way up. Somebody who is away gets it only where nobody else is there.
    """
    own = people.get(post, ())
    # As nearly all are; a patrol asks for thousands.
    if len(own) == 1 and not (own[0].absent or own[0].stand_in):
        return Stands(own[0], Standing.HOLDER, "", (own[0].name,))
    turns = sorted((one for one in own if one.turn), key=lambda one: one.turn)
    passed_over = list(takewhile(lambda one: one.absent, turns))
    if len(passed_over) < len(turns):
        names = [one.name for one in passed_over]
        # Whoever takes turns is of the post on the other days as well, and so is who holds it.
        acting = _names([turns[len(passed_over)], *turns, *(one for one in own if not one.stand_in)])
        return Stands(turns[len(passed_over)], Standing.TURN, "、".join(names), acting, len(names))
    holders = [*turns, *(one for one in own if not one.stand_in)]
    away = "、".join(_names(one for one in holders if one.absent))
    ways = [
        (Standing.HOLDER, holders, ""),
        (Standing.STAND_IN, [one for one in own if one.stand_in and not one.turn], away),
        *((Standing.ABOVE, people.get(higher, ()), away) for higher in above),
    ]
    for why, those, instead_of in ways:
        for one in those:
            if not one.absent:
                # Who is away may act all the same: he may have taken his telephone along.
                return Stands(one, why, instead_of, _names([one, *holders]))
    for one in own:
        return Stands(one, Standing.ABSENT, "", _names([one, *holders]))
    return None


def _names(people: Iterable[PostPerson]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in people))


def same_person(known: Ways, given: Ways) -> list[list[str]] | None:
    """The channels of somebody whom two posts name alike, when both mean one person.

    Args:
        known: his channels, as one of them says.
        given: as the other says.

    Returns:
        Those of both, the known ones first; the folder only where there is no other. None when they give two addresses
        in one channel: then two people may bear the name, and neither must read the letters of the other.
    """
    # Who is reached by the folder alone has named no channel.
    real = [ways for ways in (known, given) if [list(pair) for pair in ways] != [[FOLDER, ""]]]
    both: dict[str, str] = {}
    for name, address in (pair for ways in real for pair in ways):
        if both.setdefault(name, address) != address:
            return None
    return [[name, address] for name, address in both.items()] or [[FOLDER, ""]]


def wished_hours(written: str) -> Hours:
    """The hours in which somebody wants letters.

    Args:
        written: such as ``09:30-17:00``, in the office's zone.

    Raises:
        ValueError: it is none.
    """
    opens, _, closes = written.partition("-")
    return Hours(open=time.fromisoformat(opens), close=time.fromisoformat(closes))
