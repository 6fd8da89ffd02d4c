"""``duban evidence``: files that prove a report, by who has no page at hand."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from cli.shared import (
    By,
    DutyOption,
    InspectionOption,
    Json,
    MeasureArg,
    PeriodOption,
    coded,
    print_json,
    print_table,
    say,
)
from config.settings import settings
from db import ledger
from db.ledger.evidence import add_evidence, evidence_file, evidence_of_measure, remove_evidence
from papers.evidence import keep_file, path_of
from plan.types import Door, PeriodState
from tasks.context import ledger_context
from text.refusals import Refusal

app = typer.Typer(no_args_is_help=True)
READER = "duban evidence"
NumberArg = Annotated[int, typer.Argument(metavar="NUMBER", help="材料编号。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="evidence", help="佐证材料：存入、列出、另存、撤回。")


@app.command("add")
def add_evidence_command(
    measure: MeasureArg,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="文件，可多个。", exists=True, dir_okay=False)],
    by: By,
    duty: DutyOption = None,
    period: PeriodOption = None,
    inspection: InspectionOption = None,
) -> None:
    """为待填报的一期存入佐证文件；提交填报时自动列入。"""
    code = coded(measure, inspection)
    # All or none: whoever mends one of them gives the same command again.
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_period(ctx.session, code, duty, period, lambda one: one.state == PeriodState.WAITING)
        most = ctx.policy.evidence.file_megabytes * 2**20
        for path in files:
            with path.open("rb") as content:
                add_evidence(ctx, meant.id, keep_file(settings().evidence_folder, path.name, content, most))
        said = f"{ledger.name_of(meant)}：已存入{len(files)}份，提交填报时自动列入"
    say(said)


@app.command("list")
def list_evidence_command(measure: MeasureArg, inspection: InspectionOption = None, as_json: Json = False) -> None:
    """列出一条措施各期的佐证文件。"""
    with ledger_context(READER) as ctx:
        measured = ledger.measure_by_code(ctx.session, coded(measure, inspection))
        rows = [
            {
                "id": one.id,
                "period": ledger.name_of(period),
                "round": one.round,
                "name": one.name,
                "bytes": one.size,
                "sha256": one.sha256,
                "by": one.added_by,
                "at": ctx.work_time.minute_text(one.added_at),
            }
            for one, period in evidence_of_measure(ctx, measured.id)
        ]
    if as_json:
        print_json(rows)
        return
    shown = [(row["id"], row["period"], row["round"] or "未提交", row["name"], row["by"], row["at"]) for row in rows]
    print_table("", ("编号", "期次", "轮次", "文件", "存入人", "存入时间"), shown)


@app.command("save")
def save_evidence_command(
    number: NumberArg,
    output: Annotated[Path, typer.Option("--output", "-o", help="另存为。")],
) -> None:
    """把一份佐证文件另存到本地。"""
    with ledger_context(READER) as ctx:
        one = evidence_file(ctx, number)
        kept, name, digest = path_of(settings().evidence_folder, one.sha256), one.name, one.sha256
    if output.exists():
        raise Refusal("file_exists", file=output)
    if not kept.is_file():
        raise Refusal("evidence_gone", name=name, sha256=digest[:12])
    shutil.copyfile(kept, output)
    say(f"{name}：已另存为 {output}")


@app.command("remove")
def remove_evidence_command(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="材料编号。")], by: By
) -> None:
    """撤回一份尚未提交的佐证文件。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        one = evidence_file(ctx, number)
        if one.round is not None:
            raise Refusal("evidence_handed_in", name=one.name)
        remove_evidence(ctx, number, one.period_id)
        name = one.name
    say(f"{name}：已撤回")
