"""A new calendar meets open periods: what would move is shown first, then applied; what fired stays fired.

A year's working days are published late, and a published year has been amended three times (architecture 12).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext, lock_period, name_of, recipients_of, reschedule_next_step
from db.ledger.periods import rule_of
from db.ledger.queries import open_periods
from db.models import Period
from plan.types import AlertKind, Level, PeriodState
from rules.cadence import window


@dataclass(frozen=True, slots=True)
class Moved:
    """One open period under the new calendar. Instants are UTC."""

    period: str
    due_before: date
    due_after: date
    next_before: datetime | None
    next_after: datetime | None
    provisional: bool


def reproject(ctx: LedgerContext, *, apply: bool) -> list[Moved]:
    """Compare every open period with what the context's calendar says now.

    A limit that somebody decided on stays.

    Args:
        ctx: the context of the command.
        apply: make it so; without it nothing is written.

    Returns:
        The periods that move.
    """
    # The same code shows and applies: a preview that is reckoned otherwise would be wrong one day.
    with ctx.session.begin_nested() as trial:
        moved = list(_moves(ctx))
        if not apply:
            trial.rollback()
    if apply and moved:
        audit.append(ctx, "reproject", f"{len(moved)} periods", moved=[[m.period, str(m.due_after)] for m in moved])
    return moved


def _moves(ctx: LedgerContext) -> Iterator[Moved]:
    for listed in open_periods(ctx.session):
        # One by one and read anew: what was listed may have moved while the lock was waited for.
        period = lock_period(ctx, listed.id)
        before = (period.due_on, period.next_step_at, period.provisional)
        # Parked: nothing about it is reckoned before it is mended.
        if period.next_step_at is None:
            continue
        _follow_calendar(ctx, period)
        if period.due_on != before[0]:
            # The instant is part of the key: a later correction to the same date is another event.
            event = f"calendar:{ctx.now.isoformat()}:{period.due_on}"
            tell_change(ctx, period, event, f"工作日历调整，期限由{before[0]}改为{period.due_on}")
        if before != (period.due_on, period.next_step_at, period.provisional):
            yield Moved(name_of(period), before[0], period.due_on, before[1], period.next_step_at, period.provisional)


def tell_change(ctx: LedgerContext, period: Period, event: str, note: str) -> None:
    """Tell who works on a period what changed about it without his doing.

    Args:
        ctx: the context of the command.
        period: the period.
        event: the key of this change; who heard of it once does not again.
        note: what changed, in Chinese.
    """
    handlers = recipients_of(period.duty.measure, ["handler"])
    message_queue.notify(ctx, handlers, event, AlertKind.CHANGE, Level.NONE, note, period.id)


def _follow_calendar(ctx: LedgerContext, period: Period) -> None:
    found = window(rule_of(period.duty), period.ordinal, ctx.work_time.calendar)
    if not period.limit_decided:
        period.due_on, period.formal_due_on, period.provisional = found.due_on, found.formal_due_on, found.provisional
    if period.state in (PeriodState.WAITING, PeriodState.SUBMITTED):
        reschedule_next_step(ctx, period)
