"""An office for the tests: ``duban up`` as a process of its own, with its home, clock and port, asked from outside.

Nothing here calls our code: commands go through ``.venv/bin/duban``, the server is asked over HTTP, the ledger's
tables are read over PostgreSQL's socket, as an operator could.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import httpx
import psutil
import psycopg

DUBAN = Path(sys.executable).with_name("duban")
SILENT = "http://127.0.0.1:9/api"
"""A Prefect server that does not answer."""
PAGE = 200
_T = TypeVar("_T")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without anybody's Duban or Prefect in it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DUBAN_", "PREFECT_"))}
    return kept | {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "COLUMNS": "200"} | changes


def until(what: str, condition: Callable[[], _T | None], seconds: float = 60, every: float = 0.2) -> _T:
    """Ask until the answer is true and give it; fails, saying ``what`` and the last answer, when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what} (last: {answer!r})"
        time.sleep(every)


class Office:
    """One home. ``up`` and ``stop`` may be called again and again: what was written stays.

    Args:
        home: DUBAN_HOME; made when missing.
        plan: the plan file for an empty ledger; ``None`` for the Ezhou plan.
        surroundings: more environment, such as DUBAN_CLOCK.
    """

    def __init__(self, home: Path, plan: Path | None = None, **surroundings: str) -> None:
        self.home = home
        self.plan = plan
        # Once only: afterwards a test says when, as soon as it has called ``quieten``.
        once = {"PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "86400"}
        self.environment = environment(DUBAN_HOME=str(home), **once, **surroundings)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.web_port = free_port()
        self.web_url = f"http://127.0.0.1:{self.web_port}"
        self.process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(base_url=f"{self.url}/api", timeout=30, trust_env=False, auth=self._sign)
        home.mkdir(parents=True, exist_ok=True)

    # The process

    def launch(self) -> None:
        """Start ``duban up`` and return at once."""
        plan = ["--plan", str(self.plan)] if self.plan else []
        ports = ["--port", str(self.port), "--web-port", str(self.web_port)]
        command = [str(DUBAN), "up", *ports, "--home", str(self.home), "--yes", *plan]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, text=True, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def up(self, seconds: float = 120) -> float:
        """Start and wait for the line that gives the address of the UI; returns the seconds it took."""
        started = time.monotonic()
        self.launch()
        until("the UI's address", lambda: f"Prefect UI: {self.url}" in self.said or self._dead(), seconds)
        assert not self._dead(), self.said
        return time.monotonic() - started

    @property
    def said(self) -> str:
        """What ``duban up`` has printed."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.home / "up.txt"

    def _dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """Ctrl-C; it must leave cleanly."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.said
        assert self.said.endswith("已停止\n")
        self.process = None

    def kill(self) -> None:
        """``kill -9`` of ``duban up`` alone, as a power cut for it and its terminal."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def clean_up(self) -> None:
        """End whatever a failed test left running in this home."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for process in self.processes():
            process.kill()
        self._http.close()

    def processes(self) -> list[psutil.Process]:
        """Every process of this home: supervisor, server, worker, PostgreSQL."""
        return [process for process in psutil.process_iter() if _belongs(process, self.home)]

    def worker(self) -> psutil.Process:
        """The worker, once it runs."""
        return until("a worker", lambda: next((p for p in self.processes() if "flows.worker" in _command(p)), None))

    # The command line

    def duban(self, *arguments: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this office; it must succeed."""
        command, environment = [str(DUBAN), *arguments], self.environment | surroundings
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def read(self, *arguments: str, **surroundings: str) -> Any:
        """What a command with ``--json`` prints."""
        return json.loads(self.duban(*arguments, "--json", **surroundings).stdout)

    # Prefect

    @property
    def secret(self) -> str:
        """What an operator types into the UI."""
        return (self.home / "api-secret").read_text().strip()

    def _sign(self, request: httpx.Request) -> httpx.Request:
        return next(httpx.BasicAuth(*self.secret.split(":", 1)).auth_flow(request))

    def api(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST with a body, GET without; gives the JSON."""
        answer = self._http.get(path) if body is None else self._http.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def delete(self, path: str) -> None:
        """DELETE."""
        assert self._http.delete(path).is_success

    def quieten(self) -> None:
        """No patrol and no delivery of its own accord: from now on a test says when.

        What is scheduled is taken away, and the server schedules no more; a pause would be put back by the engine.
        """
        ahead = {"state": {"type": {"any_": ["SCHEDULED"]}}, "tags": {"all_": ["auto-scheduled"]}}
        for run in self.every("/flow_runs/filter", flow_runs=ahead, flows={"name": {"any_": ["patrol", "deliver"]}}):
            self.delete(f"/flow_runs/{run['id']}")

    def every(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """All that a filter of the API finds, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.api(path, {**filters, "limit": PAGE, "offset": len(found)})
            found += page
            if len(page) < PAGE:
                return found

    def runs(self, *types: str, flow: str | None = None) -> list[dict[str, Any]]:
        """The runs in states of these types, of one flow or of all."""
        chosen: dict[str, Any] = {"flow_runs": {"state": {"type": {"any_": list(types)}}}} if types else {}
        if flow:
            chosen["flows"] = {"name": {"any_": [flow]}}
        return self.every("/flow_runs/filter", **chosen)

    def count(self, *names: str) -> int:
        """How many runs wait under one of these names."""
        state = {"type": {"any_": ["PAUSED"]}, "name": {"any_": list(names)}}
        found: int = self.api("/flow_runs/count", {"flow_runs": {"state": state}})
        return found

    def waiting(self) -> dict[str, str]:
        """What waits for a person: the name of each suspended run, and of its state."""
        found = self.runs("PAUSED")
        names = {run["name"]: run["state"]["name"] for run in found}
        assert len(names) == len(found), sorted(run["name"] for run in found)
        return names

    def run_of(self, measure: str, label: str = "") -> dict[str, Any]:
        """The run of the period of a measure whose name contains ``label``, once the ledger names it."""
        query = """
            SELECT run_id FROM periods JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id
            LEFT JOIN runs ON subject = 'period' AND subject_id = periods.id
            WHERE code = %s AND strpos(duties.title || ' ' || label, %s) > 0
        """

        def named() -> str | None:
            (found,) = self.rows(query, measure, label)
            return found[0] and str(found[0])

        run: dict[str, Any] = self.api(f"/flow_runs/{until(f'a run for {measure} {label}', named)}")
        return run

    def shows(self, run_id: str, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until a run's state bears this name; gives the run."""

        seen: dict[str, str] = {}

        def asked() -> dict[str, Any] | None:
            run: dict[str, Any] = self.api(f"/flow_runs/{run_id}")
            seen.update(run=run["name"], state=run["state"]["name"], type=run["state"]["type"])
            return run if run["state"]["name"] == name and run["state"]["type"] in _RESTING else None

        try:
            return until(name, asked, seconds)
        except AssertionError as error:
            error.add_note(f"but now it is {seen}")
            raise

    def until_key(self, run_id: str, key: str) -> None:
        """Wait until a run waits for the form of this key."""

        def asked() -> bool:
            state = self.api(f"/flow_runs/{run_id}")["state"]
            return (state["type"], state["state_details"]["pause_key"]) == ("PAUSED", key)

        until(f"run {run_id} waits for {key}", asked)

    def artifact(self, key: str) -> Any:
        """What an artifact says now: the rows of a table, the text of a page."""
        found = self.api(f"/artifacts/{key}/latest")
        return json.loads(found["data"]) if found["type"] == "table" else found["description"]

    def resume(self, run_id: str, **form: Any) -> None:
        """Send a form as the Resume dialog does."""
        answer = self.api(f"/flow_runs/{run_id}/resume", {"run_input": form})
        assert answer["status"] == "ACCEPT", answer

    def run_once(self, deployment: str, seconds: float = 90) -> dict[str, Any]:
        """A run of ``patrol`` or ``deliver``, to its end; one that met another of its kind is tried again."""
        found = self.api(f"/deployments/name/{deployment}/{deployment}")

        def one() -> dict[str, Any] | None:
            made = self.api(f"/deployments/{found['id']}/create_flow_run", {})
            ended = until(f"{deployment} ends", lambda: self._ended(made["id"]), seconds)
            return ended if ended["state"]["type"] != "CANCELLED" else None

        ended = until(f"a run of {deployment} of its own", one, seconds)
        assert ended["state"]["type"] == "COMPLETED", ended["state"]
        return ended

    def _ended(self, run_id: str) -> dict[str, Any] | None:
        run: dict[str, Any] = self.api(f"/flow_runs/{run_id}")
        return run if run["state"]["type"] in _ENDED else None

    def grow_older(self, days: int) -> int:
        """Put all that waits so many days back in Prefect's own time, which no clock of ours moves; gives how many."""
        back = """
            UPDATE flow_run SET created = created - make_interval(days => %(days)s),
            expected_start_time = expected_start_time - make_interval(days => %(days)s),
            start_time = start_time - make_interval(days => %(days)s) WHERE state_type = 'PAUSED'
        """
        with self._database("prefect") as connection:
            return connection.execute(back, {"days": days}).rowcount

    # The ledger's tables and the outbox

    def rows(self, query: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the ledger's database, while it runs."""
        with self._database("duban") as connection:
            return connection.execute(query, parameters).fetchall()

    def _database(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        socket_dir = (self.home / "postgres" / "postmaster.pid").read_text().splitlines()[4]
        return psycopg.connect(host=socket_dir, user="postgres", dbname=name, autocommit=True)

    def counts(self) -> dict[str, int]:
        """How many rows the ledger has of what must neither double nor get lost."""
        names: tuple[LiteralString, ...] = ("periods", "alerts", "messages", "escalations", "submissions")
        return {name: self.rows(_COUNT[name])[0][0] for name in names}

    def audit(self) -> dict[str, Any]:
        """The verdict on the audit chain; it must be whole."""
        verdict: dict[str, Any] = self.read("audit", "verify")
        assert verdict["broken_at"] is None
        return verdict

    def letters(self) -> list[Path]:
        """The mail files in the offline outbox."""
        return sorted((self.home / "outbox").glob("*/*.eml"))


_RESTING = ("PAUSED", "COMPLETED", "CANCELLED", "FAILED", "CRASHED")
_ENDED = _RESTING[1:]
_COUNT: dict[str, LiteralString] = {
    "periods": "SELECT count(*) FROM periods",
    "alerts": "SELECT count(*) FROM alerts",
    "messages": "SELECT count(*) FROM messages",
    "escalations": "SELECT count(*) FROM escalations",
    "submissions": "SELECT count(*) FROM submissions",
}


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return bool(process.environ().get("DUBAN_HOME") == str(home) or process.cwd().startswith(str(home)))
    except psutil.Error:
        return False
