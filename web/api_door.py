"""The door of the API: a token for each system, no cookie; what it is told when it is refused.

Who comes without a token in force is told nothing, not even which addresses there are. A refusal is problem+json
(RFC 9457) with the one line that the pages would say, and nothing was changed.
"""

from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from db.ledger.context import SystemAccess
from db.ledger.systems import system_showing, tell_guessed_tokens
from tasks.context import ledger_context
from text.refusals import Refusal
from web.flood import TryCounter
from web.pages import READER

MOST_GUESSES, GUESS_SECONDS = 30, 300.0
"""Wrong tokens of one address before the operators are told and it is asked to wait."""
MOST_REQUESTS, REQUEST_SECONDS = 1200, 60.0
"""Requests of one system, in one process of the pages."""
OPENAPI = "/openapi.json"
_guesses, _requests = TryCounter(GUESS_SECONDS), TryCounter(REQUEST_SECONDS)
_STATUS = {
    **dict.fromkeys(("system_unknown",), 401),
    **dict.fromkeys(
        (
            *("system_may_not", "system_not_for", "matter_not_asked", "proof_needed", "actor_may_not", "actor_unknown"),
            *("actor_is_unit", "actor_is_late_unit", "reviewer_is_author", "decider_is_asker"),
        ),
        403,
    ),
    **dict.fromkeys(
        ("matter_unknown", "measure_unknown", "inspection_unknown", "evidence_unknown", "page_unknown"), 404
    ),
    **dict.fromkeys(
        (
            *("matter_moved_on", "period_closed", "period_not_waiting", "period_not_submitted", "measure_retired"),
            *("measure_suspended", "measure_not_suspended", "extension_pending", "extension_none"),
            *("escalation_closed", "escalation_acknowledged", "transition", "measure_ambiguous"),
        ),
        409,
    ),
    "too_many_tries": 429,
    "evidence_store_away": 503,
}


class Problem(BaseModel):
    """Why nothing was done."""

    title: str = Field(description="状态码的名称")
    status: int
    code: str = Field(description="代号：同一种原因总是同一个")
    detail: str = Field(description="一句话：哪里不对，怎样改")
    errors: dict[str, str] = Field(default={}, description="各栏目的问题，按栏目名")


REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in (401, 403, 404, 409, 422, 429)
}


def problem(refusal: Refusal, status: int | None = None, errors: dict[str, str] | None = None) -> Response:
    """A refusal as a program reads it.

    Args:
        refusal: what the ledger, or the door, said.
        status: of HTTP; None for that of the refusal.
        errors: what is wrong with which field.
    """
    found = status or _STATUS.get(refusal.code, 422)
    said = {
        "type": "about:blank",
        "title": HTTPStatus(found).phrase,
        "status": found,
        "code": refusal.code,
        "detail": "；".join(errors.values()) if errors else str(refusal),
        "errors": errors or {},
    }
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}.get(found, {})
    return JSONResponse(said, found, headers, media_type="application/problem+json")


class TokensOnly:
    """Lets in who shows the token of a system, before anything of the request is read.

    Args:
        app: what is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; the description of the API is no secret."""
        if scope["type"] != "http" or scope["path"].removeprefix(scope["root_path"]) == OPENAPI:
            await self._app(scope, receive, send)
            return
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        shown = token.strip() if scheme.casefold() == "bearer" else ""
        client = scope.get("client")
        answer = await to_thread.run_sync(_enter, shown, client[0] if client else "")
        if isinstance(answer, Refusal):
            await problem(answer)(scope, receive, send)
            return
        scope.setdefault("state", {})["system"] = answer
        await self._app(scope, receive, send)


def _enter(token: str, address: str) -> SystemAccess | Refusal:
    with ledger_context(READER) as ctx:
        found = system_showing(ctx, token) if token else None
    if found is not None:
        return Refusal("too_many_tries") if _requests.count(str(found.id)) > MOST_REQUESTS else found
    guesses = _guesses.count(address)
    if guesses <= MOST_GUESSES:
        return Refusal("system_unknown")
    # A token that is in force is let in all the same: nobody shuts a system out by guessing from beside it.
    if guesses == MOST_GUESSES + 1:
        with ledger_context(READER) as ctx:
            tell_guessed_tokens(ctx, address)
    return Refusal("too_many_tries")


_bearer = HTTPBearer(auto_error=False, description="登记系统时显示一次的令牌")


def _asking(request: Request, _: Annotated[object, Security(_bearer)]) -> SystemAccess:
    found: SystemAccess = request.state.system
    return found


AskingSystem = Annotated[SystemAccess, Depends(_asking)]
"""The system that asks."""
