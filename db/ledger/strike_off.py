"""A measure is struck off (销号) and asks nothing more but to confirm; or it is reopened and asks anew."""

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext, name_of, recipients_of
from db.ledger.deciders import authorised, decided_for
from db.ledger.inspections import measure_by_code
from db.ledger.periods import open_duty, open_of
from db.ledger.reproject import tell_change
from db.ledger.suspend import carry_out_state, lock_measure
from db.models import Measure, Period
from plan.types import UNIT, Act, AlertKind, DutyKind, Level, PeriodState, WorkState
from rules.lifecycle import move_measure, struck_off
from text.reason import checked_reason


def strike_off(ctx: LedgerContext, measure: Measure, reason: str) -> None:
    """Strike a measure off: its open periods are withdrawn and no duty opens another, those to confirm excepted.

    Args:
        ctx: the context; its ``now`` is when this happens, in the name of whoever decided.
        measure: locked by this transaction.
        reason: why; whoever works on an open period is told.

    Raises:
        Refusal: ``transition``.
    """
    before, measure.work_state = WorkState(measure.work_state), state_when_struck_off(measure)
    present = open_of(ctx, measure.duties)
    carry_out_state(ctx, measure, before)
    ended = [period for period in present if period.state == PeriodState.WITHDRAWN]
    for period in ended:
        tell_change(ctx, period, f"closed:{period.id}", f"{measure.full_code}已销号，本期不再要求：{reason}")
    facts = {"before": before, "withdrawn": [name_of(period) for period in ended]}
    facts |= decided_for(ctx, Act.CLOSE, measure)
    audit.append(ctx, "close", measure.full_code, reason=reason, **facts)


def state_when_struck_off(measure: Measure) -> WorkState:
    """Where a measure stands once it is struck off, if it may be as it stands.

    Args:
        measure: with its duties.

    Raises:
        Refusal: ``transition``.
    """
    to_finish = any(duty.kind == DutyKind.FINISH for duty in measure.owed)
    return struck_off(measure.full_code, WorkState(measure.work_state), to_finish)


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
    measure = lock_measure(ctx, measure_by_code(ctx.session, code))
    ctx = authorised(ctx, Act.CLOSE, measure)
    words = checked_reason(reason, needed=True)
    return ask_anew(ctx, measure, move_measure(code, WorkState(measure.work_state), WorkState.REOPENED), words)


def ask_anew(ctx: LedgerContext, measure: Measure, state: WorkState, reason: str) -> list[Period]:
    """Let a measure go on in another state, and tell its unit why.

    Args:
        ctx: the context; its ``now`` is when this happens, in the name of whoever decided.
        measure: locked by this transaction.
        state: reopened, where what it was finished with is asked anew; else the one that it is in.
        reason: why; whoever works on it is told.

    Returns:
        The open periods of the measure under their limits.
    """
    before, measure.work_state = WorkState(measure.work_state), state
    present = {period.id for period in open_of(ctx, measure.duties)}
    carry_out_state(ctx, measure, before)
    for duty in measure.owed:
        open_duty(ctx, duty.id)
    periods = list(open_of(ctx, measure.duties))
    opened = [period for period in periods if period.id not in present]
    note = f"{measure.full_code}重新整改：{reason}"
    for period in opened:
        tell_change(ctx, period, f"reopened:{period.id}", note)
    if not opened:
        key = f"reopened:{measure.id}:{ctx.now.isoformat()}"
        message_queue.notify(ctx, recipients_of(measure, UNIT), key, AlertKind.DECISION, Level.YELLOW, note)
    facts = {"before": before, "opened": [name_of(period) for period in opened]}
    facts |= decided_for(ctx, Act.CLOSE, measure)
    audit.append(ctx, "reopen", measure.full_code, reason=reason, **facts)
    return periods
