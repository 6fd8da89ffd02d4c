"""The file in which a whole office is carried elsewhere: a zip of plain lines and kept contents, and what proves it.

``tables/NAME.jsonl`` has the rows of a table, ``contents/DIGEST`` what is kept under a digest, ``manifest.json`` every
member with its size and SHA-256, the revision of the tables, and how long the audit trail is and how it ends. A file
that is opened is read to its end before anybody makes use of it (tests/cli/export_test.py).
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from db.carried import TRAIL, CarriedLedger, TrailWalk
from intake.documents.archive import entries_overlap, entry_swells
from papers.evidence_store import EvidenceStore, kept_content
from text.clean import line
from text.refusals import Refusal

LAYOUT = 1
"""Counted up when what a file holds is laid out otherwise."""
MANIFEST = "manifest.json"
MOST_OF_MANIFEST = 256 * 2**20
_CHUNK = 2**20
_LONGEST_ROW = 64 * 2**20
_NAMED_AT_MOST = 3
# What a damaged file makes the standard library raise.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OSError)
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class TableMember(_Stated):
    """A table: how many rows and bytes, and their SHA-256."""

    name: str = Field(pattern=r"^[a-z_]{1,64}$")
    rows: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: _Digest

    @property
    def member(self) -> str:
        """Its place in the file."""
        return f"tables/{self.name}.jsonl"


class ContentMember(_Stated):
    """A content, under its digest."""

    sha256: _Digest
    size: int = Field(ge=0)

    @property
    def member(self) -> str:
        """Its place in the file."""
        return f"contents/{self.sha256}"


class MissingContent(_Stated):
    """A content that the ledger names and its store did not give, by the name of the file, and why."""

    sha256: _Digest
    name: str
    why: str


class TrailEnd(_Stated):
    """The audit trail: its length, the hash of its last entry, and the first entry that did not fit."""

    length: int = Field(ge=0)
    head: _Digest
    broken_at: int | None = None


class Manifest(_Stated):
    """What a file says of itself: the tables in the order in which they load, everything else as its name says."""

    format: Literal["duban-export"] = "duban-export"
    layout: int
    product: str
    revision: str
    ledger: str
    epoch: int
    at: AwareDatetime
    trail: TrailEnd
    tables: tuple[TableMember, ...]
    contents: tuple[ContentMember, ...]
    missing: tuple[MissingContent, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(one.rows for one in self.tables)


def write_export(file: BinaryIO, ledger: CarriedLedger, store: EvidenceStore, at: datetime) -> Manifest:
    """Write a ledger, with the contents that it names.

    Args:
        file: an open file, empty.
        ledger: as of one instant.
        store: which keeps the contents; one that it has not, or has otherwise, is named as missing.
        at: when, in the office's zone.

    Returns:
        What was written.

    Raises:
        Refusal: ``evidence_store_away``.
        OSError: the file cannot be written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as package:
        walk = TrailWalk()
        tables = tuple([_write_table(package, ledger, name, walk, at) for name in ledger.tables()])
        contents, missing = [], []
        for digest, name in ledger.contents():
            try:
                data = kept_content(store, digest, name)
            except Refusal as refusal:
                if refusal.code == "evidence_store_away":
                    raise
                missing.append(MissingContent(sha256=digest, name=name, why=refusal.code))
                continue
            contents.append(ContentMember(sha256=digest, size=len(data)))
            # As they are: pictures and documents are packed already.
            entry = _entry(contents[-1].member, at, zipfile.ZIP_STORED)
            package.writestr(entry, data)
        manifest = Manifest(
            layout=LAYOUT,
            product=version("duban"),
            revision=ledger.revision,
            ledger=ledger.id,
            epoch=ledger.epoch,
            at=at,
            trail=TrailEnd(length=walk.length, head=walk.head, broken_at=walk.broken_at),
            tables=tables,
            contents=tuple(contents),
            missing=tuple(missing),
        )
        said = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1)
        package.writestr(_entry(MANIFEST, at), said.encode())
    return manifest


