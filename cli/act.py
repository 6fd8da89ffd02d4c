"""The commands that act on a period or an escalation: the same ledger commands as the forms, then the run follows."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from cli.follow import reconcile_now
from cli.shared import By, DutyOption, InspectionOption, MeasureArg, PeriodOption, coded, day, say
from db import ledger
from db.ledger import Report
from db.ledger.closure_stages import open_closure, stage_name
from db.models import Escalation, Period
from plan.types import Door, DutyKind, PartState, PeriodState
from tasks.context import ledger_context

Reason = Annotated[str, typer.Option("--reason", help="理由。")]
NewLimit = Annotated[str | None, typer.Option("--limit", help="新时限。")]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="督办单编号，如 7；只有一份待处理时可省略。")]


def register(app: typer.Typer) -> None:
    """Add the acting commands."""
    app.command("submit")(submit_command)
    app.command("part")(part_command)
    app.command("review")(review_command)
    app.command("extend")(extend_command)
    app.command("skip")(skip_command)
    app.command("merge")(merge_command)
    app.command("ack")(ack_command)
    app.command("instruct")(instruct_command)
    app.command("interview")(interview_command)
    app.command("circulate")(circulate_command)
    app.command("escalate")(escalate_command)
    app.command("suspend")(suspend_command)
    app.command("resume")(resume_command)
    app.command("close")(close_command)
    app.command("reopen")(reopen_command)


def submit_command(
    measure: MeasureArg,
    text: Annotated[str, typer.Option("--text", help="完成情况。")],
    percent: Annotated[int, typer.Option("--percent", help="进度，0至100。")],
    by: By,
    duty: DutyOption = None,
    period: PeriodOption = None,
    finished: Annotated[bool, typer.Option("--finished", help="该项工作已全部完成。")] = False,
    difficulty: Annotated[str, typer.Option("--difficulty", help="存在困难。")] = "",
    help_needed: Annotated[str, typer.Option("--help-needed", help="需协调事项。")] = "",
    evidence: Annotated[list[str] | None, typer.Option("--evidence", help="佐证材料，可多次。")] = None,
    inspection: InspectionOption = None,
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
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_period(ctx.session, code, duty, period, lambda one: one.state == PeriodState.WAITING)
        ledger.submit(ctx, meant.id, report)
        said = f"{ledger.name_of(meant)}：已填报，待审核"
    _done(said)


def part_command(
    measure: MeasureArg,
    unit: Annotated[str, typer.Option("--unit", help="分报单位的名称或代号。")],
    text: Annotated[str, typer.Option("--text", help="分报内容。")],
    by: By,
    percent: Annotated[int | None, typer.Option("--percent", help="进度，0至100；说不准的可以不写。")] = None,
    duty: DutyOption = None,
    period: PeriodOption = None,
    inspection: InspectionOption = None,
) -> None:
    """分报：配合单位或下级单位报送本单位的部分，由牵头单位汇总。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_period(ctx.session, code, duty, period, _gathers)
        part = ledger.give_part(ctx, ledger.meant_part(ctx, meant, unit).id, text, percent)
        said = f"{ledger.name_of(meant)}：已收到{part.unit_name}的分报"
    _done(said)


def _gathers(period: Period) -> bool:
    return period.state == PeriodState.WAITING and any(one.state == PartState.WAITING for one in period.parts)


