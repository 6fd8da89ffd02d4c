"""Rows: problems that run over several measures, cells with several measures, and rows that are no measure."""

import pytest

from intake.ledgers.items import split_items
from tests.intake.ledgers.sheets import HEADER, measures, one, read, sheet

PLAIN = ("反馈问题", "整改措施", "整改时限", "牵头单位")


def texts(draft: object) -> list[tuple[str, str, list[str]]]:
    """Code, title and measures of each finding."""
    return [(f.code, f.title, [m.text for m in f.measures]) for f in draft.findings]  # type: ignore[attr-defined]


def test_a_problem_merged_over_its_measures() -> None:
    rows = (
        ("序号", *PLAIN),
        ("1", "甲", "一改", "2025-05-31", "办"),
        ("", "", "二改", "2025-06-30", "人"),
        ("2", "乙", "三改", "", ""),
    )
    draft = read(sheet(*rows, merged=[(1, 0, 2, 0), (1, 1, 2, 1)]))
    assert texts(draft) == [("01", "甲", ["一改", "二改"]), ("02", "乙", ["三改"])]
    assert [m.code for m in measures(draft)] == ["01-1", "01-2", "02-1"]


def test_a_blank_problem_is_that_of_the_row_above() -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", "一改", "", ""), ("", "", "二改", "", ""), ("2", "乙", "三改", "", ""))
    assert texts(draft) == [("01", "甲", ["一改", "二改"]), ("02", "乙", ["三改"])]


def test_a_repeated_problem_is_one_finding_also_when_others_stand_between() -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", "一改"), ("2", "乙", "三改"), ("1", "甲", "二改"))
    assert texts(draft) == [("01", "甲", ["一改", "二改"]), ("02", "乙", ["三改"])]


def test_numbers_that_count_measures_are_not_the_codes_of_findings() -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", "一改"), ("2", "", "二改"), ("3", "乙", "三改"), ("4", "乙", "四改"))
    assert texts(draft) == [("01", "甲", ["一改", "二改"]), ("02", "乙", ["三改", "四改"])]


@pytest.mark.parametrize("number", ["3", "03", "问题3", "三", "（三）", "3.0", "第3项", "３", "3、"])
def test_a_clean_number_is_the_code(number: str) -> None:
    assert texts(one(("序号", *PLAIN), (number, "甲", "一改"))) == [("03", "甲", ["一改"])]


def test_numbers_of_measures_within_a_problem() -> None:
    draft = one(("序号", *PLAIN), ("2-1", "甲", "一改"), ("2-2", "甲", "二改"), ("5-1", "乙", "三改"))
    assert [m.code for m in measures(draft)] == ["02-1", "02-2", "05-1"]


def test_numbers_of_a_year_count_within_it() -> None:
    draft = one(("编号", "督办事项", "办理时限"), ("2025-01", "甲", "2025-05-31"), ("2025-02", "乙", "2025-06-30"))
    assert texts(draft) == [("01", "甲", ["甲"]), ("02", "乙", ["乙"])]


def test_a_number_that_is_none_or_taken_gives_the_next_free_one() -> None:
    draft = one(
        ("序号", *PLAIN),
        ("1", "甲", "一"),
        ("甲-7", "乙", "二"),
        ("4", "丙", "三"),
        ("4", "丁", "四"),
        ("", "戊", "五"),
    )
    assert [f.code for f in draft.findings] == ["01", "02", "04", "05", "06"]
    assert [(ask.where, ask.phrase) for ask in draft.asks if ask.suggest == "05"] == [("05", "序号4")]


def test_sheets_that_each_count_from_one() -> None:
    rows = [(("序号", *PLAIN), ("1", f"{name}甲", "一"), ("2", f"{name}乙", "二")) for name in ("上", "下")]
    draft = read(sheet(*rows[0], name="上"), sheet(*rows[1], name="下"))
    assert [f.code for f in draft.findings] == ["01", "02", "03", "04"]


def test_the_same_measure_on_a_summary_and_on_a_units_sheet_is_read_once_and_told() -> None:
    rows = (("序号", *PLAIN), ("1", "甲", "一改", "2025-05-31", "办公室"))
    draft = read(sheet(*rows, name="汇总"), sheet(*rows, name="办公室"))
    assert texts(draft) == [("01", "甲", ["一改"])]
    assert [(left.where, left.text) for left in draft.unplaced] == [("办公室!2", "与汇总!2相同，没有重复读入：一改")]


