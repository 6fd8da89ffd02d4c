"""The queue of messages: alerts are grouped into messages, which are leased, sent, retried, and never lost.

At most one daily message per person and working day is a unique key, not a hope. A lease that runs out means that a
sender died: the message goes again and says so (重发).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text, update

from db.ledger import audit, channels
from db.ledger.bulk import UNSEEN, AnyRow, among, as_json, insert_rows
from db.ledger.channels import DownChannel
from db.ledger.context import LedgerContext, Notification
from db.ledger.inspections import operators_posts
from db.ledger.roster import gap_note
from db.ledger.row_images import note_rows
from db.models import Alert, ChannelState, Person, QueuedMessage
from plan.model import FOLDER
from plan.policy import Hours, Pace
from plan.types import URGENT, AlertKind, DeliveryResult, Fate, Level, MessageState, severity
from rules.message import Message
from rules.retry import channel_rest, retry_wait
from rules.roster import wished_hours
from text.catalogue import date_text, phrase

SYSTEM_CHANNEL = "system:"
"""How the channel of a system begins: no channel of the settings may be called so."""
# By which channel a message goes: one to the operators about a channel ends in the folder, which needs none.
_FOLDER = '\'[["outbox", ""]]\'::jsonb'
_OWN = (
    "CASE WHEN messages.system_id IS NOT NULL THEN"
    " jsonb_build_array(jsonb_build_array(systems.channel, systems.hook_address))"
    f" WHEN messages.severity >= {URGENT} AND people.urgent_channels <> '[]' THEN people.urgent_channels"
    f" WHEN people.channels = '[]' THEN {_FOLDER} ELSE people.channels END"
)
_FOLDER_LAST = f"(CASE WHEN messages.key LIKE 'channel:%' THEN ({_OWN}) || {_FOLDER} ELSE ({_OWN}) END)"
_PAIR = f"({_FOLDER_LAST} -> channel_index)"
_TO_ALL = (
    "messages LEFT JOIN people ON people.id = messages.person_id LEFT JOIN systems ON systems.id = messages.system_id"
)
# By channel: whether anything may leave, and how many are under way.
_WANTED = text(
    f"""
    SELECT {_PAIR} ->> 0 AS channel, count(*) FILTER (WHERE next_try_at > :now) AS in_flight FROM {_TO_ALL}
    WHERE next_try_at <= :now OR state = 'leased'
    GROUP BY 1 HAVING bool_or(next_try_at <= :now)
    """  # noqa: S608 (our own names)
)
# What may leave, as much of each channel as it may be given, locked unless another sender holds it, and leased; ``due``
# knows it as it was before.
_LEASE = text(
    f"""
    WITH due AS (
        SELECT letter.*
        FROM json_to_recordset(CAST(:rooms AS json)) AS rooms(channel text, room integer)
        CROSS JOIN LATERAL (
            SELECT messages.id, messages.key, severity, next_try_at, coalesce(people.name, systems.name) AS name,
                messages.events, systems.hook_handle, state = 'leased' AS lapsed,
                (
                    SELECT organisation FROM alerts JOIN recipients ON recipients.id = recipient_id
                    JOIN inspections ON inspections.id = inspection_id
                    WHERE message_id = messages.id ORDER BY inspections.id LIMIT 1
                ) AS organisation,
                rooms.channel, {_PAIR} ->> 1 AS address
            FROM {_TO_ALL}
            WHERE next_try_at <= :now AND {_PAIR} ->> 0 = rooms.channel AND (
                CAST(:only AS text) IS NULL
                OR EXISTS (SELECT FROM alerts WHERE message_id = messages.id AND starts_with(rung, :only))
            )
            ORDER BY severity DESC, next_try_at, messages.id LIMIT rooms.room
            FOR UPDATE OF messages SKIP LOCKED
        ) AS letter
    )
    UPDATE messages SET
        state = 'leased', lease = :token, day = greatest(day, :today), next_try_at = :until, resend = resend OR lapsed,
        history = CASE WHEN lapsed THEN history || jsonb_build_object(
            'at', CAST(:at AS text), 'channel', channel, 'result', 'lease ran out') ELSE history END
    FROM due WHERE messages.id = due.id
    RETURNING due.*, resend, lease, (SELECT '-' || id || '-' || epoch FROM installation) AS voice
    """  # noqa: S608 (our own names)
)
# What waits for a channel that is down goes by the recipient's first one that is not, if one never refused it; by one
# that disturbs people not before the office opens.
_GO_ROUND = text(
    f"""
    WITH stuck AS (
        SELECT messages.id, {_PAIR} ->> 0 AS channel, way.place, way.name
        FROM {_TO_ALL} CROSS JOIN LATERAL (
            SELECT place - 1 AS place, pair ->> 0 AS name
            FROM jsonb_array_elements({_FOLDER_LAST}) WITH ORDINALITY AS ways(pair, place)
            WHERE NOT pair ->> 0 = ANY(:down) AND NOT refused @> jsonb_build_array(pair -> 0)
            ORDER BY place LIMIT 1
        ) AS way
        WHERE next_try_at <= :now AND {_PAIR} ->> 0 = ANY(:down)
            AND ({_PAIR} ->> 0 = ANY(:long_down) OR messages.key LIKE 'channel:%')
        FOR UPDATE OF messages SKIP LOCKED
    )
    UPDATE messages SET channel_index = stuck.place, attempts = 0, state = 'retry', next_try_at = CASE
            WHEN stuck.name = ANY(:quiet) OR starts_with(stuck.name, :systems) THEN next_try_at
            ELSE greatest(next_try_at, CAST(:opens AS timestamptz)) END,
        history = history
        || jsonb_build_object('at', CAST(:at AS text), 'channel', stuck.channel, 'result', 'channel down')
    FROM stuck WHERE messages.id = stuck.id
    """  # noqa: S608 (our own names)
)
_GIVE_UP = text(
    f"""
    WITH stuck AS (
        SELECT messages.id, {_PAIR} ->> 0 AS channel FROM {_TO_ALL}
        WHERE coalesce(failing_since, next_try_at) <= :before AND next_try_at <= :now AND {_PAIR} ->> 0 = ANY(:down)
        FOR UPDATE OF messages SKIP LOCKED
    )
    UPDATE messages SET state = 'dead', next_try_at = NULL, lease = NULL, history = history
        || jsonb_build_object('at', CAST(:at AS text), 'channel', stuck.channel, 'result', 'gave up: channel down')
    FROM stuck WHERE messages.id = stuck.id
    RETURNING stuck.channel
    """  # noqa: S608 (our own names)
)
# The folder and a channel that never failed have no rest.
_NEXT = text(
    f"""
    SELECT min(next_try_at) FILTER (WHERE rests_until IS NULL OR rests_until <= next_try_at) AS free,
        min(rests_until) FILTER (WHERE rests_until > next_try_at) AS rested
    FROM {_TO_ALL} LEFT JOIN channels AS fares ON fares.name = {_PAIR} ->> 0
    WHERE next_try_at IS NOT NULL
    """  # noqa: S608 (our own names)
)
_HOLD = text("UPDATE messages SET next_try_at = :until WHERE id = :message AND lease = :token AND state = 'leased'")
# A channel that is back takes at once what waits for the next try by it.
_DRAIN = text(
    f"""
    UPDATE messages SET next_try_at = :at WHERE id IN (
        SELECT messages.id FROM {_TO_ALL}
        WHERE state = 'retry' AND next_try_at > :at AND {_PAIR} ->> 0 = :channel
    )
    """  # noqa: S608 (our own names)
)
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
    SELECT told.number, told.recipient, people.id, people.channels -> 0 ->> 0 AS channel, people.hours,
        letter.id AS waiting, letter.severity
    FROM json_to_recordset(CAST(:notifications AS json))
        AS told(number integer, period bigint, rung text, recipient bigint, person bigint)
    JOIN people ON people.id = told.person
    LEFT JOIN LATERAL (
        SELECT messages.id, messages.severity FROM messages
        WHERE messages.person_id = people.id AND messages.next_try_at IS NOT NULL
            AND messages.state = 'pending' AND messages.key NOT LIKE 'digest-%'
            -- What is told of a channel goes by another, so it has a message of its own.
            AND (messages.key LIKE 'channel:%') = (told.rung LIKE 'channel:%')
        ORDER BY messages.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS letter ON true
    WHERE NOT EXISTS (
        SELECT FROM alerts
        WHERE alerts.period_id IS NOT DISTINCT FROM told.period AND alerts.rung = told.rung
            AND alerts.recipient_id = told.recipient
    )
    ORDER BY people.id, told.number
    """
)
_WAITING_EVENT = text(
    """
    SELECT id FROM messages WHERE person_id = :person AND next_try_at IS NOT NULL AND state = 'pending'
        AND left(key, 7) <> 'digest-' AND starts_with(key, 'channel:') = :of_channel
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
# The channel of each person, and his daily messages of today and later, or that still have to leave, locked. Not
# LIKE: the index of keys would be read for it, which holds the messages of everybody.
_DAILY = text(
    """
    SELECT people.id AS person, people.channels -> 0 ->> 0 AS channel, people.hours, daily.*
    FROM people
    LEFT JOIN LATERAL (
        SELECT messages.id, messages.day, messages.next_try_at, state = 'pending' OR (state = 'retry' AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(messages.history) AS tried
            WHERE tried ->> 'result' LIKE 'timeout%' OR tried ->> 'result' = 'lease ran out'
        )) AS unread
        FROM messages
        WHERE messages.person_id = people.id AND left(messages.key, 7) = 'digest-'
            AND (messages.day >= :today OR messages.next_try_at IS NOT NULL)
        FOR UPDATE
    ) AS daily ON true
    WHERE people.id = ANY(:people)
    ORDER BY people.id
    """
)


def daily_messages(ctx: LedgerContext, severities: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """The waiting daily message of every person, made where there is none.

    One that perhaps has left takes nothing more: later alerts go into the next working day's. One that no channel took
    yet is still waiting, so that after an outage of days each person gets one.

    Args:
        ctx: the ledger.
        severities: ids of people with the rank of their worst alert.

    Returns:
        Ids of people with the ids of their messages, and how many of these were made.
    """
    found = {person: _KnownDaily() for person in sorted(severities)}
    rows_found = ctx.connection.execute(_DAILY, {"people": list(found), "today": ctx.today}).tuples()
    for person, channel, hours, message, day, next_try_at, unread in rows_found:
        known = found[person]
        known.channel, known.hours = channel or FOLDER, hours
        if message is None:
            continue
        if unread:
            known.waiting = message
        if next_try_at:  # a letter that is tried again takes the day on which it will leave
            day = max(day, ctx.work_time.day_of(ctx.work_time.next_sending(max(next_try_at, ctx.now))))
        known.taken = max(day, known.taken or day)
    waiting = {person: known.waiting for person, known in found.items() if known.waiting is not None}
    _raise_severity(ctx, waiting, severities)
    rows: list[dict[str, Any]] = []
    # Most people are written to by a few channels at the same hours, and have no letter of that day.
    leaving: dict[tuple[str, str], tuple[datetime, date, str]] = {}
    for person, known in found.items():
        if known.waiting is not None:
            continue
        # In hours, or at once where it disturbs nobody; a working day after one that has left.
        way = known.channel, known.hours
        if way not in leaving:
            at = _leaves_at(ctx, known.channel, ctx.now, known.hours)
            day = ctx.work_time.day_of(at)
            leaving[way] = at, day, _daily_key(day)
        leaves_at, day, key = leaving[way]
        if known.taken is not None and known.taken >= day:
            day = ctx.work_time.calendar.next_workday(known.taken + timedelta(days=1))
            leaves_at = ctx.work_time.next_sending(ctx.work_time.start_of(day), _wish(known.hours))
            key = _daily_key(day)
        rank = severities[person]
        row = {"key": f"{key}{person}", "person_id": person, "day": day, "next_try_at": leaves_at, "severity": rank}
        rows.append(row)
    return (waiting | _insert_messages(ctx, rows), len(rows)) if rows else (waiting, 0)


def _daily_key(day: date) -> str:
    # The unique key is what keeps it to one a day, also between two sweeps; the number of the person follows. It is
    # marked, because earlier releases numbered the posts in its place.
    return f"digest-{day:%Y%m%d}-p"


def _disturbs_nobody(ctx: LedgerContext, channel: str) -> bool:
    return channel in ctx.policy.hours.exempt or channel.startswith(SYSTEM_CHANNEL)


def _leaves_at(ctx: LedgerContext, channel: str, ready_at: datetime, hours: str = "") -> datetime:
    if _disturbs_nobody(ctx, channel):
        return ready_at
    return ctx.work_time.next_sending(ready_at, _wish(hours))


def _wish(hours: str) -> Hours | None:
    return wished_hours(hours) if hours else None


@dataclass(slots=True)
class _KnownDaily:
    """The daily messages of a person: by which channel, when he wants them, the one ``waiting`` for more, the last day
    ``taken``."""

    channel: str = FOLDER
    hours: str = ""
    waiting: int | None = None
    taken: date | None = None


def _insert_messages(ctx: LedgerContext, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    # The no-op update makes a key that somebody else just inserted come back as well.
    ending = "ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING person_id, id"
    shared = {"state": MessageState.PENDING, "created_at": ctx.now, "channel_index": 0, "attempts": 0, "resend": False}
    found = insert_rows(ctx.connection, QueuedMessage, rows, ending, history=[], **shared)
    return {person: message for person, message in found}


def queue_events(ctx: LedgerContext, system_id: int, batches: Sequence[Sequence[dict[str, Any]]]) -> None:
    """Queue what a system is told, a message for each batch; it leaves at any hour.

    Args:
        ctx: the ledger.
        system_id: the system that is told.
        batches: events, each batch with at least one; none: nothing is queued.
    """
    rows = [
        {"key": f"events-{system_id}-{batch[0]['id']}", "system_id": system_id, "events": list(batch)}
        for batch in batches
    ]
    if rows:
        shared = {"state": MessageState.PENDING, "created_at": ctx.now, "next_try_at": ctx.now, "day": ctx.today}
        shared |= {"severity": 0, "channel_index": 0, "attempts": 0, "resend": False, "history": []}
        insert_rows(ctx.connection, QueuedMessage, rows, "ON CONFLICT (key) DO NOTHING", **shared)


def drop_events(ctx: LedgerContext, system_id: int) -> None:
    """Lay aside what waits for a system that wants to be told no more.

    Args:
        ctx: the ledger.
        system_id: the system.
    """
    waiting = update(QueuedMessage).where(QueuedMessage.system_id == system_id, QueuedMessage.next_try_at.is_not(None))
    ctx.session.execute(waiting.values(state=MessageState.MOOT, next_try_at=None, lease=None), execution_options=UNSEEN)


def _raise_severity(ctx: LedgerContext, messages: Mapping[int, int], severities: Mapping[int, int]) -> None:
    # One statement a rank: there are at most six, and people may be thousands.
    for rank in sorted({severities[person] for person in messages}):
        ids = [message for person, message in messages.items() if severities[person] == rank]
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

    It goes with the reader's other notifications that have not begun to leave, in one message. ``rung`` is the
    event's stable key; telling the same event twice writes nothing new. A post that nobody stands for is told nothing,
    and the operators of that.

    Args:
        ctx: the ledger.
        recipients: ids of the posts to tell.
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
    notifications = [*notifications, *gap_words(ctx, {one for told in notifications for one in told.recipients})]
    stands = ctx.stands({one for told in notifications for one in told.recipients})
    asked = [
        {
            "number": number,
            "period": notification.period_id,
            "rung": notification.rung,
            "recipient": recipient,
            "person": found.who.person,
        }
        for number, notification in enumerate(notifications)
        for recipient in notification.recipients
        if (found := stands[recipient])
    ]
    if not asked:
        return
    # The chain before the letters, as everywhere: the transaction ends with an entry that states the alerts.
    audit.queue(ctx.session)
    untold = ctx.connection.execute(_UNTOLD, {"notifications": as_json(asked)}).all()
    if not untold:
        return
    ranks = [severity(one.level) for one in notifications]
    severities: dict[int, int] = {}
    for row in untold:
        severities[row.id] = max(ranks[row.number], severities.get(row.id, 0))
    letters = {row.id: row.waiting for row in untold if row.waiting is not None}
    milder = {row.id: row.waiting for row in untold if row.waiting is not None and row.severity < severities[row.id]}
    _raise_severity(ctx, milder, severities)
    # Reversed, so that of several events of one person the first gives the message its key.
    fresh = {row.id: _event_row(ctx, notifications[row.number], row) for row in reversed(untold) if row.waiting is None}
    if fresh:
        rows = [row | {"severity": severities[person]} for person, row in sorted(fresh.items())]
        letters |= _insert_messages(ctx, rows)
    alerts = [_alert(notifications[row.number], row.recipient, letters[row.id]) for row in untold]
    # Two who tell the same event at once both found it untold; the unique key lets one of them write it.
    ending = "ON CONFLICT DO NOTHING"
    insert_rows(ctx.connection, Alert, alerts, ending, fell_due_at=ctx.now, recorded_at=ctx.now)
    note_rows(ctx.session, "alerts", alerts)


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
    leaves_at = _leaves_at(ctx, to.channel or FOLDER, ctx.now, to.hours)
    key, day = f"{notification.rung}-{notification.period_id or 0}-p{to.id}", ctx.work_time.day_of(leaves_at)
    return {"key": key, "person_id": to.id, "day": day, "next_try_at": leaves_at}


def event_messages(ctx: LedgerContext, person: int, key: str, rank: int) -> int:
    """A message outside the daily one that has not begun to leave, made where there is none.

    Args:
        ctx: the ledger.
        person: id of its reader.
        key: of the message that was another's; it names the new one, and says whether it is about a channel.
        rank: of its worst alert.

    Returns:
        The id of the message.
    """
    of_channel = key.startswith("channel:")
    found = ctx.connection.execute(_WAITING_EVENT, {"person": person, "of_channel": of_channel}).scalar_one_or_none()
    if found is not None:
        _raise_severity(ctx, {person: found}, {person: rank})
        return int(found)
    to = ctx.session.get_one(Person, person)
    leaves_at = _leaves_at(ctx, to.channels[0][0] if to.channels else FOLDER, ctx.now, to.hours)
    row = {"key": f"{key[:130]}-to-p{person}", "person_id": person, "day": ctx.work_time.day_of(leaves_at)}
    return _insert_messages(ctx, [row | {"next_try_at": leaves_at, "severity": rank}])[person]


def notify_operators(ctx: LedgerContext, rung: str, note: str) -> None:
    """Tell the rectification office something about the engine itself.

    Args:
        ctx: the ledger.
        rung: the event's stable key.
        note: what happened, in the words of the message.
    """
    notify(ctx, operators_posts(ctx.session), rung, AlertKind.OPERATOR, Level.ORANGE, note)


def gap_words(ctx: LedgerContext, posts: Iterable[int]) -> list[Notification]:
    """What the operators are to be told of posts that have nobody of their own there; the same again is told once.

    Args:
        ctx: the ledger.
        posts: ids of posts to which something is to be said.
    """
    stands = ctx.stands(posts)
    found = [(post, stands[post]) for post in sorted(posts) if (one := stands[post]) is None or one.gap]
    if not found:
        return []
    office = operators_posts(ctx.session)
    stands = ctx.stands(office)
    found += [(post, one) for post in office if (one := stands[post]) and one.gap]
    words = dict(note for post, one in found if (note := gap_note(ctx.session, post, one)))
    return [Notification(office, rung, AlertKind.OPERATOR, Level.ORANGE, note, None) for rung, note in words.items()]


def lease(
    ctx: LedgerContext, limit: int, only: str | None = None, paces: Mapping[str, Pace] | None = None
) -> list[Message]:
    """Take messages that may leave now, the most severe first; they are ours until the lease ends.

    A message that was held up beyond closing time waits for the next opening, unless the channel by which it goes now
    disturbs nobody. One whose lease ran out was perhaps sent by a sender that died: it goes again, as a re-send. A
    channel is given no more than its pace allows, and one that is down a single message now and then.

    Args:
        ctx: the ledger at the instant of sending.
        limit: the most messages to take of each channel.
        only: take those alone that carry an alert whose key begins so; None takes all.
        paces: what the channels can take, by name; any other takes whatever comes.

    Returns:
        The messages, not selected yet: to whom they go, by which channel, under which lease, in whose name.
    """
    wanted = _wanted(ctx)
    # While only some may leave, the clock is doubted: nothing is given up by it.
    if wanted and only is None and (stuck := channels.down(ctx)):
        audit.queue(ctx.session)  # before the letters that are given up, of which the operators are told
        _clear_way(ctx, stuck)
        wanted = _wanted(ctx)  # what goes another way is wanted of another channel
    wanted = _in_hours(ctx, wanted)
    rooms = channels.rooms(ctx, wanted, paces or {}, limit) if wanted else {}
    if not rooms:
        return []
    until = ctx.now + timedelta(minutes=ctx.policy.delivery.lease_minutes)
    asked = {
        "now": ctx.now,
        "at": ctx.now.isoformat(),
        "today": ctx.today,
        "only": only,
        "rooms": as_json([{"channel": name, "room": room} for name, room in sorted(rooms.items())]),
        # One for all that are leased together; who sends after the lease ended is recognised by it.
        "token": str(uuid4()),
        "until": until,
    }
    found = ctx.connection.execute(_LEASE, asked).all()
    if found:
        channels.give(ctx, Counter(row.channel for row in found), until)
    # RETURNING has no order of its own.
    found = sorted(found, key=lambda row: (-row.severity, row.next_try_at, row.id))
    return [
        Message(
            id=row.id,
            key=f"{row.key}{row.voice or ''}",
            lease=row.lease,
            severity=row.severity,
            resend=row.resend,
            recipient=row.name,
            channel=row.channel,
            address=row.address,
            office=f"{row.organisation or ''}整改办",
            day=ctx.today,
            events=tuple(row.events or ()),
            hook=row.hook_handle or "",
        )
        for row in found
    ]


def next_try(ctx: LedgerContext) -> datetime | None:
    """When the next message may be tried, a past instant for what waits already; None while none waits.

    Args:
        ctx: the ledger.

    Returns:
        An aware instant; what waits for a channel at rest is not tried before that is over and the office is open.
    """
    free, rested = ctx.connection.execute(_NEXT).one()
    found = [free, rested and ctx.work_time.next_sending(rested)]
    return min((one for one in found if one is not None), default=None)


def _wanted(ctx: LedgerContext) -> dict[str, int]:
    """The channels by which something waits to leave, with how much is under way by them."""
    return {row.channel: row.in_flight for row in ctx.connection.execute(_WANTED, {"now": ctx.now})}


def _in_hours(ctx: LedgerContext, wanted: dict[str, int]) -> dict[str, int]:
    """Those that may be used now: outside office hours the channels that disturb nobody."""
    if ctx.work_time.may_send(ctx.now):
        return wanted
    return {name: in_flight for name, in_flight in wanted.items() if _disturbs_nobody(ctx, name)}


def next_slot(ctx: LedgerContext, paces: Mapping[str, Pace]) -> datetime | None:
    """When a channel may be given more of what is due and waits for its pace.

    Args:
        ctx: the ledger at the instant of sending.
        paces: what the channels can take, by name; any other takes whatever comes.

    Returns:
        An aware instant; None when nothing that is due waits for the pace of a channel that is up.
    """
    return channels.soonest_room(ctx, _in_hours(ctx, _wanted(ctx)), paces)


def _clear_way(ctx: LedgerContext, stuck: Sequence[DownChannel]) -> None:
    """Send what waits for channels that are down another way, and give up what waited for the policy's days."""
    rules = ctx.policy.delivery
    # No sooner than a message that tries by itself would have left for the next channel.
    patience = sum((retry_wait(rules, tries, "") for tries in range(1, rules.tries_per_channel)), timedelta())
    given_up_before = ctx.now - timedelta(days=rules.give_up_days)
    asked = {
        "now": ctx.now,
        "at": ctx.now.isoformat(),
        "down": [one.name for one in stuck],
        "long_down": [one.name for one in stuck if one.since <= ctx.now - patience],
    }
    # While the office is open what waits keeps its place and its age.
    opens = None if ctx.work_time.may_send(ctx.now) else ctx.work_time.next_sending(ctx.now)
    at_hours = {"opens": opens, "systems": SYSTEM_CHANNEL}
    ctx.connection.execute(_GO_ROUND, asked | at_hours | {"quiet": sorted(ctx.policy.hours.exempt)})
    long_gone = {one.name: one for one in stuck if one.since <= given_up_before}
    if long_gone:
        dead = Counter(
            ctx.connection.execute(_GIVE_UP, asked | {"down": sorted(long_gone), "before": given_up_before}).scalars()
        )
        for name, count in sorted(dead.items()):
            note = phrase("channel.gave_up", channel=name, days=rules.give_up_days, n=count)
            notify_operators(ctx, f"channel:{name}:gave-up:{ctx.today}", note)


