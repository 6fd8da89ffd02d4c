"""Three failures, or one that will not mend, and the next channel takes over; only what every channel refused is dead.

The operators are told once, and nobody else's letter waits.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.models import QueuedMessage
from plan.model import Plan
from tests.conftest import ContextAt, at
from tests.messages import items_of
from tests.plans import ROLES, measure, plan_of
from tests.promises.conftest import Activate, DeliverAt, PatrolAt

Due = Callable[[dict[str, str]], None]


def _plan(channels: dict[str, str]) -> Plan:
    roles: dict[str, object] = {name: {"name": name} for name in ROLES}
    two = {"name": "水科", "handler": ["handler", "leader"]}
    roles["handler"] = {"name": "handler", "channels": channels}
    return plan_of(measure(), roles=roles, units={"water": two})


def _told(ledger_at: ContextAt) -> list[str | None]:
    with ledger_at("2025-02-05T12:00") as ctx:
        found = ctx.session.execute(select(QueuedMessage).order_by(QueuedMessage.id)).scalars()
        return [entry.note for one in found for entry in items_of(ctx, one.id) if entry.kind == "operator"]


@pytest.fixture
def due(activated: Activate, patrol_at: PatrolAt) -> Due:
    def run(channels: dict[str, str]) -> None:
        activated("2025-02-03T08:00", _plan(channels))
        patrol_at("2025-02-05T08:30")

    return run


def test_three_failures_lead_to_the_next_channel(due: Due, deliver_at: DeliverAt, ledger_at: ContextAt) -> None:
    due({"broken": "a", "outbox": ""})
    assert sorted(deliver_at("2025-02-05T08:30")) == ["handler broken retry", "leader outbox sent"]
    assert deliver_at("2025-02-05T08:30:59") == []
    assert deliver_at("2025-02-05T08:31:12") == ["handler broken retry"]
    assert deliver_at("2025-02-05T08:37:12") == [
        "handler broken fallback",
        "office outbox sent",
        "handler outbox sent",
    ]
    (told,) = _told(ledger_at)
    assert told is not None
    assert told.startswith("通道 broken 自2025年2月5日08:30起中断，其消息等候恢复后补发：connection")
    with ledger_at("2025-02-05T12:00") as ctx:
        history = ctx.session.execute(
            select(QueuedMessage.history).where(QueuedMessage.key.like("digest-%-p1"))
        ).scalar_one()
        assert [one["channel"] for one in history] == ["broken", "broken", "broken", "outbox"]


def test_a_channel_that_is_not_set_up_gives_way_at_once(due: Due, deliver_at: DeliverAt, ledger_at: ContextAt) -> None:
    due({"unheard-of": "a", "outbox": ""})
    results = deliver_at("2025-02-05T08:30")
    assert sorted(results) == sorted(
        ["handler unheard-of fallback", "leader outbox sent", "office outbox sent", "handler outbox sent"]
    )
    (told,) = _told(ledger_at)
    assert told is not None
    assert "channel_unknown: 通道 unheard-of 没有配置" in told


def test_without_another_channel_the_letter_is_dead_and_still_in_the_ledger(
    due: Due, deliver_at: DeliverAt, ledger_at: ContextAt
) -> None:
    due({"mail": "nobody"})
    results = sorted(deliver_at("2025-02-05T08:30"))
    assert results == ["handler mail dead", "leader outbox sent", "office outbox sent"]
    assert _told(ledger_at) == ["致handler的消息经 mail 等通道均未送达"]
    with ledger_at("2025-02-05T12:00") as ctx:
        (dead,) = ctx.session.execute(select(QueuedMessage).where(QueuedMessage.state == "dead")).scalars()
        assert [entry.kind for entry in items_of(ctx, dead.id)] == ["notice"]


def test_a_retry_waits_for_the_office_to_open(due: Due, deliver_at: DeliverAt, ledger_at: ContextAt) -> None:
    due({"broken": "a", "outbox": ""})
    assert sorted(deliver_at("2025-02-05T17:29:20")) == ["handler broken retry", "leader outbox sent"]
    with ledger_at("2025-02-05T17:30") as ctx:
        waiting = ctx.session.execute(
            select(QueuedMessage.next_try_at).where(QueuedMessage.next_try_at.is_not(None))
        ).scalar_one()
        assert waiting == at("2025-02-06T08:30")
    assert deliver_at("2025-02-05T20:00") == []
    assert deliver_at("2025-02-06T08:30") == ["handler broken retry"]


def test_a_letter_that_missed_its_day_waits_for_a_working_day(due: Due, deliver_at: DeliverAt) -> None:
    due({"broken": "a"})
    assert sorted(deliver_at("2025-02-15T10:00")) == ["leader outbox sent"]  # a Saturday; the folder disturbs nobody
    assert deliver_at("2025-02-17T08:30") == ["handler broken retry"]
