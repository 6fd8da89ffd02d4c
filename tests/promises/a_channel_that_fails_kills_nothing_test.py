"""What a channel does not take now waits, leaves when the channel takes it again, and dies of nothing but a refusal."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bench.unreliable import Server, free_port, mail_server, webhook
from db.ledger.channels import failed
from db.ledger.message_queue import lease, next_try
from db.ledger.queued import queue_facts, resend
from db.models import Holding, Person, QueuedMessage, Recipient
from letters.delivery import deliver
from letters.failures import DeliveryFailed
from plan.policy import Pace, Policy
from plan.types import DeliveryResult, Fate, MessageState
from rules.message import Message
from tasks.channels import delivery
from tests.conftest import ContextAt, at, reread_settings
from tests.letters.conftest import mail_url
from tests.messages import items_of
from tests.plans import ROLES, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

MONDAY = at("2025-02-10T08:30")
Send = Callable[[Message, datetime], None]


@pytest.fixture
def waiting(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, installed: Path) -> Callable[..., None]:
    """So many messages to as many people by one channel, due on Monday morning; the office reads the same channel."""

    def fill(count: int, channel: str = "mail", **office: str) -> None:
        roles: dict[str, object] = {name: {"name": name} for name in ROLES}
        roles["office"] = {"name": "office", "channels": {channel: "office@example.org"} | office}
        activated("2025-02-03T08:00", plan_of(measure(), roles=roles))
        patrol_at("2025-02-05T08:30")
        _run(Channel(lambda _: None), at("2025-02-05T08:30"), 1, 1, Pace())
        with ledger_at("2025-02-10T08:00") as ctx:
            keys = [f"p{n}" for n in range(count)]
            posts = [Recipient(key=key, inspection_id=1, name=key) for key in keys]
            people = [Person(name=key, folded=key, channels=[[channel, f"{key}@example.org"]]) for key in keys]
            ctx.session.add_all([*posts, *people])
            ctx.session.flush()
            for post, person in zip(posts, people, strict=True):
                held = Holding(recipient_id=post.id, person_id=person.id, from_on=ctx.today, told_at=ctx.now)
                ctx.session.add(held)
                row = {"key": f"word-{post.id}", "recipient": post.id, "person": person.id, "at": MONDAY}
                ctx.connection.execute(_WORD, row)

    return fill


_WORD = text(
    """
    WITH letter AS (
        INSERT INTO messages (key, person_id, day, state, severity, next_try_at, channel_index, attempts, resend,
            history, created_at)
        VALUES (:key, :person, '2025-02-10', 'pending', 1, :at, 0, 0, false, '[]', :at) RETURNING id
    )
    INSERT INTO alerts (rung, recipient_id, kind, level, fell_due_at, recorded_at, message_id, note)
    SELECT 'word', :recipient, 'operator', 'none', :at, :at, id, '请知悉' FROM letter
    """
)


class Channel:
    """A channel with a clock: takes a message or fails it as ``fate`` says, and counts."""

    def __init__(self, fate: Callable[[datetime], Fate | None]) -> None:
        self.fate = fate
        self.tries: list[datetime] = []
        self.taken: list[tuple[datetime, str]] = []
        self.folder: list[str] = []

    def __call__(self, message: Message, now: datetime) -> None:
        if message.channel == "outbox":
            self.folder.append("".join(item.note or "" for item in message.items))
            return
        self.tries.append(now)
        if (fate := self.fate(now)) is not None:
            raise DeliveryFailed("test", "不通", fate)
        self.taken.append((now, message.key))


def _run(channel: Channel, start: datetime, minutes: int, step: int, pace: Pace) -> None:
    """Deliver every few minutes of a clock that nobody waits for."""
    for minute in range(0, minutes, step):
        now = start + timedelta(minutes=minute)
        office = delivery("督办引擎", lambda now=now: now)
        object.__setattr__(office, "send", channel)
        object.__setattr__(office, "paces", {"mail": pace, "robot": pace})
        office.run()


def _states(ledger_at: ContextAt) -> dict[MessageState, int]:
    with ledger_at("2025-03-01T12:00") as ctx:
        found = ctx.session.execute(select(QueuedMessage.state).where(QueuedMessage.key.like("word-%"))).scalars()
        states = list(found)
        return {state: states.count(state) for state in states}


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, installed: Path) -> int:
    """The port of the office's mail server, on which nobody listens yet."""
    port = free_port()
    monkeypatch.setenv("DUBAN_CHANNELS", json.dumps({"mail": mail_url(port)}))
    reread_settings()
    return port


