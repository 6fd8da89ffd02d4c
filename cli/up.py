"""``duban up``: server, ledger, deployments, worker; one command, stopped with Ctrl-C, resumed where it left off."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.children import Child
from cli.plans import show_preview
from cli.server import ServerNotStarted, api_url, remove_note, server_child, wait_healthy, write_note
from cli.shared import existing_file
from config import clock
from config.loader import load_plan
from config.plan import Plan
from config.settings import HERE, set_home, settings
from db import ledger
from rules.refusal import Refusal
from tasks.desk import desk, office, policy
from tasks.preview import preview

EZHOU = HERE / "plans" / "ezhou-2024.yaml"
ACTOR = "duban up"
SELF_CHECK_SECONDS = 150
WATCH_SECONDS = 1.0


def up(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Prefect 界面的端口。")] = 4200,
    home: Annotated[Path | None, typer.Option("--home", help="数据目录（DUBAN_HOME）。")] = None,
    plan: Annotated[Path, typer.Option("--plan", help="台账为空时启用的方案。")] = EZHOU,
    yes: Annotated[bool, typer.Option("--yes", help="启用方案时不再询问。")] = False,
) -> None:
    """启动：Prefect 服务、台账、部署与工作进程；Ctrl-C 停止。"""
    if home is not None:
        set_home(home)
    checked = load_plan(existing_file(plan))
    (settings().home / "logs").mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with ExitStack() as stack:
            _run(stack, port, checked, yes)
    except ServerNotStarted as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        typer.echo("已停止")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run(stack: ExitStack, port: int, plan: Plan, yes: bool) -> None:
    """1. The server starts. 2. Meanwhile the ledger is made ready. 3. Worker and deployments. 4. Watch until Ctrl-C."""
    children = []
    if "PREFECT_API_URL" not in os.environ:
        server = stack.enter_context(_running(server_child(settings().home, port)))
        children.append(server)
        os.environ["PREFECT_API_URL"] = api_url(port)
        os.environ["PREFECT_HOME"] = str(settings().home / "prefect")
    if settings().ui_url is None:
        os.environ["DUBAN_UI_URL"] = os.environ["PREFECT_API_URL"].removesuffix("/api")
        settings.cache_clear()
    _load_into_empty_ledger(plan, yes)
    for server in children:
        wait_healthy(server, port)
        write_note(settings().home, port)
        stack.callback(remove_note, settings().home)
    command = [sys.executable, "-m", "flows.worker"]
    log = settings().home / "logs" / "worker.log"
    worker = stack.enter_context(_running(Child("工作进程", command, dict(os.environ), log)))
    done = asyncio.run(_deploy())
    typer.echo("部署：新建{created}，更新{updated}，未变{unchanged}；新建运行{runs}".format(**done))
    typer.echo(f"Prefect UI: {settings().ui_url}")
    _watch([*children, worker])


@contextmanager
def _running(child: Child) -> Iterator[Child]:
    child.start()
    try:
        yield child
    finally:
        child.stop()


def _load_into_empty_ledger(plan: Plan, yes: bool) -> None:
    """Activate the plan when nothing is supervised yet; a ledger that has one goes on with it."""
    now = clock.now()
    with desk(ACTOR, now) as one:
        try:
            typer.echo(f"台账：{ledger.inspection(one.session).title}")
            return
        except Refusal:
            pass
    if not yes:
        show_preview(preview(plan, office(), policy(), now))
        typer.confirm("启用该方案？", abort=True)
    with desk(ACTOR, now) as one:
        done = ledger.activate(one, plan)
    typer.echo(f"已启用《{plan.inspection.title}》：{done.measures}项措施，{done.duties}项督办，当即开启{done.opened}期")


async def _deploy() -> dict[str, Any]:
    """Deployments, automations, waiting runs; then the first patrol at once instead of in some minutes."""
    from prefect import get_client

    from flows import FLOWS
    from tasks.deployments import ensure_pool, put_everything

    async with get_client() as client:
        await ensure_pool(client)
        done = await put_everything(client, FLOWS)
        for name in ("patrol", "deliver"):
            deployment = await client.read_deployment_by_name(f"{name}/{name}")
            await client.create_flow_run_from_deployment(deployment.id)
    return done


def _watch(children: list[Child]) -> None:
    """Keep the children alive; check once that the scheduler works; end on Ctrl-C."""
    check_at: float | None = time.monotonic() + SELF_CHECK_SECONDS
    while True:
        for child in children:
            if child.revive():
                typer.echo(f"{child.name}曾意外退出，已重新启动；原因见 {child.log}", err=True)
        if check_at is not None and time.monotonic() > check_at:
            check_at = None
            _check_scheduler()
        time.sleep(WATCH_SECONDS)


def _check_scheduler() -> None:
    """Prefect's scheduler can fail without a word in its UI: no scheduled run at all means that it did."""
    from prefect import get_client

    from tasks.projection import scheduled_runs

    async def count() -> int:
        async with get_client() as client:
            return await scheduled_runs(client)

    if asyncio.run(count()) == 0:
        typer.echo("自查失败：Prefect 没有排出任何运行，调度器没有工作；请看 logs/server.log", err=True)
        raise typer.Exit(1)
