"""Which column holds what: context decides what may mean two things, and a person is asked."""

import pytest

from tests.intake.ledgers.sheets import fields, measures, one, read, sheet

LEDGERS_IN_USE = {
    "detail of an inspection system": (
        "项目名称 问题描述 整改任务具体要求 目前进展情况及存在问题 责任人 牵头人 责任单位 牵头单位 整改时限 状态",
        {"问题描述": "problem", "整改任务具体要求": "measure", "目前进展情况及存在问题": "progress",
         "责任人": "handler", "牵头人": "handler", "责任单位": "assisting", "牵头单位": "lead", "状态": "state"},
    ),
    "supervision list of a company": (
        "序号 任务来源 任务内容 任务状态 牵头部门 协办部门 任务目标 计划完成时间 实际完成时间 实际完成情况 延期说明",
        {"任务内容": "measure", "任务状态": "state", "牵头部门": "lead", "协办部门": "assisting", "任务目标": "goal",
         "计划完成时间": "limit", "实际完成时间": "done_on", "实际完成情况": "progress", "延期说明": "extension"},
    ),
    "clue ledger": (
        "编号 问题线索性质 问题线索概要 整改责任单位 整改时限 整改情况（月） 存在问题 下步措施 整改完成情况 牵头单位",
        {"问题线索概要": "problem", "整改责任单位": "assisting", "存在问题": "difficulty", "下步措施": "measure",
         "整改情况（月）": "progress", "整改完成情况": "progress"},
    ),
    "publicity of a closure": (
        "整改问题 整改实施主体 重点措施 目标任务 完成时限 整改完成情况",
        {"整改问题": "problem", "整改实施主体": "lead", "重点措施": "measure", "目标任务": "goal", "完成时限": "limit",
         "整改完成情况": "progress"},
    ),
    "publicity of an acceptance": (
        "整改任务（序号43） 整改措施 整改完成情况 联系人 手机",
        {"整改任务（序号43）": "problem", "整改措施": "measure", "整改完成情况": "progress"},
    ),
    "task list": (
        "整改任务 整改措施 整改目标 整改责任单位 整改时限",
        {"整改任务": "problem", "整改措施": "measure", "整改目标": "goal", "整改责任单位": "lead", "整改时限": "limit"},
    ),
    "three lists in one": (
        "序号 反馈问题 整改措施 牵头领导 牵头单位 参与单位 取得明显成效时限",
        {"牵头领导": "leader", "牵头单位": "lead", "参与单位": "assisting", "取得明显成效时限": "limit"},
    ),
    "district ledger": (
        "问题内容 整改措施 整改时限 责任人",
        {"问题内容": "problem", "整改措施": "measure", "整改时限": "limit", "责任人": "handler"},
    ),
    "division of tasks": (
        "序号 问题 措施 责任领导 责任处室 经办人",
        {"责任领导": "leader", "责任处室": "lead", "经办人": "handler"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("ledger", LEDGERS_IN_USE)
def test_the_columns_of_a_ledger_in_use(ledger: str) -> None:
    header, expected = LEDGERS_IN_USE[ledger]
    draft = one(header.split(), [f"内容{place}" for place, _ in enumerate(header.split())])
    assert {name: fields(draft)[name] for name in expected} == expected


def test_an_ambiguous_column_is_asked_about_at_its_place() -> None:
    draft = one(("序号", "整改任务", "整改措施"), ("1", "甲", "乙"))
    column = draft.mapping[1]
    assert (column.field, column.certain) == ("problem", False)
    ask = next(ask for ask in draft.asks if ask.where == "台账!B列")
    assert (ask.phrase, ask.suggest) == ("整改任务", "暂按“反馈问题”读入")
    assert "措施" in ask.ask


def test_every_column_that_is_not_certain_is_asked_about() -> None:
    draft = one(
        ("序号", "整改任务", "存在问题", "完成时间", "市级牵头单位", "责任单位", "整改期限", "整改时限"), ("1",) * 8
    )
    unsure = {f"台账!{column.column}列" for column in draft.mapping if not column.certain}
    assert unsure == {ask.where for ask in draft.asks if ask.where.endswith("列")}
    assert unsure == {"台账!B列", "台账!C列", "台账!D列", "台账!E列", "台账!F列", "台账!G列"}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("市级牵头单位", "lead"),
        ("整改措施及责任分工", "measure"),
        ("2025年整改时限", "limit"),
        ("问题和成因分析", "problem"),
        ("1月进展", "progress"),
        ("市县两级举措", "measure"),
        ("分管片区领导", "leader"),
        ("全部完成期限", "limit"),
    ],
)
def test_a_longer_header_is_taken_for_what_it_ends_or_begins_with_and_asked_about(header: str, field: str) -> None:
    draft = one(("序号", "甲栏", "整改目标", header, "反馈问题" if field != "problem" else "整改措施"), ("1",) * 5)
    column = draft.mapping[3]
    assert (column.field, column.certain) == (field, False)
    assert "台账!D列" in {ask.where for ask in draft.asks}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("责任人及联系电话", "handler"),
        ("整改目标及措施", "measure"),
        ("需协调解决的问题", "difficulty"),
        ("计划办结时间", "limit"),
        ("整改进度（%）", "percent"),
        ("隐患描述", "detail"),
        ("No.", None),
    ],
)
def test_spellings_whose_end_says_something_else(header: str, field: str | None) -> None:
    draft = one(("序号", "反馈问题", header), ("1", "甲", "乙"))
    assert fields(draft)[header] == field


