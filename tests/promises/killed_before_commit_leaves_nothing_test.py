"""A process killed after it claimed rungs and before it committed has recorded nothing; the next pass records all."""

from sqlalchemy import func, select

from db.models import Alert, Escalation, QueuedMessage
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, KilledAt, PatrolAt

SCRIPT = """
import os, signal
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from db import ledger
from tasks.context import ledger_context

@event.listens_for(Session, "before_commit")
def die(session):
    if written := session.scalar(text("SELECT count(*) FROM alerts")):
        print(written, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

ledger.patrol(lambda: ledger_context("督办引擎"))
"""


def _written(ledger_at: ContextAt) -> list[int]:
    with ledger_at("2025-03-20T09:00") as ctx:
        counts = (select(func.count()).select_from(table) for table in (Alert, QueuedMessage, Escalation))
        return [ctx.session.scalar(count) or 0 for count in counts]


def test_a_kill_between_claim_and_commit_loses_and_repeats_nothing(
    activated: Activate, killed_at: KilledAt, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    assert killed_at("2025-03-20T09:00", SCRIPT) == "9"
    assert _written(ledger_at) == [0, 0, 0]
    assert patrol_at("2025-03-20T09:05").rungs == 7
    assert _written(ledger_at) == [9, 5, 2]
