"""The office's summary of a working day: what is late, what waits for whom, what came in; in its daily message."""

from datetime import timedelta

from sqlalchemy import text

from db.ledger import message_queue
from db.ledger.audit import trail_end
from db.ledger.bulk import insert_rows
from db.ledger.context import LedgerContext
from db.ledger.row_images import note_rows
from db.models import Alert
from plan.policy import SummaryRhythm
from plan.types import AlertKind, Level, severity
from rules.sections import SOON
from text.catalogue import phrase

_WRITTEN = text("SELECT EXISTS (SELECT FROM alerts WHERE period_id IS NULL AND rung = :rung)")
_FACTS = text(
    """
    SELECT
        (SELECT array_agg(id ORDER BY id) FROM recipients
            WHERE to_jsonb(id) <@ (SELECT audiences -> 'office' FROM inspections ORDER BY id LIMIT 1)) AS office,
        count(*) AS open,
        count(*) FILTER (WHERE state = 'waiting' AND due_on < :today) AS overdue,
        count(*) FILTER (WHERE state = 'waiting' AND due_on = :today) AS today,
        count(*) FILTER (WHERE state = 'waiting' AND due_on BETWEEN :today AND :soon) AS soon,
        count(*) FILTER (WHERE state = 'submitted') AS reviews,
        (SELECT count(*) FROM escalations WHERE state IN ('open', 'acknowledged')) AS sheets,
        (SELECT count(*) FROM escalations WHERE state IN ('open', 'acknowledged') AND limit_on < :today) AS unanswered,
        (SELECT count(*) FROM extensions WHERE granted IS NULL) AS extensions,
        (SELECT count(*) FROM submissions WHERE submitted_at >= :since) AS reported,
        (SELECT count(*) FROM periods WHERE state = 'closed' AND closed_at >= :since) AS closed,
        (SELECT count(*) FROM messages WHERE state = 'dead' AND created_at >= :since) AS dead
    FROM periods WHERE state IN ('waiting', 'submitted')
    """
)


def summarise(ctx: LedgerContext) -> int:
    """Put the summary into the office's daily message, once in the rhythm of the policy; an idle ledger has none.

    Args:
        ctx: the context of a patrol; the figures are as of its ``now``, what came in is counted since the opening of
            the working day (office's zone) on which the summary before was due.

    Returns:
        How many messages were made for it; none where it joins one that waits, or where it is not due.
    """
    rhythm, calendar = ctx.policy.summary, ctx.work_time.calendar
    if rhythm is SummaryRhythm.NONE or not ctx.work_time.may_send(ctx.now):
        return 0
    before = calendar.previous_workday(ctx.today - timedelta(days=1))
    if rhythm is SummaryRhythm.WEEKLY:
        monday = ctx.today - timedelta(days=ctx.today.weekday())
        if before >= monday:
            return 0
        before = calendar.next_workday(monday - timedelta(days=7))
    rung = f"summary:{ctx.today}"
    if ctx.connection.execute(_WRITTEN, {"rung": rung}).scalar_one():
        return 0
    asked = {"today": ctx.today, "soon": ctx.today + SOON, "since": ctx.work_time.at_opening(before)}
    facts = ctx.connection.execute(_FACTS, asked).one()
    if not facts.open or not facts.office:
        return 0
    # Kept by whoever gets the letter, it shows later that the trail was cut.
    length, head = trail_end(ctx.session)
    anchor = phrase("audit.anchor", length=length, head=head)
    messages, made = message_queue.daily_messages(ctx, {one: severity(Level.NONE) for one in facts.office})
    shared = {
        "period_id": None,
        "rung": rung,
        "kind": AlertKind.SUMMARY,
        "level": Level.NONE,
        "note": f"{phrase('summary', **facts._mapping)}{anchor}",
        "fell_due_at": ctx.now,
        "recorded_at": ctx.now,
    }
    rows = [{"recipient_id": one, "message_id": message} for one, message in messages.items()]
    # Another patrol at the same moment wrote it first: one is enough.
    insert_rows(ctx.connection, Alert, rows, "ON CONFLICT DO NOTHING", **shared)
    note_rows(ctx.session, "alerts", [row | shared for row in rows])
    return made
