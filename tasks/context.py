"""The seam between the outside world and the ledger: it reads clock and settings so that the ledger need not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from config import clock
from config.settings import settings
from db.ledger import LedgerContext
from db.session import transaction
from plan.overrides import load_overrides
from plan.policy import Policy, load_policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime


@lru_cache
def work_time() -> WorkTime:
    """The office's calendar, hours and zone, from its settings."""
    configured = settings()
    calendar = WorkCalendar.china(load_overrides(configured.calendars))
    return WorkTime(calendar, policy().hours, configured.zone)


def policy() -> Policy:
    """The office's policy."""
    return load_policy(settings().policy)


@contextmanager
def ledger_context(actor: str, now: datetime | None = None) -> Iterator[LedgerContext]:
    """A context in a transaction of its own, at ``now`` (default: the clock)."""
    with transaction() as session:
        yield LedgerContext(session, work_time(), policy(), now or clock.now(), actor)
