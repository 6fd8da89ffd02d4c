"""The closure file as one archive: its document, the evidence itself, what the trail says, a digest of each file."""

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from db.ledger.context import LedgerContext
from db.ledger.evidence import evidence_of_measure
from db.models import Measure
from db.paper_facts import trail_of
from papers.evidence_store import EvidenceStore, content_digest, kept_content
from papers.kinds import PaperAsked
from papers.kinds.closure_file import measures_of
from text.catalogue import phrase
from text.clean import line

_COLUMNS = ("number", "at", "actor", "command", "subject", "hash")


def dossier(ctx: LedgerContext, asked: PaperAsked, document: bytes, store: EvidenceStore) -> bytes:
    """The archive; the same ledger gives the same bytes.

    Args:
        ctx: the context.
        asked: of which inspection and measure.
        document: cover and index, as they were compiled.
        store: where evidence is kept.

    Raises:
        Refusal: ``evidence_gone``, ``evidence_changed``, ``evidence_store_away``: a file that lacks one is none.
    """
    files = {f"{phrase('paper.file.cover')}.docx": document}
    for measure in measures_of(ctx, asked):
        folder = measure.full_code.replace("/", "·")
        for one, _ in evidence_of_measure(ctx, measure.id):
            name = f"{folder}/{phrase('paper.file.evidence')}/{one.id} {one.name}"
            files[name] = kept_content(store, one.sha256, one.name)
        files[f"{folder}/{phrase('paper.file.trail')}.csv"] = _trail(ctx, measure)
    index = "".join(f"{content_digest(content)}  {name}\n" for name, content in files.items())
    return _packed(files | {f"{phrase('paper.file.index')}.txt": index.encode()})


def _trail(ctx: LedgerContext, measure: Measure) -> bytes:
    written = StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    for one in trail_of(ctx, measure):
        rows.writerow((one.number, one.at.isoformat(), line(one.actor), one.command, line(one.subject), one.hash))
    # With a mark of its encoding, or Excel would take it for another.
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _packed(files: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name)  # of 1980: when it was packed says nothing
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()
