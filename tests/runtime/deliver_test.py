"""The flow ``deliver`` runs the one delivery loop: each message in a task of its own, several at once."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from prefect.testing.utilities import prefect_test_harness

from flows import deliver as flow_module
from plan.types import DeliveryResult
from rules.message import Message


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A real Prefect server with an empty database."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


class _Office:
    """Two batches of messages; a batch is sent only when all of it is under way. Nothing waits for a pace."""

    def __init__(self) -> None:
        self.batches = [[_message(1), _message(2)], [_message(3)]]
        self.together = threading.Barrier(2, timeout=20)
        self.threads: set[int] = set()

    def lease(self) -> Sequence[Message]:
        return self.batches.pop(0) if self.batches else []

    def clock(self) -> datetime:
        return datetime(2025, 5, 12, 9, tzinfo=UTC)

    def next_slot(self) -> None:
        return None

    def deliver(self, message: Message) -> DeliveryResult:
        self.threads.add(threading.get_ident())
        if message.id < 3:
            self.together.wait()
        return DeliveryResult.RETRY if message.id == 3 else DeliveryResult.SENT


def _message(number: int) -> Message:
    return Message(number, f"m-{number}", "lease", 1, False, "经办人", "outbox", "")


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_the_flow_sends_a_batch_at_once_and_ends_when_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    office = _Office()
    monkeypatch.setattr(flow_module, "delivery", lambda actor: office)

    async def run() -> Any:
        return await flow_module.deliver_flow(return_state=True)

    state = anyio.run(run)
    assert state.is_completed()
    assert state.message == "待重试1封、已发送2封"
    assert office.batches == []
