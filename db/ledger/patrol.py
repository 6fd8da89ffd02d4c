"""One patrol: open what was missed, fire what is due, audit itself, leave a record.

Every batch is its own transaction, so a kill between any two lines loses nothing and repeats nothing.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DataError, IntegrityError

from db.ledger import audit
from db.ledger.bulk import collector_resting
from db.ledger.closure_stages import remind_of_closures
from db.ledger.context import LedgerContext
from db.ledger.fire import BATCH, Totals, fire_due
from db.ledger.handover import begin_holdings
from db.ledger.lookbacks import remind_of_lookbacks
from db.ledger.parts import AT_ONCE, remind_of_parts
from db.ledger.periods import open_due
from db.ledger.queued import queue_facts
from db.ledger.roster import Roster
from db.ledger.row_images import note_rows
from db.ledger.runs import parked_runs
from db.ledger.summary import summarise
from db.ledger.suspend import remind_of_suspensions
from db.models import Closure, Duty, Escalation, Lookback, Part, Patrol, Period
from plan.types import LIVE, LookbackState, PartState, PeriodState

PARKED_FOR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
# One look for all of it: most patrols find nothing.
_BEFORE = text(
    """
    WITH duties_woken AS (
        UPDATE duties SET next_opens_at = :overdue, parked_at = NULL WHERE parked_at <= :since RETURNING id
    ), periods_woken AS (
        UPDATE periods SET next_step_at = :now, parked_at = NULL WHERE parked_at <= :since AND closed_at IS NULL
        RETURNING id
    )
    SELECT 'duties' AS what, id FROM duties_woken UNION ALL SELECT 'periods', id FROM periods_woken
    UNION ALL SELECT 'suspensions', 0 WHERE EXISTS (SELECT FROM suspensions WHERE remind_at <= :now)
    UNION ALL SELECT 'closures', 0 WHERE EXISTS (SELECT FROM closures WHERE next_step_at <= :now)
    UNION ALL SELECT 'lookbacks', 0 WHERE EXISTS (SELECT FROM lookbacks WHERE next_step_at <= :now)
    UNION ALL SELECT 'holdings', 0 WHERE EXISTS (SELECT FROM holdings WHERE told_at IS NULL AND from_on <= :today)
        OR EXISTS (SELECT FROM absences WHERE told_at IS NULL AND from_on <= :today)
    UNION ALL SELECT 'openings', 0 WHERE EXISTS (SELECT FROM duties WHERE next_opens_at <= :overdue)
    UNION ALL SELECT 'rungs', 0 WHERE EXISTS (SELECT FROM periods WHERE next_step_at <= :now)
    UNION ALL SELECT 'parts', 0 WHERE EXISTS (SELECT FROM parts WHERE next_reminder_at <= :now)
    """
)
_RECORD = text("INSERT INTO patrols (at, totals) VALUES (:at, :totals)").bindparams(bindparam("totals", type_=JSONB))
ContextMaker = Callable[[], AbstractContextManager[LedgerContext]]
"""Opens a context: a new transaction with the same ``now`` and actor."""


def patrol(context_maker: ContextMaker, most_batches: int = 100, go_on: Callable[[], bool] = lambda: True) -> Totals:
    """Bring the ledger to its context's ``now``.

    Args:
        context_maker: opens the context of one batch, every time at the same ``now``.
        most_batches: of openings and of firings; when more was due than these allow, the totals say ``truncated``.
        go_on: asked before each batch; once it says no, the patrol ends, ``truncated``.

    Returns:
        What was done, in all batches.
    """
    totals = Totals()
    with context_maker() as ctx:
        grace = timedelta(hours=ctx.policy.open_grace_hours)
        # What is parked gets another chance every hour: somebody may have mended what was wrong with it. A duty is
        # dated back by the grace, or this patrol would not see it as overdue and open it.
        overdue = ctx.now - grace
        asked = {"since": ctx.now - PARKED_FOR, "overdue": overdue, "now": ctx.now, "today": ctx.today}
        found: dict[str, list[int]] = defaultdict(list)
        for row in ctx.connection.execute(_BEFORE, asked):
            found[row.what].append(row.id)
        for table, moved in (("duties", {"next_opens_at": overdue}), ("periods", {"next_step_at": ctx.now})):
            if woken := found[table]:
                note_rows(ctx.session, table, [{"id": one} for one in woken], parked_at=None, **moved)
        if parked := len(found["duties"]) + len(found["periods"]):
            audit.append(ctx, "try-again", f"{parked} parked")
        if found["holdings"]:
            begin_holdings(ctx)
        if found["suspensions"]:
            remind_of_suspensions(ctx)
        if found["closures"]:
            remind_of_closures(ctx)
        if found["lookbacks"]:
            remind_of_lookbacks(ctx)

    def open_batch() -> bool:
        with context_maker() as ctx:
            opened = open_due(ctx, grace)
        totals.opened += opened
        return bool(opened)

    def part_batch() -> bool:
        with context_maker() as ctx:
            reminded, made = remind_of_parts(ctx)
        totals.messages += made
        return reminded == AT_ONCE

    # Openings first: what opens late has rungs that are due at once.
    if found["openings"] or found["duties"]:
        totals.truncated |= not _in_batches(open_batch, most_batches, go_on)
    if found["parts"] or totals.opened:
        totals.truncated |= not _in_batches(part_batch, most_batches, go_on)
    if found["rungs"] or found["periods"] or totals.opened:
        # Who stands for which post is read once: what waits for somebody who leaves meanwhile is forwarded when it
        # leaves.
        roster = Roster()
        fire = partial(fire_batch, context_maker, totals, roster=roster)
        totals.truncated |= not _in_batches(fire, most_batches, go_on)
    with context_maker() as ctx:
        totals.messages += summarise(ctx)
        ctx.connection.execute(_RECORD, {"at": ctx.now, "totals": asdict(totals)})
    return totals


def _in_batches(work: Callable[[], bool], most: int, go_on: Callable[[], bool]) -> bool:
    """Work batch by batch while one says that there may be more; whether it came to the end of what there was."""
    for _ in range(most):
        if not go_on():
            return False
        if not work():
            return True
    return False


def fire_batch(context_maker: ContextMaker, totals: Totals, batch: int = BATCH, roster: Roster | None = None) -> bool:
    """Fire what is due; a batch that cannot be written whole is taken back and written period by period.

    Args:
        context_maker: opens the context of one transaction.
        totals: what was done is added to it.
        batch: the most periods to take.
        roster: who stands for which post, as far as batches before it asked; None reads it anew.

    Returns:
        Whether that many were due, so that there may be more.
    """
    done = Totals()
    try:
        with collector_resting(), context_maker() as ctx:
            due = fire_due(replace(ctx, roster=roster or ctx.roster), done, batch)
    # Only what the data is to blame for: a lost connection or a deadlock must fail, and the next patrol goes on.
    except (DataError, IntegrityError):
        done = Totals()
        with context_maker() as ctx:
            due = fire_due(ctx, done, batch, one_by_one=True)
    totals.add(done)
    # Equal, because a batch never holds more; one period short means that no more was free.
    return due == batch


def overlooked(ctx: LedgerContext) -> int:
    """The self-audit: rungs and reminders that fell due longer ago than the policy allows and are not recorded. Must be
    0.

    Args:
        ctx: the context; ago counts from its ``now``.
    """
    before = ctx.now - timedelta(minutes=ctx.policy.audit_grace_minutes)
    due = (
        select(func.count()).select_from(model).where(column <= before)
        for model, column in (
            (Period, Period.next_step_at),
            (Part, Part.next_reminder_at),
            (Closure, Closure.next_step_at),
            (Lookback, Lookback.next_step_at),
        )
    )
    return sum(ctx.session.execute(query).scalar_one() for query in due)


def never_looked_at(ctx: LedgerContext) -> int:
    """What is open and nothing will ever look at again, and what is parked. Must be 0.

    Args:
        ctx: the context.
    """
    is_open = Period.state.in_((PeriodState.WAITING, PeriodState.SUBMITTED))
    # What is suspended waits for its review, and is not looked at until it goes on.
    lost = Period.next_step_at.is_(None) & (Period.stopped_on.is_(None) | (Period.state != PeriodState.WAITING))
    periods = select(func.count()).select_from(Period).where(is_open, lost)
    duties = select(func.count()).select_from(Duty).where(Duty.parked_at.is_not(None))
    awaited = (Part.state == PartState.WAITING) & (Period.state == PeriodState.WAITING) & Period.stopped_on.is_(None)
    parts = select(func.count()).select_from(Part).join(Part.period).where(awaited, Part.next_reminder_at.is_(None))
    asked = Closure.ended_at.is_(None) & Closure.next_step_at.is_(None)
    closures = select(func.count()).select_from(Closure).where(asked)
    to_look = Lookback.state.in_((LookbackState.PLANNED, LookbackState.WAITING)) & Lookback.next_step_at.is_(None)
    looks = select(func.count()).select_from(Lookback).where(to_look)
    return sum(ctx.session.execute(query).scalar_one() for query in (periods, duties, parts, closures, looks))


def open_escalations(ctx: LedgerContext) -> int:
    """How many escalations wait for a supervisor.

    Args:
        ctx: the context.
    """
    query = select(func.count()).select_from(Escalation).where(Escalation.state.in_(LIVE))
    return ctx.session.execute(query).scalar_one()


def health(ctx: LedgerContext) -> dict[str, int]:
    """The numbers an operator looks at, the same wherever they are shown: pages, patrols, doctor, watchers outside.

    All must be 0 but the open escalations, the unsent messages, what falls due and the minutes since the last patrol.

    Args:
        ctx: the context; the numbers are as of its ``now``.

    Returns:
        Counts; ``oldest_undelivered_minutes`` is how long a message that should have left has waited, 0 for none;
        ``due_in_seven_days`` the open periods due from its ``today`` to a week later; ``minutes_since_patrol`` -1 while
        there was none.
    """
    facts = queue_facts(ctx)
    last = ctx.session.execute(select(func.max(Patrol.at))).scalar_one()
    week = Period.due_on.between(ctx.today, ctx.today + timedelta(days=7))
    due = select(func.count()).select_from(Period).where(Period.state == PeriodState.WAITING, week)
    return {
        "overlooked": overlooked(ctx),
        "unarmed": never_looked_at(ctx),
        "parked_runs": parked_runs(ctx),
        "open_escalations": open_escalations(ctx),
        "unsent": facts.waiting,
        "dead_letters": facts.dead,
        "channels_down": len(facts.down),
        "oldest_undelivered_minutes": (ctx.now - facts.due_since) // _MINUTE if facts.due_since else 0,
        "due_in_seven_days": ctx.session.execute(due).scalar_one(),
        "minutes_since_patrol": (ctx.now - last) // _MINUTE if last else -1,
    }