def review_command(
    measure: MeasureArg,
    by: By,
    accept: Annotated[bool, typer.Option("--accept/--return", help="通过或退回。")],
    duty: DutyOption = None,
    period: PeriodOption = None,
    reason: Reason = "",
    inspection: InspectionOption = None,
) -> None:
    """审核一期的填报。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_period(ctx.session, code, duty, period, lambda one: one.state == PeriodState.SUBMITTED)
        done = ledger.review(ctx, meant.id, accept=accept, reason=reason)
        verdict = "进展已认可，尚未完成" if accept else "已退回"
        goes_on = f"{verdict}，第{done.round}轮待填报，期限 {done.due_on}"
        said = f"{ledger.name_of(done)}：{ledger.outcome(done) or goes_on}"
    _done(said)


def extend_command(
    measure: MeasureArg,
    by: By,
    to: Annotated[str | None, typer.Option("--to", help="申请延至的日期。")] = None,
    decide: Annotated[str | None, typer.Option("--decide", help="批复：grant 或 refuse。")] = None,
    duty: DutyOption = None,
    period: PeriodOption = None,
    reason: Reason = "",
    inspection: InspectionOption = None,
) -> None:
    """申请延期（--to、--reason），或批复延期（--decide）。"""
    if (to is None) == (decide is None) or decide not in (None, "grant", "refuse"):
        raise typer.BadParameter("请给出 --to 日期（申请），或 --decide grant|refuse（批复）")
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        asked = decide is not None
        meant = ledger.meant_period(ctx.session, code, duty, period, lambda one: _awaits_decision(one) == asked)
        if to is not None:
            ledger.ask_extension(ctx, meant.id, day(to, "--to"), reason)
            said = f"{ledger.name_of(meant)}：已申请延期至 {to}，待批复"
        else:
            granted = ledger.decide_extension(ctx, meant.id, grant=decide == "grant", reason=reason).granted
            said = f"{ledger.name_of(meant)}：{'同意' if granted else '不同意'}延期，现期限 {meant.due_on}"
    _done(said)


def _awaits_decision(period: Period) -> bool:
    return any(one.granted is None for one in period.extensions)


def skip_command(
    measure: MeasureArg,
    by: By,
    duty: DutyOption = None,
    period: PeriodOption = None,
    reason: Reason = "",
    inspection: InspectionOption = None,
) -> None:
    """免报：由整改办决定本期不必填报，须写明理由。"""
    _excuse(ledger.skip, coded(measure, inspection), by, duty, period, reason)


def merge_command(
    measure: MeasureArg,
    by: By,
    duty: DutyOption = None,
    period: PeriodOption = None,
    reason: Reason = "",
    inspection: InspectionOption = None,
) -> None:
    """并入下期：由整改办决定本期与下一期一并填报，须写明理由。"""
    _excuse(ledger.merge_into_next, coded(measure, inspection), by, duty, period, reason)


def _excuse(
    end: Callable[[ledger.LedgerContext, int, str], Period],
    measure: str,
    by: str,
    duty: str | None,
    label: str | None,
    reason: str,
) -> None:
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_period(ctx.session, measure, duty, label, _may_be_excused)
        done = end(ctx, meant.id, reason)
        said = f"{ledger.name_of(done)}：{ledger.outcome(done)}"
    _done(said)


def _may_be_excused(period: Period) -> bool:
    return period.state == PeriodState.WAITING and period.duty.kind != DutyKind.FINISH


def ack_command(
    measure: MeasureArg,
    by: By,
    until: Annotated[str | None, typer.Option("--until", help="暂缓至哪一天；不写则按策略。")] = None,
    reason: Annotated[str, typer.Option("--reason", help="暂缓到那一天的理由。")] = "",
    duty: DutyOption = None,
    period: PeriodOption = None,
    sheet: SheetOption = None,
    inspection: InspectionOption = None,
) -> None:
    """签收督办单：暂缓升级，不等于办结。"""
    last = day(until, "--until") if until else None
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = ledger.meant_sheet(ctx.session, coded(measure, inspection), duty, period, sheet)
        found = ledger.acknowledge(ctx, meant.id, last, reason)
        if found.acknowledged_until is not None:
            said = f"已签收，有效至 {ctx.work_time.last_day(found.acknowledged_until)}"
        else:
            said = f"已签收；须{found.needed}人签收才暂缓升级，还差{found.needed - len(found.acknowledgements)}人"
    _done(f"{found.number}：{said}")


def instruct_command(
    measure: MeasureArg,
    by: By,
    text: Annotated[str, typer.Option("--text", help="批示内容。")],
    limit: NewLimit = None,
    duty: DutyOption = None,
    period: PeriodOption = None,
    sheet: SheetOption = None,
    inspection: InspectionOption = None,
) -> None:
    """批示督办单：给出要求与新时限。"""
    named = coded(measure, inspection), duty, period, sheet
    _answer_sheet(by, named, limit, lambda ctx, one, until: ledger.instruct(ctx, one, text, until), "已批示")


def interview_command(
    measure: MeasureArg,
    by: By,
    held_on: Annotated[str, typer.Option("--held-on", help="约谈日期。")],
    attended: Annotated[str, typer.Option("--attended", help="参加约谈的人员和职务。")],
    text: Annotated[str, typer.Option("--text", help="约谈要求。")],
    limit: NewLimit = None,
    duty: DutyOption = None,
    period: PeriodOption = None,
    sheet: SheetOption = None,
    inspection: InspectionOption = None,
) -> None:
    """记录约谈：何时约谈了谁、要求和新时限；不约谈、只批示的用 instruct。"""
    named, on = (coded(measure, inspection), duty, period, sheet), day(held_on, "--held-on")
    _answer_sheet(
        by, named, limit, lambda ctx, one, until: ledger.hold_interview(ctx, one, on, attended, text, until), "已约谈"
    )


def circulate_command(
    measure: MeasureArg,
    by: By,
    text: Annotated[str, typer.Option("--text", help="通报内容。")],
    limit: NewLimit = None,
    duty: DutyOption = None,
    period: PeriodOption = None,
    sheet: SheetOption = None,
    inspection: InspectionOption = None,
) -> None:
    """决定通报：文稿交整改办定稿印发；不通报、只批示的用 instruct。"""
    named = coded(measure, inspection), duty, period, sheet
    _answer_sheet(by, named, limit, lambda ctx, one, until: ledger.circulate(ctx, one, text, until), "已决定通报")


def _answer_sheet(
    by: str,
    named: tuple[str, str | None, str | None, str | None],
    limit: str | None,
    answer: Callable[[ledger.LedgerContext, int, date | None], Escalation],
    did: str,
) -> None:
    """Answer the sheet that is named by measure, duty, period and number."""
    until = day(limit, "--limit") if limit else None
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        found = answer(ctx, ledger.meant_sheet(ctx.session, *named).id, until)
        said = f"{found.number}：{did}，新时限 {found.new_limit_on}"
    _done(said)


def escalate_command(
    measure: MeasureArg,
    rung: Annotated[str, typer.Argument(metavar="RUNG", help="提到哪一级（节点代号），如 red；写错时列出可以的。")],
    by: By,
    reason: Reason = "",
    duty: DutyOption = None,
    period: PeriodOption = None,
    inspection: InspectionOption = None,
) -> None:
    """提级：情况严重的，不等时间到，直接提到更高一级督办、约谈或通报。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        code = coded(measure, inspection)
        meant = ledger.meant_period(ctx.session, code, duty, period, lambda one: one.state == PeriodState.WAITING)
        found = ledger.raise_to(ctx, meant.id, rung, reason)
        said = f"{ledger.name_of(meant)}：已提级，{found.number}，时限 {found.limit_on}"
    _done(said)


