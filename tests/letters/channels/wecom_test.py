"""WeCom gets Markdown; a refusal inside HTTP 200 is one."""

from typing import Any

import pytest

from rules.message import Message
from tests.letters.conftest import Post, Web, failure_of


def test_wecom_gets_markdown(post: Post, robots: Web, letter: Message) -> None:
    post("wecombot://key-key-key")
    ((path, query, _, body),) = robots.requests
    assert (path, query) == ("/wecom", {"key": ["key-key-key"]})
    assert body == {"msgtype": "markdown", "markdown": {"content": letter.markdown}}


@pytest.mark.parametrize(
    ("code", "fate"),
    [(93000, "unusable"), (130101, "refused"), (-1, "away"), (45009, "busy"), (45033, "busy"), (90030, "busy")],
)
def test_it_refuses_with_http_200_and_says_whether_to_try_again(post: Post, robots: Web, code: int, fate: str) -> None:
    robots.answer = {"errcode": code, "errmsg": "refused key-key-key"}
    failure = failure_of(post, "wecombot://key-key-key")
    assert (failure.code, failure.fate) == (f"errcode_{code}", fate)
    assert failure.reason == "通道 mail：refused ***"


@pytest.mark.parametrize("answer", ["<html>log in</html>", {}, {"ok": True}, []])
def test_an_answer_that_is_not_the_robots_is_no_success(post: Post, robots: Web, answer: Any) -> None:
    robots.answer = answer
    assert failure_of(post, "wecombot://key-key-key").fate == "temporary"
