"""Whose names may act: those who hold a post or stand in, and the people whom the operators added."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from db.models import Holding, Person
from rules.actors import folded, nearest_names
from text.clean import line
from text.limits import LONGEST_LINE
from text.refusals import Refusal

_HOLDS = select(Holding.person_id).where(
    Holding.from_on <= bindparam("day"), or_(Holding.until_on.is_(None), Holding.until_on >= bindparam("day"))
)
_NAMES = select(Person.folded, Person.name).where(Person.removed_at.is_(None), or_(Person.added, Person.id.in_(_HOLDS)))


def known_names(session: Session, day: date) -> dict[str, str]:
    """Every name that may act, by how it is compared.

    Args:
        session: an open transaction on the ledger.
        day: on which he acts, in the office's zone.

    Returns:
        The name as the plan or the operators spell it, by ``folded``.
    """
    return dict(session.execute(_NAMES, {"day": day}).tuples().all())


def checked_name(given: str, limit: int) -> str:
    """A name that somebody wrote, on one line.

    Args:
        given: anything.
        limit: the most characters it may have.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``.
    """
    if len(given) > limit:
        raise Refusal("actor_too_long", length=len(given), limit=limit)
    if not folded(given):
        raise Refusal("actor_empty")
    return line(given)


def known_name(given: str, names: dict[str, str]) -> str:
    """The known name that somebody means.

    Args:
        given: as it was written at whichever door.
        names: what ``known_names`` gave.

    Returns:
        The name as the plan or the operators spell it.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``actor_unknown`` with the nearest names.
    """
    name = checked_name(given, LONGEST_LINE)
    if found := names.get(folded(name)):
        return found
    raise Refusal("actor_unknown", actor=name, meant=meant_text(name, names.values()))


def meant_text(name: str, known: Iterable[str]) -> str:
    """Whom somebody may have meant, as a refusal says it after the name; empty where no name is near.

    Args:
        name: what was written.
        known: the names that it could be.
    """
    meant = "、".join(nearest_names(name, known))
    return f"；相近的有：{meant}" if meant else ""
