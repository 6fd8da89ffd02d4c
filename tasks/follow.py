"""What a process beside the worker asks of the Prefect server: that runs follow the ledger, and whether all is well."""

import logging
import os

import httpx
from prefect import get_client

from tasks.context import Examined
from tasks.projection import reconcile
from tasks.watch import examine_engine
from text.catalogue import phrase

logger = logging.getLogger(__name__)


async def follow_ledger() -> None:
    """Bring the runs to what the ledger says; where the server is silent, the next patrol does it."""
    if not os.environ.get("PREFECT_API_URL"):
        return
    try:
        async with get_client() as client:
            await reconcile(client, tell=False)
    except (httpx.HTTPError, RuntimeError, ExceptionGroup) as error:
        logger.warning("台账已更新；Prefect 暂未跟上（%s），下次巡检会补上", type(error).__name__)


async def examined_engine() -> list[Examined]:
    """Whether the engine of the running server is well; a server that does not answer, or not to us, is one line."""
    if not os.environ.get("PREFECT_API_URL"):  # the client would silently start a server of its own
        return [Examined("Prefect", False, phrase("watch.silent", fault="PREFECT_API_URL"))]
    try:
        async with get_client() as client:
            return await examine_engine(client)
    except httpx.HTTPStatusError as error:
        refused = error.response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
        said = phrase("watch.login") if refused else phrase("watch.silent", fault=error.response.status_code)
    except (httpx.HTTPError, OSError, RuntimeError, ExceptionGroup) as error:
        said = phrase("watch.silent", fault=type(error).__name__)
    return [Examined("Prefect", False, said)]
