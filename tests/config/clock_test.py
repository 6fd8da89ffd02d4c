"""One place reads the clock, and DUBAN_CLOCK moves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import clock
from config.settings import settings


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.cache_clear()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-05-10", "2025-05-10T01:00"),  # a bare date is meant at 09:00 in the office's zone
        ("2025-05-10T09:00", "2025-05-10T01:00"),
        ("2025-05-10T09:00:00+00:00", "2025-05-10T09:00"),
        ("2025-05-10T09:00Z", "2025-05-10T09:00"),
    ],
)
def test_a_fixed_instant(text: str, instant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CLOCK", text)
    assert clock.now() == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_an_offset_moves_the_real_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CLOCK", "-P30D")
    assert abs(clock.now() + timedelta(days=30) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["soon", "2025-13-01", "+", "+soon", "12:00", "2025-W01/P1D"])
def test_a_clock_that_cannot_be_read_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CLOCK", text)
    with pytest.raises(clock.ClockError, match=r"^DUBAN_CLOCK: "):
        clock.now()


def test_only_the_clock_module_reads_the_clock() -> None:
    root = Path(__file__).parents[2]
    readers = {
        str(path.relative_to(root))
        for room in ("config", "rules", "db", "tasks", "flows", "cli")
        for path in (root / room).rglob("*.py")
        if any(call in path.read_text(encoding="utf-8") for call in ("datetime.now(", "date.today(", "utcnow("))
    }
    # Compared with Prefect's own timestamps, or counted in turns: engine time, on which no date of the office depends.
    engine_time = {
        "flows/worker.py",
        "tasks/backup.py",
        "tasks/patrol_steps.py",
        "tasks/projection.py",
        "tasks/watch.py",
    }
    assert readers == {"config/clock.py", *engine_time}
