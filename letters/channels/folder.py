"""The folder channel: every message as a real mail file, with Markdown beside it, for offices without a network.

A file is there whole or not at all, also after a power cut; the same key on the same day overwrites its own file, so a
retry leaves no second copy; no key and no recipient can name a file outside the folder.
"""

import re
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path

from letters.failures import DeliveryFailed
from letters.mime import compose, safe_name
from plan.types import Fate
from rules.message import Message
from text.files import replace_file, sync_folder

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
    mail, address = compose(message, sent_at), message.address
    mail["From"] = Address("督办", "duban", "duban.invalid")
    is_mail = _ADDRESS.fullmatch(address)
    mail["To"] = Address(message.recipient, addr_spec=address if is_mail else "outbox@duban.invalid")
    day = folder / sent_at.date().isoformat()
    path = day / f"{safe_name(message.key)}--{safe_name(address or message.recipient, ascii_only=False)}.eml"
    try:
        day.mkdir(parents=True, exist_ok=True)
        # The mail last: where it stands, the Markdown beside it does too.
        replace_file(path.with_suffix(".md"), message.markdown.encode(), mode=0o600)
        replace_file(path, mail.as_bytes(), mode=0o600)
        sync_folder(folder)  # the day's folder may be new
    except OSError as error:
        raise DeliveryFailed("disk", f"写入文件夹失败：{error.strerror}", Fate.AWAY) from error
    return path
