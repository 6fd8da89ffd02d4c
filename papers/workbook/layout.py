"""The sheets of a plan's workbook, and their columns.

A measure is one row of 整改台账 and each of its duties one row of 督办事项, joined by the measure's code: were the
measure repeated beside every duty, one edit could leave two rows that contradict each other. Only a finding's title is
repeated, because a 台账 is read by findings; rows that contradict each other are told.
"""

from papers.workbook.kinds import CODE, DAY, DUE, LIMIT, LINE, NAMES, ORDER, TEXT, WHOLE, YES_NO, Kind, word_of
from papers.workbook.tables import Column, Table
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
_ORDER = Column("order", "序号", 6, ORDER, spare=True, hint=f"排列先后；{_NEW}，排在最后")
_TITLE = Column("measure_title", "整改措施", 24, LINE, "read")
_CODE = Column("code", "措施编号", 10, CODE, needed=True, hint="如 02-3：以问题编号和“-”开头，全表不重复")

MEASURES = Table(
    "整改台账",
    (
        _ORDER,
        Column("finding", "问题编号", 9, CODE, hint="如 02；不填时取措施编号“-”以前的部分"),
        Column("finding_title", "反馈问题", 22, hint="同一问题的各行写法须一致；新增的行可以不填"),
        _CODE,
        Column("title", "整改措施", 24, needed=True),
        Column("text", "措施内容", 52, TEXT),
        Column("duration", "整改类型", 12, word_of(DurationClass)),
        Column("state", "整改状态", 10, word_of(WorkState)),
        Column("state_note", "进展说明", 34),
        Column("lead", "牵头单位", 16, listed=UNIT_LIST, hint="“责任单位”表里的一个单位"),
        Column("assisting", "配合单位", 16, NAMES, listed=UNIT_LIST, hint=_ONE_A_LINE),
        Column("deputy", "分管领导", 22, NAMES, listed=ROLE_LIST, hint=f"“岗位”表里的岗位；{_ONE_A_LINE}"),
        Column("evidence", "佐证要求", 14, word_of(EvidenceRule)),
        Column("warn_days", "提前提醒天数", 10, WHOLE, bounds=(1, 60), hint="不填按办公室统一规则"),
    ),
    frozen=5,
    wide=True,
)
LAMPS = (
    Column("lamp", "亮灯", 8, word_of(Level), "read"),
    Column("time_state", "时限状态", 16, CODE, "read"),
    Column("next_due", "下一期限", 15, DAY, "read"),
)
"""What ``Standing`` adds to the measures."""

DUTIES = Table(
    "督办事项",
    (
        _ORDER,
        _CODE,
        _TITLE,
        Column("key", "事项代号", 14, CODE, hint=f"小写字母、数字和“-”，同一措施内不重复；{_NEW}"),
        Column("kind", "类别", 8, word_of(DutyKind)),
        Column("title", "督办事项", 22, needed=True),
        Column("cadence", "频次", 10, word_of(Cadence), needed=True),
        Column("due_on", "期限", 15, LIMIT, hint="只有“一次性”的事项填写"),
        Column("due", "每期期限", 16, DUE, hint="期末、期末前3个工作日、第3个工作日、当月25日、次月5日等；不填为期末"),
        Column("opens_on", "起始日期", 15, DAY),
        Column("ends_on", "截止日期", 15, LIMIT, hint="此日以后不再开启新的一期；不填为长期"),
        Column("anchor", "周期起算日", 15, DAY, hint="某一期的第一天；不填按自然周、月、季、年"),
        Column("roll", "遇节假日", 20, word_of(Roll)),
        Column("roll_workdays", "第几个工作日", 13, WHOLE, bounds=(1, 10), hint="只在“期满后第几个工作日”时有用"),
        Column("precision", "日期精度", 8, word_of(Precision)),
        Column("receiver", "报送对象", 16),
        Column("source", "依据", 34),
        Column("assumed", "推定", 7, YES_NO, hint="频次或日期是推定的、原文没有写的，填“是”"),
    ),
    frozen=6,
    wide=True,
)

QUESTIONS = Table(
    "待确认问题",
    (
        _ORDER,
        _CODE,
        _TITLE,
        Column("phrase", "原文表述", 24, needed=True),
        Column("ask", "需要确认", 48),
        Column("suggest", "答复前暂按", 40),
    ),
    frozen=2,
)

UNITS = Table(
    "责任单位",
    (
        _ORDER,
        Column("key", "单位代号", 18, CODE, hint=f"小写字母、数字和“-”；{_NEW}。已有的不要改"),
        Column("name", "单位名称", 26, needed=True),
        Column("handler", "承办岗位", 30, NAMES, listed=ROLE_LIST, hint=_ONE_A_LINE),
        Column("leader", "责任领导岗位", 30, NAMES, listed=ROLE_LIST, hint=_ONE_A_LINE),
        Column("former", "导出时的名称", 20, use="hidden"),
    ),
    frozen=3,
)


def roles_table(channels: int) -> Table:
    """The posts, each with ``channels`` pairs of channel and address, the best first."""
    pairs = [
        column
        for place in range(1, channels + 1)
        for column in (
            Column(f"channel{place}", f"渠道{place}", 12, CODE, spare=True, hint="如 mail、outbox；首选的放在渠道1"),
            Column(f"address{place}", f"地址{place}", 28, TEXT, spare=True),
        )
    ]
    return Table(
        "岗位",
        (
            _ORDER,
            Column("key", "岗位代号", 24, CODE, hint=f"小写字母、数字和“-”；{_NEW}。已有的不要改"),
            Column("name", "岗位名称", 30, needed=True),
            *pairs,
            Column("former", "导出时的名称", 20, use="hidden"),
        ),
        frozen=3,
    )


INSPECTION = Table(
    "巡察信息",
    (
        Column("header", "项目", 20, use="read", needed=True),
        Column("value", "内容", 60, TEXT, needed=True),
        Column("note", "说明", 50, use="read"),
    ),
)
_MAYBE = "没有就空着"
FACTS: tuple[tuple[tuple[str, ...], str, Kind, str], ...] = (
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

PERIODS = Table(
    "期次",
    (
        Column("measure", "措施编号", 10, CODE, "read"),
        Column("duty", "督办事项", 24, LINE, "read"),
        Column("label", "期次", 24, LINE, "read"),
        Column("opens_on", "开启日期", 15, DAY, "read"),
        Column("due_on", "期限", 15, DAY, "read"),
        Column("state", "状态", 10, word_of(PeriodState), "read"),
        Column("outcome", "办结情况", 10, LINE, "read"),
        Column("last_text", "最近填报", 60, TEXT, "read"),
        Column("key", "期次编号", 20, LINE, "hidden"),
        Column("print", "校验", 20, LINE, "hidden", needed=True),
    ),
    frozen=3,
    wide=True,
)
