"""The commands that only read: ledger, show, explain, audit, doctor."""

from typing import Any

import typer

from cli.shared import Json, MeasureArg, print_json, print_table
from db import ledger
from db.ledger import audit
from tasks.context import ledger_context
from text.catalogue import term

audit_app = typer.Typer(no_args_is_help=True)
READER = "duban"


def register(app: typer.Typer) -> None:
    """Add the reading commands."""
    app.command("ledger")(ledger_command)
    app.command("show")(show_command)
    app.command("explain")(explain_command)
    app.add_typer(audit_app, name="audit", help="审计链。")


def ledger_command(as_json: Json = False) -> None:
    """台账：全部问题、措施与督办事项。"""
    with ledger_context(READER) as ctx:
        view = ledger.ledger_view(ctx)
    if as_json:
        print_json(view)
        return
    rows = [
        (
            measure["code"],
            measure["title"],
            measure["lead_unit"],
            term(measure["work_state"]),
            term(measure["time_state"]),
            term(measure["lamp"]),
            "\n".join(
                f"{term(d['cadence'])} {d['title']} → {(d['next_due_at'] or '—')[:10]}" for d in measure["duties"]
            ),
        )
        for measure in view["measures"]
    ]
    columns = ("编号", "整改措施", "牵头单位", "工作状态", "时间状态", "灯", "督办事项与最近期限")
    print_table(f"{view['inspection']['organisation']} · {view['inspection']['title']}", columns, rows)


def show_command(measure: MeasureArg, as_json: Json = False) -> None:
    """一项措施：各期、填报、督办单。"""
    with ledger_context(READER) as ctx:
        view = ledger.measure_view(ctx, measure)
    if as_json:
        print_json(view)
        return
    typer.echo(f"{view['code']} {view['title']}（{view['lead_unit']}）\n{view['text']}\n{view['state_note']}")
    rows = [
        (p["label"], p["title"], p["due_on"], term(p["state"]), term(p["time_state"]), term(p["lamp"]), p["outcome"])
        for p in view["periods"]
    ]
    print_table("期次", ("期次", "督办事项", "期限", "状态", "时间状态", "灯", "结果"), rows)
    for question in view["questions"]:
        typer.echo(f"待确认「{question['phrase']}」{question['ask']}（暂按：{question['suggest']}）")


def explain_command(measure: MeasureArg, as_json: Json = False) -> None:
    """说明：每个日期从何而来。"""
    with ledger_context(READER) as ctx:
        view = ledger.explanation(ctx, measure)
    if as_json:
        print_json(view)
        return
    typer.echo(f"{view['measure']} {view['title']}")
    for duty in view["duties"]:
        _explain_duty(duty)


def _explain_duty(duty: dict[str, Any]) -> None:
    rule = duty["rule"]
    assumed = "〔推定，待确认〕" if duty["assumed"] else ""
    typer.echo(f"\n■ {duty['title']}（{duty['duty']}）{assumed}\n  依据：{duty['source']}")
    typer.echo(
        f"  规则：{term(rule['cadence'])}，期限 {rule['due']}，遇休 {term(rule['roll'])}，"
        f"下期开启 {duty['next_opens_at'] or '—'}"
    )
    for period in duty["periods"]:
        _explain_period(period)


def _explain_period(period: dict[str, Any]) -> None:
    notes = ["工作日" if period["workday"] else "非工作日，期限不变，提醒提前到前一工作日"]
    notes += ["该年度放假安排未公布，暂定"] if period["provisional"] else []
    typer.echo(f"  · {period['period']}：{period['window']}，期限 {period['due_on']}（{'；'.join(notes)}）")
    for extension in period["extensions"]:
        typer.echo(f"    延期 {extension['from']} → {extension['to']}：{extension['reason']}（{extension['granted']}）")
    for step in period["steps"]:
        mark = "已提醒" if step["recorded"] else "未到"
        typer.echo(
            f"    {step['at'][:16]} {step['rung']}（{step['offset']}，{term(step['level'])}）"
            f"→ {'、'.join(step['to'])} {mark}"
        )


@audit_app.command("verify")
def verify_command(as_json: Json = False) -> None:
    """核对审计链；断链时退出码为 1。"""
    with ledger_context(READER) as ctx:
        verdict = audit.verify(ctx.session)
    if as_json:
        print_json({"entries": verdict.entries, "broken_at": verdict.broken_at, "head": verdict.head})
    elif verdict.broken_at is None:
        typer.echo(f"审计链完整：{verdict.entries} 条，末条 {verdict.head}")
    else:
        typer.echo(f"审计链在第 {verdict.broken_at} 条断裂：该条或其前一条被改动过", err=True)
    if verdict.broken_at is not None:
        raise typer.Exit(1)
