"""Whom an identity provider means: by an address at which he is written to, or by the office's own table."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from db.ledger.context import LedgerContext
from db.ledger.doors import end_session, new_session
from db.ledger.known_names import known_names
from db.ledger.message_queue import notify_operators
from db.models import Person
from rules.actors import folded
from text.catalogue import phrase
from text.clean import line

_VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}


def enter_by_identity(
    ctx: LedgerContext, claims: Mapping[str, Any], claim: str, people: Mapping[str, str], before: str | None = None
) -> str | None:
    """Sign in whom an identity provider brought.

    Args:
        ctx: the context.
        claims: what the provider says of him, checked.
        claim: which of them tells who he is.
        people: the office's own table: what that claim holds, and the name of the roster that is meant.
        before: the session that his browser showed until now, which ends; None where it showed none.

    Returns:
        What his browser keeps; None when it is nobody of the roster, or not surely one.
    """
    given = claims.get(claim)
    if not isinstance(given, str) or not given.strip():
        return None
    names = known_names(ctx.session, ctx.today)
    if given in people:
        person = names.get(folded(people[given]))
    elif claim in _VERIFIED and claims.get(_VERIFIED[claim]) is not True:
        person = None  # anybody may write another's address into his account
    else:
        person = _by_address(ctx, given, names)
    if person is None:
        return None
    if before is not None:
        end_session(ctx, before)
    return new_session(ctx, person, "oidc")


def _by_address(ctx: LedgerContext, given: str, names: Mapping[str, str]) -> str | None:
    """Whose address it is, and nobody else's; an address that several share says nobody."""
    rows = ctx.session.execute(select(Person.folded, Person.channels, Person.urgent_channels))
    wanted = given.strip().casefold()
    found = {
        name
        for name, usual, urgent in rows
        if name in names and any(address.casefold() == wanted for _, address in [*usual, *urgent] if address)
    }
    return names[found.pop()] if len(found) == 1 else None


def tell_unknown_identity(ctx: LedgerContext, who: str) -> None:
    """Tell the operators, once a day, that somebody was known to the provider and not to the roster.

    Args:
        ctx: the context.
        who: as the provider calls him.
    """
    rung = f"oidc-unknown:{hashlib.sha256(who.encode()).hexdigest()[:16]}:{ctx.today}"
    notify_operators(ctx, rung, phrase("web.oidc_unknown", who=line(who, 80)))
