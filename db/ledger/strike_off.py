"""A measure is struck off (销号) and asks nothing more but to confirm; or it is reopened and asks anew."""

from db.ledger import audit
from db.ledger.context import LedgerContext, name_of
from db.ledger.deciders import authorised, decided_for
from db.ledger.inspections import measure_by_code
from db.ledger.periods import open_duty, open_of
from db.ledger.reproject import tell_change
from db.ledger.suspend import carry_out_state, lock_measure
from db.models import Measure, Period
from plan.types import Act, DutyKind, PeriodState, WorkState
from rules.lifecycle import move_measure, struck_off
from text.reason import checked_reason


def close(ctx: LedgerContext, code: str, reason: str) -> Measure:
    """Strike a measure off: its open periods are withdrawn and no duty opens another, those to confirm excepted.

    Work that is to be finished is struck off once its finish was accepted; what goes on by the month, whenever somebody
    other than its unit decides so.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides, and is no post of the unit.
        code: code of the measure, with the key of its inspection where several have it.
        reason: why; whoever works on an open period is told.

    Returns:
        The measure.

    Raises:
        Refusal: those of ``measure_by_code``, ``measure_retired``, ``transition``, ``reason_empty``, ``text_too_long``,
            and those of ``authorised``.
    """
    measure, ctx, words = _decided(ctx, code, reason)
    before = WorkState(measure.work_state)
    to_finish = any(duty.kind == DutyKind.FINISH for duty in measure.owed)
    measure.work_state = struck_off(code, before, to_finish)
    present = open_of(ctx, measure.duties)
    carry_out_state(ctx, measure, before)
    ended = [period for period in present if period.state == PeriodState.WITHDRAWN]
    for period in ended:
        tell_change(ctx, period, f"closed:{period.id}", f"{measure.full_code}已销号，本期不再要求：{words}")
    facts = {"before": before, "withdrawn": [name_of(period) for period in ended]}
    facts |= decided_for(ctx, Act.CLOSE, measure)
    audit.append(ctx, "close", measure.full_code, reason=words, **facts)
    return measure


def reopen(ctx: LedgerContext, code: str, reason: str) -> list[Period]:
    """Ask anew for what a measure was accepted or struck off with (重新整改); its history stays.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides, and is no post of the unit.
        code: code of the measure, with the key of its inspection where several have it.
        reason: why; whoever works on it is told.

    Returns:
        The open periods of the measure under their limits.

    Raises:
        Refusal: those of ``measure_by_code``, ``measure_retired``, ``transition``, ``reason_empty``, ``text_too_long``,
            and those of ``authorised``.
    """
    measure, ctx, words = _decided(ctx, code, reason)
    before = WorkState(measure.work_state)
    measure.work_state = move_measure(code, before, WorkState.REOPENED)
    present = {period.id for period in open_of(ctx, measure.duties)}
    carry_out_state(ctx, measure, before)
    for duty in measure.owed:
        open_duty(ctx, duty.id)
    periods = list(open_of(ctx, measure.duties))
    for period in periods:
        if period.id not in present:
            tell_change(ctx, period, f"reopened:{period.id}", f"{measure.full_code}重新整改：{words}")
    facts = {"before": before, "opened": [name_of(period) for period in periods]}
    facts |= decided_for(ctx, Act.CLOSE, measure)
    audit.append(ctx, "reopen", measure.full_code, reason=words, **facts)
    return periods


def _decided(ctx: LedgerContext, code: str, reason: str) -> tuple[Measure, LedgerContext, str]:
    """The measure, locked; the context in the name of whoever decides, who is not its unit; and his reason."""
    measure = lock_measure(ctx, measure_by_code(ctx.session, code))
    ctx = authorised(ctx, Act.CLOSE, measure)
    return measure, ctx, checked_reason(reason, needed=True)
