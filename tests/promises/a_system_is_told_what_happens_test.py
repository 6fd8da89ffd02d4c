"""What happens in the ledger reaches the office's own systems: signed, each thing once, whatever fails on the way."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import HERE
from db import ledger
from db.ledger import Report, events
from db.ledger.events import events_after, tell_systems
from db.ledger.queued import queue_facts, queued, resend
from db.ledger.replay import verify
from db.ledger.systems import add_system, revoke_system, subscribe_system, unsubscribe_system
from db.models import Alert, QueuedMessage, System
from letters.reach import hook_fault
from tasks.doors import hook_secret
from tests.conftest import ContextAt, reread_settings
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, DeliverAt, PatrolAt

START = "2025-02-03T09:00"


@dataclass
class Receiver:
    """A system's server: what it was told, as it came, and what it answers."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/duban?key=geheim123"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, _, body in self.came for event in json.loads(body)["events"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    memory = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            memory.came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(memory.status)
            for name, value in memory.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    memory.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield memory
    server.shutdown()
    server.server_close()


@pytest.fixture
def policy_inside(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The office's policy names this machine as a place to send to."""
    policy = installed / "policy.yaml"
    policy.write_text((HERE / "policy.yaml").read_text().replace("  inside: []", "  inside: [127.0.0.0/8]"))
    monkeypatch.setenv("DUBAN_POLICY", str(policy))
    reread_settings()


@pytest.fixture
def told(
    activated: Activate, ledger_at: ContextAt, policy_inside: None, receiver: Receiver
) -> Callable[..., tuple[str, Receiver]]:
    """An office one of whose systems wants to be told; gives the secret by which it checks."""
    activated(START, plan_of(measure("01-1")))

    def subscribe(address: str | None = None) -> tuple[str, Receiver]:
        with ledger_at(START, "office") as ctx:
            add_system(ctx, "OA", ())
            return hook_secret(subscribe_system(ctx, "OA", address or receiver.address)), receiver

    return subscribe


def _signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As Standard Webhooks says a receiver checks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], expected)


def _report(ledger_at: ContextAt, moment: str, person: str = "handler") -> None:
    with ledger_at(moment, person) as ctx:
        period = ledger.meant_period(ctx.session, "01-1", None, "2025年2月", lambda one: one.state == "waiting")
        ledger.submit(ctx, period.id, Report(body="已办，内容不外传", percent=40))


def test_what_people_do_and_what_falls_due_is_told_in_order_and_signed(
    told: Any, ledger_at: ContextAt, patrol_at: PatrolAt, deliver_at: DeliverAt
) -> None:
    secret, oa = told()
    patrol_at("2025-03-13T09:00")
    _report(ledger_at, "2025-03-13T10:00")
    with ledger_at("2025-03-13T11:00", "office") as ctx:
        period = ledger.meant_period(ctx.session, "01-1", None, "2025年2月", lambda one: one.state == "submitted")
        ledger.review(ctx, period.id, accept=False, reason="缺照片")
    deliver_at("2025-03-13T11:05")
    ((path, headers, body),) = oa.came
    assert path == "/duban?key=geheim123"
    assert _signed(secret, headers, body)
    assert not _signed(secret, headers, body.replace(b"OA", b"XX"))
    types = [event["type"] for event in oa.events]
    assert types[0] == "period.opened"
    assert {"period.opened", "period.reminded", "period.late", "sheet.opened"} <= set(types)
    assert types[-2:] == ["period.reported", "period.returned"]
    last = oa.events[-1]
    assert (last["by"], last["measure"], last["matter"]) == ("office", "01-1", "period-1")
    sheet = next(event for event in oa.events if event["type"] == "sheet.opened")
    assert (sheet["sheet"], sheet["matter"]) == ("督办〔2025〕1号", "escalation-1")
    # What people wrote, and what opens a page, stays in the house.
    assert not any(word in body.decode() for word in ("内容不外传", "缺照片", "/m/", "token"))
    with ledger_at("2025-03-13T12:00") as ctx:
        assert list(events_after(ctx, 0).events)[-len(types) :] == oa.events
        assert verify(ctx.session).whole


