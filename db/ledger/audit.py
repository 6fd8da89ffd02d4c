"""The audit trail: every command leaves an entry that carries the hash of the one before it.

A changed, removed or re-ordered entry breaks the chain; ``verify`` names the first one that does not fit. That the
newest entries were cut off shows only against a count and head noted elsewhere.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, SessionTransaction

from db.ledger.bulk import insert_rows
from db.ledger.context import LedgerContext
from db.models import AuditEntry
from text.clean import line

GENESIS = "0" * 64
# A lock on no row: the entry that comes next does not exist yet. It ends with the transaction, also after a crash.
_TAKE_CHAIN = text(f"SELECT pg_advisory_xact_lock({0x0D0BA4})")
_NEWEST = "newest audit entry"
_COLUMNS = ("id", "at", "actor", "command", "subject", "facts", "previous", "hash")
# Numbers are given here and not by a sequence: a sequence leaves gaps, which the chain could not tell from removals.
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


def append(ctx: LedgerContext, command: str, subject: str, **facts: Any) -> None:
    """Add an entry in the context's transaction; writers queue here, so the chain has one order.

    Args:
        ctx: the context; the entry takes its ``now`` and its actor.
        command: name of the command, at most 32 characters.
        subject: what was changed, in words a reader of the trail knows.
        facts: what he needs to understand the change, as JSON values without floats.
    """
    last = queue(ctx)
    entry = AuditEntry(
        id=last.number + 1,
        at=ctx.now,
        actor=line(ctx.actor),
        command=command,
        subject=subject,
        facts=facts,
        previous=last.hash,
    )
    entry.hash = entry_hash(entry)
    ctx.session.info[_NEWEST] = Newest(last.transaction, entry.id, entry.hash)
    # A plain row, so that a batch writes the entries of all its commands by one statement.
    row = {name: getattr(entry, name) for name in _COLUMNS}
    if ctx.batch:
        ctx.batch.audit_rows.append(row)
    else:
        insert_rows(ctx.connection, AuditEntry, [row], "")


def queue(ctx: LedgerContext) -> Newest:
    """Wait until this transaction is the next to append; the newest entry is read then and known until it ends.

    Whoever also locks letters queues first: no two can then wait for each other.

    Args:
        ctx: the context whose transaction waits.

    Returns:
        The end of the chain.
    """
    known: Newest | None = ctx.session.info.get(_NEWEST)
    # The savepoint or transaction that is open: one that was rolled back took its entries along, and what it knew of
    # the chain counts no longer.
    transaction = ctx.session.get_nested_transaction() or ctx.session.get_transaction()
    if known is None or known.transaction is not transaction:
        ctx.session.execute(_TAKE_CHAIN)
        number, own = ctx.session.execute(_LAST).one_or_none() or (0, GENESIS)
        known = ctx.session.info[_NEWEST] = Newest(transaction, number, own)
    return known


def entry_hash(entry: AuditEntry) -> str:
    """The SHA-256 of an entry and of the hash before it.

    Args:
        entry: all its columns but ``hash`` are set; its instant counts in UTC, whatever zone it is given in.
    """
    at = entry.at.astimezone(UTC).isoformat()
    content = [entry.id, at, entry.actor, entry.command, entry.subject, entry.facts, entry.previous]
    # Sorted, because JSONB gives the facts back in an order of its own.
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify(session: Session) -> Verdict:
    """Walk the chain from its first entry; memory use does not grow with its length.

    Args:
        session: an open transaction on the ledger.

    Returns:
        How many entries fit, and the number of the first that does not (None: all fit).
    """
    previous, count = GENESIS, 0
    entries = session.execute(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)).scalars()
    for entry in entries:
        count += 1
        if entry.id != count or entry.previous != previous or entry.hash != entry_hash(entry):
            return Verdict(count - 1, entry.id, previous)
        previous = entry.hash
        session.expunge(entry)
    return Verdict(count, None, previous)
