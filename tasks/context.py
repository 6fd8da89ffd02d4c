"""The seam between the outside world and the ledger: it reads clock and settings so that the ledger need not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from config import clock
from config.settings import settings
from db import ledger
from db.ledger import LedgerContext
from db.session import transaction
from plan.overrides import load_overrides
from plan.policy import Policy, load_policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class Examined:
    """One check of an installation: what was looked at, whether it is well, and what to know or do.

    ``warned``: it runs, and yet somebody should mend it.
    """

    check: str
    ok: bool
    said: str
    warned: bool = False

    @property
    def mark(self) -> str:
        """The sign before it: well, to be mended, or stopped."""
        return "✗" if not self.ok else "！" if self.warned else "✓"


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
    """A context in a transaction of its own.

    Args:
        actor: who acts.
        now: an aware instant; None for the clock's.
    """
    with transaction() as session:
        yield LedgerContext(session, work_time(), policy(), now or clock.now(), actor)


def time_left() -> Callable[[], bool]:
    """Says, from now on, whether a patrol has time left of what the policy gives it."""
    ends = time.monotonic() + policy().patrol_seconds
    return lambda: time.monotonic() < ends


def patrol_at(actor: str, now: datetime, go_on: Callable[[], bool] = lambda: True) -> dict[str, Any]:
    """One patrol of the ledger: open, fire and audit.

    Args:
        actor: who patrols.
        now: the aware instant to which the ledger is brought.
        go_on: whether there is time left; without it all that is due is done.

    Returns:
        The instant, the totals and the health numbers.
    """
    totals = ledger.patrol(lambda: ledger_context(actor, now), go_on=go_on)
    with ledger_context(actor, now) as ctx:
        return {"at": now.isoformat(), **asdict(totals), **ledger.health(ctx)}


def audit_fault(totals: dict[str, Any]) -> str | None:
    """What a patrol's self-audit found wrong, in one sentence; None when nothing was overlooked.

    Args:
        totals: what ``patrol_at`` returned.
    """
    if not totals["overlooked"] and not totals["unarmed"]:
        return None
    return f"自查发现遗漏：{totals['overlooked']}个节点未登记，{totals['unarmed']}期无人照看"
