"""Who holds a post: as the plan says when it is loaded or changed, and as the roster says from then on."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from db.ledger.bulk import UNSEEN, among
from db.ledger.context import LedgerContext
from db.ledger.doors import close_doors
from db.ledger.known_names import known_names
from db.models import Holding, Person, QueuedMessage
from plan.model import RoleSpec
from rules.actors import folded
from rules.roster import same_person


def hold_by_plan(ctx: LedgerContext, posts: Mapping[str, int], roles: Mapping[str, RoleSpec]) -> None:
    """Have posts held, from today on, by those whom the plan names; who was there before holds them no more.

    Somebody whom two posts name alike is one person, unless they give two addresses in one channel: then the later one
    bears the key of his post behind his name, and neither reads the letters of the other.

    Args:
        ctx: the context; its ``today`` is the first day.
        posts: ids of posts by the keys of their roles.
        roles: of the plan.
    """
    people = {one.folded: one for one in ctx.session.execute(select(Person)).scalars()}
    found = {key: _person(ctx, people, key, roles[key]) for key in posts}
    ctx.session.flush()
    end_holdings(ctx, posts.values())
    ctx.session.add_all(
        Holding(recipient_id=post, person_id=found[key].id, from_on=ctx.today, told_at=ctx.now)
        for key, post in posts.items()
    )
    ctx.session.flush()
    ctx.roster.forget()


def _person(ctx: LedgerContext, people: dict[str, Person], key: str, role: RoleSpec) -> Person:
    ways = [list(pair) for pair in role.channels.items()]
    name = role.name
    known = people.get(folded(name))
    if known and known.removed_at is None and known.channels and same_person(known.channels, ways) is None:
        name = f"{role.name}（{key}）"
        known = people.get(folded(name))
    if known is None:
        known = people[folded(name)] = Person(name=name, folded=folded(name), channels=ways)
        ctx.session.add(known)
        return known
    kept = known.channels if known.removed_at is None else []
    reach_by(ctx, known, same_person(kept, ways) or ways)
    known.removed_at = None
    return known


def reach_by(ctx: LedgerContext, person: Person, ways: list[list[str]]) -> None:
    """Have somebody's letters go by other channels; those on their way begin with the first.

    Args:
        ctx: the context.
        person: whose.
        ways: pairs of channel and address, the preferred one first.
    """
    if person.channels == ways:
        return
    person.channels = ways
    if person.id is not None:  # letters on their way count channels by their place in the old list
        waiting = update(QueuedMessage).where(
            QueuedMessage.person_id == person.id, QueuedMessage.next_try_at.is_not(None)
        )
        ctx.session.execute(waiting.values(channel_index=0, attempts=0), execution_options=UNSEEN)


def holder(ctx: LedgerContext, post: int) -> Person | None:
    """Who holds a post today, whether he is there or away; None for a vacant one.

    Args:
        ctx: the context.
        post: id of the post.
    """
    query = select(Person).join(Holding, Holding.person_id == Person.id).where(_held(ctx, [post]))
    return ctx.session.execute(query.order_by(Holding.id)).scalars().first()


def end_holdings(ctx: LedgerContext, posts: Iterable[int]) -> None:
    """End what is held in some posts: yesterday was the last day. Who stands in goes on doing so.

    Args:
        ctx: the context.
        posts: ids of the posts.
    """
    for one in ctx.session.execute(select(Holding).join(Person).where(_held(ctx, posts))).scalars():
        one.until_on = ctx.today - timedelta(days=1)
    ctx.session.flush()
    ctx.roster.forget()


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a holding is in force on ``day`` (in the office's zone), for a query."""
    return (Holding.from_on <= day) & or_(Holding.until_on.is_(None), Holding.until_on >= day)


def _held(ctx: LedgerContext, posts: Iterable[int]) -> ColumnElement[bool]:
    of_posts = among(Holding.recipient_id, posts) & Holding.stand_in.is_(False)
    return of_posts & in_force(ctx.today) & Person.removed_at.is_(None)


def leave(ctx: LedgerContext) -> None:
    """Close the doors of those who may act no more: their links and sessions open nothing.

    Args:
        ctx: the context of a command that changed who holds what.
    """
    known = set(known_names(ctx.session, ctx.today).values())
    close_doors(ctx, [name for name in ctx.session.execute(select(Person.name)).scalars() if name not in known])