def _entry(name: str, at: datetime, packed: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = packed
    entry.external_attr = 0o600 << 16
    return entry


def _write_table(
    package: zipfile.ZipFile, ledger: CarriedLedger, table: str, walk: TrailWalk, at: datetime
) -> TableMember:
    digest, rows, size = hashlib.sha256(), 0, 0
    with package.open(_entry(f"tables/{table}.jsonl", at), "w", force_zip64=True) as into:
        for row in ledger.rows(table):
            if table == TRAIL:
                walk.take(row)
            said = row + b"\n"
            digest.update(said)
            into.write(said)
            rows, size = rows + 1, size + len(said)
    return TableMember(name=table, rows=rows, size=size, sha256=digest.hexdigest())


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that was read to its end and found whole."""

    manifest: Manifest
    _package: zipfile.ZipFile

    def tables(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Every table with its rows, in the order in which they load."""
        for one in self.manifest.tables:
            yield one.name, self._rows(one)

    def _rows(self, table: TableMember) -> Iterator[bytes]:
        with self._package.open(table.member) as rows:
            yield from (row.rstrip(b"\n") for row in rows)

    def keep_contents(self, store: EvidenceStore) -> None:
        """Keep every content. Raises ``Refusal`` (``file_not_written``, ``evidence_store_away``)."""
        for one in self.manifest.contents:
            store.put(one.sha256, self._package.read(one.member))


@contextmanager
def opened_export(path: Path) -> Iterator[ExportFile]:
    """A file that ``write_export`` wrote, after every byte of it was compared with what it says of itself.

    Args:
        path: of the file.

    Raises:
        Refusal: ``export_unreadable`` for what is no such file, or was cut off; ``export_newer``; ``export_members``
            when some are missing or too many; ``export_bomb`` for what unpacks into far more than it says;
            ``export_changed`` for a member that is not what it was; ``export_trail`` for a trail that does not hold.
    """
    name = path.name
    try:
        package = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Refusal("export_unreadable", file=name) from error
    with package:
        manifest = _manifest(name, package)
        _check_members(name, package, manifest)
        for table in manifest.tables:
            _check_table(name, package, table, manifest.trail)
        for content in manifest.contents:
            if _digest(name, package, content.member) != content.sha256:
                raise Refusal("export_changed", file=name, member=content.member)
        yield ExportFile(manifest, package)


def _manifest(name: str, package: zipfile.ZipFile) -> Manifest:
    try:
        entry = package.getinfo(MANIFEST)
        if entry.file_size > MOST_OF_MANIFEST or entry_swells(entry):
            raise Refusal("export_bomb", file=name)
        said = json.loads(package.read(entry))
        if isinstance(said, dict) and isinstance(said.get("layout"), int) and said["layout"] > LAYOUT:
            raise Refusal("export_newer", file=name, product=line(str(said.get("product")), 40))
        return Manifest.model_validate(said)
    except (*_BROKEN, KeyError, ValidationError, RecursionError) as error:
        raise Refusal("export_unreadable", file=name) from error


def _check_members(name: str, package: zipfile.ZipFile, manifest: Manifest) -> None:
    entries = package.infolist()
    members: tuple[TableMember | ContentMember, ...] = (*manifest.tables, *manifest.contents)
    stated = {one.member: one.size for one in members}
    found = {entry.filename for entry in entries}
    twice = len(found) < len(entries) or len(stated) < len(members)
    missing, foreign = sorted(stated.keys() - found), sorted(found - stated.keys() - {MANIFEST})
    if missing or foreign or twice:
        told = [f"缺少 {_named(missing)}"] * bool(missing) + [f"多出 {_named(foreign)}"] * bool(foreign)
        raise Refusal("export_members", file=name, what="，".join(told) or "有重名的")
    if entries_overlap(entries) or any(map(entry_swells, entries)):
        raise Refusal("export_bomb", file=name)
    for entry in entries:
        if stated.get(entry.filename, entry.file_size) != entry.file_size:
            raise Refusal("export_changed", file=name, member=entry.filename)


def _named(members: list[str]) -> str:
    more = "等" if len(members) > _NAMED_AT_MOST else ""
    return "、".join(re.sub(r"[^\w./-]", "_", one)[:80] for one in members[:_NAMED_AT_MOST]) + more


def _digest(name: str, package: zipfile.ZipFile, member: str) -> str:
    digest = hashlib.sha256()
    try:
        with package.open(member) as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
    except _BROKEN as error:
        raise Refusal("export_changed", file=name, member=member) from error
    return digest.hexdigest()


def _check_table(name: str, package: zipfile.ZipFile, table: TableMember, trail: TrailEnd) -> None:
    if _digest(name, package, table.member) != table.sha256:
        raise Refusal("export_changed", file=name, member=table.member)
    rows, walk = 0, TrailWalk()
    with package.open(table.member) as lines:
        while row := lines.readline(_LONGEST_ROW):
            rows += 1
            if table.name == TRAIL:
                try:
                    walk.take(row)
                except (TypeError, ValueError, AttributeError):
                    raise Refusal("export_trail", file=name, entry=rows) from None
    if rows != table.rows:
        raise Refusal("export_changed", file=name, member=table.member)
    if table.name == TRAIL and (walk.length, walk.head, walk.broken_at) != (trail.length, trail.head, trail.broken_at):
        raise Refusal("export_trail", file=name, entry=walk.broken_at or walk.length)
