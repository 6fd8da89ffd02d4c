"""What operators say of the roster: who takes a post over, and who is away while somebody stands in for him."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.handover import begin_holdings
from db.ledger.holdings import in_force, leave
from db.ledger.inspections import inspection
from db.ledger.known_names import checked_name, meant_text
from db.ledger.roster import Roster
from db.models import BETWEEN, Absence, Holding, Person, Recipient
from rules.actors import folded, nearest_names
from text.clean import line
from text.limits import LONGEST_LINE, LONGEST_NAME
from text.refusals import Refusal


def post_called(ctx: LedgerContext, given: str) -> Recipient:
    """The post that somebody names.

    Args:
        ctx: the context.
        given: the key of its role, where only one inspection has it, or ``KEY/role``.

    Raises:
        Refusal: ``post_unknown`` with the nearest, ``post_ambiguous`` with those that may be meant, and those of
            ``inspection``.
    """
    key, _, role = given.strip().rpartition(BETWEEN)
    query = select(Recipient).where(Recipient.retired_at.is_(None)).order_by(Recipient.inspection_id, Recipient.id)
    if key:
        query = query.where(Recipient.inspection_id == inspection(ctx.session, key).id)
    posts = ctx.session.execute(query).scalars().all()
    found = [one for one in posts if one.key == role]
    if not found:
        meant = "、".join(nearest_names(role, (one.key for one in posts)))
        raise Refusal("post_unknown", post=line(given, LONGEST_LINE), meant=meant and f"；相近的有：{meant}")
    if len(found) > 1:
        raise Refusal("post_ambiguous", post=role, known="、".join(one.called for one in found))
    return found[0]


def person_called(ctx: LedgerContext, given: str) -> Person:
    """The person of the roster whom somebody means.

    Args:
        ctx: the context.
        given: his name, however it is spelt.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``person_unlisted`` with the nearest names.
    """
    name = checked_name(given, LONGEST_NAME)
    present = {one.folded: one for one in ctx.session.execute(select(Person)).scalars() if one.removed_at is None}
    if found := present.get(folded(name)):
        return found
    raise Refusal("person_unlisted", name=name, meant=meant_text(name, (one.name for one in present.values())))


def hand_over_post(ctx: LedgerContext, given: str, to: str, from_on: date | None = None) -> Holding:
    """Give a post to somebody else: on his first day he hears of all that is open in it, and who held it of no more.

    Args:
        ctx: the context.
        given: the post, as ``post_called`` takes it.
        to: his name, however it is spelt; he is on the roster.
        from_on: his first day, in the office's zone, not past; None for today.

    Returns:
        What he holds now.

    Raises:
        Refusal: ``holding_in_past``, ``post_held`` by him already, and those of ``post_called`` and ``person_called``.
    """
    audit.queue(ctx.session)  # two who hand over at once come one after the other
    post, person, first = post_called(ctx, given), person_called(ctx, to), from_on or ctx.today
    if first < ctx.today:
        raise Refusal("holding_in_past", day=first, today=ctx.today)
    held = appoint(ctx, post, person, first)
    if held is None:
        raise Refusal("post_held", post=post.called, name=person.name)
    facts = {"post": post.called, "to": person.name, "from": str(first)}
    audit.append(ctx, "hand-over", post.called, **facts)
    begin_holdings(ctx)
    return held


def appoint(ctx: LedgerContext, post: Recipient, person: Person, first: date) -> Holding | None:
    """Have somebody hold a post from a day on; whoever held it on that day or would later does so no more.

    Args:
        ctx: the context.
        post: of the plan in force.
        person: of the roster.
        first: his first day, in the office's zone, not past.

    Returns:
        What he holds; None where he holds just that already.
    """
    of_post = select(Holding).where(Holding.recipient_id == post.id, Holding.stand_in.is_(False))
    there = ctx.session.execute(of_post.order_by(Holding.from_on)).scalars().all()
    present = [one for one in there if one.until_on is None or one.until_on >= first]
    if len(present) == 1 and present[0].person_id == person.id and present[0].until_on is None:
        return None
    for one in present:
        one.until_on = first - timedelta(days=1)
        if one.told_at is None:  # his day had not come, and will not
            one.told_at = ctx.now
    ctx.session.flush()
    made = Holding(recipient_id=post.id, person_id=person.id, from_on=first)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.roster.forget()
    return made


def note_absence(
    ctx: LedgerContext, given: str, first: date, last: date, reason: str, stand_in: str | None = None
) -> Sequence[str]:
    """Note that somebody is away; who stands in gets what is asked of him in the meantime, and may act for him.

    Args:
        ctx: the context.
        given: his name, however it is spelt.
        first: the first day, in the office's zone.
        last: the last day, not past.
        reason: why, on one line.
        stand_in: who stands in for him in all his posts on these days; None where the roster says so, or nobody does.

    Returns:
        The posts, as ``KEY/role``, for which nobody of their own is there on the first day that is still to come.

    Raises:
        Refusal: ``dates_reversed``, ``absence_in_past``, ``absence_twice``, ``stand_in_himself``, ``reason_empty``, and
            those of ``person_called``.
    """
    audit.queue(ctx.session)
    person, words = person_called(ctx, given), line(reason, LONGEST_LINE)
    if last < first:
        raise Refusal("dates_reversed", first=first, last=last)
    if last < ctx.today:
        raise Refusal("absence_in_past", last=last, today=ctx.today)
    if not words:
        raise Refusal("reason_empty")
    overlaps = select(Absence).where(Absence.person_id == person.id, Absence.from_on <= last, Absence.until_on >= first)
    if (known := ctx.session.execute(overlaps).scalars().first()) is not None:
        raise Refusal("absence_twice", name=person.name, first=known.from_on, last=known.until_on)
    ctx.session.add(Absence(person_id=person.id, from_on=first, until_on=last, reason=words))
    day = max(first, ctx.today)
    held = ctx.session.execute(
        select(Recipient, Holding)
        .join(Holding, Holding.recipient_id == Recipient.id)
        .where(Holding.person_id == person.id, Holding.stand_in.is_(False), in_force(day))
        .order_by(Recipient.id)
    ).tuples()
    posts = [post for post, _ in held]
    if stand_in is not None:
        other = person_called(ctx, stand_in)
        if other.id == person.id:
            raise Refusal("stand_in_himself", name=person.name)
        span = {"person_id": other.id, "from_on": day, "until_on": last, "stand_in": True, "told_at": ctx.now}
        ctx.session.add_all(Holding(recipient_id=post.id, **span) for post in posts)
    ctx.session.flush()
    ctx.roster.forget()
    facts = {"from": str(first), "until": str(last), "stand_in": stand_in and person_called(ctx, stand_in).name}
    audit.append(ctx, "absent", person.name, reason=words, **facts)
    begin_holdings(ctx)
    stands = Roster(ctx.work_time.calendar).stands(ctx.session, day, [post.id for post in posts])
    return [post.called for post in posts if (one := stands[post.id]) is None or one.gap]


def end_absence(ctx: LedgerContext, given: str, back: date | None = None) -> date:
    """Note that somebody is back earlier than was said, or does not go; who stands in for those days does so no more.

    Args:
        ctx: the context.
        given: his name, however it is spelt.
        back: the first day on which he is there again, in the office's zone; None for today.

    Returns:
        That day.

    Raises:
        Refusal: ``absence_none``, ``back_wrong`` for a day that is past or on which he is back anyhow, and those of
            ``person_called``.
    """
    audit.queue(ctx.session)
    person, day = person_called(ctx, given), back or ctx.today
    to_come = select(Absence).where(Absence.person_id == person.id, Absence.until_on >= ctx.today)
    away = ctx.session.execute(to_come.order_by(Absence.from_on)).scalars().first()
    if away is None:
        raise Refusal("absence_none", name=person.name)
    if not ctx.today <= day <= away.until_on:
        raise Refusal("back_wrong", name=person.name, first=away.from_on, last=away.until_on, today=ctx.today)
    posts = select(Holding.recipient_id).where(Holding.person_id == person.id, Holding.stand_in.is_(False))
    standing_in = select(Holding).where(
        Holding.recipient_id.in_(posts),
        Holding.stand_in.is_(True),
        Holding.turn.is_(None),
        Holding.from_on >= away.from_on,
        Holding.until_on == away.until_on,
    )
    stand_ins = ctx.session.execute(standing_in).scalars().all()
    ending: list[Absence | Holding] = [away, *stand_ins]
    for one in ending:
        if day <= one.from_on:
            ctx.session.delete(one)
        else:
            one.until_on = day - timedelta(days=1)
    ctx.session.flush()
    ctx.roster.forget()
    audit.append(ctx, "back", person.name, day=str(day))
    leave(ctx)
    return day
