"""``duban evidence``: files that prove a report, by who has no page at hand."""

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
from db import ledger
from db.ledger.evidence import add_evidence, evidence_file, evidence_of_measure, kept_contents, remove_evidence
from papers.evidence import keep_file
from papers.evidence_store import kept_content
from plan.types import Door, PeriodState
from tasks.context import ledger_context
from tasks.kept_evidence import evidence_store
from text.files import replace_file
from text.refusals import Refusal

app = typer.Typer(no_args_is_help=True)
READER = "duban evidence"
NumberArg = Annotated[int, typer.Argument(metavar="NUMBER", help="材料编号。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="evidence", help="佐证材料：存入、列出、另存、核对、撤回。")


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
                add_evidence(ctx, meant.id, keep_file(evidence_store(), path.name, content, most))
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
        name, digest = one.name, one.sha256
    if output.exists():
        raise Refusal("file_exists", file=output)
    data = kept_content(evidence_store(), digest, name)
    try:
        replace_file(output, data)
    except OSError as error:
        raise Refusal("file_not_written", file=output, why=error.strerror) from error
    say(f"{name}：已另存为 {output}")


@app.command("verify")
def verify_evidence_command(as_json: Json = False) -> None:
    """逐份核对佐证文件：都在，且内容与留痕一致；有不符时退出码为 1。"""
    with ledger_context(READER) as ctx:
        recorded = kept_contents(ctx.session)
    store, faults = evidence_store(), []
    for digest, name in recorded:
        try:
            kept_content(store, digest, name)
        except Refusal as refusal:
            # A store that does not answer says nothing of any file.
            if refusal.code == "evidence_store_away":
                raise
            faults.append((digest, name, refusal))
    if as_json:
        told = [{"sha256": digest, "name": name, "fault": why.code} for digest, name, why in faults]
        print_json({"files": len(recorded), "faults": told})
    else:
        for _, _, why in faults:
            say(str(why), err=True)
        verdict = f"{len(faults)}份有误" if faults else "完整"
        say(f"{store.place}：{len(recorded)}份，{verdict}")
    if faults:
        raise typer.Exit(1)


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
