"""DingTalk gets signed Markdown; a refusal inside HTTP 200 is one."""

import base64
import hashlib
import hmac

import pytest

from rules.message import Message
from tests.letters.conftest import Post, Web, failure_of


def test_dingtalk_gets_markdown_a_mention_and_a_signature_that_verifies(
    post: Post, robots: Web, letter: Message
) -> None:
    post("dingtalk://SECsecret@tokentoken/{address}", address="13800000000")
    ((_, query, _, body),) = robots.requests
    assert body["msgtype"] == "markdown"
    assert body["markdown"]["title"] == letter.subject
    assert body["markdown"]["text"] == f"{letter.markdown}\n\n@13800000000"
    assert body["at"]["atMobiles"] == ["13800000000"]
    signed = f"{query['timestamp'][0]}\nSECsecret".encode()
    right = base64.b64encode(hmac.new(b"SECsecret", signed, hashlib.sha256).digest()).decode()
    assert (query["access_token"], query["sign"]) == (["tokentoken"], [right])


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        *((300001, "unusable"), (310000, "unusable"), (45009, "refused"), (-1, "away")),
        *((130101, "busy"), (410100, "busy"), (90030, "busy")),
    ],
)
def test_it_refuses_with_http_200_and_says_whether_to_try_again(post: Post, robots: Web, code: int, fate: str) -> None:
    robots.answer = {"errcode": code, "errmsg": "refused tokentoken"}
    failure = failure_of(post, "dingtalk://tokentoken")
    assert (failure.code, failure.fate) == (f"errcode_{code}", fate)
    assert failure.reason == "通道 mail：refused ***"
