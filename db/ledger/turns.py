"""Posts that go round: who takes turns, who has a day instead of somebody else, who has which days ahead."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from db.ledger import audit
from db.ledger.appointments import person_called, post_called
from db.ledger.bulk import among
from db.ledger.context import LedgerContext
from db.ledger.roster import turns_of
from db.models import Absence, Holding, Person, Recipient, Rotation
from rules.rotation import Turns, days_of_turn, turn_order, whose_turn
from text.refusals import Refusal


@dataclass(frozen=True, slots=True)
class TurnLine:
    """Days in a row (in the office's zone) on which one person has his turn in a post; ``name`` is empty for nobody."""

    post: str
    first: date
    last: date
    name: str


def set_rotation(ctx: LedgerContext, post: Recipient, turns: Turns) -> None:
    """Have a post go round from now on, or no more where nobody takes turns; exceptions that were made stay.

    Args:
        ctx: the context of a command that says so in the trail.
        post: of a plan in force.
        turns: with the ids of people, each once.
    """
    there = ctx.session.execute(select(Rotation).where(Rotation.recipient_id == post.id)).scalar_one_or_none()
    if there is None:
        there = Rotation(recipient_id=post.id, exceptions={})
        ctx.session.add(there)
    there.rhythm, there.from_on = turns.rhythm, turns.first
    members = {one.person_id: one for one in _members(ctx, [post.id])}
    for person, held in members.items():
        if person not in turns.people:
            held.until_on = ctx.today - timedelta(days=1)
    for place, person in enumerate(turns.people):
        if person in members:
            members[person].turn = place
            continue
        held = Holding(recipient_id=post.id, person_id=person, from_on=max(turns.first, ctx.today), stand_in=True)
        held.turn, held.told_at = place, ctx.now
        ctx.session.add(held)
    ctx.session.flush()
    ctx.roster.forget()


def rotation_of(ctx: LedgerContext, post: Recipient) -> tuple[Rotation, Turns]:
    """How a post goes round.

    Args:
        ctx: the context.
        post: of a plan in force.

    Raises:
        Refusal: ``rotation_none``.
    """
    members = [(one.turn or 0, one.person_id) for one in _members(ctx, [post.id])]
    there = ctx.session.execute(select(Rotation).where(Rotation.recipient_id == post.id)).scalar_one_or_none()
    if there is None or not members:
        raise Refusal("rotation_none", post=post.called)
    return there, turns_of(there, members)


def take_turn(ctx: LedgerContext, given: str, name: str, day: date) -> None:
    """Have somebody who takes turns in a post have a day instead of him whose turn it is.

    Args:
        ctx: the context.
        given: the post, as ``post_called`` takes it.
        name: his name, however it is spelt.
        day: in the office's zone, not past.

    Raises:
        Refusal: ``turn_in_past``, ``turn_stranger``, ``rotation_none``, and those of ``post_called`` and
            ``person_called``.
    """
    audit.queue(ctx.session)
    post, person = post_called(ctx, given), person_called(ctx, name)
    except_on(ctx, post, person, day)
    audit.append(ctx, "take-turn", post.called, to=person.name, day=str(day))


def except_on(ctx: LedgerContext, post: Recipient, person: Person, day: date) -> None:
    """Write down who has a day of a post that goes round.

    Args:
        ctx: the context of a command that says so in the trail.
        post: of a plan in force.
        person: of the roster.
        day: in the office's zone, not past.

    Raises:
        Refusal: ``turn_in_past``, ``turn_stranger``, ``rotation_none``.
    """
    there, turns = rotation_of(ctx, post)
    _to_come(ctx, turns, day)
    if person.id not in turns.people:
        known = ctx.session.execute(select(Person.name).where(among(Person.id, turns.people))).scalars()
        raise Refusal("turn_stranger", name=person.name, post=post.called, known="、".join(known))
    there.exceptions = {**there.exceptions, day.isoformat(): person.id}
    ctx.session.flush()
    ctx.roster.forget()


def swap_turns(ctx: LedgerContext, given: str, day: date, other: date) -> tuple[str, str]:
    """Have the two turns in which two days lie change their people.

    Args:
        ctx: the context.
        given: the post, as ``post_called`` takes it.
        day: in the office's zone, not past.
        other: as ``day``, of another turn.

    Returns:
        The names of those who have the first and the second turn now.

    Raises:
        Refusal: ``turn_in_past``, ``turns_alike`` where one person has both, ``rotation_none``, and those of
            ``post_called``.
    """
    audit.queue(ctx.session)
    post, calendar = post_called(ctx, given), ctx.work_time.calendar
    there, turns = rotation_of(ctx, post)
    for one in (day, other):
        _to_come(ctx, turns, one)
    his, others = (turn_order(turns, one, calendar)[0] for one in (day, other))
    if his == others:
        raise Refusal("turns_alike", day=day, other=other)
    changed = {one: others for one in days_of_turn(turns, day, calendar)}
    changed |= {one: his for one in days_of_turn(turns, other, calendar)}
    there.exceptions = {**there.exceptions, **{one.isoformat(): person for one, person in changed.items()}}
    ctx.session.flush()
    ctx.roster.forget()
    names = {
        one.id: one.name for one in ctx.session.execute(select(Person).where(among(Person.id, [his, others]))).scalars()
    }
    audit.append(ctx, "swap-turns", post.called, days=[str(day), str(other)], names=[names[others], names[his]])
    return names[others], names[his]


def _to_come(ctx: LedgerContext, turns: Turns, day: date) -> None:
    if day < max(ctx.today, turns.first):
        raise Refusal("turn_in_past", day=day, first=max(ctx.today, turns.first))


def turns_ahead(ctx: LedgerContext) -> Sequence[TurnLine]:
    """Who has which turn from today to the end of next week, of every post that goes round; who is away is passed over.

    Args:
        ctx: the context.
    """
    last = ctx.today + timedelta(days=13 - ctx.today.weekday())
    of_post: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in _members(ctx, None):
        of_post[one.recipient_id].append((one.turn or 0, one.person_id))
    if not of_post:
        return ()
    people = {person for members in of_post.values() for _, person in members}
    names = dict(ctx.session.execute(select(Person.id, Person.name).where(among(Person.id, people))).tuples().all())
    away = ctx.session.execute(
        select(Absence).where(among(Absence.person_id, people), Absence.until_on >= ctx.today, Absence.from_on <= last)
    )
    absences = [(one.person_id, one.from_on, one.until_on) for one in away.scalars()]

    def is_away(person: int, day: date) -> bool:
        return any(one == person and begin <= day <= end for one, begin, end in absences)

    posts = (
        select(Recipient, Rotation)
        .join(Rotation, Rotation.recipient_id == Recipient.id)
        .where(Recipient.retired_at.is_(None), among(Recipient.id, of_post))
        .order_by(Recipient.inspection_id, Recipient.id)
    )
    found: list[TurnLine] = []
    for post, there in ctx.session.execute(posts).tuples():
        turns = turns_of(there, of_post[post.id])
        for number in range((last - ctx.today).days + 1):
            day = ctx.today + timedelta(days=number)
            asked = whose_turn(turns, day, ctx.work_time.calendar, is_away)
            name = names.get(asked or 0, "")
            if found and (found[-1].post, found[-1].name) == (post.called, name):
                found[-1] = TurnLine(post.called, found[-1].first, day, name)
            elif day >= turns.first:
                found.append(TurnLine(post.called, day, day, name))
    return found


def _members(ctx: LedgerContext, posts: Sequence[int] | None) -> Sequence[Holding]:
    """Those who take turns now or will, in the order of the turns; ``posts``: ids, None for all."""
    query = (
        select(Holding)
        .join(Person, Person.id == Holding.person_id)
        .where(
            Holding.turn.is_not(None),
            or_(Holding.until_on.is_(None), Holding.until_on >= ctx.today),
            Person.removed_at.is_(None),
        )
    )
    of_posts = query if posts is None else query.where(among(Holding.recipient_id, posts))
    return ctx.session.execute(of_posts.order_by(Holding.recipient_id, Holding.turn)).scalars().all()
