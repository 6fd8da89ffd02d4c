"""Copies of the whole office, made on a schedule, thinned by rule, and restored on trial into scratch tables.

What became of each stands in the ledger, and who asks whether the engine is well is told of it. Instants are those of
the machine's clock, as those of Prefect's runs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.settings import settings
from db.ledger.backups import backup_facts, note_backup, note_rehearsal, tell_backup
from db.ledger.context import SYSTEM_ACTOR
from db.ledger.evidence import give_up_contents, kept_contents
from db.models import Backup
from db.scratch import refilled_scratch
from papers.export_file import Manifest, opened_export
from rules.retention import kept_backups
from tasks.context import Examined, ledger_context, policy
from tasks.export import export_office
from tasks.kept_evidence import evidence_store
from text.catalogue import phrase
from text.clean import line
from text.files import private_folder
from text.limits import LONGEST_LINE
from text.refusals import Refusal

_NAME = "duban-%Y%m%d-%H%M%S.zip"
_OURS = re.compile(r"duban-\d{8}-\d{6}\.zip")


@dataclass(frozen=True, slots=True)
class BackupDone:
    """A copy that was made: when and where, what it says of itself, which older ones went, and how many contents.

    ``rehearsed``: whether it was restored on trial; ``error``: why that failed.
    """

    at: datetime
    path: Path
    manifest: Manifest
    dropped: tuple[str, ...]
    discarded: int
    rehearsed: bool
    error: str | None


def back_up(rehearse: bool = False) -> BackupDone:
    """Copy everything into the folder of the backups, drop those that the policy keeps no longer, and restore the new
    one on trial when its turn has come.

    Args:
        rehearse: whether it is restored on trial in any case.

    Raises:
        Refusal: why there is no copy; that is noted, and the operators are told.
    """
    at = datetime.now(UTC)
    folder, local = settings().backup_folder, at.astimezone(settings().zone)
    path = folder / local.strftime(_NAME)
    with _noted_when_it_fails(at, path.name):
        private_folder(folder)
        manifest = export_office(path, at)
    with ledger_context(SYSTEM_ACTOR) as ctx:
        size, trail = path.stat().st_size, manifest.trail
        number = note_backup(ctx, at, path.name, size, trail.length, trail.head, len(manifest.missing))
        last = backup_facts(ctx).rehearsed
    every = timedelta(days=policy().backup.rehearse_days)
    due = rehearse or last is None or last.rehearsal_error is not None or at - last.at >= every
    error = _rehearsed(path, number) if due else None
    # The older ones go last: as long as the new one is not known to be good they may be needed.
    dropped = tuple(_thinned(folder)) if error is None else ()
    # Once a copy has them.
    discarded = discard_contents() if error is None and not manifest.missing else 0
    return BackupDone(at, path, manifest, dropped, discarded, due, error)


@contextmanager
def _noted_when_it_fails(at: datetime, name: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        with ledger_context(SYSTEM_ACTOR) as ctx:
            note_backup(ctx, at, name, error=str(refusal))
            tell_backup(ctx, phrase("backup.failed", why=str(refusal)))
        raise


def _rehearsed(path: Path, number: int) -> str | None:
    """Restore a copy into scratch tables, compare it with its own trail, and note what came of it."""
    error = None
    try:
        with opened_export(path) as export, refilled_scratch(export.tables()) as verdict:
            if not verdict.whole:
                error = phrase("backup.differs", n=len(verdict.differences))
    except Refusal as refusal:
        error = str(refusal)
    with ledger_context(SYSTEM_ACTOR) as ctx:
        note_rehearsal(ctx, number, datetime.now(UTC), error)
        if error:
            tell_backup(ctx, phrase("backup.not_restored", file=path.name, why=error))
    return error


def _thinned(folder: Path) -> Iterator[str]:
    """Drop the copies that the policy keeps no longer; whatever else lies there is not ours."""
    zone, rule = settings().zone, policy().backup
    found = {
        datetime.strptime(path.name, _NAME).replace(tzinfo=zone): path
        for path in folder.iterdir()
        if _OURS.fullmatch(path.name) and path.is_file()
    }
    for at in sorted(found.keys() - kept_backups(found, rule.daily, rule.weekly, rule.monthly)):
        found[at].unlink()
        yield found[at].name


def discard_contents() -> int:
    """Give up what was taken back long ago, by the policy's rule, and throw old contents away that nothing names.

    Returns:
        How many contents.

    Raises:
        Refusal: ``evidence_store_away``.
    """
    days = policy().evidence.discard_days
    if days is None:
        return 0
    store = evidence_store()
    with ledger_context(SYSTEM_ACTOR) as ctx:
        give_up_contents(ctx, days)
    old = store.older_than(datetime.now(UTC) - timedelta(days=days))
    with ledger_context(SYSTEM_ACTOR) as ctx:
        named = {digest for digest, _ in kept_contents(ctx.session)}
    for digest in set(old) - named:
        store.discard(digest)
    return len(set(old) - named)


def examine_backup(made: datetime | None, now: datetime | None = None, woken: bool = False) -> Examined:
    """Whether there is a copy that is young enough, and one that came back when it was restored on trial.

    Args:
        made: since when copies are made here; None where no engine makes any.
        now: an aware instant of the machine's clock; None for the present one.
        woken: whether the engine was down until just now: then the copy that is late is on its way.
    """
    rule = policy().backup
    with ledger_context(SYSTEM_ACTOR) as ctx:
        facts = backup_facts(ctx)
        found = _examined(facts.last, facts.good, facts.rehearsed, made, now or datetime.now(UTC), woken)
        if rule.at is None and facts.last is None:
            return Examined(phrase("watch.backup"), True, phrase("backup.none"))
        if not found.ok:
            tell_backup(ctx, found.said)
        return found


def _examined(
    last: Backup | None,
    good: Backup | None,
    rehearsed: Backup | None,
    made: datetime | None,
    now: datetime,
    woken: bool,
) -> Examined:
    check, late = phrase("watch.backup"), timedelta(hours=policy().backup.late_hours)

    def said(at: datetime) -> str:
        return f"{at.astimezone(settings().zone):%m-%d %H:%M}"

    if last is not None and last.error is not None:
        return Examined(check, False, line(phrase("backup.failed", why=last.error), LONGEST_LINE))
    if good is None:
        young = made is not None and now - made <= late
        return Examined(check, young or made is None, phrase("backup.not_yet"), warned=True)
    if now - good.at > late and policy().backup.at is not None:
        return Examined(check, woken, phrase("backup.late", at=said(good.at)), warned=True)
    if rehearsed is not None and rehearsed.rehearsal_error is not None:
        told = phrase("backup.not_restored", file=rehearsed.file, why=rehearsed.rehearsal_error)
        return Examined(check, False, line(told, LONGEST_LINE))
    tried = phrase("backup.tried", at=said(rehearsed.rehearsed_at)) if rehearsed and rehearsed.rehearsed_at else ""
    well = phrase("backup.well", at=said(good.at), tried=tried)
    lacking = phrase("backup.missing", n=good.missing) if good.missing else ""
    return Examined(check, True, well + lacking, warned=bool(lacking))
