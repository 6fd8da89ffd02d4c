"""The application that uvicorn serves: pages by personal link, pages after signing in, nothing without either."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tasks.context import policy
from text.refusals import Refusal
from web import (
    by_link,
    by_session,
    health,
    look_up,
    office,
    oidc,
    overview,
    paper_page,
    roster_page,
    sign_in,
    subscription,
)
from web.api import api
from web.guard import BoundedBodies, guarded
from web.pages import refused_page

_ROOT = Path(__file__).parent
_HEADERS = {
    # Nothing is loaded from elsewhere, nothing runs, nobody frames a page or has its forms sent elsewhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # The address of a page is a secret of its reader: no other site is told it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def pages() -> FastAPI:
    """The pages, without the guard of their hosts and origins."""
    found = FastAPI(title="督办", docs_url=None, redoc_url=None, openapi_url=None)
    found.mount("/static", StaticFiles(directory=_ROOT / "static"), name="static")
    found.mount("/api/v1", api())
    for room in (
        overview,
        subscription,
        by_link,
        oidc,
        sign_in,
        by_session,
        look_up,
        office,
        paper_page,
        roster_page,
        health,
    ):
        found.include_router(room.router)
    found.add_exception_handler(Refusal, _refused)
    found.add_exception_handler(RequestValidationError, _misread)
    found.add_exception_handler(HTTPException, _misread)
    found.middleware("http")(_protect)
    found.add_middleware(BoundedBodies, most_bytes=_most_bytes)
    return found


def guarded_pages() -> ASGIApp:
    """The factory for uvicorn; ``DUBAN_WEB_ORIGINS`` names the origins of its pages."""
    return guarded(pages(), os.environ["DUBAN_WEB_ORIGINS"].split(","))


def _most_bytes() -> int:
    """What a form may bring along: a few of the largest files."""
    return 4 * policy().evidence.file_megabytes * 2**20


async def _protect(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    # A phone that is handed on must not show by its back button what its owner read.
    if not request.url.path.startswith("/static/"):
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refused_page(request, refusal)


async def _misread(request: Request, error: Exception) -> Response:
    """An address that is none, or a request that no page of ours makes."""
    status = error.status_code if isinstance(error, HTTPException) else 422
    return refused_page(request, Refusal("page_unknown"), status)
