"""Feishu gets a card with Markdown; a refusal inside HTTP 200 is one."""

import pytest

from rules.message import Message
from tests.letters.conftest import Post, Web, failure_of


def test_feishu_gets_a_card_with_markdown(post: Post, robots: Web, letter: Message) -> None:
    post("feishu://tokentoken")
    ((path, _, _, body),) = robots.requests
    assert path == "/feishu/tokentoken/"
    assert body["msg_type"] == "interactive"
    assert body["card"]["header"]["title"]["content"] == letter.subject
    assert body["card"]["elements"] == [{"tag": "markdown", "content": letter.markdown}]


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        *((19001, "unusable"), (19021, "unusable"), (19022, "unusable"), (19024, "unusable")),
        *((130101, "refused"), (-1, "away"), (9499, "busy"), (11232, "busy"), (99991400, "busy")),
    ],
)
def test_it_refuses_with_http_200_and_says_whether_to_try_again(post: Post, robots: Web, code: int, fate: str) -> None:
    robots.answer = {"code": code, "msg": "refused tokentoken"}
    failure = failure_of(post, "feishu://tokentoken")
    assert (failure.code, failure.fate) == (f"errcode_{code}", fate)
    assert failure.reason == "通道 mail：refused ***"
