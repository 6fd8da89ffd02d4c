"""The audit trail: every command leaves an entry that carries the hash of the one before it.

A changed, removed or re-ordered entry breaks the chain; ``verify`` names the first one that does not fit. That the
newest entries were cut off shows only against a count and head noted elsewhere.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, SessionTransaction

from db.ledger.bulk import insert_rows
from db.ledger.desk import Desk, printable
from db.models import AuditEntry

GENESIS = "0" * 64
_TAKE_CHAIN = text(f"SELECT pg_advisory_xact_lock({0x0D0BA4})")
_NEWEST = "newest audit entry"
_COLUMNS = ("id", "at", "actor", "command", "subject", "facts", "previous", "hash")
_LAST = text("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")


@dataclass(frozen=True, slots=True)
class Newest:
    """The end of the chain, as the transaction that holds it knows it."""

    transaction: SessionTransaction | None
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: how many entries fit, and the first that does not."""

    entries: int
    broken_at: int | None
    head: str


def append(desk: Desk, command: str, subject: str, **facts: Any) -> None:
    """Add an entry in the desk's transaction; writers queue here, so the chain has one order.

    ``facts`` holds what a reader needs to understand the change, as JSON values without floats.
    """
    last = queue(desk)
    entry = AuditEntry(
        id=last.number + 1,
        at=desk.now,
        actor=printable(desk.actor),
        command=command,
        subject=subject,
        facts=facts,
        previous=last.hash,
    )
    entry.hash = digest(entry)
    _remember(desk, entry.id, entry.hash)
    row = {name: getattr(entry, name) for name in _COLUMNS}
    if desk.held:
        desk.held.entries.append(row)
    else:
        write(desk, [row])


def write(desk: Desk, rows: Sequence[dict[str, Any]]) -> None:
    """Write entries that ``append`` made, in their order."""
    if rows:
        insert_rows(desk.connection, AuditEntry, rows, "")


def _transaction(desk: Desk) -> SessionTransaction | None:
    """The savepoint or transaction that is open: when it is rolled back, what it appended is gone."""
    return desk.session.get_nested_transaction() or desk.session.get_transaction()


def queue(desk: Desk) -> Newest:
    """Wait until this transaction is the next to append; the newest entry is read then and known until it ends.

    Whoever also locks letters queues first: no two can then wait for each other.
    """
    known: Newest | None = desk.session.info.get(_NEWEST)
    if known is None or known.transaction is not _transaction(desk):
        desk.session.execute(_TAKE_CHAIN)
        last = desk.session.execute(_LAST).one_or_none()
        known = _remember(desk, *last) if last else _remember(desk, 0, GENESIS)
    return known


def _remember(desk: Desk, number: int, own: str) -> Newest:
    desk.session.info[_NEWEST] = newest = Newest(_transaction(desk), number, own)
    return newest


def digest(entry: AuditEntry) -> str:
    """The SHA-256 of an entry and of the hash before it."""
    at = entry.at.astimezone(UTC).isoformat()
    content = [entry.id, at, entry.actor, entry.command, entry.subject, entry.facts, entry.previous]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify(session: Session) -> Verdict:
    """Walk the chain from its first entry; memory use does not grow with its length."""
    previous, count = GENESIS, 0
    entries = session.execute(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)).scalars()
    for entry in entries:
        count += 1
        if entry.id != count or entry.previous != previous or entry.hash != digest(entry):
            return Verdict(count - 1, entry.id, previous)
        previous = entry.hash
        session.expunge(entry)
    return Verdict(count, None, previous)
