"""The commands that only read: ledger, show, explain."""

from datetime import date, datetime
from typing import Any

import typer

from cli.shared import Json, MeasureArg, print_json, print_table, say
from db import ledger
from plan.due import DueRule, due_text
from plan.policy import Offset, rung_text
from plan.types import Cadence, Precision
from tasks.context import ledger_context
from text.catalogue import date_text, missed_text, phrase, term

READER = "duban"
_VERDICTS = {None: "待批复", True: "已同意", False: "未同意"}
_REVIEWS = {None: "待审核", True: "通过", False: "退回"}


def register(app: typer.Typer) -> None:
    """Add the reading commands."""
    app.command("ledger")(ledger_command)
    app.command("show")(show_command)
    app.command("explain")(explain_command)


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


def show_command(measure: MeasureArg, as_json: Json = False) -> None:
    """一项措施：各期、填报、审核、延期、督办单、历次期限。"""
    with ledger_context(READER) as ctx:
        view = ledger.measure_view(ctx, measure)
    if as_json:
        print_json(view)
        return
    say(f"{view['code']} {view['title']}（{view['lead_unit']}）\n{view['text']}\n{view['state_note']}")
    rows = [
        (p["label"], p["title"], p["due_on"], term(p["state"]), term(p["time_state"]), term(p["lamp"]), p["outcome"])
        for p in view["periods"]
    ]
    say(phrase("outcome.counts", **view["outcomes"]))
    print_table("期次", ("期次", "督办事项", "期限", "状态", "时间状态", "灯", "结果"), rows)
    for one in view["suspensions"]:
        ended = f"，{_moment(one['ended_at'])}恢复（{one['ended_by']}）" if one["ended_at"] else ""
        say(f"挂账 {_day(one['since'])}起，预计{_day(one['expected_end'])}恢复：{one['reason']}（{one['by']}）{ended}")
    for period in view["periods"]:
        _show_history(period)
    for question in view["questions"]:
        say(f"待确认「{question['phrase']}」{question['ask']}（暂按：{question['suggest']}）")


def _show_history(period: dict[str, Any]) -> None:
    """What was reported and reviewed, and whom the matter was escalated to."""
    name = f"{period['title']} · {period['label']}"
    if period["end_reason"]:
        say(f"{period['outcome']} {name}：{period['end_reason']}（{period['ended_by']}）")
    for one in period["submissions"]:
        say(f"填报 {name}：{_moment(one['submitted_at'])}，{one['submitted_by']}，{one['percent']}%，{one['body']}")
        facts = (("存在困难", one["difficulty"]), ("需协调", one["help_needed"]), ("佐证", "；".join(one["evidence"])))
        for title, fact in facts:
            if fact:
                say(f"  {title}：{fact}")
        when = _moment(one["reviewed_at"]) if one["reviewed_at"] else None
        review = [_REVIEWS[one["accepted"]], one["reviewed_by"], when, one["reason"]]
        say(f"  审核：{'，'.join(filter(None, review))}")
    for one in period["extensions"]:
        say(f"延期 {name}：由{_day(one['from'])}延至{_day(one['to'])}，{one['asked_by']}，理由：{one['reason']}")
        when = _moment(one["decided_at"]) if one["decided_at"] else None
        decision = [_VERDICTS[one["granted"]], one["decided_by"], when, one["decision_reason"]]
        say(f"  批复：{'，'.join(filter(None, decision))}")
    for one in period["escalations"]:
        limit = f"时限{_day(one['new_limit_on'] or one['limit_on'])}"
        said = f"{term(one['level'])}，{term(one['state'])}，{_moment(one['opened_at'])}，{limit}"
        say(f"{one['number']} {name}：{said}，{'、'.join(one['to'])}")
        if one["acknowledged_by"]:
            say(f"  签收：{one['acknowledged_by']}，有效至{_moment(one['acknowledged_until'])}")
        if one["instruction"]:
            say(f"  批示：{one['instruction']}（{one['instructed_by']}，{_moment(one['instructed_at'])}）")
    if len(period["limits"]) > 1:
        say(f"期限 {name}：{' → '.join(_day(day) for day in period['limits'])}")


def explain_command(measure: MeasureArg, as_json: Json = False) -> None:
    """说明：每个日期从何而来。"""
    with ledger_context(READER) as ctx:
        view = ledger.explanation(ctx, measure)
    if as_json:
        print_json(view)
        return
    say(f"{view['measure']} {view['title']}")
    for duty in view["duties"]:
        _explain_duty(duty)


def _explain_duty(duty: dict[str, Any]) -> None:
    rule = duty["rule"]
    assumed = "〔推定，待确认〕" if duty["assumed"] else ""
    say(f"\n■ {duty['title']}（代号 {duty['duty']}）{assumed}\n  依据：{duty['source']}")
    opens = f"下期{_day(duty['next_opens_at'][:10])}开启" if duty["next_opens_at"] else "没有下一期"
    say(f"  规则：{term(rule['cadence'])}，{_due(rule)}，遇节假日{term(rule['roll'])}，{opens}")
    for period in duty["periods"]:
        _explain_period(period)


def _due(rule: dict[str, Any]) -> str:
    """The due rule of a duty, or the date of one that is owed once."""
    if rule["cadence"] is Cadence.ONCE:
        day = date.fromisoformat(rule["due"])
        return f"期限{day.year}年{day.month}月底" if rule["precision"] is Precision.MONTH else f"期限{date_text(day)}"
    return f"每期期限为{due_text(DueRule.parse(rule['due']), rule['cadence'])}"


def _explain_period(period: dict[str, Any]) -> None:
    notes = ["工作日" if period["workday"] else "非工作日，期限不变，提醒提前到前一工作日"]
    notes += ["该年度放假安排未公布，暂定"] if period["provisional"] else []
    opens_on, _ = period["window"].split(" — ")
    say(f"  · {period['period']}：{_day(opens_on)}开启，期限{_day(period['due_on'])}（{'；'.join(notes)}）")
    for one in period["extensions"]:
        said = f"由{_day(one['from'])}延至{_day(one['to'])}，{_VERDICTS[one['granted']]}"
        say(f"    延期：{said}；理由：{one['reason']}")
    for step in period["steps"]:
        anchor, offset = step["offset"].split(" ")
        when, level = rung_text(anchor, Offset.parse(offset)), term(step["level"])
        to = f"→ {'、'.join(step['to']) or '无人在岗'}"
        state = ("已提醒" if step["recorded"] else "未到") + ("〔暂定〕" if step["provisional"] else "")
        say(f"    {_moment(step['at'])} {when}（{level}）{to} {state}")


def _day(written: str) -> str:
    return date_text(date.fromisoformat(written))


def _moment(written: str) -> str:
    """An instant of the office's zone, as ``--json`` has it, in words."""
    moment = datetime.fromisoformat(written)
    return f"{date_text(moment.date())}{moment:%H:%M}"
