"""What is known of closures: for lists, pages, papers and other systems."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from db.ledger.closure_stages import asked_now, asked_posts, asked_to_look, chain_of, closures_of, stage_name
from db.ledger.context import LedgerContext
from db.ledger.evidence import KeepsFiles, evidence_of
from db.models import Closure, Evidence, Lookback, Measure
from plan.types import LookbackState
from rules.closure import stage_lamp

_READ = (joinedload(Closure.measure), selectinload(Closure.steps), selectinload(Closure.objections))


def open_closures(ctx: LedgerContext, inspection_id: int | None = None, *, late: bool = False) -> Sequence[Closure]:
    """The closures that are under way, the one that has to be answered first at the top.

    Args:
        ctx: the context; what is late is so at its ``today``.
        inspection_id: of one inspection; None for all.
        late: only those whose stage is past its limit: what was claimed to be done and nobody has accepted, above all.
    """
    query = select(Closure).join(Closure.measure).where(Closure.ended_at.is_(None)).options(*_READ)
    if inspection_id is not None:
        query = query.where(Measure.inspection_id == inspection_id)
    if late:
        query = query.where(Closure.due_on < ctx.today)
    return ctx.session.execute(query.order_by(Closure.due_on, Closure.id)).scalars().all()


def closure_views(ctx: LedgerContext, measure: Measure) -> list[dict[str, Any]]:
    """Every closure of a measure, the oldest first, as ``closure_view`` has it.

    Args:
        ctx: the context.
        measure: a loaded measure.
    """
    return [closure_view(ctx, one) for one in closures_of(ctx, measure)]


def closure_view(ctx: LedgerContext, closure: Closure) -> dict[str, Any]:
    """One closure with all that was done in it, as JSON values; days are those of the office's zone.

    Args:
        ctx: the context.
        closure: a loaded closure.
    """
    is_open = closure.ended_at is None
    return {
        "id": closure.id,
        "measure": closure.measure.full_code,
        "title": closure.measure.title,
        "unit": closure.measure.lead_unit,
        "state": closure.state,
        "chain": [stage.value for stage in chain_of(closure).order],
        "stage": closure.stage,
        "asks": asked_now(closure) if is_open else None,
        "waiting": stage_name(closure),
        "due_on": str(closure.due_on) if is_open else None,
        "lamp": stage_lamp(chain_of(closure), closure.due_on, closure.fired, ctx.today) if is_open else None,
        "asked": list(ctx.asked_names(asked_posts(closure))) if is_open else [],
        "began_on": str(ctx.work_time.day_of(closure.began_at)),
        "began_by": closure.began_by,
        "reason": closure.reason,
        "publicity": {
            "first_day": str(closure.announced_on),
            "until": str(closure.window_ends_on),
            "printed_until": str(closure.printed_until) if closure.printed_until else None,
            "where": closure.announced_where,
        }
        if closure.announced_on
        else None,
        "steps": [
            {
                "stage": step.stage,
                "act": step.act,
                "by": step.by,
                "on": str(ctx.work_time.day_of(step.at)),
                "statement": step.statement,
                **step.facts,
            }
            for step in closure.steps
        ],
        "objections": [
            {
                "said_by": one.said_by,
                "said": one.said,
                "on": str(ctx.work_time.day_of(one.recorded_at)),
                "recorded_by": one.recorded_by,
                "upheld": one.upheld,
                "answer": one.answer,
                "answered_by": one.answered_by,
                "answered_on": str(ctx.work_time.day_of(one.answered_at)) if one.answered_at else None,
            }
            for one in closure.objections
        ],
        "files": _files(
            evidence_of(ctx, closure.period_id, KeepsFiles(closure_id=closure.id)) if closure.period_id else ()
        ),
        "archive": closure.archive,
        "ended_on": str(ctx.work_time.day_of(closure.ended_at)) if closure.ended_at else None,
        "end_reason": closure.end_reason,
    }


def lookback_view(ctx: LedgerContext, one: Lookback) -> dict[str, Any]:
    """One look-back, as JSON values; days are those of the office's zone.

    Args:
        ctx: the context.
        one: a loaded look-back.
    """
    return {
        "id": one.id,
        "measure": one.measure.full_code,
        "title": one.measure.title,
        "months": one.months,
        "opens_on": str(one.opens_on),
        "due_on": str(one.due_on),
        "state": one.state,
        "asked": list(ctx.asked_names(asked_to_look(one))) if one.state == LookbackState.WAITING else [],
        "result": one.result,
        "statement": one.statement,
        "visited_on": str(one.visited_on) if one.visited_on else None,
        "by": one.done_by,
        "on": str(ctx.work_time.day_of(one.done_at)) if one.done_at else None,
        "files": _files(evidence_of(ctx, one.period_id, KeepsFiles(lookback_id=one.id)) if one.period_id else ()),
    }


def _files(found: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [{"id": one.id, "name": one.name, "sha256": one.sha256, "by": one.added_by} for one in found]