def hold(ctx: LedgerContext, message: Message) -> bool:
    """Make sure, right before a message is sent, that it is still ours, and for as long as a lease lasts.

    Messages leased together are sent one after the other, the last perhaps long after the lease began.

    Args:
        ctx: the ledger at the instant of sending.
        message: leased.

    Returns:
        False when another sender has taken it over.
    """
    until = ctx.now + timedelta(minutes=ctx.policy.delivery.lease_minutes)
    held = ctx.connection.execute(_HOLD, {"until": until, "message": message.id, "token": message.lease})
    return bool(held.rowcount)


def record_results(ctx: LedgerContext, messages: Sequence[Message]) -> list[DeliveryResult]:
    """Record what became of leased messages; one that another sender has taken over meanwhile stays his.

    A message that was not taken now is tried again, by the recipient's next channel when the tries of this one are used
    up, and round again for the policy's days. One that every channel refused, or that failed for so long, ends as a
    dead letter, of which the operators are told; dead letters to the operators themselves only stand in the ledger.

    Args:
        ctx: the ledger at the instant of the try.
        messages: each with its ``result`` (sent, moot, or dead for one that can never be said) or its ``failure``.

    Returns:
        The result of each message, in their order.
    """
    # What fails, or comes back, is told: the chain before the letters, so that no two transactions wait for each other.
    if any(message.failure for message in messages) or channels.down(ctx):
        audit.queue(ctx.session)
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
    # Who refuses one letter answers: the channel is back, and what waits for it must not wait for a better one.
    if working := {message.channel for message in messages if message.answered}:
        for back in channels.worked(ctx, working):
            _drain(ctx, back)
    return [failures.get(message.id) or message.result or DeliveryResult.LOST for message in messages]


