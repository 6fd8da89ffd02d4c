"""The board as a paper: one HTML file that loads nothing, for a leader's minute, on A4 or on a phone.

Sections, lamps and progress are those of the board in the pages (``db/board.py``); every figure is of the day that the
file names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from db import ledger
from db.board import ONE_SNAPSHOT, Board, BoardFilter, board, clocks, lateness, round_dates
from db.ledger import LedgerContext
from db.ledger.audit import trail_end
from db.models import Inspection
from db.timeline import PlannedSpan, timeline
from db.timeliness import UnitTimeliness, unit_timeliness
from db.trend import lamp_trend
from papers.board import reason_text
from papers.charts import progress_chart, timeline_charts, trend_chart
from papers.page_templates import page_template
from plan.types import Level
from text.catalogue import date_text, phrase, term
from text.refusals import Refusal

SHOWN, ROWS, MEASURES = 30, 20, 80
"""Matters of a part; units in a table and in a chart; measures that are drawn one by one."""
LEVELS = tuple(reversed(Level))


@dataclass(frozen=True, slots=True)
class RoundOnPaper:
    """What is printed of one inspection."""

    inspection: Inspection
    dates: Sequence[tuple[str, date]]
    board: Board
    why: dict[int, str]
    ended: dict[str, int]
    timeline: Sequence[PlannedSpan]
    timeline_charts: Sequence[Markup]
    progress_chart: Markup | None
    weeks: Sequence[tuple[date, dict[Level, int]]]
    trend_chart: Markup
    units: Sequence[UnitTimeliness]

    @property
    def open_periods(self) -> int:
        """How many periods are open."""
        return sum(self.board.lamps.values())

    def count(self, section: str) -> int:
        """How many matters stand in a part of the board."""
        return sum(one.count for one in self.board.sections if one.name == section)


def board_page(ctx: LedgerContext, key: str | None = None) -> str:
    """The whole file.

    Args:
        ctx: the context of a transaction that has read nothing yet; all is as of its ``now``.
        key: of the only inspection to print; None: all of them.

    Raises:
        Refusal: ``ledger_empty``, ``inspection_unknown``.
    """
    ctx.connection.execute(ONE_SNAPSHOT)
    present = ledger.inspections(ctx.session)
    if not present:
        raise Refusal("ledger_empty")
    chosen = [ledger.inspection(ctx.session, key)] if key is not None else present
    standing = clocks(ctx)
    length, head = trail_end(ctx.session)
    return page_template("board.html.j2").render(
        rounds=[_round(ctx, one, timeline(ctx, one, standing, MEASURES)) for one in chosen],
        organisations=list(dict.fromkeys(one.organisation for one in chosen)),
        at=ctx.work_time.minute_text(ctx.now),
        today=ctx.today,
        length=length,
        head=head,
        levels=LEVELS,
        shown=ROWS,
        term=term,
        phrase=phrase,
        date_text=date_text,
    )


def _round(ctx: LedgerContext, one: Inspection, drawn: Sequence[PlannedSpan]) -> RoundOnPaper:
    found = board(ctx, BoardFilter(inspection=one.key), SHOWN)
    late = [matter.id for part in found.sections if part.name == "late" for matter in part.matters]
    weeks = [(day, dict(counts)) for day, counts in lamp_trend(ctx, inspection_id=one.id)]
    # Our own drawings, the words in them escaped.
    return RoundOnPaper(
        one,
        round_dates(one),
        found,
        {period: reason_text(said) for period, said in lateness(ctx, late).items()} if late else {},
        ledger.outcome_counts(ctx.session, inspection_id=one.id),
        drawn,
        [Markup(chart) for chart in timeline_charts(drawn[:MEASURES], ctx.today)] if drawn else [],  # noqa: S704
        Markup(progress_chart(found.progress[:ROWS])) if found.progress else None,  # noqa: S704
        weeks,
        Markup(trend_chart(weeks)),  # noqa: S704
        unit_timeliness(ctx, one.id),
    )
