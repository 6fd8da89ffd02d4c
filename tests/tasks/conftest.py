"""An office whose settings lead to the test's ledger, without a Prefect server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
