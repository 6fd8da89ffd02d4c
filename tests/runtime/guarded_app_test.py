"""The guard before Prefect's application: our hosts, our origins, and programs, which name no origin."""

from importlib import import_module

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from web.guard import guarded

ORIGINS = ["http://127.0.0.1:4200", "http://[::1]:4200", "https://duban.example"]


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture(scope="module")
def client() -> TestClient:
    answer = Route("/", lambda _: PlainTextResponse("ours"), methods=["GET", "POST", "OPTIONS"])
    return TestClient(guarded(Starlette(routes=[answer, WebSocketRoute("/out", _talk)]), ORIGINS))


@pytest.mark.parametrize("host", ["127.0.0.1:4200", "[::1]:4200", "duban.example", "DUBAN.example:443"])
def test_a_program_is_answered_under_our_hosts(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "ours"


@pytest.mark.parametrize(
    "host", ["evil.example", "duban.example.evil.example", "127.0.0.1.evil.example:4200", "", "[::1"]
)
def test_nobody_is_answered_under_another(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("origin", ORIGINS)
def test_our_own_pages_are_answered(client: TestClient, origin: str) -> None:
    assert client.post("/", headers={"host": "127.0.0.1:4200", "origin": origin}).text == "ours"


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000", "http://duban.example", "https://duban.example.evil.example", "null", ""]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_other_page_is_whatever_it_asks(client: TestClient, method: str, origin: str) -> None:
    asked = client.request(method, "/", headers={"host": "127.0.0.1:4200", "origin": origin})
    assert (asked.status_code, asked.text) == (403, "Foreign origin")


def test_a_page_of_ours_may_listen_and_no_other(client: TestClient) -> None:
    ours, host = {"origin": ORIGINS[0], "host": "127.0.0.1:4200"}, {"host": "127.0.0.1:4200"}
    with client.websocket_connect("/out", headers=ours), client.websocket_connect("/out", headers=host):
        pass
    for foreign in ({**host, "origin": "http://evil.example"}, {**ours, "host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/out", headers=foreign):
            pass


def test_prefects_own_application_stands_behind_it() -> None:
    assert import_module("cli.guarded_app").guarded is guarded
