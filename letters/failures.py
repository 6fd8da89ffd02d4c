"""A message that a channel did not take: why, what that says of the next try, how long to leave the channel alone."""

import smtplib
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

import requests

from plan.types import Fate

_HTTP_FATES = {
    # Timed out, too early: time alone mends it.
    408: Fate.TEMPORARY,
    425: Fate.TEMPORARY,
    429: Fate.BUSY,
    503: Fate.BUSY,
    # Not us, not with this password, not through this proxy: the operators' to mend, not the message's fault.
    401: Fate.UNUSABLE,
    403: Fate.UNUSABLE,
    407: Fate.UNUSABLE,
}
_LONGEST_REST = timedelta(days=1)


class DeliveryFailed(Exception):
    """A message a channel did not take."""

    def __init__(self, code: str, reason: str, fate: Fate, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.fate = fate
        self.retry_after = retry_after


def http_failure(status: int, reason: str, headers: Mapping[str, str] | None = None) -> DeliveryFailed:
    """What a refusal over HTTP means.

    Args:
        status: of the answer, not 200.
        reason: in words.
        headers: of the answer, where they are known; ``Retry-After`` is honoured up to a day.

    Returns:
        A failure; refused for the client errors that neither time nor an operator mends.
    """
    fate = _HTTP_FATES.get(status, Fate.REFUSED if 400 <= status < 500 else Fate.AWAY)
    return DeliveryFailed(f"http_{status}", reason, fate, _asked_rest(headers or {}))


def _asked_rest(headers: Mapping[str, str]) -> timedelta | None:
    """``Retry-After``: seconds, or a date, which is reckoned from the server's own clock."""
    asked = headers.get("Retry-After", "").strip()
    try:
        if asked.isdecimal():
            rest = timedelta(seconds=min(int(asked), _LONGEST_REST.total_seconds()))
        else:
            rest = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(rest, timedelta(0)), _LONGEST_REST)


def explain(error: Exception) -> DeliveryFailed:
    """The failure an exception stands for; most exceptions of smtplib and requests are OSErrors too.

    Args:
        error: what sending raised.

    Returns:
        The failure, its reason not masked yet.
    """
    if isinstance(error, DeliveryFailed):
        return error
    ours = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return DeliveryFailed(f"smtp_{error.smtp_code}", told, _smtp_fate(error, ours))
    if isinstance(error, TimeoutError | requests.Timeout):
        return DeliveryFailed("timeout", "对方没有及时应答", Fate.AWAY)
    reason = f"{type(error).__name__}: {error}"
    # What is wrong with our own program may be wrong with this message alone.
    return (
        DeliveryFailed("connection", reason, Fate.AWAY)
        if isinstance(error, OSError)
        else DeliveryFailed("broken_sender", reason, Fate.TEMPORARY)
    )


def _smtp_fate(error: smtplib.SMTPResponseException, ours: bool) -> Fate:
    """RFC 5321: 4xx is temporary, 5xx is not; 421 closes the line, and what refuses us refuses every message."""
    if error.smtp_code == 421:
        return Fate.BUSY
    if 400 <= error.smtp_code < 500:
        return Fate.TEMPORARY
    if error.smtp_code < 500:
        return Fate.AWAY  # no answer of a mail server: smtplib says -1 for garbage
    greeted_badly = isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
    return Fate.UNUSABLE if ours or greeted_badly else Fate.REFUSED
