"""Messages reach real servers, failures are told in time and in kind, and no secret is ever shown."""

import asyncio
import base64
import hashlib
import hmac
import logging
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from prefect.blocks.system import Secret
from prefect.testing.utilities import prefect_test_harness
from pydantic import SecretStr

from letters.channels import DeliveryFailed, check_url, resolve
from letters.render import Rendered, render
from tests.letters.conftest import Mailbox, Post, Web, letter, line
from tests.letters.outbox_test import part


@pytest.fixture
def robots(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The three chat platforms at the loopback server instead of their own addresses."""
    base = f"http://127.0.0.1:{web.port}"
    monkeypatch.setattr(NotifyDingTalk, "notify_url", base + "/dingtalk?access_token={token}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", base + "/wecom?key={key}")
    monkeypatch.setattr(NotifyFeishu, "notify_url", base + "/feishu/{token}/")
    return web


def failure_of(post: Post, url: str | None, **changes: Any) -> DeliveryFailed:
    """The failure that sending to the URL ends in."""
    with pytest.raises(DeliveryFailed) as caught:
        post(url, **changes)
    return caught.value


def mail_url(port: int, login: str = "", extra: str = "") -> str:
    """A mail channel at the loopback server."""
    return f"mailto://{login}127.0.0.1:{port}?from=duban@example.org&to={{address}}{extra}"


# -- mail -------------------------------------------------------------------------------------------------------------


def test_mail_arrives_with_its_chinese_subject_both_bodies_and_its_key(
    post: Post, mailbox: Mailbox, rendered: Rendered
) -> None:
    post(mail_url(mailbox.port))
    (mail,) = mailbox.mails
    assert mail["Subject"] == "【督办】1项逾期 · 2025年5月12日"
    assert mail["To"].addresses[0].addr_spec == "wang@example.org"
    assert mail["From"].addresses[0].addr_spec == "duban@example.org"
    assert mail["Message-ID"] == "<m-20250512-office@duban>"
    assert mail["X-Duban-Key"] == "m-20250512-office"
    assert part(mail, "plain") == rendered.text
    assert part(mail, "html") == rendered.html


def test_a_resend_has_the_message_id_of_the_first(post: Post, mailbox: Mailbox) -> None:
    post(mail_url(mailbox.port))
    post(mail_url(mailbox.port), rendered=render(letter(resend=True)))
    assert [mail["Message-ID"] for mail in mailbox.mails] == ["<m-20250512-office@duban>"] * 2
    assert ["重发" in mail["Subject"] for mail in mailbox.mails] == [False, True]


def test_what_people_typed_is_escaped_in_mail_and_adds_no_header(post: Post, mailbox: Mailbox) -> None:
    evil = "<script>x</script>\r\nBcc: all@example.org"
    post(mail_url(mailbox.port), rendered=render(letter(line(title=evil), recipient=evil)), key="../../x\r\nBcc: y@y")
    (mail,) = mailbox.mails
    assert "&lt;script&gt;x&lt;/script&gt; Bcc: all@example.org" in part(mail, "html")
    assert mail["Bcc"] is None
    assert mailbox.envelopes == [["wang@example.org"]]


def test_copies_and_own_headers_of_the_url_are_kept(post: Post, mailbox: Mailbox) -> None:
    extra = "&cc=cc@example.org&bcc=secret@example.org&reply=office@example.org&+X-Class=internal"
    post(mail_url(mailbox.port, extra=extra), address="a+b@example.org")
    (mail,) = mailbox.mails
    assert mailbox.envelopes == [["a+b@example.org", "cc@example.org", "secret@example.org"]]
    assert (mail["Cc"], mail["Reply-To"], mail["X-Class"]) == ("cc@example.org", "office@example.org", "internal")
    assert "secret@example.org" not in mail.as_string()


def test_mail_logs_in_when_the_url_says_so(post: Post, locked_mailbox: Mailbox) -> None:
    post(mail_url(locked_mailbox.port, "duban:right-password@"))
    assert len(locked_mailbox.mails) == 1


def test_a_wrong_password_is_permanent_and_masked_even_if_the_server_repeats_it(
    post: Post, locked_mailbox: Mailbox
) -> None:
    failure = failure_of(post, mail_url(locked_mailbox.port, "duban:wrong-password@"))
    assert (failure.code, failure.permanent) == ("smtp_535", True)
    assert "wrong-password" not in str(failure)
    assert failure.reason == "通道 mail：5.7.8 *** *** refused"


@pytest.mark.parametrize(("answer", "permanent"), [("550 5.1.1 no such user", True), ("451 4.7.1 try later", False)])
def test_a_refused_recipient_is_permanent_or_not_as_the_server_says(
    post: Post, mailbox: Mailbox, answer: str, permanent: bool
) -> None:
    mailbox.answer = answer
    failure = failure_of(post, mail_url(mailbox.port))
    assert (failure.code, failure.permanent) == (f"smtp_{answer[:3]}", permanent)
    assert failure.reason == f"通道 mail：{answer[4:]}"


@pytest.mark.parametrize("address", ["", "a@x.org,b@x.org", "a@x.org\r\nBcc: b@x.org", "<a@x.org>", "nobody"])
def test_an_address_that_is_not_one_address_is_refused_before_anything_is_sent(
    post: Post, mailbox: Mailbox, address: str
) -> None:
    failure = failure_of(post, mail_url(mailbox.port), address=address)
    assert (failure.code, failure.permanent) == ("bad_address", True)
    assert mailbox.mails == []


@pytest.mark.parametrize("mode", ["ssl", "starttls"])
def test_an_encrypted_mail_server_must_prove_who_it_is(post: Post, encrypted: dict[str, Mailbox], mode: str) -> None:
    mailbox = encrypted[mode]
    url = mail_url(mailbox.port, extra=f"&mode={mode}").replace("mailto:", "mailtos:")
    failure = failure_of(post, url)
    assert (failure.code, failure.permanent) == ("connection", False)
    assert "CERTIFICATE_VERIFY_FAILED" in failure.reason
    post(url + "&verify=no")
    assert len(mailbox.mails) == 1


# -- webhooks ---------------------------------------------------------------------------------------------------------


def test_json_arrives_with_text_and_key(post: Post, web: Web, rendered: Rendered) -> None:
    post(f"json://127.0.0.1:{web.port}/hook/{{address}}", address="42")
    ((path, _, headers, body),) = web.requests
    assert path == "/hook/42"
    assert (body["title"], body["message"]) == (rendered.subject, rendered.text.rstrip())
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


@pytest.mark.parametrize("scheme", ["mailto", "json"])
def test_nobody_listening_is_temporary(post: Post, dead_port: int, scheme: str) -> None:
    failure = failure_of(post, f"{scheme}://127.0.0.1:{dead_port}/?from=duban@example.org")
    assert (failure.code, failure.permanent) == ("connection", False)


@pytest.mark.parametrize("scheme", ["mailto", "json"])
@pytest.mark.parametrize("port", ["silent_port", "dripping_port"])
def test_a_hanging_server_is_cut_off_in_time(
    post: Post, request: pytest.FixtureRequest, scheme: str, port: str
) -> None:
    number = request.getfixturevalue(port)
    started = time.monotonic()
    failure = failure_of(post, f"{scheme}://127.0.0.1:{number}/?from=duban@example.org&rto=60&cto=60", timeout=0.5)
    assert time.monotonic() - started < 2
    assert failure.permanent is False
    assert failure.code in ("timeout", "connection")


def test_many_threads_get_each_their_own_reason(post: Post, web: Web, dead_port: int) -> None:
    web.status = 418
    ports = [web.port, dead_port] * 10
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda port: failure_of(post, f"json://127.0.0.1:{port}/").code, ports))
    assert codes == ["http_418", "connection"] * 10


# -- chat robots ------------------------------------------------------------------------------------------------------


def test_dingtalk_gets_markdown_a_mention_and_a_signature_that_verifies(
    post: Post, robots: Web, rendered: Rendered
) -> None:
    post("dingtalk://SECsecret@tokentoken/{address}", address="13800000000")
    ((_, query, _, body),) = robots.requests
    assert body["msgtype"] == "markdown"
    assert body["markdown"]["title"] == rendered.subject
    assert body["markdown"]["text"] == f"{rendered.markdown}\n\n@13800000000"
    assert body["at"]["atMobiles"] == ["13800000000"]
    signed = f"{query['timestamp'][0]}\nSECsecret".encode()
    right = base64.b64encode(hmac.new(b"SECsecret", signed, hashlib.sha256).digest()).decode()
    assert (query["access_token"], query["sign"]) == (["tokentoken"], [right])


def test_wecom_gets_markdown(post: Post, robots: Web, rendered: Rendered) -> None:
    post("wecombot://key-key-key")
    ((path, query, _, body),) = robots.requests
    assert (path, query) == ("/wecom", {"key": ["key-key-key"]})
    assert body == {"msgtype": "markdown", "markdown": {"content": rendered.markdown}}


def test_feishu_gets_a_card_with_markdown(post: Post, robots: Web, rendered: Rendered) -> None:
    post("feishu://tokentoken")
    ((path, _, _, body),) = robots.requests
    assert path == "/feishu/tokentoken/"
    assert body["msg_type"] == "interactive"
    assert body["card"]["header"]["title"]["content"] == rendered.subject
    assert body["card"]["elements"] == [{"tag": "markdown", "content": rendered.markdown}]


@pytest.mark.parametrize("url", ["dingtalk://tokentoken", "wecombot://key-key-key", "feishu://tokentoken"])
@pytest.mark.parametrize(("code", "permanent"), [(310000, True), (45009, False), (130101, False), (11232, False)])
def test_a_robot_that_refuses_with_http_200_has_not_taken_the_message(
    post: Post, robots: Web, url: str, code: int, permanent: bool
) -> None:
    field, words = ("code", "msg") if url.startswith("feishu") else ("errcode", "errmsg")
    robots.answer = {field: code, words: f"refused {url.rpartition('/')[2]}"}
    failure = failure_of(post, url)
    assert (failure.code, failure.permanent) == (f"errcode_{code}", permanent)
    assert failure.reason == "通道 mail：refused ***"


@pytest.mark.parametrize("answer", ["<html>log in</html>", {}, {"ok": True}, []])
def test_an_answer_that_is_not_the_robots_is_no_success(post: Post, robots: Web, answer: Any) -> None:
    robots.answer = answer
    assert failure_of(post, "wecombot://key-key-key").permanent is False


# -- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://duban:pw@smtp.example.org?to={address}",
        "json://127.0.0.1:9/hook",
        "dingtalk://secret@token123/{address}",
        "wecombot://key-123",
        "feishu://token123",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123",
        "clicksend://user:key@{address}",
        "prefect:duban-mail",
    ],
)
def test_urls_that_work_pass_the_check(url: str) -> None:
    check_url("mail", SecretStr(url))


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("nonsense-with-hunter2", "Apprise 无法识别"),
        ("carrier-pigeon://hunter2@coop", "Apprise 无法识别"),
        ("mailto://u:hunter2@host?to={address}", "Apprise 无法识别"),
        ("json://u:hunter2@h/{adress}", "只能使用占位符 {address}"),
        ("mailtos://u:hunter2@example.org?pgp=encrypt", "不支持 PGP 邮件"),
        ("prefect:hunter2 !", "prefect: 之后须为保密块名称"),
        ("", "Apprise 无法识别"),
    ],
)
def test_a_wrong_url_is_refused_in_one_line_without_its_secret(
    url: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ValueError, match=r"^通道 mail") as caught:
        check_url("mail", SecretStr(url))
    assert str(caught.value) == f"通道 mail 的地址不能使用：{fault}（见 DUBAN_CHANNELS）"
    assert "hunter2" not in caplog.text


def test_only_the_outbox_may_have_no_url(post: Post) -> None:
    check_url("outbox", None)
    with pytest.raises(ValueError, match="通道 mail 的地址不能使用"):
        check_url("mail", None)
    failure = failure_of(post, None, channel="mail")
    assert (failure.code, failure.permanent) == ("unknown_channel", True)


@pytest.mark.parametrize("url", ["carrier-pigeon://hunter2", "prefect:not-resolved", "mailtos://u:p@example.org?pgp=e"])
def test_sending_to_a_wrong_url_is_permanent(post: Post, url: str) -> None:
    failure = failure_of(post, url)
    assert (failure.code, failure.permanent) == ("bad_url", True)


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "mailto://duban:hunter2%2Bhunter2@127.0.0.1:{port}?from=duban@example.org",
        "json://duban:hunter2@127.0.0.1:{port}/hunter2/path?-token=hunter2&+Auth=hunter2",
        "xml://duban:hunter2@127.0.0.1:{port}/hunter2",
        "carrier-pigeon://hunter2:hunter2@coop",
        "dingtalk://hunter2hunter2@hunter2token/",
        "wecombot://hunter2-key",
        "feishu://hunter2token",
    ],
)
@pytest.mark.parametrize("status", [500, 403])
def test_no_secret_shows_in_logs_tracebacks_or_reprs(
    post: Post, robots: Web, url: str, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    robots.status = status
    failure = failure_of(post, url.replace("{port}", str(robots.port)), timeout=0.5)
    told = "".join(traceback.format_exception(failure)) + repr(failure) + repr(vars(failure)) + str(failure.__context__)
    assert "hunter2" not in told
    assert "hunter2" not in caplog.text
    assert "hunter2" not in "".join(capfd.readouterr())


def test_a_send_that_succeeds_logs_no_secret_either(post: Post, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post(f"json://duban:hunter2@127.0.0.1:{web.port}/hunter2")
    assert len(web.requests) == 1
    assert "hunter2" not in caplog.text


def test_logs_of_others_who_use_apprise_are_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("apprise").warning("not ours")
    assert "not ours" in caplog.text


# -- Prefect blocks ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A real Prefect server with an empty database."""
    with prefect_test_harness():
        Secret(value="json://127.0.0.1/x").save("duban-mail")  # type: ignore[call-overload, unused-ignore]
        yield


def test_a_plain_url_needs_no_prefect() -> None:
    assert resolve(SecretStr("json://h/x")).get_secret_value() == "json://h/x"


async def _resolve_in_a_loop() -> str:
    return resolve(SecretStr("prefect:duban-mail")).get_secret_value()


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_prefect_block_gives_its_url_with_and_without_a_running_loop() -> None:
    assert resolve(SecretStr("prefect:duban-mail")).get_secret_value() == "json://127.0.0.1/x"
    assert asyncio.run(_resolve_in_a_loop()) == "json://127.0.0.1/x"


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_missing_block_is_named_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^Prefect 中没有名为 no-such 的保密块") as caught:
        resolve(SecretStr("prefect:no-such"))
    assert caught.value.__context__ is None