def test_each_thing_is_told_once_and_a_second_try_bears_the_same_id(
    told: Any, ledger_at: ContextAt, patrol_at: PatrolAt, deliver_at: DeliverAt
) -> None:
    _, oa = told()
    oa.status = 503
    _report(ledger_at, "2025-02-10T09:00")
    assert any("system:1:OA retry" in one for one in deliver_at("2025-02-10T09:06"))
    oa.status = 204
    patrol_at("2025-03-03T09:10")
    deliver_at("2025-03-03T09:40")
    deliver_at("2025-03-03T09:45")
    ids = [headers["webhook-id"] for _, headers, _ in oa.came]
    assert ids[0] in ids[1:]
    received = {headers["webhook-id"]: json.loads(body)["events"] for _, headers, body in oa.came}
    events = [event["id"] for batch in received.values() for event in batch]
    assert len(events) == len(set(events))
    assert [event["type"] for batch in received.values() for event in batch].count("period.reported") == 1


def test_it_leaves_at_night_and_a_system_that_is_down_holds_nobody_up(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt, receiver: Receiver
) -> None:
    _, oa = told(address="http://127.0.0.1:9/closed")
    with ledger_at(START, "office") as ctx:
        add_system(ctx, "大屏", ())
        subscribe_system(ctx, "大屏", receiver.address)
    _report(ledger_at, "2025-02-08T23:00")  # a Saturday
    assert sorted(deliver_at("2025-02-08T23:01")) == ["OA system:1:OA retry", "大屏 system:2:大屏 sent"]
    assert [event["type"] for event in oa.events][-1] == "period.reported"


def test_what_a_system_refuses_is_a_dead_letter_that_the_office_sees_and_sends_again(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt
) -> None:
    _, oa = told()
    oa.status = 422
    _report(ledger_at, "2025-02-10T10:00")
    deliver_at("2025-02-10T10:01")
    with ledger_at("2025-02-10T10:02", "office") as ctx:
        (dead,) = queued(ctx, dead=True)
        assert (dead.recipient, dead.channel) == ("OA", "system:1:OA")
        notes = ctx.session.execute(select(Alert.note).where(Alert.rung.startswith("dead-letter:"))).scalars().all()
        assert notes == ["致OA的消息经 system:1:OA 等通道均未送达"]
        assert "geheim" not in json.dumps(dead.tries, ensure_ascii=False) + notes[0]
        resend(ctx, [dead.id])
    oa.status = 200
    assert "OA system:1:OA sent" in deliver_at("2025-02-10T10:03")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_an_answer_that_sends_on_elsewhere_is_not_followed_by_a_system(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt, status: int
) -> None:
    _, oa = told()
    oa.status, oa.headers = status, {"Location": f"http://127.0.0.1:{oa.port}/elsewhere"}
    _report(ledger_at, "2025-02-10T10:00")
    deliver_at("2025-02-10T10:01")
    assert [path for path, _, _ in oa.came] == ["/duban?key=geheim123"]


def test_who_is_taken_back_is_told_nothing_more(told: Any, ledger_at: ContextAt, deliver_at: DeliverAt) -> None:
    _, oa = told(address="http://127.0.0.1:9/closed")
    _report(ledger_at, "2025-02-10T10:00")
    deliver_at("2025-02-10T10:01")
    with ledger_at("2025-02-10T10:02", "office") as ctx:
        unsubscribe_system(ctx, "OA")
        subscribe_system(ctx, "OA", oa.address)  # from now on: what was laid aside does not come again
    deliver_at("2025-02-10T11:00")
    assert [event["type"] for event in oa.events] == []
    with ledger_at("2025-02-10T11:02", "office") as ctx:
        revoke_system(ctx, "OA")
        period = ledger.meant_period(ctx.session, "01-1", None, "2025年2月", lambda one: one.state == "submitted")
        ledger.review(ctx, period.id, accept=True, reason="")
    deliver_at("2025-02-10T11:10")
    assert oa.came == []
    with ledger_at("2025-02-10T11:12", "office") as ctx:
        states = select(QueuedMessage.state).where(QueuedMessage.system_id.is_not(None))
        assert set(ctx.session.execute(states).scalars()) == {"moot"}


