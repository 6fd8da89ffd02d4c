"""What supervisors do with an escalation (督办单): acknowledge, instruct; both hold the climb, neither ends it."""

from datetime import date, datetime

from sqlalchemy import bindparam, select

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext, recipients_of, reschedule_next_step
from db.models import Escalation, Extension, Period, Submission
from plan.types import LIVE, UNANSWERED, AlertKind, Audience, EscalationState, Level, PeriodState
from rules.actors import is_one_of
from rules.ladder import shift
from text.clean import block
from text.limits import LONGEST_TEXT
from text.refusals import Refusal

# PostgreSQL locks in the order of OF, and reads anew what it had to wait for.
_BOTH = (
    select(Escalation, Period)
    .join(Escalation.period)
    .where(Escalation.id == bindparam("escalation"))
    .with_for_update(of=[Period, Escalation])
    .execution_options(populate_existing=True)
)


def open_escalation(ctx: LedgerContext, period_id: int) -> Escalation | None:
    """The escalation of a period that waits for a supervisor; None when none does.

    Args:
        ctx: the context.
        period_id: the period's id.
    """
    live = Escalation.state.in_(LIVE)
    query = select(Escalation).where(Escalation.period_id == period_id, live)
    return ctx.session.execute(query).scalar_one_or_none()


def acknowledge(ctx: LedgerContext, escalation_id: int) -> Escalation:
    """Say "I have it": the climb waits for the policy's hold, then goes on (an acknowledgement is not an end).

    Args:
        ctx: the context; the hold counts from its ``today``, its actor acknowledges.
        escalation_id: the escalation's id.

    Returns:
        The escalation, with the instant (UTC) until which it holds.

    Raises:
        Refusal: ``escalation_closed``, ``escalation_acknowledged`` while an earlier one still holds,
            ``actor_is_late_unit``, and those of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    escalation, period = _held(ctx, escalation_id)
    _refuse_late_unit(ctx, escalation, period)
    until = escalation.acknowledged_until
    # By range: an acknowledgement that has run out may be given again, by anybody.
    if until is not None and until > ctx.now:
        raise Refusal("escalation_acknowledged", number=escalation.number, until=ctx.work_time.day_of(until))
    # To the opening of a working day, not to the minute: a rung falls due then.
    hold = ctx.work_time.at_opening(shift(ctx.today, ctx.policy.acknowledge_hold, ctx.work_time.calendar))
    escalation.state = EscalationState.ACKNOWLEDGED
    escalation.acknowledged_by, escalation.acknowledged_until = ctx.actor, hold
    _hold(ctx, period, hold)
    for_whom = ctx.instead_of(escalation.recipients)
    audit.append(ctx, "acknowledge", escalation.number, period=period.id, until=hold.isoformat(), **for_whom)
    return escalation


def instruct(ctx: LedgerContext, escalation_id: int, text: str, new_limit_on: date | None = None) -> Escalation:
    """Instruct the unit and set a new limit, until whose end the climb waits (domain.md 5.3: every sheet sets a limit).

    Args:
        ctx: the context; its ``now`` is when this happens, its actor who instructs.
        escalation_id: the escalation's id.
        text: the instruction; handler and leader of the unit get it word for word.
        new_limit_on: a day in the office's zone, not past and no further ahead than the longest extension; None: the
            sheet's own, or today where that is past.

    Returns:
        The escalation as instructed.

    Raises:
        Refusal: ``escalation_closed``, ``text_empty``, ``text_too_long``, ``limit_in_past``, ``limit_too_late``,
            ``actor_is_late_unit``, and those of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    escalation, period = _held(ctx, escalation_id)
    _refuse_late_unit(ctx, escalation, period)
    words = block(text)
    if not words:
        raise Refusal("text_empty", field="批示")
    if len(words) > LONGEST_TEXT:
        raise Refusal("text_too_long", field="批示", length=len(words), limit=LONGEST_TEXT)
    if new_limit_on is not None and new_limit_on < ctx.today:
        raise Refusal("limit_in_past", limit=new_limit_on, today=ctx.today)
    # Bounded as an extension is: the climb waits for it.
    longest = ctx.policy.extensions.longest_days
    if new_limit_on is not None and (days := (new_limit_on - ctx.today).days) > longest:
        raise Refusal("limit_too_late", days=days, limit=longest)
    # A sheet answered after its own limit would else be held until a day that is over.
    limit = new_limit_on or max(escalation.limit_on, ctx.today)
    escalation.state = EscalationState.INSTRUCTED
    escalation.instruction, escalation.new_limit_on = words, limit
    escalation.instructed_by, escalation.instructed_at = ctx.actor, ctx.now
    # A date is kept until its end (domain.md 7.1), so the climb goes on with the day after it.
    _hold(ctx, period, ctx.work_time.end_of(limit))
    for_whom = ctx.instead_of(escalation.recipients)
    audit.append(ctx, "instruct", escalation.number, period=period.id, limit=str(limit), text=words, **for_whom)
    told = recipients_of(period.duty.measure, [Audience.HANDLER, Audience.LEADER])
    note = f"{escalation.number}批示：{words}（新时限{limit}）"
    message_queue.notify(
        ctx, told, f"instructed:{escalation.id}", AlertKind.DECISION, Level(escalation.level), note, period.id
    )
    return escalation