def test_a_measure_met_again_tells_the_progress_it_has_there() -> None:
    header = ("序号", *PLAIN, "整改进展")
    row = ("1", "甲", "一改", "2025-05-31", "办公室")
    draft = read(sheet(header, (*row, "已启动"), name="3月"), sheet(header, (*row, "过半"), name="4月"))
    assert [left.text for left in draft.unplaced] == ["与3月!2相同，没有重复读入：一改（过半）"]


def test_numbers_that_are_names_are_told() -> None:
    draft = one(("编号", *PLAIN), ("HB-001", "甲", "一改"), ("HB-002", "乙", "二改"))
    assert [finding.code for finding in draft.findings] == ["01", "02"]
    assert [(left.where, left.text) for left in draft.unplaced] == [
        ("台账!A列", "编号：共2格不是序号，如“HB-001”，已另行编号")
    ]


def test_one_cell_with_several_measures_is_split_and_said() -> None:
    cell = "1.每月调度一次；\n2.完善制度。\n3.开展2025年3月1.5小时培训"
    draft = one(PLAIN, ("甲", cell, "2025年5月31日", "办公室"), ("乙", "不分", "2025年6月30日", "人事科"))
    assert texts(draft) == [
        ("01", "甲", ["每月调度一次", "完善制度。", "开展2025年3月1.5小时培训"]),
        ("02", "乙", ["不分"]),
    ]
    assert {(str(m.due), m.lead) for m in measures(draft)[:3]} == {("2025-05-31", "办公室")}
    ask = next(ask for ask in draft.asks if ask.where == "台账!B列")
    assert ask.ask == "共1格各写有多条措施，已拆成3条，各用本行的时限和责任单位，是否正确？"


def test_words_before_the_first_measure_belong_to_each_and_to_no_title() -> None:
    draft = one(PLAIN, ("甲", "压实整改责任：一是成立专班；二是每月调度", "2025-05-31", "办公室"))
    assert [(m.title, m.text) for m in measures(draft)] == [
        ("成立专班", "压实整改责任：成立专班"),
        ("每月调度", "压实整改责任：每月调度"),
    ]


def test_the_same_as_above_is_what_stands_above() -> None:
    draft = one(
        ("序号", *PLAIN), ("1", "甲", "一改", "2025年5月31日", "办公室"), ("同上", "同上", "二改", "同上", "〃")
    )
    assert texts(draft) == [("01", "甲", ["一改", "二改"])]
    assert [(str(m.due), m.lead) for m in measures(draft)] == [("2025-05-31", "办公室")] * 2


def test_the_same_as_above_with_nothing_above_says_nothing() -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", "一改", "同上", "同上"))
    assert [(m.due, m.lead) for m in measures(draft)] == [(None, None)]
    assert draft.errors == ()


def test_limits_and_units_counted_alike_go_to_their_measures() -> None:
    draft = one(PLAIN, ("甲", "1.一改\n2.二改", "1.2025年5月31日\n2.2025年6月30日", "1.办公室\n2.人事科"))
    assert [(m.text, str(m.due), m.lead) for m in measures(draft)] == [
        ("一改", "2025-05-31", "办公室"),
        ("二改", "2025-06-30", "人事科"),
    ]


def test_limits_in_as_many_lines_as_measures_and_people_counted_alike() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "责任单位", "责任领导", "责任人")
    draft = one(header, ("甲", "1.一改\n2.二改", "2025年5月\n2025年6月", "办公室\n人事科", "①陈②李", "1.张三；2.李四"))
    assert [(m.text, str(m.due), m.lead, m.assisting, m.leader, m.handler) for m in measures(draft)] == [
        ("一改", "2025-05-31", "办公室", ("人事科",), "陈", "张三"),
        ("二改", "2025-06-30", "办公室", ("人事科",), "李", "李四"),
    ]


