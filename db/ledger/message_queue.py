"""The queue of messages: alerts are grouped into messages, which are leased, sent, retried, and never lost.

At most one daily message per recipient and working day is a unique key, not a hope. A lease that runs out means that a
sender died: the message goes again and says so (重发).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Boolean, bindparam, func, select, text, update

from db.ledger.bulk import UNSEEN, AnyRow, among, as_json, insert_rows
from db.ledger.context import LedgerContext, Notification
from db.models import Alert, Inspection, QueuedMessage
from plan.types import AlertKind, DeliveryResult, Level, MessageState, severity
from rules.message import Message

# What may leave, locked unless another sender holds it, and leased; ``due`` knows it as it was before.
_LEASE = text(
    """
    WITH due AS (
        SELECT messages.id, messages.key, severity, next_try_at, recipients.name, state = 'leased' AS lapsed,
            channels -> channel_index ->> 0 AS channel, channels -> channel_index ->> 1 AS address
        FROM messages JOIN recipients ON recipients.id = messages.recipient_id
        WHERE next_try_at <= :now AND (:open OR channels -> channel_index ->> 0 = ANY(:exempt)) AND (
            CAST(:only AS text) IS NULL
            OR EXISTS (SELECT FROM alerts WHERE message_id = messages.id AND starts_with(rung, :only))
        )
        ORDER BY severity DESC, next_try_at, messages.id LIMIT :limit
        FOR UPDATE OF messages SKIP LOCKED
    )
    UPDATE messages SET
        state = 'leased', lease = :token, day = greatest(day, :today), next_try_at = :until, resend = resend OR lapsed,
        history = CASE WHEN lapsed THEN history || jsonb_build_object(
            'at', CAST(:at AS text), 'channel', channel, 'result', 'lease ran out') ELSE history END
    FROM due WHERE messages.id = due.id
    RETURNING due.*, resend, lease, (SELECT organisation FROM inspections LIMIT 1) AS organisation
    """
).bindparams(bindparam("open", type_=Boolean))
# One statement checks the leases and records that messages were sent or have nothing to say.
_DONE = text(
    """
    UPDATE messages
    SET state = done.result, sent_at = CASE done.result WHEN 'sent' THEN CAST(:at AS timestamptz) END,
        next_try_at = NULL, lease = NULL, history = history || jsonb_build_object(
            'at', CAST(:noted AS text), 'channel', done.channel, 'result', done.result)
    FROM json_to_recordset(CAST(:done AS json)) AS done(message bigint, token text, channel text, result text)
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
# The channel of each recipient, and his daily messages of today and later, or that still have to leave, locked. Not
# LIKE: the index of keys would be read for it, which holds the messages of everybody.
_DAILY = text(
    """
    SELECT recipients.id AS recipient, recipients.channels -> 0 ->> 0 AS channel, daily.*
    FROM recipients
    LEFT JOIN LATERAL (
        SELECT messages.id, messages.day, messages.state, messages.next_try_at FROM messages
        WHERE messages.recipient_id = recipients.id AND left(messages.key, 7) = 'digest-'
            AND (messages.day >= :today OR messages.next_try_at IS NOT NULL)
        FOR UPDATE
    ) AS daily ON true
    WHERE recipients.id = ANY(:recipients)
    ORDER BY recipients.id
    """
)


