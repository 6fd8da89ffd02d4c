"""A channel leads to the services of the world, and inside the office only to what the office itself named."""

import json
import socket
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import HERE
from letters.failures import DeliveryFailed
from letters.reach import Reach
from plan.policy import load_policy
from plan.types import Fate
from plan.yaml_reader import FileProblems
from rules.message import Message
from tasks import channels
from tests.conftest import reread_settings
from tests.letters.conftest import LOOPBACK, SENT_AT, Mailbox, Post, Web, failure_of, mail_url

METADATA = "169.254.169.254"


def test_what_the_office_wrote_itself_is_reached(post: Post, web: Web, mailbox: Mailbox) -> None:
    for host in ("127.0.0.1", "localhost"):
        post(f"json://{host}:{web.port}/x", inside=())
    post(mail_url(mailbox.port), inside=())
    assert (len(web.requests), len(mailbox.mails)) == (2, 1)


@pytest.mark.parametrize("inside", [(), (LOOPBACK,)], ids=["not named", "named by the policy"])
def test_a_block_leads_inside_only_where_the_policy_says_so(post: Post, web: Web, inside: tuple[Any, ...]) -> None:
    url = f"json://127.0.0.1:{web.port}/x"
    if inside:
        post(url, named=False, inside=inside)
    else:
        failure = failure_of(post, url, named=False, inside=inside)
        assert (failure.code, failure.fate) == ("inside", Fate.UNUSABLE)
        assert failure.reason.startswith("通道 mail：127.0.0.1 在内网，不在允许到达的范围内")
    assert len(web.requests) == len(inside)


def test_a_block_with_a_mail_server_inside_is_no_other(post: Post, mailbox: Mailbox) -> None:
    for extra in ("", "&smtp=127.0.0.1"):
        failure = failure_of(post, mail_url(mailbox.port, extra=extra), named=False, inside=())
        assert failure.code == "inside"
    assert mailbox.mails == []


def test_the_address_of_a_recipient_names_no_host(post: Post, web: Web) -> None:
    url = f"json://{{address}}:{web.port}/x"
    assert failure_of(post, url, address="localhost", inside=()).code == "inside"
    assert web.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1", METADATA, "::1", "::ffff:127.0.0.1", "fe80::1"])
def test_a_name_that_leads_here_today_is_not_followed(
    post: Post, web: Web, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """As it stands at the moment of connecting: what the name meant before, or means to whoever checks, is nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, web.port, 0, 0) if ":" in address else (address, web.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    failure = failure_of(post, f"json://hooks.partner.example:{web.port}/x", inside=())
    assert (failure.code, failure.fate) == ("inside", Fate.UNUSABLE)
    assert web.requests == []


@pytest.mark.parametrize("asked", ["", "?redirect=yes"])
def test_an_answer_that_sends_on_elsewhere_is_not_followed(post: Post, web: Web, asked: str) -> None:
    web.status, web.headers = 307, {"Location": f"http://127.0.0.1:{web.port}/elsewhere"}
    assert failure_of(post, f"json://127.0.0.1:{web.port}/x{asked}", inside=()).code == "http_307"
    assert [path for path, *_ in web.requests] == ["/x"]


@pytest.mark.parametrize(
    ("address", "host", "allowed"),
    [
        ("8.8.8.8", None, True),
        ("2606:4700::1111", None, True),
        ("10.1.2.3", None, False),
        ("10.1.2.3", "relay.office.example", True),  # by a name that the office wrote
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.4", "10.1.2.3", False),
        ("100.64.0.1", None, False),
        ("224.0.0.1", "relay.office.example", False),
        ("fd00::1", None, False),
        ("fd00::1", "relay.office.example", True),
        (METADATA, METADATA, True),
        ("0.0.0.0", "relay.office.example", False),  # noqa: S104 (not to be listened on)
        (METADATA, "localhost", False),
        ("10.20.3.4", None, True),  # a network of the policy
    ],
)
def test_what_may_be_reached(address: str, host: str | None, allowed: bool) -> None:
    reach = Reach([host] if host else [], (ip_network("10.20.0.0/16"),))
    assert reach.allows(address) is allowed


def test_the_environment_is_the_offices_own_word_and_a_block_is_not(
    letter: Message, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = f"json://127.0.0.1:{web.port}/x"
    with monkeypatch.context() as office:
        office.setattr(channels, "resolve_channel", lambda _: SecretStr(there))
        office.setenv("DUBAN_CHANNELS", json.dumps({"mail": "prefect:duban-mail"}))
        reread_settings()
        with pytest.raises(DeliveryFailed) as refused:
            channels.send_by_settings(letter, SENT_AT)
        office.setenv("DUBAN_CHANNELS", json.dumps({"mail": there}))
        reread_settings()
        channels.send_by_settings(letter, SENT_AT)
    reread_settings()
    assert (refused.value.code, len(web.requests)) == ("inside", 1)


def test_a_network_that_is_none_is_one_line(tmp_path: Path) -> None:
    shipped = (HERE / "policy.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(shipped.replace("  inside: []", "  inside: [厂区]"), encoding="utf-8")
    with pytest.raises(FileProblems) as refused:
        load_policy(tmp_path / "policy.yaml")
    assert str(refused.value).endswith("delivery inside 第1项: “厂区”不是网段，请写成 10.20.0.0/16 或 192.168.1.5")
