"""What somebody changed in Prefect by hand and the engine put back: it stays in the trail, the operators hear of it."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.inspections import operators_posts
from db.ledger.message_queue import notify_operators
from db.models import Person
from text.catalogue import phrase


def note_restored(ctx: LedgerContext, restored: Iterable[tuple[str, str]]) -> None:
    """Note every change by hand that was found and put back: an entry of the trail each, a line to the operators each.

    The operators hear of the same thing changed in the same way once a day; the trail has every time.

    Args:
        ctx: the context; its actor is who put it back, its ``now`` is when.
        restored: what was changed, and what of it was found, both in words that people read.
    """
    for what, found in restored:
        audit.append(ctx, "restore", what, found=found)
        same = hashlib.sha256(f"{what}\0{found}".encode()).hexdigest()[:16]
        notify_operators(ctx, f"restored:{same}:{ctx.today}", phrase("engine.restored", what=what, found=found))


def operators_channels(ctx: LedgerContext) -> list[list[tuple[str, str]]]:
    """The channels of each operator of the rectification office, as pairs of channel and address, the preferred first.

    Args:
        ctx: the context.
    """
    office = operators_posts(ctx.session)
    stands = ctx.stands(office)
    people = dict.fromkeys(one.who.person for post in office if (one := stands[post]))
    found = select(Person.channels).where(Person.id.in_(people)).order_by(Person.id)
    return [[(channel, address) for channel, address in one] for one in ctx.session.execute(found).scalars()]
