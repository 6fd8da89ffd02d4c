"""A period gets another limit: what fired belongs to the old one, and what asked supervisors for it is moot."""

from datetime import date

from db.ledger.context import LedgerContext, name_of
from db.ledger.escalations import end_as_moot
from db.models import Period
from rules.ladder import fired_under


def move_limit(ctx: LedgerContext, period: Period, due_on: date) -> None:
    """Set another limit by decision; a later one climbs its own ladder, from the warnings on.

    An earlier or equal one fires nothing twice. When the period is looked at next is for the caller to reckon.

    Args:
        ctx: the context; its ``now`` is since when the limit stands.
        period: an open one, locked by this transaction.
        due_on: the limit from now on, a day in the office's zone.
    """
    before, period.due_on = period.due_on, due_on
    if due_on == before:
        return
    period.climbs_from = None
    period.fired = fired_under(period.fired, ctx.ladders.get(ctx.session, period.ladder_id), before, due_on)
    if due_on > before:
        # A hold, and the gaps of repeats, were about the limit that is no more.
        period.limit_since, period.repeats, period.hold_until = ctx.now, 0, None
        end_as_moot(ctx, period, f"{name_of(period)}的期限由{before}改为{due_on}")
