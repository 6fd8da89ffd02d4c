"""Finding the header: under titles, over several rows, on several sheets, again in the middle."""

from dataclasses import replace

import pytest

from intake.documents import Unseen
from intake.ledgers import ledger_draft
from tests.intake.ledgers.sheets import HEADER, fields, measures, one, read, sheet
from text.refusals import Refusal

ROW = ("1", "学习不深入", "制定学习计划", "2025年5月31日", "办公室", "张三", "整改中")


def test_a_plain_header_in_the_first_row() -> None:
    draft = one(HEADER, ROW)
    assert [column.as_dict() for column in draft.mapping][2] == {
        "sheet": "台账", "column": "C", "header": "整改措施", "field": "measure", "certain": True,
    }  # fmt: skip
    assert list(fields(draft).values()) == ["number", "problem", "measure", "limit", "lead", "handler", "state"]
    assert measures(draft)[0].source == "台账!2"


def test_titles_and_blank_rows_above_the_header() -> None:
    title = ("某局党组巡察整改台账（截至2025年5月）",)
    draft = read(sheet(title, ("",), ("填报单位：某市某局",), HEADER, ROW, merged=[(0, 0, 0, 6), (2, 0, 2, 6)]))
    assert measures(draft)[0].source == "台账!5"
    assert draft.facts.title == title[0]
    assert [(left.where, left.text) for left in draft.unplaced] == [("台账!3", "表头上方：填报单位：某市某局")]


def test_lines_above_that_hold_known_words_are_no_group_of_the_header() -> None:
    above = (("附件1",), ("巡察整改台账",), ("填报单位：某局", "", "填报时间：2025年4月30日"))
    draft = one(*above, (*HEADER, "具体情况"), (*ROW, ""))
    assert list(fields(draft))[:3] == ["序号", "反馈问题", "整改措施"]
    assert (draft.facts.organisation, str(draft.facts.published_on)) == ("某局", "2025-04-30")


def test_a_two_row_header_with_merged_groups() -> None:
    upper = ("序号", "反馈问题", "整改措施", "责任分工", "责任分工", "整改时限")
    lower = ("", "", "", "责任单位", "责任人", "")
    down = [(0, column, 1, column) for column in (0, 1, 2, 5)]
    row = ("1", "学习不深入", "制定学习计划", "办公室", "张三", "2025年5月31日")
    draft = read(sheet(upper, lower, row, merged=[*down, (0, 3, 0, 4)]))
    assert fields(draft) == {
        "序号": "number", "反馈问题": "problem", "整改措施": "measure",
        "责任分工/责任单位": "lead", "责任分工/责任人": "handler", "整改时限": "limit",
    }  # fmt: skip
    assert [(m.lead, m.handler, m.source) for m in measures(draft)] == [("办公室", "张三", "台账!3")]


def test_a_two_row_header_without_merged_cells_as_in_csv() -> None:
    upper = ("序号", "反馈问题", "整改措施", "牵头", "", "整改时限")
    lower = ("", "", "", "领导", "单位", "")
    draft = one(upper, lower, ("1", "学习不深入", "制定学习计划", "李局长", "办公室", "2025年5月31日"))
    assert fields(draft)["牵头/领导"] == "leader"
    assert fields(draft)["牵头/单位"] == "lead"
    assert [(m.leader, m.lead) for m in measures(draft)] == [("李局长", "办公室")]


def test_a_three_row_header() -> None:
    top = ("整改台账",) * 4
    middle = ("序号", "问题与措施", "问题与措施", "整改时限")
    bottom = ("序号", "反馈问题", "整改措施", "整改时限")
    ranges = [(0, 0, 0, 3), (1, 1, 1, 2), (1, 0, 2, 0), (1, 3, 2, 3)]
    draft = read(sheet(top, middle, bottom, ("1", "甲", "乙", "2025-05-31"), merged=ranges))
    assert [(f.title, f.measures[0].text) for f in draft.findings] == [("甲", "乙")]
    assert len(measures(draft)) == 1


def test_a_header_that_explains_how_to_fill_the_column_in() -> None:
    long = "整改时限\n（请填写年月日，如2025年5月31日；长期坚持的，请先填写阶段性完成的日期，再写明长期坚持，不得空缺）"
    draft = one(("序号", "反馈问题", "整改措施", long), ("1", "甲", "乙", "2025年5月31日"))
    assert draft.mapping[3].field == "limit"


