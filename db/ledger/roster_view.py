"""The roster as operators look at it: every post with who holds it and who is asked, every person with his posts."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from db.ledger.context import LedgerContext
from db.ledger.turns import TurnLine, turns_ahead
from db.models import Absence, Holding, Person, Recipient
from rules.roster import Standing
from text.catalogue import phrase


@dataclass(frozen=True, slots=True)
class PostLine:
    """One post: how operators call it, who holds it (empty: nobody), who is asked today, and what to know of that."""

    post: str
    holder: str
    asked: str
    note: str
    gap: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person: how he is reached, what he holds or stands in for, when he is away, in words."""

    name: str
    channels: str
    posts: tuple[str, ...]
    away: str


@dataclass(frozen=True, slots=True)
class RosterView:
    """All posts in the order of the plans, all people in the order in which they came; who has which turn until the end
    of next week."""

    posts: tuple[PostLine, ...]
    people: tuple[PersonLine, ...]
    turns: tuple[TurnLine, ...]


def roster_view(ctx: LedgerContext) -> RosterView:
    """The roster on the day of ``ctx``, with what is known to come."""
    ctx.roster.read(ctx.session, ctx.today)
    posts = (
        ctx.session.execute(
            select(Recipient).where(Recipient.retired_at.is_(None)).order_by(Recipient.inspection_id, Recipient.id)
        )
        .scalars()
        .all()
    )
    called = {post.id: post.called for post in posts}
    stands = ctx.stands(called)
    holders: dict[int, list[str]] = defaultdict(list)
    coming: dict[int, list[str]] = defaultdict(list)
    of_person: dict[int, list[str]] = defaultdict(list)
    held = select(Holding, Person.name).join(Person, Person.id == Holding.person_id).order_by(Holding.id)
    for one, name in ctx.session.execute(held.where(Person.removed_at.is_(None))).tuples():
        if one.recipient_id not in called or (one.until_on is not None and one.until_on < ctx.today):
            continue
        if one.from_on > ctx.today:
            coming[one.recipient_id].append(phrase("roster.coming", name=name, day=one.from_on))
            continue
        if not one.stand_in:
            holders[one.recipient_id].append(name)
        as_ = "turn" if one.turn is not None else "stand_in"
        suffix = phrase(f"roster.as_{as_}") if one.stand_in else ""
        of_person[one.person_id].append(called[one.recipient_id] + suffix)
    lines = []
    for post in posts:
        found = stands[post.id]
        if found is None:
            why = phrase("roster.why.nobody")
        else:
            why = "" if found.why is Standing.HOLDER else phrase(f"roster.why.{found.why}")
        said = [why, *coming[post.id]]
        asked, gap = found.who.name if found else "", found is None or found.gap
        lines.append(PostLine(post.called, "、".join(holders[post.id]), asked, "；".join(filter(None, said)), gap))
    away: dict[int, list[str]] = defaultdict(list)
    absences = select(Absence).where(Absence.until_on >= ctx.today).order_by(Absence.from_on)
    for absence in ctx.session.execute(absences).scalars():
        away[absence.person_id].append(f"{absence.from_on}—{absence.until_on} {absence.reason}")
    people = ctx.session.execute(select(Person).where(Person.removed_at.is_(None)).order_by(Person.id)).scalars()
    return RosterView(
        tuple(lines),
        tuple(
            PersonLine(
                one.name, "、".join(name for name, _ in one.channels), tuple(of_person[one.id]), "；".join(away[one.id])
            )
            for one in people
        ),
        tuple(turns_ahead(ctx)),
    )
