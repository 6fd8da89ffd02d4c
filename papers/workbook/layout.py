"""The sheets of a plan's workbook, and their columns.

A measure is one row of 整改台账 and each of its duties one row of 督办事项, joined by the measure's code: were the
measure repeated beside every duty, one edit could leave two rows that contradict each other. Only a finding's title is
repeated, because a 台账 is read by findings; its goal stands in one of its rows. What contradicts itself is told.
"""

from papers.workbook.kinds import (
    CODE,
    CODES,
    DAY,
    DUE,
    LIMIT,
    LINE,
    NAMES,
    ORDER,
    TEXT,
    WHOLE,
    YES_NO,
    CellKind,
    word_of,
)
from papers.workbook.tables import WorkbookColumn, WorkbookTable
from plan.types import (
    Cadence,
    DurationClass,
    DutyKind,
    EvidenceRule,
    InspectionKind,
    Level,
    PeriodState,
    Precision,
    Roll,
    WorkState,
)

UNIT_LIST = "'责任单位'!$C$2:$C$1000"
ROLE_LIST = "'岗位'!$C$2:$C$1000"
_NEW = "新增的行可以不填"
_ONE_A_LINE = "有几个就分几行写（单元格内按 Alt+Enter 换行）"
_ORDER = WorkbookColumn("order", "序号", 6, ORDER, spare=True, hint=f"排列先后；{_NEW}，排在最后")
_TITLE = WorkbookColumn("measure_title", "整改措施", 24, LINE, "read")
_CODE = WorkbookColumn("code", "措施编号", 10, CODE, needed=True, hint="如 02-3：以问题编号和“-”开头，全表不重复")

MEASURES = WorkbookTable(
    "整改台账",
    (
        _ORDER,
        WorkbookColumn("finding", "问题编号", 9, CODE, hint="如 02；不填时取措施编号“-”以前的部分"),
        WorkbookColumn("finding_title", "反馈问题", 22, hint="同一问题的各行写法须一致；新增的行可以不填"),
        _CODE,
        WorkbookColumn("title", "整改措施", 24, needed=True),
        WorkbookColumn("text", "措施内容", 52, TEXT),
        WorkbookColumn("goal", "整改目标", 30, TEXT, hint="问题的目标，验收时对照；同一问题写在一行即可"),
        WorkbookColumn("duration", "整改类型", 12, word_of(DurationClass)),
        WorkbookColumn("state", "整改状态", 10, word_of(WorkState)),
        WorkbookColumn("state_note", "进展说明", 34),
        WorkbookColumn("lead", "牵头单位", 16, listed=UNIT_LIST, hint="“责任单位”表里的一个单位"),
        WorkbookColumn("assisting", "配合单位", 16, NAMES, listed=UNIT_LIST, hint=_ONE_A_LINE),
        WorkbookColumn("deputy", "分管领导", 22, NAMES, listed=ROLE_LIST, hint=f"“岗位”表里的岗位；{_ONE_A_LINE}"),
        WorkbookColumn("evidence", "佐证要求", 14, word_of(EvidenceRule)),
        WorkbookColumn("warn_days", "提前提醒天数", 10, WHOLE, bounds=(1, 60), hint="不填按办公室统一规则"),
    ),
    frozen=5,
    wide=True,
)
STATUS_COLUMNS = (
    WorkbookColumn("lamp", "亮灯", 8, word_of(Level), "read"),
    WorkbookColumn("time_state", "时限状态", 16, CODE, "read"),
    WorkbookColumn("next_due", "下一期限", 15, DAY, "read"),
)
"""What ``PlanStatus`` adds to the measures."""

