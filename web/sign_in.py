"""Signing in: by a code and a link that go to the person by his own channel, by a password where he has set one.

Nothing here tells who exists.
"""

import logging
import time
from functools import cache
from typing import Annotated

from anyio import CapacityLimiter, sleep, to_thread
from fastapi import APIRouter, Cookie, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from config import clock
from config.settings import settings
from db.ledger.doors import SignInMessage, ask_to_sign_in, enter_by_code
from db.ledger.passwords import change_password, enter_by_password, has_password, passwords_are_set
from letters.failures import DeliveryFailed
from plan.types import AlertKind, Door, Level
from rules.message import Message, MessageItem
from tasks.channels import send_by_settings
from tasks.context import ledger_context, policy
from tasks.doors import code_of, matter_address, sign
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal
from web.by_session import OwnForm, Session, keep_session
from web.flood import TryCounter
from web.identity_provider import is_offered
from web.pages import LED_BACK_TO, READER, Place, html_page, said_after

router = APIRouter()
logger = logging.getLogger(__name__)
FLOOD, FLOOD_SECONDS = 30, 300.0
_tries, _changes = TryCounter(FLOOD_SECONDS), TryCounter(FLOOD_SECONDS)
MOST_CHANGES = 10
EVENLY_SECONDS = 1.0
"""After which a password is refused at the earliest: how long it took to look would tell whose name is known."""
Name = Annotated[str, Form(max_length=LONGEST_NAME)]
Wanted = Annotated[str, Form(max_length=200)]


def slow_down(request: Request) -> None:
    """Let nobody try faster than people do.

    Args:
        request: from whichever address.

    Raises:
        Refusal: ``too_many_tries``.
    """
    if _tries.count(request.client.host if request.client else "") > FLOOD:
        raise Refusal("too_many_tries")


@router.get("/sign-in")
def who(request: Request, page: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Who wants to sign in, and for which page."""
    return _page(request, page=page)


def _page(
    request: Request, status: int = 200, *, person: str = "", page: str, said: str = "", code: bool = False
) -> Response:
    with ledger_context(READER) as ctx:
        passwords = passwords_are_set(ctx)
    return html_page(
        request,
        "sign_in",
        status,
        place=None,
        person=person,
        page=page,
        said=said,
        code=code,
        passwords=passwords,
        oidc=is_offered(),
    )


@router.post("/sign-in")
def ask_for_code(request: Request, person: Name, page: Wanted = "") -> Response:
    """Send a code to whoever has this name; the answer is the same for every name."""
    slow_down(request)
    answer = _page(request, person=person, page=page, said=phrase("web.code_sent"), code=True)
    # After the answer: how long it takes to know somebody would tell whom we know.
    answer.background = BackgroundTask(_send_code, person)
    return answer


@router.post("/sign-in/code")
def enter(request: Request, person: Name, code: Annotated[str, Form(max_length=40)], page: Wanted = "") -> Response:
    """Sign in by the code; then to the page for which that was asked, if it is one that paper leads to."""
    slow_down(request)
    with ledger_context(READER, door=Door.SESSION) as ctx:
        key = enter_by_code(ctx, person, code, code_of)
    if key is None:
        return _page(request, 403, person=person, page=page, said=phrase("web.code_wrong"), code=True)
    return entered(request, key, page)


def entered(request: Request, key: str, page: str) -> Response:
    """Let somebody in who signed in.

    Args:
        request: which is answered.
        key: of his session.
        page: where he wants to, from anywhere; only what paper leads to is gone to.
    """
    answer = RedirectResponse(page if LED_BACK_TO.fullmatch(page) else "/me", status_code=303)
    keep_session(request, answer, key)
    return answer


@router.post("/sign-in/password")
async def enter_with_password(
    request: Request,
    person: Name,
    password: Annotated[str, Form(max_length=1024)] = "",
    page: Wanted = "",
    duban: Annotated[str | None, Cookie()] = None,
) -> Response:
    """Sign in by a password, where one was set; a wrong one, a wrong name and a locked one are answered alike."""
    slow_down(request)
    answered_at = time.monotonic() + EVENLY_SECONDS
    key = await to_thread.run_sync(_enter_by_password, person, password, duban, limiter=_hashing())
    if key is not None:
        return entered(request, key, page)
    await sleep(max(0.0, answered_at - time.monotonic()))
    said = phrase("web.password_wrong")
    return await to_thread.run_sync(lambda: _page(request, 403, person=person, page=page, said=said))


def _enter_by_password(person: str, password: str, before: str | None) -> str | None:
    with ledger_context(READER, door=Door.SESSION) as ctx:
        return enter_by_password(ctx, person, password, before)


@cache
def _hashing() -> CapacityLimiter:
    """Each hash takes 64 megabytes: whoever sends many passwords waits for himself."""
    return CapacityLimiter(2)


@router.get("/password")
def own_password(request: Request, place: Session) -> Response:
    """The password of whoever is signed in."""
    return _password_page(request, place, said=said_after(request))


def _password_page(request: Request, place: Place, status: int = 200, said: str = "") -> Response:
    with ledger_context(READER) as ctx:
        present = has_password(ctx, place.reader.person)
    least = policy().doors.password_least
    return html_page(request, "password", status, place=place, said=said, present=present, least=least)


@router.post("/password")
def set_own_password(
    request: Request,
    place: OwnForm,
    new: Annotated[str, Form(max_length=1024)],
    again: Annotated[str, Form(max_length=1024)],
    old: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """Set or change it: all other sessions of this person end."""
    person = place.reader.person
    try:
        if _changes.count(person) > MOST_CHANGES:
            raise Refusal("too_many_tries")
        if new != again:
            raise Refusal("password_twice")
        with ledger_context(person, door=place.reader.door) as ctx:
            key = change_password(ctx, old, new)
    except Refusal as refusal:
        return _password_page(request, place, 422, str(refusal))
    answer = RedirectResponse("/password?said=password_set", status_code=303)
    keep_session(request, answer, key)
    return answer


def _send_code(person: str) -> None:
    with ledger_context(READER) as ctx:
        message = ask_to_sign_in(ctx, person, sign)
    if message is not None:
        _send(message)


def _send(message: SignInMessage) -> None:
    now = clock.now()
    note = phrase("web.code", code=code_of(message.handle), minutes=policy().doors.sign_in_minutes)
    address = matter_address(sign(message.handle))
    item = MessageItem("sign-in", AlertKind.SIGN_IN, Level.NONE, note, address=address)
    day = now.astimezone(settings().zone).date()
    for channel, to in message.channels:
        key = f"sign-in-{now:%Y%m%d%H%M%S}-{message.handle[:6]}"
        letter = Message(0, key, "", 0, False, message.person, channel, to, "整改办", day, (item,))
        try:
            send_by_settings(letter, now)
        except (DeliveryFailed, ValueError) as failed:
            logger.warning("登录码未能经 %s 发出：%s", channel, failed)
        else:
            return
