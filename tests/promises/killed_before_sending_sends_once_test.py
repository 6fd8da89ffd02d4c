"""A process killed after its commit and before sending leaves letters; the next pass sends them once."""

from pathlib import Path

from tests.promises.conftest import Activate, DeliverAt, KilledAt

SCRIPT = """
import os, signal
from db import ledger
from tasks.context import ledger_context
ledger.patrol(lambda: ledger_context("督办引擎"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_between_commit_and_sending_delays_the_letter_only(
    activated: Activate, killed_at: KilledAt, deliver_at: DeliverAt, installed: Path
) -> None:
    activated("2025-02-03T08:00")
    killed_at("2025-02-05T08:35", SCRIPT)
    assert sorted(deliver_at("2025-02-05T08:40")) == ["handler outbox sent", "office outbox sent"]
    assert deliver_at("2025-02-05T08:45") == []
    mails = [mail.read_text(encoding="utf-8") for mail in (installed / "outbox").rglob("*.md")]
    assert len(mails) == 2
    assert not [mail for mail in mails if "重发" in mail]
