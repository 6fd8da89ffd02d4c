"""Whom the operators let act besides the posts of the plan: each change of this list stands in the audit trail."""

from collections.abc import Sequence

from sqlalchemy import select

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.known_names import checked_name, known_names, meant_text
from db.models import AddedPerson
from rules.actors import folded
from text.limits import LONGEST_NAME
from text.refusals import Refusal


def add_people(ctx: LedgerContext, names: Sequence[str]) -> list[str]:
    """Let people act under their names, from now on; of somebody removed earlier again.

    Args:
        ctx: the context.
        names: each of somebody who is neither a post of the plan nor on the list, however it is spelt.

    Returns:
        The names as they were written down.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``person_known``; nobody is added then.
    """
    known = known_names(ctx.session)
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
    query = select(AddedPerson).where(AddedPerson.folded == folded(name))
    present = ctx.session.execute(query).scalar_one_or_none()
    if present is None:
        ctx.session.add(AddedPerson(name=name, folded=folded(name)))
    else:
        present.name, present.removed_at = name, None


def remove_person(ctx: LedgerContext, given: str) -> str:
    """Let somebody act no more; what he did stays his.

    Args:
        ctx: the context; its ``now`` is when he left.
        given: his name, however it is spelt.

    Returns:
        The name as it was written down.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``person_unknown`` with the nearest names.
    """
    name = checked_name(given, LONGEST_NAME)
    present = {person.folded: person for person in people(ctx)}
    person = present.get(folded(name))
    if person is None:
        raise Refusal("person_unknown", name=name, meant=meant_text(name, (one.name for one in present.values())))
    person.removed_at = ctx.now
    audit.append(ctx, "remove-person", person.name, name=person.name)
    return person.name


def people(ctx: LedgerContext) -> Sequence[AddedPerson]:
    """Who was added and not removed since, in that order.

    Args:
        ctx: the context.
    """
    query = select(AddedPerson).where(AddedPerson.removed_at.is_(None)).order_by(AddedPerson.id)
    return ctx.session.execute(query).scalars().all()
