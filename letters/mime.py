"""A message as a mail: the mail channel sends it and the folder keeps it, so the file is what would have gone out."""

import hashlib
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from rules.message import Message

DOMAIN = "duban"


def compose(message: Message, sent_at: datetime) -> EmailMessage:
    """The mail without sender and recipients: subject, text, HTML, and headers that make a re-send recognisable.

    Args:
        message: rendered; its key becomes ``Message-ID: <key@duban>`` and ``X-Duban-Key``.
        sent_at: aware instant for the Date line.

    Returns:
        A mail to which the caller adds From and To.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["Date"] = sent_at
    mail["Message-ID"] = f"<{safe_name(message.key)}@{DOMAIN}>"
    mail["X-Duban-Key"] = safe_name(message.key)
    # Keeps replies of absent people away (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


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
