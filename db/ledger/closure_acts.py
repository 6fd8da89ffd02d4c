"""销号: what people do in the stages of closure, and the decision that begins it.

A measure passes what the chain of its inspection asks for, in order; whoever did the work neither accepts nor signs it,
and from every stage after the first it may be sent back with a reason. The last stage strikes it off.
"""

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import select

from db.ledger import audit
from db.ledger.closure_stages import (
    ACTS,
    ANNOUNCEMENT,
    OBJECTION,
    ask_in_stage,
    asked_now,
    asked_posts,
    begin_closure,
    chain_of,
    closures_of,
    end_closure,
    enter_stage,
    limit_from,
    open_closure,
    signatures,
    stage_name,
    unanswered,
)
from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised, post_names
from db.ledger.evidence import evidence_of_measure
from db.ledger.inspections import measure_by_code
from db.ledger.lookbacks import plan_lookbacks
from db.ledger.strike_off import ask_anew, state_when_struck_off, strike_off
from db.ledger.suspend import lock_measure
from db.models import Closure, ClosureStep, Duty, Measure, Objection, Period, Submission
from plan.policy import offset_text
from plan.types import UNIT, Act, ClosureAct, ClosureStage, ClosureState, WorkState
from rules.actors import is_one_of
from rules.closure import stage_after, stages_before, window_end
from rules.lifecycle import sent_back
from text.catalogue import PHRASES, phrase
from text.clean import line
from text.reason import checked_line, checked_reason, checked_text
from text.refusals import Refusal

WORK = "work"
"""Where a closure is sent back to beside its own stages: the unit goes on working."""


def close(ctx: LedgerContext, code: str, reason: str) -> Measure:
    """Strike a measure off: by the chain of its kind of inspection where there is one, which begins now, else at once.

    Work that is to be finished is struck off once its finish was reported and accepted, by which its closure begins of
    itself; what goes on by the month, whenever somebody other than its unit decides so.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides, and is no post of the unit.
        code: code of the measure, with the key of its inspection where several have it.
        reason: why; whoever works on an open period is told.

    Returns:
        The measure.

    Raises:
        Refusal: ``closure_open``, those of ``measure_by_code``, ``measure_retired``, ``transition``, ``reason_empty``,
            ``text_too_long``, and those of ``authorised``.
    """
    measure = lock_measure(ctx, measure_by_code(ctx.session, code))
    ctx = authorised(ctx, Act.CLOSE, measure)
    words = checked_reason(reason, needed=True)
    if (present := open_closure(ctx, measure)) is not None:
        raise Refusal("closure_open", measure=code, stage=stage_name(present))
    state_when_struck_off(measure)
    after = ClosureStage.ACCEPTANCE if measure.work_state == WorkState.ACCEPTED else None
    if begin_closure(ctx, measure, words, after) is None:
        strike_off(ctx, measure, words)
    return measure


def self_check(ctx: LedgerContext, closure_id: int, statement: str) -> Closure:
    """Say that the work was checked against the goal of its finding (自查).

    Args:
        ctx: the context; its actor is of the unit, or may report for it.
        closure_id: a closure that waits for it.
        statement: what was found.

    Returns:
        The closure, in its next stage.

    Raises:
        Refusal: ``text_empty``, ``text_too_long``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), ClosureStage.SELF_CHECK)
    return _pass(ctx, closure, checked_text(statement, "自查情况"))


def accept_work(ctx: LedgerContext, closure_id: int, statement: str, visited_on: date | None = None) -> Closure:
    """Accept the work (验收), by somebody who had no part in it.

    Args:
        ctx: the context; its actor accepts.
        closure_id: a closure that waits for it.
        statement: what was verified, against the goal.
        visited_on: the day of the visit to the site, in the office's zone; None where there was none.

    Returns:
        The closure, in its next stage.

    Raises:
        Refusal: ``acceptor_is_doer``, ``closure_evidence_missing``, ``day_in_future``, ``text_empty``,
            ``text_too_long``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), ClosureStage.ACCEPTANCE)
    measure = closure.measure
    _not_who_did_it(ctx, closure)
    if chain_of(closure).evidence and not evidence_of_measure(ctx, measure.id):
        raise Refusal("closure_evidence_missing", measure=measure.full_code)
    if visited_on is not None and visited_on > ctx.today:
        raise Refusal("day_in_future", field="现场核查日期", day=visited_on, today=ctx.today)
    words = checked_text(statement, "验收意见")
    if measure.work_state == WorkState.DONE_CLAIMED:
        measure.work_state = WorkState.ACCEPTED
    return _pass(ctx, closure, words, visited_on=str(visited_on) if visited_on else None)


