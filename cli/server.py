"""The Prefect server of one office: started as a child, announced in ``home/server.json`` while it runs.

Whoever wants to speak to it needs the secret of ``home/api-secret``. Nothing here imports Prefect: ``running_api`` must
be asked before Prefect's settings are read.
"""

import json
import os
import re
import secrets
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx
import psutil

from cli.supervisor import Child
from text.files import replace_file
from text.refusals import Refusal
from web.guard import origin_of

HEALTHY_SECONDS = 120
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for, not listened on)
"""To listen on every address of the machine."""
_APP = "cli.guarded_app:app"
# What a header can carry to a server that compares it as ASCII; shorter passwords can be tried out.
_SECRET = re.compile(r"[!-9;-~]+:[!-~]{12,}")
# Each line keeps something that was measured or lost without it.
SETTINGS = {
    # With 3 runs and 100 days every rare schedule is made again in every pass, and a yearly one never.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
    # Deadlines are ours; the server's reads every waiting run every five seconds, and could fail one.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    # "Late" is about the worker, not about the unit: say it only when the worker really is stuck.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT5M",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(180 * 24 * 3600),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P30D",
    # Of Prefect's two UIs the one that our links lead to; "/" alone would lead to the other.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True)
class PrefectServer:
    """A server to be started.

    Args:
        home: the office's folder: Prefect's files in ``home/prefect``, its log in ``home/logs``.
        database_url: with an asyncpg (or aiosqlite) driver.
        secret: what whoever speaks to it must know, ``name:password``.
        port: to listen on.
        host: to listen on; nothing outside this machine unless told.
        public_url: the address browsers use, when it is not the one we listen on.
    """

    home: Path
    database_url: str
    secret: str
    port: int = 4200
    host: str = "127.0.0.1"
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Where the UI answers on this machine."""
        return local_url(self.host, self.port)

    @property
    def api_url(self) -> str:
        """Where the API answers on this machine: what ``PREFECT_API_URL`` must be."""
        return f"{self.url}/api"

    @property
    def origins(self) -> list[str]:
        """The origins of its pages: on this machine, and where browsers reach it."""
        return origins_of(self.port, self.url, self.public_url or self.url)

    def client_environment(self) -> dict[str, str]:
        """What every process that talks to this server needs."""
        return {
            "PREFECT_HOME": str(self.home / "prefect"),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_API_AUTH_STRING": self.secret,
            # An office's proxy must not be asked for our own machine.
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1", "localhost"])),
        }

    def environment(self) -> dict[str, str]:
        """What makes this server ours: all that its process gets, without the secrets of channels and ledger."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
        return {
            **inherited,
            **SETTINGS,
            **self.client_environment(),
            "DUBAN_HOME": str(self.home),
            "PREFECT_SERVER_API_AUTH_STRING": self.secret,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(self.origins),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": self.database_url,
            "PREFECT_SERVER_UI_API_URL": f"{(self.public_url or self.url).rstrip('/')}/api",
            # The default is inside the installed package, which another office may share or we may not write.
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.home / "prefect" / "ui"),
        }

    def child(self) -> Child:
        """The process for a supervisor. Raises ``click.ClickException`` when it runs already or the port is taken."""
        end_leftover(_announcement(self.home), _APP)
        check_port(self.host, self.port)
        root = str(Path(__file__).parents[1])
        uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", root, "--factory", _APP, "--log-level", "warning"]
        command = [*uvicorn, "--host", self.host, "--port", str(self.port)]
        log = self.home / "logs" / "server.log"
        return Child("Prefect server", command, self.environment(), log, grace_seconds=15, started=self._announce)

    def wait_until_healthy(self, alive: Callable[[], bool], seconds: float = HEALTHY_SECONDS) -> None:
        """Return when the API answers. Raises ``click.ClickException`` when ``alive`` says no, or after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not _answers(self.api_url):
            if not alive() or time.monotonic() > deadline:
                raise click.ClickException(f"Prefect 服务未能启动，原因见日志 {self.home / 'logs' / 'server.log'}")
            time.sleep(0.1)

    def _announce(self, pid: int) -> None:
        facts = {"url": self.url, "pid": pid, "owner": psutil.Process().pid, "api_url": self.api_url}
        replace_file(_announcement(self.home), json.dumps(facts).encode(), mode=0o600)


def local_url(host: str, port: int) -> str:
    """Where a server that listens on ``host`` and ``port`` answers on this machine."""
    name = "127.0.0.1" if host in ANYWHERE else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def origins_of(port: int, *urls: str) -> list[str]:
    """The origins of a server's pages: by the names of this machine with ``port``, and by these addresses.

    Args:
        port: on which it listens.
        urls: its other addresses.
    """
    here = [f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    return sorted({origin_of(url) for url in [*here, *urls]})


def running_api(home: Path) -> str | None:
    """The API of the server that ``duban up`` of this home is running; ``None`` when there is none."""
    facts = _read(_announcement(home))
    return str(facts["api_url"]) if facts and _is_serving(facts["pid"], _APP) else None


def api_secret(home: Path) -> str:
    """The secret of this office's API: the office's own out of the environment, else the one made at the first start.

    Either way it is kept in the home, for the commands of this home to find.

    Args:
        home: the office's folder, private and there.

    Raises:
        Refusal: ``api_secret_form``.
    """
    own = os.environ.get("PREFECT_SERVER_API_AUTH_STRING") or os.environ.get("PREFECT_API_AUTH_STRING")
    secret = own or kept_secret(home) or f"duban:{secrets.token_urlsafe(24)}"
    if not _SECRET.fullmatch(secret):
        raise Refusal("api_secret_form", where="PREFECT_API_AUTH_STRING" if own else secret_file(home))
    replace_file(secret_file(home), f"{secret}\n".encode(), mode=0o600)
    return secret


def kept_secret(home: Path) -> str | None:
    """The secret that ``duban up`` of this home set its server to; ``None`` before its first start.

    Args:
        home: the office's folder.
    """
    with suppress(FileNotFoundError):
        return secret_file(home).read_text().strip() or None
    return None


def secret_file(home: Path) -> Path:
    """Where the secret is kept.

    Args:
        home: the office's folder.
    """
    return home / "api-secret"


def check_port(host: str, port: int, option: str = "--port") -> None:
    """Raises ``click.ClickException`` when somebody listens on the port already; ``option`` names another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server will: a port that a former connection has not quite left counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"端口 {port} 已被占用，请用 {option} 另选一个（{error.strerror}）") from error