def test_a_system_that_is_down_is_a_fault_until_it_is_told_elsewhere_or_no_more(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt
) -> None:
    _, oa = told(address="http://127.0.0.1:9/closed")
    _report(ledger_at, "2025-02-10T10:00")
    for minute in ("10:01", "10:05", "10:20"):
        deliver_at(f"2025-02-10T{minute}")
    with ledger_at("2025-02-10T10:21", "office") as ctx:
        assert [one.name for one in queue_facts(ctx).down] == ["system:1:OA"]
        subscribe_system(ctx, "OA", oa.address)
        assert queue_facts(ctx).down == ()
    deliver_at("2025-02-10T12:00")
    assert [event["type"] for event in oa.events] == ["period.reported"]  # what waited goes there, too


def test_a_delivery_that_dies_between_asking_and_committing_loses_and_doubles_nothing(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt, engine: Any
) -> None:
    _, oa = told()
    _report(ledger_at, "2025-02-10T10:00")
    with ledger_at("2025-02-10T10:01") as ctx:
        tell_systems(ctx)
        ctx.session.rollback()
    with Session(engine) as session:
        assert session.execute(select(QueuedMessage).where(QueuedMessage.system_id.is_not(None))).first() is None
    deliver_at("2025-02-10T10:02")
    assert [event["type"] for event in oa.events].count("period.reported") == 1


def test_ten_times_as_much_as_one_message_holds_comes_whole(
    told: Any, ledger_at: ContextAt, deliver_at: DeliverAt, monkeypatch: pytest.MonkeyPatch, patrol_at: PatrolAt
) -> None:
    monkeypatch.setattr(events, "MOST_EVENTS", 2)
    monkeypatch.setattr(events, "LOOKED_AT", 1)
    _, oa = told()
    with ledger_at(START) as ctx:
        began = ctx.session.execute(select(System.told_upto)).scalar_one()
    assert began is not None
    for moment in ("2025-03-13T09:00", "2025-04-15T09:00"):
        patrol_at(moment)
    deliver_at("2025-04-15T09:05")
    with ledger_at("2025-04-15T09:06") as ctx:
        monkeypatch.setattr(events, "LOOKED_AT", 1000)
        found = events.events_after(ctx, began).events
    assert len(oa.came) > 5
    assert sorted(event["id"] for event in oa.events) == sorted(event["id"] for event in found)


@pytest.mark.parametrize(
    ("why", "addresses"),
    [
        ("须为完整的网址", "ftp://a.example/x file:///etc/passwd gopher://127.0.0.1:6379/_x http:// https:///x oa"),
        (
            "须为完整的网址",
            "http://u:pw@a.example/ http://a.example/#x http://[::1/ http://a.example:99999/ javascript:x",
        ),
        ("须为完整的网址", "http://a.example/\x00 http://a.example/\u3000x http://a.example/\u202ex"),
        ("在内网", "http://127.0.0.1:4280/ http://localhost/ http://[::1]/ http://[::ffff:127.0.0.1]/ http://0.0.0.0/"),
        ("在内网", "http://169.254.169.254/latest/meta-data http://10.1.2.3/oa http://192.168.1.1/ http://100.64.0.1/"),
        ("在内网", "http://2130706433/ http://0x7f000001/ http://127.1/"),
        ("找不到主机", "https://no-such-host.invalid/oa"),
    ],
)
def test_an_address_inside_or_of_no_use_is_refused_when_it_is_given(why: str, addresses: str) -> None:
    for address in [*addresses.split(" "), *(["", "http://a.example/\nX: y"] if "网址" in why else [])]:
        assert why in (hook_fault(address, ()) or ""), address


def test_an_address_that_leads_inside_by_the_time_of_sending_is_not_followed(
    activated: Activate, ledger_at: ContextAt, deliver_at: DeliverAt, receiver: Receiver, installed: Path
) -> None:
    """Whatever was looked at when it was given: a name may mean another machine today."""
    activated(START, plan_of(measure("01-1")))
    with ledger_at(START, "office") as ctx:
        add_system(ctx, "OA", ())
        subscribe_system(ctx, "OA", f"http://localhost:{receiver.port}/x?key=geheim123")
    _report(ledger_at, "2025-02-10T10:00")
    deliver_at("2025-02-10T10:01")
    assert receiver.came == []
    with ledger_at("2025-02-10T10:02", "office") as ctx:
        (waits,) = [one for one in queued(ctx, dead=False) if one.recipient == "OA"]
        assert waits.tries[-1]["result"].startswith("inside: ")
        assert "geheim" not in json.dumps(waits.tries)
