"""After a command changed the ledger, its runs follow at once where a Prefect server is running."""

import asyncio
import os
from dataclasses import asdict

import typer

from cli.shared import prefect_api
from config.settings import settings


def use_running_api() -> bool:
    """Point this process at the running Prefect server; ``False`` when there is none. Call before importing Prefect.

    Without a server Prefect's client would silently start one of its own, so it is not imported at all then.
    """
    api = prefect_api()
    if api is None:
        return False
    os.environ["PREFECT_API_URL"] = api
    return True


def check_channels() -> None:
    """Refuse a channel that can never work, before anything is sent. Raises ``typer.BadParameter``."""
    use_running_api()
    from letters.channels import check_url

    for name, url in settings().channels.items():
        try:
            check_url(name, url)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def redeploy_and_reconcile() -> dict[str, int]:
    """After the plan changed: its deployments and schedules first, then the runs; nothing without a server."""
    if not use_running_api():
        return {}
    import httpx
    from prefect import get_client

    from flows import FLOWS
    from tasks.deployments import ensure_pool, sync_prefect

    async def run() -> dict[str, int]:
        async with get_client() as client:
            await ensure_pool(client)
            return await sync_prefect(client, FLOWS)

    try:
        return asyncio.run(run()) | reconcile_now()
    except (httpx.HTTPError, RuntimeError, ExceptionGroup) as error:
        typer.echo(f"方案已生效；Prefect 暂未跟上（{type(error).__name__}），请稍后运行 duban deploy", err=True)
        return {}


def reconcile_now() -> dict[str, int]:
    """Bring Prefect to agree with the ledger and say what changed there; nothing without a server.

    A silent server is said, not fatal: the next patrol will do it.
    """
    if not use_running_api():
        return {}
    import httpx
    from prefect import get_client

    from tasks.projection import reconcile

    async def run() -> dict[str, int]:
        async with get_client() as client:
            return asdict(await reconcile(client))

    try:
        return asyncio.run(run())
    except (httpx.HTTPError, RuntimeError, ExceptionGroup) as error:
        typer.echo(f"台账已更新；Prefect 暂未跟上（{type(error).__name__}），下次巡检会补上", err=True)
        return {}
