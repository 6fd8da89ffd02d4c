"""After a command changed the ledger, its runs follow at once where a Prefect server is running."""

import asyncio
import os

import typer

from cli.shared import prefect_api


def connect() -> bool:
    """Point this process at the running Prefect server; ``False`` when there is none. Call before importing Prefect.

    Without a server Prefect's client would silently start one of its own, so it is not imported at all then.
    """
    api = prefect_api()
    if api is None:
        return False
    os.environ["PREFECT_API_URL"] = api
    return True


def follow() -> None:
    """Bring Prefect to agree with the ledger. A silent server is said, not fatal: the patrol will do it."""
    if not connect():
        return
    import httpx
    from prefect import get_client

    from tasks.projection import reconcile

    async def run() -> None:
        async with get_client() as client:
            await reconcile(client)

    try:
        asyncio.run(run())
    except (httpx.HTTPError, RuntimeError) as error:
        typer.echo(f"台账已更新；Prefect 暂未跟上（{type(error).__name__}），下次巡检会补上", err=True)
