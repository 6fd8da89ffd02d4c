"""How lamps stood in earlier weeks, told again from what the ledger recorded then; nothing is kept for it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import text

from db.ledger.bulk import as_json
from db.ledger.context import LedgerContext
from plan.types import RUNG_KINDS, AlertKind, Level, severity

WEEKS = 13
# A period stood under the worst rung of its ladder that had been recorded by then.
# While a report waited for review, the rungs of its reviewers alone counted.
# A later limit that was granted put the lamps of its rungs out, a word on the work that of silence.
_STOOD = """
    WITH point AS (SELECT * FROM json_to_recordset(CAST(:points AS json)) AS point (day date, at timestamptz)),
    living AS (
        SELECT point.day, point.at, period.id, EXISTS (
            SELECT FROM submissions AS report
            WHERE report.period_id = period.id AND report.submitted_at <= point.at
                AND (report.reviewed_at IS NULL OR report.reviewed_at > point.at)
        ) AS under_review
        FROM point JOIN periods AS period
            ON period.opened_at <= point.at AND (period.closed_at IS NULL OR period.closed_at > point.at)
        {narrowed}
    )
    SELECT day, rank, count(*) AS n
    FROM (
        SELECT living.day, living.id, max(severity.rank) AS rank
        FROM living
        JOIN alerts AS alert ON alert.period_id = living.id AND alert.recorded_at <= living.at
        JOIN json_to_recordset(CAST(:severities AS json)) AS severity (level text, rank int)
            ON severity.level = alert.level
        WHERE CASE WHEN living.under_review THEN alert.kind = 'review' ELSE alert.kind = ANY(:asking) END
            AND (alert.limit_on IS NULL OR NOT EXISTS (
                SELECT FROM extensions AS later
                WHERE later.period_id = living.id AND later.granted AND later.decided_at > alert.recorded_at
                    AND later.decided_at <= living.at AND later.new_due_on > alert.limit_on
            ))
            AND (alert.kind <> 'stale' OR NOT EXISTS (
                SELECT FROM submissions AS word
                WHERE word.period_id = living.id AND word.submitted_at BETWEEN alert.recorded_at AND living.at
            ))
        GROUP BY living.day, living.id
    ) AS stood
    GROUP BY day, rank
    """
_OF_ALL = text(_STOOD.format(narrowed=""))
_OF_ONE = text(
    _STOOD.format(
        narrowed="""
        JOIN duties AS duty ON duty.id = period.duty_id
        JOIN measures AS measure ON measure.id = duty.measure_id AND measure.inspection_id = :inspection
        """
    )
)
_ASKING = [kind.value for kind in RUNG_KINDS if kind is not AlertKind.REVIEW]


def lamp_trend(
    ctx: LedgerContext, weeks: int = WEEKS, inspection_id: int | None = None
) -> list[tuple[date, Mapping[Level, int]]]:
    """How many open periods stood under which lamp at the end of the same day of each week.

    Args:
        ctx: the context; the last day is its ``today``, as of its ``now``.
        weeks: how many, at least one.
        inspection_id: of one inspection; None: of all.

    Returns:
        Days in the office's zone, the earliest first, and every lamp but ``none``.
    """
    days = [ctx.today - timedelta(days=7 * back) for back in range(weeks - 1, -1, -1)]
    points = [{"day": day, "at": min(ctx.work_time.end_of(day), ctx.now)} for day in days]
    ranks = [{"level": level.value, "rank": severity(level)} for level in Level if level is not Level.NONE]
    stood: Counter[tuple[date, int]] = Counter()
    query = _OF_ALL if inspection_id is None else _OF_ONE.bindparams(inspection=inspection_id)
    given = {"points": as_json(points), "severities": as_json(ranks), "asking": _ASKING}
    for row in ctx.connection.execute(query, given):
        stood[row.day, row.rank] = row.n
    return [(day, {level: stood[day, severity(level)] for level in Level if level is not Level.NONE}) for day in days]
