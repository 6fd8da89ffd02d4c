"""``duban report``: what waits for a unit, out to a sheet to fill in and back; every row is a report like any other."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.follow import reconcile_now
from cli.shared import Force, InspectionOption, Json, existing_file, new_file, print_json, print_table, say
from db import ledger
from papers.workbooks import filled_reports, waiting_rows
from plan.types import Door
from tasks.context import ledger_context

app = typer.Typer(no_args_is_help=True)
ACTOR = "duban report"
_RESULTS = {"submitted": "已填报", "already": "早已填报", "refused": "未登记"}


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="report", help="填报表：导出、导入。")


@app.command("export")
def export_reports_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="导出到的填报表。")],
    unit: Annotated[str, typer.Option("--unit", help="责任单位名称，如 水科。")],
    inspection: InspectionOption = None,
    force: Force = False,
) -> None:
    """导出一个单位待填报的各期（默认各轮次一并导出），填好后再导入。"""
    from papers.workbook.report_sheets import write_reports

    target = new_file(file, force, ".xlsx")
    with ledger_context(ACTOR) as ctx:
        rows = waiting_rows(ctx, unit, inspection)
    write_reports(rows, target, unit)
    say(f"已导出 {unit} 待填报 {len(rows)} 期：{target}")


@app.command("import")
def import_reports_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="填好的填报表。")],
    by: Annotated[str | None, typer.Option("--by", help="以此人名义填报；默认按表中各行的填报人。")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="登记；不加只核对。")] = False,
    as_json: Json = False,
) -> None:
    """导入填报表：逐行登记；不能登记的逐行说明原因，不影响其他行，退出码为 2。重复导入同一份表不会重复登记。"""
    from papers.workbook import cell_fault
    from papers.workbook.report_sheets import read_reports

    sheet = read_reports(existing_file(file))
    with ledger_context(ACTOR, door=Door.SHEET) as ctx:
        taken = ledger.submit_filled(ctx, filled_reports(sheet, by), apply=yes)
    rows = [{"row": row.row, **asdict(one)} for row, one in zip(sheet.rows, taken, strict=True)]
    wrong: dict[int, list[str]] = {}
    for fault in sheet.faults:
        wrong.setdefault(fault.row, []).append(cell_fault(fault))
    rows += [{"row": n, "period": "", "result": "refused", "reason": "；".join(said)} for n, said in wrong.items()]
    rows.sort(key=lambda row: row["row"])
    counts: Counter[str] = Counter(row["result"] for row in rows)
    followed = reconcile_now() if yes and counts["submitted"] else {}
    if as_json:
        print_json({"applied": yes, **{result: counts[result] for result in _RESULTS}, "rows": rows, **followed})
    else:
        _show(rows, counts, yes)
    if counts["refused"]:
        raise typer.Exit(2)


def _show(rows: list[dict[str, Any]], counts: Counter[str], applied: bool) -> None:
    shown = [(row["row"], row["period"], _RESULTS[row["result"]], row["reason"]) for row in rows]
    print_table("填报表" if applied else "填报表（核对，尚未登记）", ("行", "期次", "结果", "原因"), shown)
    said = "，".join(f"{name}{counts[result]}行" for result, name in _RESULTS.items())
    say(said if applied else f"核对：{said}；加 --yes 后登记")
