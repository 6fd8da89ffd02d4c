"""Sheets that offices lay out in their own way: read where that is sure, asked about where it is not."""

from datetime import date

import pytest

from intake.documents import Grid
from tests.intake.ledgers.sheets import measures, one, read, sheet

HEADER = ("序号", "反馈问题", "整改措施", "整改时限", "责任单位")
SHORT = HEADER[:4]
RECORDS = {
    "one pair in a row": sheet(
        ("督办单",),
        ("督办事项", "河道治理不到位"),
        ("整改措施", "清理河道垃圾"),
        ("完成时限", "2025年6月30日"),
        ("责任单位", "水政科"),
        name="督办单",
    ),
    "two pairs in a row": sheet(
        ("督办通知单", "", "", ""),
        ("反馈问题", "河道治理不到位", "责任单位", "水政科"),
        ("整改措施", "清理河道垃圾", "完成时限", "2025年6月30日"),
        name="督办单",
    ),
    "a value over merged cells": sheet(
        ("反馈问题", "河道治理不到位", "", ""),
        ("整改措施", "清理河道垃圾", "", ""),
        ("责任单位", "水政科", "完成时限", date(2025, 6, 30)),
        name="督办单",
        merged=[(0, 1, 0, 3), (1, 1, 1, 3)],
    ),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
def test_a_record_down_the_sheet_is_one_measure(record: Grid) -> None:
    draft = read(record)
    [finding] = draft.findings
    [measure] = finding.measures
    assert (finding.title, measure.text, measure.lead) == ("河道治理不到位", "清理河道垃圾", "水政科")
    assert measure.due == date(2025, 6, 30)
    assert any("竖排" in ask.ask for ask in draft.asks)


def card(number: int, problem: str, limit: str) -> tuple[tuple[str, ...], ...]:
    return (
        (f"第{number}号交办单", "", "", ""),
        ("编号", str(number), "责任领导", ""),
        ("反馈问题", problem, "", ""),
        ("整改措施", "清理河道垃圾", "责任单位", "水政科"),
        ("完成时限", limit, "签收人", "张三"),
    )


def test_cards_one_below_the_other_are_a_measure_each() -> None:
    draft = read(sheet(*card(1, "甲", "2025年5月底"), *card(2, "乙", "2025年13月"), *card(3, "丙", ""), name="交办单"))
    assert [(f.code, f.title) for f in draft.findings] == [("01", "甲"), ("03", "丙")]
    assert [(error.row, error.column, error.value) for error in draft.errors] == [(10, "F 完成时限", "2025年13月")]
    assert [ask.ask for ask in draft.asks if "竖排" in ask.ask] == [
        "这张表是竖排的一份单子，已按3项措施读入，是否正确？"
    ]
    told = " ".join(left.text for left in draft.unplaced)
    assert all(text in told for text in ("第2号交办单", "第3号交办单", "签收人：共3格未读入"))


def test_a_label_alone_has_its_value_below() -> None:
    rows = (("反馈问题",), ("河道治理不到位",), ("整改措施",), ("清理河道垃圾",), ("完成时限",), ("2025年6月底",))
    assert [(m.text, m.due) for m in measures(one(*rows))] == [("清理河道垃圾", date(2025, 6, 30))]


ACROSS = (
    ("某局整改对照表", "", "", ""),
    ("序号", "1", "2", "3"),
    ("反馈问题", "甲", "乙", "丙"),
    ("整改措施", "改甲", "改乙", "改丙"),
    ("整改时限", date(2025, 5, 31), "2025年6月底", ""),
    ("责任单位", "办公室", "财务科", ""),
    ("填报人：张三", "", "", ""),
)


def test_records_side_by_side_are_a_measure_each() -> None:
    draft = read(sheet(*ACROSS, merged=[(0, 0, 0, 3)]))
    assert [(f.code, f.title, f.measures[0].text) for f in draft.findings] == [
        ("01", "甲", "改甲"),
        ("02", "乙", "改乙"),
        ("03", "丙", "改丙"),
    ]
    assert [(m.due, m.lead) for m in measures(draft)[:2]] == [
        (date(2025, 5, 31), "办公室"),
        (date(2025, 6, 30), "财务科"),
    ]
    assert draft.facts.title == "某局整改对照表"
    assert [left.text for left in draft.unplaced] == ["签署行：填报人：张三"]
    assert any("每一栏是一项" in ask.ask for ask in draft.asks)


@pytest.mark.parametrize(
    "guide",
    [
        (("反馈问题", "按原文填写"), ("整改措施", "逐条填写"), ("整改时限", "填写到月，如2025年5月底前")),
        (
            ("栏目", "填写要求", "示例"),
            ("反馈问题", "按原文填写", "党建弱化"),
            ("整改措施", "逐条填写", "开展学习"),
            ("整改时限", "填写到月", "2025年5月底前"),
        ),
    ],
)
def test_a_sheet_that_explains_the_columns_is_no_record(guide: tuple[tuple[str, ...], ...]) -> None:
    draft = read(sheet(*guide, name="填表说明"), sheet(HEADER, ("1", "甲", "措施甲", "2025年6月底", "办公室")))
    assert ([f.title for f in draft.findings], draft.errors) == (["甲"], ())
    assert [left.where for left in draft.unplaced] == ["填表说明"]


TICKS = (
    ("序号", "反馈问题", "整改措施", "整改时限", "已完成", "正在整改", "未启动"),
    ("1", "甲", "措施甲", "2025年6月底", "√", "", ""),
    ("2", "乙", "措施乙", "2025年6月底", "", "✓", ""),
    ("3", "丙", "措施丙", "2025年6月底", "", "", "√"),
    ("4", "丁", "措施丁", "2025年6月底", "", "", ""),
)


def test_a_tick_below_a_state_is_that_state() -> None:
    states = [found.state for found in measures(one(*TICKS))]
    assert states == ["done_claimed", "in_progress", "not_started", None]


def test_two_ticks_in_a_row_are_an_error() -> None:
    draft = one(*TICKS, ("5", "戊", "措施戊", "2025年6月底", "√", "√", ""))
    assert [(error.row, error.why) for error in draft.errors] == [(6, "同时写了几种整改状态；请只保留一种")]
    assert len(draft.findings) == 4


def test_ticks_below_a_group_are_read_too() -> None:
    group = ("序号", "反馈问题", "整改措施", "整改时限", "整改情况", "", "")
    draft = read(sheet(group, *TICKS, merged=[(0, column, 1, column) for column in range(4)] + [(0, 4, 0, 6)]))
    assert measures(draft)[0].state == "done_claimed"


def test_the_unit_of_a_sheet_leads_and_is_asked_about() -> None:
    draft = read(
        sheet(SHORT, ("1", "甲", "措施甲", "2025年6月底"), name="办公室"),
        sheet(("责任单位：水政科",), SHORT, ("1", "乙", "措施乙", "2025年6月底"), name="Sheet2"),
    )
    assert [found.lead for found in measures(draft)] == ["办公室", "水政科"]
    assert {ask.where for ask in draft.asks if "没有责任单位一栏" in ask.ask} == {"办公室", "Sheet2"}
    assert draft.facts.organisation is None


def test_no_unit_is_made_of_any_other_name() -> None:
    assert measures(read(sheet(SHORT, ("1", "甲", "措施甲", "2025年6月底"), name="整改台账")))[0].lead is None


def test_two_tables_on_one_sheet_are_both_read() -> None:
    row = ("1", "甲", "措施甲", "2025年6月底", "办公室"), ("1", "乙", "措施乙", "2025年9月底", "财务科")
    draft = one(("一、立行立改问题",), HEADER, row[0], (), ("二、限期整改问题",), HEADER, row[1])
    assert [(found.lead, found.due) for found in measures(draft)] == [
        ("办公室", date(2025, 6, 30)),
        ("财务科", date(2025, 9, 30)),
    ]


def test_two_tables_side_by_side_are_both_read() -> None:
    header = ("序号", "反馈问题", "整改措施", "整改时限")
    draft = one(
        (*header, "", *header),
        ("1", "甲", "改甲", "2025年5月底", "", "3", "丙", "改丙", "2025年7月底"),
        ("2", "乙", "改乙", "2025年6月底", "", "4", "丁", "改丁", "2025年13月"),
    )
    assert [(f.code, f.title, f.measures[0].text) for f in draft.findings] == [
        ("01", "甲", "改甲"),
        ("02", "乙", "改乙"),
        ("03", "丙", "改丙"),
    ]
    assert [(error.row, error.column) for error in draft.errors] == [(3, "I 整改时限")]


def test_a_column_of_numbers_without_a_header_counts_the_rows() -> None:
    draft = one(("", "反馈问题", "整改措施"), ("1", "甲", "改甲"), ("", "", "再改甲"), ("2", "乙", "改乙"))
    assert [(f.code, len(f.measures)) for f in draft.findings] == [("01", 2), ("02", 1)]
    assert [(ask.where, ask.phrase) for ask in draft.asks[:1]] == [("台账!A列", "（无表头）")]


def test_a_header_in_the_sixth_row_is_found() -> None:
    above = (("某局巡察整改台账",), ("填报单位：某局",), ("填报日期：2025年3月1日",), (), ("单位：万元",))
    draft = one(*above, HEADER, ("1", "甲", "措施甲", "2025年6月底", "办公室"))
    assert (len(draft.findings), draft.facts.organisation) == (1, "某局")


def test_who_leads_and_who_helps_in_one_cell() -> None:
    draft = one(
        HEADER,
        ("1", "甲", "措施甲", "2025年6月底", "牵头：办公室；配合：财务科、人事科"),
        ("2", "乙", "措施乙", "2025年6月底", "牵头单位:水政科\n配合单位:规划科"),
    )
    assert [(found.lead, found.assisting) for found in measures(draft)] == [
        ("办公室", ("财务科", "人事科")),
        ("水政科", ("规划科",)),
    ]


def test_two_lines_in_a_limit_are_the_last_day_and_a_question() -> None:
    draft = one(HEADER, ("1", "甲", "措施甲", "2025年6月底前完成整改\n2025年12月底前巩固提升", "办公室"))
    assert measures(draft)[0].due == date(2025, 12, 31)
    assert any("几个日期" in ask.ask for ask in draft.asks)


def test_numbers_of_several_levels_are_counted_anew() -> None:
    rows = [
        (number, f"问题{number}", "措施", "2025年6月底", "办公室") for number in ("一（一）1", "一（一）2", "一（二）1")
    ]
    assert [finding.code for finding in one(HEADER, *rows).findings] == ["01", "02", "03"]


def test_progress_in_per_cent_is_told_with_the_state() -> None:
    draft = one((*HEADER, "完成进度"), ("1", "甲", "措施甲", "2025年6月底", "办公室", "60%"))
    assert measures(draft)[0].state_note == "进度60%"


def test_columns_below_one_header_of_measures_are_read_together_and_asked_about() -> None:
    upper = ("序号", "反馈问题", "整改措施", "", "整改时限")
    lower = ("", "", "短期措施", "长效机制", "")
    draft = read(
        sheet(
            upper,
            lower,
            ("1", "河道不清", "2025年7月底前完成清淤。", "建立制度，每季度通报水质。", "2025年9月底"),
            ("2", "油烟扰民", "逐一排查。", "", "2025年8月底"),
            merged=[(0, column, 1, column) for column in (0, 1, 4)] + [(0, 2, 0, 3)],
        )
    )
    texts = [one.text.replace("\n", "") for one in measures(draft)]
    assert "".join(texts) == "2025年7月底前完成清淤。建立制度，每季度通报水质。逐一排查。"
    assert [hint.cadence for one in measures(draft) for hint in one.hints if hint.cadence] == ["quarterly"]
    assert [ask.where for ask in draft.asks][:2] == ["台账!C列", "台账!D列"]
    assert not any("未读入" in one.text for one in draft.unplaced)
