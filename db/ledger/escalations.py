"""What supervisors do with a sheet (督办单, 约谈, 通报): acknowledge, instruct, interview; raise a matter higher.

Each holds the climb, none ends it. A circular is decided in ``db/ledger/circulars.py``.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from db.ledger import audit, message_queue
from db.ledger.context import (
    LedgerContext,
    acting_posts,
    lock_period,
    name_of,
    progress_of,
    recipients_of,
    reschedule_next_step,
    steps_of,
)
from db.ledger.deciders import authorised, decided_for
from db.ledger.fire import DueDecision, Raised, Totals, record
from db.models import Escalation, Extension, Period, Submission
from plan.policy import rung_text
from plan.types import LIVE, UNANSWERED, Act, AlertKind, Audience, EscalationState, Level, PeriodState
from rules.actors import is_one_of
from rules.due_steps import DueSteps, first_at
from rules.ladder import Step, sheets_above, shift
from text.catalogue import phrase, term
from text.reason import checked_line, checked_reason, checked_text
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
    ctx = _as_supervisor(ctx, escalation.recipients, period)
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
    return answer_sheet(ctx, escalation_id, None, checked_text(text, "批示"), new_limit_on, "instruct")


def hold_interview(
    ctx: LedgerContext,
    escalation_id: int,
    held_on: date,
    attended: str,
    demands: str,
    new_limit_on: date | None = None,
) -> Escalation:
    """Record that the unit was interviewed (约谈), and what was demanded of it by when.

    Args:
        ctx: the context; its actor held the interview, or records it for whoever did.
        escalation_id: of a sheet that asks for an interview.
        held_on: the day, in the office's zone, not to come.
        attended: who of the unit was interviewed.
        demands: what was demanded; handler and leader of the unit get it word for word.
        new_limit_on: as for ``instruct``.

    Returns:
        The sheet as answered.

    Raises:
        Refusal: ``day_in_future``, and those of ``answer_sheet`` and ``instruct``.
    """
    if held_on > ctx.today:
        raise Refusal("day_in_future", field="约谈日期", day=held_on, today=ctx.today)
    marks = {"held_on": held_on, "attended": checked_line(attended, "约谈对象")}
    words = checked_text(demands, "约谈要求")
    return answer_sheet(ctx, escalation_id, AlertKind.INTERVIEW, words, new_limit_on, "interview", **marks)


def answer_sheet(
    ctx: LedgerContext,
    escalation_id: int,
    kind: AlertKind | None,
    words: str,
    new_limit_on: date | None,
    command: str,
    **marks: Any,
) -> Escalation:
    """A supervisor has answered a sheet: the unit is told, and the climb waits until the end of the new limit.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor who answers.
        escalation_id: the sheet's id.
        kind: of the sheets that take this answer; None: all do.
        words: checked; what the unit is told.
        new_limit_on: as for ``instruct``.
        command: what the trail calls it.
        marks: columns of the sheet that are set besides; the trail and the unit are told of them.

    Returns:
        The sheet as answered.

    Raises:
        Refusal: ``sheet_other_kind``, and those of ``instruct``, but for what is wrong with the words.
    """
    escalation, period = _held(ctx := ctx.acting(), escalation_id)
    ctx = _as_supervisor(ctx, escalation.recipients, period)
    if kind not in (None, escalation.kind):
        raise Refusal("sheet_other_kind", number=escalation.number, kind=term(kind))
    if new_limit_on is not None and new_limit_on < ctx.today:
        raise Refusal("limit_in_past", limit=new_limit_on, today=ctx.today)
    # Bounded as an extension is: the climb waits for it.
    longest = ctx.policy.extensions.longest_days
    if new_limit_on is not None and (days := (new_limit_on - ctx.today).days) > longest:
        raise Refusal("limit_too_late", days=days, limit=longest)
    # A sheet answered after its own limit would else be held until a day that is over.
    limit = new_limit_on or max(escalation.limit_on, ctx.today)
    for name, value in marks.items():
        setattr(escalation, name, value)
    escalation.state = EscalationState.INSTRUCTED
    escalation.instruction, escalation.new_limit_on = words, limit
    escalation.instructed_by, escalation.instructed_at = ctx.actor, ctx.now
    # A date is kept until its end (domain.md 7.1), so the climb goes on with the day after it.
    _hold(ctx, period, ctx.work_time.end_of(limit))
    for_whom = ctx.instead_of(escalation.recipients)
    facts = {name: str(value) for name, value in marks.items()}
    said = {"limit": str(limit), "text": words, **facts, **for_whom}
    audit.append(ctx, command, escalation.number, period=period.id, **said)
    told = recipients_of(period.duty.measure, [Audience.HANDLER, Audience.LEADER])
    note = phrase(f"sheet.{command}", number=escalation.number, text=words, limit=limit, **facts)
    message_queue.notify(
        ctx, told, f"instructed:{escalation.id}", AlertKind.DECISION, Level(escalation.level), note, period.id
    )
    return escalation


def raisable(ctx: LedgerContext, period: Period) -> tuple[Step, ...]:
    """The rungs to which a period may be raised now, from the lowest up.

    Args:
        ctx: the context.
        period: a loaded period; of one that does not wait for its report, or is suspended, there are none.
    """
    return sheets_above(steps_of(ctx, period), period.fired) if _asks_its_unit(period) else ()


def _asks_its_unit(period: Period) -> bool:
    return period.state == PeriodState.WAITING and period.stopped_on is None


def step_name(step: Step) -> str:
    """What people call a rung that asks a supervisor, such as 红色约谈（期限后第12个工作日，主要领导、纪检监察组）.

    Args:
        step: one of a ladder.
    """
    rung = step.rung
    whom = "、".join(term(audience) for audience in rung.audience)
    return phrase(
        "sheet.rung", colour=term(rung.level), kind=term(rung.kind), when=rung_text(rung.anchor, rung.offset), whom=whom
    )


def raise_to(ctx: LedgerContext, period_id: int, rung: str, reason: str) -> Escalation:
    """Raise a serious matter to a higher rung before its time (提级): those in between are passed over.

    Levels go up one at a time, but a serious matter may start higher (domain.md 5.3). The unit is told.

    Args:
        ctx: the context; it happens at its ``now``, its actor is a supervisor.
        period_id: of a period whose report is awaited, late or not.
        rung: the key of a rung that asks a supervisor, above all that did.
        reason: why; it stands on the sheet.

    Returns:
        The sheet that was opened.

    Raises:
        Refusal: ``period_not_raised``, ``rung_not_above``, ``rung_vacant``, ``reason_empty``, ``text_too_long``, and
            those of ``_as_supervisor``.
    """
    ctx = ctx.acting()
    period = lock_period(ctx, period_id)
    measure = period.duty.measure
    # Whoever was only informed of a sheet raises nothing.
    ctx = _as_supervisor(ctx, (), period)
    if not _asks_its_unit(period):
        raise Refusal("period_not_raised", period=name_of(period))
    above = raisable(ctx, period)
    known = [step.key for step in above]
    if rung not in known:
        named = "；".join(f"{step.key}：{step_name(step)}" for step in above) or phrase("paper.none")
        raise Refusal("rung_not_above", period=name_of(period), rung=rung, known=named)
    passed, step = above[: known.index(rung)], above[known.index(rung)]
    gone = ctx.unheld()
    if not (asked := [one for one in recipients_of(measure, step.rung.audience) if one not in gone]):
        raise Refusal("rung_vacant", rung=step_name(step), measure=measure.full_code)
    why = checked_reason(reason, needed=True)
    now = [(one._replace(at=ctx.now), list[int]()) for one in passed] + [(step._replace(at=ctx.now), asked)]
    taken = tuple(one for one, _ in now)
    progress = progress_of(period).after(taken, period.repeats, ctx.today)
    ladder = ctx.ladders.get(ctx.session, period.ladder_id)
    next_at = first_at(ladder, steps_of(ctx, period), progress, ctx.today, ctx.work_time)
    due = DueSteps(taken, period.repeats, next_at)
    ctx.session.flush()
    record(ctx, [DueDecision(period.id, period.due_on, False, due, now, Raised(ctx.actor, why))], Totals())
    ctx.session.refresh(period)
    sheet = open_escalation(ctx, period_id)
    assert sheet is not None, "a rung that somebody stands on opened it"
    facts = {"rung": rung, "passed": known[: known.index(rung)], "reason": why}
    audit.append(ctx, "escalate", sheet.number, period=period.id, **facts, **decided_for(ctx, Act.INSTRUCT, measure))
    note = phrase("sheet.raised", number=sheet.number, kind=term(sheet.kind), by=ctx.actor, why=why)
    told = recipients_of(measure, [Audience.HANDLER, Audience.LEADER])
    message_queue.notify(ctx, told, f"raised:{sheet.id}", AlertKind.DECISION, Level(sheet.level), note, period.id)
    return sheet


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


def _as_supervisor(ctx: LedgerContext, asked: Sequence[int], period: Period) -> LedgerContext:
    """A sheet is for a supervisor: neither the unit's posts answer it, unless it asks them, nor who reported for it."""
    measure = period.duty.measure
    ctx = authorised(ctx, Act.INSTRUCT, measure, asked)
    reporters = select(Submission.submitted_by).where(Submission.period_id == period.id)
    askers = select(Extension.asked_by).where(Extension.period_id == period.id)
    if is_one_of(ctx.actor, ctx.session.execute(reporters.union_all(askers)).scalars()):
        raise Refusal("actor_is_late_unit", actor=ctx.actor, measure=measure.full_code)
    return ctx


def _hold(ctx: LedgerContext, period: Period, until: datetime) -> None:
    period.hold_until = until
    if period.state == PeriodState.WAITING:
        reschedule_next_step(ctx, period)
