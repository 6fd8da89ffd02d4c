"""The cards Prefect shows: a measure's description, the text above a form, all Markdown, escaped."""

import re
from typing import Any

from db import ledger
from db.ledger import LedgerContext
from db.models import Duty, Escalation, Measure, Period
from text.catalogue import term

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def plain(text: object) -> str:
    """Text from outside, made harmless inside Markdown: one line, no markup, no HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def measure_card(measure: Measure) -> str:
    """A deployment's description: what the measure is, who answers for it, and what it owes."""
    duties = [
        f"- **{plain(duty.title)}**（{term(duty.cadence)}）"
        f"{'　〔推定，待确认〕' if duty.assumed else ''} — {plain(duty.source)}"
        for duty in measure.owed
    ]
    questions = [f"- 「{plain(q.phrase)}」{plain(q.ask)}（暂按：{plain(q.suggest)}）" for q in measure.questions]
    return "\n".join(
        [
            f"**{plain(measure.text)}**",
            "",
            f"反馈问题 {measure.finding.code}：{plain(measure.finding.title)}",
            "",
            f"牵头单位：{plain(measure.lead_unit)}　·　{term(measure.duration_class)}　·　{plain(measure.state_note)}",
            "",
            *duties,
            *(["", "待确认：", *questions] if questions else []),
        ]
    )


def form_card(ctx: LedgerContext, period: Period) -> str:
    """The text above a report or review form."""
    measure, duty = period.duty.measure, period.duty
    lines = [
        f"**{plain(ledger.name_of(period))}，期限 {period.due_on}**",
        f"{plain(measure.text)}",
        f"牵头单位：{plain(measure.lead_unit)}{_receiver(duty)}",
    ]
    if period.provisional:
        lines.append("期限所在年度的放假安排尚未公布，工作日推算为暂定。")
    lines += [_submission_card(one) for one in period.submissions[-1:]]
    return "\n\n".join(lines)


def _receiver(duty: Duty) -> str:
    return f"　·　报送：{plain(duty.receiver)}" if duty.receiver else ""


def _submission_card(submission: Any) -> str:
    lines = [f"**第{submission.round}轮填报**（{plain(submission.submitted_by)}，进度{submission.percent}%）"]
    lines.append(plain(submission.body))
    extras = (("存在困难", submission.difficulty), ("需协调", submission.help_needed))
    lines += [f"{name}：{plain(value)}" for name, value in extras if value]
    if submission.evidence:
        lines.append("佐证材料：" + "；".join(plain(item) for item in submission.evidence))
    if submission.accepted is False:
        lines.append(f"**退回理由**：{plain(submission.reason)}")
    return "\n\n".join(lines)


def instruction_card(ctx: LedgerContext, escalation: Escalation) -> str:
    """The text above a supervisor's form."""
    period = escalation.period
    name = plain(ledger.name_of(period))
    return "\n\n".join(
        [
            f"**{escalation.number}（{term(escalation.level)}色）{name}：期限 {period.due_on}，至今未报**",
            f"{plain(period.duty.measure.text)}",
            f"牵头单位：{plain(period.duty.measure.lead_unit)}　·　督办时限 **{escalation.limit_on}**",
        ]
    )
