"""The seam between the outside world and the ledger: it reads clock and settings so that the ledger need not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from config import clock
from config.settings import settings
from db import ledger
from db.ledger import LedgerContext, Totals
from db.ledger.audit import trail_end
from db.ledger.context import SYSTEM_ACTOR, SystemAccess
from db.ledger.queued import QueueFacts, queue_facts
from db.session import transaction
from plan.overrides import load_overrides
from plan.policy import Policy, load_policy
from plan.types import Door
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tasks.anchors import note_anchor
from text.catalogue import phrase
from text.clean import line

LATE = timedelta(minutes=20)
"""Patrol and delivery come every five minutes: who missed three of them has stopped, and a message is late."""


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
def ledger_context(
    actor: str, now: datetime | None = None, door: Door | None = None, system: SystemAccess | None = None
) -> Iterator[LedgerContext]:
    """A context in a transaction of its own.

    Args:
        actor: who acts.
        now: an aware instant; None for the clock's.
        door: by which way a person acts; None where the engine does.
        system: the system that says who acts; None where none speaks.
    """
    with transaction() as session:
        yield LedgerContext(session, work_time(), policy(), now or clock.now(), actor, door=door, system=system)


def time_left() -> Callable[[], bool]:
    """Says, from now on, whether a patrol has time left of what the policy gives it."""
    ends = time.monotonic() + policy().patrol_seconds
    return lambda: time.monotonic() < ends


def patrol_at(
    actor: str,
    now: datetime,
    go_on: Callable[[], bool] = lambda: True,
    *,
    by_hand: bool = False,
    confirmed_by: str | None = None,
) -> dict[str, Any]:
    """One patrol of the ledger: open, fire and audit; only tell the operators while the clock is doubted.

    Args:
        actor: who patrols.
        now: the aware instant to which the ledger is brought.
        go_on: whether there is time left; without it all that is due is done.
        by_hand: whether a person named the instant.
        confirmed_by: who says that the clock is right; None where nobody does.

    Returns:
        The instant (in the office's zone), why the clock is doubted (None: it is not), the totals, the health numbers,
        length and head of the audit trail, which are also noted outside the database.

    Raises:
        Refusal: ``clock_certain`` and ``actor_empty`` of a confirmation.
    """
    with ledger_context(actor, now) as ctx:
        doubt = ledger.clock_doubt(ctx, clock.machine(), by_hand=by_hand)
        if confirmed_by is not None:
            ledger.confirm_clock(replace(ctx, actor=confirmed_by), doubt)
        elif doubt:
            ledger.tell_clock_doubt(ctx, doubt)
    halted = doubt if confirmed_by is None else None
    totals = Totals() if halted else ledger.patrol(lambda: ledger_context(actor, now), go_on=go_on)
    with ledger_context(actor, halted.sure if halted else now) as ctx:
        at = now.astimezone(ctx.work_time.zone).isoformat(timespec="seconds")
        length, head = trail_end(ctx.session)
        health = ledger.health(ctx)
    note_anchor(at, length, head)
    trail = {"trail_length": length, "trail_head": head}
    return {"at": at, "doubt": halted and halted.why, **asdict(totals), **health, **trail}


def examine_clock() -> Examined:
    """Whether the office's clock is believed: the last patrol and the database server bear it out."""
    with ledger_context(SYSTEM_ACTOR) as ctx:
        doubt = ledger.clock_doubt(ctx, clock.machine())
        at = ctx.work_time.minute_text(ctx.now)
    return doubted(doubt.why) if doubt else Examined(phrase("watch.clock"), True, phrase("watch.clock_well", at=at))


def is_late(facts: QueueFacts, now: datetime) -> bool:
    """Whether a message should have left long ago; what has only just become due leaves with the next delivery."""
    return facts.due_since is not None and now - facts.due_since >= LATE


def queue_said(facts: QueueFacts, now: datetime, zone: ZoneInfo) -> list[str]:
    """How delivery fares, a sentence for the queue and one for every channel that is down.

    Args:
        facts: as the ledger has them.
        now: the office's clock.
        zone: of the office, in which instants are said.
    """
    since = ""
    if facts.due_since is not None:
        key = "messages.late" if is_late(facts, now) else "messages.due"
        since = phrase(key, at=f"{facts.due_since.astimezone(zone):%m-%d %H:%M}")
    return [phrase("messages.counts", waiting=facts.waiting, since=since, dead=facts.dead)] + [
        phrase(
            "messages.down", channel=one.name, since=f"{one.since.astimezone(zone):%m-%d %H:%M}", why=line(one.error)
        )
        for one in facts.down
    ]


def examine_messages() -> Examined:
    """Whether messages leave: how many wait and since when, how many are dead, which channels are down.

    A channel that is down for longer than the engine itself may be silent is as bad as a silent engine.
    """
    with ledger_context(SYSTEM_ACTOR) as ctx:
        facts = queue_facts(ctx)
        zone, now = ctx.work_time.zone, ctx.now
    said = queue_said(facts, now, zone)
    long_down = any(now - one.since >= timedelta(hours=policy().silence_hours) for one in facts.down)
    warned = bool(facts.down or facts.dead or is_late(facts, now))
    see = phrase("messages.see") if facts.down or facts.dead else ""
    return Examined(phrase("watch.messages"), not long_down, phrase("engine.and").join(said) + see, warned)


def doubted(why: str) -> Examined:
    """The check of a clock that is not believed; ``why`` as a patrol's totals have it."""
    return Examined(phrase("watch.clock"), False, phrase("clock.halt", why=why))


def audit_fault(totals: dict[str, Any]) -> str | None:
    """What is wrong after a patrol, in one sentence: a doubted clock, or rungs overlooked; None when all is well.

    Args:
        totals: what ``patrol_at`` returned.
    """
    if totals["doubt"]:
        return doubted(totals["doubt"]).said
    if not totals["overlooked"] and not totals["unarmed"]:
        return None
    return f"自查发现遗漏：{totals['overlooked']}个节点未登记，{totals['unarmed']}期无人照看"