def test_a_repeated_header_is_no_measure_and_ends_nothing() -> None:
    below = ("", "", "完善制度", "2025年6月30日", "人事科", "李四", "整改中")
    draft = one(HEADER, ROW, HEADER, below)
    assert [(f.title, [m.source for m in f.measures]) for f in draft.findings] == [("学习不深入", ["台账!2", "台账!4"])]
    assert draft.errors == ()
    assert draft.unplaced == ()


def test_a_second_table_with_other_columns_on_the_same_sheet() -> None:
    draft = one(
        HEADER, ROW, (), ("第二部分",), ("问题描述", "主办单位", "重点措施"), ("制度不全", "法规科", "修订制度")
    )
    assert [(m.lead, m.text, m.source) for m in measures(draft)] == [
        ("办公室", "制定学习计划", "台账!2"),
        ("法规科", "修订制度", "台账!6"),
    ]


def test_several_sheets_each_with_its_own_header() -> None:
    other = sheet(("问题描述", "重点措施", "主办单位"), ("制度不全", "修订制度", "法规科"), name="第二批")
    draft = read(sheet(HEADER, ROW), other)
    assert [(f.code, f.measures[0].source) for f in draft.findings] == [("01", "台账!2"), ("02", "第二批!2")]
    assert {column.sheet for column in draft.mapping} == {"台账", "第二批"}


def test_covers_explanations_and_hidden_sheets_are_told_and_not_read() -> None:
    cover = sheet(("某局党组巡察整改台账",), ("2025年5月12日",), name="封面")
    notes = sheet(("填表说明",), ("请如实填写",), name="说明")
    hidden = sheet(HEADER, ROW, name="旧表")
    hidden = type(hidden)(hidden.name, hidden.rows, hidden.merged, hidden=True)
    draft = read(cover, sheet(HEADER, ROW), notes, hidden, sheet(name="Sheet3"))
    assert len(measures(draft)) == 1
    assert [left.where for left in draft.unplaced] == ["旧表", "封面", "说明"]
    assert draft.facts.title == "某局党组巡察整改台账"
    assert str(draft.facts.published_on) == "2025-05-12"


def test_a_sheet_of_examples_is_told_and_not_read_beside_a_ledger() -> None:
    example, ledger = sheet(HEADER, ROW, name="填报示例"), sheet(HEADER, ("1", "甲", *ROW[2:]), name="台账")
    draft = read(example, ledger)
    assert [finding.title for finding in draft.findings] == ["甲"]
    assert [(left.where, left.text) for left in draft.unplaced] == [("填报示例", "示例工作表，没有读入")]
    assert [finding.title for finding in read(example).findings] == ["学习不深入"]


def test_hidden_rows_and_columns_are_read_and_asked_about() -> None:
    rows = (
        ("序号", "反馈问题", "整改措施", "密级"),
        ("1", "甲", "改甲", "无"),
        ("2", "乙", "改乙", "无"),
        ("", "", "", ""),
    )
    draft = read(replace(sheet(*rows), unseen=Unseen(rows=(1, 2, 3), columns=(1,))))
    assert [finding.title for finding in draft.findings] == ["甲", "乙"]
    assert [ask.ask for ask in draft.asks if ask.phrase == "隐藏的行列"] == [
        "第2行等2行、B列是隐藏的，已照常读入，是否都要？"
    ]


def test_a_workbook_without_a_header_is_refused_with_what_was_seen_and_what_is_known() -> None:
    with pytest.raises(Refusal) as refused:
        one(("姓名", "年龄", "电话"), ("张三", "30", "1"))
    assert refused.value.code == "ledger_no_header"
    said = str(refused.value)
    assert [
        word for word in ("台账.xlsx", "姓名、年龄、电话", "反馈问题", "整改措施", "整改时限") if word not in said
    ] == []


def test_a_list_of_people_alone_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        one(("序号", "责任人", "责任部门", "责任单位", "牵头人"), ("1", "张三", "办公室", "某局", "李四"))
    assert refused.value.code == "ledger_no_header"


@pytest.mark.parametrize("sheets", [(), (sheet(name="空"),)])
def test_an_empty_workbook_is_refused(sheets: tuple) -> None:
    with pytest.raises(Refusal) as refused:
        ledger_draft(sheets, "空.xlsx")
    assert refused.value.code == "ledger_no_header"
