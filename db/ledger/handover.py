"""Work follows the post: who takes one over hears of all that is open in it, in one message, and may answer for it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from db.ledger import audit, message_queue
from db.ledger.bulk import among
from db.ledger.closure_stages import CLOSURE_ASKED, LOOKBACK_ASKED, asked_posts, chain_of
from db.ledger.context import LedgerContext, recipients_of
from db.ledger.drafts import PAPER_DRAFTED, paper_name
from db.ledger.holdings import in_force, leave
from db.ledger.parts import PART_ASKED, posts_of
from db.models import Absence, Alert, Closure, Duty, Escalation, Holding, Lookback, Measure, PaperDraft, Part, Period
from plan.types import LIVE, OPEN, AlertKind, Audience, Level, LookbackState, PartState, PeriodState
from rules.closure import stage_lamp
from rules.roster import Standing
from text.catalogue import phrase

HANDED_OVER = "handed-over:"
"""How the key of an alert begins that somebody gets because he took over a post."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Who held which post: ids of posts by measure and audience, and the id of the person who held each."""

    audiences: Mapping[int, Mapping[str, list[int]]]
    people: Mapping[int, int]


def holders(ctx: LedgerContext) -> Holders:
    """Who holds which post now.

    Args:
        ctx: the context of the command that is about to change it.
    """
    measures = ctx.session.execute(select(Measure.id, Measure.audiences)).all()
    held = select(Holding.recipient_id, Holding.person_id).where(Holding.stand_in.is_(False), in_force(ctx.today))
    people = dict(ctx.session.execute(held).tuples().all())
    return Holders({row.id: row.audiences for row in measures}, people)


def begin_holdings(ctx: LedgerContext) -> int:
    """Tell those whose first day has come of what is open in the posts that they take over, or in which they stand in
    for somebody who is away from now on.

    Args:
        ctx: the context of a patrol, or of a command that has just named somebody.

    Returns:
        How many took over.
    """
    due = select(Holding).where(Holding.told_at.is_(None), Holding.from_on <= ctx.today).order_by(Holding.id)
    away = select(Absence).where(Absence.told_at.is_(None), Absence.from_on <= ctx.today).order_by(Absence.id)
    if not ctx.session.execute(select(or_(due.exists(), away.exists()))).scalar_one():
        return 0
    audit.queue(ctx.session)  # the chain before the letters, as everywhere
    begun = ctx.session.execute(due.with_for_update(skip_locked=True)).scalars().all()
    gone = ctx.session.execute(away.with_for_update(skip_locked=True)).scalars().all()
    for held in begun:
        held.told_at = ctx.now
    for absence in gone:
        absence.told_at = ctx.now
    ctx.session.flush()
    ctx.roster.forget()
    if begun:
        taken = {one.recipient_id for one in begun}
        audit.append(ctx, "take-over", f"{len(begun)}", posts=sorted(taken))
        _tell_anew(ctx, taken, f"held:{begun[-1].id}")
    if stood_in := _stood_in(ctx, {one.person_id for one in gone}):
        audit.append(ctx, "stand-in", f"{len(gone)}", posts=sorted(stood_in))
        _tell_anew(ctx, stood_in, f"absent:{gone[-1].id}")
    leave(ctx)
    return len(begun)


def _tell_anew(ctx: LedgerContext, posts: Collection[int], event: str) -> None:
    """Tell whoever stands for some posts now what is open there, as if nobody had held them before."""
    present = holders(ctx)
    people = {post: 0 if post in posts else person for post, person in present.people.items()}
    hand_over(ctx, Holders(present.audiences, people), event)


def _stood_in(ctx: LedgerContext, people: Collection[int]) -> set[int]:
    """The posts of some people in which somebody stands in today."""
    held = select(Holding.recipient_id).where(
        among(Holding.person_id, people), Holding.stand_in.is_(False), in_force(ctx.today)
    )
    posts = ctx.session.execute(held).scalars().all() if people else ()
    stands = ctx.stands(posts)
    return {post for post in posts if (one := stands[post]) and one.why is Standing.STAND_IN}


