"""The board: how everything stands, for a leader's minute; by unit, finding, leader and lamp."""

from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from markupsafe import Markup

from db import ledger
from db.board import BoardFilter, board, board_choices, lateness, round_dates
from db.trend import lamp_trend
from papers.board import reason_text
from papers.board_page import board_page
from papers.charts import progress_chart, trend_chart
from plan.types import Level
from rules.sections import SECTIONS
from tasks.context import ledger_context
from text.clean import line
from text.refusals import Refusal
from web.by_session import Session
from web.pages import READER, html_page

router = APIRouter()
SHOWN, PAGE, ROWS = 8, 50, 20
"""Matters of a part on the board itself, and on a page of this part alone; rows of its tables."""
LEVELS = tuple(reversed(Level))
Word = Annotated[str, Query(max_length=100)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]


def _asked(
    inspection: Word = "", unit: Word = "", finding: Word = "", leader: Word = "", lamp: Word = ""
) -> BoardFilter:
    """By what the address narrows what is shown."""
    return BoardFilter(*(line(word) for word in (inspection, unit, finding, leader, lamp)))


Asked = Annotated[BoardFilter, Depends(_asked)]


@router.get("/")
def overview(request: Request, place: Session, asked: Asked, section: Word = "", page: PageNumber = 1) -> Response:
    """The board, or one part of it with all that stands in it."""
    only = section if section in SECTIONS else None
    most = PAGE if only else SHOWN
    with ledger_context(READER) as ctx:
        found = board(ctx, asked, most, only, (page - 1) * most if only else 0)
        late = [one.id for part in found.sections if part.name == "late" for one in part.matters]
        why = {one: reason_text(said) for one, said in lateness(ctx, late).items()} if late else {}
        choices, today, ended = board_choices(ctx), ctx.today, ledger.outcome_counts(ctx.session)
        rounds = [one for one in choices.inspections if asked.inspection in ("", one.key)]
        dates = {one.key: round_dates(one) for one in rounds}
    if not choices.inspections:
        raise Refusal("ledger_empty")
    chosen = {name: word for name, word in asdict(asked).items() if word}

    def address(**changes: object) -> str:
        # An empty value takes its name out.
        words = {name: word for name, word in (chosen | changes).items() if word}
        return f"/?{urlencode(words)}" if words else "/"

    return html_page(
        request,
        "board",
        place=place,
        rounds=rounds,
        dates=dates,
        today=today,
        board=found,
        why=why,
        ended=ended,
        choices=choices,
        asked=asked,
        narrowed=bool(chosen or only),
        only=only,
        page=page,
        per_page=PAGE,
        levels=LEVELS,
        address=address,
        chart=Markup(progress_chart(found.progress[:ROWS])) if found.progress and not only else "",  # noqa: S704
        rows_shown=ROWS,
    )


@router.get("/board.html")
def board_on_paper(place: Session, inspection: Word = "") -> Response:
    """The board as one file, to be printed, kept or sent on."""
    with ledger_context(READER) as ctx:
        page, today = board_page(ctx, inspection or None), ctx.today
    headers = {"Content-Disposition": f'attachment; filename="board-{today}.html"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/trend")
def trend(request: Request, place: Session) -> Response:
    """How the lamps stood week by week."""
    with ledger_context(READER) as ctx:
        weeks = lamp_trend(ctx)
    return html_page(request, "trend", place=place, weeks=weeks, chart=Markup(trend_chart(weeks)), levels=LEVELS[:-1])  # noqa: S704 (our own drawing, its words escaped)
