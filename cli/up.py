"""``duban up``: server, ledger, deployments, worker; one command, stopped with Ctrl-C, resumed where it left off."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.follow import check_channels, redeploy_and_reconcile, told_in_one_line
from cli.plans import Unsupervised, show_preview
from cli.server import ANYWHERE, PrefectServer, api_secret, secret_file
from cli.shared import existing_file, say
from cli.supervisor import Child, Supervisor
from cli.web_server import WebServer
from config import clock
from config.settings import HERE, set_home, settings
from db import ledger
from db.embedded import embedded_prefect
from foresight.preview import preview
from papers.workbooks import plan_from
from plan.model import Plan
from plan.supervisors import check_supervised
from tasks.context import Examined, ledger_context, policy, work_time
from text.catalogue import phrase
from text.files import private_folder
from text.links import page_link

EZHOU = HERE / "plans" / "ezhou-2024.yaml"
ACTOR = "duban up"
FIRST_LOOK_SECONDS = 150
LOOK_SECONDS = 300


def up_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Prefect 界面的端口。")] = 4200,
    web_port: Annotated[int, typer.Option("--web-port", min=1, max=65535, help="督办网页的端口。")] = 4280,
    host: Annotated[str, typer.Option("--host", help="监听地址；默认只限本机。")] = "127.0.0.1",
    home: Annotated[Path | None, typer.Option("--home", help="数据目录（DUBAN_HOME）。")] = None,
    plan: Annotated[Path, typer.Option("--plan", help="台账为空时启用的方案。")] = EZHOU,
    yes: Annotated[bool, typer.Option("--yes", help="启用方案时不再询问。")] = False,
    without_supervisors: Unsupervised = False,
) -> None:
    """启动：Prefect 服务、台账、部署与工作进程；Ctrl-C 停止。"""
    if home is not None:
        set_home(home)
    checked = plan_from(existing_file(plan)).plan
    # Whatever server and worker write, too.
    os.umask(0o077)
    private_folder(settings().home)
    with Supervisor() as keep:
        _run(keep, host, (port, web_port), partial(_load_into_empty_ledger, checked, yes, without_supervisors))
    say("已停止")


def _run(keep: Supervisor, host: str, ports: tuple[int, int], load: Callable[[], None]) -> None:
    """1. The server starts. 2. Meanwhile the ledger is made ready. 3. Pages, worker, deployments. 4. Until Ctrl-C."""
    pages = WebServer(settings().home, ports[1], host, settings().web_url)
    server = _start_server(keep, host, ports[0]) if not os.environ.get("PREFECT_API_URL") else None
    pages.make_way()
    if settings().ui_url is None:
        os.environ["DUBAN_UI_URL"] = os.environ["PREFECT_API_URL"].removesuffix("/api")
        settings.cache_clear()
    check_channels()
    load()
    page_child = pages.child(_ledger_environment())
    keep.start(page_child)
    if server is not None:
        api, child = server
        api.wait_until_healthy(lambda: child.alive)
    with told_in_one_line():
        done, alarm = asyncio.run(_deploy())
    say("部署：新建{created}，更新{updated}，未变{unchanged}，复原改动{restored}".format(**done))
    say(f"{alarm.mark} {alarm.check}：{alarm.said}")
    pages.wait_until_healthy(lambda: page_child.alive)
    say(f"Duban: {pages.readers_url}")
    say(f"Prefect UI: {settings().ui_url}")
    say(f"{phrase('page.link')}：{page_link(settings().ui_url or '')}")
    if server is not None:
        say(_how_to_sign_in(api.secret))
    command = [sys.executable, "-m", "flows.worker"]
    keep.start(Child("worker", command, _ledger_environment(), settings().home / "logs" / "worker.log"))
    keep.wait(_Watch([alarm]))


def _start_server(keep: Supervisor, host: str, port: int) -> tuple[PrefectServer, Child]:
    """Start our own server, and make everything after it talk to this one."""
    if host in ANYWHERE and (settings().ui_url is None or settings().web_url is None):
        # Whatever else a browser calls this machine is refused: a page could call it anything.
        raise typer.BadParameter(f"监听 {host} 时，须用 DUBAN_UI_URL、DUBAN_WEB_URL 写明浏览器使用的地址")
    configured = settings().prefect_database_url
    url = configured.get_secret_value() if configured else embedded_prefect(settings().home)
    server = PrefectServer(settings().home, url, api_secret(settings().home), port, host, settings().ui_url)
    child = server.child()
    os.environ.update(server.client_environment())
    keep.start(child)
    return server, child


def _how_to_sign_in(secret: str) -> str:
    """What to type into the UI; where no person looks on, as in the log of a service, only where it is written."""
    what = secret if sys.stdout.isatty() else f"文件 {secret_file(settings().home)} 中的那一行"
    return f"登录：在浏览器中打开上述地址，在密码框中输入 {what}"


def _ledger_environment() -> dict[str, str]:
    """Worker and pages send and write the ledger; what the server alone needs, or migrations, is not for them."""
    not_for_them = ("DUBAN_PREFECT_DATABASE_URL", "DUBAN_DATABASE_OWNER_URL", "PREFECT_SERVER_")
    return {name: value for name, value in os.environ.items() if not name.startswith(not_for_them)}


def _load_into_empty_ledger(plan: Plan, yes: bool, without_supervisors: bool) -> None:
    """Activate the plan when nothing is supervised yet; a ledger that has one goes on with it."""
    now = clock.now()
    with ledger_context(ACTOR, now) as ctx:
        if titles := [one.title for one in ledger.inspections(ctx.session)]:
            say(f"台账：{'、'.join(titles)}，方案未变")
            return
    if not without_supervisors:
        check_supervised(plan, policy())
    if not yes:
        show_preview(preview(plan, work_time(), policy(), now))
        typer.confirm("启用该方案？", abort=True)
    with ledger_context(ACTOR, now) as ctx:
        done = ledger.activate(ctx, plan, without_supervisors=without_supervisors)
    say(f"已启用《{plan.inspection.title}》：{done.measures}项措施，{done.duties}项督办，当即开启{done.opened}期")


async def _deploy() -> tuple[dict[str, int], Examined]:
    """Deployments and automations; then the first patrol, which makes the waiting runs, at once and not in minutes."""
    from prefect import get_client

    from flows import FLOWS
    from tasks.deployments import sync_prefect
    from tasks.watch import examine_alarm

    async with get_client() as client:
        done = await sync_prefect(client, FLOWS)
        patrol = await client.read_deployment_by_name("patrol/patrol")
        await client.create_flow_run_from_deployment(patrol.id)
        return done, await examine_alarm(client)


class _Watch:
    """Looks after the engine while it runs: what stopped is said, and what somebody changed in Prefect is put back.

    A patrol does so too, but none comes when its own schedule, its deployment or the work pool is what stopped.
    """

    def __init__(self, said: list[Examined]) -> None:
        # The scheduler makes a pass every minute; two of them must have made runs.
        self._due = time.monotonic() + FIRST_LOOK_SECONDS
        self._said = [one for one in said if not one.ok or one.warned]

    def __call__(self) -> None:
        """Look when the time has come; says only what it has not said the last time."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + LOOK_SECONDS
        from tasks.follow import examined_engine

        found = [one for one in asyncio.run(examined_engine()) if not one.ok or one.warned]
        for one in found:
            if one.check not in [said.check for said in self._said]:
                say(f"{one.mark} {one.check}：{one.said}", err=True)
        for one in self._said:
            if one.check not in [now.check for now in found]:
                say(f"✓ {one.check}：已恢复", err=True)
        self._said = found
        if not all(one.ok for one in found):
            redeploy_and_reconcile("Prefect 暂未复原（{fault}），稍后再试")
