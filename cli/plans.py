"""``duban plan``: check a plan, show what it would send, put it under supervision."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.shared import Json, existing_file, moment, print_json, print_table
from config.loader import load_plan
from db import ledger
from tasks.desk import desk, office, policy
from tasks.preview import Preview, preview

app = typer.Typer(no_args_is_help=True)
FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="整改方案（YAML）。")]
At = Annotated[str | None, typer.Option("--at", help="按该时刻启用，如 2025-01-17。")]


@app.command()
def check(file: FileArg, as_json: Json = False) -> None:
    """检查方案；有错时逐条列出文件、行号与原因，退出码为 2。"""
    plan = load_plan(existing_file(file))
    measures = [measure for finding in plan.findings for measure in finding.measures]
    counts = {
        "findings": len(plan.findings),
        "measures": len(measures),
        "duties": sum(len(measure.duties) for measure in measures),
        "assumed": sum(duty.assumed for measure in measures for duty in measure.duties),
        "questions": sum(len(measure.questions) for measure in measures),
    }
    if as_json:
        print_json({"plan": plan.inspection.key, **counts})
    else:
        typer.echo(
            "方案无误：{findings}个问题，{measures}项措施，{duties}项督办，其中推定{assumed}项；待确认{questions}项".format(
                **counts
            )
        )


@app.command()
def load(
    file: FileArg,
    at: At = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    as_json: Json = False,
) -> None:
    """启用方案：先预览将要发出什么，确认后整体启用。"""
    now = moment(at)
    plan = load_plan(existing_file(file))
    found = preview(plan, office(), policy(), now)
    if not yes:
        show_preview(found)
        typer.confirm("启用该方案？", abort=True)
    with desk("duban plan load", now) as one:
        done = ledger.activate(one, plan)
    result: dict[str, Any] = {"measures": done.measures, "duties": done.duties, "opened": done.opened}
    if as_json:
        print_json(result | {"preview": found.as_dict()})
    elif done.measures:
        typer.echo(f"已启用：{done.measures}项措施，{done.duties}项督办，当即开启{done.opened}期")
    else:
        typer.echo("该方案已在督办，没有变化")


def show_preview(found: Preview) -> None:
    """What activation opens, what is overdue already, and what the next thirty days would bring if nobody reports."""
    overdue = [(p.measure, p.duty, p.label, p.due_on) for p in found.overdue]
    if overdue:
        print_table("已逾期（启用即催办）", ("措施", "事项", "期次", "期限"), overdue)
    rows = [(name, first, later) for name, first, later in found.per_recipient()]
    print_table("将收到的提醒（如一直不填报）", ("接收人", "首次巡检", "此后三十天"), rows)
    typer.echo(f"当即开启 {len(found.opening)} 期；推定事项 {found.assumed} 项")
