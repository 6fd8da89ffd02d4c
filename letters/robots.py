"""Group robots of chat platforms: they refuse with HTTP 200 and a code in the answer."""

from collections.abc import Collection
from typing import Any

import requests

from letters.failures import DeliveryFailed, http_failure


def post(
    plugin: Any, address: str, payload: dict[str, Any], busy: Collection[int], query: dict[str, str] | None = None
) -> None:
    """Hand a message to a robot.

    Args:
        plugin: with the URL's time limits in seconds, certificate check and redirects.
        address: of the robot.
        payload: the message as the platform wants it.
        busy: codes that mean "busy" or "too many in a minute"; every other refuses the message itself.
        query: of the address.

    Raises:
        DeliveryFailed: refused.
        requests.RequestException: not reached.
        ValueError: the answer is no JSON.
    """
    answer = requests.post(
        address,
        params=query,
        json=payload,
        timeout=plugin.request_timeout,
        verify=plugin.verify_certificate,
        allow_redirects=plugin.redirects,
    )
    if answer.status_code != requests.codes.ok:
        raise http_failure(answer.status_code, f"应答 {answer.status_code}")
    told = answer.json()
    code = told.get("errcode", told.get("code"))
    if code != 0:
        reason = told.get("errmsg", told.get("msg", "没有说明原因"))
        # An answer without a code says nothing about the message: it is tried again.
        raise DeliveryFailed(f"errcode_{code}", str(reason), permanent=code is not None and code not in busy)
