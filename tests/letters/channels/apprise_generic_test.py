"""A service gets the format it wants, in its own dialect; one that takes several gets the one its URL asks for."""

import pytest
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from rules.message import Message
from tests.letters.conftest import Post, Web, item, rendered


def test_telegram_gets_html(post: Post, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{web.port}/bot")
    post("tgram://123456789:abcdefg_hijklmnop/{address}", address="42", sent=rendered(item(title="甲<乙")))
    ((_, _, _, body),) = web.requests
    assert (body["chat_id"], body["parse_mode"]) == (42, "HTML")
    assert "甲&lt;乙" in body["text"]


def test_slack_gets_markdown_in_its_own_dialect(post: Post, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifySlack, "api_url", f"http://127.0.0.1:{web.port}/{{}}")
    web.answer = {"ok": True}
    post("slack://xoxb-1234-1234-abcdefgh/{address}", address="general")
    ((_, _, _, body),) = web.requests
    told = body["attachments"][0]["text"]
    assert "*红色（1项）*" in told
    assert "|前往办理>" in told


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_a_webhook_gets_the_format_its_url_asks_for(post: Post, web: Web, letter: Message, form: str) -> None:
    post(f"json://127.0.0.1:{web.port}/?format={form}")
    ((_, _, _, body),) = web.requests
    assert body["message"] == getattr(letter, form).rstrip()
