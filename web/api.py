"""The same commands for the office's own systems, under ``/api/v1``: what systems are let look at and do, as JSON."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from plan.faults import model_fault
from text.refusals import Refusal
from web import api_acts, api_reads
from web.api_door import OPENAPI, REFUSED, TokensOnly, problem


def api() -> FastAPI:
    """The API, to be mounted under ``/api/v1``."""
    made = FastAPI(
        title="督办 Duban",
        version="1",
        description="台账、事项和办理：与网页、命令行是同一套命令。不予办理的，以 application/problem+json 说明原因。",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        responses=REFUSED,
    )
    made.include_router(api_reads.router)
    made.include_router(api_acts.acting_router())
    made.add_exception_handler(Refusal, _refused)
    made.add_exception_handler(RequestValidationError, _misread)
    made.add_exception_handler(HTTPException, _not_there)
    made.add_middleware(TokensOnly)
    return made


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return problem(refusal)


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # What nobody can read, such as a million brackets, is answered before any form sees it.
    if error.status_code == 400:
        return problem(Refusal("body_not_json"))
    return problem(Refusal("page_unknown"), error.status_code)


async def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults: dict[str, str] = {}
    for one in error.errors():
        if one["type"] in ("json_invalid", "model_attributes_type") or one["loc"] == ("body",):
            return problem(Refusal("body_not_json"))
        place, what = one["loc"][1:], str(one["loc"][-1])
        faults[what] = f"{what}：{model_fault(one, place, BaseModel)}"
    return problem(Refusal("body_not_json"), errors=faults)