def _send_at_once(start: datetime, minutes: Iterable[int], pace: Pace) -> Counter[DeliveryResult]:
    """Deliver by the office's real channels, twenty at once as the engine does, at minutes that nobody waits for."""
    results = Counter[DeliveryResult]()
    with ThreadPoolExecutor(20) as pool:
        for minute in minutes:
            office = delivery("督办引擎", lambda now=start + timedelta(minutes=minute): now)
            object.__setattr__(office, "paces", {"mail": pace})
            results += deliver(office.lease, partial(pool.map, office.deliver))
    return results


def _told_of_channels(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        told = select(QueuedMessage.id).where(QueuedMessage.key.like("channel:%")).order_by(QueuedMessage.id)
        return [entry.note or "" for one in ctx.session.execute(told).scalars() for entry in items_of(ctx, one)]


def test_a_relay_that_is_away_for_two_days_gets_everything_once_when_it_is_back(
    waiting: Callable[..., None], relay: int, ledger_at: ContextAt, installed: Path
) -> None:
    waiting(60)
    tries = _send_at_once(MONDAY, range(0, 2 * 24 * 60, 15), Pace(at_once=4))
    assert _states(ledger_at).keys() <= {MessageState.PENDING, MessageState.RETRY}
    # One tries for all of them, a few times an hour while the office is open.
    assert 20 < tries[DeliveryResult.RETRY] < 100
    # The office reads the same relay: the folder tells it that this is down, once.
    (told,) = (path.read_text(encoding="utf-8") for path in (installed / "outbox").rglob("*.md"))
    assert "通道 mail 自2025年2月10日08:30起中断" in told.replace("\\", "")
    server = Server()
    with mail_server(server, relay):
        back = MONDAY + timedelta(days=2)
        _send_at_once(back, range(20), Pace(at_once=4))
    assert _states(ledger_at) == {MessageState.SENT: 60}
    words = [key for key in server.taken if key.startswith("word-")]
    assert (len(words), len(set(words))) == (60, 60)
    assert server.most_seen <= 4
    notes = _told_of_channels(ledger_at, "2025-02-12T12:00")
    assert [("中断" in note, "已恢复" in note) for note in notes] == [(True, False), (True, True)]


def test_that_a_channel_is_down_is_told_once_by_the_second_channel_of_the_office(
    waiting: Callable[..., None], installed: Path, monkeypatch: pytest.MonkeyPatch, ledger_at: ContextAt
) -> None:
    server = Server()
    with webhook(server) as port:
        ways = {"mail": mail_url(free_port()), "hook": f"json://127.0.0.1:{port}/{{address}}"}
        monkeypatch.setenv("DUBAN_CHANNELS", json.dumps(ways))
        reread_settings()
        waiting(5, hook="office")
        _send_at_once(MONDAY, range(0, 8 * 60, 10), Pace())
    assert [key[:18] for key in server.taken] == ["channel_mail_down_"]
    assert not list((installed / "outbox").rglob("*.eml"))
    assert _states(ledger_at).keys() <= {MessageState.PENDING, MessageState.RETRY}


@pytest.mark.parametrize("pace", [Pace(at_once=4), Pace(at_once=20)], ids=["known", "not known to us"])
def test_a_relay_that_takes_five_connections_gets_everything(
    waiting: Callable[..., None], relay: int, ledger_at: ContextAt, pace: Pace
) -> None:
    waiting(60)
    server = Server(most_at_once=5)
    with mail_server(server, relay):
        _send_at_once(MONDAY, range(40), pace)
    assert _states(ledger_at) == {MessageState.SENT: 60}
    assert sorted(server.taken) == sorted(set(server.taken))
    assert (server.struck["421"] > 0) == (pace.at_once > 5)
    assert _told_of_channels(ledger_at, "2025-02-10T12:00") == []  # busy is not down


def test_a_robot_of_twenty_a_minute_gets_five_hundred_and_is_never_asked_for_more(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(500, "robot")
    minute: list[datetime] = []

    def fate(now: datetime) -> Fate | None:
        minute[:] = [one for one in minute if now - one < timedelta(minutes=1)]
        minute.append(now)
        return Fate.BUSY if len(minute) > 20 else None

    robot = Channel(fate)
    _run(robot, MONDAY, 27, 1, Pace(per_minute=20, at_once=4))
    assert _states(ledger_at) == {MessageState.SENT: 500}
    assert len(robot.tries) == len(robot.taken)


def test_one_delivery_keeps_to_the_pace_instead_of_leaving_the_rest_to_the_next(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(100, "robot")
    robot, now = Channel(lambda _: None), MONDAY
    office = delivery("督办引擎", lambda: now)
    object.__setattr__(office, "send", robot)
    object.__setattr__(office, "paces", {"robot": Pace(per_minute=20, at_once=4)})

    def wait() -> bool:
        nonlocal now
        slot = office.next_slot()
        now = slot or now
        return slot is not None

    assert office.next_slot() is None  # nothing was given to the robot yet
    results = deliver(office.lease, lambda messages: map(office.deliver, messages), wait)
    assert results == {DeliveryResult.SENT: 100}
    assert now == MONDAY + timedelta(minutes=4)
    assert Counter(at for at, _ in robot.taken) == {MONDAY + timedelta(minutes=minute): 20 for minute in range(5)}


def test_a_robot_that_is_busier_than_we_knew_kills_nothing(waiting: Callable[..., None], ledger_at: ContextAt) -> None:
    waiting(60, "robot")
    minute: list[datetime] = []

    def fate(now: datetime) -> Fate | None:
        minute[:] = [one for one in minute if now - one < timedelta(minutes=1)]
        minute.append(now)
        return Fate.BUSY if len(minute) > 5 else None

    robot = Channel(fate)
    _run(robot, MONDAY, 120, 1, Pace(at_once=20))
    assert _states(ledger_at) == {MessageState.SENT: 60}
    assert robot.folder == []


def test_a_channel_that_is_set_up_late_sends_all_that_waited(
    waiting: Callable[..., None], ledger_at: ContextAt, monkeypatch: pytest.MonkeyPatch, installed: Path
) -> None:
    waiting(7, "robot")
    office = delivery("督办引擎", lambda: MONDAY)
    office.run()
    assert _states(ledger_at).keys() <= {MessageState.RETRY, MessageState.PENDING}
    with ledger_at("2025-02-10T09:00") as ctx:
        facts = queue_facts(ctx)
    assert facts.waiting >= 7
    assert (facts.dead, [one.name for one in facts.down]) == (0, ["robot"])
    monkeypatch.setenv("DUBAN_CHANNELS", json.dumps({"robot": "json://127.0.0.1:9/"}))
    reread_settings()
    robot = Channel(lambda _: None)
    _run(robot, MONDAY + timedelta(days=3), 10, 5, Pace())
    assert _states(ledger_at) == {MessageState.SENT: 7}


def test_what_failed_for_the_policys_days_is_dead_listed_and_sent_again_when_asked(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(3)
    relay = Channel(lambda _: Fate.AWAY)
    _run(relay, MONDAY, 8 * 24 * 60, 30, Pace(at_once=4))
    assert _states(ledger_at) == {MessageState.DEAD: 3}
    with ledger_at("2025-02-19T09:00", "整改办") as ctx:
        assert resend(ctx, None) >= 3
    _run(relay, at("2025-02-19T09:00"), 10, 5, Pace())
    assert _states(ledger_at) == {MessageState.RETRY: 3}  # its days begin anew
    healthy = Channel(lambda _: None)
    _run(healthy, at("2025-02-19T09:20"), 10, 5, Pace())
    assert _states(ledger_at) == {MessageState.SENT: 3}


def test_what_was_refused_and_is_sent_again_may_fail_for_a_while_as_any_other(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(2)
    _run(Channel(lambda _: Fate.REFUSED), MONDAY, 10, 5, Pace())
    assert _states(ledger_at) == {MessageState.DEAD: 2}
    with ledger_at("2025-02-10T09:00", "整改办") as ctx:
        resend(ctx, None)
    _run(Channel(lambda _: Fate.AWAY), at("2025-02-10T09:00"), 10, 5, Pace())
    assert _states(ledger_at) == {MessageState.RETRY: 2}
    _run(Channel(lambda _: None), at("2025-02-10T10:00"), 60, 5, Pace())
    assert _states(ledger_at) == {MessageState.SENT: 2}


def test_the_detour_around_a_channel_that_is_down_takes_no_letter_that_somebody_holds(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(2)
    _run(Channel(lambda _: Fate.AWAY), MONDAY, 120, 5, Pace())
    with ledger_at("2025-02-10T11:00") as ctx:
        ctx.session.execute(text('UPDATE people SET channels = channels || \'[["robot", ""]]\'::jsonb'))
    with ledger_at("2025-02-10T16:00") as holder:
        # Whoever holds them has just leased them: whatever is written into the row now is about his try.
        held = select(QueuedMessage.id).where(QueuedMessage.key.like("word-%")).with_for_update()
        assert len(holder.session.execute(held).all()) == 2
        with ledger_at("2025-02-10T16:00") as sender:
            sender.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            lease(sender, 20)
    with ledger_at("2025-02-10T16:00") as sender:
        ways = {one.channel for one in lease(sender, 20) if one.key.startswith("word-")}
    assert ways == {"robot"}


def test_what_finds_another_way_by_night_disturbs_nobody_before_the_office_opens(
    waiting: Callable[..., None], ledger_at: Callable[..., Any], policy: Policy
) -> None:
    waiting(1, "phone")
    rules = policy.model_copy(update={"hours": policy.hours.model_copy(update={"exempt": frozenset({"phone"})})})
    with ledger_at("2025-02-10T03:00", rules=rules) as ctx:
        for _ in range(policy.delivery.down_after):
            failed(ctx, "phone", Fate.AWAY, "没有信号", None)
        message = ctx.session.execute(select(QueuedMessage).where(QueuedMessage.key.like("word-%"))).scalar_one()
        person = ctx.session.get_one(Person, message.person_id)
        person.channels = [*person.channels, ["mail", "p0@example.org"]]
        message.next_try_at = at("2025-02-10T03:00")
    with ledger_at("2025-02-10T07:00", rules=rules) as ctx:
        assert lease(ctx, 10) == []
        message = ctx.session.get_one(QueuedMessage, message.id, populate_existing=True)
        assert (message.channel_index, message.next_try_at) == (1, MONDAY)
        assert next_try(ctx) == MONDAY


def test_two_senders_never_lease_one_letter_and_share_the_pace(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(10)
    with ledger_at(MONDAY) as first:
        first.session.execute(text("SET LOCAL lock_timeout = '2s'"))
        mine = lease(first, 20, paces={"mail": Pace(at_once=4)})
        with ledger_at(MONDAY) as second:
            second.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            theirs = lease(second, 20, paces={"mail": Pace(at_once=4)})
        assert sum(one.channel == "mail" for one in mine) == 4
        assert not {one.id for one in mine} & {one.id for one in theirs}
        assert [one for one in theirs if one.channel == "mail"] == []


def test_a_letter_that_a_command_is_writing_into_is_neither_waited_for_nor_sent_without_it(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(3)
    with ledger_at(MONDAY) as command:
        (held,) = command.session.execute(
            select(QueuedMessage.id).where(QueuedMessage.key.like("word-%")).limit(1).with_for_update()
        ).scalars()
        with ledger_at(MONDAY) as sender:
            sender.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert held not in {one.id for one in lease(sender, 20)}
    with ledger_at(MONDAY) as sender:
        assert held in {one.id for one in lease(sender, 20)}


def test_a_letter_whose_lease_another_sender_took_over_is_not_sent_twice(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(1)
    slow, quick = Channel(lambda _: None), Channel(lambda _: None)
    now = MONDAY
    first = delivery("督办引擎", lambda: now)
    object.__setattr__(first, "send", slow)
    (mine,) = [one for one in first.lease() if one.key.startswith("word-")]
    _run(quick, MONDAY + timedelta(minutes=11), 1, 1, Pace())
    now = MONDAY + timedelta(minutes=12)
    assert first.deliver(mine) is DeliveryResult.LOST
    assert slow.taken == []
    assert [key.startswith("word-") for _, key in quick.taken].count(True) == 1


def test_a_batch_that_outlasts_its_lease_is_not_sent_twice_by_a_second_sender(
    waiting: Callable[..., None], ledger_at: ContextAt
) -> None:
    waiting(45)
    now, second = MONDAY, Channel(lambda _: None)
    first = Channel(lambda _: None)
    slow = delivery("督办引擎", lambda: now)
    object.__setattr__(slow, "send", first)
    object.__setattr__(slow, "paces", {"mail": Pace(at_once=45)})
    for one in slow.lease():
        # Every message takes a minute, the whole batch longer than a lease; another sender looks every minute.
        now += timedelta(minutes=1)
        slow.deliver(one)
        _run(second, now, 1, 1, Pace(at_once=45))
    _run(second, now, 30, 1, Pace(at_once=45))
    assert _states(ledger_at) == {MessageState.SENT: 45}
    keys = [key for _, key in (*first.taken, *second.taken) if key.startswith("word-")]
    assert (len(keys), len(set(keys))) == (45, 45)
