"""An office whose settings lead to the test's ledger; and, for who asks, a Prefect server in a process of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import temporary_settings
from prefect.testing.utilities import prefect_test_harness

from flows.worker import IN_PROCESS
from tests.conftest import reread_settings


class Installed:
    """The settings of this process; ``set_clock`` moves the office's time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def set_clock(self, moment: str) -> None:
        """The office lives at ``moment`` (its own zone) from now on."""
        self._monkeypatch.setenv("DUBAN_CLOCK", moment)
        reread_settings()


@pytest.fixture
def installed(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    reread_settings()
    yield Installed(monkeypatch)
    reread_settings()


@pytest.fixture(scope="package")
def prefect() -> Iterator[None]:
    """A real server on a database of its own; flows run in this process."""
    with prefect_test_harness(server_startup_timeout=180), temporary_settings(dict(IN_PROCESS)):
        yield


def ask(question: Callable[[PrefectClient], Coroutine[Any, Any, Any]]) -> Any:
    """Run one coroutine with a client of the server."""

    async def run() -> Any:
        async with get_client() as client:
            return await question(client)

    return asyncio.run(run())
