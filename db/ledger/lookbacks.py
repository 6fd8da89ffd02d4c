"""回头看: what was struck off is looked at again after months, by sample; what rebounded is asked anew."""

from datetime import date, timedelta

from sqlalchemy import select

from db.ledger import audit, message_queue
from db.ledger.closure_stages import LOOKBACK_ASKED, asked_to_look, chain_of, lookbacks_of, remind, tell_due
from db.ledger.context import LedgerContext, recipients_of
from db.ledger.deciders import authorised, decided_for
from db.ledger.evidence import KeepsFiles, evidence_of
from db.ledger.inspections import measure_by_code
from db.ledger.strike_off import ask_anew
from db.ledger.suspend import lock_measure
from db.models import Closure, Lookback
from plan.types import UNIT, Act, AlertKind, ClosureAct, Level, LookbackResult, LookbackState, WorkState
from rules.closure import first_rung, reminder_of, stage_due
from rules.lookback import is_sampled, lookback_days
from text.catalogue import phrase, term
from text.reason import checked_text
from text.refusals import Refusal


def plan_lookbacks(ctx: LedgerContext, closure: Closure) -> None:
    """Draw when a measure that is being filed is looked at again.

    What was sent back on its way, or objected to with right, is always looked at.

    Args:
        ctx: the context; months count from its ``today``.
        closure: just filed, its measure locked by this transaction.
    """
    rules, measure = ctx.policy.lookback, closure.measure
    doubted = any(one.act == ClosureAct.RETURNED for one in closure.steps)
    days = lookback_days(ctx.today, rules)
    chosen = {months: day for months, day in days.items() if doubted or is_sampled(measure.full_code, months, rules)}
    for months, day in chosen.items():
        _plan(ctx, closure, months, day)
    if days:
        facts = {"chosen": list(chosen), "of": list(days), "share": rules.share, "seed": rules.seed}
        audit.append(ctx, "plan-lookbacks", measure.full_code, closure=closure.id, always=doubted, **facts)


def _plan(ctx: LedgerContext, closure: Closure, months: int, day: date) -> None:
    work_time = ctx.work_time
    opens_on = work_time.calendar.next_workday(day)
    due_on = stage_due(opens_on, ctx.policy.lookback.within, work_time.calendar)
    made = Lookback(
        measure_id=closure.measure_id,
        closure_id=closure.id,
        months=months,
        opens_on=opens_on,
        due_on=due_on,
        asked=[post.value for post in ctx.policy.lookback.asked],
        state=LookbackState.PLANNED,
        fired=0,
        told_on=opens_on,
        next_step_at=work_time.at_opening(opens_on),
    )
    ctx.session.add(made)


def remind_of_lookbacks(ctx: LedgerContext) -> int:
    """Ask for the look-backs whose day has come, and remind of those that were asked for.

    Args:
        ctx: the context; what has come by its ``now`` is told, of at most a thousand.

    Returns:
        How many were looked at.
    """

    def tell(one: Lookback) -> None:
        if one.state == LookbackState.PLANNED:
            _open(ctx, one)
        else:
            remind(ctx, one, chain_of(one.closure), asked_to_look(one), f"{LOOKBACK_ASKED}:{one.id}")

    return tell_due(ctx, Lookback, "lookbacks", tell)


def _open(ctx: LedgerContext, lookback: Lookback) -> None:
    chain, work_time = chain_of(lookback.closure), ctx.work_time
    # After downtime it is asked for late, and its limit counts from when it was.
    lookback.due_on = max(lookback.due_on, stage_due(ctx.today, ctx.policy.lookback.within, work_time.calendar))
    lookback.state, lookback.told_on = LookbackState.WAITING, ctx.today
    lookback.fired = first_rung(chain, ctx.today, lookback.due_on, work_time.calendar)
    lookback.next_step_at = reminder_of(chain, lookback.due_on, lookback.fired, ctx.today, work_time)
    rung = f"{LOOKBACK_ASKED}:{lookback.id}"
    message_queue.notify(ctx, asked_to_look(lookback), rung, AlertKind.CLOSURE, Level.NONE, "")


