"""When a message that was not taken is tried again, and how much a channel may be given now: no clock, no dice."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from plan.policy import DeliveryRules, Pace

MINUTE = timedelta(minutes=1)
_JITTER = 0.2


def retry_wait(rules: DeliveryRules, attempts: int, key: str) -> timedelta:
    """How long a message waits for its next try: the policy's waits, then twice as long each time.

    Messages that failed together do not come back together: each adds up to a fifth, which its key decides.

    Args:
        rules: the policy's.
        attempts: failed ones so far, from 1.
        key: of the message.

    Returns:
        The wait.
    """
    named = rules.retry_minutes
    minutes = named[min(attempts, len(named)) - 1]
    if (more := attempts - max(len(named), rules.tries_per_channel)) > 0:
        # The bound on the exponent keeps the number small; the wait is bounded long before.
        minutes = max(minutes, min(max(minutes, 1) * 2 ** min(more, 16), rules.longest_wait_minutes))
    share = int.from_bytes(hashlib.sha256(f"{key} {attempts}".encode()).digest()[:2]) / 0xFFFF
    return timedelta(seconds=round(minutes * 60 * (1 + _JITTER * share)))


def channel_rest(rules: DeliveryRules, failing: timedelta, asked: timedelta | None) -> timedelta:
    """How long a channel that failed is left alone.

    Args:
        rules: the policy's.
        failing: how long it has been failing; however many senders it fails at once, it is left alone as long.
        asked: what the channel itself asked for; None when it named nothing.

    Returns:
        What was asked, or half of the time it has been failing up to the policy's ``probe_minutes``; at least a minute.
    """
    return max(asked if asked is not None else min(failing / 2, MINUTE * rules.probe_minutes), MINUTE)


def channel_room(pace: Pace, taken: Sequence[tuple[datetime, int]], in_flight: int, now: datetime) -> int:
    """How many messages a channel may be given now.

    Args:
        pace: the channel's.
        taken: aware instants at which it was given messages, with how many.
        in_flight: given and not answered yet.
        now: aware instant.

    Returns:
        The number; with it no minute has more than ``per_minute``, no moment more than ``at_once``.
    """
    room = pace.at_once - in_flight
    if pace.per_minute is not None:
        room = min(room, pace.per_minute - sum(count for at, count in taken if abs(at - now) < MINUTE))
    return max(room, 0)


def room_again_at(pace: Pace, taken: Sequence[tuple[datetime, int]], now: datetime) -> datetime | None:
    """When a channel that is given no more by its pace may be given something again.

    Args:
        pace: the channel's.
        taken: aware instants at which it was given messages, with how many.
        now: aware instant.

    Returns:
        An aware instant; None when the minute that ends now is not full.
    """
    recent = [(at, count) for at, count in taken if abs(at - now) < MINUTE]
    if pace.per_minute is None or sum(count for _, count in recent) < pace.per_minute:
        return None
    return min(at for at, _ in recent) + MINUTE