def _drain(ctx: LedgerContext, back: DownChannel) -> None:
    leaves_at = _leaves_at(ctx, back.name, ctx.now)
    ctx.connection.execute(_DRAIN, {"at": leaves_at, "channel": back.name})
    if back.told:
        note = phrase("channel.back", channel=back.name, since=_minute_text(ctx, back.since))
        notify_operators(ctx, f"channel:{back.name}:back:{back.since.isoformat()}", note)


def _minute_text(ctx: LedgerContext, at: datetime) -> str:
    local = at.astimezone(ctx.work_time.zone)
    return f"{date_text(local.date())}{local:%H:%M}"


def _record_failure(ctx: LedgerContext, message: Message) -> DeliveryResult:
    if message.result is not DeliveryResult.DEAD:
        down = channels.failed(ctx, message.channel, message.fate, message.failure, message.retry_after)
        if down is not None and down.down_since is not None:
            since = _minute_text(ctx, down.down_since)
            note = phrase("channel.down", channel=down.name, since=since, why=message.failure[:200])
            notify_operators(ctx, f"channel:{down.name}:down:{down.down_since.isoformat()}", note)
    row = _leased(ctx, message)
    if row is None:
        return DeliveryResult.LOST
    tried = {"at": ctx.now.isoformat(), "channel": message.channel, "result": message.failure[:500]}
    if message.result is not DeliveryResult.DEAD:
        tried["fate"] = message.fate
    row.history = [*row.history, tried]
    row.lease = None
    if message.result is DeliveryResult.DEAD:
        return _bury(ctx, row, f"致{row.reader}的消息无法写成：{message.failure[:200]}")
    row.failing_since = row.failing_since or ctx.now
    names = [name for name, _ in row.ways]
    if message.channel not in names:
        names.append(message.channel)  # the folder of last resort
    if message.fate is Fate.REFUSED:
        row.refused = [*row.refused, message.channel]
    left = [name for name in names if name not in row.refused]
    if not left or ctx.now - row.failing_since >= timedelta(days=ctx.policy.delivery.give_up_days):
        return _bury(ctx, row, f"致{row.reader}的消息经 {message.channel} 等通道均未送达")
    if message.fate is Fate.BUSY:
        # No fault of the message, and the channel itself says when: it does not count as a try.
        rest = channel_rest(ctx.policy.delivery, ctx.now - row.failing_since, message.retry_after)
        return _retry(ctx, row, message.channel, rest)
    # Counted per channel the first time round, so that each has its tries.
    row.attempts += 1
    mine = names.index(message.channel)
    successor = next(name for name in [*names[mine + 1 :], *names[: mine + 1]] if name in left)
    fresh = successor != message.channel and all(tried["channel"] != successor for tried in row.history)
    used_up = row.attempts >= ctx.policy.delivery.tries_per_channel
    if fresh and (used_up or message.fate in (Fate.REFUSED, Fate.UNUSABLE)):
        return _fall_back(ctx, row, message.channel, names.index(successor))
    following = successor if used_up or message.fate is Fate.REFUSED else message.channel
    row.channel_index = names.index(following)
    return _retry(ctx, row, following, retry_wait(ctx.policy.delivery, row.attempts, row.key))


