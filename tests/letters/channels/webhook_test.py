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
    ("status", "fate"),
    [(500, "away"), (503, "busy"), (429, "busy"), (408, "temporary"), (400, "refused"), (401, "unusable")],
)
def test_the_status_of_a_refusing_webhook_says_what_becomes_of_the_message(
    post: Post, web: Web, status: int, fate: str
) -> None:
    web.status = status
    failure = failure_of(post, f"json://127.0.0.1:{web.port}/hook", channel="hook")
    assert (failure.code, failure.fate) == (f"http_{status}", fate)
    assert f"error={status}" in failure.reason
    assert failure.reason.startswith("通道 hook：")
