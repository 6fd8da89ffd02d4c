"""Whom the operators let act besides those who hold a post: each change of this list stands in the audit trail."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from db.ledger import audit
from db.ledger.appointments import person_called
from db.ledger.context import LedgerContext
from db.ledger.holdings import leave
from db.ledger.inspections import operators_posts
from db.ledger.known_names import checked_name, known_names
from db.models import Holding, Person
from rules.actors import folded
from text.limits import LONGEST_NAME
from text.refusals import Refusal


def add_people(ctx: LedgerContext, names: Sequence[str]) -> list[str]:
    """Let people act under their names, from now on; of somebody removed earlier again.

    Args:
        ctx: the context.
        names: each of somebody who holds no post and is not on the list, however it is spelt.

    Returns:
        The names as they were written down.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``person_known``; nobody is added then.
    """
    known = known_names(ctx.session, ctx.today)
    added: list[str] = []
    for given in names:
        name = checked_name(given, LONGEST_NAME)
        if found := known.get(folded(name)):
            raise Refusal("person_known", name=found)
        known[folded(name)] = name
        _let_act(ctx, name)
        added.append(name)
    ctx.session.flush()
    audit.append(ctx, "add-people", "、".join(added), names=added)
    return added


def _let_act(ctx: LedgerContext, name: str) -> None:
    query = select(Person).where(Person.folded == folded(name))
    present = ctx.session.execute(query).scalar_one_or_none()
    if present is None:
        ctx.session.add(Person(name=name, folded=folded(name), added=True))
    else:
        present.name, present.removed_at, present.added = name, None, True


def remove_person(ctx: LedgerContext, given: str) -> str:
    """Let somebody act no more; what he did stays his, and what he held goes up until somebody takes it over.

    Args:
        ctx: the context; its ``now`` is when he left.
        given: his name, however it is spelt.

    Returns:
        The name as it was written down.

    Raises:
        Refusal: ``office_empty`` where nobody of the rectification office would be left, and those of
            ``person_called``.
    """
    audit.queue(ctx.session)
    person = person_called(ctx, given)
    of_his = select(Holding).where(Holding.person_id == person.id)
    for held in ctx.session.execute(of_his).scalars():
        if held.until_on is None or held.until_on >= ctx.today:
            held.until_on = ctx.today - timedelta(days=1)
    person.removed_at = ctx.now
    ctx.session.flush()
    ctx.roster.forget()
    office = operators_posts(ctx.session)
    if office and not any(ctx.stands(office)[post] for post in office):
        raise Refusal("office_empty", name=person.name)
    audit.append(ctx, "remove-person", person.name, name=person.name)
    leave(ctx)
    return person.name