def _leased(ctx: LedgerContext, message: Message) -> QueuedMessage | None:
    """The row, if this lease still holds it; None when another sender has taken it over."""
    query = select(QueuedMessage).where(
        QueuedMessage.id == message.id,
        QueuedMessage.lease == message.lease,
        QueuedMessage.state == MessageState.LEASED,
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    return ctx.session.execute(locked).scalar_one_or_none()


def _retry(ctx: LedgerContext, row: QueuedMessage, channel: str, wait: timedelta) -> DeliveryResult:
    row.state, row.next_try_at = MessageState.RETRY, _leaves_at(ctx, channel, ctx.now + wait)
    return DeliveryResult.RETRY


def _fall_back(ctx: LedgerContext, row: QueuedMessage, channel: str, place: int) -> DeliveryResult:
    row.channel_index = place
    successor = row.ways[place][0]
    row.state, row.attempts, row.next_try_at = MessageState.RETRY, 0, _leaves_at(ctx, successor, ctx.now)
    state = ctx.session.get(ChannelState, channel)
    if state is None or state.told_at is None:  # that the channel is down says it of every message
        note = f"通道 {channel} 发送失败，已改用 {successor}（{row.reader}）"
        notify_operators(ctx, f"fallback:{channel}:{ctx.today}", note)
    return DeliveryResult.FALLBACK


def _bury(ctx: LedgerContext, row: QueuedMessage, note: str) -> DeliveryResult:
    row.state, row.next_try_at = MessageState.DEAD, None
    # A dead letter about a dead letter would never end.
    if not row.key.startswith(("dead-letter:", "fallback:", "channel:")):
        notify_operators(ctx, f"dead-letter:{row.key}", note)
    return DeliveryResult.DEAD
