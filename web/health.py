"""Whether Duban is well: for watchers outside, who are told checks and counts alone, and for the operators in words.

``/healthz`` (JSON), ``/metrics`` (Prometheus) and ``/engine`` (a page) tell the same checks and the same counts as
``duban doctor`` and the page of the last patrol.
"""

import secrets
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from config.settings import settings
from db import ledger
from db.ledger.queued import queue_facts
from tasks.context import Examined, ledger_context, queue_said
from tasks.follow import examined_engine
from text.catalogue import phrase
from text.refusals import Refusal
from web.by_session import Operator
from web.pages import READER, html_page

router = APIRouter()


async def _examined() -> tuple[list[Examined], dict[str, int]]:
    """The checks of the engine and the counts of the ledger; one that does not answer is a check that failed."""
    checks = await examined_engine()
    try:
        counts = await run_in_threadpool(_counts)
    except Exception as error:  # whatever keeps the ledger from answering, a watcher must be told and not refused
        return [*checks, Examined(phrase("watch.ledger"), False, type(error).__name__)], {}
    return checks, counts


def _counts() -> dict[str, int]:
    with ledger_context(READER) as ctx:
        return ledger.health(ctx)


@router.get("/healthz")
async def healthz() -> Response:
    """What is well and what is not, and the counts; 503 when something is not."""
    checks, counts = await _examined()
    well = all(one.ok for one in checks)
    facts = {"ok": well, "checks": {one.check: one.ok for one in checks}, **counts}
    return JSONResponse(facts, status_code=200 if well else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The same for Prometheus: to this machine, and to whoever shows the token of the settings."""
    if not _may_measure(request):
        raise Refusal("metrics_closed")
    checks, counts = await _examined()
    registry = CollectorRegistry()
    Gauge("duban_up", "Whether every check is well.", registry=registry).set(all(one.ok for one in checks))
    check = Gauge("duban_check_ok", "Whether a check of the engine is well.", ["check"], registry=registry)
    for one in checks:
        check.labels(one.check).set(one.ok)
    for name, count in counts.items():
        Gauge(f"duban_{name}", phrase(f"health.{name}"), registry=registry).set(count)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _may_measure(request: Request) -> bool:
    token = settings().metrics_token
    if token is not None:
        shown = request.headers.get("authorization", "").encode()
        return secrets.compare_digest(shown, f"Bearer {token.get_secret_value()}".encode())
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@router.get("/engine")
async def engine_page(request: Request, place: Operator) -> Response:
    """How the engine runs, for its operators: the checks in words, and the counts."""
    checks, counts = await _examined()
    said = await run_in_threadpool(_delivery) if counts else []
    named = [(phrase(f"health.{name}"), count) for name, count in counts.items()]
    return await run_in_threadpool(
        html_page, request, "engine", place=place, checks=checks, counts=named, delivery=said
    )


def _delivery() -> list[str]:
    with ledger_context(READER) as ctx:
        return queue_said(queue_facts(ctx), ctx.now, ctx.work_time.zone)
