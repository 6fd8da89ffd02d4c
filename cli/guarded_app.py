"""Prefect's own server, spoken to only by its own pages and by programs that know the secret.

``duban up`` has uvicorn serve ``app``, as ``prefect server start`` would serve Prefect's. Prefect asks for the secret
and names the origins that may read an answer in a browser (both are its settings). But it takes any ``Host``, and
carries out what a foreign page sends; where a proxy adds the secret, that would be enough. Prefect's protection
against this, a token for each client, would have every script ask for one, and sees neither hosts nor websockets. So
the guard stands before it. tests/stack/foreign_pages_test.py holds all of it in a browser.
"""

from prefect.server.api.server import create_app
from prefect.settings import PREFECT_SERVER_CORS_ALLOWED_ORIGINS
from starlette.types import ASGIApp

from web.guard import guarded


def app() -> ASGIApp:
    """The factory for uvicorn."""
    return guarded(create_app(final=True), PREFECT_SERVER_CORS_ALLOWED_ORIGINS.value().split(","))
