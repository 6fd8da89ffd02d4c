"""A delivery waits for the pace of a channel, in small steps and within its time, and never for nothing."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import cast

import pytest

from letters.delivery import Delivery
from tasks import deliver
from tests.conftest import at

NOW = at("2025-02-10T08:30")


class Office:
    """An office whose clock goes on while one sleeps, unless it stands; ``slot``: seconds from ``NOW`` to room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slot: float | None, stands: bool = False) -> None:
        self.slot, self.stands, self.slept = slot, stands, 0.0
        monkeypatch.setattr(deliver, "sleep", self._sleep)

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=0 if self.stands else self.slept)

    def next_slot(self) -> datetime | None:
        return None if self.slot is None else NOW + timedelta(seconds=self.slot)

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds

    def waits(self, longest: float = 240.0) -> bool:
        return asyncio.run(deliver.wait_for_slot(cast(Delivery, self), time.monotonic() + longest))


def test_it_waits_until_there_is_room_and_looks_now_and_then_for_what_became_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office(monkeypatch, 40.0)
    steps = []
    while office.waits():
        steps.append(office.slept)
    assert steps == [15.0, 30.0, 40.0]


@pytest.mark.parametrize("slot", [None, -1.0, 300.0])
def test_it_does_not_wait_for_what_does_not_come_in_time(monkeypatch: pytest.MonkeyPatch, slot: float | None) -> None:
    office = Office(monkeypatch, slot)
    assert not office.waits()
    assert office.slept == 0


def test_a_clock_that_stands_brings_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(monkeypatch, 40.0, stands=True)
    assert not office.waits()
    assert office.slept == 15.0
