"""A calendar of one's own: a phone or an office's calendar reads what falls due for a person, by an address of his."""

from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from db.ledger.doors import CALENDAR, calendar_link, link_holder, revoke_links, subscribe
from db.ledger.forecast_input import forecast_input
from foresight.calendar_file import calendar_file
from foresight.listing import Forecast, ForecastSpan
from plan.types import Audience
from rules.actors import is_one_of
from rules.forecast import ForecastDuty
from tasks.context import ledger_context
from tasks.doors import calendar_address, calendar_handle_of, sign_calendar
from text.catalogue import phrase
from text.refusals import Refusal
from web.by_session import OwnForm, Session
from web.pages import READER, Place, html_page

router = APIRouter()
AHEAD = timedelta(days=180)
ANSWERS = (Audience.HANDLER, Audience.LEADER)
"""Whose dates they are: whoever may hand the report in."""


@router.get("/calendar")
def calendar_page(request: Request, place: Session) -> Response:
    """Whether a person's calendar is given his dates, and the buttons for it."""
    return _page(request, place)


@router.post("/calendar")
async def change_calendar(request: Request, place: OwnForm) -> Response:
    """Give a person an address for his calendar, or take it back."""
    button = (await request.form()).get("button")
    return await run_in_threadpool(_change, request, place, button == "take-back")


def _change(request: Request, place: Place, ends: bool) -> Response:
    with ledger_context(place.reader.person, door=place.reader.door) as ctx:
        if ends:
            revoke_links(ctx, place.reader.person, CALENDAR)
            return _page(request, place, said=phrase("web.calendar_ended"))
        token = subscribe(ctx, sign_calendar)
    return _page(request, place, address=calendar_address(token))


def _page(request: Request, place: Place, said: str = "", address: str = "") -> Response:
    with ledger_context(place.reader.person) as ctx:
        link = calendar_link(ctx)
        until = ctx.work_time.day_of(link.expires_at) if link and not said else None
    return html_page(request, "calendar", place=place, said=said, address=address, until=until)


@router.get("/calendar/{token}.ics")
def calendar_feed(token: str) -> Response:
    """What falls due for the owner of an address, as ``duban forecast --ics`` would write it for him."""
    handle = calendar_handle_of(token)
    if handle is None:
        raise Refusal("link_wrong")
    with ledger_context(READER) as ctx:
        person = link_holder(ctx, handle, token).person
        whole = forecast_input(ctx)
        his = replace(whole, duties=tuple(one for one in whole.duties if _is_his(one, person)))
        span = ForecastSpan(ctx.now, ctx.today, ctx.today + AHEAD)
        made = Forecast(his, ctx.policy, ctx.work_time, span)
        return Response(calendar_file(made), media_type="text/calendar; charset=utf-8")


def _is_his(duty: ForecastDuty, person: str) -> bool:
    return is_one_of(person, (one.name for audience in ANSWERS for one in duty.people.get(audience, ())))
