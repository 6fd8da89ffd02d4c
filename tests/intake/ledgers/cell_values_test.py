"""Cells: limits, states, units and people, and what an unreadable one does to its row."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.ledgers import ledger_draft
from intake.ledgers.cell_values import read_number, title_of
from intake.ledgers.people import names_of, people_of, units_of
from intake.states import load_states
from plan.types import Cadence, DurationClass, Precision, WorkState
from tests.intake.ledgers.sheets import HEADER, measures, one, sheet

GOOD = ("9", "好问题", "好措施", "2025-05-31", "办公室", "张三", "整改中")


def limited(limit: str | date) -> tuple:
    draft = one(("反馈问题", "整改措施", "整改时限"), ("甲", "乙", limit), ("丙", "丁", "2025-05-31"))
    return measures(draft)[0], draft


@pytest.mark.parametrize(
    ("limit", "due", "precision", "duration"),
    [
        (date(2025, 5, 31), date(2025, 5, 31), Precision.DAY, DurationClass.DATED),
        ("2025年5月31日前", date(2025, 5, 31), Precision.DAY, DurationClass.DATED),
        ("2025-05", date(2025, 5, 31), Precision.MONTH, DurationClass.DATED),
        ("2024年底前，并长期坚持", date(2024, 12, 31), Precision.DAY, DurationClass.DATED),
        ("立行立改", None, Precision.DAY, DurationClass.IMMEDIATE),
        ("长期坚持", None, Precision.DAY, DurationClass.STANDING),
    ],
)
def test_a_limit_gives_date_precision_and_class(
    limit: str | date, due: date | None, precision: Precision, duration: DurationClass
) -> None:
    measure, draft = limited(limit)
    assert (measure.due, measure.precision, measure.duration) == (due, precision, duration)
    assert draft.errors == ()


def test_a_cadence_in_a_limit_is_a_hint_that_stands_nowhere_in_the_text() -> None:
    measure, _ = limited("每月")
    assert [(hint.cadence, hint.start, hint.end) for hint in measure.hints] == [(Cadence.MONTHLY, 0, 0)]


def test_work_done_at_once_and_kept_up_asks_about_both() -> None:
    measure, draft = limited("立行立改，长期坚持")
    assert measure.duration is DurationClass.IMMEDIATE
    assert [ask.phrase for ask in draft.asks] == ["立行立改", "长期坚持"]


def test_the_date_of_a_limit_is_no_hint_besides() -> None:
    assert limited("2025年5月31日")[0].hints == ()


def test_a_day_that_is_in_no_calendar_leaves_the_row_out_and_says_where() -> None:
    draft = one(("某局整改台账",), HEADER, GOOD, ("2", "甲", "乙", "2025年2月30日", "办公室", "张三", "整改中"))
    assert [f.title for f in draft.findings] == ["好问题"]
    error = draft.errors[0]
    assert (error.sheet, error.row, error.column, error.value) == ("台账", 4, "D 整改时限", "2025年2月30日")
    assert "2月30日" in error.why


@pytest.mark.parametrize("limit", ["待定", "另行确定", "/", "无", ""])
def test_a_limit_still_open_is_a_question_and_no_error(limit: str) -> None:
    measure, draft = limited(limit)
    assert measure.due is None
    assert draft.errors == ()
    assert [(ask.where, ask.phrase) for ask in draft.asks] == [("01-1", limit or "整改时限")]


def test_wording_that_names_a_date_answers_an_empty_limit() -> None:
    draft = one(("反馈问题", "整改措施", "整改时限"), ("甲", "于2025年5月31日前完成", ""))
    assert draft.asks == ()
    assert [hint.due for hint in measures(draft)[0].hints] == ["2025-05-31"]


def test_a_limit_without_a_year_takes_that_of_the_title() -> None:
    rows = (("某局整改台账（截至2025年5月）",), ("反馈问题", "整改措施", "整改时限"), ("甲", "乙", "6月底前"))
    assert measures(one(*rows))[0].due == date(2025, 6, 30)
    dated = ledger_draft((sheet(*rows),), "台账.xlsx", DocumentDates(published_on=date(2023, 1, 5)))
    assert measures(dated)[0].due == date(2023, 6, 30)


@pytest.mark.parametrize(
    ("limit", "due", "precision"),
    [
        ("25.5.31", date(2025, 5, 31), Precision.DAY),
        ("２５／５／３１前", date(2025, 5, 31), Precision.DAY),
        ("25.5", date(2025, 5, 31), Precision.MONTH),
        ("202505", date(2025, 5, 31), Precision.MONTH),
        ("2025、5、31", date(2025, 5, 31), Precision.DAY),
        ("31/5/2025", date(2025, 5, 31), Precision.DAY),
        ("May-25", date(2025, 5, 31), Precision.MONTH),
        ("45808", date(2025, 5, 31), Precision.DAY),
        ("45808.75", date(2025, 5, 31), Precision.DAY),
    ],
)
def test_days_as_hurried_people_and_spreadsheets_write_them(limit: str, due: date, precision: Precision) -> None:
    measure, draft = limited(limit)
    assert (measure.due, measure.precision, draft.errors) == (due, precision, ())


def test_the_year_said_once_holds_for_the_later_months() -> None:
    measure, draft = limited("2025年3月底前制定方案，6月底前完成整改，12月底前巩固提升")
    assert (measure.due, measure.duration) == (date(2025, 12, 31), DurationClass.STAGED)
    assert [hint.due for hint in measure.hints] == ["2025-03-31", "2025-06-30"]
    assert any("几个日期" in ask.ask for ask in draft.asks)


@pytest.mark.parametrize("limit", ["2025年5月-12月", "2025年5月至12月", "2025.5-2025.12"])
def test_a_span_of_months_ends_with_its_last(limit: str) -> None:
    assert limited(limit)[0].due == date(2025, 12, 31)


def test_a_day_without_a_year_takes_that_of_the_title() -> None:
    draft = one(("某局整改台账（截至2025年3月）",), ("反馈问题", "整改措施", "整改时限"), ("甲", "乙", "5.31"))
    assert measures(draft)[0].due == date(2025, 5, 31)


@pytest.mark.parametrize("limit", ["5.3", "25.1", "25.13", "12345"])
def test_a_number_that_may_be_two_days_or_none_is_an_error(limit: str) -> None:
    draft = one(("反馈问题", "整改措施", "整改时限"), ("甲", "乙", limit))
    assert [(error.row, error.value) for error in draft.errors] == [(2, limit)]


def test_days_counted_by_a_spreadsheet_are_asked_about_once() -> None:
    draft = one(("反馈问题", "整改措施", "整改时限"), *((name, "改", "45808") for name in "甲乙丙"))
    assert [(ask.where, ask.phrase) for ask in draft.asks] == [("台账!C列", "45808")]


def test_a_january_that_may_be_an_october_is_asked_about() -> None:
    measure, draft = limited("2025.1")
    assert (measure.due, [ask.suggest for ask in draft.asks]) == (date(2025, 1, 31), ["暂按2025年1月"])


@pytest.mark.parametrize("fault", ["#REF!", "#N/A", "#NAME?", '=VLOOKUP(A2,底稿!A:C,3,0)&"科"', "=$B$2"])
def test_a_formula_that_failed_is_an_error_where_a_measure_rests_on_it(fault: str) -> None:
    draft = one(HEADER, GOOD, ("1", "甲", "乙", "2025-05-31", fault, "张三", "整改中"))
    assert [(error.column, error.value) for error in draft.errors] == [("E 牵头单位", fault)]
    assert [f.title for f in draft.findings] == ["好问题"]


def test_a_formula_that_failed_in_a_note_is_told_as_it_stands() -> None:
    draft = one((*HEADER, "完成率"), (*GOOD, "#DIV/0!"))
    assert (draft.errors, measures(draft)[0].state_note) == ((), "#DIV/0!")


@pytest.mark.parametrize("lead", ["=办公室", "-办公室", "+办公室", "@办公室"])
def test_a_text_that_begins_like_a_formula_is_a_text(lead: str) -> None:
    draft = one(HEADER, (*GOOD[:4], lead, *GOOD[5:]))
    assert (draft.errors, measures(draft)[0].lead) == ((), lead)


def test_every_bad_cell_of_a_row_is_told_at_once() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "整改状态", "完成率")
    draft = one(header, ("甲", "乙", "2025年2月30日", "很好", "120%"), ("丙", "丁", "2025-05-31", "整改中", "60%"))
    assert [(e.row, e.column, e.value) for e in draft.errors] == [
        (2, "C 整改时限", "2025年2月30日"),
        (2, "D 整改状态", "很好"),
        (2, "E 完成率", "120%"),
    ]
    assert [m.state_note for m in measures(draft)] == ["进度60%"]


@pytest.mark.parametrize(
    ("cell", "state", "duration"),
    [
        ("尚未启动", WorkState.NOT_STARTED, None),
        ("未达到序时进度", WorkState.IN_PROGRESS, None),
        ("超过序时进度", WorkState.IN_PROGRESS, None),
        ("完成整改", WorkState.DONE_CLAIMED, None),
        ("完成交账销号", WorkState.CLOSED, None),
        ("阶段性完成", WorkState.IN_PROGRESS, DurationClass.STAGED),
        ("基本完成取得阶段性成果并持续整改", WorkState.IN_PROGRESS, DurationClass.STAGED),
        ("已经完成，长期坚持", WorkState.DONE_CLAIMED, DurationClass.STANDING),
        ("正在办理", WorkState.IN_PROGRESS, None),
        ("申请延期整改", WorkState.IN_PROGRESS, None),
        ("是", WorkState.DONE_CLAIMED, None),
        ("否", WorkState.IN_PROGRESS, None),
        ("立行立改，长期坚持", None, None),
        ("已完成，持续推进", WorkState.DONE_CLAIMED, DurationClass.STANDING),
        ("完成（持续整改）", WorkState.DONE_CLAIMED, DurationClass.STANDING),
        ("已立行立改", WorkState.DONE_CLAIMED, DurationClass.IMMEDIATE),
        ("已于2025年3月完成", WorkState.DONE_CLAIMED, None),
        ("2025年3月已完成", WorkState.DONE_CLAIMED, None),
        ("100%", WorkState.DONE_CLAIMED, None),
        ("完成60%", WorkState.IN_PROGRESS, None),
        ("√", WorkState.DONE_CLAIMED, None),
        ("×", WorkState.IN_PROGRESS, None),
        ("TRUE", WorkState.DONE_CLAIMED, None),
        ("逾期", WorkState.IN_PROGRESS, None),
        ("完成整改并销号", WorkState.CLOSED, None),
        ("", None, None),
        ("/", None, None),
    ],
)
def test_the_states_in_use(cell: str, state: WorkState | None, duration: DurationClass | None) -> None:
    stand = load_states().cell(cell)
    assert (stand.state, stand.duration) == (state, duration)


@pytest.mark.parametrize(
    ("kind", "limit", "duration"),
    [
        ("立行立改", "2025-05-31", DurationClass.IMMEDIATE),
        ("分阶段整改", "2025-05-31", DurationClass.STAGED),
        ("长期坚持", "2025-05-31", DurationClass.DATED),
        ("长期坚持", "", DurationClass.STANDING),
        ("其他", "2025-05-31", DurationClass.DATED),
    ],
)
def test_a_column_of_kinds_gives_the_class(kind: str, limit: str, duration: DurationClass) -> None:
    draft = one(("反馈问题", "整改措施", "整改时限", "整改类型"), ("甲", "乙", limit, kind))
    assert [measure.duration for measure in measures(draft)] == [duration]


@pytest.mark.parametrize("state", ["2025年12月完成", "已于2025年6月底前完成", "红灯", "已完成1项，推进1项", "120%%"])
def test_a_state_that_may_be_several_is_an_error(state: str) -> None:
    draft = one(HEADER, (*GOOD[:6], state))
    assert [(error.column, error.value) for error in draft.errors] == [("G 整改状态", state)]


def test_two_states_at_once_are_an_error() -> None:
    draft = one(HEADER, ("1", "甲", "乙", "2025-05-31", "办公室", "张三", "已完成；未完成"))
    assert [(e.column, e.why) for e in draft.errors] == [("G 整改状态", "同时写了几种整改状态；请只保留一种")]


def test_what_stands_beside_a_state_is_kept_in_the_note() -> None:
    draft = one(HEADER, ("1", "甲", "乙", "2025-05-31", "办公室", "张三", "已完成（3月12日印发制度）"))
    assert [(m.state, m.state_note) for m in measures(draft)] == [("done_claimed", "已完成（3月12日印发制度）")]


@pytest.mark.parametrize(
    ("progress", "state"),
    [("已完成", "done_claimed"), ("正在推进", "in_progress"), ("主体施工", None), ("已完成3项", None)],
)
def test_where_no_column_has_the_state_a_progress_may_name_it(progress: str, state: str | None) -> None:
    header = ("反馈问题", "整改措施", "整改时限", "目前进展")
    measure, _ = measures(one(header, ("甲", "乙", "2025-05-31", progress), ("丙", "丁", "2025-05-31", "印发制度")))
    assert (measure.state, measure.state_note) == (state, progress)


def test_the_note_gathers_progress_percentage_result_and_difficulty() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "进展情况", "完成率", "实际完成时间", "存在困难", "整改成效")
    draft = one(header, ("甲", "乙", "2025-05-31", "印发制度\n开展培训", "0.6", date(2025, 5, 12), "缺人", "明显"))
    assert measures(draft)[0].state_note == (
        "印发制度 开展培训；进度60%；实际完成时间：2025-05-12；困难：缺人；整改成效：明显"
    )


def test_a_goal_follows_the_measure_in_its_text_and_not_in_its_title() -> None:
    draft = one(
        ("反馈问题", "整改措施", "整改目标", "整改时限"), ("甲", "完善制度，堵塞漏洞", "制度健全", "2025-05-31")
    )
    assert [(m.title, m.text) for m in measures(draft)] == [("完善制度", "完善制度，堵塞漏洞")]
    assert draft.findings[0].goal == "制度健全"


def test_a_detail_of_the_problem_is_kept_last_and_no_time_is_read_from_it() -> None:
    draft = one(("反馈问题", "具体表现", "整改措施", "整改时限"), ("甲", "每月例会流于形式", "完善制度", "2025-05-31"))
    assert [(f.title, m.text, m.hints) for f in draft.findings for m in f.measures] == [
        ("甲", "完善制度\n具体表现：每月例会流于形式", ()),
    ]


def test_a_second_column_of_problems_is_a_detail_and_asked_about() -> None:
    draft = one(("反馈问题", "问题描述", "整改措施", "整改时限"), ("甲", "乙", "丙", "2025-05-31"))
    assert [(f.title, m.text) for f in draft.findings for m in f.measures] == [("甲", "丙\n具体表现：乙")]
    assert [ask.where for ask in draft.asks] == ["台账!B列"]


def test_no_time_is_read_from_a_problem_that_stands_for_its_measure() -> None:
    assert measures(one(("反馈问题", "整改时限"), ("每月例会流于形式", "2025-05-31")))[0].hints == ()


def test_steps_still_to_come_are_noted_beside_the_measures() -> None:
    draft = one(("反馈问题", "整改措施", "整改时限", "下步措施"), ("甲", "乙", "2025-05-31", "继续推进"))
    assert [(m.text, m.state_note) for m in measures(draft)] == [("乙", "后续措施：继续推进")]


def test_positions_of_hints_hold_in_the_text() -> None:
    draft = one(("反馈问题", "整改措施", "整改时限"), ("甲", "1.压实责任\n2.局党组每月调度一次", "2025-05-31"))
    measure = measures(draft)[1]
    assert [measure.text[hint.start : hint.end] for hint in measure.hints] == [hint.phrase for hint in measure.hints]
    assert measure.hints[0].cadence is Cadence.MONTHLY


@pytest.mark.parametrize(
    "cell",
    ["办公室、人事科", "办公室，人事科", "办公室；人事科", "办公室/人事科", "办公室\n人事科", "办公室、 人事科、"],
)
def test_units_are_parted_by_any_usual_mark(cell: str) -> None:
    assert names_of(cell) == ("办公室", "人事科")
    assert units_of(cell) == (("办公室", "人事科"), ())


def test_a_unit_cell_that_names_lead_and_assisting_units() -> None:
    assert units_of("牵头单位：办公室；配合单位：人事科、财务科") == (("办公室",), ("人事科", "财务科"))


@pytest.mark.parametrize(
    "cell",
    [
        "办公室牵头，财务科、人事科配合",
        "办公室为牵头单位，财务科、人事科为配合单位",
        "办公室（牵头）、财务科、人事科",
        "办公室（财务科、人事科配合）",
        "牵头单位：办公室 配合单位：财务科、人事科",
        "办公室 财务科 人事科",
        "办公室+财务科+人事科",
        "1.办公室；2.财务科；3.人事科",
        "办公室、财务科、人事科按职责分工负责",
    ],
)
def test_who_leads_and_who_assists_however_it_is_said(cell: str) -> None:
    lead, assisting = units_of(cell)
    assert (*lead, *assisting) == ("办公室", "财务科", "人事科")
    assert lead[0] == "办公室"


def test_what_stands_in_brackets_parts_no_unit() -> None:
    assert units_of("县水利局（河长办、水政科）、县住建局") == (("县水利局（河长办、水政科）", "县住建局"), ())


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("责任人：张三", "张三"),
        ("张三13800000001李四13900000002", "张三、李四"),
        ("张三（局长），电话：0711-3830000", "张三(局长)"),
        ("张 三", "张 三"),
    ],
)
def test_people_without_their_labels_and_numbers(cell: str, names: str) -> None:
    assert people_of(cell) == names


def test_lead_and_assisting_units_of_their_columns() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "牵头单位", "配合单位", "责任领导")
    draft = one(header, ("甲", "乙", "2025-05-31", "办公室、人事科", "财务科；人事科", "李局长"))
    measure = measures(draft)[0]
    assert (measure.lead, measure.assisting, measure.leader) == ("办公室", ("人事科", "财务科"), "李局长")


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张三 13800000000", "张三"),
        ("张三（13800000000）、李四", "张三、李四"),
        ("张三\n0711-3812345", "张三"),
        ("张三，电话：138 0000 0000", "张三"),
        ("张三(短号 661234)", "张三"),
        ("13800000000", None),
        ("", None),
    ],
)
def test_telephone_numbers_are_dropped(cell: str, name: str | None) -> None:
    assert people_of(cell) == name


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("完善制度，堵塞漏洞", "完善制度"),
        ("学习。深入学习贯彻精神；开展研讨", "深入学习贯彻精神"),
        ("短句", "短句"),
        ("2.修订制度", "修订制度"),
        ("（1）修订制度；开展培训", "修订制度"),
        ("1.5万元退回", "1.5万元退回"),
        ("长" * 80, "长" * 39 + "…"),
    ],
)
def test_a_title_is_the_first_clause(text: str, title: str) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize("text", ["", "甲", "0", "1-0", "2025年", "1/2", "一百", "十十", "-1", "12345", "D3HB2025"])
def test_what_is_no_clean_number(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(("text", "number"), [("十", 10), ("十二", 12), ("二十", 20), ("三十五", 35), ("35", 35)])
def test_chinese_numbers(text: str, number: int) -> None:
    assert read_number(text) == (number, 0)
