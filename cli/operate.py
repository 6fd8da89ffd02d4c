"""The commands that run the engine: patrol, deploy, doctor; ``up`` is in ``cli/up.py``."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.calendar import calendar_command
from cli.doctor import doctor_command
from cli.follow import (
    check_channels,
    end_unless_followed,
    reconcile_now,
    show_patrol_now,
    told_in_one_line,
    use_running_api,
)
from cli.rehearse import rehearse_patrol
from cli.shared import Json, moment, print_json, say
from cli.up import up_command
from config import clock
from db import ledger
from plan.types import DeliveryResult
from tasks.context import audit_fault, ledger_context, patrol_at
from text.catalogue import phrase
from text.refusals import Refusal

ACTOR = "duban patrol"
At = Annotated[
    str | None,
    typer.Option("--at", help="按该时刻巡检，如 2025-05-10T09:00；默认当前时刻；晚于现在的只预演，不改台账。"),
]
Confirm = Annotated[bool, typer.Option("--confirm", help="确认时钟无误：时钟有疑问、督办停下之后由操作人员继续。")]
ConfirmedBy = Annotated[str | None, typer.Option("--by", help="由谁确认时钟。")]


def register(app: typer.Typer) -> None:
    """Add the engine's commands."""
    app.command("up")(up_command)
    app.command("deploy")(deploy_command)
    app.command("patrol")(patrol_command)
    app.command("calendar")(calendar_command)
    app.command("doctor")(doctor_command)


def patrol_command(at: At = None, confirm: Confirm = False, by: ConfirmedBy = None, as_json: Json = False) -> None:
    """巡检一次：补开期次、推进督办、发送到点的消息；有 Prefect 时让运行跟上。--at 晚于现在的只是预演。"""
    now = moment(at)
    with ledger_context(ACTOR, now) as ctx:
        since = max((one.activated_at for one in ledger.inspections(ctx.session)), default=None)
        if since is None:
            raise Refusal("ledger_empty")
        if now < since:
            said = ctx.work_time.minute_text
            raise Refusal("clock_backwards", at=said(now), since=said(since))
    if at is not None and now > clock.now():
        if confirm:
            raise typer.BadParameter("--at 晚于现在的只是预演，不必 --confirm")
        rehearse_patrol(now, as_json)
        return
    if confirm != (by is not None):
        raise typer.BadParameter("--confirm 与 --by 须一起写：由谁确认时钟无误")
    check_channels()
    totals = patrol_at(ACTOR, now, by_hand=at is not None, confirmed_by=by)
    totals |= _send(now)
    if not totals["doubt"]:
        totals |= show_patrol_now(totals)
        with ledger_context(ACTOR, now) as ctx:
            totals |= ledger.health(ctx)
    fault = audit_fault(totals)
    if as_json:
        print_json(totals)
    elif not totals["doubt"]:
        say(
            "新开{opened}期，新增提醒{alerts}条、督办单{escalations}份、消息{messages}封；"
            "已发{sent}封，待发{unsent}封".format(**totals)
        )
    if fault is not None:
        say(fault, err=True)
    if totals["parked_runs"]:
        say(phrase("runs.waiting", n=totals["parked_runs"]), err=True)
    if totals.get("undeployed"):
        say(phrase("deployments.failed", n=totals["undeployed"]), err=True)
    if fault or any(totals.get(name) for name in ("parked_runs", "undeployed", "unreached")):
        raise typer.Exit(1)


def _send(now: datetime) -> dict[str, int]:
    """Send every message that may leave at ``now``; how many left, are to be tried again, or cannot be delivered."""
    from tasks.channels import delivery

    results = delivery(ACTOR, lambda: now).run()
    again = (DeliveryResult.RETRY, DeliveryResult.FALLBACK, DeliveryResult.LOST)
    return {
        "sent": results[DeliveryResult.SENT],
        "retried": sum(results[result] for result in again),
        "dead": results[DeliveryResult.DEAD],
    }


def deploy_command(as_json: Json = False) -> None:
    """部署：使 Prefect 的部署、日程、自动化、运行与台账一致，全部核对；重复执行不变。"""
    if not use_running_api():
        raise typer.BadParameter("没有可用的 Prefect 服务：请先运行 duban up，或设置 PREFECT_API_URL")
    from rich.progress import Progress

    from flows import FLOWS
    from tasks.deployments import sync_prefect

    async def run(advance: Any) -> dict[str, Any]:
        from prefect import get_client

        async with get_client() as client:
            return await sync_prefect(client, FLOWS, advance)

    with told_in_one_line(), Progress(disable=as_json) as bar:
        line = bar.add_task("部署", total=None)
        done = asyncio.run(run(lambda name, total: bar.update(line, advance=1, total=total)))
    done |= {"runs": reconcile_now(whole=True)}
    if as_json:
        print_json(done)
    else:
        say(
            "新建{created}，更新{updated}，删除{deleted}，未变{unchanged}；自动化变更{automations}；复原改动{restored}".format(
                **done
            )
        )
    end_unless_followed(done)
