"""The secret of Prefect's API: made once, kept for this home's commands alone, told to nobody else."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from cli.follow import use_running_api
from cli.server import ANYWHERE, PrefectServer, api_secret, kept_secret
from cli.up import up_command
from plan.model import Plan
from tests.cli.bad_input_test import duban
from text.catalogue import phrase
from text.refusals import Refusal

OWN = "office:correct-horse-battery"
VARIABLES = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING", "DUBAN_UI_URL")


@pytest.fixture(autouse=True)
def _no_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        # Set and then removed: what a command sets is taken back after the test, too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_first_start_makes_a_secret_that_only_this_user_reads_and_the_next_keeps_it(home: Path) -> None:
    assert kept_secret(home) is None
    made = api_secret(home)
    assert made.startswith("duban:")
    assert len(made) > 30
    assert (home / "api-secret").stat().st_mode & 0o777 == 0o600
    assert api_secret(home) == made == kept_secret(home)


@pytest.mark.parametrize("name", ["PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"])
def test_an_office_sets_its_own_which_its_commands_find_in_the_home(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    api_secret(home)
    monkeypatch.setenv(name, OWN)
    assert api_secret(home) == OWN
    monkeypatch.delenv(name)
    assert kept_secret(home) == OWN


@pytest.mark.parametrize(
    "wrong", ["office", "office:short", ":correct-horse-battery", "用户:correct-horse", "a:b c d e f g h i"]
)
def test_a_secret_that_no_browser_could_send_or_anybody_could_guess_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", wrong)
    with pytest.raises(Refusal) as refused:
        api_secret(home)
    assert refused.value.code == "api_secret_form"
    assert wrong not in str(refused.value)
    assert kept_secret(home) is None


@pytest.fixture
def running(home: Path) -> Iterator[str]:
    """The address of what looks like the server of ``duban up`` of this home."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", "cli.guarded_app:app"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as server:
        api = "http://127.0.0.1:4299/api"
        facts = {"port": 4299, "pid": server.pid, "owner": server.pid, "api_url": api}
        (home / "server.json").write_text(json.dumps(facts))
        yield api
        server.communicate()


@pytest.mark.parametrize("asked", ["", "http://127.0.0.1:4299/api", "http://localhost:4299/api/"])
def test_the_commands_of_a_home_speak_to_its_server_with_its_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch, running: str, asked: str
) -> None:
    secret = api_secret(home)
    monkeypatch.setenv("PREFECT_API_URL", asked)
    assert use_running_api()
    assert (os.environ["PREFECT_API_URL"], os.environ["PREFECT_API_AUTH_STRING"]) == (running, secret)


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    "asked", ["https://elsewhere.example/api", "http://127.0.0.1:4298/api", "http://evil:4299/api"]
)
def test_another_server_is_not_told_the_secret_of_this_home(
    home: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    api_secret(home)
    monkeypatch.setenv("PREFECT_API_URL", asked)
    assert use_running_api()
    assert os.environ["PREFECT_API_URL"] == asked
    assert "PREFECT_API_AUTH_STRING" not in os.environ


def test_the_origins_are_those_of_this_machine_and_of_the_address_that_readers_use() -> None:
    server = PrefectServer(Path("/x"), "", OWN, 4300, ANYWHERE[0], "HTTPS://Duban.example:443/")
    assert server.api_url == "http://127.0.0.1:4300/api"
    here = ["http://127.0.0.1:4300", "http://[::1]:4300", "http://localhost:4300"]
    assert server.origins == [*here, "https://duban.example"]
    assert PrefectServer(Path("/x"), "", OWN, 80, "::1").origins == [
        "http://127.0.0.1",
        "http://[::1]",
        "http://localhost",
    ]


@pytest.mark.parametrize("host", ANYWHERE)
def test_to_listen_everywhere_needs_the_name_that_browsers_use(home: Path, host: str) -> None:
    said = f"^监听 {host} 时，须用 DUBAN_UI_URL、DUBAN_WEB_URL 写明浏览器使用的地址$"
    with pytest.raises(typer.BadParameter, match=said):
        up_command(host=host, home=home, yes=True)


class _Open(http.server.BaseHTTPRequestHandler):
    """A Prefect server without authentication, as far as the first question goes."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/admin/version" else 404)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Shut(_Open):
    """One whose secret we do not know."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"exception_message": "Unauthorized"}')

    do_POST = do_GET


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()


@pytest.mark.parametrize("api", [_Open], indirect=True)
def test_the_doctor_warns_of_a_server_that_asks_nobody_for_a_secret(api: str, database: str, tmp_path: Path) -> None:
    done = duban("doctor", home=tmp_path, DUBAN_DATABASE_URL=database, PREFECT_API_URL=api)
    assert done.returncode == 1
    assert f"✗ Prefect 口令：{api} 不需要口令，" in done.stdout


@pytest.mark.parametrize("api", [_Shut], indirect=True)
def test_a_secret_that_is_missing_is_said_in_one_line(
    api: str, database: str, activated: Callable[..., Plan], tmp_path: Path
) -> None:
    activated()
    done = duban("doctor", home=tmp_path, DUBAN_DATABASE_URL=database, PREFECT_API_URL=api)
    assert done.returncode == 1
    assert "✓ Prefect 口令：" in done.stdout
    assert f"✗ Prefect：{phrase('watch.login')}\n" in done.stdout
    done = duban("deploy", home=tmp_path, DUBAN_DATABASE_URL=database, PREFECT_API_URL=api)
    assert done.returncode == 2
    assert done.stderr.endswith(f"Prefect 服务没有照办（{phrase('watch.login')}）\n")
    assert "Traceback" not in done.stderr
