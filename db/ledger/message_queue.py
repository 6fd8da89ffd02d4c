"""The queue of messages: alerts are grouped into messages, which are leased, sent, retried, and never lost.

At most one digest per recipient and working day is a unique key, not a hope. A lease that runs out means that a
sender died: the letter goes again and says so (重发).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Boolean, Row, bindparam, func, select, text, update

from db.ledger.bulk import UNSEEN, among, as_json, insert_rows
from db.ledger.context import LedgerContext, Notification, severity_of
from db.models import Alert, Inspection, QueuedMessage
from plan.types import AlertKind, Level, MessageState

# What may leave, locked unless another sender holds it, and leased; ``due`` knows it as it was before.
_LEASE = text(
    """
    WITH due AS (
        SELECT messages.id, messages.key, severity, next_try_at, recipients.name, state = 'leased' AS lapsed,
            channels -> channel_index ->> 0 AS channel, channels -> channel_index ->> 1 AS address
        FROM messages JOIN recipients ON recipients.id = messages.recipient_id
        WHERE next_try_at <= :now AND (:open OR channels -> channel_index ->> 0 = ANY(:exempt))
        ORDER BY severity DESC, next_try_at, messages.id LIMIT :limit
        FOR UPDATE OF messages SKIP LOCKED
    )
    UPDATE messages SET
        state = 'leased', lease = :token, day = greatest(day, :today), next_try_at = :until, resend = resend OR lapsed,
        history = CASE WHEN lapsed THEN history || jsonb_build_object(
            'at', CAST(:at AS text), 'channel', channel, 'result', 'lease ran out') ELSE history END
    FROM due WHERE messages.id = due.id
    RETURNING due.*, resend, lease
    """
).bindparams(bindparam("open", type_=Boolean))
# One statement checks the leases and settles the letters.
_SETTLE = text(
    """
    UPDATE messages
    SET state = done.result, sent_at = CASE done.result WHEN 'sent' THEN CAST(:at AS timestamptz) END,
        next_try_at = NULL, lease = NULL, history = history || done.tried
    FROM json_to_recordset(CAST(:done AS json)) AS done(message bigint, token text, result text, tried jsonb)
    WHERE id = done.message AND lease = done.token AND state = 'leased'
    """
)
# Who was not told of an event yet, by which channel, and his message of events that waits: locked, so that it cannot
# leave without this one. A message that somebody else holds is left to him.
_UNTOLD = text(
    """
    SELECT told.number, recipients.id, recipients.channels -> 0 ->> 0 AS channel, letter.id AS waiting, letter.severity
    FROM json_to_recordset(CAST(:notifications AS json))
        AS told(number integer, period bigint, rung text, recipient bigint)
    JOIN recipients ON recipients.id = told.recipient
    LEFT JOIN LATERAL (
        SELECT messages.id, messages.severity FROM messages
        WHERE messages.recipient_id = recipients.id AND messages.next_try_at IS NOT NULL
            AND messages.state = 'pending' AND messages.key NOT LIKE 'digest-%'
        ORDER BY messages.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS letter ON true
    WHERE NOT EXISTS (
        SELECT FROM alerts
        WHERE alerts.period_id IS NOT DISTINCT FROM told.period AND alerts.rung = told.rung
            AND alerts.recipient_id = recipients.id
    )
    ORDER BY recipients.id, told.number
    """
)
# The channel of each recipient, and his digests of today and later, or that still have to leave, held. Not LIKE: the
# index of keys would be read for it, which holds the letters of everybody.
_DIGESTS = text(
    """
    SELECT recipients.id AS recipient, recipients.channels -> 0 ->> 0 AS channel, digest.*
    FROM recipients
    LEFT JOIN LATERAL (
        SELECT messages.id, messages.day, messages.state, messages.next_try_at FROM messages
        WHERE messages.recipient_id = recipients.id AND left(messages.key, 7) = 'digest-'
            AND (messages.day >= :today OR messages.next_try_at IS NOT NULL)
        FOR UPDATE
    ) AS digest ON true
    WHERE recipients.id = ANY(:recipients)
    ORDER BY recipients.id
    """
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter under our lease: to whom it goes and by which channel now; ``resend``: perhaps it went before."""

    id: int
    key: str
    severity: int
    resend: bool
    recipient: str
    channel: str
    address: str
    lease: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A leased letter that is done with: it was ``sent`` by a channel, or is ``moot``, all it spoke of being closed."""

    message_id: int
    lease: str
    result: Literal["sent", "moot"]
    channel: str = ""


def daily_messages(ctx: LedgerContext, severities: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """The waiting digest of every recipient (made when there is none), and how many were made.

    ``severities`` maps recipient ids to the rank of their worst alert. A digest that has begun to leave takes nothing
    more: later alerts go into the next working day's.
    """
    known = _known_digests(ctx, severities)
    waiting = {recipient: digest.waiting for recipient, digest in known.items() if digest.waiting is not None}
    _raise_severity(ctx, waiting, severities)
    rows = [
        _digest_row(ctx, recipient, digest) | {"severity": severities[recipient]}
        for recipient, digest in known.items()
        if digest.waiting is None
    ]
    return (waiting | _insert_messages(ctx, rows), len(rows)) if rows else (waiting, 0)


def _leaves_at(ctx: LedgerContext, channel: str, ready_at: datetime) -> datetime:
    return ready_at if channel in ctx.policy.hours.exempt else ctx.work_time.next_sending(ready_at)


@dataclass(slots=True)
class _Known:
    """The digests of a recipient: by which channel, the one that ``waiting`` may take more, the last day ``taken``."""

    channel: str = ""
    waiting: int | None = None
    taken: date | None = None


def _known_digests(ctx: LedgerContext, recipients: Iterable[int]) -> dict[int, _Known]:
    found = {recipient: _Known() for recipient in sorted(recipients)}
    for row in ctx.connection.execute(_DIGESTS, {"recipients": list(found), "today": ctx.today}):
        known = found[row.recipient]
        known.channel = row.channel
        if row.id is None:
            continue
        if row.state == "pending":
            known.waiting = row.id
        day = row.day
        if row.next_try_at:  # a letter that is tried again takes the day on which it will leave
            day = max(day, ctx.work_time.day_of(ctx.work_time.next_sending(max(row.next_try_at, ctx.now))))
        known.taken = max(day, known.taken or day)
    return found


def _digest_row(ctx: LedgerContext, recipient: int, known: _Known) -> dict[str, Any]:
    """The next digest: in hours, or at once where it disturbs nobody; on the working day after one that has left."""
    leaves_at = _leaves_at(ctx, known.channel, ctx.now)
    day = ctx.work_time.day_of(leaves_at)
    if known.taken is not None and known.taken >= day:
        day = ctx.work_time.calendar.next_workday(known.taken + timedelta(days=1))
        leaves_at = ctx.work_time.at_opening(day)
    key = f"digest-{day:%Y%m%d}-{recipient}"
    return {"key": key, "recipient_id": recipient, "day": day, "next_try_at": leaves_at}


def _insert_messages(ctx: LedgerContext, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    # The no-op update makes a key that somebody else just inserted come back as well.
    ending = "ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING recipient_id, id"
    shared = {"state": MessageState.PENDING, "created_at": ctx.now, "channel_index": 0, "attempts": 0, "resend": False}
    found = insert_rows(ctx.connection, QueuedMessage, rows, ending, history=[], **shared)
    return {recipient: message for recipient, message in found}


def _raise_severity(ctx: LedgerContext, messages: Mapping[int, int], severities: Mapping[int, int]) -> None:
    for rank in sorted({severities[recipient] for recipient in messages}):
        ids = [message for recipient, message in messages.items() if severities[recipient] == rank]
        raised = (
            update(QueuedMessage)
            .where(among(QueuedMessage.id, ids), QueuedMessage.severity < rank)
            .values(severity=rank)
        )
        ctx.session.execute(raised, execution_options=UNSEEN)


def notify(
    ctx: LedgerContext,
    recipients: Sequence[int],
    rung: str,
    kind: AlertKind,
    level: Level,
    note: str,
    period_id: int | None = None,
) -> None:
    """Tell something outside the daily message: an answer to somebody's act, or a matter for the operators.

    It goes with the recipient's other notifications that have not begun to leave, in one message. ``rung`` is the
    event's stable key; telling the same event twice writes nothing new.
    """
    notification = Notification(recipients, rung, kind, level, note, period_id)
    if ctx.batch:
        ctx.batch.notifications.append(notification)
    else:
        enqueue(ctx, [notification])


def enqueue(ctx: LedgerContext, notifications: Sequence[Notification]) -> None:
    """Tell several things, as ``notify`` does each."""
    asked = [
        {"number": number, "period": notification.period_id, "rung": notification.rung, "recipient": recipient}
        for number, notification in enumerate(notifications)
        for recipient in notification.recipients
    ]
    untold = ctx.connection.execute(_UNTOLD, {"notifications": as_json(asked)}).all() if asked else []
    if not untold:
        return
    ranks = [severity_of(one.level) for one in notifications]
    severities: dict[int, int] = {}
    for row in untold:
        severities[row.id] = max(ranks[row.number], severities.get(row.id, 0))
    letters = {row.id: row.waiting for row in untold if row.waiting is not None}
    milder = {row.id: row.waiting for row in untold if row.waiting is not None and row.severity < severities[row.id]}
    _raise_severity(ctx, milder, severities)
    fresh = {row.id: _event_row(ctx, notifications[row.number], row) for row in reversed(untold) if row.waiting is None}
    if fresh:
        rows = [row | {"severity": severities[recipient]} for recipient, row in sorted(fresh.items())]
        letters |= _insert_messages(ctx, rows)
    alerts = [_alert(notifications[row.number], row.id, letters[row.id]) for row in untold]
    ending = "ON CONFLICT DO NOTHING"
    insert_rows(ctx.connection, Alert, alerts, ending, fell_due_at=ctx.now, recorded_at=ctx.now)


def _alert(notification: Notification, recipient: int, message: int) -> dict[str, Any]:
    return {
        "period_id": notification.period_id,
        "rung": notification.rung,
        "recipient_id": recipient,
        "kind": notification.kind,
        "level": notification.level,
        "note": notification.note,
        "message_id": message,
    }


def _event_row(ctx: LedgerContext, notification: Notification, to: Row[Any]) -> dict[str, Any]:
    leaves_at = _leaves_at(ctx, to.channel, ctx.now)
    key, day = f"{notification.rung}-{notification.period_id or 0}-{to.id}", ctx.work_time.day_of(leaves_at)
    return {"key": key, "recipient_id": to.id, "day": day, "next_try_at": leaves_at}


def notify_operators(ctx: LedgerContext, rung: str, note: str) -> None:
    """Tell the rectification office something about the engine itself."""
    office = ctx.session.execute(select(Inspection.audiences["office"])).scalars().first() or []
    notify(ctx, office, rung, AlertKind.OPERATOR, Level.ORANGE, note)


def lease(ctx: LedgerContext, limit: int) -> list[Taken]:
    """Take up to ``limit`` letters that may leave now, the most severe first; they are ours until the lease ends.

    A letter that was held up beyond closing time waits for the next opening, unless the channel by which it goes now
    disturbs nobody. One whose lease ran out was perhaps sent by a sender that died: it goes again, marked as a re-send.
    """
    asked = {
        "now": ctx.now,
        "at": ctx.now.isoformat(),
        "today": ctx.today,
        "open": ctx.work_time.may_send(ctx.now),
        "exempt": sorted(ctx.policy.hours.exempt),
        "limit": limit,
        "token": str(uuid4()),
        "until": ctx.now + timedelta(minutes=ctx.policy.delivery.lease_minutes),
    }
    found = ctx.connection.execute(_LEASE, asked).all()
    found = sorted(found, key=lambda row: (-row.severity, row.next_try_at, row.id))
    return [
        Taken(row.id, row.key, row.severity, row.resend, row.name, row.channel, row.address, row.lease) for row in found
    ]


def _note(ctx: LedgerContext, message: QueuedMessage, channel: str, result: str) -> None:
    message.history = [*message.history, _try_of(ctx, channel, result)]


def _try_of(ctx: LedgerContext, channel: str, result: str) -> dict[str, str]:
    return {"at": ctx.now.isoformat(), "channel": channel, "result": result}


def _leased(ctx: LedgerContext, message_id: int, token: str) -> QueuedMessage | None:
    """The letter, if this lease still holds it; ``None`` when another sender has taken it over."""
    query = select(QueuedMessage).where(
        QueuedMessage.id == message_id, QueuedMessage.lease == token, QueuedMessage.state == MessageState.LEASED
    )
    held = query.with_for_update().execution_options(populate_existing=True)
    return ctx.session.execute(held).scalar_one_or_none()


def mark_sent(ctx: LedgerContext, message_id: int, token: str, channel: str) -> None:
    """Record that a letter left; nothing when another sender has taken it over."""
    settle(ctx, [Settled(message_id, token, "sent", channel)])


def settle(ctx: LedgerContext, letters: Sequence[Settled]) -> None:
    """Record what became of letters that need no further try; one that another sender has taken over stays his."""
    if letters:
        done = [
            {
                "message": letter.message_id,
                "token": letter.lease,
                "result": letter.result,
                "tried": _try_of(ctx, letter.channel, letter.result),
            }
            for letter in letters
        ]
        ctx.connection.execute(_SETTLE, {"done": as_json(done), "at": ctx.now})


def mark_failed(ctx: LedgerContext, message_id: int, token: str, channel: str, reason: str, permanent: bool) -> str:
    """Record a failed try and say what follows: ``retry``, ``fallback`` to the next channel, or ``dead``.

    A dead letter is told to the operators; the letters to the operators themselves only stand in the ledger.
    """
    message = _leased(ctx, message_id, token)
    if message is None:
        return "lost"
    _note(ctx, message, channel, reason[:500])
    message.attempts += 1
    message.lease = None
    if not permanent and message.attempts < ctx.policy.delivery.tries_per_channel:
        return _retry(ctx, message, channel)
    if message.channel_index + 1 < len(message.recipient.channels):
        return _fall_back(ctx, message, channel)
    return _bury(ctx, message, channel)


def _retry(ctx: LedgerContext, message: QueuedMessage, channel: str) -> str:
    waits = ctx.policy.delivery.retry_minutes
    wait = timedelta(minutes=waits[min(message.attempts, len(waits)) - 1])
    message.state, message.next_try_at = MessageState.RETRY, _leaves_at(ctx, channel, ctx.now + wait)
    return "retry"


def _fall_back(ctx: LedgerContext, message: QueuedMessage, channel: str) -> str:
    message.channel_index += 1
    successor = message.recipient.channels[message.channel_index][0]
    message.state, message.attempts, message.next_try_at = MessageState.RETRY, 0, _leaves_at(ctx, successor, ctx.now)
    notify_operators(
        ctx,
        f"fallback:{channel}:{ctx.today}",
        f"通道 {channel} 发送失败，已改用 {successor}（{message.recipient.name}）",
    )
    return "fallback"


def _bury(ctx: LedgerContext, message: QueuedMessage, channel: str) -> str:
    message.state, message.next_try_at = MessageState.DEAD, None
    if not message.key.startswith(("dead-letter:", "fallback:")):
        note = f"致{message.recipient.name}的消息经 {channel} 等通道均未送达"
        notify_operators(ctx, f"dead-letter:{message.key}", note)
    return "dead"


def unsent(ctx: LedgerContext) -> int:
    """How many letters still wait to leave."""
    query = select(func.count()).select_from(QueuedMessage).where(QueuedMessage.next_try_at.is_not(None))
    return ctx.session.execute(query).scalar_one()
