"""The vocabulary of ledgers: every spelling in use is known, and a person who extends it is told what is wrong."""

from pathlib import Path

import pytest

from intake.draft import Draft
from intake.grammar_files import GRAMMAR_FOLDER
from intake.ledgers import ledger_draft
from intake.ledgers.column_vocabulary import load_columns
from plan.yaml_reader import FileProblems
from tests.intake.ledgers.sheets import sheet

SEEN_IN_USE = {
    "number": "序号 编号 任务id 受理编号",
    "problem": "反馈问题 整改问题 问题描述 问题简述 问题内容 交办问题基本情况 问题线索概要 存在问题",
    "goal": "整改目标 目标任务 任务目标",
    "measure": "整改措施 重点措施 整改任务具体要求 下步措施",
    "limit": "整改时限 整改期限 完成时限 整改完成时限 问题整改完成时限 计划完成时间 办理期限 办结时限 完成时间",
    "done_on": "实际完成时间 销号时间 实际县级验收时间 实级市级验收时间",
    "leader": "责任领导 牵头领导 分管领导 责任区领导",
    "lead": "牵头单位 牵头部门 主办单位 整改实施主体",
    "assisting": "配合单位 配合部门 参与单位 协办部门 协办单位 涉及部门",
    "handler": "责任人 整改责任人 经办人 主办人 承办人 牵头人 联络员",
    "progress": "进展情况 整改进度 整改情况 整改情况（月） 整改落实情况 整改完成情况 实际完成情况 处理和整改情况",
    "state": "整改状态 任务状态 是否办结 整改完成情况",
    "result": "整改成效 整改结果",
    "evidence": "佐证材料 完成附件文件 销号材料 台账资料",
    "extension": "延期说明 延期申请",
}
RESPONSIBLE = "责任单位 整改责任单位 责任部门 责任处室 责任站办 承办单位"


@pytest.mark.parametrize(("field", "spelling"), [(f, s) for f, all_ in SEEN_IN_USE.items() for s in all_.split()])
def test_a_spelling_seen_in_use_may_mean_its_concept(field: str, spelling: str) -> None:
    sense = load_columns().sense(spelling)
    assert sense is not None
    assert field in sense.possible


@pytest.mark.parametrize("spelling", RESPONSIBLE.split())
def test_a_responsible_unit_leads_or_assists(spelling: str) -> None:
    sense = load_columns().sense(spelling)
    assert sense is not None
    assert set(sense.possible) == {"lead", "assisting"}


@pytest.mark.parametrize(
    "spelling", ["整改\n时限", "整 改 时 限", "整改时限（截止日）", "整改时限(截止日)", "*整改时限：", "整改时限1"]
)
def test_spaces_line_ends_brackets_and_widths_do_not_matter(spelling: str) -> None:
    assert load_columns().sense(spelling) == load_columns().sense("整改时限")


def test_a_numbered_task_header_is_the_task_header() -> None:
    assert load_columns().sense("整改任务（序号43）") == load_columns().sense("整改任务")


def extended(tmp_path: Path, old: str, new: str) -> Path:
    shipped = (GRAMMAR_FOLDER / "columns.yaml").read_text(encoding="utf-8")
    assert old in shipped
    path = tmp_path / "columns.yaml"
    path.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    return path


def with_columns(path: Path, *header: str) -> Draft:
    return ledger_draft((sheet(header, ("1", "问题甲", "措施甲")),), "台账.xlsx", columns=load_columns(path))


def test_an_office_adds_its_own_spelling(tmp_path: Path) -> None:
    path = extended(tmp_path, "measure: [整改措施,", "measure: [整改措施, 咋整,")
    assert with_columns(path, "序号", "反馈问题", "咋整").findings[0].measures[0].text == "措施甲"


WRONG = [
    ("measure: [整改措施,", "measure: [整改措施, 整改时限,", "“整改时限”已写在"),
    ("measure: [整改措施,", "measure: [整改措施, 整 改 措 施：,", "“整 改 措 施：”已写在"),
    ("  measure: [整改措施,", "  remedy: [整改措施,", "remedy"),
    ("measure: [整改措施,", "measure: [整改措施, ' ',", "fields measure 第2项"),
    ("{field: difficulty, when: problem}", "{field: difficulty, when: porblem}", "是否应为“problem”"),
    ("{field: lead, certain: true}", "{field: lead, when: goal}", "最后一条须无条件成立"),
    ("  goal: [整改目标,", "  number: [号码]\n  goal: [整改目标,", "写了两次"),
    ("fields:\n", "fields: [\n", "columns.yaml"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_bad_entry_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = extended(tmp_path, old, new)
    with pytest.raises(FileProblems) as refused:
        load_columns(path)
    assert told in str(refused.value)
    assert str(refused.value).startswith("columns.yaml:")


def test_a_missing_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblems, match="没有这个文件"):
        load_columns(tmp_path / "none.yaml")
