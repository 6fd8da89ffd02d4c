"""What a measure's state does: suspended (挂账) stops its clock, closed asks to confirm alone, reopened asks anew.

Suspending and resuming are commands; a plan that says such a state carries it out by the same functions.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import inspect as inspect_row
from sqlalchemy import select

from db.ledger import audit, message_queue
from db.ledger.closure_stages import begin_closure, drop_lookbacks, withdraw_closure
from db.ledger.context import LedgerContext, name_of, recipients_of, reschedule_next_step
from db.ledger.deciders import authorised, decided_for
from db.ledger.escalations import end_as_moot
from db.ledger.inspections import measure_by_code
from db.ledger.periods import await_window, first_window, open_duty, open_of, retire, rule_of, withdraw
from db.ledger.reports import go_on_after_standstill
from db.ledger.reproject import tell_change
from db.models import Duty, Measure, Period, Suspension
from plan.types import (
    OPEN,
    Act,
    AlertKind,
    Audience,
    Cadence,
    ClosureStage,
    DutyKind,
    Level,
    PeriodState,
    WorkState,
)
from rules.cadence import Window, next_window, window
from rules.ladder import shift
from rules.lifecycle import move_measure, still_asked
from text.catalogue import term
from text.clean import block
from text.reason import checked_reason
from text.refusals import Refusal

SUSPENSION_REVIEW = "suspension-review"
"""The event by which the office is told to look at a suspension again; its id follows, and the day."""
_IN_FORCE = select(Suspension).where(Suspension.ended_at.is_(None))


def suspend(ctx: LedgerContext, code: str, *, reason: str, evidence: Sequence[str], until: date) -> Suspension:
    """Stop the clock of a measure until something outside the unit's reach has happened (domain.md 5.4).

    Its open periods wait without firing, its duties open no more; what is left of every limit is kept. One that is
    suspended already gets another expected end.

    Args:
        ctx: the context; the clock stops at its ``now``, its actor decides.
        code: code of the measure, with the key of its inspection where several have it.
        reason: what has to happen first.
        evidence: what shows it; at least one.
        until: the day in the office's zone on which it is expected to go on; the office is reminded then.

    Returns:
        The suspension in force.

    Raises:
        Refusal: those of ``measure_by_code``, ``measure_retired``, ``transition``, ``reason_empty``,
            ``text_too_long``, ``evidence_missing``, ``suspension_in_past``, ``suspension_too_long``, and those of
            ``authorised``.
    """
    measure = lock_measure(ctx, measure_by_code(ctx.session, code))
    ctx = _as_decider(ctx, measure)
    given = tuple(block(one) for one in evidence)
    if not any(given):
        raise Refusal("evidence_missing", measure=code)
    words = checked_reason(reason, needed=True)
    _check_end(ctx, until)
    present = suspension_of(ctx, measure)
    if present is not None:
        present.reason, present.evidence = words, [one for one in given if one]
        _expect(ctx, present, until)
        _note_prolonged(ctx, present, until, words)
        return present
    measure.work_state = move_measure(code, WorkState(measure.work_state), WorkState.SUSPENDED)
    return _stop(ctx, measure, words, [one for one in given if one], until)


def resume(ctx: LedgerContext, code: str, *, reason: str = "") -> list[Period]:
    """Let the clock of a suspended measure go on with what was left of every limit.

    Windows of its duties that passed meanwhile are not owed; the trail names them.

    Args:
        ctx: the context; the clock goes on at its ``now``, its actor decides.
        code: code of the measure, with the key of its inspection where several have it.
        reason: what has happened; may be empty.

    Returns:
        The open periods of the measure under their limits of now.

    Raises:
        Refusal: those of ``measure_by_code``, ``measure_retired``, ``measure_not_suspended``,
            ``text_too_long``, and those of ``authorised``.
    """
    measure = lock_measure(ctx, measure_by_code(ctx.session, code))
    ctx = _as_decider(ctx, measure)
    if suspension_of(ctx, measure) is None:
        raise Refusal("measure_not_suspended", measure=code)
    measure.work_state = move_measure(code, WorkState(measure.work_state), WorkState.IN_PROGRESS)
    return _go_on(ctx, measure, checked_reason(reason, needed=False))


def prolong(ctx: LedgerContext, suspension: Suspension, until: date, reason: str) -> None:
    """Expect the end of a suspension later; the office is reminded then.

    Args:
        ctx: the context; its actor decides.
        suspension: in force, its measure locked by this transaction.
        until: a day in the office's zone.
        reason: why.

    Raises:
        Refusal: ``reason_empty``, ``text_too_long``, ``suspension_in_past``,
            ``suspension_too_long``, and those of ``authorised``.
    """
    ctx = _as_decider(ctx, suspension.measure)
    words = checked_reason(reason, needed=True)
    _check_end(ctx, until)
    _expect(ctx, suspension, until)
    _note_prolonged(ctx, suspension, until, words)


def _as_decider(ctx: LedgerContext, measure: Measure) -> LedgerContext:
    return authorised(ctx, Act.SUSPEND, measure, recipients_of(measure, [Audience.OFFICE]))


def suspension_of(ctx: LedgerContext, measure: Measure) -> Suspension | None:
    """The suspension of a measure that is in force; None where none is.

    Args:
        ctx: the context.
        measure: a loaded measure.
    """
    return ctx.session.execute(_IN_FORCE.where(Suspension.measure_id == measure.id)).scalar_one_or_none()


def lock_suspension(ctx: LedgerContext, suspension_id: int) -> Suspension | None:
    """A suspension, its measure held against every other writer; None when there is none.

    Args:
        ctx: the context whose transaction holds it.
        suspension_id: its id.
    """
    found = ctx.session.get(Suspension, suspension_id)
    if found is None:
        return None
    lock_measure(ctx, found.measure)
    return ctx.session.get_one(Suspension, suspension_id, populate_existing=True)


def remind_of_suspensions(ctx: LedgerContext) -> int:
    """Remind the office of suspensions whose expected end has come, again after the policy's days.

    Args:
        ctx: the context; what has come by its ``now`` is told.

    Returns:
        How many were told of.
    """
    due = select(Suspension).where(Suspension.remind_at <= ctx.now).order_by(Suspension.id)
    found = ctx.session.execute(due.with_for_update(skip_locked=True)).scalars().all()
    for one in found:
        office = recipients_of(one.measure, [Audience.OFFICE])
        name = f"{one.measure.full_code} {one.measure.title}"
        note = f"{name} 挂账预计于{one.expected_end}恢复，请复核：恢复计时，或写明理由展期"
        key = f"{SUSPENSION_REVIEW}:{one.id}:{ctx.today}"
        message_queue.notify(ctx, office, key, AlertKind.REQUEST, Level.YELLOW, note)
        calendar = ctx.work_time.calendar
        again = shift(ctx.today, ctx.policy.suspensions.remind_again, calendar)
        one.remind_at = ctx.work_time.at_opening(calendar.next_workday(again))
    return len(found)


def carry_out_state(ctx: LedgerContext, measure: Measure, before: WorkState | None) -> None:
    """Make the rows of a measure do what its state says, after a plan set it.

    Args:
        ctx: the context of the command.
        measure: its duties are those of the new plan; locked by this transaction, or new.
        before: its state before the plan; None for one that is new in the ledger.
    """
    state = WorkState(measure.work_state)
    done = state in (WorkState.DONE_CLAIMED, WorkState.ACCEPTED)
    if before is not None and state is not before and not done:
        withdraw_closure(ctx, measure, f"{measure.full_code}现为“{term(state)}”")
    if before is WorkState.CLOSED and state is not before:
        drop_lookbacks(ctx, measure)
    if state is WorkState.SUSPENDED and suspension_of(ctx, measure) is None:
        until = ctx.today + timedelta(days=ctx.policy.suspensions.review_days)
        _stop(ctx, measure, measure.state_note, [], until)
    if before is WorkState.SUSPENDED and state is not WorkState.SUSPENDED:
        _go_on(ctx, measure, measure.state_note)
    if state is WorkState.CLOSED:
        for period in open_of(ctx, [duty for duty in measure.duties if not still_asked(state, DutyKind(duty.kind))]):
            withdraw(ctx, period)
    if state is WorkState.REOPENED and before in (WorkState.DONE_CLAIMED, WorkState.ACCEPTED, WorkState.CLOSED):
        _ask_anew(ctx, measure)
    if done and state is not before and not _still_to_finish(ctx, measure):
        begin_closure(ctx, measure, term(state), ClosureStage.ACCEPTANCE if state is WorkState.ACCEPTED else None)
    _stop_duties(measure)


def _still_to_finish(ctx: LedgerContext, measure: Measure) -> bool:
    """Whether a report is awaited that says the work done: by its acceptance the closure begins."""
    owed = [duty for duty in measure.owed if duty.kind == DutyKind.FINISH]
    return any(duty.next_ordinal is not None for duty in owed) or bool(open_of(ctx, owed))


def lock_measure(ctx: LedgerContext, measure: Measure) -> Measure:
    """A measure with its duties and open periods held against every other writer, in the order of an amendment.

    Args:
        ctx: the context whose transaction holds them.
        measure: a loaded measure.

    Returns:
        The same measure, read anew.

    Raises:
        Refusal: ``measure_retired``.
    """
    if measure.retired_at is not None:
        raise Refusal("measure_retired", measure=measure.full_code)
    of_measure = select(Duty.id).where(Duty.measure_id == measure.id)
    ctx.session.execute(of_measure.order_by(Duty.id).with_for_update(key_share=True))
    periods = select(Period.id).where(Period.duty_id.in_(of_measure), Period.state.in_(OPEN))
    ctx.session.execute(periods.order_by(Period.id).with_for_update())
    ctx.session.flush()
    ctx.session.expire_all()  # what was read before the locks may have changed while they were awaited
    return measure


def _check_end(ctx: LedgerContext, until: date) -> None:
    if until <= ctx.today:
        raise Refusal("suspension_in_past", until=until, today=ctx.today)
    longest = ctx.policy.suspensions.longest_days
    if (days := (until - ctx.today).days) > longest:
        raise Refusal("suspension_too_long", days=days, limit=longest)


def _expect(ctx: LedgerContext, suspension: Suspension, until: date) -> None:
    suspension.expected_end = until
    suspension.remind_at = ctx.work_time.at_opening(ctx.work_time.calendar.next_workday(until))


def _note_prolonged(ctx: LedgerContext, one: Suspension, until: date, reason: str) -> None:
    facts = {"suspension": one.id, "until": str(until), "reason": reason}
    facts |= decided_for(ctx, Act.SUSPEND, one.measure)
    audit.append(ctx, "prolong-suspension", one.measure.full_code, **facts)


def _stop(ctx: LedgerContext, measure: Measure, reason: str, evidence: list[str], until: date) -> Suspension:
    """The clock of every open period stops, no duty opens another, nobody is asked to act on its lateness."""
    made = Suspension(measure_id=measure.id, reason=reason, evidence=evidence, asked_by=ctx.actor, began_at=ctx.now)
    _expect(ctx, made, until)
    withdraw_closure(ctx, measure, f"{measure.full_code}已挂账")
    ctx.session.add(made)
    ctx.session.flush()  # its number names the event
    for period in open_of(ctx, measure.duties):
        period.stopped_on, period.hold_until, period.parked_at = ctx.today, None, None
        end_as_moot(ctx, period, f"{name_of(period)}已挂账")
        reschedule_next_step(ctx, period)
        tell_change(ctx, period, f"suspended:{made.id}", f"已挂账，停止计时，预计{until}恢复：{reason}")
    _stop_duties(measure)
    facts = {"until": str(until), "reason": reason, "evidence": evidence}
    facts |= decided_for(ctx, Act.SUSPEND, measure)
    audit.append(ctx, "suspend", measure.full_code, suspension=made.id, **facts)
    return made


def _stop_duties(measure: Measure) -> None:
    """Duties that the state asks nothing of open no more; which window would be next stays known."""
    state = WorkState(measure.work_state)
    for duty in measure.owed if state in (WorkState.SUSPENDED, WorkState.CLOSED) else ():
        if not still_asked(state, DutyKind(duty.kind)):
            duty.next_opens_at = duty.parked_at = None


def _go_on(ctx: LedgerContext, measure: Measure, reason: str) -> list[Period]:
    present = suspension_of(ctx, measure)
    if present is not None:
        present.ended_at, present.ended_by, present.end_reason = ctx.now, ctx.actor, reason
        present.remind_at = None
    moved, periods = [], list(open_of(ctx, measure.duties))
    for period in periods:
        if (stopped_on := period.stopped_on) is None:
            continue
        before, period.stopped_on = period.due_on, None
        go_on_after_standstill(ctx, period, stopped_on, None)
        reschedule_next_step(ctx, period)
        moved.append([period.id, str(before), str(period.due_on)])
        note = f"已恢复计时，现期限{period.due_on}"
        tell_change(ctx, period, f"resumed:{present.id if present else ctx.now.isoformat()}", note)
    passed = [label for duty in measure.owed for label in _await_again(ctx, duty)]
    facts = {"reason": reason, "limits": moved, "not_owed": passed}
    facts |= decided_for(ctx, Act.SUSPEND, measure)
    audit.append(ctx, "resume", measure.full_code, suspension=present.id if present else None, **facts)
    return periods


def _await_again(ctx: LedgerContext, duty: Duty) -> list[str]:
    """A duty that was stopped opens its next window again; returns the labels of those that passed meanwhile.

    One of which less is left than a unit gets to mend a report counts as passed: nobody is asked at once what he had no
    time for.
    """
    if duty.next_ordinal is None or duty.next_opens_at is not None:
        return []
    rule, calendar, passed = rule_of(duty), ctx.work_time.calendar, list[str]()
    found: Window | None = window(rule, duty.next_ordinal, calendar)
    if duty.cadence == Cadence.ONCE and duty.opens_on and duty.due_on and duty.opens_on < ctx.today:
        # Nothing of its time was used: all of it is left.
        duty.opens_on, duty.due_on = ctx.today, ctx.today + (duty.due_on - duty.opens_on)
        found = window(rule_of(duty), duty.next_ordinal, calendar)
    earliest = shift(ctx.today, ctx.policy.correction, calendar)
    while duty.cadence != Cadence.ONCE and found is not None:
        if ctx.today < found.ends_on and earliest <= found.due_on:
            break
        passed.append(f"{duty.title} {found.label}")
        found = next_window(rule, found.starts_on, calendar)
    await_window(duty, found, ctx.work_time)
    open_duty(ctx, duty.id)
    return passed


def _ask_anew(ctx: LedgerContext, measure: Measure) -> None:
    """Whatever the measure was struck off with is asked again; its history stays under the old rows."""
    measure.percent = None  # how far the work is now, nobody has said yet
    for duty in measure.owed:
        if duty.kind != DutyKind.CONFIRM and not open_of(ctx, [duty]):
            _await_anew(ctx, duty)
    ctx.session.expire(measure, ["duties"])


def _await_anew(ctx: LedgerContext, duty: Duty) -> None:
    following = first_window(duty, ctx.today, ctx.work_time.calendar)
    had = _state_of(ctx, duty, following)
    while duty.cadence != Cadence.ONCE and following is not None and had == PeriodState.CLOSED:
        following = next_window(rule_of(duty), following.starts_on, ctx.work_time.calendar)
        had = _state_of(ctx, duty, following)
    # A number is given once: where it has its period already, a new row of the duty counts anew.
    if had is not None:
        duty = _new_row(ctx, duty)
        following = first_window(duty, ctx.today, ctx.work_time.calendar)
    await_window(duty, following, ctx.work_time)


def _state_of(ctx: LedgerContext, duty: Duty, found: Window | None) -> str | None:
    if found is None:
        return None
    query = select(Period.state).where(Period.duty_id == duty.id, Period.ordinal == found.ordinal)
    return ctx.session.execute(query).scalar_one_or_none()


def _new_row(ctx: LedgerContext, old: Duty) -> Duty:
    """The same duty once more, under the same key; a date that is past gets the policy's days from today."""
    fields: dict[str, Any] = {
        column.key: getattr(old, column.key) for column in inspect_row(Duty).columns if column.key not in _OWN
    }
    if old.cadence == Cadence.ONCE:
        fields["opens_on"] = ctx.today
        if old.due_on is None or old.due_on <= ctx.today:
            fields |= {"due_on": ctx.today + timedelta(days=ctx.policy.reopened_days), "assumed": True}
    retire(ctx, [old])
    new = Duty(**fields)
    ctx.session.add(new)
    ctx.session.flush()
    return new


_OWN = ("id", "next_ordinal", "next_opens_at", "parked_at", "retired_at")
"""Columns that a row of a duty does not take over from the one before."""