def test_numbers_that_count_units_and_people_are_no_part_of_their_names() -> None:
    header = ("反馈问题", "整改措施", "责任单位", "责任人")
    [measure] = measures(one(header, ("甲", "乙", "1.办公室\n2.人事科", "①张三②李四")))
    assert (measure.lead, measure.assisting, measure.handler) == ("办公室", ("人事科",), "张三、李四")


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("1.甲\n2.乙", ["甲", "乙"]),
        ("1．甲；2．乙；3．丙", ["甲", "乙", "丙"]),
        ("1、甲。2、乙。", ["甲。", "乙。"]),
        ("（1）甲；（2）乙", ["甲", "乙"]),
        ("(1)甲(2)乙", ["甲", "乙"]),
        ("1）甲\n2）乙", ["甲", "乙"]),
        ("①甲②乙③丙", ["甲", "乙", "丙"]),
        ("一是甲；二是乙；三是丙", ["甲", "乙", "丙"]),
        ("（一）甲\n（二）乙", ["甲", "乙"]),
        ("一、甲\n二、乙", ["甲", "乙"]),
        ("压实责任：一是甲；二是乙", ["压实责任：甲", "压实责任：乙"]),
        ("1.甲：一是子；二是丑\n2.乙", ["甲：一是子；二是丑", "乙"]),
        ("\n".join(f"{n}.第{n}条" for n in range(1, 13)), [f"第{n}条" for n in range(1, 13)]),
        ("⑴甲⑵乙", ["甲", "乙"]),
        ("⒈甲⒉乙", ["甲", "乙"]),
        ("第一，甲；第二，乙", ["甲", "乙"]),
        ("措施1：甲\n措施2：乙", ["甲", "乙"]),
        ("措施一：甲\n措施二：乙", ["甲", "乙"]),
        ("1 甲\n2 乙", ["甲", "乙"]),
        ("1：甲\n2：乙", ["甲", "乙"]),
        ("●甲\n●乙\n●丙", ["甲", "乙", "丙"]),
        ("- 甲\n- 乙", ["甲", "乙"]),
        ("修订巡查办法；\n每月抽查一次。", ["修订巡查办法", "每月抽查一次。"]),
        ("修订巡查办法，\n每月抽查一次。", ["修订巡查办法，\n每月抽查一次。"]),
        ("修订办法\n每月抽查", ["修订办法\n每月抽查"]),
        ("1 000元\n2 000元", ["1 000元\n2 000元"]),
        ("- 甲", ["- 甲"]),
        ("投入1.5万元，建成2.3公里", ["投入1.5万元，建成2.3公里"]),
        ("2.乙\n3.丙", ["2.乙\n3.丙"]),
        ("1.甲", ["1.甲"]),
        ("一是一，二是二的作风", ["一，", "二的作风"]),
        ("完成第1项、第2项", ["完成第1项、第2项"]),
        ("1.\n2.乙", ["1.\n2.乙"]),
        ("", [""]),
    ],
)
def test_how_a_cell_counts_its_measures(cell: str, items: list[str]) -> None:
    found = [item.text for item in split_items(cell)]
    assert [one.strip("，") for one in found] == [one.strip("，") for one in items]


def test_totals_signatures_notes_and_headings_are_told_and_not_read() -> None:
    asides = [
        ("合计", "", "2条"),
        ("填报人：张三", "", "审核人：李四"),
        ("单位（盖章）：",),
        ("填表日期：2025年5月12日",),
        ("备注：本表一式两份",),
        ("说明", "本表按月报送"),
        ("一、党的建设方面",),
    ]
    draft = one(("序号", *PLAIN), ("1", "甲", "一改"), ("", "", ""), *asides)
    assert texts(draft) == [("01", "甲", ["一改"])]
    assert draft.errors == ()
    assert [left.where for left in draft.unplaced] == [f"台账!{row}" for row in range(4, 11)]
    assert [left.text.partition("：")[0] for left in draft.unplaced] == [
        "合计行", "签署行", "签署行", "签署行", "说明行", "说明行", "小标题行",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("aside", "why"),
    [
        (("1", "2", "3", "4", "5"), "栏号行"),
        (("A", "B", "C", "D", "E"), "栏号行"),
        (("甲", "乙", "1", "2", "3"), "栏号行"),
        (("例", "制度不健全", "修订制度", "2025年5月底前", "某科"), "示例行"),
        (("示例：", "××问题", "××措施", "立行立改", "××科"), "示例行"),
        (("一", "党的建设方面"), "小标题行"),
        (("（二）", "业务工作方面"), "小标题行"),
        (("9", "合计", "2条"), "合计行"),
    ],
)
def test_what_stands_below_a_header_without_being_a_measure(aside: tuple[str, ...], why: str) -> None:
    draft = one(("序号", *PLAIN), aside, ("1", "甲", "一改", "2025-05-31", "办公室"))
    assert (texts(draft), draft.errors) == ([("01", "甲", ["一改"])], ())
    assert [(left.where, left.text.partition("：")[0]) for left in draft.unplaced] == [("台账!2", why)]


