"""Pages that a personal link opens. Looking (GET, HEAD) never acts and never uses a link up; only a button does."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from db import matters
from db.ledger.doors import Reader, begin_session, link_holder
from plan.types import Door
from rules.actors import is_one_of
from tasks.context import ledger_context
from tasks.doors import handle_of
from text.refusals import Refusal
from web.by_session import keep_session
from web.pages import (
    READER,
    Place,
    change_desk,
    evidence_answer,
    hand_in,
    hand_in_several,
    html_page,
    matter_page,
    matters_page,
)
from web.paper_page import sheet_answer

router = APIRouter()


def _place(token: str) -> tuple[Place, bool]:
    """Where the holder of a link is, and whether it begins a session."""
    handle = handle_of(token)
    if handle is None:
        raise Refusal("link_wrong")
    with ledger_context(READER) as ctx:
        link = link_holder(ctx, handle, token)
        reader = Reader(link.person, Door.LINK, link.matter)
    return Place(reader, f"/m/{token}"), link.signs_in


@router.get("/m/{token}")
def opened(request: Request, token: str) -> Response:
    """What a link leads to."""
    place, signs_in = _place(token)
    if signs_in:
        return html_page(request, "enter", place=None, person=place.reader.person)
    if place.reader.matter:
        return matter_page(request, place, place.reader.matter)
    return matters_page(request, place)


@router.head("/m/{token}")
def looked_at(token: str) -> Response:
    """Whether a link leads anywhere: what scanners of mail ask."""
    _place(token)
    return Response()


@router.get("/m/{token}/file/{number}")
def file_by_link(token: str, number: int) -> Response:
    """A file of evidence of what a link opens."""
    place, _ = _place(token)
    return evidence_answer(place, number)


@router.get("/m/{token}/sheet.docx")
def sheet_by_link(token: str) -> Response:
    """The paper of the sheet that a link opens."""
    place = _own_desk(token)
    return sheet_answer(place, place.reader.matter or "")


@router.get("/m/{token}/{tag}")
def one_of_his(request: Request, token: str, tag: str) -> Response:
    """One matter of the holder of a link to all of his."""
    return matter_page(request, _of_all(token, tag), tag)


@router.post("/m/{token}")
async def handed_in(request: Request, token: str) -> Response:
    """The form of what a link opens."""
    # Off the event loop, as every other look into the ledger.
    place, signs_in = await run_in_threadpool(_place, token)
    if signs_in:
        return await run_in_threadpool(_signed_in, request, token)
    if place.reader.matter:
        return await hand_in(request, place, place.reader.matter)
    return await hand_in_several(request, place)


@router.post("/m/{token}/read")
async def read_by_link(request: Request, token: str) -> Response:
    """What the holder was informed of he has read."""
    return await change_desk(request, await run_in_threadpool(_own_desk, token), "read")


@router.post("/m/{token}/delegate")
async def delegated_by_link(request: Request, token: str) -> Response:
    """Hand a matter over."""
    return await change_desk(request, await run_in_threadpool(_own_desk, token), "delegate")


@router.post("/m/{token}/take-back")
async def taken_back_by_link(request: Request, token: str) -> Response:
    """Take back what the holder handed over."""
    return await change_desk(request, await run_in_threadpool(_own_desk, token), "take-back")


@router.post("/m/{token}/raise")
async def raised_by_link(request: Request, token: str) -> Response:
    """Raise what is late to a higher rung."""
    return await change_desk(request, await run_in_threadpool(_own_desk, token), "raise")


@router.post("/m/{token}/{tag}")
async def handed_in_one(request: Request, token: str, tag: str) -> Response:
    """The form of one matter of the holder of a link to all of his."""
    return await hand_in(request, await run_in_threadpool(_of_all, token, tag), tag)


def _own_desk(token: str) -> Place:
    """Where the holder of a link is that does not begin a session."""
    place, signs_in = _place(token)
    if signs_in:
        raise Refusal("link_wrong")
    return place


def _of_all(token: str, tag: str) -> Place:
    """Where the holder of a link to all of his is at one of them; what he has no post in takes signing in."""
    place, signs_in = _place(token)
    if place.reader.matter or signs_in:
        raise Refusal("link_wrong")
    with ledger_context(READER) as ctx:
        found = matters.found_by_tag(ctx, tag)
    if not is_one_of(place.reader.person, (*found.asked, *found.posts)):
        raise Refusal("link_wrong")
    return place


def _signed_in(request: Request, token: str) -> Response:
    handle = handle_of(token)
    assert handle is not None
    with ledger_context(READER, door=Door.LINK) as ctx:
        key = begin_session(ctx, link_holder(ctx, handle, token))
    answer = RedirectResponse("/me", status_code=303)
    keep_session(request, answer, key)
    return answer
