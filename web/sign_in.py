"""Signing in: a code and a link go to the person by his own channel; nothing here tells who exists."""

import logging
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from config import clock
from config.settings import settings
from db.ledger.doors import SignInMessage, ask_to_sign_in, enter_by_code
from letters.failures import DeliveryFailed
from plan.types import AlertKind, Door, Level
from rules.message import Message, MessageItem
from tasks.channels import send_by_settings
from tasks.context import ledger_context, policy
from tasks.doors import code_of, matter_address, sign
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal
from web.by_session import keep_session
from web.flood import TryCounter
from web.pages import LED_BACK_TO, READER, html_page

router = APIRouter()
logger = logging.getLogger(__name__)
FLOOD, FLOOD_SECONDS = 30, 300.0
_tries = TryCounter(FLOOD_SECONDS)
Name = Annotated[str, Form(max_length=LONGEST_NAME)]
Wanted = Annotated[str, Form(max_length=200)]


def _slow_down(request: Request) -> None:
    """Raises ``Refusal`` (``too_many_tries``) for an address that asks faster than people do."""
    if _tries.count(request.client.host if request.client else "") > FLOOD:
        raise Refusal("too_many_tries")


@router.get("/sign-in")
def who(request: Request, page: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Who wants to sign in, and for which page."""
    return html_page(request, "sign_in", place=None, person="", page=page)


@router.post("/sign-in")
def ask_for_code(request: Request, person: Name, page: Wanted = "") -> Response:
    """Send a code to whoever has this name; the answer is the same for every name."""
    _slow_down(request)
    answer = html_page(request, "sign_in", place=None, person=person, page=page, said=phrase("web.code_sent"))
    # After the answer: how long it takes to know somebody would tell whom we know.
    answer.background = BackgroundTask(_send_code, person)
    return answer


@router.post("/sign-in/code")
def enter(request: Request, person: Name, code: Annotated[str, Form(max_length=40)], page: Wanted = "") -> Response:
    """Sign in by the code; then to the page for which that was asked, if it is one that paper leads to."""
    _slow_down(request)
    with ledger_context(READER, door=Door.SESSION) as ctx:
        key = enter_by_code(ctx, person, code, code_of)
    if key is None:
        return html_page(request, "sign_in", 403, place=None, person=person, page=page, said=phrase("web.code_wrong"))
    answer = RedirectResponse(page if LED_BACK_TO.fullmatch(page) else "/me", status_code=303)
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