def test_a_problem_counted_in_chinese_without_a_measure_is_an_error_where_all_are_counted_so() -> None:
    draft = one(("序号", *PLAIN), ("一", "甲"), ("二", "乙", "二改", "2025-05-31", "办公室"))
    assert [(error.row, error.column) for error in draft.errors] == [(2, "C 整改措施")]


def test_the_date_below_the_signatures_is_theirs() -> None:
    signed = (("填报人：张三",), ("", "", "", "2025年3月10日"))
    draft = one(("序号", *PLAIN), ("1", "甲", "一改", "2025-05-31", "办公室"), *signed)
    assert ([left.text for left in draft.unplaced], draft.errors) == (
        ["签署行：填报人：张三", "签署行：2025年3月10日"],
        (),
    )


def test_a_heading_merged_across_the_sheet_is_no_measure() -> None:
    rows = (("序号", *PLAIN), ("一、党的建设方面",), ("1", "甲", "一改", "2025-05-31", "办公室"))
    draft = read(sheet(*rows, merged=[(1, 0, 1, 4)]))
    assert texts(draft) == [("01", "甲", ["一改"])]
    assert [left.text for left in draft.unplaced] == ["小标题行：一、党的建设方面"]


def test_a_heading_in_a_column_that_gives_nothing_is_no_measure() -> None:
    header = (("反馈意见", "", "整改措施", "整改时限"), ("类别", "具体问题", "", ""))
    rows = (("一、党的建设方面（1个）", "", "", ""), ("1", "甲", "一改", "2025-05-31"))
    draft = read(sheet(*header, *rows, merged=[(0, 0, 0, 1), (0, 2, 1, 2), (0, 3, 1, 3)]))
    assert (texts(draft), draft.errors) == ([("01", "甲", ["一改"])], ())
    assert draft.unplaced[0].text == "小标题行：一、党的建设方面（1个）"


def test_problems_that_begin_like_totals_and_signatures_stay_problems() -> None:
    problems = ("累计12个项目未验收", "审核把关不严", "单位内控制度不健全", "共计划建设3处")
    draft = one(PLAIN, *((problem, "整改", "2025-05-31", "办公室") for problem in problems))
    assert [f.title for f in draft.findings] == list(problems)


def test_a_row_with_a_problem_and_no_measure_is_an_error() -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", "", "2025-05-31", ""), ("2", "乙", "二改", "2025-05-31", "办"))
    assert texts(draft) == [("02", "乙", ["二改"])]
    assert [(e.row, e.column, e.value) for e in draft.errors] == [(2, "C 整改措施", "")]


@pytest.mark.parametrize("nothing", ["无", "/", "—"])
def test_a_measure_that_says_nothing_is_none(nothing: str) -> None:
    draft = one(("序号", *PLAIN), ("1", "甲", nothing, "2025-05-31", "办"))
    assert [(e.row, e.column) for e in draft.errors] == [(2, "C 整改措施")]


def test_a_row_without_a_problem_and_none_above_is_an_error() -> None:
    draft = one(("序号", *PLAIN), ("1", "", "一改", "", ""), ("2", "乙", "二改", "2025-05-31", "办"))
    assert texts(draft) == [("02", "乙", ["二改"])]
    assert [(e.row, e.column) for e in draft.errors] == [(2, "B 反馈问题")]


def test_rows_numbered_in_advance_and_empty_merged_rows_are_ignored() -> None:
    rows = (("序号", *PLAIN), ("1", "甲", "一改", "2025-05-31", "办"), ("", "", "", "", ""), ("2",), ("3",))
    draft = read(sheet(*rows, merged=[(1, 0, 2, 0), (1, 1, 2, 1)]))
    assert texts(draft) == [("01", "甲", ["一改"])]
    assert (draft.errors, draft.unplaced) == ((), ())


