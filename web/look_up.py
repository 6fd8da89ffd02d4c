"""Pages that only tell, for whoever signed in: the ledger, a measure, the messages, the trail."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from config.dates import parse_day
from db import ledger
from db.board import board_choices
from db.ledger.deciders import may
from db.ledger.inspections import titles_to_tell
from db.ledger.queued import queue_facts, queued_page, resend
from db.ledger.records import AuditRecord, TrailFilter, audit_records_of
from db.search import Passage, found_measures
from papers.measure_text import explanation_lines, history_lines
from papers.tries import tried_text
from plan.types import Act, Door
from tasks.context import ledger_context, queue_said
from text.catalogue import PHRASES, term
from text.clean import line
from text.refusals import Refusal
from web.by_session import Operator, OperatorsForm, Session
from web.overview import LEVELS, Asked, PageNumber, Word
from web.pages import READER, Place, html_page, said_after

router = APIRouter()
TRAIL_LINES, PAGE, AROUND = 200, 50, 24


@router.get("/ledger")
def whole_ledger(request: Request, place: Session, asked: Asked, q: Word = "", page: PageNumber = 1) -> Response:
    """The measures about which every word of ``q`` was written, and where; of one unit, under one lamp, and so on."""
    words = line(q).split()
    with ledger_context(READER) as ctx:
        count, found = found_measures(ctx, asked, words, (page - 1) * PAGE, PAGE)
        choices, ended = board_choices(ctx), ledger.outcome_counts(ctx.session)
    if not choices.inspections:
        raise Refusal("ledger_empty")
    chosen = {name: word for name, word in ({"q": line(q)} | asdict(asked)).items() if word}
    return html_page(
        request,
        "ledger",
        place=place,
        asked=asked,
        q=line(q),
        count=count,
        found=[(one, [(passage, _around(passage, words)) for passage in one.passages]) for one in found],
        choices=choices,
        ended=ended,
        levels=LEVELS,
        page=page,
        per_page=PAGE,
        address=lambda number: f"/ledger?{urlencode(chosen | {'page': number})}",
    )


def _around(passage: Passage, words: Sequence[str]) -> str:
    """The piece of a passage around the first of the words that stand in it, on one line."""
    whole = line(passage.text)
    places = [at for word in words if (at := whole.casefold().find(word.casefold())) >= 0]
    start = max(0, min(places, default=0) - AROUND)
    return ("…" if start else "") + line(whole[start:], 3 * AROUND)


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
        measure, person = ledger.measure_called(ctx.session, code), place.reader.person
        view = ledger.measure_view(ctx, measure.qualified_code)
        why = ledger.explanation(ctx, measure.qualified_code)
        title = titles_to_tell(ctx.session).get(measure.inspection_id, "")
        decides = {act: may(ctx, act, measure, person) for act in (Act.SUSPEND, Act.CLOSE)}
    facts = {
        "code": measure.full_code,
        "round_title": title,
        "view": view,
        "history": list(history_lines(view)),
        "why": list(explanation_lines(why)),
        "given": given,
    }
    return html_page(request, "measure", status, place=place, said=said, decides=decides, **facts)


@router.get("/messages")
def messages(request: Request, place: Operator, page: PageNumber = 1) -> Response:
    """What waits to leave and what nobody took, with a button to send it again."""
    return _messages_page(request, place, page=page, said=said_after(request))


def _messages_page(request: Request, place: Place, *, page: int = 1, status: int = 200, said: str = "") -> Response:
    with ledger_context(READER) as ctx:
        facts, now, work_time = queue_facts(ctx), ctx.now, ctx.work_time
        found = queued_page(ctx, (page - 1) * TRAIL_LINES, TRAIL_LINES + 1)
    rows = found[:TRAIL_LINES]
    return html_page(
        request,
        "messages",
        status,
        place=place,
        counts=queue_said(facts, now, work_time.zone),
        rows=[(one, tried_text(one.tries[-1], work_time.zone) if one.tries else "") for one in rows],
        minute=work_time.minute_text,
        more=len(found) > TRAIL_LINES,
        page=page,
        said=said,
    )


@router.post("/messages")
def resend_message(request: Request, place: OperatorsForm, message: Annotated[int, Form(ge=1, lt=2**63)]) -> Response:
    """Send a dead letter again."""
    try:
        with ledger_context(place.reader.person, door=place.reader.door) as ctx:
            resend(ctx, [message])
    except Refusal as refusal:
        return _messages_page(request, place, status=422, said=str(refusal))
    return RedirectResponse("/messages?said=resent", status_code=303)


@router.get("/trail")
def trail(
    request: Request,
    place: Operator,
    person: Word = "",
    subject: Word = "",
    day: Annotated[str, Query(max_length=10)] = "",
    page: PageNumber = 1,
) -> Response:
    """The entries of the audit trail, the newest first; of one person, about something, of one day."""
    said, on = "", None
    try:
        on = parse_day(day) if day else None
    except ValueError as error:
        said = str(Refusal("date_wrong", field="日期", why=error))
    asked, start = TrailFilter(line(person), line(subject), on), (page - 1) * TRAIL_LINES
    with ledger_context(READER) as ctx:
        found, minute = audit_records_of(ctx, asked, start, TRAIL_LINES + 1), ctx.work_time.minute_text
    words = {"person": asked.person, "subject": asked.subject, "day": day if on else ""}
    kept = {name: word for name, word in words.items() if word}
    return html_page(
        request,
        "trail",
        place=place,
        rows=[(minute(one.at), one.actor, _act(one), one.subject, _door(one)) for one in found[:TRAIL_LINES]],
        more=len(found) > TRAIL_LINES,
        asked=words,
        page=page,
        address=lambda number: f"/trail?{urlencode(kept | {'page': number})}",
        said=said,
    )


def _act(one: AuditRecord) -> str:
    return PHRASES.get(f"audit.act.{one.command}", one.command)


def _door(one: AuditRecord) -> str:
    door = one.facts.get("door")
    return term(Door(door)) if door in tuple(Door) else ""
