"""Where files of evidence lie: in a folder of the office, or in a bucket of an S3-compatible store.

Both keep a content under its digest, so the same content is there once and whatever is read is compared with its name.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from obstore import delete, get, head, put
from obstore import list as list_objects
from obstore.exceptions import BaseError
from obstore.store import S3Store

from text.clean import line
from text.files import private_folder, replace_file
from text.refusals import Refusal

_FAILURES = (BaseError, OSError)
"""The library says what is not there, or not allowed, by the errors of Python itself."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_YOUNG = timedelta(days=1)
PROBE = b"duban\n"
"""Written and read again where somebody asks whether a store answers."""


class EvidenceStore(Protocol):
    """What keeps contents under their digests; each method raises ``Refusal`` where it cannot."""

    @property
    def place(self) -> str:
        """Where contents lie, as people read it."""

    def put(self, sha256: str, data: bytes) -> None:
        """Keep a content: ``file_not_written``, ``evidence_store_away``."""

    def get(self, sha256: str) -> bytes | None:
        """A content; None where it is not there: ``evidence_store_away``."""

    def older_than(self, instant: datetime) -> Sequence[str]:
        """The digests of contents that were kept, or kept again, before an instant: ``evidence_store_away``."""

    def discard(self, sha256: str) -> None:
        """Keep a content no longer: ``evidence_store_away``."""

    def examine(self) -> None:
        """Whether contents can be kept and read: as ``put``, and ``evidence_store_away``."""


def kept_content(store: EvidenceStore, sha256: str, name: str) -> bytes:
    """A content that was kept, and nothing else in its place.

    Args:
        store: which keeps it.
        sha256: its digest, as the ledger has it.
        name: of the file, to be told.

    Raises:
        Refusal: ``evidence_gone``, ``evidence_changed``, ``evidence_store_away``.
    """
    data = store.get(sha256)
    if data is None:
        raise Refusal("evidence_gone", name=name, sha256=sha256[:12])
    if content_digest(data) != sha256:
        raise Refusal("evidence_changed", name=name, sha256=sha256[:12])
    return data


def content_digest(data: bytes) -> str:
    """The digest under which a content is kept.

    Args:
        data: all of it.
    """
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """A folder of this machine, made when it is missing, which no other user enters."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def path(self, sha256: str) -> Path:
        """Where a content lies; ``sha256`` is its digest."""
        return self.folder / sha256[:2] / sha256

    def put(self, sha256: str, data: bytes) -> None:
        """Keep a content, once. Raises ``Refusal`` (``file_not_written``)."""
        path = self.path(sha256)
        try:
            if path.exists():
                os.utime(path)  # from now on it is kept for somebody else, too
                return
            private_folder(self.folder)
            private_folder(path.parent)
            replace_file(path, data, mode=0o600)
        except OSError as error:
            raise Refusal("file_not_written", file=path.name, why=error.strerror) from error

    def get(self, sha256: str) -> bytes | None:
        """A content, or None. Raises ``Refusal`` (``evidence_store_away``) where the disk does not give it."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refusal("evidence_store_away", place=self.place, why=error.strerror) from error

    def older_than(self, instant: datetime) -> Sequence[str]:
        """The digests of old contents. Raises ``Refusal`` (``evidence_store_away``)."""
        try:
            files = [path for path in self.folder.glob("??/*") if _DIGEST.fullmatch(path.name)]
            return [path.name for path in files if path.stat().st_mtime < instant.timestamp()]
        except OSError as error:
            raise Refusal("evidence_store_away", place=self.place, why=error.strerror) from error

    def discard(self, sha256: str) -> None:
        """Keep a content no longer. Raises ``Refusal`` (``evidence_store_away``)."""
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise Refusal("evidence_store_away", place=self.place, why=error.strerror) from error

    def examine(self) -> None:
        """Whether the folder, if there is one yet, may be written. Raises ``Refusal`` (``evidence_store_away``)."""
        if self.folder.exists() and not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise Refusal("evidence_store_away", place=self.place, why="没有读写权限")


class EvidenceBucket:
    """A bucket of an S3-compatible store, below a prefix.

    Args:
        address: ``s3://bucket/prefix``.
        endpoint: of the store; None for Amazon's.
        region: as the store calls it.
        key_id: of the account.
        secret: of the account.
    """

    def __init__(self, address: str, endpoint: str | None, region: str, key_id: str, secret: str) -> None:
        parts = urlsplit(address)
        self._place = f"{address}（{endpoint}）" if endpoint else address
        self._bucket = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            endpoint=endpoint,
            region=region,
            access_key_id=key_id,
            secret_access_key=secret,
            # A store in the office's own network may speak plain HTTP: the setting says so.
            client_options={"allow_http": (endpoint or "").startswith("http://"), "connect_timeout": "5s"},
            # Whoever hands a form in waits for it: a store that does not answer is told, and nothing is lost by it.
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        )

    @property
    def place(self) -> str:
        """The bucket with its endpoint; no key."""
        return self._place

    def put(self, sha256: str, data: bytes) -> None:
        """Keep a content, once. Raises ``Refusal`` (``evidence_store_away``)."""
        key = f"{sha256[:2]}/{sha256}"
        try:
            if not self._is_there(key, len(data)):
                put(self._bucket, key, data)
        except _FAILURES as error:
            raise self._away(error) from error

    def _is_there(self, key: str, size: int) -> bool:
        """Whether it is there and young: an old one is kept again, so that nobody takes it for given up just now."""
        try:
            found = head(self._bucket, key)
        except FileNotFoundError:
            return False
        return found["size"] == size and datetime.now(UTC) - found["last_modified"] < _YOUNG

    def older_than(self, instant: datetime) -> Sequence[str]:
        """The digests of old contents. Raises ``Refusal`` (``evidence_store_away``)."""
        try:
            found = [one for some in list_objects(self._bucket) for one in some]
        except _FAILURES as error:
            raise self._away(error) from error
        named = [(one["path"].rpartition("/")[2], one["last_modified"]) for one in found]
        return [name for name, kept in named if _DIGEST.fullmatch(name) and kept < instant]

    def discard(self, sha256: str) -> None:
        """Keep a content no longer. Raises ``Refusal`` (``evidence_store_away``)."""
        try:
            delete(self._bucket, f"{sha256[:2]}/{sha256}")
        except _FAILURES as error:
            raise self._away(error) from error

    def get(self, sha256: str) -> bytes | None:
        """A content, or None. Raises ``Refusal`` (``evidence_store_away``)."""
        try:
            return bytes(get(self._bucket, f"{sha256[:2]}/{sha256}").bytes())
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._away(error) from error
            return None
        except _FAILURES as error:
            raise self._away(error) from error

    def examine(self) -> None:
        """Keep a few bytes and read them again. Raises ``Refusal`` (``evidence_store_away``, ``evidence_changed``)."""
        self.put(content_digest(PROBE), PROBE)
        kept_content(self, content_digest(PROBE), "duban")

    def _away(self, error: Exception) -> Refusal:
        """In a few words: what comes after them in the library's own names files of its sources."""
        told = str(error).split("\n\nDebug source")[0]
        code = re.search(r"<Code>(\w+)</Code>", told)
        why = code[1] if code else told.rpartition(" - ")[2]
        return Refusal("evidence_store_away", place=self._place, why=line(why, 80))