def lock_escalation(ctx: LedgerContext, escalation_id: int) -> Escalation | None:
    """The escalation, it and its period held against every other writer; None when there is none.

    Args:
        ctx: the context whose transaction holds them.
        escalation_id: the escalation's id.
    """
    found = ctx.session.execute(_BOTH, {"escalation": escalation_id}).tuples().one_or_none()
    return found[0] if found else None


def end_as_moot(ctx: LedgerContext, period: Period, why: str) -> None:
    """End the sheets of a period that nobody need act on any more, and tell whoever got one, once.

    Args:
        ctx: the context.
        period: locked by this transaction.
        why: what made them moot, in the words of the message.
    """
    query = select(Escalation).where(Escalation.period_id == period.id, Escalation.state.in_(UNANSWERED))
    sheets = (
        ctx.session.execute(query.order_by(Escalation.id).execution_options(populate_existing=True)).scalars().all()
    )
    if not sheets:
        return
    for sheet in sheets:
        sheet.state = EscalationState.CLOSED
    told = list(dict.fromkeys(recipient for sheet in sheets for recipient in sheet.recipients))
    note = f"{'、'.join(sheet.number for sheet in sheets)}不再办理：{why}"
    message_queue.notify(ctx, told, f"moot:{sheets[-1].id}", AlertKind.CHANGE, Level.NONE, note, period.id)


def _held(ctx: LedgerContext, escalation_id: int) -> tuple[Escalation, Period]:
    """The escalation and its period, both locked; period first, as every command does."""
    if ctx.batch and (known := ctx.batch.escalations.get(escalation_id)):
        escalation, period = known, ctx.batch.periods[known.period_id]
    else:
        escalation, period = ctx.session.execute(_BOTH, {"escalation": escalation_id}).tuples().one()
    if escalation.state not in LIVE:
        raise Refusal("escalation_closed", number=escalation.number)
    return escalation, period


def _refuse_late_unit(ctx: LedgerContext, escalation: Escalation, period: Period) -> None:
    """A sheet is for a supervisor: neither the unit's posts answer it, unless it asks them, nor who reported for it."""
    measure = period.duty.measure
    unit = set(recipients_of(measure, [Audience.HANDLER, Audience.LEADER])) - set(escalation.recipients)
    reporters = select(Submission.submitted_by).where(Submission.period_id == period.id)
    askers = select(Extension.asked_by).where(Extension.period_id == period.id)
    own = ctx.session.execute(reporters.union_all(askers)).scalars()
    if is_one_of(ctx.actor, [*ctx.acting_names(unit), *own]):
        raise Refusal("actor_is_late_unit", actor=ctx.actor, measure=measure.full_code)


def _hold(ctx: LedgerContext, period: Period, until: datetime) -> None:
    period.hold_until = until
    if period.state == PeriodState.WAITING:
        reschedule_next_step(ctx, period)
