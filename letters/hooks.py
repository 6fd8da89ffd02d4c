"""What happens, told to a system of the office: JSON by HTTP, signed as Standard Webhooks asks (standardwebhooks.com).

The key of the message is its id, the same at every try, so that a receiver knows what it has already. Nothing inside
opens a page: no personal link leaves by this way.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

import orjson
import requests

from letters.apprise_log import listening
from letters.failures import DeliveryFailed, explain, http_failure
from letters.reach import Network, Reach, reaching
from letters.send import INSIDE_TEXT, within_time
from plan.types import Fate
from rules.message import Message

_GONE = (404, 405, 410)


def tell_system(
    message: Message, secret: str, *, sent_at: datetime, timeout: float, inside: Sequence[Network] = ()
) -> None:
    """Hand events to a system; return only when it took them.

    Args:
        message: with events; its address is the system's.
        secret: ``whsec_`` and the key in base64.
        sent_at: aware instant of the machine's clock, by which the receiver tells a replay.
        timeout: seconds this call may take at most.
        inside: networks of the office that its policy names as places to send to.

    Raises:
        DeliveryFailed: not taken; its reason holds nothing of the address. Codes ``http_NNN``, ``inside``, ``timeout``,
            ``connection``.
    """
    told = {"id": message.key, "system": message.recipient, "resent": message.resend, "events": message.events}
    body = orjson.dumps(told)
    headers = signed_headers(message.key, body, secret, sent_at)
    failure = within_time(timeout, lambda: _post(message.address, body, headers, timeout, inside))
    if failure is not None:
        raise failure


def signed_headers(key: str, body: bytes, secret: str, sent_at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows who told it, what, and when.

    Args:
        key: of the message.
        body: as it is sent.
        secret: ``whsec_`` and the key in base64.
        sent_at: aware instant.
    """
    at = str(int(sent_at.timestamp()))
    signed = hmac.new(
        base64.b64decode(secret.removeprefix("whsec_")), f"{key}.{at}.".encode() + body, hashlib.sha256
    ).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Duban",
        "webhook-id": key,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _post(
    address: str, body: bytes, headers: dict[str, str], timeout: float, inside: Sequence[Network]
) -> DeliveryFailed | None:
    reach: Reach | None = None
    try:
        with listening(), reaching([], inside) as reach:
            answer = requests.post(
                address, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
            )
            answer.close()  # what it says beside its status is nothing to us, however long it is
    except Exception as error:
        if reach and reach.refused:
            return DeliveryFailed("inside", INSIDE_TEXT.format(reach.refused[0]), Fate.UNUSABLE)
        failed = explain(error)
        # By its class alone: what requests says names the whole address.
        return DeliveryFailed(failed.code, type(error).__name__, failed.fate)
    if answer.ok and answer.status_code < 300:
        return None
    failed = http_failure(answer.status_code, f"应答 {answer.status_code}", answer.headers)
    # A place that is not there, or sends on elsewhere, is no fault of what is told.
    moved = answer.status_code in _GONE or answer.status_code < 400
    return DeliveryFailed(failed.code, failed.reason, Fate.UNUSABLE if moved else failed.fate, failed.retry_after)
