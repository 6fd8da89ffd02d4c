"""Whether Duban is well, for watchers outside: checks and counts alone, so it is answered without signing in."""

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from db import ledger
from tasks.context import ledger_context
from tasks.follow import examined_engine
from web.pages import READER

router = APIRouter()


@router.get("/healthz")
async def healthz() -> Response:
    """What is well and what is not, by the checks of ``duban doctor``, and the counts of the last patrol's kind."""
    checks = await examined_engine()
    well = all(one.ok for one in checks)
    facts = {"ok": well, "checks": {one.check: one.ok for one in checks}, **await run_in_threadpool(_counts)}
    return JSONResponse(facts, status_code=200 if well else 503)


def _counts() -> dict[str, int]:
    with ledger_context(READER) as ctx:
        return ledger.health(ctx)
