"""Files that are there whole or not at all, also after a power cut; folders that nobody else may enter."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from text.refusals import Refusal


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write beside and rename: readers see the old file or the new one, never a part.

    Args:
        path: the file, in a folder that exists.
        content: all of it.
        mode: the rights of the file.

    Raises:
        OSError: the file cannot be written (full disk, rights); the old one stays, nothing half-written does.
    """
    with replaced_file(path, mode) as file:
        file.write(content)


@contextmanager
def replaced_file(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """The same for what is too large to be held: the block writes, and when it ends well the file is there.

    Args:
        path: the file, in a folder that exists.
        mode: the rights of the file.

    Raises:
        OSError: as ``replace_file``; whatever the block raises leaves the old file and nothing half-written as well.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    sync_folder(path.parent)


def private_folder(folder: Path) -> None:
    """Make a folder, or tighten one, so that only this user may enter it.

    What root has may be passed by one group as well: the database of a home of root runs as a user of its own.

    Args:
        folder: its parents are made when they are missing.

    Raises:
        Refusal: ``folder_not_made``, ``folder_not_ours``.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("folder_not_made", folder=folder, why=error.strerror) from error
    if os.geteuid() not in (0, folder.stat().st_uid):
        raise Refusal("folder_not_ours", folder=folder)
    before = stat.S_IMODE(folder.stat().st_mode)
    ours = 0o700 | before & (0o710 if os.geteuid() == 0 else 0o700)
    if before != ours:
        folder.chmod(ours)


def sync_folder(folder: Path) -> None:
    """Put on the disk which files and folders ``folder`` holds: what is new in it survives a power cut only then.

    Args:
        folder: one that exists.

    Raises:
        OSError: it cannot be read or written.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
