"""A process killed after its patrol committed and before anything was sent leaves letters that the next pass sends once."""

SCRIPT = """
import os, signal
from db import ledger
from tasks.desk import desk
ledger.patrol(lambda: desk("督办引擎"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_between_commit_and_sending_delays_the_letter_only(activated, killed_at, deliver_at, installed) -> None:
    activated("2025-02-03T08:00")
    killed_at("2025-02-05T08:35", SCRIPT)
    assert deliver_at("2025-02-05T08:40") == ["handler outbox sent"]
    assert deliver_at("2025-02-05T08:45") == []
    (mail,) = (installed / "outbox").rglob("*.md")
    assert "重发" not in mail.read_text(encoding="utf-8")
