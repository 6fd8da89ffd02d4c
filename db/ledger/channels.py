"""How channels fare: what they were given lately, how they fail, whether one is down. Shared by all who send.

A channel that many messages fail by is *down*: they wait for it together, and one of them tries it now and then. What
it is given is counted in the database, so its pace holds for any number of senders.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text

from db.ledger.bulk import AnyRow, as_json
from db.ledger.context import LedgerContext
from db.models import ChannelState
from plan.policy import Pace
from plan.types import Fate
from rules.retry import MINUTE, channel_rest, channel_room, room_again_at

_TOLD_AFTER = MINUTE
"""A channel that comes back within this has nobody told of it."""
_BUSY_IS_DOWN = timedelta(hours=1)
"""A channel that says it is busy is down when it took nothing for this long."""
_LONGEST_REST = timedelta(days=1)
# Only what is not there: an insert would wait for whoever is just changing the row, or making it.
_MAKE = text(
    """
    INSERT INTO channels (name, taken, failures)
    SELECT name, '[]', 0 FROM unnest(CAST(:names AS text[])) AS wanted(name)
    WHERE NOT EXISTS (SELECT FROM channels WHERE channels.name = wanted.name)
        AND pg_try_advisory_xact_lock(hashtext('channel:' || wanted.name)) ON CONFLICT DO NOTHING
    """
)
# What another sender is just giving messages to is left to him: its pace would else be counted twice.
_HOLD = text("SELECT * FROM channels WHERE name = ANY(:names) FOR UPDATE SKIP LOCKED")
_READ = text("SELECT * FROM channels WHERE name = ANY(:names) AND down_since IS NULL")
_GIVE = text(
    """
    UPDATE channels SET taken = given.taken, rests_until = CASE WHEN down_since IS NULL THEN rests_until ELSE :until END
    FROM json_to_recordset(CAST(:given AS json)) AS given(name text, taken jsonb)
    WHERE channels.name = given.name
    """
)
_WORKED = text(
    """
    WITH failing AS (
        SELECT name, down_since, told_at FROM channels WHERE name = ANY(:names) AND failures > 0 FOR UPDATE
    )
    UPDATE channels SET failures = 0, failing_since = NULL, last_error = NULL, down_since = NULL, told_at = NULL,
        rests_until = CASE WHEN channels.down_since IS NULL THEN rests_until END
    FROM failing WHERE channels.name = failing.name
    RETURNING failing.name, failing.down_since, failing.told_at
    """
)


@dataclass(frozen=True, slots=True)
class DownChannel:
    """A channel that is down: since when (aware), with what error, and whether the operators know."""

    name: str
    since: datetime
    error: str
    told: bool


def rooms(ctx: LedgerContext, wanted: Mapping[str, int], paces: Mapping[str, Pace], limit: int) -> dict[str, int]:
    """How many messages each channel may be given now; the channels are held until the transaction ends.

    Args:
        ctx: the ledger at the instant of sending.
        wanted: by channel, how many messages are under way by it.
        paces: by channel; any other takes whatever comes.
        limit: the most of one channel.

    Returns:
        Channels with the number they may be given, at least one.
    """
    asked = {"names": sorted(wanted)}
    held = ctx.connection.execute(_HOLD, asked).all()
    if len(held) < len(wanted):  # new ones, or held by another sender
        ctx.connection.execute(_MAKE, asked)
        held = ctx.connection.execute(_HOLD, asked).all()
    free = {}
    for row in held:
        if _rests(row, ctx.now):
            continue
        room = channel_room(paces.get(row.name, Pace(at_once=limit)), _taken(row), wanted[row.name], ctx.now)
        if room := min(room, limit, 1 if row.down_since is not None else limit):
            free[row.name] = room
    return free


def _rests(row: AnyRow, now: datetime) -> bool:
    # No rest is longer: one that seems to be was noted under a clock that was wrong.
    return row.rests_until is not None and now < row.rests_until <= now + _LONGEST_REST


def _taken(row: AnyRow) -> list[tuple[datetime, int]]:
    return [(datetime.fromisoformat(at), count) for at, count in row.taken]


def soonest_room(ctx: LedgerContext, names: Iterable[str], paces: Mapping[str, Pace]) -> datetime | None:
    """When the first of some channels that are left alone for their pace, or because they asked for it, is given more.

    Args:
        ctx: the ledger.
        names: of channels by which something waits.
        paces: by channel; any other takes whatever comes.

    Returns:
        An aware instant after ``now``; None when none of them is left alone, or only such as are down.
    """
    slots = []
    for row in ctx.connection.execute(_READ, {"names": sorted(names)}):
        again = room_again_at(paces.get(row.name, Pace()), _taken(row), ctx.now)
        rested = row.rests_until if _rests(row, ctx.now) else None
        if waits := [at for at in (again, rested) if at is not None]:
            slots.append(max(waits))
    return min(slots, default=None)


def give(ctx: LedgerContext, counts: Mapping[str, int], until: datetime) -> None:
    """Note how many messages channels were given; of one that is down nothing else is tried ``until`` it answered.

    Args:
        ctx: the ledger at the instant of sending.
        counts: by channel, held by ``rooms``.
        until: aware instant at which the try is over in any case.
    """
    held = ctx.connection.execute(_HOLD, {"names": sorted(counts)}).all()
    given = []
    for row in held:
        kept = [[at, count] for at, count in row.taken if abs(datetime.fromisoformat(at) - ctx.now) < MINUTE]
        given.append({"name": row.name, "taken": [*kept, [ctx.now.isoformat(), counts[row.name]]]})
    ctx.connection.execute(_GIVE, {"given": as_json(given), "until": until})


def worked(ctx: LedgerContext, names: Iterable[str]) -> list[DownChannel]:
    """Note that channels took a message.

    Args:
        ctx: the ledger at the instant of the try.
        names: of the channels.

    Returns:
        Those that were down until now.
    """
    found = ctx.connection.execute(_WORKED, {"names": sorted(set(names))})
    return [
        DownChannel(row.name, row.down_since, "", row.told_at is not None)
        for row in found
        if row.down_since is not None
    ]


def failed(ctx: LedgerContext, name: str, fate: Fate, error: str, asked: timedelta | None) -> ChannelState | None:
    """Note that a channel did not take a message, where that says something of the channel.

    Args:
        ctx: the ledger at the instant of the try.
        name: of the channel.
        fate: of the try.
        error: what was told, its secrets masked.
        asked: how long the channel asks to be left alone; None when it named nothing.

    Returns:
        The channel when the operators are to be told now, once, that it is down.
    """
    if fate not in (Fate.BUSY, Fate.AWAY, Fate.UNUSABLE):
        return None
    rules = ctx.policy.delivery
    ctx.connection.execute(_MAKE, {"names": [name]})
    channel = ctx.session.get_one(ChannelState, name, with_for_update=True, populate_existing=True)
    channel.failures += 1
    channel.failing_since = channel.failing_since or ctx.now
    channel.last_error = error[:500]
    lasting = ctx.now - channel.failing_since
    if channel.down_since is None and (
        fate is Fate.UNUSABLE
        or (fate is Fate.AWAY and channel.failures >= rules.down_after)
        or (fate is Fate.BUSY and lasting >= _BUSY_IS_DOWN)
    ):
        channel.down_since = channel.failing_since
    rest = ctx.now + channel_rest(rules, lasting, asked)
    if channel.down_since is not None:
        channel.rests_until = rest
    elif fate is Fate.BUSY:
        channel.rests_until = max(rest, channel.rests_until or rest)
    if channel.down_since is None or channel.told_at is not None:
        return None
    if fate is not Fate.UNUSABLE and lasting < _TOLD_AFTER:
        return None
    channel.told_at = ctx.now
    return channel


def down(ctx: LedgerContext) -> list[DownChannel]:
    """The channels that are down, in the order of their names.

    Args:
        ctx: the ledger.
    """
    query = select(ChannelState).where(ChannelState.down_since.is_not(None)).order_by(ChannelState.name)
    found = ctx.session.execute(query.execution_options(populate_existing=True)).scalars()
    return [
        DownChannel(one.name, one.down_since, one.last_error or "", one.told_at is not None)
        for one in found
        if one.down_since is not None
    ]


def forget(ctx: LedgerContext, name: str) -> None:
    """Forget how a channel fared: it leads elsewhere from now on, or nowhere, and is no more down.

    Args:
        ctx: the ledger.
        name: of the channel.
    """
    ctx.session.execute(delete(ChannelState).where(ChannelState.name == name))
