"""A process killed after it claimed rungs and before it committed has recorded nothing; the next pass records all."""

from sqlalchemy import func, select

from db.models import Alert, Escalation, Message
from tests.conftest import DeskAt
from tests.promises.conftest import Activate, KilledAt, PatrolAt

SCRIPT = """
import os, signal
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from db import ledger
from tasks.desk import desk

@event.listens_for(Session, "before_commit")
def die(session):
    if written := session.scalar(text("SELECT count(*) FROM alerts")):
        print(written, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

ledger.patrol(lambda: desk("督办引擎"))
"""


def _written(desk_at: DeskAt) -> list[int]:
    with desk_at("2025-03-20T09:00") as desk:
        counts = (select(func.count()).select_from(table) for table in (Alert, Message, Escalation))
        return [desk.session.scalar(count) or 0 for count in counts]


def test_a_kill_between_claim_and_commit_loses_and_repeats_nothing(
    activated: Activate, killed_at: KilledAt, patrol_at: PatrolAt, desk_at: DeskAt
) -> None:
    activated("2025-02-03T09:00")
    assert killed_at("2025-03-20T09:00", SCRIPT) == "9"
    assert _written(desk_at) == [0, 0, 0]
    assert patrol_at("2025-03-20T09:05").rungs == 7
    assert _written(desk_at) == [9, 5, 2]