def publish(
    ctx: LedgerContext, closure_id: int, first_day: date, where: str, printed_until: date | None = None
) -> Closure:
    """Note that the result was published (公示); the last day is reckoned, the first one counted.

    Args:
        ctx: the context; its actor published it.
        closure_id: a closure whose result is to be published.
        first_day: of the publicity; like the other a day in the office's zone.
        where: the site, the paper or the board on which it stands.
        printed_until: the last day as it was printed; None where none was.

    Returns:
        The closure, in publicity until that day.

    Raises:
        Refusal: ``publicity_too_short`` where what was printed ends before, ``day_in_future``, ``text_empty``,
            ``text_too_long``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), ANNOUNCEMENT)
    chain, calendar = chain_of(closure), ctx.work_time.calendar
    if first_day > ctx.today:
        raise Refusal("day_in_future", field="公示首日", day=first_day, today=ctx.today)
    if first_day < closure.opened_on:
        raise Refusal("publicity_before_acceptance", day=first_day, earliest=closure.opened_on)
    ends_on = window_end(first_day, chain.window, calendar)
    if printed_until is not None and printed_until < ends_on:
        raise Refusal("publicity_too_short", printed=printed_until, until=ends_on, window=offset_text(chain.window))
    closure.announced_on, closure.announced_where = first_day, checked_line(where, "公示载体")
    closure.window_ends_on, closure.printed_until = ends_on, printed_until
    printed = str(printed_until) if printed_until else None
    facts = {"first_day": str(first_day), "until": str(ends_on), "printed": printed}
    _note(ctx, closure, ClosureAct.ANNOUNCED, closure.announced_where, facts)
    _await_end_of_publicity(ctx, closure)
    return closure


def object_to(ctx: LedgerContext, closure_id: int, said_by: str, said: str) -> Objection:
    """Record an objection (异议) to what was published; whoever accepted the work has to answer it.

    Args:
        ctx: the context; its actor records it.
        closure_id: a closure that was published.
        said_by: who objects, or how he wants to be called.
        said: what.

    Returns:
        The objection.

    Raises:
        Refusal: ``objection_after_filing``, ``objection_too_early`` before it was published, ``text_empty``,
            ``text_too_long``, ``closure_over``, and those of ``authorised``.
    """
    closure = _locked(ctx, closure_id)
    ctx = authorised(ctx, Act.CLOSE, closure.measure, asked_posts(closure) if closure.ended_at is None else ())
    if closure.state == ClosureState.FILED:
        raise Refusal("objection_after_filing", measure=closure.measure.full_code)
    _still_open(closure)
    if closure.announced_on is None:
        raise Refusal("objection_too_early", measure=closure.measure.full_code, stage=stage_name(closure))
    made = Objection(
        closure_id=closure.id,
        said_by=checked_line(said_by, "异议人"),
        said=checked_text(said, "异议内容"),
        recorded_by=ctx.actor,
        recorded_at=ctx.now,
    )
    first = unanswered(closure) is None
    ctx.session.add(made)
    ctx.session.flush()
    ctx.session.expire(closure, ["objections"])
    facts = {"closure": closure.id, "objection": made.id, "said_by": made.said_by, "said": made.said}
    audit.append(ctx, "object", closure.measure.full_code, **facts)
    if first:
        ask_in_stage(ctx, closure, limit_from(ctx.today, ctx, closure, ClosureStage.ACCEPTANCE), made.said)
    return made


def answer_objection(ctx: LedgerContext, closure_id: int, answer: str, back_to: str = "") -> Closure:
    """Answer the objection that waits: it is not upheld and the stage goes on, or it is and the closure is sent back.

    Args:
        ctx: the context; its actor answers, and had no part in the work.
        closure_id: a closure with an objection that nobody has answered.
        answer: what is answered.
        back_to: where it is sent back, a stage or ``WORK``; empty where the objection is not upheld.

    Returns:
        The closure.

    Raises:
        Refusal: ``acceptor_is_doer``, ``text_empty``, ``text_too_long``, ``closure_not_back``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), OBJECTION)
    _not_who_did_it(ctx, closure)
    words, waiting = checked_text(answer, "答复"), unanswered(closure)
    assert waiting is not None
    if back_to:
        _may_go_back(closure, back_to)
    waiting.upheld, waiting.answer = bool(back_to), words
    waiting.answered_by, waiting.answered_at = ctx.actor, ctx.now
    facts = {"closure": closure.id, "objection": waiting.id, "upheld": waiting.upheld, "answer": words}
    audit.append(ctx, "answer-objection", closure.measure.full_code, **facts, **_for_whom(ctx, closure))
    ctx.session.flush()
    if back_to:
        _send_back(ctx, closure, back_to, words)
    elif unanswered(closure) is None:
        if closure.stage == ClosureStage.PUBLICITY:
            _await_end_of_publicity(ctx, closure)
        else:
            ask_in_stage(ctx, closure, limit_from(ctx.today, ctx, closure, ClosureStage(closure.stage)))
    return closure