DUTIES = WorkbookTable(
    "督办事项",
    (
        _ORDER,
        _CODE,
        _TITLE,
        WorkbookColumn("key", "事项代号", 14, CODE, hint=f"小写字母、数字和“-”，同一措施内不重复；{_NEW}"),
        WorkbookColumn("kind", "类别", 8, word_of(DutyKind)),
        WorkbookColumn("title", "督办事项", 22, needed=True),
        WorkbookColumn("cadence", "频次", 10, word_of(Cadence), needed=True),
        WorkbookColumn("due_on", "期限", 15, LIMIT, hint="只有“一次性”的事项填写"),
        WorkbookColumn(
            "due", "每期期限", 16, DUE, hint="期末、期末前3个工作日、第3个工作日、当月25日、期末月25日等；不填为期末"
        ),
        WorkbookColumn("opens_on", "起始日期", 15, DAY),
        WorkbookColumn("ends_on", "截止日期", 15, LIMIT, hint="此日以后不再开启新的一期；不填为长期"),
        WorkbookColumn("anchor", "周期起算日", 15, DAY, hint="某一期的第一天；不填按自然周、月、季、年"),
        WorkbookColumn("roll", "遇节假日", 20, word_of(Roll)),
        WorkbookColumn(
            "roll_workdays", "第几个工作日", 13, WHOLE, bounds=(1, 10), hint="只在“期满后第几个工作日”时有用"
        ),
        WorkbookColumn("precision", "日期精度", 8, word_of(Precision)),
        WorkbookColumn("receiver", "报送对象", 16),
        WorkbookColumn(
            "gather",
            "分报单位",
            16,
            NAMES,
            hint=f"配合单位、下级单位，或“责任单位”表里的单位；{_ONE_A_LINE}；不汇总的不填",
        ),
        WorkbookColumn("source", "依据", 34),
        WorkbookColumn("assumed", "推定", 7, YES_NO, hint="频次或日期是推定的、原文没有写的，填“是”"),
    ),
    frozen=6,
    wide=True,
)

QUESTIONS = WorkbookTable(
    "待确认问题",
    (
        _ORDER,
        WorkbookColumn(
            "code",
            "措施编号",
            16,
            CODES,
            needed=True,
            hint="几个编号用“、”分开；只写问题编号的，指该问题的全部措施。答复不同的，复制本行，分别写明编号",
        ),
        WorkbookColumn("measure_title", "整改措施", 30, LINE, "read"),
        WorkbookColumn("phrase", "原文表述", 24, needed=True),
        WorkbookColumn("ask", "需要确认", 48),
        WorkbookColumn("answer", "答复", 20, spare=True),
        WorkbookColumn("suggest", "答复前暂按", 40),
    ),
    frozen=2,
)

UNITS = WorkbookTable(
    "责任单位",
    (
        _ORDER,
        WorkbookColumn("key", "单位代号", 18, CODE, hint=f"小写字母、数字和“-”；{_NEW}。已有的不要改"),
        WorkbookColumn("name", "单位名称", 26, needed=True),
        WorkbookColumn("handler", "承办岗位", 30, NAMES, listed=ROLE_LIST, hint=_ONE_A_LINE),
        WorkbookColumn("leader", "责任领导岗位", 30, NAMES, listed=ROLE_LIST, hint=_ONE_A_LINE),
        WorkbookColumn(
            "superior", "上级单位", 26, listed=UNIT_LIST, spare=True, hint="本单位无人在岗时，事项转上级单位；可以不填"
        ),
        WorkbookColumn("former", "导出时的名称", 20, use="hidden"),
    ),
    frozen=3,
)


def roles_table(channels: int) -> WorkbookTable:
    """The posts, each with ``channels`` pairs of channel and address, the best first."""
    pairs = [
        column
        for place in range(1, channels + 1)
        for column in (
            WorkbookColumn(
                f"channel{place}", f"渠道{place}", 12, CODE, spare=True, hint="如 mail、outbox；首选的放在渠道1"
            ),
            WorkbookColumn(f"address{place}", f"地址{place}", 28, TEXT, spare=True),
        )
    ]
    return WorkbookTable(
        "岗位",
        (
            _ORDER,
            WorkbookColumn("key", "岗位代号", 24, CODE, hint=f"小写字母、数字和“-”；{_NEW}。已有的不要改"),
            WorkbookColumn("name", "岗位名称", 30, needed=True),
            *pairs,
            WorkbookColumn("former", "导出时的名称", 20, use="hidden"),
        ),
        frozen=3,
    )


