"""Every refusal Duban can utter: a stable code, and what is wrong and how to mend it in both languages."""

REFUSALS: dict[str, tuple[str, str]] = {
    "measure_unknown": (
        "没有整改措施“{measure}”；用 duban ledger 查看全部编号",
        "there is no measure {measure!r}; `duban ledger` lists them all",
    ),
    "duty_unknown": (
        "措施 {measure} 没有督办事项“{duty}”；现有：{known}",
        "measure {measure} has no duty {duty!r}; it has: {known}",
    ),
    "duty_ambiguous": (
        "措施 {measure} 有多项督办事项，请指明其中一项：{known}",
        "measure {measure} has several duties, name one of: {known}",
    ),
    "period_none_open": (
        "措施 {measure} 没有待办的期次；用 duban show {measure} 查看各期",
        "measure {measure} has no open period; `duban show {measure}` lists its periods",
    ),
    "period_closed": (
        "{period} 已办结或撤销，不能再{action}；如有变化请在下一期填报",
        "{period} is closed and takes no more {action}; report changes in the next period",
    ),
    "period_not_waiting": (
        "{period} 的报告正在待审核，不能重复填报；请等待审核结果",
        "a report on {period} waits for its review; wait for the decision before reporting again",
    ),
    "period_not_submitted": (
        "{period} 还没有可审核的报告；请先填报（duban submit）",
        "{period} has no report to review; submit one first (duban submit)",
    ),
    "text_empty": ("完成情况不能为空；请写明做了什么", "the report text is empty; say what was done"),
    "text_too_long": (
        "{field}共{length}字，超过上限{limit}字；请精简或改用佐证材料",
        "{field} has {length} characters, more than {limit}; shorten it or attach evidence",
    ),
    "percent_out_of_range": (
        "进度 {percent} 不在0至100之间；请填写百分数",
        "progress {percent} is not between 0 and 100",
    ),
    "evidence_missing": (
        "措施 {measure} 要求附佐证材料；请至少附一份（--evidence）",
        "measure {measure} asks for evidence; attach at least one file (--evidence)",
    ),
    "reason_empty": ("必须写明理由（--reason）", "a reason is required (--reason)"),
    "reviewer_is_author": (
        "{actor}不能审核自己填报的报告；请换人审核（--by）",
        "{actor} may not review their own report; somebody else must (--by)",
    ),
    "extension_after_due": (
        "{period} 已于{due}到期，延期须在到期前申请；请直接填报并说明原因",
        "{period} was due on {due}; an extension is asked before that, so report now and say why",
    ),
    "extension_not_later": (
        "新期限{new}不晚于现期限{due}；请给出更晚的日期",
        "the new date {new} is not after the present limit {due}; give a later one",
    ),
    "extension_in_past": (
        "新期限{new}早于今天{today}；请给出将来的日期",
        "the new date {new} lies before today, {today}; give a date to come",
    ),
    "extension_too_long": (
        "延期{days}天，超过上限{limit}天；请缩短",
        "an extension of {days} days is longer than the limit of {limit}; ask for less",
    ),
    "extension_used_up": (
        "{period} 已延期{count}次，达到上限",
        "{period} was extended {count} times, the most that is allowed",
    ),
    "extension_pending": (
        "{period} 已有待批的延期申请；请先批复",
        "{period} has an extension that awaits a decision; decide it first",
    ),
    "extension_none": ("{period} 没有待批的延期申请", "{period} has no extension that awaits a decision"),
    "decider_is_asker": (
        "{actor}不能批复自己的延期申请；请由他人批复（--by）",
        "{actor} may not decide their own request; somebody else must (--by)",
    ),
    "escalation_none": (
        "措施 {measure} 没有待处理的督办单",
        "measure {measure} has no open escalation",
    ),
    "escalation_closed": (
        "督办单 {number} 已办结，不能再处理",
        "escalation {number} is closed and cannot be acted on",
    ),
    "escalation_acknowledged": (
        "督办单 {number} 已签收，签收有效至{until}；请批示（duban instruct）",
        "escalation {number} is acknowledged until {until}; instruct now (duban instruct)",
    ),
    "limit_in_past": (
        "新时限{limit}早于今天{today}；请给出将来的日期",
        "the new limit {limit} lies before today, {today}; give a date to come",
    ),
    "plan_loaded": (
        "台账已在督办“{title}”；另一份方案请用另一个目录（--home）",
        "the ledger already supervises {title!r}; use another --home for another plan",
    ),
    "ledger_empty": (
        "台账为空；请先启用整改方案（duban plan load 文件）",
        "the ledger is empty; activate a plan first (duban plan load FILE)",
    ),
    "clock_backwards": (
        "{at}早于方案启用时刻{since}；请给出之后的时间",
        "{at} lies before the activation of the plan at {since}; give a later instant",
    ),
    "transition": (
        "{what}不能由“{before}”变为“{after}”",
        "{what} cannot go from {before} to {after}",
    ),
    "actor_empty": ("必须写明经办人（--by）", "say who acts (--by)"),
}