def test_a_measure_merged_over_the_rows_of_several_units() -> None:
    rows = (
        PLAIN,
        ("甲", "一改", "2025-05-31", "办公室"),
        ("", "", "", "人事科"),
        ("", "", "", "财务科"),
        ("乙", "二改", "", ""),
    )
    down = [(1, column, 3, column) for column in (0, 1, 2)]
    draft = read(sheet(*rows, merged=down))
    assert texts(draft) == [("01", "甲", ["一改"]), ("02", "乙", ["二改"])]
    assert (measures(draft)[0].lead, measures(draft)[0].assisting) == ("办公室", ("人事科", "财务科"))


def test_a_ledger_without_measures_takes_the_problems_and_asks() -> None:
    draft = one(("序号", "反馈问题", "整改时限"), ("1", "甲", "2025-05-31"))
    assert texts(draft) == [("01", "甲", ["甲"])]
    assert [ask.phrase for ask in draft.asks] == ["整改措施"]


def test_a_ledger_without_problems_takes_each_number_and_asks() -> None:
    draft = one(
        ("序号", "整改措施", "整改时限"),
        ("1", "一改", "2025-05-31"),
        ("", "二改", "2025-05-31"),
        ("2", "三改", "2025-05-31"),
    )
    assert texts(draft) == [("01", "一改", ["一改", "二改"]), ("02", "三改", ["三改"])]
    assert [ask.phrase for ask in draft.asks] == ["反馈问题"]


def test_a_ledger_without_problems_and_numbers_takes_each_row() -> None:
    draft = one(("整改措施", "整改时限"), ("一改", "2025-05-31"), ("一改", "2025-06-30"))
    assert texts(draft) == [("01", "一改", ["一改"]), ("02", "一改", ["一改"])]


def test_a_problem_longer_than_a_title_is_told_whole() -> None:
    problem = "学习不深入，" * 60
    draft = one(PLAIN, (problem, "一改", "2025-05-31", "办公室"))
    assert len(draft.findings[0].title) == 200
    assert [problem in left.text for left in draft.unplaced] == [True]


def three_lists() -> list:
    problems = sheet(("序号", "反馈问题"), ("1", "甲"), ("2", "乙"), name="问题清单")
    tasks = sheet(
        ("序号", "整改措施", "整改时限"),
        ("1", "一改", "2025-05-31"),
        ("", "二改", "2025-06-30"),
        ("2", "三改", "长期坚持"),
        name="措施清单",
    )
    duties = sheet(
        ("序号", "责任领导", "责任单位", "责任人"),
        ("1", "李局", "办公室", "张三"),
        ("2", "王局", "人事科", "李四"),
        name="责任清单",
    )
    return [problems, tasks, duties]


def test_three_lists_are_put_together_by_their_numbers_and_asked_about() -> None:
    draft = read(*three_lists())
    assert texts(draft) == [("01", "甲", ["一改", "二改"]), ("02", "乙", ["三改"])]
    assert [(m.leader, m.lead, m.handler) for m in measures(draft)] == [
        ("李局", "办公室", "张三"), ("李局", "办公室", "张三"), ("王局", "人事科", "李四"),
    ]  # fmt: skip
    assert [ask.phrase for ask in draft.asks if "按序号对应" in ask.suggest] == ["措施清单"]


def test_a_problem_that_the_list_of_measures_forgets_is_an_error() -> None:
    problems, tasks, duties = three_lists()
    longer = sheet(*problems.rows, ("3", "丙"), name="问题清单")
    draft = read(longer, tasks, duties)
    assert [f.title for f in draft.findings] == ["甲", "乙"]
    assert [(e.sheet, e.row, e.column, e.value) for e in draft.errors] == [("问题清单", 4, "B 反馈问题", "丙")]


def test_lists_whose_numbers_do_not_answer_are_not_put_together() -> None:
    problems, *_ = three_lists()
    other = sheet(("序号", "整改措施"), ("7", "七改"), name="措施清单")
    draft = read(problems, other)
    assert texts(draft) == [("01", "甲", ["甲"]), ("02", "乙", ["乙"]), ("07", "七改", ["七改"])]


@pytest.mark.parametrize("header", [HEADER, PLAIN])
def test_a_header_without_rows_gives_an_empty_draft(header: tuple) -> None:
    assert one(header).findings == ()


