"""Prefect's own server, spoken to only by its own pages and by programs that know the secret.

``duban up`` has uvicorn serve ``app``, as ``prefect server start`` would serve Prefect's. Prefect asks for the secret
and names the origins that may read an answer in a browser (both are its settings). But it takes any ``Host``: a foreign
name that resolves to this machine makes a foreign page its own (DNS rebinding). And what a foreign page sends is
carried out before the browser withholds the answer; where a proxy adds the secret, that would be enough. Prefect's
protection against this, a token for each client, would have every script ask for one, and sees neither hosts nor
websockets. So the guard stands before it: an allowed host, and no foreign origin.
tests/stack/foreign_pages_test.py holds all of it in a browser.
"""

from urllib.parse import urlsplit

from prefect.server.api.server import create_app
from prefect.settings import PREFECT_SERVER_CORS_ALLOWED_ORIGINS
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class OwnOriginsOnly:
    """Refuses whatever a browser sends on behalf of a page of another origin; programs name no origin.

    Args:
        app: what is guarded.
        origins: ours, as browsers write them.
    """

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        origin = Headers(scope=scope).get("origin") if scope["type"] in ("http", "websocket") else None
        if origin is None or origin in self._origins:
            await self._app(scope, receive, send)
        else:
            # To a websocket that was not accepted yet this is a refusal as well.
            await PlainTextResponse("Foreign origin", status_code=403)(scope, receive, send)


def guarded(app: ASGIApp, origins: list[str]) -> ASGIApp:
    """An application that answers to its own hosts and pages only.

    Args:
        app: what is guarded.
        origins: ours, as browsers write them; their hosts are the allowed ones.
    """
    hosts = [urlsplit(origin).netloc.removesuffix(f":{urlsplit(origin).port}") for origin in origins]
    return TrustedHostMiddleware(OwnOriginsOnly(app, origins), allowed_hosts=hosts, www_redirect=False)


def app() -> ASGIApp:
    """The factory for uvicorn."""
    return guarded(create_app(final=True), PREFECT_SERVER_CORS_ALLOWED_ORIGINS.value().split(","))
