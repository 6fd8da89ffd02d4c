"""What messages are about: their alerts with what is known now of the periods."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, or_, select

from db import matters
from db.ledger.bulk import among
from db.ledger.context import LedgerContext
from db.models import Alert, Duty, Measure, Period
from rules.message import MessageItem

# In the order of the fields of MessageItem, after the message. The kind as plain text: what no version of ours has
# written is found out by whoever asks what the kind means, message by message.
_ALERTS = (
    select(
        Alert.message_id,
        Alert.rung,
        Alert.kind,
        Alert.level,
        Alert.note,
        Alert.period_id,
        Period.state,
        func.coalesce(Measure.code, ""),
        func.coalesce(Measure.title, ""),
        func.coalesce(Duty.title, ""),
        func.coalesce(Period.label, ""),
        Period.due_on,
        matters.tag_of_alert(),
    )
    # Outer joins: an alert about the engine has no period.
    .outerjoin(Period, Period.id == Alert.period_id)
    .outerjoin(Duty, Duty.id == Period.duty_id)
    .outerjoin(Measure, Measure.id == Duty.measure_id)
    .where(
        among(Alert.message_id, bindparam("messages")),
        # What a rung said of a limit that a later one replaced is true no more.
        or_(Alert.limit_on.is_(None), Period.limit_since.is_(None), Alert.recorded_at >= Period.limit_since),
    )
    .order_by(Alert.fell_due_at, Alert.id)
)


def alerts_of(ctx: LedgerContext, messages: Iterable[int]) -> dict[int, list[MessageItem]]:
    """The alerts of several messages, in the order in which they fell due; one query for all.

    Args:
        ctx: the ledger.
        messages: ids in the queue.

    Returns:
        Alerts by message, whatever became of their periods, but for those of a limit that is no more in force; an empty
        list for a message without any.
    """
    found: dict[int, list[MessageItem]] = {message: [] for message in messages}
    for message, *alert in ctx.connection.execute(_ALERTS, {"messages": sorted(found)}):
        found[message].append(MessageItem(*alert))
    return found
