"""Writing a file so that it is there whole or not at all, also after a power cut."""

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write beside and rename: readers see the old file or the new one, never a part.

    Args:
        path: the file, in a folder that exists.
        content: all of it.
        mode: the rights of the file.

    Raises:
        OSError: the file cannot be written (full disk, rights); the old one stays, nothing half-written does.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    sync_folder(path.parent)


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
