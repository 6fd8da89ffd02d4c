"""A whole office in one file, and a new home from it: what the settings name put together."""

from datetime import datetime
from pathlib import Path

from config import clock
from config.settings import settings
from db.carried import carried_ledger
from db.ledger import LedgerContext
from db.ledger.queued import begin_epoch
from db.session import engine, is_known, refilled
from papers.export_file import Manifest, opened_export, write_export
from tasks.context import policy, work_time
from tasks.kept_evidence import evidence_store
from text.files import private_folder, replaced_file
from text.refusals import Refusal


def export_office(path: Path, at: datetime) -> Manifest:
    """Write the ledger and the contents that it names; only this user may read them.

    Args:
        path: of a file, in a folder that exists; what stands there is replaced when all is written.
        at: the office's clock, an aware instant.

    Raises:
        Refusal: ``file_not_written``, ``evidence_store_away``, and as ``engine``.
    """
    try:
        with carried_ledger(engine()) as ledger, replaced_file(path, mode=0o600) as file:
            return write_export(file, ledger, evidence_store(), at.astimezone(settings().zone))
    except OSError as error:
        raise Refusal("file_not_written", file=path, why=error.strerror) from error


def restore_office(path: Path, actor: str) -> tuple[Manifest, int]:
    """Fill the empty office of the settings with what a file holds, after all of it was found whole.

    Args:
        path: of the file.
        actor: who restores, for the trail.

    Returns:
        What the file says of itself, and the epoch that messages carry from now on.

    Raises:
        Refusal: as ``opened_export`` and ``refilled``, and ``file_not_written``, ``evidence_store_away``.
    """
    with opened_export(path) as export:
        stated = export.manifest
        if not is_known(stated.revision):
            raise Refusal("export_newer", file=path.name, product=stated.product)
        private_folder(settings().home)
        with refilled(stated.revision, export.tables()) as session:
            ctx = LedgerContext(session, work_time(), policy(), clock.now(), actor)
            epoch = begin_epoch(ctx, file=path.name, entries=stated.trail.length, head=stated.trail.head)
            export.keep_contents(evidence_store())
    return stated, epoch
