"""A message as a mail: the mail channel sends it and the folder keeps it, so the file is what would have gone out."""

import hashlib
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from rules.message import MessageContent

DOMAIN = "duban"


def compose(content: MessageContent, *, key: str, sent_at: datetime) -> EmailMessage:
    """The mail without sender and recipients: subject, text, HTML, and headers that make a re-send recognisable.

    Args:
        content: of the rendered message.
        key: stable over all attempts; becomes ``Message-ID: <key@duban>`` and ``X-Duban-Key``.
        sent_at: aware instant for the Date line.

    Returns:
        A message to which the caller adds From and To.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = content.subject
    message["Date"] = sent_at
    message["Message-ID"] = f"<{safe_name(key)}@{DOMAIN}>"
    message["X-Duban-Key"] = safe_name(key)
    # Keeps replies of absent people away (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    return message


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
