"""Messages leave in time, failures are told in kind, and no secret is ever shown."""

import logging
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from bench.unreliable import Server, free_port, mail_server
from letters.channels import check_url
from tests.letters.conftest import Post, Web, failure_of, mail_url


@pytest.mark.parametrize("scheme", ["mailto", "json"])
def test_nobody_listening_is_temporary(post: Post, dead_port: int, scheme: str) -> None:
    failure = failure_of(post, f"{scheme}://127.0.0.1:{dead_port}/?from=duban@example.org")
    assert (failure.code, failure.fate) == ("connection", "away")


@pytest.mark.parametrize("scheme", ["mailto", "json"])
@pytest.mark.parametrize("port", ["silent_port", "dripping_port"])
def test_a_hanging_server_is_cut_off_in_time(
    post: Post, request: pytest.FixtureRequest, scheme: str, port: str
) -> None:
    number = request.getfixturevalue(port)
    started = time.monotonic()
    failure = failure_of(post, f"{scheme}://127.0.0.1:{number}/?from=duban@example.org&rto=60&cto=60", timeout=0.5)
    assert time.monotonic() - started < 2
    assert failure.fate == "away"
    assert failure.code in ("timeout", "connection")


def test_many_threads_get_each_their_own_reason(post: Post, web: Web, dead_port: int) -> None:
    web.status = 418
    ports = [web.port, dead_port] * 10
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda port: failure_of(post, f"json://127.0.0.1:{port}/").code, ports))
    assert codes == ["http_418", "connection"] * 10


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
    assert (failure.code, failure.fate) == ("channel_unknown", "unusable")


@pytest.mark.parametrize("url", ["carrier-pigeon://hunter2", "prefect:not-resolved", "mailtos://u:p@example.org?pgp=e"])
def test_a_wrong_url_is_the_operators_to_mend(post: Post, url: str) -> None:
    failure = failure_of(post, url)
    assert (failure.code, failure.fate) == ("bad_url", "unusable")


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


def test_a_mail_server_that_takes_leave_rudely_has_taken_the_mail(post: Post) -> None:
    server = Server(faults={"rude": 1.0})
    with mail_server(server, free_port()) as port:
        post(mail_url(port))
    assert len(server.taken) == 1
