"""Whoever changes, removes, inserts or re-orders an audit entry behind the ledger's back is found."""

import pytest
from sqlalchemy import text

from db import ledger
from db.ledger import Report, audit
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, PatrolAt

STEPS = 6


@pytest.fixture
def trail(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    """Six entries: activate, open, climb, submit, accept, open again."""
    activated("2025-02-03T09:00")
    patrol_at("2025-02-25T09:00")
    with ledger_at("2025-02-26T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完成", percent=60))
    with ledger_at("2025-02-27T10:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=True)
    patrol_at("2025-03-01T09:00")
    with ledger_at("2025-03-01T10:00") as ctx:
        assert (audit.verify(ctx.session).entries, audit.verify(ctx.session).broken_at) == (STEPS, None)


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE audit SET actor = '他人' WHERE id = 4", 4),
        ("UPDATE audit SET facts = facts || '{\"percent\": 100}' WHERE id = 4", 4),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 5", 5),
        ("UPDATE audit SET subject = subject || ' ' WHERE id = 1", 1),
        ("UPDATE audit SET hash = repeat('0', 64) WHERE id = 6", 6),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 3; UPDATE audit SET id = id - 1 WHERE id > 3", 3),
        (
            "UPDATE audit SET id = 99 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 4; "
            "UPDATE audit SET id = 4 WHERE id = 99",
            3,
        ),
        (
            "INSERT INTO audit (id, at, actor, command, subject, facts, previous, hash) "
            "SELECT 7, at, '他人', command, subject, facts, hash, repeat('a', 64) FROM audit WHERE id = 6",
            7,
        ),
    ],
)
def test_tampering_is_named(trail: None, ledger_at: ContextAt, tampering: str, named: int) -> None:
    with ledger_at("2025-03-01T10:00") as ctx:
        for statement in tampering.split("; "):
            ctx.session.execute(text(statement))
    with ledger_at("2025-03-01T11:00") as ctx:
        assert audit.verify(ctx.session).broken_at == named


def test_a_cut_off_end_shows_against_a_noted_head(trail: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-01T10:00") as ctx:
        noted = audit.verify(ctx.session)
        ctx.session.execute(text("DELETE FROM audit WHERE id = 6"))
    with ledger_at("2025-03-01T11:00") as ctx:
        found = audit.verify(ctx.session)
        assert (found.entries, found.head == noted.head) == (STEPS - 1, False)
