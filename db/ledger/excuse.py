"""A period ends without a report of its own: skipped (免报), or merged into the next one (并入下期).

Both are the office's decision, with a reason, and both are counted: nobody's silence becomes an outcome.
"""

from typing import Any

from sqlalchemy import Select, select

from db.ledger import audit
from db.ledger.context import LedgerContext, lock_period, name_of
from db.ledger.deciders import authorised, decided_for
from db.ledger.escalations import end_as_moot
from db.ledger.periods import rule_of
from db.ledger.reports import still_open
from db.ledger.reproject import tell_change
from db.models import Duty, Period
from plan.types import OPEN, Act, DutyKind, PeriodState, WorkState
from rules.cadence import window
from rules.lifecycle import move_period, still_asked
from text.catalogue import term
from text.reason import checked_reason
from text.refusals import Refusal


def skip(ctx: LedgerContext, period_id: int, reason: str) -> Period:
    """Let a period end without a report (免报): there was nothing to report, and the office says so.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides, and is a post of the office.
        period_id: an open period that waits for its report, of anything but work that is to be finished.
        reason: why; the unit is told.

    Returns:
        The period as it ended.

    Raises:
        Refusal: ``period_closed``, ``transition`` while a report waits for review, ``finish_not_excused``,
            ``reason_empty``, ``text_too_long``, and those of ``authorised``.
    """
    return _end(ctx, "skip", period_id, PeriodState.SKIPPED, reason)


def merge_into_next(ctx: LedgerContext, period_id: int, reason: str) -> Period:
    """Let a period be reported together with the next one of its duty (并入下期), whose form then says so.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides, and is a post of the office.
        period_id: an open period that waits for its report, of anything but work that is to be finished.
        reason: why; the unit is told.

    Returns:
        The period as it ended.

    Raises:
        Refusal: ``merge_no_next`` where no later period is open or to come, and those of ``skip``.
    """
    return _end(ctx, "merge", period_id, PeriodState.MERGED, reason)


def _end(ctx: LedgerContext, command: str, period_id: int, state: PeriodState, reason: str) -> Period:
    period = lock_period(ctx, period_id)
    measure, name = period.duty.measure, name_of(period)
    ctx = authorised(ctx, Act.EXCUSE, measure)
    still_open(period, term(state))
    if period.duty.kind == DutyKind.FINISH:
        raise Refusal("finish_not_excused", period=name)
    words = checked_reason(reason, needed=True)
    into, following = _next(ctx, period) if state is PeriodState.MERGED else (None, None)
    if state is PeriodState.MERGED and following is None:
        raise Refusal("merge_no_next", period=name)
    period.state = move_period(name, PeriodState(period.state), state)
    period.closed_at, period.next_step_at, period.parked_at = ctx.now, None, None
    period.ended_by, period.end_reason = ctx.actor, words
    said = f"已并入{following}一并填报" if following else "本期免报"
    end_as_moot(ctx, period, f"{name}{said}")
    tell_change(ctx, period, f"{command}:{period.id}", f"{said}：{words}（{ctx.actor}）")
    facts: dict[str, Any] = {"into": following} if following else {}
    if into is not None:
        facts["periods"] = [into.id]  # its form says what it is to be reported with
    facts |= decided_for(ctx, Act.EXCUSE, measure)
    audit.append(ctx, command, name, period=period.id, reason=words, due=str(period.due_on), **facts)
    return period


def _next(ctx: LedgerContext, period: Period) -> tuple[Period | None, str | None]:
    """The period that a merged one is reported with, if it is open yet, and its label; None where there is none."""
    duty, measure = period.duty, period.duty.measure
    later = _of_duty(duty).where(Period.due_on > period.due_on, Period.state.in_(OPEN)).order_by(Period.due_on)
    if (found := ctx.session.execute(later.limit(1)).scalar_one_or_none()) is not None:
        return found, found.label
    state = WorkState(measure.work_state)
    # A suspended measure goes on one day; what is struck off does not.
    if state is not WorkState.SUSPENDED and not still_asked(state, DutyKind(duty.kind)):
        return None, None
    ordinals = (one.next_ordinal for one in measure.owed if one.key == duty.key)
    ordinal = next((one for one in ordinals if one is not None), None)
    return None, window(rule_of(duty), ordinal, ctx.work_time.calendar).label if ordinal is not None else None


def merged_into(ctx: LedgerContext, period: Period) -> list[Period]:
    """The periods of the same duty that are reported with this one, the earliest first.

    Args:
        ctx: the context.
        period: a loaded period.
    """
    query = _of_duty(period.duty).where(Period.state != PeriodState.WITHDRAWN).order_by(Period.due_on, Period.id)
    found: list[Period] = []
    for one in ctx.session.execute(query).scalars():
        if one.id == period.id:
            return found
        if one.state == PeriodState.MERGED:
            found.append(one)
        # What ended before another was merged cannot have taken it; what was skipped takes nothing.
        elif one.state != PeriodState.SKIPPED:
            found = [was for was in found if one.closed_at and was.closed_at and one.closed_at < was.closed_at]
    return found


def _of_duty(duty: Duty) -> Select[Period]:
    """Periods under the duty's key, whichever row opened them."""
    return select(Period).join(Period.duty).where(Duty.measure_id == duty.measure_id, Duty.key == duty.key)
