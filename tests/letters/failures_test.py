"""What a refusal means for the next try: for good, not now, the channel's fault, or the operators' to mend."""

import smtplib
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests

from letters.failures import explain, http_failure
from plan.types import Fate
from tests.letters.conftest import SENT_AT


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (400, Fate.REFUSED), (404, Fate.REFUSED), (410, Fate.REFUSED), (413, Fate.REFUSED), (422, Fate.REFUSED),
        (408, Fate.TEMPORARY), (425, Fate.TEMPORARY),
        (429, Fate.BUSY), (503, Fate.BUSY),
        (401, Fate.UNUSABLE), (403, Fate.UNUSABLE), (407, Fate.UNUSABLE),
        (500, Fate.AWAY), (502, Fate.AWAY), (504, Fate.AWAY), (302, Fate.AWAY), (599, Fate.AWAY),
    ],
)  # fmt: skip
def test_every_answer_over_http_has_a_fate(status: int, fate: Fate) -> None:
    assert http_failure(status, "应答").fate is fate


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        (" 90 ", timedelta(seconds=90)),
        (format_datetime(SENT_AT + timedelta(minutes=5)), timedelta(minutes=5)),
        (format_datetime(SENT_AT - timedelta(minutes=5)), timedelta(0)),
        ("9" * 40, timedelta(days=1)),
        (format_datetime(SENT_AT + timedelta(days=400)), timedelta(days=1)),
        ("", None), ("soon", None), ("-5", None), ("1.5", None), ("²", None), ("Mon, 99 Foo 2025", None),
    ],
)  # fmt: skip
def test_how_long_a_service_asks_to_be_left_alone(asked: str, rest: timedelta | None) -> None:
    assert http_failure(429, "应答", {"Retry-After": asked, "Date": format_datetime(SENT_AT)}).retry_after == rest


def test_a_date_without_the_clock_of_the_server_says_nothing() -> None:
    assert http_failure(429, "应答", {"Retry-After": format_datetime(SENT_AT)}).retry_after is None
    assert http_failure(429, "应答").retry_after is None


def _recipient(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@example.org": (code, b"told")})


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (_recipient(550), Fate.REFUSED),
        (_recipient(451), Fate.TEMPORARY),
        (_recipient(421), Fate.BUSY),
        (smtplib.SMTPDataError(554, b"spam"), Fate.REFUSED),
        (smtplib.SMTPDataError(452, b"full"), Fate.TEMPORARY),
        (smtplib.SMTPDataError(421, b"closing"), Fate.BUSY),
        (smtplib.SMTPConnectError(421, b"too many"), Fate.BUSY),
        (smtplib.SMTPConnectError(554, b"not you"), Fate.UNUSABLE),
        (smtplib.SMTPHeloError(501, b"who"), Fate.UNUSABLE),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), Fate.UNUSABLE),
        (smtplib.SMTPAuthenticationError(454, b"later"), Fate.TEMPORARY),
        (smtplib.SMTPSenderRefused(550, b"not from you", "b@example.org"), Fate.UNUSABLE),
        (smtplib.SMTPSenderRefused(451, b"later", "b@example.org"), Fate.TEMPORARY),
        (smtplib.SMTPResponseException(-1, b"<html>"), Fate.AWAY),
        (smtplib.SMTPServerDisconnected("closed"), Fate.AWAY),
        (ConnectionRefusedError("no"), Fate.AWAY),
        (TimeoutError("late"), Fate.AWAY),
        (requests.ReadTimeout("late"), Fate.AWAY),
        (requests.ConnectionError("no"), Fate.AWAY),
        (ValueError("garbage"), Fate.TEMPORARY),
    ],
    ids=lambda value: (
        f"{type(value).__name__} {getattr(value, 'smtp_code', '')}" if isinstance(value, Exception) else ""
    ),
)
def test_every_answer_of_a_mail_server_and_every_broken_line_has_a_fate(error: Exception, fate: Fate) -> None:
    assert explain(error).fate is fate
