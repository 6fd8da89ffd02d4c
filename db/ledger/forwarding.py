"""What waits for somebody who is away, gone or has no turn any more when it would leave goes to who stands for the
post by then."""

from collections import defaultdict

from sqlalchemy import text

from db.ledger import audit
from db.ledger.bulk import AnyRow, as_json
from db.ledger.context import LedgerContext
from db.ledger.inspections import operators_posts
from db.ledger.message_items import handed_over
from db.ledger.message_queue import daily_messages, event_messages
from plan.types import severity

_ASTRAY = """
    FROM messages JOIN alerts ON alerts.message_id = messages.id
    WHERE next_try_at <= :now AND state IN ('pending', 'retry') AND person_id IN (
        SELECT person_id FROM absences WHERE :today BETWEEN from_on AND until_on
        UNION ALL SELECT person_id FROM holdings WHERE until_on < :today
        UNION ALL SELECT id FROM people WHERE removed_at IS NOT NULL
        UNION ALL SELECT person_id FROM holdings WHERE turn IS NOT NULL
    )
"""
_ANY = text(f"SELECT EXISTS (SELECT {_ASTRAY})")
_FOUND = text(
    f"""
    SELECT messages.id AS message, messages.key, person_id, alerts.id, recipient_id, recorded_at, level, period_id
    {_ASTRAY} ORDER BY messages.id, alerts.id FOR UPDATE OF messages SKIP LOCKED
    """
)
_MOVE = text(
    """
    UPDATE alerts SET message_id = moved.message
    FROM json_to_recordset(CAST(:moved AS json)) AS moved(alert bigint, message bigint) WHERE alerts.id = moved.alert
    """
)


def forward(ctx: LedgerContext) -> int:
    """Put alerts that should leave by now into the messages of those who stand for their posts today.

    What is of the day joins the message of the day of who stands in, so that he gets one. A message that keeps nothing
    has nothing to say and ends as moot.

    Args:
        ctx: the ledger at the instant of sending.

    Returns:
        How many alerts went to somebody else.
    """
    asked = {"now": ctx.now, "today": ctx.today}
    if not ctx.connection.execute(_ANY, asked).scalar_one():
        return 0
    audit.queue(ctx.session)  # the chain before the letters, as everywhere
    rows = ctx.connection.execute(_FOUND, asked).all()
    ctx.stands({row.recipient_id for row in rows})
    daily: dict[int, list[AnyRow]] = defaultdict(list)
    events: dict[tuple[int, str], list[AnyRow]] = defaultdict(list)
    for row in rows:
        person = _stands_now(ctx, row)
        if person is None or person == row.person_id:
            continue
        if row.key.startswith("digest-"):
            daily[person].append(row)
        else:
            events[person, row.key].append(row)
    moved: list[dict[str, int]] = []
    if daily:
        worst = {person: max(severity(row.level) for row in those) for person, those in daily.items()}
        messages, _ = daily_messages(ctx, worst)
        moved += [{"alert": row.id, "message": messages[person]} for person, those in daily.items() for row in those]
    for (person, key), those in events.items():
        message = event_messages(ctx, person, key, max(severity(row.level) for row in those))
        moved += [{"alert": row.id, "message": message} for row in those]
    if moved:
        ctx.connection.execute(_MOVE, {"moved": as_json(moved)})
    return len(moved)


def _stands_now(ctx: LedgerContext, row: AnyRow) -> int | None:
    """Who is to get an alert today; None where it stays, or its reader's successor was told of it anew."""
    stands = ctx.stands([row.recipient_id])[row.recipient_id]
    if row.period_id is not None and handed_over(ctx, row):
        return None
    if stands is None and row.period_id is None:  # what the engine says is for whoever is of the office
        office = operators_posts(ctx.session)
        stands = next((one for post in office if (one := ctx.stands([post])[post])), None)
    return stands.who.person if stands else None
