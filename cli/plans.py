"""``duban plan``: check a plan, put it under supervision, and round through the office's own workbook."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.follow import end_unless_followed, redeploy_and_reconcile
from cli.progress import counting
from cli.shared import (
    By,
    Force,
    InspectionOption,
    Json,
    existing_file,
    new_file,
    past_moment,
    print_json,
    print_table,
    say,
)
from db import ledger
from db.ledger.amend import CONSOLE_ACTOR
from foresight.preview import Preview, preview
from papers.workbook import PlanBook
from papers.workbooks import plan_from, plan_status
from plan.questions import asked_questions
from plan.supervisors import check_supervised, empty_posts, unsupervised
from plan.types import Door
from tasks.context import ledger_context, policy, work_time
from text.catalogue import phrase, term

app = typer.Typer(no_args_is_help=True)
FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="整改方案（YAML 或导出的 .xlsx）。")]
At = Annotated[str | None, typer.Option("--at", help="按该时刻启用，如 2025-01-17。")]
Unsupervised = Annotated[
    bool, typer.Option("--without-supervisors", help="确实不设督办领导：逾期后无人督办，也照此启用。")
]
LOADER = "duban plan load"
_FOLLOWS_LATER = "方案已生效；Prefect 暂未跟上（{fault}），请稍后运行 duban deploy"
BookArg = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="导出到的工作簿。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="plan", help="整改方案：检查、启用、导出、导入。")


@app.command("check")
def check_command(file: FileArg, without_supervisors: Unsupervised = False, as_json: Json = False) -> None:
    """检查方案；有错时逐条列出文件、行号与原因，退出码为 2。"""
    book = plan_from(existing_file(file))
    plan = book.plan
    if not without_supervisors:
        check_supervised(plan, policy())
    measures = [measure for finding in plan.findings for measure in finding.measures]
    counts = {
        "findings": len(plan.findings),
        "measures": len(measures),
        "duties": sum(len(measure.duties) for measure in measures),
        "assumed": sum(duty.assumed for measure in measures for duty in measure.duties),
        "questions": len(asked_questions(plan)),
        "answers": book.answers,
    }
    bare, empty = unsupervised(plan, policy()), empty_posts(plan, policy())
    if as_json:
        print_json({"plan": plan.inspection.key, **counts, "unsupervised": bare, "empty_posts": empty})
    else:
        say(
            "方案无误：{findings}个问题，{measures}项措施，{duties}项督办，其中推定{assumed}项；待确认{questions}项".format(
                **counts
            )
        )
        if book.answers:
            say(phrase("plan.answers", n=book.answers))
        if empty:
            say(phrase("plan.empty_posts", posts="、".join(map(term, empty)), n=len(bare)), err=True)


@app.command("load")
def load_command(
    file: FileArg,
    at: At = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    without_supervisors: Unsupervised = False,
    as_json: Json = False,
) -> None:
    """启用方案：先预览将要发出什么，确认后整体启用，与已在督的轮次并行；同一轮次的则列出差异，确认后修改。"""
    now = past_moment(at)
    book = plan_from(existing_file(file))
    plan = book.plan
    with ledger_context(LOADER, now) as ctx:
        amends, titles = ledger.is_amendment(ctx.session, plan), [one.title for one in ledger.inspections(ctx.session)]
    if amends:
        _amend(book, now, CONSOLE_ACTOR, yes=yes, without_supervisors=without_supervisors, as_json=as_json)
        return
    found = preview(plan, work_time(), policy(), now)
    if not yes:
        if not without_supervisors:
            check_supervised(plan, policy())
        show_preview(found)
        beside = f"（与“{'、'.join(titles)}”并行）" if titles and plan.inspection.title not in titles else ""
        typer.confirm(f"启用该方案{beside}？", abort=True)
    with ledger_context(LOADER, now) as ctx:
        done = ledger.activate(ctx, plan, without_supervisors=without_supervisors)
    # The first plan of a ledger is loaded before anything is deployed; what comes beside it is to be shown at once.
    followed = redeploy_and_reconcile(_FOLLOWS_LATER) if titles and done.measures else {}
    result: dict[str, Any] = {"measures": done.measures, "duties": done.duties, "opened": done.opened}
    if as_json:
        print_json(result | {"preview": found.as_dict()} | followed)
    elif done.measures:
        say(f"已启用：{done.measures}项措施，{done.duties}项督办，当即开启{done.opened}期")
    else:
        say("该方案已在督办，没有变化")
    end_unless_followed(followed)


@app.command("export")
def export_plan_command(
    file: BookArg,
    plan: Annotated[Path | None, typer.Option("--plan", help="导出这份方案文件，不用台账。")] = None,
    inspection: InspectionOption = None,
    force: Force = False,
) -> None:
    """导出：在督的方案、各项现状与各期，导出为工作簿，改好后可再导入。"""
    from papers.workbook.plan_sheets import write_plan

    target = new_file(file, force, ".xlsx")
    if plan is not None:
        write_plan(plan_from(existing_file(plan)).plan, target)
    else:
        with ledger_context(CONSOLE_ACTOR) as ctx:
            found, state = ledger.plan_in_force(ctx.session, inspection), plan_status(ctx, inspection)
        write_plan(found, target, state)
    say(f"已导出：{target}")


@app.command("import")
def import_plan_command(
    file: FileArg,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接生效。")] = False,
    at: Annotated[str | None, typer.Option("--at", help="按该时刻生效；默认当前时刻。")] = None,
    by: By = CONSOLE_ACTOR,
    without_supervisors: Unsupervised = False,
    as_json: Json = False,
) -> None:
    """导入：先列出与在督方案的全部差异，确认后一次生效；已办结的不改，没有办结的随之调整。"""
    now = past_moment(at)
    with counting("读取") as progress:
        book = plan_from(existing_file(file), progress)
    _amend(book, now, by, yes=yes, without_supervisors=without_supervisors, as_json=as_json)


def _amend(book: PlanBook, now: datetime, by: str, *, yes: bool, without_supervisors: bool, as_json: bool) -> None:
    """Show what a plan changes of the one in force, and carry it out once that is confirmed."""
    from cli.differences import show_amendment

    def amend(apply: bool) -> ledger.Amendment:
        with ledger_context(by, now, Door.COMMAND_LINE) as ctx:
            return ledger.amend(
                ctx, book.plan, base_digest=book.digest, apply=apply, without_supervisors=without_supervisors
            )

    done = amend(apply=yes)
    if not as_json:
        show_amendment(done)
    if done.changes and not yes and not as_json and sys.stdin.isatty():
        typer.confirm("按此修改在督方案？", abort=True)
        done = amend(apply=True)
    followed = redeploy_and_reconcile(_FOLLOWS_LATER) if done.applied and done.changes else {}
    if as_json:
        print_json(asdict(done) | followed)
    elif done.changes:
        say("已生效" if done.applied else "以上尚未生效；加 --yes 后生效")
    end_unless_followed(followed)


def show_preview(found: Preview) -> None:
    """What activation opens, what is overdue already, and what the next thirty days would bring if nobody reports."""
    overdue = [(p.measure, p.duty, p.label, p.due_on) for p in found.overdue]
    if overdue:
        print_table("已逾期（启用即催办）", ("措施", "事项", "期次", "期限"), overdue)
    rows = [(name, first, later) for name, first, later in found.per_recipient()]
    print_table("将收到的提醒（如一直不填报）", ("接收人", "首次巡检", "此后三十天"), rows)
    say(f"当即开启 {len(found.opening)} 期；推定事项 {found.assumed} 项")
