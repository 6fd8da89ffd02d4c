"""Tries are counted by whoever makes them, for a while, in a bounded room."""

import pytest

from web import flood
from web.flood import TryCounter


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the counter reads."""
    now = [0.0]
    monkeypatch.setattr(flood.time, "monotonic", lambda: now[0])
    return now


def test_tries_count_for_a_while_and_each_for_its_own(clock: list[float]) -> None:
    tries = TryCounter(10.0)
    assert [tries.count("a") for _ in range(3)] == [1, 2, 3]
    assert tries.count("b") == 1
    clock[0] = 9.0
    assert tries.count("a") == 4
    clock[0] = 11.0
    assert tries.count("a") == 2  # the first three are over


def test_however_many_addresses_somebody_makes_up_the_room_is_bounded(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "_MOST_KNOWN", 100)
    tries = TryCounter(10.0)
    for number in range(1000):
        clock[0] = number / 1000
        tries.count(f"address {number}")
    assert len(tries._tries) <= 100
    clock[0] = 20.0
    assert tries.count("address 999") == 1
