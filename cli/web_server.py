"""The pages of one office: a child of ``duban up`` beside the Prefect server, announced in ``home/web.json``."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
import psutil

from cli.server import check_port, end_leftover, local_url, origins_of
from cli.supervisor import Child
from tasks.doors import announcement, sign
from text.files import replace_file

HEALTHY_SECONDS = 60
_APP = "web.application:guarded_pages"


@dataclass(frozen=True)
class WebServer:
    """A server of pages to be started.

    Args:
        home: the office's folder; its log is in ``home/logs``.
        port: to listen on.
        host: to listen on; nothing outside this machine unless told.
        public_url: the address that readers use, when it is not the one we listen on.
    """

    home: Path
    port: int = 4280
    host: str = "127.0.0.1"
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Where the pages answer on this machine."""
        return local_url(self.host, self.port)

    @property
    def readers_url(self) -> str:
        """Where readers reach the pages."""
        return (self.public_url or self.url).rstrip("/")

    def make_way(self) -> None:
        """End what a killed ``duban up`` left behind. Raises ``click.ClickException`` when somebody has the port."""
        end_leftover(announcement(self.home), _APP)
        check_port(self.host, self.port, "--web-port")

    def child(self, environment: Mapping[str, str]) -> Child:
        """The process for a supervisor, with what of the environment is for it."""
        sign("")  # the secret is made before two processes want one
        origins = origins_of(self.port, self.url, self.readers_url)
        surroundings = dict(environment) | {"DUBAN_HOME": str(self.home), "DUBAN_WEB_ORIGINS": ",".join(origins)}
        root = str(Path(__file__).parents[1])
        command = [sys.executable, "-m", "uvicorn", "--app-dir", root, "--factory", _APP]
        command += ["--host", self.host, "--port", str(self.port), "--log-level", "warning", "--no-server-header"]
        log = self.home / "logs" / "web.log"
        return Child("pages", command, surroundings, log, grace_seconds=10, started=self._announce)

    def wait_until_healthy(self, alive: Callable[[], bool], seconds: float = HEALTHY_SECONDS) -> None:
        """Return when the pages answer. Raises ``click.ClickException`` when ``alive`` says no, or too late."""
        deadline = time.monotonic() + seconds
        while not self._answers():
            if not alive() or time.monotonic() > deadline:
                raise click.ClickException(f"网页服务未能启动，原因见日志 {self.home / 'logs' / 'web.log'}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            # ``trust_env``: no proxy of the environment is asked for our own machine.
            return httpx.get(f"{self.url}/static/style.css", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _announce(self, pid: int) -> None:
        facts = {"url": self.readers_url, "pid": pid, "owner": psutil.Process().pid}
        replace_file(announcement(self.home), json.dumps(facts).encode(), mode=0o600)
