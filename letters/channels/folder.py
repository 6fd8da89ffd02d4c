"""The folder channel: every message as a real mail file, with Markdown beside it, for offices without a network.

A file is there whole or not at all, also after a power cut; the same key on the same day overwrites its own file, so a
retry leaves no second copy; no key and no recipient can name a file outside the folder.
"""

import os
import re
import tempfile
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path

from letters.failures import DeliveryFailed
from letters.mime import compose, safe_name
from rules.message import Message

_ADDRESS = re.compile(r"[\w.+=-]+@[\w-]+(\.[\w-]+)*", re.ASCII)


def send(folder: Path, message: Message, sent_at: datetime) -> Path:
    """Put the message into ``FOLDER/YYYY-MM-DD/<key>--<recipient>.eml``, with a ``.md`` beside it.

    Args:
        folder: made when missing.
        message: rendered; its address may be a mail address or anything else, which then only tells recipients apart.
        sent_at: aware instant in the office's zone; its date names the day's folder.

    Returns:
        The mail file.
    Raises:
        DeliveryFailed: the folder cannot be written (full disk, rights); nothing half-written stays.
    """
    content, address = message.content, message.address
    assert content is not None
    mail = compose(content, key=message.key, sent_at=sent_at)
    mail["From"] = Address("督办", "duban", "duban.invalid")
    mail["To"] = _to(content.recipient, address)
    day = folder / sent_at.date().isoformat()
    path = day / f"{safe_name(message.key)}--{safe_name(address or content.recipient, ascii_only=False)}.eml"
    try:
        day.mkdir(parents=True, exist_ok=True)
        _replace(path.with_suffix(".md"), content.markdown.encode())
        _replace(path, mail.as_bytes())
        _sync_folder(day)
        _sync_folder(folder)
    except OSError as error:
        raise DeliveryFailed("disk", f"写入文件夹失败：{error.strerror}", permanent=False) from error
    return path


def _to(recipient: str, address: str) -> Address:
    if _ADDRESS.fullmatch(address):
        return Address(recipient, addr_spec=address)
    return Address(recipient, "outbox", "duban.invalid")


def _replace(path: Path, content: bytes) -> None:
    """Write beside and rename: readers see the old file or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _sync_folder(folder: Path) -> None:
    """A rename survives a power cut only when its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
