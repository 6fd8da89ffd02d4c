"""Whether the clock may be believed: one wrong date burns every ladder, and nothing brings the letters back.

A clock is doubted when it stands too far from the last patrol or from the database server's own. While it is, the
engine opens, fires and sends nothing, and tells the operators, until one of them confirms
(tests/promises/a_clock_that_jumped_changes_nothing_test.py).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised
from db.ledger.message_queue import notify_operators
from db.models import AuditEntry, Patrol
from plan.types import Act
from text.catalogue import phrase
from text.refusals import Refusal

EVENT = "clock:"
"""What the key of an alert about a doubted clock begins with: those alone leave while it is doubted."""
_LOOKED_AT = 100
CONFIRMED = "confirm-clock"
APART = timedelta(hours=1)
"""How far the clock may stand from the database server's, and before the last patrol: more than any drift."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """Why the clock is not believed.

    ``why`` is the sentence for people, ``sure`` the latest instant (aware) that can be believed, ``apart`` by how many
    seconds the machine's clock is ahead of the database server's.
    """

    why: str
    sure: datetime
    apart: int


def clock_doubt(ctx: LedgerContext, machine: datetime | None, *, by_hand: bool = False) -> ClockDoubt | None:
    """Whether an instant at which the engine is to act may be believed.

    Args:
        ctx: the context; its ``now`` is that instant.
        machine: what this machine's clock says (aware); None where the office lives at another time than its machine,
            so that no other clock can bear it out.
        by_hand: a person named the instant, so that it may well lie before the last patrol.

    Returns:
        None when it may.
    """
    patrols = ctx.session.execute(select(Patrol.at).order_by(Patrol.id.desc()).limit(_LOOKED_AT)).scalars().all()
    # A patrol by hand may have been of an earlier day: how far the ledger was brought says the furthest of late.
    last, furthest = (patrols[0], max(patrols)) if patrols else (None, None)
    server = ctx.session.execute(select(func.clock_timestamp())).scalar_one() if machine else None
    apart = round((machine - server).total_seconds()) if machine and server else 0
    sure = min(one for one in (ctx.now, last, server) if one is not None)
    said, bound = ctx.work_time.minute_text, timedelta(days=ctx.policy.clock_jump_days)
    # The first patrol has none before it: a plan of the past is caught up with.
    if furthest is not None and ctx.now - furthest > bound:
        days, shown = (ctx.now - furthest).days, said(furthest)
        why = phrase("clock.ahead", at=said(ctx.now), last=shown, days=days, most=bound.days)
        return ClockDoubt(why, sure, apart)
    # An office that lives at a time of its own goes back on purpose.
    if machine and last is not None and last - ctx.now > APART and not by_hand:
        return ClockDoubt(phrase("clock.back", at=said(ctx.now), last=said(last)), sure, apart)
    bound_apart = APART.total_seconds()
    if machine and server and abs(apart) > bound_apart and abs(apart - _confirmed(ctx)) > bound_apart:
        why = phrase("clock.apart", at=said(machine), server=said(server))
        return ClockDoubt(why, sure, apart)
    return None


def _confirmed(ctx: LedgerContext) -> int:
    """By how many seconds an operator last said the two clocks may differ; only asked when they do."""
    newest = select(AuditEntry.facts).where(AuditEntry.command == CONFIRMED).order_by(AuditEntry.id.desc()).limit(1)
    facts = ctx.session.execute(newest).scalar_one_or_none()
    return int(facts["apart"]) if facts else 0


def tell_clock_doubt(ctx: LedgerContext, doubt: ClockDoubt) -> None:
    """Tell the operators, once a day, that the engine stands still because of its clock.

    Args:
        ctx: the context; its ``now`` is what is doubted.
        doubt: about it.
    """
    # Written at the instant that is sure: dated ahead, the message would wait until then once the clock is mended.
    notify_operators(replace(ctx, now=doubt.sure), f"{EVENT}{ctx.today}", phrase("clock.halt", why=doubt.why))


def confirm_clock(ctx: LedgerContext, doubt: ClockDoubt | None) -> None:
    """Say that the clock is right after all: the next patrol goes on from there.

    Args:
        ctx: the context; its actor confirms.
        doubt: what is confirmed.

    Raises:
        Refusal: ``clock_certain`` where nothing is doubted, and those of ``authorised``.
    """
    ctx = authorised(ctx, Act.CONFIGURE)
    if doubt is None:
        raise Refusal("clock_certain")
    audit.append(ctx, CONFIRMED, ctx.work_time.minute_text(ctx.now), why=doubt.why, apart=doubt.apart)
