"""Who answers for a measure of a notice: units as they are written, who leads and who assists, under every label."""

import pytest

from tests.intake.notices.reading import measures, notice

UNITS = {
    "责任单位：各县（市、区）政府": ("各县（市、区）政府", ()),
    "责任单位：各县(市、区)政府、市住建局": ("各县(市、区)政府", ("市住建局",)),
    "责任单位：市住建局，各镇（街道、园区）": ("市住建局", ("各镇（街道、园区）",)),
    "责任单位：市生态环境局牵头，市住建局、各镇配合": ("市生态环境局", ("市住建局", "各镇")),
    "责任单位：市水利局牵头，各县（市、区）政府配合": ("市水利局", ("各县（市、区）政府",)),
    "责任单位：办公室（财务科、人事科配合）": ("办公室", ("财务科", "人事科")),
    "牵头单位：甲局\n配合单位：各县（市、区）政府、乙局": ("甲局", ("各县（市、区）政府", "乙局")),
    "主责单位：甲局": ("甲局", ()),
    "主责部门：甲科": ("甲科", ()),
    "整改单位：甲局、乙局": ("甲局", ("乙局",)),
    "承办科室：甲科": ("甲科", ()),
    "市级责任单位：市水利局": ("市水利局", ()),
    "省级牵头单位：省水利厅": ("省水利厅", ()),
    "牵头责任单位：甲局": ("甲局", ()),
}


@pytest.mark.parametrize("label", UNITS)
def test_the_units_of_a_measure(label: str) -> None:
    (measure,) = measures(notice(f"某市整改方案\n1.关于管网不够的问题\n整改措施：完成排查。\n{label}"))
    assert measure.text == "完成排查。"
    assert (measure.lead, measure.assisting) == UNITS[label]


@pytest.mark.parametrize("label", ["分管市领导", "督办领导", "分管县领导", "包案领导", "牵头领导"])
def test_the_leader_of_a_measure(label: str) -> None:
    (measure,) = measures(notice(f"某市整改方案\n1.关于管网不够的问题\n整改措施：完成排查。\n{label}：王某某"))
    assert measure.leader == "王某某"
    assert measure.text == "完成排查。"


def test_in_brackets_behind_a_task_too() -> None:
    draft = notice("""
        某市整改方案
        1.关于管网不够的问题
        整改措施：
        （1）完成排查。（牵头单位：甲局；配合单位：各县（市、区）政府）
        """)
    (measure,) = measures(draft)
    assert (measure.lead, measure.assisting) == ("甲局", ("各县（市、区）政府",))
