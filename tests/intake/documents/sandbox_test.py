"""The process that reads a file from outside is told nothing of the office."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from intake.documents.reader import read_sheets
from tests.intake.documents.conftest import xlsx

SECRETS = {
    "DUBAN_CHANNELS": '{"mail": "mailto://office:very-secret@mail.example"}',
    "DUBAN_DATABASE_URL": "postgresql+psycopg://duban:very-secret@db.example/duban",
    "PREFECT_API_AUTH_STRING": "duban:very-secret",
    "SMTP_PASSWORD": "very-secret",
}


def test_no_secret_is_in_its_environment(
    put: Callable[[str, bytes | str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    seen: list[dict[str, str]] = []

    def look(_read: int, _there_are: int) -> None:
        for child in psutil.Process(os.getpid()).children():
            with suppress(psutil.Error):
                seen.append(child.environ())

    path = put("台账.xlsx", xlsx(*([f"第{row}条"] for row in range(3_000))))
    (sheet,) = read_sheets(path, look)
    assert len(sheet.rows) == 3_000
    assert any("PYTHONPATH" in one for one in seen)
    assert not [one for one in seen if "very-secret" in str(one)]