def end_publicity(ctx: LedgerContext, closure_id: int, statement: str = "") -> Closure:
    """Say that publicity is over and every objection was answered.

    Args:
        ctx: the context; its ``today`` must lie after the last day, the reckoned and the printed one.
        closure_id: a closure in publicity.
        statement: how it went; may be empty.

    Returns:
        The closure, in its next stage.

    Raises:
        Refusal: ``publicity_not_over``, ``text_too_long``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), ClosureStage.PUBLICITY)
    last = _last_day(closure)
    if ctx.today <= last:
        raise Refusal("publicity_not_over", until=last, today=ctx.today)
    return _pass(ctx, closure, checked_text(statement, "公示结果", needed=False), objections=len(closure.objections))


def sign_off(ctx: LedgerContext, closure_id: int, statement: str) -> Closure:
    """Answer for the result with one's name (签字背书); once all who are named have signed, the next stage begins.

    What was signed is kept beside the name: the accepted reports, the files, and a digest of both.

    Args:
        ctx: the context; its actor signs, for every post that he stands for.
        closure_id: a closure that waits for signatures.
        statement: what he declares.

    Returns:
        The closure.

    Raises:
        Refusal: ``signed_already``, ``text_empty``, ``text_too_long``, and those of ``_asked``.
    """
    closure = _locked(ctx, closure_id)
    signed = [one.by for one in signatures(closure)]
    if closure.ended_at is None and is_one_of(ctx.acting().actor, signed):
        raise Refusal("signed_already", actor=ctx.acting().actor, measure=closure.measure.full_code)
    ctx, closure = _asked(ctx, closure, ClosureStage.SIGN_OFF)
    asked = asked_posts(closure)
    # Whoever holds two of the posts signs once; a signature of somebody else with the right stands for the first.
    own = [post for post in asked if ctx.actor in ctx.acting_names([post])]
    facts = {"posts": own or asked[:1]} | _version(ctx, closure.measure)
    _note(ctx, closure, ClosureAct.SIGNED, checked_text(statement, "签署意见"), facts)
    ctx.session.expire(closure, ["steps"])
    if not asked_posts(closure):
        _go_on(ctx, closure)
    return closure


def file_closure(ctx: LedgerContext, closure_id: int, archive: str, statement: str = "") -> Measure:
    """File the closure (备案): the measure is struck off.

    Args:
        ctx: the context; its actor files it.
        closure_id: a closure that has passed all stages before.
        archive: the number under which it is filed.
        statement: what is to be said besides; may be empty.

    Returns:
        The measure, which asks nothing more but to confirm.

    Raises:
        Refusal: ``text_empty``, ``text_too_long``, and those of ``_asked``.
    """
    ctx, closure = _asked(ctx, _locked(ctx, closure_id), ClosureStage.FILING)
    closure.archive = checked_line(archive, "备案编号")
    words = checked_text(statement, "备案说明", needed=False)
    _note(ctx, closure, ClosureAct.PASSED, words, {"archive": closure.archive})
    end_closure(ctx, closure, ClosureState.FILED, words)
    ctx.session.flush()
    plan_lookbacks(ctx, closure)
    strike_off(ctx, closure.measure, words or phrase("closure.filed", archive=closure.archive))
    return closure.measure


def send_back(ctx: LedgerContext, closure_id: int, to: str, reason: str) -> Closure:
    """Send a closure back to an earlier stage, or the measure to its unit, which goes on working.

    Args:
        ctx: the context; its actor may answer in the present stage.
        closure_id: a closure that is open.
        to: a stage before the present one, or ``WORK``.
        reason: why; whoever is asked then gets it word for word.

    Returns:
        The closure.

    Raises:
        Refusal: ``closure_over``, ``closure_not_back``, ``reason_empty``, ``text_too_long``, and those of
            ``authorised``.
    """
    closure = _locked(ctx, closure_id)
    _still_open(closure)
    ctx = authorised(ctx, ACTS[asked_now(closure)], closure.measure, asked_posts(closure))
    _may_go_back(closure, to)
    _send_back(ctx, closure, to, checked_reason(reason, needed=True))
    return closure


def lock_closure(ctx: LedgerContext, closure_id: int) -> Closure | None:
    """A closure, it and its measure held against every other writer; None when there is none.

    Args:
        ctx: the context whose transaction holds them.
        closure_id: its id.
    """
    found = ctx.session.get(Closure, closure_id)
    if found is None:
        return None
    lock_measure(ctx, found.measure)
    held = select(Closure).where(Closure.id == closure_id).with_for_update(of=Closure)
    return ctx.session.execute(held.execution_options(populate_existing=True)).scalar_one()


def meant_closure(ctx: LedgerContext, measure: Measure) -> Closure:
    """The closure of a measure that is meant: the open one, else the last.

    Args:
        ctx: the context.
        measure: a loaded measure.

    Raises:
        Refusal: ``closure_none``.
    """
    if not (found := closures_of(ctx, measure)):
        raise Refusal("closure_none", measure=measure.full_code)
    return found[-1]


def _locked(ctx: LedgerContext, closure_id: int) -> Closure:
    found = lock_closure(ctx, closure_id)
    if found is None:
        raise LookupError(f"there is no closure {closure_id}")
    return found


def _still_open(closure: Closure) -> None:
    if closure.ended_at is not None:
        raise Refusal("closure_over", measure=closure.measure.full_code, state=stage_name(closure))


def _asked(ctx: LedgerContext, closure: Closure, what: str) -> tuple[LedgerContext, Closure]:
    """The locked closure, of which just this is asked; the context in the name of whoever may answer.

    Raises ``Refusal``: ``closure_over``, ``closure_elsewhere``, and those of ``authorised``.
    """
    _still_open(closure)
    if asked_now(closure) != what:
        wanted = phrase(f"closure.waiting.{what}")
        raise Refusal("closure_elsewhere", measure=closure.measure.full_code, stage=stage_name(closure), wanted=wanted)
    return authorised(ctx, ACTS[what], closure.measure, asked_posts(closure)), closure


def _not_who_did_it(ctx: LedgerContext, closure: Closure) -> None:
    """Whoever accepts answers for it: he is no post of the unit, and neither reported nor checked the work himself."""
    measure = closure.measure
    of_measure = select(Submission.submitted_by).join(Period).join(Duty).where(Duty.measure_id == measure.id)
    checked = [one.by for one in closure.steps if one.stage == ClosureStage.SELF_CHECK]
    did = [*checked, *ctx.session.execute(of_measure.distinct()).scalars(), *post_names(ctx, measure, *UNIT)]
    if is_one_of(ctx.actor, did):
        raise Refusal("acceptor_is_doer", actor=ctx.actor, measure=measure.full_code)


def _pass(ctx: LedgerContext, closure: Closure, statement: str, **facts: Any) -> Closure:
    _note(ctx, closure, ClosureAct.PASSED, statement, {name: one for name, one in facts.items() if one is not None})
    _go_on(ctx, closure)
    return closure


def _go_on(ctx: LedgerContext, closure: Closure) -> None:
    following = stage_after(chain_of(closure), ClosureStage(closure.stage))
    assert following is not None  # the last stage ends the closure
    enter_stage(ctx, closure, following)


def _note(ctx: LedgerContext, closure: Closure, act: ClosureAct, statement: str, facts: dict[str, Any]) -> None:
    stage = ClosureStage(closure.stage)
    step = ClosureStep(
        closure_id=closure.id,
        stage=stage,
        entry=closure.entry,
        act=act,
        by=ctx.actor,
        at=ctx.now,
        statement=statement,
        facts=facts,
    )
    ctx.session.add(step)
    ctx.session.flush()
    said = {"closure": closure.id, "stage": stage, "act": act, "statement": statement}
    audit.append(ctx, "closure-step", closure.measure.full_code, **said, **facts, **_for_whom(ctx, closure))


def _for_whom(ctx: LedgerContext, closure: Closure) -> dict[str, str]:
    return ctx.instead_of(asked_posts(closure))


def _last_day(closure: Closure) -> date:
    assert closure.window_ends_on is not None
    return max(closure.window_ends_on, closure.printed_until or closure.window_ends_on)


def _await_end_of_publicity(ctx: LedgerContext, closure: Closure) -> None:
    """The office is asked how it went once the window is over; its limit counts from the last day."""
    begins = max(_last_day(closure), ctx.today)
    ask_in_stage(ctx, closure, limit_from(begins, ctx, closure, ClosureStage.PUBLICITY))


def _may_go_back(closure: Closure, to: str) -> None:
    known = [WORK, *stages_before(chain_of(closure), ClosureStage(closure.stage))]
    if to not in known:
        names = "、".join(phrase(f"closure.back.{one}") for one in known)
        raise Refusal("closure_not_back", to=line(PHRASES.get(f"closure.back.{to}", to), 20), known=names)


def _send_back(ctx: LedgerContext, closure: Closure, to: str, reason: str) -> None:
    _note(ctx, closure, ClosureAct.RETURNED, reason, {"to": to})
    measure = closure.measure
    if to != WORK:
        stage = ClosureStage(to)
        if stage in (ClosureStage.SELF_CHECK, ClosureStage.ACCEPTANCE) and measure.work_state == WorkState.ACCEPTED:
            measure.work_state = WorkState.DONE_CLAIMED
        enter_stage(ctx, closure, stage, phrase("closure.sent_back", by=ctx.actor, why=reason))
        return
    end_closure(ctx, closure, ClosureState.RETURNED, reason)
    ctx.session.flush()
    ask_anew(ctx, measure, sent_back(WorkState(measure.work_state)), reason)


def _version(ctx: LedgerContext, measure: Measure) -> dict[str, Any]:
    """What is signed: the accepted reports, the files of evidence, and a digest of both."""
    accepted = (
        select(Submission).join(Period).join(Duty).where(Duty.measure_id == measure.id, Submission.accepted.is_(True))
    )
    reports = ctx.session.execute(accepted.order_by(Submission.id)).scalars().all()
    files = [one.sha256 for one, _ in evidence_of_measure(ctx, measure.id)]
    told = json.dumps([[[one.id, one.body, one.percent] for one in reports], files], ensure_ascii=False)
    digest = hashlib.sha256(told.encode()).hexdigest()
    return {"reports": [one.id for one in reports], "files": files, "digest": digest}
