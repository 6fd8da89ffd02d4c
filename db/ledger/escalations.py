"""What supervisors do with an escalation (督办单): acknowledge, instruct; both hold the climb, neither ends it."""

from datetime import UTC, date, datetime

from sqlalchemy import bindparam, select

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext, acting_posts, recipients_of, reschedule_next_step
from db.ledger.deciders import authorised
from db.models import Escalation, Extension, Period, Submission
from plan.types import LIVE, UNANSWERED, Act, AlertKind, Audience, EscalationState, Level, PeriodState
from rules.actors import is_one_of
from rules.ladder import shift
from text.reason import checked_reason, checked_text
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


def acknowledge(ctx: LedgerContext, escalation_id: int, until: date | None = None, reason: str = "") -> Escalation:
    """Say "I have it": the climb waits for a while, then goes on (an acknowledgement is not an end).

    Where the rung asks for several, it waits once that many have said so, until the first of them expires.

    Args:
        ctx: the context; the hold counts from its ``today``, its actor acknowledges.
        escalation_id: the escalation's id.
        until: the last day of the hold, in the office's zone; None for the policy's usual time.
        reason: why until then; everybody who reads the sheet sees it.

    Returns:
        The escalation, with the instant (UTC) until which the climb waits, where enough have acknowledged.

    Raises:
        Refusal: ``escalation_closed``, ``escalation_acknowledged`` while an earlier one still holds, ``hold_in_past``,
            ``hold_too_long``, ``reason_empty``, ``text_too_long``, and those of ``_as_supervisor``.
    """
    escalation, period = _held(ctx := ctx.acting(), escalation_id)
    ctx = _as_supervisor(ctx, escalation, period)
    # By range: an acknowledgement that has run out may be given again, by anybody.
    holding = {one["by"]: one for one in escalation.acknowledgements if _until(one) > ctx.now}
    held = escalation.acknowledged_until
    if ctx.actor in holding or (held is not None and held > ctx.now):
        last = held or _until(holding[ctx.actor])
        raise Refusal("escalation_acknowledged", number=escalation.number, until=ctx.work_time.last_day(last))
    words = checked_reason(reason, needed=until is not None)
    hold = _hold_of(ctx, until)
    holding[ctx.actor] = {"by": ctx.actor, "until": hold.astimezone(UTC).isoformat(), "reason": words}
    escalation.acknowledgements = list(holding.values())
    # No more than there are people of whom it is asked: one may hold two posts, and some are only informed.
    acting = acting_posts(period.duty.measure.audiences)
    asked = ctx.asked_names(post for post in escalation.recipients if post in acting)
    if len(holding) >= min(escalation.needed, len(asked)):
        escalation.state = EscalationState.ACKNOWLEDGED
        escalation.acknowledged_by = "、".join(holding)
        escalation.acknowledged_until = min(_until(one) for one in holding.values())
        _hold(ctx, period, escalation.acknowledged_until)
    facts = {"until": hold.isoformat()} | ({"reason": words} if words else {}) | ctx.instead_of(escalation.recipients)
    audit.append(ctx, "acknowledge", escalation.number, period=period.id, **facts)
    return escalation


def _until(acknowledgement: dict[str, str]) -> datetime:
    return datetime.fromisoformat(acknowledgement["until"])


def _hold_of(ctx: LedgerContext, until: date | None) -> datetime:
    """To the opening of a working day, not to the minute: a rung falls due then."""
    calendar = ctx.work_time.calendar
    if until is None:
        return ctx.work_time.at_opening(shift(ctx.today, ctx.policy.acknowledge_hold, calendar))
    if until <= ctx.today:
        raise Refusal("hold_in_past", until=until, today=ctx.today)
    latest = shift(ctx.today, ctx.policy.acknowledge_longest, calendar)
    if until > latest:
        raise Refusal("hold_too_long", until=until, latest=latest)
    # A date is kept until its end (domain.md 7.1).
    return ctx.work_time.end_of(until)


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
            ``actor_is_late_unit``, and those of ``authorised``.
    """
    escalation, period = _held(ctx := ctx.acting(), escalation_id)
    ctx = _as_supervisor(ctx, escalation, period)
    words = checked_text(text, "批示")
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


def _as_supervisor(ctx: LedgerContext, escalation: Escalation, period: Period) -> LedgerContext:
    """A sheet is for a supervisor: neither the unit's posts answer it, unless it asks them, nor who reported for it."""
    measure = period.duty.measure
    ctx = authorised(ctx, Act.INSTRUCT, measure, escalation.recipients)
    reporters = select(Submission.submitted_by).where(Submission.period_id == period.id)
    askers = select(Extension.asked_by).where(Extension.period_id == period.id)
    if is_one_of(ctx.actor, ctx.session.execute(reporters.union_all(askers)).scalars()):
        raise Refusal("actor_is_late_unit", actor=ctx.actor, measure=measure.full_code)
    return ctx


def _hold(ctx: LedgerContext, period: Period, until: datetime) -> None:
    period.hold_until = until
    if period.state == PeriodState.WAITING:
        reschedule_next_step(ctx, period)