def look_back(
    ctx: LedgerContext, lookback_id: int, result: LookbackResult, statement: str, visited_on: date | None = None
) -> Lookback:
    """Say how a look-back went: it holds, it is to be improved, or it rebounded, and the measure is asked anew.

    What is to be improved stays struck off and is looked at again after the policy's days; its unit is told.

    Args:
        ctx: the context; its actor looked, and is no post of the unit.
        lookback_id: one that waits.
        result: how it went.
        statement: what was seen.
        visited_on: the day of the visit to the site, in the office's zone; None where there was none.

    Returns:
        The look-back.

    Raises:
        Refusal: ``lookback_over``, ``day_in_future``, ``text_empty``, ``text_too_long``, and those of ``authorised``.
    """
    lookback = lock_lookback(ctx, lookback_id)
    if lookback is None:
        raise LookupError(f"there is no look-back {lookback_id}")
    measure = lookback.measure
    if lookback.state != LookbackState.WAITING:
        raise Refusal("lookback_over", measure=measure.full_code, state=term(LookbackState(lookback.state)))
    ctx = authorised(ctx, Act.ACCEPT, measure, asked_to_look(lookback))
    if visited_on is not None and visited_on > ctx.today:
        raise Refusal("day_in_future", field="现场核查日期", day=visited_on, today=ctx.today)
    words = checked_text(statement, "回头看情况")
    lookback.state, lookback.result, lookback.statement = LookbackState.DONE, result, words
    lookback.done_by, lookback.done_at, lookback.visited_on, lookback.next_step_at = (
        ctx.actor,
        ctx.now,
        visited_on,
        None,
    )
    facts = {"lookback": lookback.id, "months": lookback.months, "result": result, "statement": words}
    facts |= {"visited_on": str(visited_on)} if visited_on else {}
    if lookback.period_id is not None and (
        seen := evidence_of(ctx, lookback.period_id, KeepsFiles(lookback_id=lookback.id))
    ):
        facts["files"] = [one.sha256 for one in seen]
    audit.append(ctx, "look-back", measure.full_code, **facts, **decided_for(ctx, Act.ACCEPT, measure))
    ctx.session.flush()
    if result is LookbackResult.REBOUNDED:
        ask_anew(ctx, measure, WorkState.REOPENED, phrase("lookback.rebounded", why=words))
    elif result is LookbackResult.IMPROVE:
        again = ctx.today + timedelta(days=ctx.policy.lookback.improve_days)
        _plan(ctx, lookback.closure, 0, again)
        note = phrase("lookback.improve", measure=measure.full_code, day=again, why=words)
        key = f"improve:{lookback.id}"
        message_queue.notify(ctx, recipients_of(measure, UNIT), key, AlertKind.DECISION, Level.YELLOW, note)
    return lookback


def lock_lookback(ctx: LedgerContext, lookback_id: int) -> Lookback | None:
    """A look-back, its measure held against every other writer; None when there is none.

    Args:
        ctx: the context whose transaction holds it.
        lookback_id: its id.
    """
    found = ctx.session.get(Lookback, lookback_id)
    if found is None:
        return None
    lock_measure(ctx, found.measure)
    held = select(Lookback).where(Lookback.id == lookback_id).with_for_update(of=Lookback)
    return ctx.session.execute(held.execution_options(populate_existing=True)).scalar_one()


def waiting_lookback(ctx: LedgerContext, code: str) -> Lookback:
    """The look-back of a measure that waits.

    Args:
        ctx: the context.
        code: code of the measure, with the key of its inspection where several have it.

    Raises:
        Refusal: ``lookback_none``, and those of ``measure_by_code``.
    """
    measure = measure_by_code(ctx.session, code)
    found = next((one for one in lookbacks_of(ctx, measure) if one.state == LookbackState.WAITING), None)
    if found is None:
        raise Refusal("lookback_none", measure=code)
    return found
