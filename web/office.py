"""What the rectification office decides about a measure or a period beside what it is asked: on their pages."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from config.dates import parse_day
from db import ledger, matters
from db.ledger.context import LedgerContext
from tasks.context import ledger_context
from tasks.follow import follow_ledger
from text.refusals import Refusal
from web.by_session import OwnForm
from web.look_up import measure_page
from web.pages import READER, Place, matter_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Given:
    """What the office wrote beside its decision."""

    reason: str
    until: str
    evidence: list[str]


def _suspend(ctx: LedgerContext, code: str, given: Given) -> None:
    try:
        until = parse_day(given.until)
    except ValueError as error:
        raise Refusal("date_wrong", field="预计恢复日期", why=error) from None
    ledger.suspend(ctx, code, reason=given.reason, evidence=given.evidence, until=until)


_OF_A_MEASURE: dict[str, Callable[[LedgerContext, str, Given], object]] = {
    "suspend": _suspend,
    "resume": lambda ctx, code, given: ledger.resume(ctx, code, reason=given.reason),
    "close": lambda ctx, code, given: ledger.close(ctx, code, given.reason),
    "reopen": lambda ctx, code, given: ledger.reopen(ctx, code, given.reason),
}
_OF_A_PERIOD: dict[str, Callable[[LedgerContext, int, str], object]] = {
    "skip": ledger.skip,
    "merge": ledger.merge_into_next,
}


@router.post("/measure/{code:path}")
async def decide_measure(request: Request, place: OwnForm, code: str) -> Response:
    """Suspend, resume, close or reopen a measure."""
    posted = await request.form()
    return await run_in_threadpool(_decide_measure, request, place, code, posted)


def _decide_measure(request: Request, place: Place, code: str, posted: FormData) -> Response:
    given = Given(str(posted.get("reason", "")).strip(), str(posted.get("until", "")).strip(), _lines(posted))
    try:
        act = _OF_A_MEASURE.get(str(posted.get("button")))
        if act is None:
            raise Refusal("form_foreign")
        with ledger_context(place.reader.person, door=place.reader.door) as ctx:
            act(ctx, ledger.measure_called(ctx.session, code).qualified_code, given)
    except Refusal as refusal:
        if refusal.code in ("measure_unknown", "inspection_unknown"):
            raise
        return measure_page(request, place, code, status=422, said=str(refusal), given=given)
    return _done(f"/measure/{code}")


def _lines(posted: FormData) -> list[str]:
    return [line.strip() for line in str(posted.get("evidence", "")).splitlines() if line.strip()]


@router.post("/me/{tag}/excuse")
async def excuse_period(request: Request, place: OwnForm, tag: str) -> Response:
    """Let a period end without a report, or be reported with the next one."""
    posted = await request.form()
    return await run_in_threadpool(_excuse_period, request, place, tag, posted)


def _excuse_period(request: Request, place: Place, tag: str, posted: FormData) -> Response:
    with ledger_context(READER) as ctx:
        found = matters.found_by_tag(ctx, tag)
    try:
        act = _OF_A_PERIOD.get(str(posted.get("button")))
        if act is None or found.subject != "period":
            raise Refusal("form_foreign")
        with ledger_context(place.reader.person, door=place.reader.door) as ctx:
            act(ctx, found.id, str(posted.get("reason", "")))
    except Refusal as refusal:
        return matter_page(request, place, tag, status=422, said=str(refusal))
    return _done(f"/me/{tag}")


def _done(path: str) -> Response:
    return RedirectResponse(f"{path}?said=taken", status_code=303, background=BackgroundTask(follow_ledger))
