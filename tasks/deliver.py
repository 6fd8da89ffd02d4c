"""The steps of delivery: lease, read what is still true, render, send, record. One letter's trouble stays its own."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from anyio import to_thread
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import select

from config import clock
from config.settings import settings
from db.ledger import LedgerContext, letters, message_queue
from db.models import Inspection
from letters.channels import DeliveryFailed, resolve, send
from letters.lines import line_of
from letters.render import Letter, render
from plan.types import DeliveryResult
from tasks.context import ledger_context, policy
from tasks.matters import SYSTEM_ACTOR, in_ledger
from text.catalogue import phrase, term

OFFLINE = "outbox"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter on its way: what it says, by which channel, under which lease."""

    message_id: int
    lease: str
    channel: str
    address: str
    letter: Letter


@dataclass(slots=True)
class Counts:
    """How many letters left, and how the others fared."""

    results: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = [
            phrase("delivery.count", result=term(DeliveryResult(name)), n=count)
            for name, count in sorted(self.results.items())
        ]
        return phrase("message.separator").join(said) or phrase("delivery.none")


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="租用消息")
async def lease_letters(limit: int) -> list[Leased]:
    """Take letters that may leave now, worst first; those with nothing left to say are laid aside on the way."""
    return await in_ledger(SYSTEM_ACTOR, lambda ctx: lease(ctx, limit))


def lease(ctx: LedgerContext, limit: int) -> list[Leased]:
    """Lease letters until ``limit`` have something to say or none is left."""
    leased: list[Leased] = []
    while not leased and (taken := message_queue.lease(ctx, limit)):
        said = letters.entries_of(ctx, (letter.id for letter in taken))
        organisation = ctx.session.execute(select(Inspection.organisation)).scalars().first() or ""
        leased = [_leased(ctx, letter, said[letter.id], organisation) for letter in taken if said[letter.id]]
        moot = [message_queue.Settled(letter.id, letter.lease, "moot") for letter in taken if not said[letter.id]]
        message_queue.settle(ctx, moot)
    return leased


def _leased(ctx: LedgerContext, taken: message_queue.Taken, entries: list[letters.Entry], organisation: str) -> Leased:
    letter = Letter(
        key=taken.key,
        recipient=taken.recipient,
        office=f"{organisation}整改办",
        subject_date=ctx.today,
        lines=tuple(line_of(entry, ctx.today, _link(entry)) for entry in entries),
        resend=taken.resend,
    )
    return Leased(taken.id, taken.lease, taken.channel, taken.address, letter)


def _link(entry: letters.Entry) -> str | None:
    ui, run = settings().ui_url, entry.flow_run_id
    return f"{ui.rstrip('/')}/runs/flow-run/{run}" if ui and run else None


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="发送 {leased.letter.recipient}")
async def send_letter(leased: Leased, counts: Counts) -> None:
    """Send one letter and record the result before anything else happens to it."""
    result = await to_thread.run_sync(deliver_one, leased, clock.now())
    counts.results[result] += 1
    if result != "sent":
        get_run_logger().warning("letter %s by %s: %s", leased.letter.key, leased.channel, result)


def deliver_one(leased: Leased, now: datetime) -> str:
    """Send one letter at ``now`` (an aware instant); says ``sent``, ``retry``, ``fallback``, ``dead`` or ``lost``."""
    try:
        _send(leased, now)
    except Exception as error:  # whatever went wrong with this letter, it is recorded and tried again or elsewhere
        if not isinstance(error, DeliveryFailed):
            logger.exception("letter %s could not be sent", leased.letter.key)
        permanent = isinstance(error, DeliveryFailed) and error.permanent
        reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
        with ledger_context(SYSTEM_ACTOR, now) as ctx:
            return message_queue.mark_failed(ctx, leased.message_id, leased.lease, leased.channel, reason, permanent)
    with ledger_context(SYSTEM_ACTOR, now) as ctx:
        message_queue.mark_sent(ctx, leased.message_id, leased.lease, leased.channel)
    return "sent"


def _send(leased: Leased, now: datetime) -> None:
    configured = settings()
    url = configured.channels.get(leased.channel)
    if url is None and leased.channel != OFFLINE:
        raise DeliveryFailed("channel_unknown", f"通道 {leased.channel} 没有配置（DUBAN_CHANNELS）", permanent=True)
    send(
        channel=leased.channel,
        url=resolve(url) if url else None,
        address=leased.address,
        rendered=render(leased.letter),
        key=leased.letter.key,
        outbox=configured.outbox,
        sent_at=now.astimezone(configured.zone),
        timeout=policy().delivery.timeout_seconds,
    )
