"""The audit trail: every command leaves an entry that carries the hash of the one before it.

An entry says what was done and what became of the rows: ``db/ledger/replay.py`` compares the trail with the ledger. A
changed, removed or re-ordered entry breaks the chain. That its end was cut off shows against the rows, and against a
length and head noted elsewhere (``tasks/anchors.py``).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session, SessionTransaction

from db.ledger.bulk import insert_rows
from db.ledger.context import LAST_ACT, SYSTEM_ACTOR, LedgerContext
from db.ledger.row_images import ImageGroup, take_noted
from db.models import AuditEntry
from plan.types import PROVED
from text.clean import line

GENESIS = "0" * 64
# A lock on no row: the entry that comes next does not exist yet. It ends with the transaction, also after a crash.
_TAKE_CHAIN = text(f"SELECT pg_advisory_xact_lock({0x0D0BA4})")
CLIMB = "climb"
"""The command of a patrol's entry, which states thousands of rows in a form of its own (``db/ledger/fire.py``)."""
ROWS, TOLD = "rows", "told"
"""The commands of entries that state what changed after a command's own entry: rows, or alerts alone."""
SNAPSHOT = "snapshot"
"""The command of an entry that states what earlier releases' entries did not."""
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


def append(ctx: LedgerContext, command: str, subject: str, **facts: Any) -> None:
    """Add an entry in the context's transaction; writers queue here, so the chain has one order.

    Args:
        ctx: the context; the entry takes its ``now`` and its actor.
        command: name of the command, at most 32 characters.
        subject: what was changed, in words a reader of the trail knows.
        facts: what he needs to understand the change, as JSON values without floats.
    """
    session = ctx.session
    if ctx.door is not None:
        facts = {**facts, "door": ctx.door, "proved": ctx.door in PROVED}
    if ctx.system is not None:
        facts = {**facts, "system": ctx.system.name}
    if ctx.batch:
        # What its commands wrote is flushed when all are done, and stated by the entry that then follows theirs.
        ctx.batch.audit_rows.append(_entry(session, ctx.now, line(ctx.actor), command, subject, facts))
        return
    session.flush()
    if groups := take_noted(session):
        facts = {**facts, "rows": groups}
    write(session, [_entry(session, ctx.now, line(ctx.actor), command, subject, facts)])


def _entry(
    session: Session, at: datetime, actor: str, command: str, subject: str, facts: dict[str, Any]
) -> dict[str, Any]:
    """The next entry as a plain row, so that a batch writes the entries of all its commands by one statement."""
    last = queue(session)
    entry = AuditEntry(
        id=last.number + 1, at=at, actor=actor, command=command, subject=subject, facts=facts, previous=last.hash
    )
    entry.hash = entry_hash(entry)
    session.info[_NEWEST] = Newest(last.transaction, entry.id, entry.hash)
    return {name: getattr(entry, name) for name in _COLUMNS}


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write entries that ``append`` made, in their order.

    Args:
        session: the transaction in which ``append`` queued.
        rows: columns of ``AuditEntry``; none is allowed.
    """
    if rows:
        session.flush()
        insert_rows(session.connection(), AuditEntry, rows, "")


def _state_the_rest(session: Session) -> None:
    """Before a transaction ends: rows that changed after its last entry, or without one, get an entry of their own."""
    # Prefect's sessions, too, are such; and the end of a savepoint is no end.
    if LAST_ACT not in session.info or session.in_nested_transaction():
        return
    session.flush()
    if groups := take_noted(session):
        at, actor = session.info[LAST_ACT]
        only_told = all(table == "alerts" for table, *_ in groups)
        facts = {"rows": groups, "periods": sorted({period for group in groups for period in _periods_of_group(group)})}
        write(session, [_entry(session, at, line(actor), TOLD if only_told else ROWS, _counted(groups), facts)])


def _periods_of_group(group: ImageGroup) -> Iterator[int]:
    table, names, values, *_ = group
    name = "id" if table == "periods" else "period_id"
    if name in names:
        place = names.index(name)
        yield from (row[place] for row in values if row[place] is not None)


def _counted(groups: Sequence[ImageGroup]) -> str:
    counts: Counter[str] = Counter()
    for table, _, values, *_ in groups:
        counts[table] += len(values)
    return ", ".join(f"{count} {table}" for table, count in counts.items())


event.listen(Session, "before_commit", _state_the_rest)


def snapshot(session: Session, groups: Sequence[ImageGroup]) -> None:
    """State rows of a ledger whose earlier entries do not; it takes nothing back of what they state.

    Args:
        session: the transaction in which a ledger of an earlier release is brought up to date.
        groups: what is not stated yet; nothing is written for none.
    """
    if groups:
        # No clock is read here: it follows the newest entry.
        at = session.execute(select(func.max(AuditEntry.at))).scalar_one()
        write(session, [_entry(session, at, SYSTEM_ACTOR, SNAPSHOT, _counted(groups), {"rows": list(groups)})])


def trail_end(session: Session) -> tuple[int, str]:
    """How long the trail is and the hash of its last entry, without waiting for who appends just now.

    Args:
        session: an open transaction on the ledger.
    """
    number, own = session.execute(_LAST).one_or_none() or (0, GENESIS)
    return number, own


def queue(session: Session) -> Newest:
    """Wait until this transaction is the next to append; the newest entry is read then and known until it ends.

    Whoever also locks letters queues first: no two can then wait for each other.

    Args:
        session: the transaction that waits.

    Returns:
        The end of the chain.
    """
    known: Newest | None = session.info.get(_NEWEST)
    # The savepoint or transaction that is open: one that was rolled back took its entries along, and what it knew of
    # the chain counts no longer.
    transaction = session.get_nested_transaction() or session.get_transaction()
    if known is None or known.transaction is not transaction:
        session.execute(_TAKE_CHAIN)
        number, own = session.execute(_LAST).one_or_none() or (0, GENESIS)
        known = session.info[_NEWEST] = Newest(transaction, number, own)
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