INSPECTION = WorkbookTable(
    "巡察信息",
    (
        WorkbookColumn("header", "项目", 20, use="read", needed=True),
        WorkbookColumn("value", "内容", 60, TEXT, needed=True),
        WorkbookColumn("note", "说明", 50, use="read"),
    ),
)
_MAYBE = "没有就空着"
FACTS: tuple[tuple[tuple[str, ...], str, CellKind, str], ...] = (
    (("inspection", "key"), "轮次代号", CODE, "小写字母、数字和“-”；已启用的不要改"),
    (("inspection", "title"), "标题", LINE, ""),
    (("inspection", "organisation"), "被巡察单位", LINE, ""),
    (("inspection", "inspector"), "巡察机构", LINE, ""),
    (("inspection", "kind"), "类型", word_of(InspectionKind), ""),
    (("inspection", "feedback_on"), "反馈日期", DAY, ""),
    (("inspection", "published_on"), "公开日期", DAY, _MAYBE),
    (("inspection", "source"), "依据", LINE, ""),
    (("inspection", "phases", "plan_due"), "方案上报期限", LIMIT, _MAYBE),
    (("inspection", "phases", "concentrated_end"), "集中整改期满", LIMIT, _MAYBE),
    (("inspection", "phases", "progress_report_due"), "进展报告期限", LIMIT, _MAYBE),
    (("inspection", "phases", "publish_due"), "公开期限", LIMIT, _MAYBE),
    (("audiences", "deputy"), "分管领导", NAMES, f"全轮次通用，措施另写的以措施为准；{_ONE_A_LINE}"),
    (("audiences", "head"), "主要领导", NAMES, _ONE_A_LINE),
    (("audiences", "discipline"), "纪检监察组", NAMES, _ONE_A_LINE),
    (("audiences", "office"), "整改办", NAMES, f"至少一个；{_ONE_A_LINE}"),
)
"""The rows of 巡察信息: the place in the plan, the row's name, what it holds, and a note."""

PERIODS = WorkbookTable(
    "期次",
    (
        WorkbookColumn("measure", "措施编号", 10, CODE, "read"),
        WorkbookColumn("duty", "督办事项", 24, LINE, "read"),
        WorkbookColumn("label", "期次", 24, LINE, "read"),
        WorkbookColumn("opens_on", "开启日期", 15, DAY, "read"),
        WorkbookColumn("due_on", "期限", 15, DAY, "read"),
        WorkbookColumn("state", "状态", 10, word_of(PeriodState), "read"),
        WorkbookColumn("outcome", "办结情况", 10, LINE, "read"),
        WorkbookColumn("last_text", "最近填报", 60, TEXT, "read"),
        WorkbookColumn("key", "期次编号", 20, LINE, "hidden"),
        WorkbookColumn("print", "校验", 20, LINE, "hidden", needed=True),
    ),
    frozen=3,
    wide=True,
)

HISTORY = WorkbookTable(
    "历史记录",
    (
        WorkbookColumn("at", "时间", 18, LINE, "read", needed=True),
        WorkbookColumn("measure", "措施编号", 10, CODE, "read"),
        WorkbookColumn("title", "整改措施", 24, LINE, "read"),
        WorkbookColumn("what", "办理", 12, LINE, "read"),
        WorkbookColumn("about", "事项", 34, LINE, "read"),
        WorkbookColumn("who", "办理人", 16, LINE, "read"),
        WorkbookColumn("said", "内容或理由", 60, TEXT, "read"),
    ),
    frozen=2,
    wide=True,
)
"""What was done about the measures. It is only read: the sheet is locked, and nothing of it is taken back."""