def suspend_command(
    measure: MeasureArg,
    by: By,
    until: Annotated[str, typer.Option("--until", help="预计恢复的日期；到时提醒复核。")],
    evidence: Annotated[list[str], typer.Option("--evidence", help="佐证材料，可多次。")],
    reason: Reason = "",
    inspection: InspectionOption = None,
) -> None:
    """挂账：停止计时，剩余时限保留；已挂账的，改其理由和预计恢复日期。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        found = ledger.suspend(ctx, code, reason=reason, evidence=evidence, until=day(until, "--until"))
        said = f"{code}：已挂账，停止计时，预计 {found.expected_end} 恢复"
    _done(said)


def resume_command(measure: MeasureArg, by: By, reason: Reason = "", inspection: InspectionOption = None) -> None:
    """恢复挂账的措施：按剩余时限继续计时。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        limits = [f"{ledger.name_of(one)}，期限 {one.due_on}" for one in ledger.resume(ctx, code, reason=reason)]
        said = f"{code}：已恢复计时" + "".join(f"\n  {limit}" for limit in limits)
    _done(said)


def close_command(measure: MeasureArg, by: By, reason: Reason = "", inspection: InspectionOption = None) -> None:
    """提出销号：按检查类型的环节依次办理（自查、验收、公示、签字、备案）；没有环节的当即销号，只留巩固事项。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        closed = ledger.close(ctx, code, reason)
        present = open_closure(ctx, closed)
        said = "已销号" if present is None else f"已开始销号，{stage_name(present)}，时限 {present.due_on}"
    _done(f"{code}：{said}")


def reopen_command(measure: MeasureArg, by: By, reason: Reason = "", inspection: InspectionOption = None) -> None:
    """重新整改：已验收或销号的措施重新督办，以前的记录保留。"""
    code = coded(measure, inspection)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        limits = [f"{ledger.name_of(one)}，期限 {one.due_on}" for one in ledger.reopen(ctx, code, reason)]
        said = f"{code}：重新整改" + "".join(f"\n  {limit}" for limit in limits)
    _done(said)


def _done(said: str) -> None:
    say(said)
    reconcile_now()
