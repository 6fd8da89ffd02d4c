"""Pages that only tell, for whoever signed in: the ledger, a measure, the messages, the trail."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from db import ledger
from db.ledger.deciders import post_names
from db.ledger.inspections import titles_to_tell
from db.ledger.queued import queue_facts, queued
from db.ledger.records import newest_audit_records
from papers.measure_text import explanation_lines, history_lines
from plan.types import Audience, Level
from rules.actors import is_one_of
from tasks.context import ledger_context, queue_said
from text.catalogue import PHRASES
from text.clean import line
from text.refusals import Refusal
from web.by_session import Session
from web.pages import READER, Place, html_page, said_after

router = APIRouter()
TRAIL_LINES = 200
LEVELS = tuple(reversed(Level))


@router.get("/ledger")
def whole_ledger(
    request: Request,
    place: Session,
    q: Annotated[str, Query(max_length=100)] = "",
    unit: Annotated[str, Query(max_length=100)] = "",
    lamp: Annotated[str, Query(max_length=20)] = "",
    inspection: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The measures, those that hold every word of ``q`` in code, title or unit, of one unit, under one lamp, of one
    inspection."""
    with ledger_context(READER) as ctx:
        rounds = {one.key: one.title for one in ledger.inspections(ctx.session)}
        views = [ledger.ledger_view(ctx, key) for key in ([inspection] if inspection else rounds)]
    if not views:
        raise Refusal("ledger_empty")
    # Where there are several, the code alone would not say which is meant.
    measures = [
        one | {"named": f"{view['inspection']['key']}/{one['code']}" if len(rounds) > 1 else one["code"]}
        for view in views
        for one in view["measures"]
    ]
    words = line(q).casefold().split()
    found = [
        one
        for one in measures
        if (not unit or one["lead_unit"] == unit)
        and (not lamp or one["lamp"] == lamp)
        and all(word in f"{one['code']} {one['title']} {one['lead_unit']}".casefold() for word in words)
    ]
    facts: dict[str, Any] = {
        "title": "、".join(view["inspection"]["title"] for view in views),
        "outcomes": {name: sum(view["outcomes"][name] for view in views) for name in views[0]["outcomes"]},
        "units": sorted({one["lead_unit"] for one in measures}),
        "rounds": rounds if len(rounds) > 1 else {},
        "asked": {"q": q, "unit": unit, "lamp": lamp, "inspection": inspection},
    }
    return html_page(request, "ledger", place=place, measures=found, levels=LEVELS, **facts)


@router.get("/measure/{code:path}")
def one_measure(request: Request, place: Session, code: str) -> Response:
    """A measure: its periods, its history, and why each date is what it is."""
    return measure_page(request, place, code, said=said_after(request))


def measure_page(
    request: Request, place: Place, code: str, *, status: int = 200, said: str = "", given: Any = None
) -> Response:
    """The page of a measure, with what the office may decide where the office looks.

    Args:
        request: which is answered.
        place: of the reader.
        code: of the measure.
        status: of HTTP.
        said: what to say on top.
        given: what the office wrote that was refused.
    """
    with ledger_context(READER) as ctx:
        measure = ledger.measure_called(ctx.session, code)
        meant, office = measure.qualified_code, post_names(ctx, measure, Audience.OFFICE)
        view, why = ledger.measure_view(ctx, meant), ledger.explanation(ctx, meant)
        title = titles_to_tell(ctx.session).get(measure.inspection_id, "")
    facts = {
        "code": measure.full_code,
        "round_title": title,
        "view": view,
        "history": list(history_lines(view)),
        "why": list(explanation_lines(why)),
        "given": given,
    }
    decides = is_one_of(place.reader.person, office)
    return html_page(request, "measure", status, place=place, said=said, decides=decides, **facts)


@router.get("/messages")
def messages(request: Request, place: Session) -> Response:
    """What waits to leave and what nobody took."""
    with ledger_context(READER) as ctx:
        facts, now, work_time = queue_facts(ctx), ctx.now, ctx.work_time
        waiting, dead = queued(ctx, dead=False), queued(ctx, dead=True)
    rows = [
        (one.recipient, one.channel, one.state, work_time.minute_text(at) if (at := one.next_try_at) else "")
        for one in [*dead, *waiting][:TRAIL_LINES]
    ]
    return html_page(request, "messages", place=place, counts=queue_said(facts, now, work_time.zone), rows=rows)


@router.get("/trail")
def trail(request: Request, place: Session) -> Response:
    """The newest entries of the audit trail."""
    with ledger_context(READER) as ctx:
        found, said = newest_audit_records(ctx, TRAIL_LINES), ctx.work_time.minute_text
    rows = [
        (said(one.at), one.actor, PHRASES.get(f"audit.act.{one.command}", one.command), one.subject) for one in found
    ]
    return html_page(request, "trail", place=place, rows=rows)
