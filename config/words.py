"""What people read: Chinese (the default) and English for every closed vocabulary and every phrase of a message.

The code keeps the values of ``config/types.py``; nobody outside sees them. Both languages stand on one line, so a
translation cannot be forgotten; ``words_test.py`` holds that every value of every vocabulary has its line.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from re import sub
from types import MappingProxyType
from typing import Literal, get_args

from config.types import (
    Audience,
    Cadence,
    DurationClass,
    DutyKind,
    EvidenceRule,
    InspectionKind,
    Level,
    PeriodState,
    Precision,
    Roll,
    TimeState,
    WorkState,
)

Language = Literal["zh", "en"]

_MONTHS = "January February March April May June July August September October November December"


# Rows and not a dict: members of two vocabularies may be equal as strings (``Level.NONE == Roll.NONE``).
_TERMS: tuple[tuple[StrEnum, str, str], ...] = (
    (InspectionKind.PARTY, "党委巡视巡察", "Party inspection"),
    (InspectionKind.ENVIRONMENT, "生态环境保护督察", "Environmental inspection"),
    (InspectionKind.AUDIT, "审计", "Audit"),
    (InspectionKind.GOVERNMENT, "政府督查", "Government supervision"),
    (DurationClass.IMMEDIATE, "立行立改", "Immediate"),
    (DurationClass.DATED, "限期整改", "By a date"),
    (DurationClass.STAGED, "分阶段整改", "In stages"),
    (DurationClass.STANDING, "长期坚持", "Kept up for good"),
    (WorkState.NOT_STARTED, "未启动", "Not started"),
    (WorkState.IN_PROGRESS, "整改中", "In progress"),
    (WorkState.DONE_CLAIMED, "申报完成", "Reported done"),
    (WorkState.ACCEPTED, "验收通过", "Accepted"),
    (WorkState.CLOSED, "已销号", "Closed"),
    (WorkState.REOPENED, "重新整改", "Reopened"),
    (WorkState.SUSPENDED, "暂停计时", "Clock suspended"),
    (PeriodState.WAITING, "待填报", "Report awaited"),
    (PeriodState.SUBMITTED, "待审核", "Review awaited"),
    (PeriodState.CLOSED, "已办结", "Closed"),
    (PeriodState.WITHDRAWN, "已撤销", "Withdrawn"),
    (TimeState.NOT_APPLICABLE, "无时限", "No date"),
    (TimeState.AHEAD, "超前", "Ahead"),
    (TimeState.ON_SCHEDULE, "达到序时进度", "On schedule"),
    (TimeState.BEHIND, "滞后", "Behind"),
    (TimeState.DUE_SOON, "临期", "Due soon"),
    (TimeState.OVERDUE, "逾期", "Overdue"),
    (Level.NONE, "无色", "None"),
    (Level.BLUE, "蓝", "Blue"),
    (Level.GREEN, "绿", "Green"),
    (Level.YELLOW, "黄", "Yellow"),
    (Level.ORANGE, "橙", "Orange"),
    (Level.RED, "红", "Red"),
    (DutyKind.DISPATCH, "调度", "Dispatch"),
    (DutyKind.REPORT, "报送", "Report"),
    (DutyKind.CHECK, "抽查", "Spot check"),
    (DutyKind.STUDY, "学习", "Study"),
    (DutyKind.FINISH, "完成", "Finish"),
    (DutyKind.CONFIRM, "巩固", "Confirm"),
    (Cadence.DAILY, "每日", "Daily"),
    (Cadence.WEEKLY, "每周", "Weekly"),
    (Cadence.TEN_DAY, "每旬", "Every ten days"),
    (Cadence.HALF_MONTHLY, "每半月", "Half-monthly"),
    (Cadence.MONTHLY, "每月", "Monthly"),
    (Cadence.BIMONTHLY, "每两月", "Every two months"),
    (Cadence.QUARTERLY, "每季度", "Quarterly"),
    (Cadence.HALF_YEARLY, "每半年", "Half-yearly"),
    (Cadence.YEARLY, "每年", "Yearly"),
    (Cadence.ONCE, "一次性", "Once"),
    (Roll.NONE, "不顺延", "Not moved"),
    (Roll.PREVIOUS_WORKDAY, "提前至上一工作日", "Moved to the working day before"),
    (Roll.NEXT_WORKDAY, "顺延至下一工作日", "Moved to the working day after"),
    (Roll.NTH_WORKDAY_AFTER, "期满后第几个工作日", "Nth working day after the period"),
    (Precision.DAY, "到日", "To the day"),
    (Precision.MONTH, "到月", "To the month"),
    (Audience.HANDLER, "承办人", "Handler"),
    (Audience.LEADER, "责任领导", "Responsible leader"),
    (Audience.ASSISTING, "配合单位", "Assisting unit"),
    (Audience.DEPUTY, "分管领导", "Deputy head in charge"),
    (Audience.HEAD, "主要领导", "Head"),
    (Audience.DISCIPLINE, "纪检监察组", "Discipline group"),
    (Audience.OFFICE, "整改办", "Rectification office"),
    (EvidenceRule.OPTIONAL, "可不附佐证", "Evidence optional"),
    (EvidenceRule.ON_FINISH, "完成时须附佐证", "Evidence when finished"),
    (EvidenceRule.ALWAYS, "每次须附佐证", "Evidence every time"),
)

_PHRASES: dict[str, tuple[str, str]] = {
    "line.notice": ("通知", "Notice"),
    "line.chase": ("催办", "Reminder"),
    "line.warning": ("预警", "Warning"),
    "line.escalation": ("督办", "Escalation"),
    "line.review": ("审核", "Review"),
    "line.returned": ("退回", "Returned"),
    "line.decision": ("批示", "Decision"),
    "line.request": ("申请", "Request"),
    "line.change": ("调整", "Change"),
    "line.operator": ("运维", "Operations"),
    "action.notice": ("本期已开启，请按期办理并填报", "The period is open: do the work and report in time"),
    "action.chase": ("请尽快办理并填报", "Finish and report"),
    "action.warning": ("请对照期限安排办理", "Plan for the date"),
    "action.escalation": ("请签收并批示", "Acknowledge and instruct"),
    "action.review": ("请审核填报", "Review the report"),
    "action.returned": ("请按退回意见补充后重新填报", "Mend what was returned and report again"),
    "action.decision": ("请按批示或批复办理", "Act on the decision"),
    "action.request": ("请批复延期申请", "Decide on the request"),
    "action.change": ("请按调整后的要求办理", "Go by what is asked now"),
    "action.operator": ("请检查督办引擎", "Check the engine"),
    "delivery.sent": ("已发送", "sent "),
    "delivery.retry": ("待重试", "to be retried "),
    "delivery.fallback": ("改道", "moved to another channel "),
    "delivery.dead": ("无法送达", "undeliverable "),
    "delivery.lost": ("已由他处接手", "taken over "),
    "delivery.none": ("无待发消息", "nothing to send"),
    "delivery.count": ("{result}{n}封", "{result}{n}"),
    "count.overdue": ("{n}项逾期", "{n} overdue"),
    "count.escalation": ("{n}项督办", "{n} escalated"),
    "count.returned": ("{n}项退回", "{n} returned"),
    "count.review": ("{n}项待审核", "{n} to review"),
    "count.decision": ("{n}项批示", "{n} decided"),
    "count.request": ("{n}项申请", "{n} to decide"),
    "count.change": ("{n}项调整", "{n} changed"),
    "count.due_soon": ("{n}项临期", "{n} due soon"),
    "count.notice": ("{n}项待办", "{n} to do"),
    "count.operator": ("{n}项运维告警", "{n} for operators"),
    "outcome.on_time": ("按期办结", "Closed in time"),
    "outcome.late": ("逾期办结", "Closed late"),
    "outcome.review": ("待审核", "Review awaited"),
    "outcome.overdue": ("逾期未报", "Overdue"),
    "outcome.open": ("未到期", "Not due yet"),
    "sheet.open": ("待处理", "Open"),
    "sheet.acknowledged": ("已签收", "Acknowledged"),
    "sheet.instructed": ("已批示", "Instructed"),
    "sheet.superseded": ("已升级", "Taken over by a higher one"),
    "sheet.closed": ("已了结", "Closed"),
    "message.brand": ("【督办】", "[Duban] "),
    "message.resend": ("【重发】", "[Re-sent] "),
    "message.resend_note": (
        "本件为重发。此前已收到同一编号的，请勿重复办理。",
        "This is a re-send (重发). If you already have a message with this reference, nothing more is to be done.",
    ),
    "message.separator": ("、", ", "),
    "message.greeting": ("{recipient}：", "To {recipient}:"),
    "message.opening": (
        "截至{today}，下列{n}项督办事项请办理。",
        "As of {today}, the following supervised items ({n}) need your attention.",
    ),
    "message.section": ("{colour}色（{n}项）", "{colour} ({n})"),
    "message.section_plain": ("其他事项（{n}项）", "Other items ({n})"),
    "message.due": ("{due}", "{due}"),
    "message.due_today": ("{due}，今日到期", "{due}, which is today"),
    "message.days_left": ("{due}，还有{n}天", "{due}, {n} days left"),
    "message.days_late": ("{due}，已逾期{n}个工作日", "{due}, late by {n} working days"),
    "message.when": ("时限：", "Due: "),
    "message.what": ("要求：", "To do: "),
    "message.note": ("说明：", "Note: "),
    "message.link": ("办理：", "Open: "),
    "message.link_text": ("前往办理", "Open the item"),
    "message.more": ("另有{n}项未逐条列出，请登录系统查看台账。", "{n} more are not listed here; see the ledger."),
    "message.closing": (
        "请在时限内办结并如实填报；确有困难的，请在到期前申请延期。特此提醒。",
        "Please finish in time and report truthfully; if that is not possible, ask for an extension before the date.",
    ),
    "message.reference": ("编号：{key}", "Reference: {key}"),
    "forecast.open": ("开启", "Opens"),
    "forecast.reminder": ("提醒", "Reminder"),
    "forecast.due": ("到期", "Due"),
    "forecast.escalation": ("督办", "Escalation"),
    "forecast.repeat": ("再次督办", "Escalated again"),
    "forecast.review": ("催审", "Review"),
    "forecast.change.plan": ("整改方案", "plan"),
    "forecast.change.policy": ("策略", "policy"),
    "forecast.change.calendar": ("放假调休表", "calendar"),
    "forecast.why.open": ("本期{opens_on}开启，期限{due_on}", "the period opens on {opens_on} and is due on {due_on}"),
    "forecast.why.due": ("本期期限", "the limit of the period"),
    "forecast.why.early": ("期限{due_on}前{distance}", "{distance} before {due_on}"),
    "forecast.why.on_day": ("期限当日（{due_on}）", "the day it is due ({due_on})"),
    "forecast.why.late": ("期限{due_on}后第{distance}仍未填报", "{distance} after {due_on} and not reported"),
    "forecast.why.review": ("填报（{submitted_on}）后尚未审核", "reported on {submitted_on} and not reviewed"),
    "forecast.why.repeat": ("期限{due_on}，逾期仍未填报，第{number}次", "due on {due_on}, not reported, time {number}"),
    "forecast.why.review_repeat": (
        "填报（{submitted_on}）后一直未审核，第{number}次",
        "reported on {submitted_on}, not reviewed, time {number}",
    ),
    "forecast.distance.d": ("{n}天", "{n} days"),
    "forecast.distance.wd": ("{n}个工作日", "{n} working days"),
    "forecast.note.rolled": ("原期限{formal_due_on}遇休调整", "moved from {formal_due_on}, a day off"),
    "forecast.note.extended": ("原期限{formal_due_on}，已延期", "extended from {formal_due_on}"),
    "forecast.note.moved": ("遇休移至工作日", "moved to a working day"),
    "forecast.note.late": ("应于{fell_due_on}发出", "was due on {fell_due_on}"),
    "forecast.note.raised": ("下级无人在岗，提前上升", "raised early, nobody stands below"),
    "forecast.note.vacant": ("无人在岗", "nobody stands there"),
    "forecast.note.limit": ("督办时限{limit_on}", "to be acted on by {limit_on}"),
    "forecast.note.provisional": ("放假安排未公布，暂定", "provisional, the calendar is not published"),
    "forecast.note.assumed": ("推定，待确认", "assumed, to be confirmed"),
}


def _key(term: StrEnum) -> str:
    """``Cadence.TEN_DAY`` is ``cadence.ten-day``, ``DutyKind.REPORT`` is ``duty_kind.report``."""
    return f"{sub(r'(?<!^)(?=[A-Z])', '_', type(term).__name__).lower()}.{term.value}"


@cache
def words(language: Language) -> Mapping[str, str]:
    """The whole catalogue of one language, read-only.

    Args:
        language: ``zh`` or ``en``.
    Returns:
        Key to wording; vocabularies as ``cadence.monthly``, phrases as ``message.closing`` (with ``{fields}``).
    Raises:
        ValueError: the language is not in the catalogue.
    """
    column = get_args(Language).index(language)
    entries = {_key(value): (zh, en) for value, zh, en in _TERMS} | _PHRASES
    return MappingProxyType({key: pair[column] for key, pair in entries.items()})


def word(key: str, language: Language = "zh") -> str:
    """One wording of the catalogue.

    Args:
        key: such as ``cadence.monthly`` or ``message.closing``.
        language: ``zh`` or ``en``.
    Returns:
        The wording, with its ``{fields}`` unfilled.
    Raises:
        KeyError: no such key; a wording is never invented.
    """
    return words(language)[key]


def term(value: StrEnum, language: Language = "zh") -> str:
    """The wording of one value of ``config/types.py``, such as ``term(Cadence.MONTHLY)``.

    Args:
        value: a member of a vocabulary.
        language: ``zh`` or ``en``.
    Returns:
        The wording people read.
    Raises:
        KeyError: the vocabulary has no wording.
    """
    return word(_key(value), language)


def day(value: date, language: Language = "zh") -> str:
    """A date as people write it: ``2025年5月12日``, ``12 May 2025``.

    Args:
        value: a date in the office's zone.
        language: ``zh`` or ``en``.
    Returns:
        The date, independent of the machine's locale.
    """
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS.split()[value.month - 1]} {value.year}"
