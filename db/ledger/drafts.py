"""Papers that the office owes by the calendar wait for it as matters, until they are released or not wanted."""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import select

from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised
from db.ledger.inspections import inspections
from db.ledger.release import ANSWERS, answered_period
from db.ledger.report_months import finished_months, months_to_report
from db.models import Escalation, Inspection, PaperDraft
from plan.types import Act, AlertKind, Audience, Level, PeriodState
from rules.month_span import MonthSpan, months
from text.catalogue import phrase
from text.reason import checked_reason
from text.refusals import Refusal

CIRCULAR = "circular"
"""The paper of a circular on one matter; it waits from the decision on."""
PAPER_DRAFTED = "paper-drafted"
"""The event by which the office hears of a paper that waits; the draft's id follows."""
DRAFTS_AT = time(7, 30)
"""When every morning, in the office's zone, it is looked whether a paper is due."""


def paper_name(draft: PaperDraft) -> str:
    """What a paper of some months is called.

    Args:
        draft: the paper that waits, or waited.
    """
    return f"{phrase(f'paper.{draft.kind}')} · {draft.sheet or MonthSpan(draft.first_on, draft.last_on).label}"


def begin_drafts(ctx: LedgerContext, kind: str) -> int:
    """Let a paper that is due by the calendar wait for the office, once for each inspection.

    The report to whoever is above waits from a week before its limit on; what was handed in already waits for nobody,
    and of months before the ledger supervised nothing is told.

    Args:
        ctx: the context; over, or near, on its ``today``.
        kind: key of the paper.

    Returns:
        How many wait from now on.
    """
    return sum(_begin(ctx, kind, present) for present in inspections(ctx.session))


def _begin(ctx: LedgerContext, kind: str, present: Inspection) -> bool:
    of_report = kind == ANSWERS
    span = months_to_report(ctx, present) if of_report else finished_months(ctx, present.key, of_report=False)
    if span is None or span.last < ctx.work_time.day_of(present.activated_at):
        return False
    period = answered_period(ctx, present.id, span) if of_report else None
    if of_report and (period is None or period.state != PeriodState.WAITING):
        return False
    if _known(ctx, present, kind, span):
        return False
    # Two schedules at one moment: the second waits for the first and finds its draft.
    ctx.session.execute(select(Inspection.id).where(Inspection.id == present.id).with_for_update(key_share=True))
    if _known(ctx, present, kind, span):
        return False
    _make(ctx, kind, present, span, period.due_on if period else None)
    return True


def begin_circular(ctx: LedgerContext, sheet: Escalation) -> None:
    """Let the paper of a circular wait for the office.

    Args:
        ctx: the context; it is of the month of its ``today``.
        sheet: on which it was decided, locked by this transaction.
    """
    today = ctx.today
    _make(ctx, CIRCULAR, sheet.period.duty.measure.inspection, months(today.year, today.month), None, sheet.number)


def _known(ctx: LedgerContext, present: Inspection, kind: str, span: MonthSpan) -> bool:
    same = select(PaperDraft.id).where(PaperDraft.inspection_id == present.id, PaperDraft.kind == kind)
    same = same.where(PaperDraft.first_on == span.first, PaperDraft.last_on == span.last)
    return ctx.session.execute(same).first() is not None


def _make(
    ctx: LedgerContext, kind: str, present: Inspection, span: MonthSpan, due_on: date | None, sheet: str = ""
) -> None:
    draft = PaperDraft(
        inspection_id=present.id,
        kind=kind,
        first_on=span.first,
        last_on=span.last,
        sheet=sheet,
        due_on=due_on,
        begun_at=ctx.now,
    )
    ctx.session.add(draft)
    ctx.session.flush()
    name = paper_name(draft)
    audit.append(ctx, "draft", name, draft=draft.id)
    office = present.audiences.get(Audience.OFFICE, ())
    note = phrase("paper.drafted", name=name)
    message_queue.notify(ctx, office, f"{PAPER_DRAFTED}:{draft.id}", AlertKind.PAPER, Level.NONE, note)


def open_drafts(ctx: LedgerContext) -> Sequence[PaperDraft]:
    """The papers that wait for the office, the oldest first.

    Args:
        ctx: the context.
    """
    query = select(PaperDraft).where(PaperDraft.ended_at.is_(None)).order_by(PaperDraft.id)
    return ctx.session.execute(query).scalars().all()


def lock_draft(ctx: LedgerContext, draft_id: int) -> PaperDraft | None:
    """A paper that waits, held against every other writer; None when there is none.

    Args:
        ctx: the context whose transaction holds it.
        draft_id: its id, from wherever it came.
    """
    return ctx.session.get(PaperDraft, draft_id, with_for_update=True, populate_existing=True)


def set_aside(ctx: LedgerContext, draft_id: int, reason: str) -> PaperDraft:
    """Say that a paper is not wanted; the report duty that it would have answered goes on asking.

    Args:
        ctx: the context; its actor decides, at its ``now``.
        draft_id: of a paper that waits.
        reason: why.

    Raises:
        Refusal: ``draft_over``, ``reason_empty``, ``text_too_long``, and those of ``authorised``.
    """
    ctx = authorised(ctx, Act.RELEASE)
    draft = lock_draft(ctx, draft_id)
    assert draft is not None
    name = paper_name(draft)
    if draft.ended_at is not None:
        raise Refusal("draft_over", name=name)
    draft.end_reason = checked_reason(reason, needed=True)
    draft.ended_at, draft.ended_by = ctx.now, ctx.actor
    audit.append(ctx, "set-aside", name, reason=draft.end_reason)
    return draft
