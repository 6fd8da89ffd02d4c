"""Mail, with a Message-ID that stays: Apprise makes a new one for every attempt, and keeps no refusal of the server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from functools import cache
from typing import Any

from apprise.plugins.email.base import PGP_MODE_DEFAULT, NotifyEmail

from letters.channels import Channel
from letters.failures import DeliveryFailed
from letters.mime import compose
from letters.render import FIELD_LIMIT
from plan.policy import Pace
from plan.types import Fate
from rules.message import BAD_ADDRESS, Message
from text.clean import line

_NO_PGP = "不支持 PGP 邮件"


def send(plugin: Any, message: Message, sent_at: datetime) -> None:
    """Send one mail to one address, and the copies the URL asks for.

    Args:
        plugin: ``NotifyEmail`` of the channel's URL.
        message: rendered.
        sent_at: aware instant for the Date line.

    Raises:
        DeliveryFailed: no mail address, or PGP asked for.
        OSError: the server was not reached or refused (``smtplib.SMTPException`` is one).
    """
    if (fault := fault_of(plugin)) is not None:
        raise DeliveryFailed("bad_url", fault, Fate.UNUSABLE)
    if not plugin.targets:
        raise DeliveryFailed(BAD_ADDRESS, "收件地址不是邮件地址", Fate.REFUSED)
    mail = compose(message, sent_at)
    name, sender = plugin.from_addr
    mail["From"] = Address(name or "", addr_spec=sender)
    mail["To"] = [Address(message.recipient, addr_spec=address) for _, address in plugin.targets]
    for header, copies in (("Cc", plugin.cc), ("Reply-To", plugin.reply_to)):
        if copies:
            mail[header] = ", ".join(sorted(copies))
    for header, value in plugin.headers.items():
        mail[header] = line(value, FIELD_LIMIT)
    recipients = [address for _, address in plugin.targets] + sorted(plugin.cc) + sorted(plugin.bcc)
    with _session(plugin) as server:
        refused = server.send_message(mail, sender, recipients)
    # A copy that was refused is no reason to send the whole mail again.
    if plugin.targets[0][1] in refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def fault_of(plugin: Any) -> str | None:
    """What of a mail URL can never work.

    Args:
        plugin: ``NotifyEmail`` of the channel's URL.
    """
    return None if plugin.pgp_mode == PGP_MODE_DEFAULT else _NO_PGP


@cache
def _tls(verify: bool) -> ssl.SSLContext:
    """Kept, because reading the certificates of the system takes 30 ms."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _session(plugin: Any) -> Iterator[smtplib.SMTP]:
    """A session that is encrypted and logged in as the URL says."""
    context, timeout = _tls(plugin.verify_certificate), plugin.socket_connect_timeout
    if plugin.secure_mode == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(plugin.smtp_host, plugin.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(plugin.smtp_host, plugin.port, timeout=timeout)
    try:
        if plugin.secure_mode == "starttls":
            server.starttls(context=context)
        if plugin.user and plugin.password:
            server.login(plugin.user, plugin.password)
        yield server
    finally:
        # How the server takes leave says nothing of the mail, which it has taken or refused before.
        with suppress(OSError):
            server.quit()
        server.close()


CHANNEL = Channel((NotifyEmail,), send, fault_of, Pace(at_once=4))
