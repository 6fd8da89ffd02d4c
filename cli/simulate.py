"""``duban simulate``: a plan, a stretch of time, a way to behave; who would receive what, and when."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared import (
    Force,
    InspectionOption,
    Json,
    day,
    existing_file,
    new_file,
    print_json,
    print_table,
    say,
    write_file,
)
from cli.up import EZHOU
from db import ledger
from db.session import ledger_url
from papers.workbooks import plan_from
from plan.loader import load_plan
from plan.model import Plan
from plan.types import Level
from tasks.context import ledger_context, policy, work_time
from text.catalogue import phrase, term
from text.refusals import Refusal

if TYPE_CHECKING:
    from foresight.simulation import Simulation

READER = "duban simulate"
COLOURS = tuple(reversed(Level))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate_command)


def simulate_command(
    first: Annotated[str, typer.Option("--from", help="起始日，当日09:00启用方案，如 2025-01-17。")],
    last: Annotated[str, typer.Option("--to", help="截止日。")],
    scenario: Annotated[str, typer.Option("--scenario", help="on-time、late、silent，或情景文件（YAML）。")],
    plan: Annotated[
        Path | None, typer.Option("--plan", help="整改方案；默认在督的方案，台账为空时为鄂州方案。")
    ] = None,
    inspection: InspectionOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="写成一个网页文件。")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """推演：按情景把一段时间的督办走一遍，看谁会收到什么；不动台账，不发消息。有承诺未守住时退出码为 1。"""
    from foresight.simulation import load_scenario, simulate

    if as_json and html is not None:
        raise typer.BadParameter("--json 与 --html 只能选一个")
    if html is not None:
        new_file(html, force)
    days = day(first, "--from"), day(last, "--to")
    behaviour = load_scenario(scenario)
    checked = plan_from(existing_file(plan)).plan if plan else _in_force(inspection)
    found = simulate(checked, behaviour, work_time(), policy(), *days, ledger_url())
    if as_json:
        print_json(found.as_dict())
    elif html is not None:
        _write(found, html)
    else:
        _show(found)
    if not all(check.kept for check in found.checks):
        raise typer.Exit(1)


def _in_force(inspection: str | None) -> Plan:
    """The plan the ledger supervises; before there is one, the plan that ``duban up`` would activate."""
    try:
        with ledger_context(READER) as ctx:
            return ledger.plan_in_force(ctx.session, inspection)
    except Refusal as refusal:
        if refusal.code != "ledger_empty" or inspection is not None:
            raise
        return load_plan(EZHOU)


def _write(found: "Simulation", file: Path) -> None:
    from foresight.simulation.page import page

    write_file(file, page(found).encode())
    say(f"{_summary(found)}\n已写入 {file}")


def _show(found: "Simulation") -> None:
    rows = [
        (one.name, one.letters, one.alerts, one.most_a_day, *(one.levels[level] for level in COLOURS))
        for one in found.people()
    ]
    colours = [term(level) for level in COLOURS]
    print_table("谁会收到多少", ("接收人", "消息", "事项", "单日最多", *colours), rows)
    for check in found.checks:
        say(f"{'✓' if check.kept else '✗'} {check.title}（查{check.cases}项）{'；'.join(check.faults)}")
    say(_summary(found))


def _summary(found: "Simulation") -> str:
    outcomes = "，".join(f"{phrase(f'outcome.{name}')}{count}" for name, count in found.outcomes().most_common())
    papers = "，".join(f"{phrase(f'paper.outcome.{name}')}{count}份" for name, count in found.paper_outcomes().items())
    return (
        f"{found.organisation}，情景“{found.scenario}”，{found.first} 至 {found.last}：{len(found.periods)}期"
        f"（{outcomes}），消息{len(found.letters)}封，督办单{len(found.sheets)}份"
        f"，到期文书{len(found.papers)}份{f'（{papers}）' if papers else ''}"
    )