def test_a_column_that_only_counts_problems_names_none() -> None:
    header = ("序号", "责任单位", "反馈问题", "整改措施", "完成率")
    summary = sheet(header, ("1", "办公室", "3", "5条", "40%"), ("2", "财务科", "2", "4条", "50%"), name="汇总")
    draft = read(summary, sheet(("反馈问题", "整改措施"), ("甲", "乙")))
    assert [finding.title for finding in draft.findings] == ["甲"]
    assert ("汇总", "没有问题和措施，2行没有读入") in [(left.where, left.text) for left in draft.unplaced]


def test_difficulties_beside_problems_and_problems_without() -> None:
    assert fields(one(("反馈问题", "整改措施", "存在问题"), ("甲", "乙", "丙")))["存在问题"] == "difficulty"
    assert fields(one(("存在问题", "整改措施"), ("甲", "乙")))["存在问题"] == "problem"


@pytest.mark.parametrize(
    ("cells", "field", "certain"),
    [
        (("已完成", "整改中"), "state", False),
        (("已完成，长期坚持", "未完成"), "state", False),
        (("已完成", "印发了制度"), "progress", True),
        (("印发了制度", ""), "progress", True),
    ],
)
def test_a_completion_column_is_a_state_only_where_every_cell_is_one(cells: tuple, field: str, certain: bool) -> None:
    rows = [("反馈问题", "整改措施", "整改完成情况"), *((f"问题{cell}", "措施", cell) for cell in cells)]
    column = one(*rows, ("合计", "2条", "")).mapping[2]
    assert (column.field, column.certain) == (field, certain)


def test_a_completion_column_beside_a_state_column_is_the_progress() -> None:
    draft = one(("反馈问题", "整改措施", "整改完成情况", "整改状态"), ("甲", "乙", "已完成", "已销号"))
    assert [(m.state, m.state_note) for m in measures(draft)] == [("closed", "已完成")]


def test_the_one_limit_is_the_usual_spelling_and_the_other_is_asked_about() -> None:
    draft = one(("反馈问题", "整改措施", "办结时限", "整改时限"), ("甲", "乙", "2025-09-30", "2025-05-31"))
    assert fields(draft)["办结时限"] is None
    assert str(measures(draft)[0].due) == "2025-05-31"
    assert [ask.phrase for ask in draft.asks] == ["办结时限"]


def test_unknown_columns_are_listed_and_their_content_is_told() -> None:
    draft = one(("反馈问题", "整改措施", "星级", "佐证材料", ""), ("甲", "乙", "三星", "", "无头"))
    assert [(c.header, c.field) for c in draft.mapping[2:]] == [("星级", None), ("佐证材料", "evidence"), ("", None)]
    assert [(left.where, left.text) for left in draft.unplaced] == [
        ("台账!C列", "星级：共1格未读入，如“三星”"),
        ("台账!E列", "（无表头）：共1格未读入，如“无头”"),
    ]


def test_one_header_merged_over_two_columns_is_one_field() -> None:
    draft = one(
        ("反馈问题", "整改措施", "整改措施", "整改时限"), ("甲", "乙", "丙", "2025-05-31"), ("丁", "戊", "戊", "")
    )
    assert [m.text for m in measures(draft)] == ["乙\n丙", "戊"]
