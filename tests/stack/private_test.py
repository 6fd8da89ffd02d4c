"""A running office keeps to itself: its folder, its logs, and in each process only the secrets that it needs."""

import json
import os

import pytest

from tests.stack.office import Office

pytestmark = pytest.mark.prefect


def _environments(office: Office) -> dict[str, list[dict[str, str]]]:
    """By what they are: the database's processes, Prefect's server, the worker, the pages."""
    found: dict[str, list[dict[str, str]]] = {"database": [], "server": [], "worker": [], "pages": []}
    for process in office.processes():
        command = " ".join(process.cmdline())
        kinds = {"cli.guarded_app": "server", "flows.worker": "worker", "web.application": "pages"}
        kind = next((kind for module, kind in kinds.items() if module in command), None)
        kind = "database" if process.name().startswith("postgres") else kind
        if kind:
            found[kind].append(dict(process.environ()))
    return found


def test_others_may_neither_enter_the_home_nor_read_its_logs(small: Office) -> None:
    small.worker()
    assert small.home.stat().st_mode & 0o777 == (0o710 if os.geteuid() == 0 else 0o700)
    logs = [*(small.home / "logs").iterdir(), small.home / "postgres" / "log", small.home / "api-secret"]
    logs += [small.home / "web-secret", small.home / "web.json"]
    assert {"server.log", "worker.log", "web.log"} <= {log.name for log in logs}
    assert {log.stat().st_mode & 0o777 for log in logs} == {0o600}


def test_each_process_has_only_the_secrets_that_it_needs(small: Office) -> None:
    small.worker()
    found = _environments(small)
    assert all(found.values()), found
    channel = json.loads(small.environment["DUBAN_CHANNELS"])["mail"]
    secret = small.secret

    def has(kind: str, what: str) -> list[bool]:
        return [what in str(one) for one in found[kind]]

    assert not any(has("database", channel) + has("database", secret))
    # The server carries nothing out for a channel, the worker needs nothing of the server's database.
    assert has("server", secret) == [True]
    assert not any(has("server", channel) + has("server", "DUBAN_CHANNELS"))
    assert (has("worker", secret), has("worker", channel)) == ([True], [True])
    assert (has("pages", secret), has("pages", channel)) == ([True], [True])
    assert not any(has("worker", "PREFECT_SERVER_") + has("pages", "PREFECT_SERVER_"))
