"""The offline channel: every message as a real mail file, with Markdown beside it, for offices without a network.

A file is there whole or not at all, also after a power cut; the same key on the same day overwrites its own file, so a
retry leaves no second copy; no key and no recipient can name a file outside the folder. ``compose`` builds the mail
that the mail channel sends too, so what lies in the folder is what would have gone out.
"""

import hashlib
import os
import re
import tempfile
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from letters.render import Rendered

DOMAIN = "duban"
_ADDRESS = re.compile(r"[\w.+=-]+@[\w-]+(\.[\w-]+)*", re.ASCII)


def compose(rendered: Rendered, *, key: str, sent_at: datetime) -> EmailMessage:
    """The mail without sender and recipients: subject, text, HTML, and headers that make a re-send recognisable.

    Args:
        rendered: the letter.
        key: stable over all attempts; becomes ``Message-ID: <key@duban>`` and ``X-Duban-Key``.
        sent_at: aware instant for the Date line.
    Returns:
        A message to which the caller adds From and To.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = rendered.subject
    message["Date"] = sent_at
    message["Message-ID"] = f"<{safe_name(key)}@{DOMAIN}>"
    message["X-Duban-Key"] = safe_name(key)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


def write(rendered: Rendered, *, key: str, address: str, outbox: Path, sent_at: datetime) -> Path:
    """Put the letter into ``outbox/YYYY-MM-DD/<key>--<recipient>.eml``, with a ``.md`` beside it.

    Args:
        rendered: the letter.
        key: stable over all attempts.
        address: the recipient's mail address, or anything else, which then only tells recipients apart.
        outbox: folder, made when missing.
        sent_at: aware instant in the office's zone; its date names the folder.
    Returns:
        The mail file.
    Raises:
        OSError: the folder cannot be written (full disk, rights); nothing half-written stays.
    """
    folder = outbox / sent_at.date().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    message = compose(rendered, key=key, sent_at=sent_at)
    message["From"] = Address("督办", "duban", "duban.invalid")
    message["To"] = _to(rendered.recipient, address)
    path = folder / f"{safe_name(key)}--{safe_name(address or rendered.recipient, ascii_only=False)}.eml"
    _replace(path.with_suffix(".md"), rendered.markdown.encode())
    _replace(path, message.as_bytes())
    _sync_folder(folder)
    _sync_folder(outbox)
    return path


def safe_name(text: str, *, ascii_only: bool = True) -> str:
    """A name fit for a file and for a Message-ID: letters, digits, ``-`` and ``_``.

    Args:
        text: anything.
        ascii_only: False keeps Chinese characters, which file names may have and Message-IDs may not.
    Returns:
        The text itself when it is fit; else what is left of it with a digest, so that two texts never share a name.
    """
    kept = re.sub(r"[^\w-]+", "_", text, flags=re.ASCII if ascii_only else 0)
    if kept == text and 0 < len(text) <= 60:
        return text
    return f"{kept[:30]}-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}"


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
