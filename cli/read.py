"""The commands that only read: ledger, show, explain."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.shared import (
    Force,
    InspectionOption,
    Json,
    MeasureArg,
    coded,
    new_file,
    print_json,
    print_table,
    say,
    write_file,
)
from db import ledger
from papers.as_data import ledger_data
from papers.board_page import board_page
from papers.measure_text import explanation_lines, history_lines
from plan.types import InspectionKind
from tasks.context import ledger_context
from text.catalogue import missed_text, phrase, term

READER = "duban"


def register(app: typer.Typer) -> None:
    """Add the reading commands."""
    app.command("inspections")(inspections_command)
    app.command("board")(board_command)
    app.command("ledger")(ledger_command)
    app.command("show")(show_command)
    app.command("explain")(explain_command)


def inspections_command(as_json: Json = False) -> None:
    """轮次：在督的各轮巡察、督察、审计，措施、待办和逾期各多少。"""
    with ledger_context(READER) as ctx:
        found = ledger.inspection_lines(ctx)
    if as_json:
        print_json(found)
        return
    for one in found:
        kind, since = term(InspectionKind(one["kind"])), one["activated_at"][:10]
        say(phrase("inspection.line", code=one.pop("key"), **one | {"kind": kind, "since": since}))


def board_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="写入的文件（.html）。")],
    inspection: InspectionOption = None,
    force: Force = False,
) -> None:
    """总览成一个文件：逾期及缘由、即将到期、时间安排、序时进度、走势、各单位报送情况；可打印，可在手机上看。"""
    path = new_file(output, force, ".html")
    with ledger_context(READER) as ctx:
        page = board_page(ctx, inspection)
        at = ctx.work_time.minute_text(ctx.now)
    write_file(path, page.encode())
    say(phrase("board.written", file=path, at=at))


def ledger_command(inspection: InspectionOption = None, as_json: Json = False) -> None:
    """台账：全部问题、措施与督办事项；有几个轮次的逐一列出。"""
    with ledger_context(READER) as ctx:
        whole = ledger_data(ctx, inspection)
    if as_json:
        print_json(whole)
        return
    for view in whole.get("inspections", [whole]):
        _show_ledger(view)


def _show_ledger(view: dict[str, Any]) -> None:
    rows = [
        (
            measure["code"],
            measure["title"],
            measure["lead_unit"],
            term(measure["work_state"]),
            _time_state(measure),
            term(measure["lamp"]),
            "\n".join(
                f"{term(d['cadence'])} {d['title']} → {(d['next_due_at'] or '—')[:10]}{missed_text(d['missed'])}"
                for d in measure["duties"]
            ),
        )
        for measure in view["measures"]
    ]
    columns = ("编号", "整改措施", "牵头单位", "工作状态", "时间状态", "灯", "督办事项与最近期限")
    print_table(f"{view['inspection']['organisation']} · {view['inspection']['title']}", columns, rows)
    say(phrase("outcome.counts", **view["outcomes"]))


def _time_state(measure: dict[str, Any]) -> str:
    since = measure["unknown_since"]
    return term(measure["time_state"]) + (f"（{since}以来）" if since and measure["time_state"] == "unknown" else "")


def show_command(measure: MeasureArg, inspection: InspectionOption = None, as_json: Json = False) -> None:
    """一项措施：各期、填报、审核、延期、督办单、历次期限。"""
    with ledger_context(READER) as ctx:
        view = ledger.measure_view(ctx, coded(measure, inspection))
    if as_json:
        print_json(view)
        return
    say(f"{view['code']} {view['title']}（{view['lead_unit']}）\n{view['text']}\n{view['state_note']}")
    if view["goal"]:
        say(phrase("goal.line", goal=view["goal"]))
    rows = [
        (p["label"], p["title"], p["due_on"], term(p["state"]), term(p["time_state"]), term(p["lamp"]), p["outcome"])
        for p in view["periods"]
    ]
    say(phrase("outcome.counts", **view["outcomes"]))
    print_table("期次", ("期次", "督办事项", "期限", "状态", "时间状态", "灯", "结果"), rows)
    for said in history_lines(view):
        say(said)


def explain_command(measure: MeasureArg, inspection: InspectionOption = None, as_json: Json = False) -> None:
    """说明：每个日期从何而来。"""
    with ledger_context(READER) as ctx:
        view = ledger.explanation(ctx, coded(measure, inspection))
    if as_json:
        print_json(view)
        return
    say(f"{view['measure']} {view['title']}")
    for said in explanation_lines(view):
        say(said)
