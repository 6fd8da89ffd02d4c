"""Every refusal Duban can utter: a stable code, and one line that says what is wrong and how to mend it."""

from enum import StrEnum

from text.catalogue import term
from text.clean import line

REFUSALS: dict[str, str] = {
    "measure_unknown": "没有整改措施“{measure}”；请核对编号",
    "measure_ambiguous": "措施编号 {measure} 不止一个轮次有，请指明其中一项：{known}",
    "inspection_unknown": "台账没有轮次“{key}”{meant}；在督：{known}",
    "inspection_ambiguous": "台账有多个轮次，请指明其中一个：{known}",
    "duty_unknown": "措施 {measure} 没有督办事项“{duty}”；现有：{known}",
    "duty_ambiguous": "措施 {measure} 有多项督办事项，请指明其中一项：{known}",
    "period_ambiguous": "措施 {measure} 有多期可选，请指明其中一期：{known}",
    "period_unnamed": "措施 {measure} 没有待办的期次“{label}”；现有：{known}",
    "sheet_ambiguous": "措施 {measure} 有多份督办单待处理，请指明其中一份：{known}",
    "sheet_unnamed": "措施 {measure} 没有待处理的督办单“{number}”；现有：{known}",
    "period_none_open": "措施 {measure} 没有待办的期次",
    "period_closed": "{period} 为“{state}”，不能再{action}；如有变化请在下一期填报",
    "period_not_waiting": "{period} 的报告正在待审核，不能重复填报；请等待审核结果",
    "measure_retired": "措施 {measure} 已不在方案中，不再督办；请核对编号",
    "measure_suspended": "措施 {measure} 已挂账，停止计时，暂不填报；请先恢复",
    "measure_not_suspended": "措施 {measure} 没有挂账",
    "suspension_in_past": "预计恢复日期{until}不晚于今天{today}；请给出将来的日期",
    "suspension_too_long": "挂账{days}天，超过上限{limit}天；请缩短",
    "period_not_submitted": "{period} 还没有可审核的报告；请先填报",
    "finish_not_excused": "{period} 是要完成的工作，不能免报或并入下期；暂时办不了的请挂账或延期，不再要求的请修改方案",
    "merge_no_next": "{period} 之后没有下一期可以并入；请填报，或予以免报",
    "actor_may_not": "{actor}无权{act}；请由{who}办理，或在策略的 rights 中另作规定",
    "proof_needed": "{act}须由本人办理：请从本人消息中的链接进入，或登录督办页面后办理",
    "actor_is_unit": "{actor}是{measure}的承办方，不能自行决定；请由他人办理",
    "link_wrong": "链接无效；请从最近一次收到的消息中打开，或向整改办索取",
    "link_revoked": "链接已收回或已用过；请从最近一次收到的消息中打开，或向整改办索取",
    "link_expired": "链接已过期；请从最近一次收到的消息中打开，或向整改办索取",
    "link_left": "{person}已不在岗，链接不再有效；请联系整改办",
    "answer_missing": "{field}不能为空；请填写后再提交",
    "matter_not_asked": "此事项未请{person}办理；请由{asked}办理",
    "delegate_unfit": "{to}不能办理此事项，不能受托；可以委托：{known}",
    "delegation_given": "此事项已由{giver}委托{to}办理；要改派请先收回",
    "delegation_none": "没有可由{person}收回的委托",
    "metrics_closed": "运行指标只对本机开放；其他机器须出示 DUBAN_METRICS_TOKEN",
    "operators_only": "此页只供整改办使用；您的事项见“待办”",
    "matter_unknown": "没有事项“{matter}”；请从消息或待办中打开",
    "pages_unknown": "还不知道网页的地址；请先启动服务，或用 DUBAN_WEB_URL 写明",
    "sign_in_needed": "请先登录；只办理自己的事项的，打开消息中的链接即可",
    "too_many_tries": "尝试过于频繁；请过几分钟再试",
    "page_unknown": "没有这个页面，或地址不完整；请从消息或待办中打开",
    "form_foreign": "页面已过期；请重新打开后再提交",
    "matter_moved_on": "此事项已有变化，未登记；请看现在的情况",
    "text_empty": "{field}不能为空；请填写",
    "text_too_long": "{field}共{length}字，超过上限{limit}字；请精简或改用佐证材料",
    "percent_out_of_range": "进度 {percent} 不在0至100之间；请填写百分数",
    "evidence_empty": "文件“{name}”是空的；请重新选择",
    "evidence_too_large": "文件“{name}”超过{limit}兆；请压缩后再上传",
    "evidence_kind": "文件“{name}”不是可以接收的类型，或内容与名称不符；可以是：{known}",
    "evidence_too_many": "本期材料已有{limit}份，不能再多；请合并后上传",
    "evidence_handed_in": "材料“{name}”已随填报提交，不能撤回；需更换的，请退回后重新填报",
    "evidence_gone": "材料“{name}”的文件不在存放处（{sha256}）；请整改办从备份恢复",
    "evidence_unknown": "没有这份材料；请从事项页面打开",
    "evidence_not_kept": "措施 {measure} 要求附佐证文件，只写名称不算；请先上传文件",
    "evidence_missing": "措施 {measure} 要求附佐证材料；请至少附一份",
    "reason_empty": "必须写明理由",
    "reviewer_is_author": "{actor}不能审核自己填报的报告；请换人审核",
    "extension_after_due": "{period} 已于{due}到期，延期须在到期前申请；请直接填报并说明原因",
    "extension_not_later": "新期限{new}不晚于现期限{due}；请给出更晚的日期",
    "extension_in_past": "新期限{new}早于今天{today}；请给出将来的日期",
    "extension_too_long": "延期{days}天，超过上限{limit}天；请缩短",
    "extension_used_up": "{period} 已延期{count}次，达到上限",
    "extension_pending": "{period} 已有待批的延期申请；请先批复",
    "extension_none": "{period} 没有待批的延期申请",
    "decider_is_asker": "{actor}不能批复自己的延期申请；请由他人批复",
    "escalation_none": "措施 {measure} 没有待处理的督办单",
    "escalation_closed": "督办单 {number} 已办结，不能再处理",
    "escalation_acknowledged": "督办单 {number} 已签收，签收有效至{until}；请批示",
    "message_unknown": "没有编号为 {number} 的消息；请核对",
    "message_leased": "消息 {number} 正在发送；请稍后再看",
    "message_moot": "消息 {number} 所说的事项已了结，不必再发",
    "channel_unknown": "没有配置通道“{channel}”；现有：{known}（DUBAN_CHANNELS）",
    "date_wrong": "“{field}”有误：{why}",
    "hold_in_past": "暂缓至{until}不晚于今天{today}；请给出将来的日期",
    "hold_too_long": "暂缓至{until}超过上限{latest}；请给出更早的日期，或作出批示",
    "limit_too_late": "新时限在{days}天之后，超过上限{limit}天；请给出更早的日期",
    "limit_in_past": "新时限{limit}早于今天{today}；请给出将来的日期",
    "plan_loaded": "台账已在督办“{title}”；要修改请导入改过的方案，另一轮次请另取轮次代号",
    "supervisors_missing": (
        "方案中有{count}项措施（{measures}）逾期后无人督办：{posts}都没有人；请在方案的 roles 中写明这些领导的岗位，"
        "再列入 audiences（工作簿为“岗位”表和“巡察信息”表）"
    ),
    "ledger_empty": "台账为空；请先启用整改方案",
    "clock_backwards": "{at}早于方案启用时刻{since}；请给出之后的时间",
    "clock_certain": "时钟没有疑问，不必确认",
    "transition": "{what}不能由“{before}”变为“{after}”",
    "actor_empty": "必须写明经办人",
    "actor_too_long": "经办人共{length}字，超过上限{limit}字；请只写姓名或岗位",
    "actor_unknown": "没有名为“{actor}”的岗位或人员{meant}；请写方案中的岗位名称，或先登记此人",
    "actor_is_late_unit": "{actor}是{measure}的承办方，不能处理催办本单位的督办单；请由督办领导处理",
    "anchor_unreadable": "审计链存证文件 {file} 第{line}行不是存证；请核对该文件是否被改动",
    "anchor_halved": "核对存证须同时给出末条与条数",
    "hours_outside": "接收时间{hours}超出办公时间{open}—{close}；请写在办公时间之内",
    "post_twice": "{post}在本表里先后给了两个人；一个岗位同时只由一人担任",
    "person_unlisted": "人员名册里没有“{name}”{meant}；请先登记，或导入名册",
    "post_unknown": "没有岗位“{post}”{meant}；岗位写作 轮次/岗位键",
    "post_ambiguous": "几个轮次都有岗位“{post}”，请写明是哪一个：{known}",
    "post_held": "{post}已由{name}担任，无须交接",
    "holding_in_past": "任职起始日{day}已过（今天{today}）；已发生的不能改写，请写今天或以后的日期",
    "dates_reversed": "起始日{first}晚于结束日{last}",
    "absence_in_past": "不在岗的结束日{last}已过（今天{today}）；请写今天或以后的日期",
    "absence_twice": "{name}已登记{first}至{last}不在岗，日期不能重叠",
    "stand_in_himself": "{name}不能代理本人；请另写代理人",
    "person_known": "“{name}”已在人员名册，无须再登记",
    "office_empty": "{name}是整改办唯一在任的人，不能注销；请先把岗位交接给他人",
    "document_missing": "找不到文件“{name}”；请核对路径",
    "document_not_a_file": "“{name}”不是普通文件；请给出一个文档或表格",
    "document_unreadable": "文件“{name}”无法读取；请检查权限",
    "document_too_large": "文件“{name}”超过{limit} MiB；请删去图片或拆分后再导入",
    "document_empty": "文件“{name}”是空的；请核对是否选错",
    "document_blank": "文件“{name}”里没有文字；请核对是否选错",
    "document_unknown": "不认识“{name}”的扩展名；可读取：{known}",
    "document_old_format": (
        "“{name}”是旧版或其他格式；请用 WPS 或 Office 打开，另存为 .docx（文档）或 .xlsx（表格）后再导入"
    ),
    "document_macro": "“{name}”含有宏，不予读取；请另存为不含宏的 .docx 或 .xlsx",
    "document_mismatch": "“{name}”的扩展名是 {suffix}，内容却是 {found}；请改正扩展名或重新另存",
    "document_encrypted": "“{name}”设有密码；请取消密码保护后再导入",
    "document_damaged": "“{name}”已损坏或不完整；请重新取得该文件，或用 WPS、Office 打开后另存",
    "document_bomb": ("“{name}”的内部结构异常（解压后过大、条目过多或重叠），不予读取；请用 WPS 或 Office 打开后另存"),
    "document_archive": "“{name}”内含越界或重复的路径，不予读取；请用 WPS 或 Office 打开后另存",
    "document_xml": "“{name}”的 XML 含有实体声明或罕见编码，不予读取；请用 WPS 或 Office 打开后另存",
    "document_encoding": "“{name}”不是可读的文本；请另存为 UTF-8 编码",
    "document_scan": "“{name}”没有文字层，应为扫描件；请先做文字识别，或改用电子版",
    "document_costly": "“{name}”过于复杂，未能在限定的时间和内存内读完；请拆分或另存为 .docx、.txt",
    "document_too_long": "“{name}”超过{limit}段；请拆分后再导入",
    "document_line_long": "“{name}”第{line}段有{length}字，超过{limit}字；请分段后再导入",
    "document_pages": "“{name}”超过{limit}页；请拆分后再导入",
    "document_rows": "“{name}”超过{limit}行；请拆分后再导入",
    "document_columns": "“{name}”超过{limit}列；请只保留台账所需的列",
    "document_cells": "“{name}”超过{limit}个单元格；请删去空白行列或拆分",
    "document_sheets": "“{name}”超过{limit}张表；请拆分后再导入",
    "document_is_ledger": "“{name}”是表格，不是文档；请按台账导入",
    "document_no_ledger": "“{name}”不是表格；台账请用 .xlsx 或 .csv",
    "ledger_no_header": (
        "“{source}”没有认出台账的表头。看到的是：{seen}。表头须有“{problem}”或“{measure}”等栏，"
        "并另有一栏认得的，如：{known}"
    ),
    "plan_unrecorded": "台账建立较早，没有留存“{title}”的方案；请先用原方案文件重新启用一次，再修改",
    "plan_stale": "这份文件导出之后，台账的方案已改过；请重新导出，在新文件上修改",
    "history_closed": "{what}已办结，不能再改日期或频次；还要再办的，请另立一项督办事项",
    "history_edited": "{what}是已有期次的记录，不能在表中修改；请恢复原样，延期请另行申请，改期限请改督办事项",
    "unit_unknown": "没有名为“{unit}”的责任单位；现有：{known}",
    "period_of_other_unit": "{period}由{unit}填报，不在这份填报表的单位名下；请重新导出{unit}的填报表",
    "sheet_without_unit": "填报表没有标明是哪个单位的；请重新导出填报表",
    "period_unknown": "台账没有期次“{key}”；请重新导出填报表",
    "file_exists": "{file}已存在；请换一个文件名，或指明覆盖",
    "file_is_link": "{file}是符号链接，不写入；请写明它所指的文件，或换一个文件名",
    "file_not_plain": "{file}不是普通文件，不写入；请换一个文件名",
    "file_not_written": "文件“{file}”无法写入：{why}；请换一个位置",
    "workbook_not_excel": "“{name}”不是 Excel 工作簿（.xlsx）；请导入从系统导出的工作簿",
    "workbook_broken": "“{name}”打不开，可能已损坏；请用 WPS 或 Office 打开后另存",
    "workbook_other": "“{name}”是另一种工作簿：方案和填报表须分别导入",
    "workbook_newer": "“{name}”由更新版本的系统导出；请先升级",
    "workbook_cell_too_long": "“{sheet}”第{row}行有一格超过{limit}字，Excel 放不下；请缩短",
    "forecast_backwards": "截止日 {last} 早于起始日 {first}；请改正",
    "forecast_too_long": "预测跨度{days}天，超过上限{limit}天；请缩短",
    "forecast_past": ("起始日 {first} 早于今天 {today}：台账只预测今后，已发生的请查台账，或预演一份方案"),
    "change_unknown": "“{file}”不是整改方案（.yaml、.xlsx）、策略或放假调休表；请核对文件",
    "scenario_unknown": "没有情景“{name}”，也没有这个文件；现有：{known}",
    "scenario_rule_idle": "情景“{title}”的第{number}条规则在方案中找不到任何督办事项；请核对 where",
    "simulation_backwards": "截止日{last}早于起始日{first}；请改正",
    "simulation_too_long": "模拟跨度{days}天，超过上限{limit}天；请缩短",
    "rehearsal_too_far": "预演到{at}，距现在{days}天，超过上限{limit}天；请给出更近的时刻",
    "scratch_forbidden": (
        "不能在数据库 postgres 中建临时表，无法模拟（{why}）；请授予 CONNECT 和 TEMPORARY，"
        "或不设 DUBAN_DATABASE_URL 而用内置数据库"
    ),
    "intake_key": "“{key}”不能作方案代号：只能用小写字母、数字和“-”，以字母开头，最多64个；请改正",
    "intake_fact_missing": "“{source}”没有写明{what}；请补上",
    "intake_no_findings": ("“{source}”里没有读到反馈问题；请先查看读到了什么，或换用完整的通报、台账"),
    "intake_bad_rows": "“{source}”有{count}处读不出来；请改正后再导入，或只导入没有问题的行",
    "intake_too_large": "方案有{size}字节，超过上限{limit}字节；请分成几份导入",
    "api_secret_form": (
        "{where} 中的 Prefect 口令不合格；请写成“名称:密码”，密码至少12位，只用英文字母、数字和符号，不含空格"
    ),
    "folder_not_made": "目录 {folder} 无法建立：{why}；请另选一个目录",
    "folder_not_ours": "目录 {folder} 属于其他用户，不能使用；请另选一个目录，或以该用户的身份运行",
    "home_space": "数据目录的路径含有空格，请另选：{home}",
    "database_socket_open": (
        "内置数据库的连接目录 {folder} 他人可以进入或不属于本用户，不予连接；请停止该数据目录的全部督办进程后再试"
    ),
    "database_wrong": "{setting} 不是 PostgreSQL 的地址；请写成 postgresql+psycopg://用户:口令@主机/库名",
    "database_down": "台账的数据库连接不上（{why}）；请检查数据库服务和 {setting}",
    "database_newer": "台账由更新版本的系统建立（{revision}）；请用那个版本，或先升级",
    "database_rights": (
        "账户“{account}”不能为台账建表或升级（{why}）；请在 DUBAN_DATABASE_OWNER_URL 写明表的所有者的地址，再运行一次"
    ),
    "database_owner_elsewhere": "DUBAN_DATABASE_OWNER_URL 与 DUBAN_DATABASE_URL 不是同一个库；请改成同一个库的地址",
    "database_not_started": "内置数据库未能启动，原因见日志 {log}",
}


class Refusal(Exception):
    """A command that may not be carried out; nothing was changed when one is raised.

    ``code`` is stable and one of ``REFUSALS``; ``facts`` fill its sentence. A value of a vocabulary is said in Chinese.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(REFUSALS[code].format(**{name: _said(value) for name, value in facts.items()}))


def _said(fact: object) -> str:
    return term(fact) if isinstance(fact, StrEnum) else line(str(fact))
