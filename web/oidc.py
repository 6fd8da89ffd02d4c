"""Signing in by the office's identity provider: who comes back is somebody of the roster, or nobody.

What a browser was sent away with lies in a cookie of its own, signed, for ten minutes: what comes back to another
browser, or a second time, opens nothing.
"""

import logging
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Cookie, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from config.settings import settings
from db.ledger.identities import enter_by_identity, tell_unknown_identity
from plan.types import Door
from tasks.context import ledger_context
from tasks.doors import remembered, sign_memory
from text.refusals import Refusal
from web.by_session import COOKIE
from web.identity_provider import BACK, SignInRequest, brought_back, is_offered, sent_away
from web.pages import READER
from web.sign_in import entered, slow_down

router = APIRouter()
logger = logging.getLogger(__name__)
MEMORY, MEMORY_SECONDS = "duban_oidc", 600


@router.get("/sign-in/oidc")
def go_there(request: Request, page: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Send the browser to the identity provider."""
    slow_down(request)
    if not is_offered():
        raise HTTPException(404)
    try:
        address, asked = sent_away(page)
    except Refusal as refusal:
        logger.warning("统一身份认证不通：%s", refusal.facts["why"])
        raise
    answer = RedirectResponse(address, status_code=303)
    answer.set_cookie(
        MEMORY,
        sign_memory(asdict(asked)),
        max_age=MEMORY_SECONDS,
        path=BACK,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get(BACK)
def came_back(
    request: Request,
    duban_oidc: Annotated[str | None, Cookie()] = None,
    duban: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> Response:
    """Let in whom the provider brings, if he is of the roster."""
    slow_down(request)
    kept = remembered(duban_oidc, MEMORY_SECONDS) if duban_oidc and is_offered() else None
    if kept is None:
        raise Refusal("oidc_wrong", why="cookie")
    asked = SignInRequest(**kept)
    try:
        claims = brought_back(asked, dict(request.query_params))
    except Refusal as refusal:
        logger.warning("统一身份认证未成：%s", refusal.facts["why"])
        raise
    found = settings()
    with ledger_context(READER, door=Door.SESSION) as ctx:
        key = enter_by_identity(ctx, claims, found.oidc_claim, found.oidc_people, duban)
    if key is None:
        with ledger_context(READER) as ctx:
            tell_unknown_identity(ctx, str(claims.get(found.oidc_claim) or claims.get("sub") or ""))
        raise Refusal("oidc_unknown")
    answer = entered(request, key, asked.page)
    answer.delete_cookie(MEMORY, path=BACK)
    return answer
