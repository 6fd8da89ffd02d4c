"""What units and reviewers do to a period: report, accept or return, ask for and decide an extension.

Every door (form, command line, sheet, link) calls these commands; each checks, writes, and audits in one transaction.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from sqlalchemy import and_, bindparam, exists, func, select

from db.ledger import audit, message_queue
from db.ledger.closure_stages import begin_closure
from db.ledger.context import LedgerContext, lock_period, name_of, recipients_of, reschedule_next_step
from db.ledger.deciders import authorised
from db.ledger.escalations import end_as_moot
from db.ledger.evidence import evidence_of, name_in_report
from db.ledger.limits import move_limit
from db.ledger.parts import follow_sources, miss_parts
from db.models import Duty, Escalation, Extension, Measure, Period, Submission
from plan.policy import Offset
from plan.types import (
    EXCUSED,
    LIVE,
    OPEN,
    Act,
    AlertKind,
    Audience,
    Cadence,
    DutyKind,
    EscalationState,
    EvidenceRule,
    Level,
    PeriodState,
    WorkState,
)
from rules.actors import is_one_of
from rules.cadence import once_label
from rules.ladder import shift
from rules.lifecycle import after_report, claims_finish, closing_name, ends_period, move_measure, move_period
from rules.standstill import climbs_on_from, given_back
from text.catalogue import phrase, term
from text.clean import block
from text.limits import LONGEST_TEXT
from text.reason import checked_reason
from text.refusals import Refusal

EXTENSION_ASKED = "extension-asked"
"""The event by which whoever decides hears of an extension; its id follows."""
_SUBMISSION = select(Submission).where(
    Submission.period_id == bindparam("period"), Submission.round == bindparam("round")
)
_SHEETS = (
    select(Escalation)
    .where(Escalation.period_id == bindparam("period"), Escalation.state.in_(LIVE))
    .execution_options(populate_existing=True)
)
_Text = Annotated[str, BeforeValidator(lambda text: block(text) if isinstance(text, str) else text)]


class Report(BaseModel):
    """What a unit reports for a period. ``percent`` is 0–100; ``finished`` says that the work itself is done.

    Where the work is to be finished, 100 says so, too.
    """

    model_config = ConfigDict(frozen=True)

    body: _Text
    percent: int
    finished: bool = False
    difficulty: _Text = ""
    help_needed: _Text = ""
    evidence: tuple[_Text, ...] = ()


def submit(ctx: LedgerContext, period_id: int, report: Report, act: Act = Act.REPORT) -> Submission:
    """Record a report: the ladder stops at once, and the rungs that remind the reviewers begin.

    Args:
        ctx: the context; its ``now`` is when the report came in, its actor who reports.
        period_id: a period that waits for its report.
        report: what the unit reports.
        act: by which right it is handed in; a paper that goes out is the report itself.

    Returns:
        The report as recorded.

    Raises:
        Refusal: ``period_closed``, ``period_not_waiting``, ``measure_suspended``, ``text_empty``, ``text_too_long``,
            ``percent_out_of_range``, ``evidence_missing``, ``evidence_not_kept``, and those of ``authorised``.
    """
    period = lock_period(ctx, period_id)
    ctx = authorised(ctx, act, period.duty.measure)
    still_open(period, "填报")
    if period.state != PeriodState.WAITING:
        raise Refusal("period_not_waiting", period=name_of(period))
    if period.stopped_on is not None:
        raise Refusal("measure_suspended", measure=period.duty.measure.full_code)
    # Files that were handed in since the last report are named in this one, whichever door it comes by.
    report = report.model_copy(update={"evidence": (*report.evidence, *name_in_report(ctx, period))})
    _check(ctx, report, period)
    submission = Submission(
        period_id=period.id,
        round=period.round,
        **report.model_dump(exclude={"evidence"}),
        evidence=list(report.evidence),
        missing=miss_parts(ctx, period),
        submitted_by=ctx.actor,
        submitted_at=ctx.now,
    )
    ctx.session.add(submission)
    period.state = move_period(name_of(period), PeriodState(period.state), PeriodState.SUBMITTED)
    # A hold was about the missing report; the reviewers' own rungs begin with their own gaps.
    period.submitted_on, period.hold_until, period.repeats = ctx.today, None, 0
    _measure_reported(ctx, period, report)
    close_escalations(ctx, period)
    _restart(ctx, period)
    for_whom = ctx.instead_of(recipients_of(period.duty.measure, [Audience.HANDLER, Audience.LEADER]))
    facts = {"round": period.round} | report.model_dump(mode="json") | for_whom
    if submission.missing:
        facts["missing"] = submission.missing
    audit.append(ctx, "submit", name_of(period), period=period.id, **facts)
    return submission


def _restart(ctx: LedgerContext, period: Period) -> None:
    period.last_fired_on = ctx.today  # the gap of the next repeat counts from here
    reschedule_next_step(ctx, period)


def still_open(period: Period, action: str) -> None:
    """Refuse an act on a period that is over.

    Args:
        period: a loaded period.
        action: what somebody wants to do, in Chinese.

    Raises:
        Refusal: ``period_closed``.
    """
    if period.state not in OPEN:
        raise Refusal("period_closed", period=name_of(period), state=PeriodState(period.state), action=action)


def _check(ctx: LedgerContext, report: Report, period: Period) -> None:
    if not report.body:
        raise Refusal("text_empty", field="完成情况")
    fields = [("完成情况", report.body), ("存在困难", report.difficulty), ("需协调事项", report.help_needed)]
    for name, value in [*fields, *(("佐证材料", item) for item in report.evidence)]:
        if len(value) > LONGEST_TEXT:
            raise Refusal("text_too_long", field=name, length=len(value), limit=LONGEST_TEXT)
    if not 0 <= report.percent <= 100:
        raise Refusal("percent_out_of_range", percent=report.percent)
    measure = period.duty.measure
    rule = EvidenceRule(measure.evidence_rule)
    finishes = report.finished or _claims(period, report)
    wanted = rule is EvidenceRule.ALWAYS or (rule is EvidenceRule.ON_FINISH and finishes)
    if wanted and not any(report.evidence):
        raise Refusal("evidence_missing", measure=measure.full_code)
    if wanted and ctx.policy.evidence.kept and not evidence_of(ctx, period.id):
        raise Refusal("evidence_not_kept", measure=measure.full_code)


def _claims(period: Period, report: Report | Submission) -> bool:
    return claims_finish(DutyKind(period.duty.kind), report.percent, report.finished)


def _measure_reported(ctx: LedgerContext, period: Period, report: Report) -> None:
    measure = period.duty.measure
    measure.heard_on = ctx.today
    before = WorkState(measure.work_state)
    after = after_report(before, _claims(period, report) and not _other_work(ctx, period))
    if after is not before:
        measure.work_state = move_measure(measure.full_code, before, after)


def _other_work(ctx: LedgerContext, period: Period) -> bool:
    """Whether the measure has another stage to finish: it is done when the last one is."""
    to_finish = and_(Duty.kind == DutyKind.FINISH, Duty.measure_id == period.duty.measure_id, Duty.id != period.duty_id)
    is_open = exists().where(Period.duty_id == Duty.id, Period.state.in_(OPEN))
    return ctx.session.execute(select(exists().where(to_finish, Duty.next_ordinal.is_not(None) | is_open))).scalar_one()


def close_escalations(ctx: LedgerContext, period: Period) -> None:
    """End the sheets of a period that wait for a supervisor.

    Args:
        ctx: the context; in a batch its own sheets are meant.
        period: locked by this transaction.
    """
    for sheet in _live_sheets(ctx, period):
        sheet.state = EscalationState.CLOSED


def _live_sheets(ctx: LedgerContext, period: Period) -> list[Escalation]:
    if ctx.batch and period.id in ctx.batch.periods:
        return [sheet for sheet in ctx.batch.escalations_of[period.id] if sheet.state in LIVE]
    return list(ctx.session.execute(_SHEETS, {"period": period.id}).scalars())


def review(ctx: LedgerContext, period_id: int, *, accept: bool, reason: str = "") -> Period:
    """Accept a report or return it.

    An accepted report closes its period; but work that is to be finished goes on after a report on its way, in another
    round under the same limit. A returned report opens another round (domain.md 5.4), too: what was left of the limit
    when it came in is given back, at least the policy's correction days. Neither way does the time of the review move
    the unit up the ladder.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor who reviews, never the one who reported.
        period_id: a period whose report waits for review.
        accept: whether the report is accepted.
        reason: a return says why; may be empty with an acceptance.

    Returns:
        The period, closed or waiting again, then under the limit in force.

    Raises:
        Refusal: ``period_closed``, ``period_not_submitted``, ``reviewer_is_author``, ``reason_empty``,
            ``text_too_long``, and those of ``authorised``.
    """
    ctx = ctx.acting()
    period = lock_period(ctx, period_id)
    still_open(period, "审核")
    if period.state != PeriodState.SUBMITTED:
        raise Refusal("period_not_submitted", period=name_of(period))
    submission = current_submission(ctx, period)
    # Folded, because an earlier release wrote names down as they were typed.
    if is_one_of(ctx.actor, [submission.submitted_by]):
        raise Refusal("reviewer_is_author", actor=ctx.actor)
    measure = period.duty.measure
    authorised(ctx, Act.REVIEW, measure, recipients_of(measure, [Audience.OFFICE]))
    submission.accepted, submission.reason = accept, checked_reason(reason, needed=not accept)
    submission.reviewed_by, submission.reviewed_at = ctx.actor, ctx.now
    due_before = period.due_on
    if not accept:
        _return(ctx, period, submission)
    elif ends_period(DutyKind(period.duty.kind), submission.percent, submission.finished):
        _close(ctx, period, submission)
    else:
        _go_on_working(ctx, period)
    if accept:
        period.duty.measure.percent = submission.percent
    verdict = "accept" if accept else "return"
    facts: dict[str, Any] = {
        "round": submission.round,
        "reason": submission.reason,
        "reported_by": submission.submitted_by,
    }
    facts |= {"outcome": outcome(period)} | _as_it_goes_on(period, due_before)
    facts |= ctx.instead_of(recipients_of(period.duty.measure, [Audience.OFFICE]))
    audit.append(ctx, verdict, name_of(period), period=period.id, **facts)
    return period


def _as_it_goes_on(period: Period, due_before: date) -> dict[str, str]:
    """What the trail says of the clock of a period that waits again."""
    if period.state != PeriodState.WAITING:
        return {}
    known = {"from": due_before, "due": period.due_on, "climbs_from": period.climbs_from, "hold": period.hold_until}
    return {name: value.isoformat() for name, value in known.items() if value is not None}


def current_submission(ctx: LedgerContext, period: Period) -> Submission:
    """The report of the period's present round.

    Args:
        ctx: the context; a batch may have read it already.
        period: a period whose report waits for review.
    """
    known = ctx.batch.reports.get(period.id) if ctx.batch else None
    if known and known.round == period.round:
        return known
    return ctx.session.execute(_SUBMISSION, {"period": period.id, "round": period.round}).scalar_one()


def _close(ctx: LedgerContext, period: Period, submission: Submission) -> None:
    period.state = move_period(name_of(period), PeriodState(period.state), PeriodState.CLOSED)
    period.closed_at, period.next_step_at = ctx.now, None
    # By when it came in, not by when it was read: time that others take is not the unit's (domain.md 2.1).
    period.on_time = submission.submitted_at < ctx.work_time.end_of(period.due_on)
    measure = period.duty.measure
    if period.duty.kind == DutyKind.CONFIRM:
        _confirm_with(ctx, period)
    # What follows a claim is its closure; where there is none, whoever accepted the report accepted the work. Any other
    # accepted report leaves the work where it stands.
    claimed = measure.work_state == WorkState.DONE_CLAIMED and _claims(period, submission)
    if claimed and begin_closure(ctx, measure, term(WorkState.DONE_CLAIMED)) is None:
        measure.work_state = move_measure(measure.full_code, WorkState.DONE_CLAIMED, WorkState.ACCEPTED)


def _confirm_with(ctx: LedgerContext, period: Period) -> None:
    """What was confirmed now holds now: confirmations that were missed meanwhile are asked for no more, and counted as
    merged."""
    missed = select(Period).where(
        Period.duty_id == period.duty_id,
        Period.id != period.id,
        Period.state == PeriodState.WAITING,
        Period.due_on < ctx.today,
    )
    for one in ctx.session.execute(missed.order_by(Period.id).with_for_update(skip_locked=True)).scalars():
        name = name_of(one)
        one.state = move_period(name, PeriodState(one.state), PeriodState.MERGED)
        one.closed_at, one.next_step_at, one.parked_at = ctx.now, None, None
        one.ended_by, one.end_reason = ctx.actor, phrase("confirm.merged", period=period.label)
        end_as_moot(ctx, one, f"{name}已随{period.label}确认")
        facts = {"reason": one.end_reason, "due": str(one.due_on), "into": period.label}
        audit.append(ctx, "merge", name, period=one.id, **facts)


def _go_on_working(ctx: LedgerContext, period: Period) -> None:
    """A report on its way was accepted: the next round waits under the same limit."""
    submitted_on = _next_round(period)
    if ctx.now >= ctx.work_time.end_of(period.due_on):
        _climb_later(ctx, period, submitted_on)
    _restart(ctx, period)
    follow_sources(ctx, period)


def _next_round(period: Period) -> date:
    """The period waits again; the day (in the office's zone) on which the report of the last round came in."""
    assert period.submitted_on is not None
    submitted_on = period.submitted_on
    period.state = move_period(name_of(period), PeriodState(period.state), PeriodState.WAITING)
    period.round += 1
    period.submitted_on, period.repeats = None, 0
    return submitted_on


def _climb_later(ctx: LedgerContext, period: Period, stopped_on: date) -> None:
    """The limit stays where it was and is past; the rungs after it come as if the clock had stood meanwhile."""
    anchor = period.climbs_from or period.due_on
    period.climbs_from = climbs_on_from(anchor, max(stopped_on, anchor), ctx.today, ctx.work_time.calendar)


def go_on_after_standstill(ctx: LedgerContext, period: Period, stopped_on: date, at_least: Offset | None) -> None:
    """Let the clock of a period go on that has stood: what was left of the limit is given back.

    Args:
        ctx: the context; the clock goes on at its ``today``.
        period: locked by this transaction.
        stopped_on: the day in the office's zone on which the clock stopped.
        at_least: how long the unit has from today, whatever was left; None for no more than that.
    """
    calendar = ctx.work_time.calendar
    if stopped_on > period.due_on:
        _climb_later(ctx, period, stopped_on)
        if at_least:
            period.hold_until = ctx.work_time.end_of(shift(ctx.today, at_least, calendar))
        return
    limit = given_back(period.due_on, stopped_on, ctx.today, at_least, calendar)
    if limit != period.due_on:
        set_limit(ctx, period, limit)


def set_limit(ctx: LedgerContext, period: Period, due_on: date) -> None:
    """Put a limit that somebody decided on in force; the caller reschedules the period.

    Args:
        ctx: the context; its calendar says whether the day may still turn out otherwise.
        period: locked by this transaction.
        due_on: a day in the office's zone.
    """
    move_limit(ctx, period, due_on)
    period.limit_decided = True
    # It is called by its limit: under the old date nobody would know it again.
    if period.duty.cadence == Cadence.ONCE:
        period.label = once_label(due_on)
    # A person named the day, but whether it is worked may still change.
    period.provisional = ctx.work_time.calendar.provisional(due_on)
    drop_overtaken(ctx, period)


def _return(ctx: LedgerContext, period: Period, submission: Submission) -> None:
    due_on, submitted_on = period.due_on, _next_round(period)
    if period.stopped_on is None:
        go_on_after_standstill(ctx, period, submitted_on, ctx.policy.correction)
    else:
        period.stopped_on = min(period.stopped_on, submitted_on)  # the clock still stands, and has since then
    measure = period.duty.measure
    if measure.work_state == WorkState.DONE_CLAIMED and period.duty.kind == DutyKind.FINISH:
        measure.work_state = move_measure(measure.full_code, WorkState.DONE_CLAIMED, WorkState.IN_PROGRESS)
    _restart(ctx, period)
    follow_sources(ctx, period)
    handlers = recipients_of(measure, ["handler"])
    key = f"returned#{submission.round}"
    note = submission.reason or ""
    if period.due_on != due_on:
        note += f"（期限由{due_on}顺延至{period.due_on}）"
    message_queue.notify(ctx, handlers, key, AlertKind.RETURNED, Level.YELLOW, note, period.id)


def outcome(period: Period) -> str | None:
    """What a period that ended is called, 按期办结 or 逾期办结, 免报 or 并入下期; None while it is open or when it was
    withdrawn.

    Args:
        period: a loaded period.
    """
    if period.state in EXCUSED:
        return term(PeriodState(period.state))
    return None if period.on_time is None else closing_name(period.on_time)


def ask_extension(
    ctx: LedgerContext, period_id: int, new_due_on: date, reason: str, *, by_form: bool = False
) -> Extension:
    """Ask for a later limit; it changes nothing until somebody else grants it (domain.md 5.4: before expiry, reasoned).

    Args:
        ctx: the context; its ``now`` must lie before the limit in force is over, its actor asks.
        period_id: an open period.
        new_due_on: the limit asked for, a day in the office's zone.
        reason: why; whoever decides gets it word for word.
        by_form: whether the form of the period's report asked; it has been answered then, and another takes its place.

    Returns:
        The extension, which awaits a decision.

    Raises:
        Refusal: ``period_closed``, ``extension_after_due``, ``extension_in_past``, ``extension_not_later``,
            ``extension_too_long``, ``extension_used_up``, ``extension_pending``, ``reason_empty``, ``text_too_long``,
            and those of ``authorised``.
    """
    period = lock_period(ctx, period_id)
    ctx = authorised(ctx, Act.REPORT, period.duty.measure)
    still_open(period, "延期")
    _extension_allowed(ctx, period, new_due_on)
    extension = Extension(
        period_id=period.id,
        old_due_on=period.due_on,
        new_due_on=new_due_on,
        reason=checked_reason(reason, needed=True),
        asked_by=ctx.actor,
        asked_at=ctx.now,
        by_form=by_form,
    )
    ctx.session.add(extension)
    ctx.session.flush()  # its number names the event
    asked = {"period": period.id, "from": str(period.due_on), "to": str(new_due_on), "reason": extension.reason}
    for_whom = ctx.instead_of(recipients_of(period.duty.measure, [Audience.HANDLER, Audience.LEADER]))
    audit.append(ctx, "ask-extension", name_of(period), **asked, **for_whom)
    note = f"申请由{period.due_on}延至{new_due_on}：{extension.reason}"
    deciders = deciders_of(period.duty.measure)
    message_queue.notify(
        ctx, deciders, f"{EXTENSION_ASKED}:{extension.id}", AlertKind.REQUEST, Level.YELLOW, note, period.id
    )
    return extension


def deciders_of(measure: Measure) -> list[int]:
    """Who decides an extension: the deputy head in charge, else the rectification office (domain.md 3).

    Args:
        measure: says who stands for which audience.

    Returns:
        Ids of recipients.
    """
    return recipients_of(measure, [Audience.DEPUTY]) or recipients_of(measure, [Audience.OFFICE])


def _extension_allowed(ctx: LedgerContext, period: Period, new_due_on: date) -> None:
    name, limits = name_of(period), ctx.policy.extensions
    if new_due_on < ctx.today:
        raise Refusal("extension_in_past", new=new_due_on, today=ctx.today)
    # The day itself is still in time: an extension asked for afterwards would hide the lateness (domain.md 5.4).
    if ctx.now >= ctx.work_time.end_of(period.due_on):
        raise Refusal("extension_after_due", period=name, due=period.due_on)
    if new_due_on <= period.due_on:
        raise Refusal("extension_not_later", new=new_due_on, due=period.due_on)
    days = (new_due_on - period.due_on).days
    if days > limits.longest_days:
        raise Refusal("extension_too_long", days=days, limit=limits.longest_days)
    if pending_extension(ctx, period.id):
        raise Refusal("extension_pending", period=name)
    # Only granted ones use up the budget: asking again after a refusal is allowed.
    granted = select(func.count()).where(Extension.period_id == period.id, Extension.granted.is_(True))
    count = ctx.session.execute(granted).scalar_one()
    if count >= limits.per_period:
        raise Refusal("extension_used_up", period=name, count=count)


def pending_extension(ctx: LedgerContext, period_id: int) -> Extension | None:
    """The extension of a period that awaits a decision; None when none does.

    Args:
        ctx: the context.
        period_id: the period's id.
    """
    query = select(Extension).where(Extension.period_id == period_id, Extension.granted.is_(None))
    return ctx.session.execute(query).scalar_one_or_none()


def drop_overtaken(ctx: LedgerContext, period: Period) -> None:
    """Refuse a longer limit that was asked for and is no longer than the limit in force: granting it would cut.

    Args:
        ctx: the context; its actor is who moved the limit.
        period: locked by this transaction, its limit set.
    """
    pending = pending_extension(ctx, period.id)
    if pending is not None and pending.new_due_on <= period.due_on:
        pending.granted, pending.decided_by, pending.decided_at = False, ctx.actor, ctx.now


def decide_extension(ctx: LedgerContext, period_id: int, *, grant: bool, reason: str = "") -> Extension:
    """Grant or refuse the pending extension. A granted one moves the limit, which climbs a ladder of its own.

    Args:
        ctx: its actor decides, and is not the one who asked.
        period_id: the period whose limit is asked about.
        grant: whether the longer limit is granted.
        reason: why, for the asker; may be empty.

    Returns:
        The extension as decided.

    Raises:
        Refusal: ``period_closed``, ``extension_none``, ``decider_is_asker``, ``text_too_long``,
            and those of ``authorised``.
    """
    ctx = ctx.acting()
    period = lock_period(ctx, period_id)
    still_open(period, "延期")
    extension = pending_extension(ctx, period_id)
    if extension is None:
        raise Refusal("extension_none", period=name_of(period))
    if is_one_of(ctx.actor, [extension.asked_by]):
        raise Refusal("decider_is_asker", actor=ctx.actor)
    measure = period.duty.measure
    authorised(ctx, Act.DECIDE, measure, recipients_of(measure, [Audience.DEPUTY, Audience.OFFICE]))
    extension.granted, extension.decided_by, extension.decided_at = grant, ctx.actor, ctx.now
    extension.decision_reason = checked_reason(reason, needed=False)
    if grant:
        set_limit(ctx, period, extension.new_due_on)
        reschedule_next_step(ctx, period)
    verdict = "同意" if grant else "不同意"
    facts = {"granted": grant, "due": str(period.due_on), "asked_by": extension.asked_by} | (
        {"reason": extension.decision_reason} if extension.decision_reason else {}
    )
    facts |= ctx.instead_of(deciders_of(period.duty.measure))
    audit.append(ctx, "decide-extension", name_of(period), period=period.id, **facts)
    handlers = recipients_of(period.duty.measure, ["handler"])
    why = f"：{extension.decision_reason}" if extension.decision_reason else ""
    note = f"延期申请{verdict}，现期限{period.due_on}{why}"
    message_queue.notify(
        ctx, handlers, f"extension-decided:{extension.id}", AlertKind.DECISION, Level.NONE, note, period.id
    )
    return extension
