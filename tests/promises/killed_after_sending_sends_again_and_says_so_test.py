"""A sender killed after sending and before marking: once the lease is over the letter goes again, same key, as 重发."""

from pathlib import Path

from sqlalchemy import select

from db.models import QueuedMessage
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, DeliverAt, KilledAt, PatrolAt

SCRIPT = """
import os, signal
from letters import delivery as loop
from tasks.channels import delivery
office = delivery("督办引擎")
(message,) = office.lease()
loop.record_results = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
office.deliver(message)
"""


def test_a_kill_between_sending_and_marking_repeats_the_letter_visibly(
    activated: Activate,
    patrol_at: PatrolAt,
    killed_at: KilledAt,
    deliver_at: DeliverAt,
    installed: Path,
    ledger_at: ContextAt,
) -> None:
    activated("2025-02-03T08:00")
    patrol_at("2025-02-05T08:35")
    killed_at("2025-02-05T08:40", SCRIPT)
    (first,) = (installed / "outbox").rglob("*.eml")
    assert "重发" not in first.with_suffix(".md").read_text(encoding="utf-8")
    assert deliver_at("2025-02-05T08:49") == []  # the lease still holds
    assert deliver_at("2025-02-05T08:51") == ["handler outbox sent"]
    assert list((installed / "outbox").rglob("*.eml")) == [first]
    assert "【重发】" in first.with_suffix(".md").read_text(encoding="utf-8")
    with ledger_at("2025-02-05T09:00") as ctx:
        message = ctx.session.execute(select(QueuedMessage)).scalar_one()
        assert message.state == "sent"
        assert [(one["channel"], one["result"]) for one in message.history] == [
            ("outbox", "lease ran out"),
            ("outbox", "sent"),
        ]
