"""Pages after signing in: what is asked of me, any matter. Each form carries a key of its session."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response
from fastapi.responses import RedirectResponse

from db.ledger.deciders import operators
from db.ledger.doors import Reader, end_session, signed_in
from plan.types import Door
from rules.actors import is_one_of
from tasks.context import ledger_context, policy
from tasks.doors import csrf_key
from text.refusals import Refusal
from web.pages import READER, Place, change_desk, evidence_answer, hand_in, hand_in_several, matter_page, matters_page

router = APIRouter()
COOKIE = "duban"


def keep_session(request: Request, answer: Response, key: str) -> None:
    """Give the browser its session.

    Args:
        request: which is answered; over TLS the cookie goes nowhere else.
        answer: takes the cookie.
        key: of the session.
    """
    answer.set_cookie(
        COOKIE,
        key,
        max_age=policy().doors.session_hours * 3600,
        httponly=True,
        samesite="lax",
        # The scheme that the browser used, as a proxy on this machine tells the server.
        secure=request.url.scheme == "https",
    )


def _session(duban: Annotated[str | None, Cookie()] = None) -> Place:
    """Who is signed in. Raises ``Refusal`` (``sign_in_needed``)."""
    with ledger_context(READER) as ctx:
        person = signed_in(ctx, duban) if duban else None
        operates = person is not None and is_one_of(person, operators(ctx))
    if duban is None or person is None:
        raise Refusal("sign_in_needed")
    return Place(Reader(person, Door.SESSION), "/me", csrf_key(duban), operates)


Session = Annotated[Place, Depends(_session)]


def _operator(place: Session) -> Place:
    """Who is signed in and runs the engine. Raises ``Refusal`` (``operators_only``)."""
    if not place.operates:
        raise Refusal("operators_only")
    return place


Operator = Annotated[Place, Depends(_operator)]


async def _own_form(request: Request, place: Session) -> Place:
    """Who hands in a form of his own session. Raises ``Refusal`` (``form_foreign``)."""
    sent = (await request.form()).get("csrf")
    if not isinstance(sent, str) or not secrets.compare_digest(sent.encode(), place.csrf.encode()):
        raise Refusal("form_foreign")
    return place


OwnForm = Annotated[Place, Depends(_own_form)]


def _operators_form(place: OwnForm) -> Place:
    """An operator who hands in a form of his own session. Raises ``Refusal`` (``operators_only``)."""
    return _operator(place)


OperatorsForm = Annotated[Place, Depends(_operators_form)]


@router.get("/me")
def mine(request: Request, place: Session) -> Response:
    """What is asked of me."""
    return matters_page(request, place)


@router.post("/me")
async def answered_several(request: Request, place: OwnForm) -> Response:
    """Several of my matters, answered in the same words."""
    return await hand_in_several(request, place)


@router.post("/me/read")
async def read_by_session(request: Request, place: OwnForm) -> Response:
    """What I was informed of I have read."""
    return await change_desk(request, place, "read")


@router.post("/me/delegate")
async def delegated_by_session(request: Request, place: OwnForm) -> Response:
    """Hand a matter over."""
    return await change_desk(request, place, "delegate")


@router.post("/me/take-back")
async def taken_back_by_session(request: Request, place: OwnForm) -> Response:
    """Take back what I handed over."""
    return await change_desk(request, place, "take-back")


@router.post("/me/raise")
async def raised_by_session(request: Request, place: OwnForm) -> Response:
    """Raise what is late to a higher rung."""
    return await change_desk(request, place, "raise")


@router.get("/me/file/{number}")
def file_by_session(place: Session, number: int) -> Response:
    """A file of evidence."""
    return evidence_answer(place, number)


@router.get("/me/{tag}")
@router.get("/matter/{tag}")
def any_matter(request: Request, place: Session, tag: str) -> Response:
    """A matter, mine or another's."""
    return matter_page(request, place, tag)


@router.post("/me/{tag}")
async def answered(request: Request, place: OwnForm, tag: str) -> Response:
    """The form of a matter."""
    return await hand_in(request, place, tag)


@router.post("/sign-out")
def sign_out(place: OwnForm, duban: Annotated[str, Cookie()]) -> Response:
    """End the session."""
    with ledger_context(place.reader.person, door=Door.SESSION) as ctx:
        end_session(ctx, duban)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer
