"""Whoever reaches the port is not yet anybody: a page of another origin, a foreign name for this machine, a program.

The page does in a real browser what such pages do; the operator, who has signed in, goes on as before.
"""

import base64
import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.chromium import CHROMIUM, QUIET
from tests.stack.office import Office
from tests.stack.screen import Screen

pytestmark = [pytest.mark.prefect, pytest.mark.browser]
CHANNEL = "mailtos://office:very-secret@mail.example"
FOREIGN = "evil.example"
"""A name that its owner lets resolve to this machine once the page is loaded."""
ASK = """
async ([url, path, body]) => {
    const answer = await fetch(url + path, {
        method: "POST", body: JSON.stringify(body), headers: {"content-type": "application/json"},
    }).catch(() => null);
    return answer && answer.ok ? await answer.text() : "";
}
"""
# No preflight: a body without a type is a "simple" request, and Prefect takes it for JSON.
THROW = """
async ([url, path, body]) => {
    const untyped = new Blob([JSON.stringify(body)]);
    await fetch(url + path, {method: "POST", mode: "no-cors", body: untyped}).catch(() => null);
}
"""
LISTEN = """
async ([url]) => new Promise((said) => {
    const socket = new WebSocket(url.replace("http", "ws") + "/api/events/out", "prefect");
    socket.onopen = () => said("open");
    socket.onerror = () => said("refused");
})
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A foreign page: another port is another origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.RequestHandlerClass.do_GET = _blank  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def _blank(request: http.server.BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("content-type", "text/html")
    request.end_headers()
    request.wfile.write(b"<title>x</title>")


@pytest.fixture(scope="module")
def block(small: Office) -> str:
    """A channel of the office in a Secret block."""
    kind = small.api("/block_types/slug/secret")["id"]
    schema = small.api("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})[0]["id"]
    made = {"name": "duban-mail", "block_type_id": kind, "block_schema_id": schema, "data": {"value": CHANNEL}}
    small.api("/block_documents/", made)
    assert CHANNEL in str(_secrets_of(small))
    return "duban-mail"


def _secrets_of(office: Office) -> Any:
    return office.api("/block_documents/filter", {"include_secrets": True})


def _authorization(office: Office) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(office.secret.encode()).decode()}"}


def _harms_nothing(context: BrowserContext, page: str, office: Office) -> None:
    """Everything a page wants: to list, to read secrets, to file, to accept, to make and to listen."""
    window = context.new_page()
    window.goto(page)
    run = office.run_of("04-3")
    office.shows(run["id"], "待填报")
    runs = office.count("待填报", "待审核")
    assert window.evaluate(ASK, [office.url, "/api/flow_runs/filter", {}]) == ""
    assert window.evaluate(ASK, [office.url, "/api/block_documents/filter", {"include_secrets": True}]) == ""
    report = {"run_input": {"body": "外来填报", "percent": 100, "by": "外人"}}
    window.evaluate(THROW, [office.url, f"/api/flow_runs/{run['id']}/resume", report])
    accept = {"state": {"type": "COMPLETED", "name": "按期办结"}, "force": True}
    window.evaluate(THROW, [office.url, f"/api/flow_runs/{run['id']}/set_state", accept])
    window.evaluate(THROW, [office.url, f"/api/deployments/{run['deployment_id']}/create_flow_run", {}])
    assert window.evaluate(LISTEN, [office.url]) == "refused"
    office.shows(run["id"], "待填报")
    assert office.count("待填报", "待审核") == runs
    assert office.read("show", "04-3")["periods"][0]["submissions"] == []
    window.close()


@pytest.mark.usefixtures("block")
def test_a_foreign_page_can_neither_list_nor_file_nor_accept_nor_read_a_secret(
    small: Office, chromium: Browser, elsewhere: str
) -> None:
    with chromium.new_context() as context:
        _harms_nothing(context, elsewhere, small)


@pytest.mark.usefixtures("block")
def test_not_even_where_a_proxy_adds_the_secret_to_whatever_the_browser_sends(
    small: Office, chromium: Browser, elsewhere: str
) -> None:
    with chromium.new_context(extra_http_headers=_authorization(small)) as context:
        _harms_nothing(context, elsewhere, small)


def test_a_foreign_name_for_this_machine_shows_nothing(small: Office, chromium: Browser) -> None:
    rebound = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=[*QUIET, f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1"]
    )
    with rebound, rebound.new_context(extra_http_headers=_authorization(small)) as context:
        window = context.new_page()
        page = f"http://{FOREIGN}:{small.port}"
        answer = window.goto(f"{page}/api/admin/version")
        assert answer is not None
        assert answer.status == 400
        assert window.evaluate(ASK, [page, "/api/flow_runs/filter", {}]) == ""


@pytest.mark.usefixtures("block")
def test_a_program_without_the_secret_learns_only_that_the_server_is_well(small: Office) -> None:
    with httpx.Client(base_url=f"{small.url}/api", trust_env=False) as stranger:
        assert stranger.get("/health").is_success
        assert stranger.post("/flow_runs/filter", json={}).status_code == httpx.codes.UNAUTHORIZED
        secrets = stranger.post("/block_documents/filter", json={"include_secrets": True})
        assert secrets.status_code == httpx.codes.UNAUTHORIZED


def test_the_signed_in_operator_works_as_before(small: Office, screen_of: Callable[[Office], Screen]) -> None:
    screen = screen_of(small)
    run = small.run_of("04-3")
    report = screen.open_form(run["id"])
    report.fill("完成情况", "完成管网普查")
    report.fill("填报人", "王工")
    report.submit()
    small.shows(run["id"], "待审核")


def test_the_api_by_its_other_names_on_this_machine_answers_as_well(small: Office, chromium: Browser) -> None:
    with chromium.new_context() as context:
        by_name = Screen(chromium, f"http://localhost:{small.port}", small.secret)
        by_name.runs("duban", "待填报")
        by_name.page.close()
        assert context.pages == []
