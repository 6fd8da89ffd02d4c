"""What an operator sees of the queue and does with it: what waits, what died and why, sending again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import joinedload

from db.ledger import audit, channels
from db.ledger.bulk import among
from db.ledger.channels import DownChannel
from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised
from db.models import QueuedMessage
from plan.types import Act, MessageState
from text.refusals import Refusal

_NEW_EPOCH = text("UPDATE installation SET epoch = epoch + 1 RETURNING epoch")


_DEAD = QueuedMessage.state == MessageState.DEAD
_WAITS = QueuedMessage.next_try_at.is_not(None)


@dataclass(frozen=True, slots=True)
class QueuedView:
    """A message of the queue: to whom, by which channel it goes next, since when it waits, what became of its tries.

    ``next_try_at`` is an aware instant, None for a dead letter; ``tries`` as the queue notes them, the oldest first.
    """

    id: int
    key: str
    recipient: str
    channel: str
    state: MessageState
    created_at: datetime
    next_try_at: datetime | None
    tries: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """How delivery fares: what waits and since when (aware; None when nothing is due), what is dead, what is down."""

    waiting: int
    due_since: datetime | None
    dead: int
    down: tuple[DownChannel, ...]


def queue_facts(ctx: LedgerContext) -> QueueFacts:
    """How delivery fares.

    Args:
        ctx: the ledger; what should have left by its ``now`` is due.
    """
    waits = QueuedMessage.next_try_at.is_not(None)
    since = func.coalesce(QueuedMessage.failing_since, QueuedMessage.next_try_at)
    due = func.min(since).filter(waits, since <= ctx.now)
    query = select(
        func.count().filter(waits), due, func.count().filter(QueuedMessage.state == MessageState.DEAD)
    ).where(waits | (QueuedMessage.state == MessageState.DEAD))
    waiting, due_since, dead = ctx.session.execute(query).tuples().one()
    return QueueFacts(waiting, due_since, dead, tuple(channels.down(ctx)))


def queued(ctx: LedgerContext, *, dead: bool) -> list[QueuedView]:
    """The messages that wait, or the dead letters.

    Args:
        ctx: the ledger.
        dead: which of the two.

    Returns:
        The oldest first.
    """
    return _views(ctx, select(QueuedMessage).where(_DEAD if dead else _WAITS).order_by(QueuedMessage.id))


def queued_page(ctx: LedgerContext, start: int, most: int) -> list[QueuedView]:
    """Some of the dead letters and of the messages that wait, the dead before the others, the oldest of each first.

    Args:
        ctx: the ledger.
        start: how many are left out before the first.
        most: how many at most.
    """
    order = (_DEAD.desc(), QueuedMessage.id)
    return _views(ctx, select(QueuedMessage).where(_DEAD | _WAITS).order_by(*order).offset(start).limit(most))


def _views(ctx: LedgerContext, query: Select[QueuedMessage]) -> list[QueuedView]:
    query = query.options(joinedload(QueuedMessage.person), joinedload(QueuedMessage.system))
    views = []
    for row in ctx.session.execute(query).scalars():
        names = [name for name, _ in row.ways]
        channel = names[min(row.channel_index, len(names) - 1)]
        views.append(
            QueuedView(
                row.id,
                row.key,
                row.reader,
                channel,
                row.state,
                row.created_at,
                row.next_try_at,
                tuple(row.history),
            )
        )
    return views


def resend(ctx: LedgerContext, ids: Sequence[int] | None) -> int:
    """Send messages anew, by the recipients' first channels: dead letters, and what was sent and did not arrive.

    A message says that it is sent again (重发). What waits anyhow leaves as soon as it may.

    Args:
        ctx: the ledger; its actor asks for it.
        ids: of messages; None for all dead letters.

    Returns:
        How many messages leave again.

    Raises:
        Refusal: ``message_unknown``, ``message_leased``, ``message_moot``, and those of ``authorised``.
    """
    ctx = authorised(ctx, Act.CONFIGURE)
    audit.queue(ctx.session)  # before the letters, as everywhere
    chosen = QueuedMessage.state == MessageState.DEAD if ids is None else among(QueuedMessage.id, ids)
    rows = ctx.session.execute(select(QueuedMessage).where(chosen).with_for_update()).scalars().all()
    if missing := set(ids or ()) - {row.id for row in rows}:
        raise Refusal("message_unknown", number=min(missing))
    for row in rows:
        if row.system is not None and row.system.hook_address is None:
            raise Refusal("message_moot", number=row.id)
        if row.state in (MessageState.LEASED, MessageState.MOOT):
            raise Refusal(f"message_{row.state}", number=row.id)
        row.resend = row.resend or row.state is MessageState.SENT
        row.state, row.lease, row.channel_index, row.attempts = MessageState.RETRY, None, 0, 0
        row.failing_since, row.refused, row.next_try_at = None, [], ctx.now
        row.history = [*row.history, {"at": ctx.now.isoformat(), "channel": "", "result": "resend", "by": ctx.actor}]
    if rows:
        audit.append(ctx, "resend", f"{len(rows)}", messages=sorted(row.id for row in rows))
    return len(rows)


def restored(ctx: LedgerContext) -> int:
    """Begin a new epoch: the ledger was restored, so what it says from now on is not what it said under these keys.

    Args:
        ctx: the ledger; its actor did it.

    Returns:
        The epoch that messages carry from now on.
    """
    return begin_epoch(authorised(ctx, Act.CONFIGURE))


def begin_epoch(ctx: LedgerContext, **facts: Any) -> int:
    """The same where a restored ledger comes into being, before anybody could act in it.

    Args:
        ctx: the ledger; its actor restores it.
        facts: what the trail is to say of where it came from.

    Returns:
        The epoch that messages carry from now on.
    """
    epoch: int = ctx.connection.execute(_NEW_EPOCH).scalar_one()
    audit.append(ctx, "restored", f"{epoch}", epoch=epoch, **facts)
    return epoch