def hand_over(ctx: LedgerContext, before: Holders, event: str) -> None:
    """Tell everybody who took over a post what its open periods ask of him, and put him on its open sheets.

    What his predecessor was told is told again; what is no longer true of it is left out when the message leaves, and
    so is what still waits for the predecessor.

    Args:
        ctx: the context of the command; it holds every open period.
        before: who held which post before it.
        event: stable key of the change, such as ``amended:17``.
    """
    after = holders(ctx)
    taken_over = {one for one, person in after.people.items() if before.people.get(one, person) != person}
    # measure → those who were told so far → those who take over from them, for each audience that changed hands
    changed: dict[int, list[tuple[set[int], list[int]]]] = defaultdict(list)
    for measure, audiences in after.audiences.items():
        for name, held in audiences.items():
            was = set(before.audiences.get(measure, {}).get(name, []))
            if newcomers := [one for one in held if one not in was or one in taken_over]:
                changed[measure].append((was, newcomers))
    if not changed:
        return
    is_open = among(Duty.measure_id, sorted(changed)) & Period.state.in_(OPEN)
    told = (
        select(Duty.measure_id, Alert)
        .join(Period, Period.id == Alert.period_id)
        .join(Duty, Duty.id == Period.duty_id)
        # What was said of a limit that a later one replaced is nobody's business any more.
        .where(is_open, or_(Period.limit_since.is_(None), Alert.recorded_at >= Period.limit_since))
        .where(Alert.kind != AlertKind.PART)
        .order_by(Alert.fell_due_at, Alert.id)
    )
    _hand_over_parts(ctx, changed, event)
    _hand_over_closures(ctx, changed, event)
    _hand_over_papers(ctx, taken_over, event)
    for measure, alert in ctx.session.execute(told).tuples().all():
        for earlier, newcomers in changed[measure]:
            if alert.recipient_id in earlier:
                note = phrase("handover.note", note=alert.note) if alert.note else phrase("handover")
                rung = f"{HANDED_OVER}{event}:{alert.rung}"[:200]
                message_queue.notify(ctx, newcomers, rung, AlertKind(alert.kind), alert.level, note, alert.period_id)
    sheets = (
        select(Duty.measure_id, Escalation)
        .join(Period, Period.id == Escalation.period_id)
        .join(Duty, Duty.id == Period.duty_id)
        .where(is_open, Escalation.state.in_(LIVE))
    )
    for measure, sheet in ctx.session.execute(sheets).tuples().all():
        present = {one for ids in after.audiences[measure].values() for one in ids}
        taken = [one for earlier, newcomers in changed[measure] if earlier & set(sheet.recipients) for one in newcomers]
        sheet.recipients = list(dict.fromkeys([*(one for one in sheet.recipients if one in present), *taken]))


def _hand_over_closures(
    ctx: LedgerContext, changed: Mapping[int, list[tuple[set[int], list[int]]]], event: str
) -> None:
    """Whoever takes over a post that a stage of closure asks, or a look-back, hears of it."""
    of_measures = select(Closure).where(among(Closure.measure_id, sorted(changed)), Closure.ended_at.is_(None))
    for closure in ctx.session.execute(of_measures).scalars().all():
        own = asked_posts(closure)
        newcomers = list(dict.fromkeys(one for _, come in changed[closure.measure_id] for one in come if one in own))
        level = stage_lamp(chain_of(closure), closure.due_on, closure.fired, ctx.today)
        rung = f"{HANDED_OVER}{event}:{CLOSURE_ASKED}:{closure.id}:{closure.entry}"
        message_queue.notify(ctx, newcomers, rung, AlertKind.CLOSURE, level, phrase("handover"))
    looks = select(Lookback).where(among(Lookback.measure_id, sorted(changed)))
    for look in ctx.session.execute(looks.where(Lookback.state == LookbackState.WAITING)).scalars().all():
        own = recipients_of(look.measure, look.asked)
        newcomers = list(dict.fromkeys(one for _, come in changed[look.measure_id] for one in come if one in own))
        rung = f"{HANDED_OVER}{event}:{LOOKBACK_ASKED}:{look.id}"
        message_queue.notify(ctx, newcomers, rung, AlertKind.CLOSURE, Level.NONE, phrase("handover"))


def _hand_over_papers(ctx: LedgerContext, taken_over: Collection[int], event: str) -> None:
    """Whoever takes over a post of the office hears of the papers that wait for it."""
    waiting = select(PaperDraft).where(PaperDraft.ended_at.is_(None)).order_by(PaperDraft.id)
    for draft in ctx.session.execute(waiting).scalars().all():
        office = draft.inspection.audiences.get(Audience.OFFICE, ())
        newcomers = [one for one in office if one in taken_over]
        rung = f"{HANDED_OVER}{event}:{PAPER_DRAFTED}:{draft.id}"
        note = phrase("handover.note", note=phrase("paper.drafted", name=paper_name(draft)))
        message_queue.notify(ctx, newcomers, rung, AlertKind.PAPER, Level.NONE, note)


def _hand_over_parts(ctx: LedgerContext, changed: Mapping[int, list[tuple[set[int], list[int]]]], event: str) -> None:
    """A part is asked of one unit alone: of those who give parts of a measure only its own newcomers hear of it."""
    asked = Part.period.has(Period.state == PeriodState.WAITING) & (Part.state == PartState.WAITING)
    of_measures = select(Part).join(Part.period).join(Period.duty).where(among(Duty.measure_id, sorted(changed)))
    # Whoever was not told yet is told by the next patrol.
    for part in ctx.session.execute(of_measures.where(asked, Part.reminded_on.is_not(None))).scalars().all():
        own = posts_of(part)
        newcomers = [one for _, come in changed[part.period.duty.measure_id] for one in come if one in own]
        level = Level.YELLOW if ctx.today > part.due_on else Level.NONE
        rung = f"{HANDED_OVER}{event}:{PART_ASKED}:{part.id}"
        message_queue.notify(
            ctx, list(dict.fromkeys(newcomers)), rung, AlertKind.PART, level, phrase("handover"), part.period_id
        )
