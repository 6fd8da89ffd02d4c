"""What a measure's history and dates read like, line by line: the same words on the command line and on a page."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from plan.due import DueRule, due_text
from plan.policy import Offset, rung_text
from plan.types import Cadence, ClosureAct, ClosureStage, LookbackResult, LookbackState, PartState, Precision
from text.catalogue import date_text, phrase, term

_VERDICTS = {None: "待批复", True: "已同意", False: "未同意"}
_REVIEWS = {None: "待审核", True: "通过", False: "退回"}


def history_lines(view: dict[str, Any]) -> Iterator[str]:
    """What was suspended, reported, reviewed, asked and instructed of a measure, and what is still to be confirmed.

    Args:
        view: what ``ledger.measure_view`` gave.
    """
    for one in view["suspensions"]:
        ended = f"，{_moment(one['ended_at'])}恢复（{one['ended_by']}）" if one["ended_at"] else ""
        yield f"挂账 {_day(one['since'])}起，预计{_day(one['expected_end'])}恢复：{one['reason']}（{one['by']}）{ended}"
    for period in view["periods"]:
        yield from _period_lines(period)
    for closure in view["closures"]:
        yield from closure_lines(closure)
    for look in view["lookbacks"]:
        yield from _lookback_lines(look)
    for question in view["questions"]:
        yield f"待确认「{question['phrase']}」{question['ask']}（暂按：{question['suggest']}）"


def closure_lines(view: dict[str, Any]) -> Iterator[str]:
    """How a measure is being struck off: where it stands, and what was done in each stage.

    Args:
        view: what ``closure_view`` gave.
    """
    due = f"，时限{_day(view['due_on'])}" if view["due_on"] else ""
    asked = f"，请{'、'.join(view['asked'])}办理" if view["asked"] else ""
    yield f"销号 {view['waiting']}{due}{asked}（{_day(view['began_on'])}，{view['began_by']}：{view['reason']}）"
    if shown := view["publicity"]:
        printed = f"，所印截止{_day(shown['printed_until'])}" if shown["printed_until"] else ""
        window = f"{_day(shown['first_day'])}至{_day(shown['until'])}（首日计入{printed}）"
        yield f"  公示：{window}，{shown['where']}"
    for step in view["steps"]:
        back = f"至{phrase('closure.back.' + step['to'])}" if step["act"] == ClosureAct.RETURNED else ""
        did = f"{term(ClosureStage(step['stage']))}{term(ClosureAct(step['act']))}{back}"
        visited = f"，{_day(step['visited_on'])}现场核查" if "visited_on" in step else ""
        said = f"：{step['statement']}" if step["statement"] else ""
        yield f"  {_day(step['on'])} {did}（{step['by']}{visited}）{said}"
    for one in view["objections"]:
        yield f"  {_day(one['on'])} 异议（{one['said_by']}）：{one['said']}；{_answer(one)}"
    if view["archive"]:
        yield f"  备案编号 {view['archive']}"


def _answer(objection: dict[str, Any]) -> str:
    if not objection["answer"]:
        return "尚未答复"
    verdict = "成立" if objection["upheld"] else "不成立"
    return f"{_day(objection['answered_on'])} 答复{verdict}（{objection['answered_by']}）：{objection['answer']}"


def _lookback_lines(one: dict[str, Any]) -> Iterator[str]:
    """When a measure is looked at again, and how that went."""
    if one["result"]:
        yield f"回头看 {_day(one['on'])} {term(LookbackResult(one['result']))}（{one['by']}）：{one['statement']}"
    elif one["state"] != LookbackState.DROPPED:
        yield f"回头看 {_day(one['opens_on'])}起，时限{_day(one['due_on'])}，{term(LookbackState(one['state']))}"


def _period_lines(period: dict[str, Any]) -> Iterator[str]:
    """What was reported and reviewed, and whom the matter was escalated to."""
    name = f"{period['title']} · {period['label']}"
    if period["end_reason"]:
        yield f"{period['outcome']} {name}：{period['end_reason']}（{period['ended_by']}）"
    for one in period["parts"]:
        yield f"分报 {name}：{one['unit']}，{_part(one)}{_same(one)}"
    for one in period["submissions"]:
        said = f"{one['submitted_by']}，{one['percent']}%，{one['body']}{_same(one)}"
        yield f"填报 {name}：{_moment(one['submitted_at'])}，{said}"
        facts = (
            ("存在困难", one["difficulty"]),
            ("需协调", one["help_needed"]),
            ("佐证", "；".join(one["evidence"])),
            ("未收到分报", "、".join(one["missing_parts"])),
        )
        for title, fact in facts:
            if fact:
                yield f"  {title}：{fact}"
        when = _moment(one["reviewed_at"]) if one["reviewed_at"] else None
        review = [_REVIEWS[one["accepted"]], one["reviewed_by"], when, one["reason"]]
        yield f"  审核：{'，'.join(filter(None, review))}"
    for one in period["extensions"]:
        yield f"延期 {name}：由{_day(one['from'])}延至{_day(one['to'])}，{one['asked_by']}，理由：{one['reason']}"
        when = _moment(one["decided_at"]) if one["decided_at"] else None
        decision = [_VERDICTS[one["granted"]], one["decided_by"], when, one["decision_reason"]]
        yield f"  批复：{'，'.join(filter(None, decision))}"
    for one in period["escalations"]:
        limit = f"时限{_day(one['new_limit_on'] or one['limit_on'])}"
        said = f"{term(one['level'])}，{term(one['state'])}，{_moment(one['opened_at'])}，{limit}"
        yield f"{one['number']} {name}：{said}，{'、'.join(one['to'])}"
        if one["raise_reason"]:
            yield f"  提级：{one['raise_reason']}（{one['raised_by']}）"
        for said in one["acknowledgements"]:
            why = f"，理由：{said['reason']}" if said["reason"] else ""
            yield f"  签收：{said['by']}，有效至{_moment(said['until'])}{why}"
        if one["instruction"]:
            if one["held_on"]:
                yield f"  约谈：{_day(one['held_on'])}，{one['attended']}"
            did = "决定通报" if one["circulated"] else "要求" if one["held_on"] else "批示"
            yield f"  {did}：{one['instruction']}（{one['instructed_by']}，{_moment(one['instructed_at'])}）"
    if len(period["limits"]) > 1:
        yield f"期限 {name}：{' → '.join(_day(day) for day in period['limits'])}"


def _part(one: dict[str, Any]) -> str:
    if not one["given_at"]:
        return f"{term(PartState(one['state']))}，分报期限{_day(one['due_on'])}"
    share = f"{one['percent']}%，" if one["percent"] is not None else ""
    return f"{_moment(one['given_at'])}，{one['given_by']}，{share}{one['text']}"


def _same(one: dict[str, Any]) -> str:
    """That the same was said before, word for word."""
    return f"（与{one['same_as']}文字相同）" if one["same_as"] else ""


def explanation_lines(view: dict[str, Any]) -> Iterator[str]:
    """Why each date of a measure is what it is.

    Args:
        view: what ``ledger.explanation`` gave.
    """
    for duty in view["duties"]:
        yield from _duty_lines(duty)


def _duty_lines(duty: dict[str, Any]) -> Iterator[str]:
    rule = duty["rule"]
    assumed = "〔推定，待确认〕" if duty["assumed"] else ""
    yield f"\n■ {duty['title']}（代号 {duty['duty']}）{assumed}\n  依据：{duty['source']}"
    opens = f"下期{_day(duty['next_opens_at'][:10])}开启" if duty["next_opens_at"] else "没有下一期"
    yield f"  规则：{term(rule['cadence'])}，{_due(rule)}，遇节假日{term(rule['roll'])}，{opens}"
    for period in duty["periods"]:
        yield from _dates_lines(period)


def _due(rule: dict[str, Any]) -> str:
    """The due rule of a duty, or the date of one that is owed once."""
    if rule["cadence"] is Cadence.ONCE:
        day = date.fromisoformat(rule["due"])
        return f"期限{day.year}年{day.month}月底" if rule["precision"] is Precision.MONTH else f"期限{date_text(day)}"
    return f"每期期限为{due_text(DueRule.parse(rule['due']), rule['cadence'])}"


def _dates_lines(period: dict[str, Any]) -> Iterator[str]:
    notes = ["工作日" if period["workday"] else "非工作日，期限不变，提醒提前到前一工作日"]
    notes += ["该年度放假安排未公布，暂定"] if period["provisional"] else []
    opens_on, _ = period["window"].split(" — ")
    yield f"  · {period['period']}：{_day(opens_on)}开启，期限{_day(period['due_on'])}（{'；'.join(notes)}）"
    for one in period["extensions"]:
        said = f"由{_day(one['from'])}延至{_day(one['to'])}，{_VERDICTS[one['granted']]}"
        yield f"    延期：{said}；理由：{one['reason']}"
    for step in period["steps"]:
        anchor, offset = step["offset"].split(" ")
        when, level = rung_text(anchor, Offset.parse(offset)), term(step["level"])
        to = f"→ {'、'.join(step['to']) or '无人在岗'}"
        state = ("已提醒" if step["recorded"] else "未到") + ("〔暂定〕" if step["provisional"] else "")
        yield f"    {_moment(step['at'])} {when}（{level}）{to} {state}"


def _day(written: str) -> str:
    return date_text(date.fromisoformat(written))


def _moment(written: str) -> str:
    """An instant of the office's zone, as ``--json`` has it, in words."""
    moment = datetime.fromisoformat(written)
    return f"{date_text(moment.date())}{moment:%H:%M}"
