"""A message that a channel did not take: why, and whether the same try will fail again."""

import smtplib

import requests

# Timed out, too early, too many: the refusals of a client that time alone mends.
_RETRY_HTTP = {408, 425, 429}


class DeliveryFailed(Exception):
    """A message a channel did not take. ``permanent`` says that the same try will fail again."""

    def __init__(self, code: str, reason: str, permanent: bool) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.permanent = permanent


def http_failure(status: int, reason: str) -> DeliveryFailed:
    """What a refusal over HTTP means.

    Args:
        status: of the answer, not 200.
        reason: in words.

    Returns:
        A failure; permanent for the client errors that no later try mends.
    """
    return DeliveryFailed(f"http_{status}", reason, permanent=400 <= status < 500 and status not in _RETRY_HTTP)


def explain(error: Exception) -> DeliveryFailed:
    """The failure an exception stands for; most exceptions of smtplib and requests are OSErrors too.

    Args:
        error: what sending raised.

    Returns:
        The failure, its reason not masked yet.
    """
    if isinstance(error, DeliveryFailed):
        return error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        # RFC 5321: 4xx is temporary, 5xx is not.
        return DeliveryFailed(f"smtp_{error.smtp_code}", told, permanent=error.smtp_code >= 500)
    if isinstance(error, TimeoutError | requests.Timeout):
        return DeliveryFailed("timeout", "对方没有及时应答", permanent=False)
    reason = f"{type(error).__name__}: {error}"
    return DeliveryFailed("connection" if isinstance(error, OSError) else "broken_sender", reason, permanent=False)
