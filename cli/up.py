"""``duban up``: server, ledger, deployments, worker; one command, stopped with Ctrl-C, resumed where it left off."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.follow import check_channels
from cli.plans import show_preview
from cli.server import PrefectServer
from cli.shared import existing_file
from cli.supervisor import Child, Supervisor
from config import clock
from config.settings import HERE, set_home, settings
from db import ledger
from db.embedded import embedded_database
from foresight.preview import preview
from papers.workbooks import plan_from
from plan.model import Plan
from tasks.context import ledger_context, policy, work_time
from text.refusals import Refusal

EZHOU = HERE / "plans" / "ezhou-2024.yaml"
ACTOR = "duban up"
# The scheduler makes a pass every minute; two of them must have made runs.
SELF_CHECK_SECONDS = 150


def up_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Prefect 界面的端口。")] = 4200,
    host: Annotated[str, typer.Option("--host", help="Prefect 界面的监听地址；默认只限本机。")] = "127.0.0.1",
    home: Annotated[Path | None, typer.Option("--home", help="数据目录（DUBAN_HOME）。")] = None,
    plan: Annotated[Path, typer.Option("--plan", help="台账为空时启用的方案。")] = EZHOU,
    yes: Annotated[bool, typer.Option("--yes", help="启用方案时不再询问。")] = False,
) -> None:
    """启动：Prefect 服务、台账、部署与工作进程；Ctrl-C 停止。"""
    if home is not None:
        set_home(home)
    checked = plan_from(existing_file(plan)).plan
    with Supervisor() as keep:
        _run(keep, host, port, checked, yes)
    typer.echo("已停止")


def _run(keep: Supervisor, host: str, port: int, plan: Plan, yes: bool) -> None:
    """1. The server starts. 2. Meanwhile the ledger is made ready. 3. Worker and deployments. 4. Watch until Ctrl-C."""
    server = _start_server(keep, host, port) if "PREFECT_API_URL" not in os.environ else None
    if settings().ui_url is None:
        os.environ["DUBAN_UI_URL"] = os.environ["PREFECT_API_URL"].removesuffix("/api")
        settings.cache_clear()
    check_channels()
    _load_into_empty_ledger(plan, yes)
    if server is not None:
        api, child = server
        api.wait_until_healthy(lambda: child.alive)
    done = asyncio.run(_deploy())
    typer.echo("部署：新建{created}，更新{updated}，未变{unchanged}".format(**done))
    typer.echo(f"Prefect UI: {settings().ui_url}")
    keep.start(Child("worker", [sys.executable, "-m", "flows.worker"], {}, settings().home / "logs" / "worker.log"))
    keep.wait(_SelfCheck())


def _start_server(keep: Supervisor, host: str, port: int) -> tuple[PrefectServer, Child]:
    """Start our own server, and make everything after it talk to this one."""
    configured = settings().prefect_database_url
    url = configured.get_secret_value() if configured else embedded_database(settings().home, "prefect", "asyncpg")
    server = PrefectServer(settings().home, url, port, host, settings().ui_url)
    child = server.child()
    os.environ.update(server.environment())
    keep.start(child)
    return server, child


def _load_into_empty_ledger(plan: Plan, yes: bool) -> None:
    """Activate the plan when nothing is supervised yet; a ledger that has one goes on with it."""
    now = clock.now()
    with ledger_context(ACTOR, now) as ctx:
        try:
            typer.echo(f"台账：{ledger.inspection(ctx.session).title}")
            return
        except Refusal:
            pass
    if not yes:
        show_preview(preview(plan, work_time(), policy(), now))
        typer.confirm("启用该方案？", abort=True)
    with ledger_context(ACTOR, now) as ctx:
        done = ledger.activate(ctx, plan)
    typer.echo(
        f"已启用《{plan.inspection.title}》：{done.measures}项措施，{done.duties}项督办，当即开启{done.opened}期"
    )


async def _deploy() -> dict[str, Any]:
    """Deployments and automations; then the first patrol, which makes the waiting runs, at once and not in minutes."""
    from prefect import get_client

    from flows import FLOWS
    from tasks.deployments import ensure_pool, sync_prefect

    async with get_client() as client:
        await ensure_pool(client)
        done = await sync_prefect(client, FLOWS)
        patrol = await client.read_deployment_by_name("patrol/patrol")
        await client.create_flow_run_from_deployment(patrol.id)
    return done


class _SelfCheck:
    """Once, after two passes of the scheduler: it can fail without a word in Prefect's UI, but not without one here."""

    def __init__(self) -> None:
        self._due: float | None = time.monotonic() + SELF_CHECK_SECONDS

    def __call__(self) -> None:
        """Count the scheduled runs when the time has come. Raises ``typer.Exit`` when there are none."""
        if self._due is None or time.monotonic() < self._due:
            return
        self._due = None
        if asyncio.run(_count_scheduled()) == 0:
            typer.echo("自查失败：Prefect 没有排出任何运行，调度器没有工作；请看 logs/server.log", err=True)
            raise typer.Exit(1)


async def _count_scheduled() -> int:
    from prefect import get_client

    from tasks.projection import scheduled_runs

    async with get_client() as client:
        return await scheduled_runs(client)
