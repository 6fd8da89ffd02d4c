"""Who may speak to a server of ours in a browser: its own hosts and its own pages.

A foreign name that resolves to this machine makes a foreign page the server's own (DNS rebinding), and what a foreign
page sends is carried out before the browser withholds the answer. So this stands before each application.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ELSEWHERE = ("cross-site", "same-site")
_LOOKS = ("GET", "HEAD", "OPTIONS")


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
        headers = Headers(scope=scope) if scope["type"] in ("http", "websocket") else Headers()
        origin = headers.get("origin")
        if origin is None:
            # A page may keep its origin to itself, not that it is another; whoever looks may come from anywhere.
            foreign = headers.get("sec-fetch-site") in _ELSEWHERE and scope.get("method") not in _LOOKS
        else:
            foreign = origin not in self._origins
        if not foreign:
            await self._app(scope, receive, send)
        else:
            # To a websocket that was not accepted yet this is a refusal as well.
            await PlainTextResponse("Foreign origin", status_code=403)(scope, receive, send)


class BoundedBodies:
    """Refuses what is larger than a page takes, before it is kept anywhere.

    Args:
        app: what is guarded.
        most_bytes: the most that one request may send.
    """

    def __init__(self, app: ASGIApp, most_bytes: Callable[[], int]) -> None:
        self._app, self._most = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; one that says no size is counted as it comes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, came = self._most(), 0
        refusal = PlainTextResponse("Too large", status_code=413)
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > most:
            await refusal(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            # As if the browser had gone: nothing is made of half a form.
            return message if came <= most else {"type": "http.disconnect"}

        try:
            await self._app(scope, counted, send)
        except ClientDisconnect:
            if came > most:
                await refusal(scope, receive, send)


def guarded(app: ASGIApp, origins: list[str]) -> ASGIApp:
    """An application that answers to its own hosts and pages only.

    Args:
        app: what is guarded.
        origins: ours, as browsers write them; their hosts are the allowed ones.
    """
    hosts = [urlsplit(origin).netloc.removesuffix(f":{urlsplit(origin).port}") for origin in origins]
    return TrustedHostMiddleware(OwnOriginsOnly(app, origins), allowed_hosts=hosts, www_redirect=False)


def origin_of(url: str) -> str:
    """The origin of an address as browsers write it: in small letters, without the port that the scheme means anyhow.

    Args:
        url: an address.
    """
    parts = urlsplit(url.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].removesuffix(usual)}"