def end_leftover(announcement: Path, application: str) -> None:
    """A ``duban up`` that was killed leaves its servers behind; one that lives keeps its own.

    Args:
        announcement: in which a server of this home was announced.
        application: what uvicorn serves there.

    Raises:
        click.ClickException: its owner lives.
    """
    facts = _read(announcement)
    if not facts or not _is_serving(facts["pid"], application):
        return
    # Our own number as the owner means that it was given out again after the owner had died.
    if psutil.pid_exists(facts["owner"]) and facts["owner"] != psutil.Process().pid:
        raise click.ClickException(f"该目录的督办已在运行：{facts['url']}")
    left = psutil.Process(facts["pid"])
    left.terminate()
    _gone, stubborn = psutil.wait_procs([left], timeout=15)
    for process in stubborn:
        process.kill()
        process.wait(5)


def _read(announcement: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):
        facts: dict[str, Any] = json.loads(announcement.read_text())
        return facts
    return None


def _announcement(home: Path) -> Path:
    return home / "server.json"


def _is_serving(pid: int, application: str) -> bool:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        # The number alone proves nothing: it may belong to another program by now.
        ours = process.uids().real == os.getuid() and application in process.cmdline()
        return ours and process.status() != psutil.STATUS_ZOMBIE
    return False


def _answers(api_url: str) -> bool:
    with suppress(httpx.HTTPError):
        # ``trust_env``: no proxy of the environment is asked for our own machine.
        return httpx.get(f"{api_url}/health", timeout=5, trust_env=False).status_code == httpx.codes.OK
    return False
