"""The seam between the outside world and the ledger: it reads clock and settings so that the ledger need not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from config import clock
from config.calendar import load_overrides
from config.policy import Policy, load_policy
from config.settings import settings
from db.ledger import Desk
from db.session import transaction
from rules.calendar import WorkCalendar
from rules.ladder import Office


@lru_cache
def office() -> Office:
    """The office's calendar, hours and zone, from its settings."""
    configured = settings()
    calendar = WorkCalendar.china(load_overrides(configured.calendars))
    return Office(calendar, policy().hours, configured.zone)


def policy() -> Policy:
    """The office's policy."""
    return load_policy(settings().policy)


@contextmanager
def desk(actor: str, now: datetime | None = None) -> Iterator[Desk]:
    """A desk in a transaction of its own, at ``now`` (default: the clock)."""
    with transaction() as session:
        yield Desk(session, office(), policy(), now or clock.now(), actor)
