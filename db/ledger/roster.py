"""The roster as a command reads it: who stands for each post on its day; read once, however many alerts ask."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from db.ledger.bulk import among
from db.models import Absence, Holding, Inspection, Person, Recipient, Rotation
from plan.audiences import posts_above
from plan.model import kept_unit
from rules.calendar import WorkCalendar
from rules.roster import PostPerson, Standing, Stands, stands_for
from rules.rotation import Turns, turn_order
from text.catalogue import phrase

_IN_FORCE = (
    (Holding.from_on <= bindparam("day"))
    & (Holding.until_on.is_(None) | (Holding.until_on >= bindparam("day")))
    & Person.removed_at.is_(None)
)
_HELD = (
    select(Holding.recipient_id, Person.id, Person.name, Holding.id, Holding.stand_in, Holding.told_at, Holding.turn)
    .join(Person, Person.id == Holding.person_id)
    .where(_IN_FORCE)
    .order_by(Holding.recipient_id, Holding.id)
)
_OF_POSTS = _HELD.where(among(Holding.recipient_id, bindparam("posts")))
# Posts in force that nobody holds or stands in for: few, and found without reading who holds the others.
_UNHELD = select(Recipient.id).where(
    Recipient.retired_at.is_(None),
    ~select(Holding.id)
    .join(Person, Person.id == Holding.person_id)
    .where(Holding.recipient_id == Recipient.id, _IN_FORCE)
    .exists(),
)
_AWAY = select(Absence.person_id).where(Absence.from_on <= bindparam("day"), Absence.until_on >= bindparam("day"))


@dataclass(slots=True, eq=False)
class Roster:
    """Who holds which post on one day, as far as somebody asked; a command that changes it forgets it."""

    calendar: WorkCalendar | None = None
    """Of the office; needed only where a post goes round."""
    _people: dict[int, list[PostPerson]] = field(default_factory=dict)
    _stands: dict[int, Stands | None] = field(default_factory=dict)
    _away: frozenset[int] | None = None
    _above: Mapping[int, tuple[int, ...]] | None = None
    _whole: bool = False
    _unheld: frozenset[int] | None = None

    def forget(self) -> None:
        """Read anew what is asked next: somebody has changed it."""
        self._people, self._stands, self._away, self._above, self._whole = {}, {}, None, None, False
        self._unheld = None

    def read(self, session: Session, day: date, posts: Collection[int] | None = None) -> None:
        """Read who holds some posts, in one query for all that is not known yet.

        Args:
            session: an open transaction on the ledger.
            day: in the office's zone.
            posts: ids of posts; None for all.
        """
        if self._whole or (posts is not None and self._people.keys() >= set(posts)):
            return
        self._whole = posts is None
        if self._away is None:
            self._away = frozenset(session.execute(_AWAY, {"day": day}).scalars())
        missing = sorted(set(posts or ()) - self._people.keys())
        query, wanted = (_HELD, {"day": day}) if posts is None else (_OF_POSTS, {"day": day, "posts": missing})
        if posts is None:
            self._people.clear()
        for post in missing:
            self._people[post] = []
        going_round: dict[int, list[tuple[int, int]]] = {}
        for post, person, name, holding, stand_in, told_at, turn in session.execute(query, wanted).tuples():
            one = PostPerson(person, name, holding, stand_in, person in self._away, told_at)
            self._people.setdefault(post, []).append(one)
            if turn is not None:
                going_round.setdefault(post, []).append((turn, person))
        # Only now, so that an office without turns pays nothing for them.
        if going_round:
            self._take_turns(session, day, going_round)

    def _take_turns(self, session: Session, day: date, members: Mapping[int, list[tuple[int, int]]]) -> None:
        """Give those who take turns their places on the day; ``members``: by post, with their places in the order."""
        assert self.calendar is not None
        set_up = select(Rotation).where(among(Rotation.recipient_id, sorted(members)))
        for one in session.execute(set_up).scalars():
            order = turn_order(turns_of(one, members[one.recipient_id]), day, self.calendar)
            places = {person: place for place, person in enumerate(order, 1)}
            there = self._people[one.recipient_id]
            in_turn = {person for _, person in members[one.recipient_id]}
            there[:] = [
                held._replace(turn=places[held.person]) if held.stand_in and held.person in places else held
                for held in there
                # Before the first day nobody has a turn, and nobody stands in for that.
                if not held.stand_in or held.person in places or held.person not in in_turn
            ]

    def stands(self, session: Session, day: date, posts: Iterable[int]) -> Mapping[int, Stands | None]:
        """Who stands for posts on a day, by their ids; None for one that is vacant all the way up.

        Args:
            session: an open transaction on the ledger.
            day: in the office's zone.
            posts: ids of posts.
        """
        # Not as a difference of sets, which looks at all that is known each time.
        missing = {one for one in posts if one not in self._stands}
        if missing:
            self.read(session, day, missing)
            self._look_up(session, day, missing)
        return self._stands

    def unheld(self, session: Session, day: date) -> frozenset[int]:
        """The posts that are vacant all the way up on a day, by their ids.

        Args:
            session: an open transaction on the ledger.
            day: in the office's zone.
        """
        if self._unheld is None:
            vacant = session.execute(_UNHELD, {"day": day}).scalars().all()
            stands = self.stands(session, day, vacant)
            self._unheld = frozenset(post for post in vacant if stands[post] is None)
        return self._unheld

    def _look_up(self, session: Session, day: date, posts: Iterable[int]) -> None:
        higher: Mapping[int, tuple[int, ...]] = {}
        if vacant := [post for post in posts if all(one.absent for one in self._people.get(post, ()))]:
            if self._above is None:
                self._above = _posts_above(session)
            higher = {post: self._above.get(post, ()) for post in vacant}
            self.read(session, day, {one for posts_ in higher.values() for one in posts_})
        for post in posts:
            self._stands[post] = stands_for(post, self._people, higher.get(post, ()))

    def of_person(self, session: Session, day: date, name: str) -> set[int]:
        """The posts for which somebody may act on a day: those he holds, and those he stands for.

        Args:
            session: an open transaction on the ledger.
            day: in the office's zone.
            name: as the roster spells him.
        """
        self.read(session, day)
        in_force = session.execute(select(Recipient.id).where(Recipient.retired_at.is_(None))).scalars().all()
        stands = self.stands(session, day, in_force)
        return {post for post in in_force if (found := stands[post]) and name in found.acting}


def turns_of(rotation: Rotation, members: Iterable[tuple[int, int]]) -> Turns:
    """How a post goes round, as the rules take it.

    Args:
        rotation: of the post.
        members: places in the order, with the ids of the people who take turns.
    """
    exceptions = {date.fromisoformat(day): person for day, person in rotation.exceptions.items()}
    return Turns(rotation.rhythm, rotation.from_on, tuple(person for _, person in sorted(members)), exceptions)


def _posts_above(session: Session) -> Mapping[int, tuple[int, ...]]:
    """For each post those to which its vacancy goes up, by id; of the plans in force."""
    found: dict[int, tuple[int, ...]] = {}
    rows = session.execute(select(Recipient.inspection_id, Recipient.key, Recipient.id)).tuples()
    ids = {(inspection, key): post for inspection, key, post in rows}
    plans = select(Inspection.id, Inspection.plan["units"]).where(Inspection.plan.is_not(None))
    for inspection, units in session.execute(plans).tuples():
        kept = {key: kept_unit(values) for key, values in units.items()}
        for role, above in posts_above(kept).items():
            higher = [ids.get((inspection, one)) for one in above]
            found[ids.get((inspection, role), 0)] = tuple(post for post in higher if post is not None)
    return found


def gap_note(session: Session, post: int, found: Stands | None) -> tuple[str, str] | None:
    """What the operators are told of a post that has nobody of its own there, and the key of that word.

    Args:
        session: an open transaction on the ledger.
        post: id of the post.
        found: who stands for it; None where nobody does.

    Returns:
        The event's key, the same while the same people are away or gone, and the words; None where there is no such
        post.
    """
    one = session.get(Recipient, post)
    if one is None:
        return None
    held = session.execute(select(func.max(Holding.id)).where(Holding.recipient_id == post)).scalar_one()
    to = found.who.name if found else ""
    how = "absent" if found and found.why is Standing.ABSENT else "above" if found else "nobody"
    return f"vacant:{post}:{held or 0}:{how}", phrase(f"roster.{how}", post=one.called, name=one.name, to=to)
