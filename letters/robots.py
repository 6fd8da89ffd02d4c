"""Group robots of chat platforms: they refuse with HTTP 200 and a code in the answer."""

from collections.abc import Mapping
from typing import Any

import requests

from letters.failures import DeliveryFailed, http_failure
from plan.policy import Pace
from plan.types import Fate

PACE = Pace(per_minute=20, at_once=4)
"""What all three platforms let a robot say; who says more is locked out for minutes."""


def post(
    plugin: Any, address: str, payload: dict[str, Any], fates: Mapping[int, Fate], query: dict[str, str] | None = None
) -> None:
    """Hand a message to a robot.

    Args:
        plugin: with the URL's time limits in seconds, certificate check and redirects.
        address: of the robot.
        payload: the message as the platform wants it.
        fates: codes that are about the robot: "too many in a minute", a wrong token. Every other refuses the message.
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
        raise http_failure(answer.status_code, f"应答 {answer.status_code}", answer.headers)
    told = answer.json()
    if not isinstance(told, dict):
        raise ValueError("the answer is no object")
    code = told.get("errcode", told.get("code"))
    if code != 0:
        reason = told.get("errmsg", told.get("msg", "没有说明原因"))
        # An answer without a code says nothing about the message: it is tried again.
        fate = Fate.TEMPORARY if code is None else fates.get(code, Fate.REFUSED)
        raise DeliveryFailed(f"errcode_{code}", str(reason), fate)
