"""What became of the backups: when the last good one was made, and whether the last one that was tried came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from db.ledger.context import LedgerContext
from db.ledger.message_queue import notify_operators
from db.models import Backup


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """The newest backup, the newest that did not fail, and the newest that was rehearsed; None where there is none."""

    last: Backup | None
    good: Backup | None
    rehearsed: Backup | None


def backup_facts(ctx: LedgerContext) -> BackupFacts:
    """What is known of the backups.

    Args:
        ctx: the context.
    """
    newest = select(Backup).order_by(Backup.id.desc()).limit(1)
    made = (newest, newest.where(Backup.error.is_(None)), newest.where(Backup.rehearsed_at.is_not(None)))
    last, good, rehearsed = (ctx.session.execute(query).scalar_one_or_none() for query in made)
    return BackupFacts(last, good, rehearsed)


def note_backup(
    ctx: LedgerContext,
    at: datetime,
    file: str,
    size: int = 0,
    entries: int = 0,
    head: str = "",
    missing: int = 0,
    error: str | None = None,
) -> int:
    """Remember a backup that was made, or was not.

    Args:
        ctx: the context.
        at: the aware instant of the machine's clock.
        file: its name.
        size: of the file, in bytes.
        entries: length of the audit trail in it.
        head: the hash of its last entry.
        missing: how many contents the store did not give.
        error: why there is none; None for one that is there.

    Returns:
        Its id.
    """
    made = Backup(at=at, file=file, size=size, entries=entries, head=head, missing=missing, error=error)
    ctx.session.add(made)
    ctx.session.flush()
    return made.id


def note_rehearsal(ctx: LedgerContext, backup_id: int, at: datetime, error: str | None) -> None:
    """Remember whether a backup could be restored.

    Args:
        ctx: the context.
        backup_id: its id.
        at: the aware instant of the machine's clock.
        error: why not; None for one that came back whole.
    """
    made = ctx.session.get_one(Backup, backup_id)
    made.rehearsed_at, made.rehearsal_error = at, error


def tell_backup(ctx: LedgerContext, note: str) -> None:
    """Tell the operators that there is no good backup; of the same one that was the last, once.

    Args:
        ctx: the context.
        note: what is wrong, in words.
    """
    facts = backup_facts(ctx)
    failed = facts.rehearsed is not None and facts.rehearsed.rehearsal_error is not None
    since = f"{facts.good.id if facts.good else 0}{'r' if failed else ''}"
    notify_operators(ctx, f"backup:{since}", note)