def daily_messages(ctx: LedgerContext, severities: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """The waiting daily message of every recipient, made where there is none.

    One that has begun to leave takes nothing more: later alerts go into the next working day's.

    Args:
        ctx: the ledger.
        severities: recipient ids with the rank of their worst alert.

    Returns:
        Recipient ids with the ids of their messages, and how many of these were made.
    """
    found = {recipient: _KnownDaily() for recipient in sorted(severities)}
    for row in ctx.connection.execute(_DAILY, {"recipients": list(found), "today": ctx.today}):
        known = found[row.recipient]
        known.channel = row.channel
        if row.id is None:
            continue
        if row.state == MessageState.PENDING:
            known.waiting = row.id
        day = row.day
        if row.next_try_at:  # a letter that is tried again takes the day on which it will leave
            day = max(day, ctx.work_time.day_of(ctx.work_time.next_sending(max(row.next_try_at, ctx.now))))
        known.taken = max(day, known.taken or day)
    waiting = {recipient: known.waiting for recipient, known in found.items() if known.waiting is not None}
    _raise_severity(ctx, waiting, severities)
    rows = []
    for recipient, known in found.items():
        if known.waiting is not None:
            continue
        # In hours, or at once where it disturbs nobody; a working day after one that has left.
        leaves_at = _leaves_at(ctx, known.channel, ctx.now)
        day = ctx.work_time.day_of(leaves_at)
        if known.taken is not None and known.taken >= day:
            day = ctx.work_time.calendar.next_workday(known.taken + timedelta(days=1))
            leaves_at = ctx.work_time.at_opening(day)
        # The unique key is what keeps it to one a day, also between two sweeps.
        key, rank = f"digest-{day:%Y%m%d}-{recipient}", severities[recipient]
        rows.append({"key": key, "recipient_id": recipient, "day": day, "next_try_at": leaves_at, "severity": rank})
    return (waiting | _insert_messages(ctx, rows), len(rows)) if rows else (waiting, 0)


def _leaves_at(ctx: LedgerContext, channel: str, ready_at: datetime) -> datetime:
    return ready_at if channel in ctx.policy.hours.exempt else ctx.work_time.next_sending(ready_at)


@dataclass(slots=True)
class _KnownDaily:
    """The daily messages of a recipient: by which channel, the one ``waiting`` for more, the last day ``taken``."""

    channel: str = ""
    waiting: int | None = None
    taken: date | None = None


def _insert_messages(ctx: LedgerContext, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    # The no-op update makes a key that somebody else just inserted come back as well.
    ending = "ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING recipient_id, id"
    shared = {"state": MessageState.PENDING, "created_at": ctx.now, "channel_index": 0, "attempts": 0, "resend": False}
    found = insert_rows(ctx.connection, QueuedMessage, rows, ending, history=[], **shared)
    return {recipient: message for recipient, message in found}


def _raise_severity(ctx: LedgerContext, messages: Mapping[int, int], severities: Mapping[int, int]) -> None:
    # One statement a rank: there are at most six, and recipients may be thousands.
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

    Args:
        ctx: the ledger.
        recipients: ids of those to tell.
        rung: the event's stable key, such as ``returned#2``.
        kind: what the alert is.
        level: its colour.
        note: what happened, in the words of the message.
        period_id: what it is about; None for the engine itself.
    """
    notification = Notification(recipients, rung, kind, level, note, period_id)
    if ctx.batch:
        ctx.batch.notifications.append(notification)
    else:
        enqueue(ctx, [notification])


def enqueue(ctx: LedgerContext, notifications: Sequence[Notification]) -> None:
    """Tell several things at once, as ``notify`` does each.

    Args:
        ctx: the ledger.
        notifications: in the order in which they happened.
    """
    asked = [
        {"number": number, "period": notification.period_id, "rung": notification.rung, "recipient": recipient}
        for number, notification in enumerate(notifications)
        for recipient in notification.recipients
    ]
    untold = ctx.connection.execute(_UNTOLD, {"notifications": as_json(asked)}).all() if asked else []
    if not untold:
        return
    ranks = [severity(one.level) for one in notifications]
    severities: dict[int, int] = {}
    for row in untold:
        severities[row.id] = max(ranks[row.number], severities.get(row.id, 0))
    letters = {row.id: row.waiting for row in untold if row.waiting is not None}
    milder = {row.id: row.waiting for row in untold if row.waiting is not None and row.severity < severities[row.id]}
    _raise_severity(ctx, milder, severities)
    # Reversed, so that of several events of one recipient the first gives the message its key.
    fresh = {row.id: _event_row(ctx, notifications[row.number], row) for row in reversed(untold) if row.waiting is None}
    if fresh:
        rows = [row | {"severity": severities[recipient]} for recipient, row in sorted(fresh.items())]
        letters |= _insert_messages(ctx, rows)
    alerts = [_alert(notifications[row.number], row.id, letters[row.id]) for row in untold]
    # Two who tell the same event at once both found it untold; the unique key lets one of them write it.
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


def _event_row(ctx: LedgerContext, notification: Notification, to: AnyRow) -> dict[str, Any]:
    leaves_at = _leaves_at(ctx, to.channel, ctx.now)
    key, day = f"{notification.rung}-{notification.period_id or 0}-{to.id}", ctx.work_time.day_of(leaves_at)
    return {"key": key, "recipient_id": to.id, "day": day, "next_try_at": leaves_at}


def notify_operators(ctx: LedgerContext, rung: str, note: str) -> None:
    """Tell the rectification office something about the engine itself.

    Args:
        ctx: the ledger.
        rung: the event's stable key.
        note: what happened, in the words of the message.
    """
    office = ctx.session.execute(select(Inspection.audiences["office"])).scalars().first() or []
    notify(ctx, office, rung, AlertKind.OPERATOR, Level.ORANGE, note)


def lease(ctx: LedgerContext, limit: int, only: str | None = None) -> list[Message]:
    """Take messages that may leave now, the most severe first; they are ours until the lease ends.

    A message that was held up beyond closing time waits for the next opening, unless the channel by which it goes now
    disturbs nobody. One whose lease ran out was perhaps sent by a sender that died: it goes again, as a re-send.

    Args:
        ctx: the ledger at the instant of sending.
        limit: the most messages to take.
        only: take those alone that carry an alert whose key begins so; None takes all.

    Returns:
        The messages, not selected yet: to whom they go, by which channel, under which lease, in whose name.
    """
    asked = {
        "now": ctx.now,
        "at": ctx.now.isoformat(),
        "today": ctx.today,
        "open": ctx.work_time.may_send(ctx.now),
        "exempt": sorted(ctx.policy.hours.exempt),
        "limit": limit,
        "only": only,
        # One for all that are leased together; who sends after the lease ended is recognised by it.
        "token": str(uuid4()),
        "until": ctx.now + timedelta(minutes=ctx.policy.delivery.lease_minutes),
    }
    found = ctx.connection.execute(_LEASE, asked).all()
    # RETURNING has no order of its own.
    found = sorted(found, key=lambda row: (-row.severity, row.next_try_at, row.id))
    return [
        Message(
            id=row.id,
            key=row.key,
            lease=row.lease,
            severity=row.severity,
            resend=row.resend,
            recipient=row.name,
            channel=row.channel,
            address=row.address,
            office=f"{row.organisation or ''}整改办",
            day=ctx.today,
        )
        for row in found
    ]


def record_results(ctx: LedgerContext, messages: Sequence[Message]) -> list[DeliveryResult]:
    """Record what became of leased messages; one that another sender has taken over meanwhile stays his.

    A failed try is tried again, by the next channel when this one is used up or can never work, and ends as a dead
    letter, of which the operators are told; dead letters to the operators themselves only stand in the ledger.

    Args:
        ctx: the ledger at the instant of the try.
        messages: each with its ``result`` (sent, moot, or dead for one that can never be said) or its ``failure``.

    Returns:
        The result of each message, in their order.
    """
    failures = {message.id: _record_failure(ctx, message) for message in messages if message.failure}
    done = [
        {
            "message": message.id,
            "token": message.lease,
            "result": message.result,
            "channel": message.channel if message.result is DeliveryResult.SENT else "",
        }
        for message in messages
        if message.result and not message.failure
    ]
    if done:
        ctx.connection.execute(_DONE, {"done": as_json(done), "at": ctx.now, "noted": ctx.now.isoformat()})
    return [failures.get(message.id) or message.result or DeliveryResult.LOST for message in messages]


def _record_failure(ctx: LedgerContext, message: Message) -> DeliveryResult:
    row = _leased(ctx, message)
    if row is None:
        return DeliveryResult.LOST
    tried = {"at": ctx.now.isoformat(), "channel": message.channel, "result": message.failure[:500]}
    row.history = [*row.history, tried]
    # Counted per channel: it starts anew with the next one.
    row.attempts += 1
    row.lease = None
    if message.result is DeliveryResult.DEAD:
        return _bury(ctx, row, f"致{row.recipient.name}的消息无法写成：{message.failure[:200]}")
    if not message.permanent and row.attempts < ctx.policy.delivery.tries_per_channel:
        return _retry(ctx, row, message.channel)
    if row.channel_index + 1 < len(row.recipient.channels):
        return _fall_back(ctx, row, message.channel)
    return _bury(ctx, row, f"致{row.recipient.name}的消息经 {message.channel} 等通道均未送达")


def _leased(ctx: LedgerContext, message: Message) -> QueuedMessage | None:
    """The row, if this lease still holds it; None when another sender has taken it over."""
    query = select(QueuedMessage).where(
        QueuedMessage.id == message.id,
        QueuedMessage.lease == message.lease,
        QueuedMessage.state == MessageState.LEASED,
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    return ctx.session.execute(locked).scalar_one_or_none()


def _retry(ctx: LedgerContext, row: QueuedMessage, channel: str) -> DeliveryResult:
    waits = ctx.policy.delivery.retry_minutes
    # The last wait stays when a policy allows more tries than it names waits.
    wait = timedelta(minutes=waits[min(row.attempts, len(waits)) - 1])
    row.state, row.next_try_at = MessageState.RETRY, _leaves_at(ctx, channel, ctx.now + wait)
    return DeliveryResult.RETRY


def _fall_back(ctx: LedgerContext, row: QueuedMessage, channel: str) -> DeliveryResult:
    row.channel_index += 1
    successor = row.recipient.channels[row.channel_index][0]
    row.state, row.attempts, row.next_try_at = MessageState.RETRY, 0, _leaves_at(ctx, successor, ctx.now)
    note = f"通道 {channel} 发送失败，已改用 {successor}（{row.recipient.name}）"
    # Once a channel and day: a server that is down would else be told of with every message.
    notify_operators(ctx, f"fallback:{channel}:{ctx.today}", note)
    return DeliveryResult.FALLBACK


def _bury(ctx: LedgerContext, row: QueuedMessage, note: str) -> DeliveryResult:
    row.state, row.next_try_at = MessageState.DEAD, None
    # A dead letter about a dead letter would never end.
    if not row.key.startswith(("dead-letter:", "fallback:")):
        notify_operators(ctx, f"dead-letter:{row.key}", note)
    return DeliveryResult.DEAD


def unsent(ctx: LedgerContext) -> int:
    """How many messages still wait to leave.

    Args:
        ctx: the ledger.
    """
    query = select(func.count()).select_from(QueuedMessage).where(QueuedMessage.next_try_at.is_not(None))
    return ctx.session.execute(query).scalar_one()
