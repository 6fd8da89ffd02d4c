"""Whoever changes, removes, inserts or re-orders an audit entry behind the ledger's back is found."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from db import ledger
from db.ledger import Report
from db.ledger.audit import entry_hash, trail_end
from db.ledger.replay import Anchor, verify
from db.models import AuditEntry
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, PatrolAt


def _behind_its_back(owners: Engine, statements: str) -> None:
    """What the owner of the database can do: of its account, and with triggers that do not fire."""
    with owners.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements.split("; "):
            connection.execute(text(statement))


@pytest.fixture
def trail(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> int:
    """Activate, open, people, climb, submit, accept, open again, and what else they changed; how many entries."""
    activated("2025-02-03T09:00")
    patrol_at("2025-02-25T09:00")
    with ledger_at("2025-02-26T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完成", percent=60))
    with ledger_at("2025-02-27T10:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=True)
    patrol_at("2025-03-01T09:00")
    with ledger_at("2025-03-01T10:00") as ctx:
        found = verify(ctx.session)
        assert found.whole
        return found.entries


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE audit SET actor = '他人' WHERE id = 4", 4),
        ("UPDATE audit SET facts = facts || '{\"percent\": 100}' WHERE id = 5", 5),
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
            "SELECT id + 1, at, '他人', command, subject, facts, hash, repeat('a', 64) "
            "FROM audit ORDER BY id DESC LIMIT 1",
            0,
        ),
    ],
)
def test_tampering_is_named(
    trail: int, ledger_at: ContextAt, owners_engine: Engine, tampering: str, named: int
) -> None:
    _behind_its_back(owners_engine, tampering)
    with ledger_at("2025-03-01T11:00") as ctx:
        assert verify(ctx.session).broken_at == (named or trail + 1)


@pytest.mark.parametrize(("left_out", "named"), [(None, 5), (4, 5)], ids=["one entry", "all behind one left out"])
def test_what_is_rewritten_with_its_hashes_breaks_the_chain_all_the_same(
    trail: int, ledger_at: ContextAt, owners_engine: Engine, left_out: int | None, named: int
) -> None:
    """By somebody who knows how an entry is digested."""
    with ledger_at("2025-03-01T10:30") as ctx:
        entries = list(ctx.session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars())
        ctx.session.expunge_all()
    forged = [entry for entry in entries if (entry.id > left_out if left_out else entry.id == 4)]
    previous = entries[2].hash
    for entry in forged:
        entry.actor, entry.previous = "他人", previous
        previous = entry.hash = entry_hash(entry)
    with owners_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM audit WHERE id = :id"), {"id": left_out})
        for entry in forged:
            row = {"id": entry.id, "previous": entry.previous, "hash": entry.hash}
            connection.execute(
                text("UPDATE audit SET actor = '他人', previous = :previous, hash = :hash WHERE id = :id"), row
            )
    with ledger_at("2025-03-01T11:00") as ctx:
        assert verify(ctx.session).broken_at == named


def test_a_cut_off_end_shows_against_a_noted_head(trail: int, ledger_at: ContextAt, owners_engine: Engine) -> None:
    with ledger_at("2025-03-01T10:00") as ctx:
        noted = verify(ctx.session)
    _behind_its_back(owners_engine, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    with ledger_at("2025-03-01T11:00") as ctx:
        found = verify(ctx.session)
        assert (found.entries, found.head == noted.head) == (trail - 1, False)


@pytest.mark.parametrize("cut", ["DELETE FROM audit WHERE id > 6", "DELETE FROM audit"])
def test_a_cut_off_end_shows_in_the_rows_and_against_an_anchor(
    trail: int, ledger_at: ContextAt, owners_engine: Engine, cut: str
) -> None:
    with ledger_at("2025-03-01T10:00") as ctx:
        anchor = Anchor(*trail_end(ctx.session), "存证")
    _behind_its_back(owners_engine, cut)
    with ledger_at("2025-03-01T11:00") as ctx:
        verdict = verify(ctx.session, [anchor])
    assert (verdict.broken_at, verdict.cut, verdict.whole) == (None, (anchor,), False)
    assert verdict.differences


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = '他人'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_owner_too_has_to_disarm_the_trail_before_he_can_change_it(
    trail: int, owners_engine: Engine, change: str
) -> None:
    with pytest.raises(DBAPIError, match="only grows"), owners_engine.begin() as connection:
        connection.execute(text(change))
