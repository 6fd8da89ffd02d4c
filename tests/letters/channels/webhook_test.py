"""A webhook gets text and key, and its HTTP status says whether trying again helps."""

import pytest

from rules.message import Message
from tests.letters.conftest import Post, Web, failure_of


def test_json_arrives_with_text_and_key(post: Post, web: Web, letter: Message) -> None:
    post(f"json://127.0.0.1:{web.port}/hook/{{address}}", address="42")
    ((path, _, headers, body),) = web.requests
    assert path == "/hook/42"
    assert (body["title"], body["message"]) == (letter.subject, letter.text.rstrip())
    assert (body["key"], headers["X-Duban-Key"]) == ("m-20250512-office", "m-20250512-office")


@pytest.mark.parametrize(
    ("status", "permanent"), [(500, False), (503, False), (429, False), (408, False), (400, True), (401, True)]
)
def test_a_refusing_webhook_is_permanent_or_not_by_its_status(
    post: Post, web: Web, status: int, permanent: bool
) -> None:
    web.status = status
    failure = failure_of(post, f"json://127.0.0.1:{web.port}/hook", channel="hook")
    assert (failure.code, failure.permanent) == (f"http_{status}", permanent)
    assert f"error={status}" in failure.reason
    assert failure.reason.startswith("通道 hook：")