def test_a_row_that_names_nobody_has_the_people_of_its_finding_and_a_person_is_asked() -> None:
    draft = one(
        HEADER,
        ("1", "问题甲", "措施甲", "2025年6月底", "办公室", "张三", ""),
        ("", "", "措施乙", "长期坚持", "", "", ""),
        ("", "", "措施丙", "2025年8月底", "财务科", "", ""),
        ("2", "问题乙", "措施丁", "2025年6月底", "", "", ""),
    )
    assert [(found.lead, found.handler) for found in measures(draft)] == [
        ("办公室", "张三"),
        ("办公室", "张三"),
        ("财务科", None),
        (None, None),
    ]
    assert [ask.ask for ask in draft.asks if "沿用" in ask.ask] == [
        "共1行没有写牵头单位和人员，已沿用同一问题上一行的，是否正确？"
    ]


def test_chapters_between_numbered_problems_are_no_problems() -> None:
    draft = one(
        ("编号", "问题描述", "整改目标", "整改责任", "时间节点"),
        ("一", "党建方面"),
        ("1", "换届不及时", "完成换届", "机关党委", "2025.6.30"),
        ("二", "业务方面"),
        ("2", "项目进度慢", "每周调度，按期完工", "工程科", "2025.9.30"),
    )
    assert [(finding.code, finding.title) for finding in draft.findings] == [("01", "换届不及时"), ("02", "项目进度慢")]
    assert [found.lead for found in measures(draft)] == ["机关党委", "工程科"]


def test_where_no_column_has_measures_the_goal_tells_how_often_and_the_problem_does_not() -> None:
    draft = one(("反馈问题", "整改目标"), ("每月例会流于形式", "每周调度一次"))
    (found,) = measures(draft)
    (hint,) = found.hints
    assert (hint.cadence, hint.phrase, hint.note[:7]) == ("weekly", "每周调度一次", "整改目标：每周")
    assert draft.findings[0].goal == "每周调度一次"


def test_what_is_demanded_is_the_measure_where_no_column_has_measures() -> None:
    rows = (("1", "台账不全", "每季度核对一次"),)
    assert [found.text for found in measures(one(("序号", "反馈问题", "整改要求"), *rows))] == ["每季度核对一次"]
    both = one(("序号", "反馈问题", "整改要求", "整改措施"), ("1", "台账不全", "账实相符", "逐项核对"))
    assert [found.title for found in measures(both)] == ["逐项核对"]


@pytest.mark.parametrize("between", ["\n", "；", ";"])
def test_as_many_limits_as_measures_in_a_cell_are_dealt_one_each(between: str) -> None:
    limits = between.join(("2025年3月底前", "2025年6月底前", "2025年11月底前"))
    draft = one(HEADER, ("1", "管网老化", "（1）排查；（2）开工；（3）完工", limits, "住建局"))
    assert [str(found.due) for found in measures(draft)] == ["2025-03-31", "2025-06-30", "2025-11-30"]


def test_how_it_shows_is_the_problem_where_no_column_has_problems() -> None:
    draft = one(("序号", "问题表现", "整改措施"), ("1", "责任压得不实", "每季度听取汇报"))
    assert [finding.title for finding in draft.findings] == ["责任压得不实"]
    assert [ask.phrase for ask in draft.asks][:1] == ["问题表现"]


def test_a_limit_of_all_the_year_is_a_question_and_no_error() -> None:
    draft = one(HEADER, ("1", "甲", "每月通报", "全年推进", "城管局"))
    assert (len(measures(draft)), draft.errors) == (1, ())
    assert "全年推进" in [ask.phrase for ask in draft.asks]


def test_people_are_lent_within_a_finding_also_where_another_sheet_names_them() -> None:
    draft = read(
        sheet(("序号", "反馈问题"), ("1", "甲"), ("2", "甲"), name="问题清单"),
        sheet(("序号", "整改措施"), ("1", "改一"), ("2", "改二"), name="措施清单"),
        sheet(("序号", "责任单位", "整改时限"), ("1", "水科", "2025-05-31"), ("2", "", "2025-06-30"), name="责任清单"),
    )
    assert [found.lead for found in measures(draft)] == ["水科", "水科"]
    assert [(ask.where, ask.phrase) for ask in draft.asks if "沿用" in ask.ask] == [("措施清单", "牵头单位")]
