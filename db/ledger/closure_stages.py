"""销号: a measure enters its closure and the stages of it; who is asked in each, and how they are reminded.

What people do in a stage is in ``db/ledger/closure_acts.py``. Whoever changes the state of a measure otherwise
withdraws its closure here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext, recipients_of
from db.models import Closure, ClosureStep, Duty, Lookback, Measure, Objection, Period
from plan.policy import ClosureChain
from plan.types import (
    UNIT,
    Act,
    AlertKind,
    Audience,
    ClosureAct,
    ClosureStage,
    ClosureState,
    InspectionKind,
    Level,
    LookbackState,
)
from rules.closure import first_rung, reminder_of, stage_due, stages_before
from text.catalogue import phrase, term

CLOSURE_ASKED = "closure"
"""The event by which somebody hears of a stage; the id of the closure follows, its entry and the reminder."""
LOOKBACK_ASKED = "lookback"
"""The event by which somebody hears of a look-back; its id follows, and the reminder."""
OBJECTION, ANNOUNCEMENT = "objection", "announcement"
"""What is asked beside the stages themselves."""
ACTS: Mapping[str, Act] = {
    ClosureStage.SELF_CHECK: Act.REPORT,
    ClosureStage.ACCEPTANCE: Act.ACCEPT,
    ANNOUNCEMENT: Act.CLOSE,
    ClosureStage.PUBLICITY: Act.CLOSE,
    OBJECTION: Act.ACCEPT,
    ClosureStage.SIGN_OFF: Act.SIGN,
    ClosureStage.FILING: Act.CLOSE,
}
"""The right that what is asked wants."""
_AT_ONCE = 1000
_OPEN = Closure.ended_at.is_(None)
RemindedT = TypeVar("RemindedT", Closure, Lookback)


def chain_of(closure: Closure) -> ClosureChain:
    """The chain that was frozen when a closure began.

    Args:
        closure: a loaded closure.
    """
    return ClosureChain.model_validate(closure.chain)


def open_closure(ctx: LedgerContext, measure: Measure) -> Closure | None:
    """The closure of a measure that is under way; None where none is.

    Args:
        ctx: the context.
        measure: a loaded measure.
    """
    return ctx.session.execute(select(Closure).where(Closure.measure_id == measure.id, _OPEN)).scalar_one_or_none()


def closures_of(ctx: LedgerContext, measure: Measure) -> Sequence[Closure]:
    """The closures of a measure, the newest last.

    Args:
        ctx: the context.
        measure: a loaded measure.
    """
    query = select(Closure).where(Closure.measure_id == measure.id).order_by(Closure.id)
    return ctx.session.execute(query).scalars().all()


def begin_closure(
    ctx: LedgerContext, measure: Measure, reason: str, after: ClosureStage | None = None
) -> Closure | None:
    """Begin to strike a measure off, by the chain of its kind of inspection; whoever is asked first is told.

    Args:
        ctx: the context; its actor begins it.
        measure: locked by this transaction, or one of its periods is.
        reason: why now.
        after: a stage that has passed already; None to begin with the first.

    Returns:
        The closure; None where the policy has no chain for this kind of inspection.
    """
    chain = ctx.policy.closure.chain(InspectionKind(measure.inspection.kind))
    if chain is None:
        return None
    stages = chain.order
    first = stages[stages.index(after) + 1] if after else stages[0]
    last = select(func.max(Period.id)).join(Duty).where(Duty.measure_id == measure.id)
    made = Closure(
        measure_id=measure.id,
        chain=chain.model_dump(mode="json"),
        began_at=ctx.now,
        began_by=ctx.actor,
        period_id=ctx.session.execute(last).scalar_one(),
        reason=reason,
        state=ClosureState.OPEN,
        stage=first,
        entry=0,
        opened_on=ctx.today,
        due_on=ctx.today,
        fired=0,
        told_on=ctx.today,
    )
    ctx.session.add(made)
    ctx.session.flush()  # its number names the events
    audit.append(ctx, "begin-closure", measure.full_code, closure=made.id, reason=reason, stage=first)
    enter_stage(ctx, made, first)
    return made


def enter_stage(ctx: LedgerContext, closure: Closure, stage: ClosureStage, note: str = "") -> None:
    """Let a closure enter a stage, for the first time or again, and tell whoever is asked now.

    Args:
        ctx: the context; the stage's limit counts from its ``today``.
        closure: locked by this transaction.
        stage: one of its chain.
        note: what they are told besides, such as why it was sent back.
    """
    chain = chain_of(closure)
    closure.stage = stage
    if stage is ClosureStage.PUBLICITY or ClosureStage.PUBLICITY not in stages_before(chain, stage):
        closure.announced_on = closure.announced_where = closure.window_ends_on = closure.printed_until = None
    ask_in_stage(ctx, closure, limit_from(ctx.today, ctx, closure, stage), note)


def limit_from(day: date, ctx: LedgerContext, closure: Closure, stage: ClosureStage) -> date:
    """The limit of a stage that begins on a day.

    Args:
        day: in the office's zone, like what is returned.
        ctx: its working days count.
        closure: whose chain says how long the stage may take.
        stage: one of its chain.
    """
    return stage_due(day, chain_of(closure).stages[stage].within, ctx.work_time.calendar)


def ask_in_stage(ctx: LedgerContext, closure: Closure, due_on: date, note: str = "") -> None:
    """Ask whoever has to act in the present stage of a closure now, under a new limit and from the first reminder on.

    Args:
        ctx: the context; reminders count from its ``today``.
        closure: locked by this transaction, its stage set.
        due_on: the limit, a day in the office's zone.
        note: what they are told besides.
    """
    chain, calendar = chain_of(closure), ctx.work_time.calendar
    closure.entry += 1
    closure.opened_on = closure.told_on = ctx.today
    closure.due_on, closure.fired = due_on, first_rung(chain, ctx.today, due_on, calendar)
    closure.next_step_at = reminder_of(chain, due_on, closure.fired, ctx.today, ctx.work_time)
    ctx.session.flush()
    ctx.session.expire(closure, ["steps", "objections"])
    rung = f"{CLOSURE_ASKED}:{closure.id}:{closure.entry}"
    message_queue.notify(ctx, asked_posts(closure), rung, AlertKind.CLOSURE, Level.NONE, note)


def unanswered(closure: Closure) -> Objection | None:
    """The first objection to a closure that nobody has answered; None where there is none.

    Args:
        closure: a loaded closure.
    """
    return next((one for one in closure.objections if one.answered_at is None), None)


def asked_now(closure: Closure) -> str:
    """What is asked about a closure that is open: an objection first, in publicity its announcement, else its stage.

    Args:
        closure: a loaded closure.

    Returns:
        ``objection``, ``announcement``, or the value of a stage.
    """
    if unanswered(closure):
        return OBJECTION
    if closure.stage == ClosureStage.PUBLICITY and closure.announced_on is None:
        return ANNOUNCEMENT
    return ClosureStage(closure.stage).value


def asked_posts(closure: Closure) -> list[int]:
    """The posts that are asked to act now: those that the chain names for the stage, the office where there is none.

    No post of the unit is asked to accept its own work. Whoever accepted answers objections; of those who are named to
    sign only the ones for whom nobody has signed yet.

    Args:
        closure: a loaded closure that is open.

    Returns:
        Ids of recipients.
    """
    stage = ClosureStage.ACCEPTANCE if unanswered(closure) else ClosureStage(closure.stage)
    measure = closure.measure
    # What the office itself has done somebody above it accepts.
    ways = (chain_of(closure).stages[stage].asked, (Audience.OFFICE,), (Audience.DEPUTY,), (Audience.HEAD,))
    own = recipients_of(measure, UNIT) if stage is ClosureStage.ACCEPTANCE else ()
    found = ([one for one in recipients_of(measure, way) if one not in own] for way in ways)
    named = next((posts for posts in found if posts), [])
    if stage is not ClosureStage.SIGN_OFF:
        return named
    signed = {post for one in signatures(closure) for post in one.facts["posts"]}
    return [one for one in named if one not in signed]


def signatures(closure: Closure) -> list[ClosureStep]:
    """The signatures that hold: those since the closure last came to be signed.

    Args:
        closure: a loaded closure.
    """
    entered = max((one.entry for one in closure.steps if one.act != ClosureAct.SIGNED), default=0)
    return [one for one in closure.steps if one.act == ClosureAct.SIGNED and one.entry > entered]


def end_closure(ctx: LedgerContext, closure: Closure, state: ClosureState, why: str) -> None:
    """Nothing is asked about a closure any more.

    Args:
        ctx: the context; it ends at its ``now``.
        closure: locked by this transaction.
        state: how it ended.
        why: in the words of whoever ended it.
    """
    closure.state, closure.ended_at, closure.end_reason, closure.next_step_at = state, ctx.now, why, None


def withdraw_closure(ctx: LedgerContext, measure: Measure, why: str) -> None:
    """End the closure of a measure whose state was changed otherwise, where one is open.

    Args:
        ctx: the context; its actor changed the state.
        measure: locked by this transaction.
        why: what happened, for whoever is asked.
    """
    if (present := open_closure(ctx, measure)) is None:
        return
    asked = asked_posts(present)
    end_closure(ctx, present, ClosureState.WITHDRAWN, why)
    audit.append(ctx, "withdraw-closure", measure.full_code, closure=present.id, reason=why)
    note = phrase("closure.withdrawn", measure=f"{measure.full_code} {measure.title}", why=why)
    rung = f"withdrawn:{CLOSURE_ASKED}:{present.id}"
    message_queue.notify(ctx, asked, rung, AlertKind.CHANGE, Level.NONE, note)


def stage_name(closure: Closure) -> str:
    """What people call where a closure stands, such as 待验收.

    Args:
        closure: a loaded closure.
    """
    return phrase(f"closure.waiting.{asked_now(closure)}") if closure.ended_at is None else term(closure.state)


def asked_to_look(lookback: Lookback) -> list[int]:
    """The posts that are asked to look: those that the policy named when it was drawn, the office where nobody is.

    Args:
        lookback: with its measure.

    Returns:
        Ids of recipients.
    """
    return recipients_of(lookback.measure, lookback.asked) or recipients_of(lookback.measure, [Audience.OFFICE])


def lookbacks_of(ctx: LedgerContext, measure: Measure | None = None) -> Sequence[Lookback]:
    """The look-backs of a measure in the order of their days, whatever became of them; without one those that wait.

    Args:
        ctx: the context.
        measure: a loaded measure; None for all that wait in the whole ledger.
    """
    query = select(Lookback).order_by(Lookback.opens_on, Lookback.id)
    if measure is None:
        query = query.where(Lookback.state == LookbackState.WAITING)
    else:
        query = query.where(Lookback.measure_id == measure.id)
    return ctx.session.execute(query).scalars().all()


def drop_lookbacks(ctx: LedgerContext, measure: Measure) -> None:
    """Of a measure that is struck off no more nothing is looked at: it is closed anew, and then drawn anew.

    Args:
        ctx: the context.
        measure: locked by this transaction.
    """
    waiting = (LookbackState.PLANNED, LookbackState.WAITING)
    query = select(Lookback).where(Lookback.measure_id == measure.id, Lookback.state.in_(waiting))
    for one in ctx.session.execute(query).scalars():
        one.state, one.next_step_at = LookbackState.DROPPED, None


def remind_of_closures(ctx: LedgerContext) -> int:
    """Remind whoever is asked in a stage of closure, and tell those above once its limit is past.

    Args:
        ctx: the context; what has come by its ``now`` is told, of at most a thousand closures.

    Returns:
        How many were looked at.
    """

    def tell(one: Closure) -> None:
        remind(ctx, one, chain_of(one), asked_posts(one), f"{CLOSURE_ASKED}:{one.id}:{one.entry}")

    return tell_due(ctx, Closure, "closures", tell)


def tell_due(ctx: LedgerContext, model: type[RemindedT], what: str, tell: Callable[[RemindedT], None]) -> int:
    """Tell all that has come of some rows that carry their next step; one that cannot be told stops no other.

    Args:
        ctx: the context; what has come by its ``now`` is told, of at most a thousand rows.
        model: of the rows.
        what: what the trail calls them.
        tell: tells one row once, and says when it is to be told next.

    Returns:
        How many were looked at.
    """
    due = select(model).where(model.next_step_at <= ctx.now).order_by(model.next_step_at).limit(_AT_ONCE)
    found = ctx.session.execute(due.with_for_update(skip_locked=True)).scalars().all()
    for one in found:
        try:
            while one.next_step_at is not None and one.next_step_at <= ctx.now:
                tell(one)
        except Exception as error:  # a poison row stops nobody; the self-audit counts it
            one.next_step_at = None
            reason = f"{type(error).__name__}: {error}"[:200]
            note = phrase("stage.poison", what=phrase(f"stage.{what}"), id=one.id, reason=reason)
            message_queue.notify_operators(ctx, f"{what}:{one.id}:{ctx.today}", note)
    if found:
        audit.append(ctx, f"remind-{what}", f"{len(found)} {what}", **{what: [one.id for one in found]})
    return len(found)


def remind(
    ctx: LedgerContext, about: Closure | Lookback, chain: ClosureChain, asked: Sequence[int], event: str
) -> None:
    """Remind of a stage or a look-back by its next rung, and say when the one after it comes.

    Args:
        ctx: the context.
        about: a closure or a look-back whose reminder has come, locked by this transaction.
        chain: its rungs.
        asked: ids of the posts that are asked.
        event: the key of the event, to which the number of the rung is added.
    """
    # After the last rung the same people are told again and again.
    rung = chain.rungs[min(about.fired, len(chain.rungs) - 1)] if chain.rungs else None
    level = rung.level if rung else Level.YELLOW
    key = f"{event}:{about.fired}"
    message_queue.notify(ctx, asked, key, AlertKind.CLOSURE, level, "")
    above = recipients_of(about.measure, rung.audience) if rung else []
    told = [post for post in above if post not in asked]
    message_queue.notify(ctx, told, f"late:{key}", AlertKind.CLOSURE_LATE, level, "")
    about.fired, about.told_on = about.fired + 1, ctx.work_time.day_of(about.next_step_at or ctx.now)
    about.next_step_at = reminder_of(chain, about.due_on, about.fired, about.told_on, ctx.work_time)
