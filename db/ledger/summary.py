"""The office's summary of a working day: what is late, what waits for whom, what came in; of each inspection."""

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

_WRITTEN = text("SELECT EXISTS (SELECT FROM alerts WHERE period_id IS NULL AND starts_with(rung, :rung))")
_OF_PERIOD = "JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id"
_FACTS = text(
    f"""
    WITH owed AS (
        SELECT inspection_id,
            count(*) FILTER (WHERE state IN ('waiting', 'submitted')) AS open,
            count(*) FILTER (WHERE state = 'waiting' AND periods.due_on < :today) AS overdue,
            count(*) FILTER (WHERE state = 'waiting' AND periods.due_on = :today) AS today,
            count(*) FILTER (WHERE state = 'waiting' AND periods.due_on BETWEEN :today AND :soon) AS soon,
            count(*) FILTER (WHERE state = 'submitted') AS reviews,
            count(*) FILTER (WHERE state = 'closed' AND closed_at >= :since) AS closed
        FROM periods {_OF_PERIOD}
        WHERE state IN ('waiting', 'submitted') OR state = 'closed' AND closed_at >= :since GROUP BY 1
    ), sheets AS (
        SELECT inspection_id, count(*) AS sheets, count(*) FILTER (WHERE limit_on < :today) AS unanswered
        FROM escalations JOIN periods ON periods.id = period_id {_OF_PERIOD}
        WHERE escalations.state IN ('open', 'acknowledged') GROUP BY 1
    ), asked AS (
        SELECT inspection_id, count(*) AS extensions FROM extensions JOIN periods ON periods.id = period_id {_OF_PERIOD}
        WHERE granted IS NULL GROUP BY 1
    ), came AS (
        SELECT inspection_id, count(*) AS reported FROM submissions JOIN periods ON periods.id = period_id {_OF_PERIOD}
        WHERE submitted_at >= :since GROUP BY 1
    )
    SELECT inspections.id AS inspection, inspections.title, open, overdue, today, soon, reviews, closed,
        coalesce(sheets, 0) AS sheets, coalesce(unanswered, 0) AS unanswered, coalesce(extensions, 0) AS extensions,
        coalesce(reported, 0) AS reported,
        (SELECT array_agg(recipients.id ORDER BY recipients.id) FROM recipients
            WHERE to_jsonb(recipients.id) <@ (audiences -> 'office')) AS office,
        (SELECT count(*) > 1 FROM inspections) AS several,
        (SELECT count(*) FROM messages WHERE state = 'dead' AND created_at >= :since) AS dead
    FROM inspections JOIN owed ON owed.inspection_id = inspections.id
        LEFT JOIN sheets ON sheets.inspection_id = inspections.id
        LEFT JOIN asked ON asked.inspection_id = inspections.id
        LEFT JOIN came ON came.inspection_id = inspections.id
    WHERE open > 0 ORDER BY inspections.id
    """  # noqa: S608 (our own names)
)


def summarise(ctx: LedgerContext) -> int:
    """Put the summary of each inspection into the daily message of its office, once in the rhythm of the policy.

    Of an inspection in which nothing is open there is none.

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
    found = [facts for facts in ctx.connection.execute(_FACTS, asked) if facts.office]
    if not found:
        return 0
    # Kept by whoever gets the letter, it shows later that the trail was cut.
    length, head = trail_end(ctx.session)
    anchor = phrase("audit.anchor", length=length, head=head)
    people = {post: one.who.person for facts in found for post in facts.office if (one := ctx.stands([post])[post])}
    messages, made = message_queue.daily_messages(ctx, dict.fromkeys(people.values(), severity(Level.NONE)))
    for facts in found:
        named = phrase("summary.of", title=facts.title) if facts.several else ""
        shared = {
            "period_id": None,
            # Who is of the office in several inspections reads the summary of each in one message.
            "rung": f"{rung}:{facts.inspection}" if facts.several else rung,
            "kind": AlertKind.SUMMARY,
            "level": Level.NONE,
            "note": f"{named}{phrase('summary', **facts._mapping)}{anchor}",
            "fell_due_at": ctx.now,
            "recorded_at": ctx.now,
        }
        rows = [{"recipient_id": post, "message_id": messages[people[post]]} for post in facts.office if post in people]
        if rows:
            # Another patrol at the same moment wrote it first: one is enough.
            insert_rows(ctx.connection, Alert, rows, "ON CONFLICT DO NOTHING", **shared)
            note_rows(ctx.session, "alerts", [row | shared for row in rows])
    return made
