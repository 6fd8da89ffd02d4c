"""One loop for everybody: it goes on until nothing may leave, and one message's trouble stays its own."""

import logging
from datetime import datetime, timedelta

import pytest

from letters.delivery import attempt, deliver
from letters.failures import DeliveryFailed
from plan.types import DeliveryResult, Fate
from rules.message import Message
from tests.letters.conftest import SENT_AT, message


def test_the_loop_ends_when_nothing_may_leave_any_more() -> None:
    batches = [[message(), message()], [message()], []]
    results = iter([DeliveryResult.SENT, DeliveryResult.FALLBACK, DeliveryResult.SENT])
    found = deliver(lambda: batches.pop(0), lambda messages: [next(results) for _ in messages])
    assert found == {DeliveryResult.SENT: 2, DeliveryResult.FALLBACK: 1}
    assert batches == []


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.BUSY])
def test_a_refused_message_keeps_the_reason_and_what_it_says_of_the_next_try(fate: Fate) -> None:
    failure = DeliveryFailed("http_400", "通道 mail：应答 400", fate, timedelta(minutes=2))
    tried = attempt(message(), lambda _message, _now: _raise(failure), SENT_AT)
    assert (tried.result, tried.failure) == (None, "http_400: 通道 mail：应答 400")
    assert (tried.fate, tried.retry_after) == (fate, timedelta(minutes=2))


def test_whatever_else_goes_wrong_is_recorded_by_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    tried = attempt(message(), lambda _message, _now: _raise(ValueError("hunter2")), SENT_AT)
    assert (tried.result, tried.failure, tried.fate) == (None, "ValueError", Fate.TEMPORARY)


def test_a_message_is_sent_at_the_instant_of_the_attempt() -> None:
    seen: list[datetime] = []

    def send(_message: Message, now: datetime) -> None:
        seen.append(now)

    assert attempt(message(), send, SENT_AT).result is DeliveryResult.SENT
    assert seen == [SENT_AT]
