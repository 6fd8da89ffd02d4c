"""The roster for operators: who holds what, who is away, what is vacant; handing a post over, noting an absence."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from config.dates import parse_day
from db.ledger.appointments import end_absence, hand_over_post, note_absence
from db.ledger.deciders import authorised, operators
from db.ledger.roster_view import roster_view
from plan.types import Act
from rules.actors import is_one_of
from tasks.context import ledger_context
from tasks.follow import follow_ledger
from text.refusals import Refusal
from web.by_session import OwnForm, Session
from web.pages import READER, Place, html_page, said_after

router = APIRouter()


@router.get("/people")
def people(request: Request, place: Session) -> Response:
    """Every post and every person."""
    return _page(request, place, said=said_after(request))


def _page(
    request: Request, place: Place, status: int = 200, said: str = "", given: Mapping[str, str] | None = None
) -> Response:
    with ledger_context(READER) as ctx:
        found, operates = roster_view(ctx), is_one_of(place.reader.person, operators(ctx))
    return html_page(
        request,
        "people",
        status,
        place=place,
        said=said,
        roster=found,
        operates=operates,
        given={"button": ""} | dict(given or {}),
    )


@router.post("/people")
async def change_roster(request: Request, place: OwnForm) -> Response:
    """Hand a post over, or note that somebody is away, or back."""
    posted = {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_change, request, place, posted)


def _change(request: Request, place: Place, posted: Mapping[str, str]) -> Response:
    try:
        with ledger_context(place.reader.person, door=place.reader.door) as ctx:
            authorised(ctx, Act.CONFIGURE)
            if posted.get("button") == "hand-over":
                since = _day("任职起始日", posted["from"]) if posted.get("from") else None
                hand_over_post(ctx, posted.get("post", ""), posted.get("to", ""), since)
            elif posted.get("button") == "absent":
                first, last = (_day(title, posted.get(name, "")) for title, name in _DATES)
                stand_in = posted.get("stand_in") or None
                note_absence(ctx, posted.get("name", ""), first, last, posted.get("reason", ""), stand_in)
            elif posted.get("button") == "back":
                back = _day("回岗日期", posted["back"]) if posted.get("back") else None
                end_absence(ctx, posted.get("name", ""), back)
            else:
                raise Refusal("form_foreign")
    except Refusal as refusal:
        return _page(request, place, 422, str(refusal), posted)
    return RedirectResponse("/people?said=taken", status_code=303, background=BackgroundTask(follow_ledger))


_DATES = (("第一天", "first"), ("最后一天", "last"))


def _day(title: str, written: str) -> date:
    try:
        return parse_day(written)
    except ValueError as error:
        raise Refusal("date_wrong", field=title, why=error) from None
