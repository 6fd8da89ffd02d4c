"""What people read, in Chinese: every value of the closed vocabularies and every phrase of messages and pages.

The code keeps the values of ``plan/types.py``; nobody outside sees them. A vocabulary is named by its class, so that
this room needs none of them; ``tests/text/catalogue_test.py`` holds that every value has its wording.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

TERMS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "InspectionKind": {
            "party": "党委巡视巡察",
            "environment": "生态环境保护督察",
            "audit": "审计",
            "government": "政府督查",
        },
        "DurationClass": {
            "immediate": "立行立改",
            "dated": "限期整改",
            "staged": "分阶段整改",
            "standing": "长期坚持",
        },
        "WorkState": {
            "not_started": "未启动",
            "in_progress": "整改中",
            "done_claimed": "申报完成",
            "accepted": "验收通过",
            "closed": "已销号",
            "reopened": "重新整改",
            "suspended": "暂停计时",
        },
        "PeriodState": {
            "waiting": "待填报",
            "submitted": "待审核",
            "closed": "已办结",
            "withdrawn": "已撤销",
        },
        "EscalationState": {
            "open": "待处理",
            "acknowledged": "已签收",
            "instructed": "已批示",
            "superseded": "已升级",
            "closed": "已了结",
        },
        "TimeState": {
            "not_applicable": "不适用",
            "stopped": "停止计时",
            "ahead": "超前",
            "on_schedule": "达到序时进度",
            "unknown": "未知",
            "behind": "滞后",
            "due_soon": "临期",
            "overdue": "逾期",
        },
        "Level": {
            "none": "无色",
            "blue": "蓝",
            "green": "绿",
            "yellow": "黄",
            "orange": "橙",
            "red": "红",
        },
        "DutyKind": {
            "dispatch": "调度",
            "report": "报送",
            "check": "抽查",
            "study": "学习",
            "finish": "完成",
            "confirm": "巩固",
        },
        "Cadence": {
            "daily": "每日",
            "weekly": "每周",
            "ten-day": "每旬",
            "half-monthly": "每半月",
            "monthly": "每月",
            "bimonthly": "每两月",
            "quarterly": "每季度",
            "half-yearly": "每半年",
            "yearly": "每年",
            "once": "一次性",
        },
        "Roll": {
            "none": "不顺延",
            "previous_workday": "提前至上一工作日",
            "next_workday": "顺延至下一工作日",
            "nth_workday_after": "期满后第几个工作日",
        },
        "Precision": {
            "day": "到日",
            "month": "到月",
        },
        "Audience": {
            "handler": "承办人",
            "leader": "责任领导",
            "assisting": "配合单位",
            "deputy": "分管领导",
            "head": "主要领导",
            "discipline": "纪检监察组",
            "office": "整改办",
        },
        "EvidenceRule": {
            "optional": "可不附佐证",
            "on_finish": "完成时须附佐证",
            "always": "每次须附佐证",
        },
        "AlertKind": {
            "notice": "通知",
            "stale": "久无进展",
            "chase": "催办",
            "warning": "预警",
            "escalation": "督办",
            "review": "审核",
            "returned": "退回",
            "request": "申请",
            "decision": "批示",
            "change": "调整",
            "operator": "运维",
            "summary": "汇总",
        },
        "EventKind": {
            "open": "开启",
            "reminder": "提醒",
            "due": "到期",
            "escalation": "督办",
            "repeat": "再次督办",
            "review": "催审",
        },
        "MessageState": {
            "pending": "待发",
            "leased": "发送中",
            "retry": "待重试",
            "sent": "已发送",
            "moot": "不必发送",
            "dead": "无法送达",
        },
        "Fate": {
            "refused": "对方拒收",
            "temporary": "对方暂不收",
            "busy": "通道繁忙",
            "away": "通道不通",
            "unusable": "通道设置有误",
        },
        "DeliveryResult": {
            "sent": "已发送",
            "moot": "不必发送",
            "retry": "待重试",
            "fallback": "改道",
            "dead": "无法送达",
            "lost": "已由他处接手",
        },
    }
)

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "action.notice": "本期已开启，请按期办理并填报",
        "action.stale": "已有较长时间没有填报，请填报目前进度；已完成的请申报完成",
        "action.chase": "请尽快办理并填报",
        "action.warning": "请对照期限安排办理",
        "action.escalation": "请签收并批示",
        "action.review": "请审核填报",
        "action.returned": "请按退回意见补充后重新填报",
        "action.decision": "请按批示或批复办理",
        "action.request": "请批复延期申请",
        "action.change": "请按调整后的要求办理",
        "action.operator": "请检查督办引擎",
        "action.summary": "供掌握情况",
        "action.informed": "供知悉，由他人办理，不需答复",
        "handover": "自今日起由您接手",
        "handover.note": "自今日起由您接手；{note}",
        "delivery.none": "无待发消息",
        "delivery.count": "{result}{n}封",
        "count.overdue": "{n}项逾期",
        "count.escalation": "{n}项督办",
        "count.returned": "{n}项退回",
        "count.review": "{n}项待审核",
        "count.decision": "{n}项批示",
        "count.request": "{n}项申请",
        "count.change": "{n}项调整",
        "count.due_soon": "{n}项临期",
        "count.stale": "{n}项久无进展",
        "count.notice": "{n}项待办",
        "count.operator": "{n}项运维告警",
        "count.summary": "{n}份情况汇总",
        "outcome.on_time": "按期办结",
        "outcome.late": "逾期办结",
        "outcome.review": "待审核",
        "outcome.overdue": "逾期未报",
        "outcome.open": "未到期",
        "deployments.failed": "{n}项部署未能更新；请看日志，改正后再运行 duban deploy",
        "runs.parked": "{n}个事项的运行未能更新，已搁置，下次巡检再试：{names}；原因：{reason}",
        "runs.waiting": "{n}个事项的运行未能更新，已搁置，下次巡检再试；请看整改办收到的告警或巡检小结",
        "runs.replaced": "{n}个事项的运行被删除、终止或改动，已另建运行：{names}",
        "runs.and_more": "{names}等",
        "offset.d": "{n}天",
        "offset.wd": "{n}个工作日",
        "rung.open": "开启",
        "rung.heard": "末次进展",
        "rung.due": "期限",
        "rung.submitted": "填报",
        "rung.before": "{anchor}{day}前{distance}",
        "rung.on_day": "{anchor}当日",
        "rung.on_the_day": "{anchor}当日（{day}）",
        "rung.after": "{anchor}{day}后第{distance}",
        "channel.down": "通道 {channel} 自{since}起中断，其消息等候恢复后补发：{why}",
        "channel.back": "通道 {channel} 已恢复（自{since}起中断），等候的消息正在补发",
        "channel.gave_up": "通道 {channel} 中断已满{days}天，{n}封消息无法送达；修复后可补发（duban messages --dead）",
        "messages.counts": "等候发出{waiting}封{late}，无法送达{dead}封",
        "messages.late": "（最早的自{at}起未能发出）",
        "messages.down": "通道 {channel} 自{since}起中断：{why}",
        "messages.see": "；详情：duban messages --dead",
        "messages.which": "请给出消息编号，或指明补发全部无法送达的；二者选一",
        "messages.resent": "已列入补发{n}封，由下次送达发出",
        "messages.epoch": "已另起第{epoch}代编号",
        "messages.test": "这是通道 {channel} 的试发，收到即说明通道可用",
        "messages.tester": "通道试发",
        "messages.test_taken": "通道 {channel} 已收下试发的消息 {to}",
        "messages.test_failed": "没有发出（{fate}）：{why}",
        "message.brand": "【督办】",
        "message.resend": "【重发】",
        "message.resend_note": "本件为重发。此前已收到同一编号的，请勿重复办理。",
        "message.separator": "、",
        "message.greeting": "{recipient}：",
        "matter.operator": "督办引擎",
        "matter.request": "挂账事项",
        "matter.summary": "督办工作情况",
        "message.units": "{unit}等{n}个单位",
        "message.clause": "；",
        "opening.asked": "截至{today}，下列{n}项督办事项请办理。",
        "opening.informed": "截至{today}，下列{n}项督办事项的情况，请知悉。",
        "message.section": "{colour}色（{n}项）",
        "message.section_plain": "其他事项（{n}项）",
        "message.younger": "同一事项另有{n}期逾期未报：{labels}",
        "message.due": "{due}",
        "message.due_today": "{due}，今日到期",
        "message.days_left": "{due}，还有{n}天",
        "message.days_late": "{due}，已逾期{n}个工作日",
        "message.when": "时限：",
        "message.what": "要求：",
        "message.note": "说明：",
        "message.link": "办理：",
        "message.link_text": "前往办理",
        "message.more": "另有{n}项未逐条列出，请登录系统查看台账。",
        "message.unit": "责任单位：",
        "message.assumed": "（推定，待确认）",
        "message.sheet": "{number}，请于{limit}前批示",
        "message.sheet_label": "督办单：",
        "closing.unit": "请在时限内办结并如实填报；确有困难的，请在到期前申请延期。特此提醒。",
        "closing.supervisor": "请在督办单时限前签收、批示或批复；批示即时转责任单位，逾期未批示的将再次提请。",
        "closing.reviewer": "请及时审核；审核期间责任单位不能继续填报。",
        "closing.operator": "请整改办核实处理，处理后下一次巡检自行恢复。",
        "closing.nobody": "仅供知悉、掌握情况的事项，不需答复。",
        "summary": (
            "在办{open}项：逾期{overdue}项，今日到期{today}项，14天内到期{soon}项；"
            "待审核{reviews}项，待批复延期{extensions}项，待批示督办单{sheets}张（其中超时限{unanswered}张）；"
            "上次汇总以来填报{reported}次、办结{closed}项，无法送达的消息{dead}封。"
        ),
        "message.reference": "编号：{key}",
        "page.as_of": "截至{day}，台账记录{n}条",
        "page.description": "督办首页",
        "page.late": "逾期{n}项",
        "page.review": "待审核{n}项",
        "page.escalated": "督办单{n}份",
        "page.decide": "待批复延期{n}项",
        "page.near": "十四天内到期{n}项",
        "page.others": "其他待办{n}项",
        "page.separator": "、",
        "page.none": "无",
        "page.more": "全部{n}项",
        "page.lists": "全部运行",
        "page.ledger": "台账",
        "page.patrol": "最近一次巡检",
        "page.link": "督办首页",
        "page.column.state": "状态",
        "page.column.matter": "事项",
        "page.column.unit": "牵头单位",
        "page.column.asked": "请谁办理",
        "page.column.due": "期限",
        "name.patrol": "巡检 {at}",
        "name.deliver": "送达 {at}",
        "name.opened": "开{n}",
        "name.alerts": "提醒{n}",
        "name.escalations": "升{n}",
        "name.restored": "复原{n}",
        "name.sent": "发{n}",
        "name.retry": "待重试{n}",
        "name.fallback": "改道{n}",
        "name.dead": "未达{n}",
        "name.moot": "免发{n}",
        "name.lost": "他处接手{n}",
        "name.nothing": "无事",
        "tag.lamp": "{colour}灯",
        "tag.finding": "问题{code}",
        "doctor.links": "消息中的链接",
        "doctor.links_well": "指向 {url}",
        "doctor.links_here": "只有本机能打开；请将 DUBAN_UI_URL 设为收件人打开界面所用的地址",
        "watch.patrol": "巡检",
        "watch.deliver": "送达",
        "watch.finished": "最近一次完成于{at}",
        "watch.not_yet": "尚未完成过首次，部署于{at}",
        "watch.woken": "引擎刚恢复运行，上次完成于{at}",
        "watch.stopped": "最近一次完成于{at}，此后停了；请看运行页与 logs/worker.log",
        "watch.never": "从未完成；请看运行页与 logs/worker.log",
        "watch.running": "自{at}起一直在送",
        "watch.audit": "自查",
        "watch.audit_well": "无遗漏",
        "watch.audit_fault": "{overlooked}个节点逾时未登记，{unarmed}期无人照看；请运行 duban patrol",
        "watch.clock": "时钟",
        "watch.clock_well": "{at}，与上次巡检和数据库相符",
        "watch.deployments": "部署与日程",
        "watch.deployments_well": "{n}个，均在运行",
        "watch.deployments_fault": "{n}个与台账不符：{what}；请运行 duban deploy",
        "watch.scheduler": "排期",
        "watch.scheduler_well": "已排期运行{n}个",
        "watch.scheduler_fault": "没有任何已排期的运行：调度器没有工作，请看 logs/server.log",
        "watch.pool": "工作池",
        "watch.pool_well": "工作池及{n}个队列均未暂停",
        "watch.pool_fault": "{what}；请运行 duban deploy",
        "watch.worker": "工作进程",
        "watch.worker_well": "{n}个在线，正在领取运行",
        "watch.worker_offline": "没有在线的工作进程；请运行 duban up，或看 logs/worker.log",
        "watch.worker_idle": "无人领取队列{what}中的运行；请重启 duban up，或看 logs/worker.log",
        "watch.automations": "自动化",
        "watch.automations_well": "均在且已启用",
        "watch.automations_fault": "{what}；请运行 duban deploy",
        "watch.alarm": "静默告警",
        "watch.alarm_well": "引擎停止时由 Prefect 直接告知整改办（{n}处）",
        "watch.alarm_none": (
            "引擎停止时无人得知：整改办没有已配置的通道。请在方案的整改办岗位写明通道与地址，"
            "在 DUBAN_CHANNELS 配置该通道，再运行 duban deploy"
        ),
        "watch.alarm_stale": "告警所用的通道与设置不符；请运行 duban deploy",
        "watch.login": "Prefect 要求登录而口令不符；请核对 PREFECT_API_AUTH_STRING",
        "watch.silent": "没有应答（{fault}）；请检查 duban up",
        "engine.restored": "{what}被改动（{found}），已恢复",
        "engine.deployment": "部署“{name}”",
        "engine.pool": "工作池“{name}”",
        "engine.queue": "工作队列“{name}”",
        "engine.automation": "自动化“{name}”",
        "engine.search": "运行筛选“{name}”",
        "engine.run": "运行“{name}”",
        "engine.found.missing": "缺失",
        "engine.found.paused": "已暂停",
        "engine.found.disabled": "已停用",
        "engine.found.limit": "并发数",
        "engine.found.priority": "优先级",
        "engine.found.description": "说明",
        "engine.found.tags": "标签",
        "engine.found.parameters": "参数",
        "engine.found.schedules": "日程",
        "engine.found.work_pool": "工作池或队列",
        "engine.found.content": "内容",
        "engine.found.form": "表单",
        "engine.found.ended": "未办结而被改为“{name}”",
        "engine.and": "、",
        "clock.ahead": "时钟为{at}，距上次巡检（{last}）已{days}天，超过上限{most}天",
        "clock.back": "时钟为{at}，早于上次巡检（{last}）",
        "clock.apart": "本机时钟为{at}，数据库服务器的时钟为{server}，相差超过1小时",
        "clock.halt": (
            "{why}；督办已停下：不开期次、不升级、不发消息。请核对时钟；时钟无误的，由操作人员确认后继续"
            "（duban patrol --confirm）"
        ),
        "forecast.change.plan": "整改方案",
        "forecast.change.policy": "策略",
        "forecast.change.calendar": "放假调休表",
        "forecast.why.open": "本期{opens_on}开启，期限{due_on}",
        "forecast.why.due": "本期期限",
        "forecast.why.reminder": "{rung}",
        "forecast.why.late": "{rung}仍未填报",
        "forecast.why.review": "填报（{submitted_on}）后尚未审核",
        "forecast.why.repeat": "期限{due_on}，逾期仍未填报，第{number}次",
        "forecast.why.review_repeat": "填报（{submitted_on}）后一直未审核，第{number}次",
        "forecast.note.rolled": "原期限{formal_due_on}遇休调整",
        "forecast.note.extended": "原期限{formal_due_on}，已延期",
        "forecast.note.moved": "遇休移至工作日",
        "forecast.note.late": "应于{fell_due_on}发出",
        "forecast.note.raised": "下级无人在岗，提前上升",
        "forecast.note.vacant": "无人在岗",
        "forecast.note.limit": "督办时限{limit_on}",
        "forecast.note.provisional": "放假安排未公布，暂定",
        "forecast.note.assumed": "推定，待确认",
    }
)


def term(value: StrEnum) -> str:
    """The wording of one value of a vocabulary, such as ``term(Cadence.MONTHLY)``.

    Args:
        value: a member of a vocabulary of ``plan/types.py``.

    Returns:
        The wording people read.

    Raises:
        KeyError: the vocabulary has no wording; one is never invented.
    """
    return TERMS[type(value).__name__][value.value]


def phrase(key: str, **fields: object) -> str:
    """One phrase with its ``{fields}`` filled.

    Args:
        key: such as ``message.closing``.
        fields: what the phrase names.

    Returns:
        The wording people read.

    Raises:
        KeyError: no such phrase, or a field is missing.
    """
    return PHRASES[key].format(**fields) if fields else PHRASES[key]


def date_text(day: date) -> str:
    """A date (in the office's zone) as people write it, independent of the machine's locale: ``2025年5月12日``."""
    return f"{day.year}年{day.month}月{day.day}日"
