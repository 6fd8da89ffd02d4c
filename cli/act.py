"""The commands that act on a period or an escalation: the same ledger commands as the forms, then the run follows."""

from datetime import date
from typing import Annotated

import typer

from cli.follow import reconcile_now
from cli.shared import By, DutyOption, MeasureArg, day
from db import ledger
from db.ledger import LedgerContext, Report
from plan.types import PeriodState
from tasks.context import ledger_context
from text.refusals import Refusal

Reason = Annotated[str, typer.Option("--reason", help="理由。")]


def register(app: typer.Typer) -> None:
    """Add the acting commands."""
    app.command("submit")(submit_command)
    app.command("review")(review_command)
    app.command("extend")(extend_command)
    app.command("ack")(ack_command)
    app.command("instruct")(instruct_command)


def submit_command(
    measure: MeasureArg,
    text: Annotated[str, typer.Option("--text", help="完成情况。")],
    percent: Annotated[int, typer.Option("--percent", help="进度，0至100。")],
    by: By,
    duty: DutyOption = None,
    finished: Annotated[bool, typer.Option("--finished", help="该项工作已全部完成。")] = False,
    difficulty: Annotated[str, typer.Option("--difficulty", help="存在困难。")] = "",
    help_needed: Annotated[str, typer.Option("--help-needed", help="需协调事项。")] = "",
    evidence: Annotated[list[str] | None, typer.Option("--evidence", help="佐证材料，可多次。")] = None,
) -> None:
    """填报一期。"""
    report = Report(
        body=text,
        percent=percent,
        finished=finished,
        difficulty=difficulty,
        help_needed=help_needed,
        evidence=tuple(evidence or ()),
    )
    with ledger_context(by) as ctx:
        period = ledger.meant_period(ctx.session, measure, duty, [PeriodState.WAITING])
        ledger.submit(ctx, period.id, report)
        said = f"{ledger.name_of(period)}：已填报，待审核"
    _done(said)


def review_command(
    measure: MeasureArg,
    by: By,
    accept: Annotated[bool, typer.Option("--accept/--return", help="通过或退回。")],
    duty: DutyOption = None,
    reason: Reason = "",
) -> None:
    """审核一期的填报。"""
    with ledger_context(by) as ctx:
        period = ledger.meant_period(ctx.session, measure, duty, [PeriodState.SUBMITTED])
        ledger.review(ctx, period.id, accept=accept, reason=reason)
        said = f"{ledger.name_of(period)}：{ledger.outcome(period) or f'已退回，第{period.round}轮待填报'}"
    _done(said)


def extend_command(
    measure: MeasureArg,
    by: By,
    to: Annotated[str | None, typer.Option("--to", help="申请延至的日期。")] = None,
    decide: Annotated[str | None, typer.Option("--decide", help="批复：grant 或 refuse。")] = None,
    duty: DutyOption = None,
    reason: Reason = "",
) -> None:
    """申请延期（--to、--reason），或批复延期（--decide）。"""
    if (to is None) == (decide is None) or decide not in (None, "grant", "refuse"):
        raise typer.BadParameter("请给出 --to 日期（申请），或 --decide grant|refuse（批复）")
    with ledger_context(by) as ctx:
        period = ledger.meant_period(ctx.session, measure, duty)
        if to is not None:
            ledger.ask_extension(ctx, period.id, day(to, "--to"), reason)
            said = f"{ledger.name_of(period)}：已申请延期至 {to}，待批复"
        else:
            granted = ledger.decide_extension(ctx, period.id, grant=decide == "grant", reason=reason).granted
            said = f"{ledger.name_of(period)}：{'同意' if granted else '不同意'}延期，现期限 {period.due_on}"
    _done(said)


def ack_command(measure: MeasureArg, by: By, duty: DutyOption = None) -> None:
    """签收督办单：暂缓升级，不等于办结。"""
    with ledger_context(by) as ctx:
        found = ledger.acknowledge(ctx, _escalation_id(ctx, measure, duty))
        assert found.acknowledged_until is not None
        said = f"{found.number}：已签收，有效至 {ctx.work_time.day_of(found.acknowledged_until)}"
    _done(said)


def instruct_command(
    measure: MeasureArg,
    by: By,
    text: Annotated[str, typer.Option("--text", help="批示内容。")],
    limit: Annotated[str | None, typer.Option("--limit", help="新时限。")] = None,
    duty: DutyOption = None,
) -> None:
    """批示督办单：给出要求与新时限。"""
    new_limit: date | None = day(limit, "--limit") if limit else None
    with ledger_context(by) as ctx:
        found = ledger.instruct(ctx, _escalation_id(ctx, measure, duty), text, new_limit)
        said = f"{found.number}：已批示，新时限 {found.new_limit_on}"
    _done(said)


def _escalation_id(ctx: LedgerContext, measure: str, duty: str | None) -> int:
    """The open escalation of a measure's earliest period that has one."""
    found = ledger.measure_by_code(ctx.session, measure)
    for period in ledger.open_periods(ctx.session, found.id):
        escalation = ledger.open_escalation(ctx, period.id)
        if escalation is not None and duty in (None, period.duty.key):
            return escalation.id
    raise Refusal("escalation_none", measure=measure)


def _done(said: str) -> None:
    typer.echo(said)
    reconcile_now()
