"""One notice for each way offices lay theirs out, and for some odd ones: every problem and every measure is found."""

from datetime import date

import pytest

from intake.documents.reader import read_lines
from intake.draft import Draft
from intake.notices import notice_draft
from tests.intake.notices.nothing_is_lost_test import lost
from tests.intake.notices.reading import DATA, measures, notice

FORMS = {path.name[:2]: path for path in sorted((DATA / "forms").iterdir())}
DRAFTS: dict[str, Draft] = {name: notice_draft(read_lines(path), path.name) for name, path in FORMS.items()}

MEASURES = {
    "01": {"01": 2, "02": 2, "03": 1},
    "03": {"01": 2, "02": 2},
    "05": {"01": 1, "02": 1, "03": 1, "04": 1, "05": 1},
    "09": {"01": 2, "02": 2, "03": 1},
    "13": {"01": 3, "02": 2, "03": 1},
    "15": {"01": 3, "02": 2, "03": 2},
    "17": {"01": 2, "02": 2},
    "19": {"01": 1, "02": 3},
    "31": {"43": 2},
    "33": {"01": 1, "02": 1},
    "39": {},
    "41": {"01": 2, "02": 2},
    "43": {"01": 3, "02": 1},
    "45": {},
    "51": {"01": 2, "02": 2},
    "52": {"01": 1, "02": 1, "03": 1},
    "53": {"01": 1, "02": 1},
    "54": {"01": 2, "02": 2},
    "55": {"01": 2, "02": 2},
    "56": {"01": 1, "02": 1, "03": 1},
    "57": {"01": 1, "02": 1},
    "58": {"01": 1, "02": 1, "03": 1},
    "59": {"01": 1, "02": 1, "03": 1},
    "60": {"01": 2, "02": 2},
    "61": {"01": 2, "02": 2},
    "62": {"01": 2, "02": 1, "03": 1},
    "63": {"01": 2, "02": 2},
    "64": {"01": 2, "02": 2},
    "65": {"01": 2, "02": 1},
    "66": {"01": 2, "02": 2},
    "67": {"01": 2, "02": 1, "03": 2},
    "68": {"01": 2, "02": 2},
    "69": {"01": 1, "02": 1, "03": 1},
}
"""How many measures each problem has, by the notice's first two signs and the problem's code."""

NAMES = {
    "01": "中共某市卫生健康委员会党组",
    "03": "县卫健局党组",
    "05": "中共某市委",
    "09": "某市审计局",
    "41": "某市",
    "45": "某镇党委",
    "61": "某局党组",
    "63": "某区水务局",
}
LABELS = {"整改时限", "整改成效", "计划措施", "完成时限", "长期坚持", "任务一", "任务二", "问题一", "问题二"} | {
    "完成情况",
    "整改目标",
    "整改结果",
    "整改进展",
    "立行立改",
    "2025年12月底",
}


@pytest.mark.parametrize("name", MEASURES)
def test_every_problem_and_every_measure_is_found(name: str) -> None:
    assert {one.code: len(one.measures) for one in DRAFTS[name].findings} == MEASURES[name]


def test_every_form_is_tried() -> None:
    assert set(FORMS) == set(MEASURES)


@pytest.mark.parametrize("name", NAMES)
def test_whose_notice_it_is(name: str) -> None:
    assert DRAFTS[name].facts.organisation == NAMES[name]


@pytest.mark.parametrize("name", sorted(set(FORMS) - {"55", "58", "64"}))
def test_nothing_is_lost(name: str) -> None:
    assert set(lost(read_lines(FORMS[name]), DRAFTS[name])) <= LABELS


def test_the_notice_of_a_county_names_its_inspector() -> None:
    assert DRAFTS["03"].facts.inspector == "X县委巡察组"


def test_a_date_in_brackets_below_the_title_is_the_day_of_publication() -> None:
    assert DRAFTS["09"].facts.published_on == date(2024, 10, 15)


def test_my_own_bureau_is_no_name() -> None:
    assert notice("我局关于巡察整改情况的通报\n2023年5月20日反馈。").facts.organisation is None


def test_years_behind_a_number_are_dates() -> None:
    assert measures(DRAFTS["03"])[2].text == "2024年12月31日前完成改革方案"


def test_every_body_of_an_audit_has_its_own_measure() -> None:
    assert [hint.phrase for one in measures(DRAFTS["43"])[:3] for hint in one.hints] == [
        "2023年12月底前完成",
        "每季度开展资产盘点",
    ]


def test_the_day_of_a_goal_reaches_the_measures() -> None:
    first = measures(DRAFTS["41"])[0]
    assert [hint.due for hint in first.hints if not hint.cadence] == ["2025-12-31"]
    assert {one.due for one in measures(DRAFTS["31"])} == {date(2025, 6, 30)}


def test_the_day_of_a_goal_that_one_measure_names_is_not_asked_of_the_others() -> None:
    draft = notice("""
        突出问题整改验收公示
        一、整改任务
        污水集中处理设施建设滞后。
        二、整改目标
        2025年6月底前建成处理设施。
        三、整改措施
        （一）2025年6月底前完成二期工程建设。
        （二）每月抽测出水水质。
        青云县人民政府
        2025年1月3日
        """)
    assert [[hint.due for hint in one.hints if not hint.cadence] for one in measures(draft)] == [["2025-06-30"], []]
    assert draft.facts.organisation == "青云县人民政府"


def test_a_goal_without_a_limit_beside_it_gives_its_day() -> None:
    draft = notice("""
        突出问题整改验收公示
        一、整改任务
        废气治理设施不完善。
        二、整改目标
        2025年6月底前完成改造并稳定达标。
        三、整改措施
        1、安装设施。
        2、加强检查。
        四、整改完成情况
        2、检查12次。
    """)
    assert [[hint.due for hint in one.hints] for one in measures(draft)] == [["2025-06-30"], ["2025-06-30"]]
    assert [one.state_note for one in measures(draft)] == ["", "检查12次。"]


def test_what_is_promised_outside_the_problems_is_asked_about() -> None:
    asked = {(ask.where, ask.phrase) for ask in DRAFTS["13"].asks if "列为督办事项" in ask.ask}
    assert asked == {("第15行", "每两个月听取一次"), ("第16行", "2025年底前完成")}
    assert any(ask.phrase == "每两个月听取一次" for ask in DRAFTS["19"].asks)


def test_what_lies_behind_is_no_promise() -> None:
    draft = notice("""
        某局关于巡察整改情况的通报
        2024年6月20日反馈。
        一、关于学习不够的问题
        整改情况：组织学习。
        二、下一步工作
        2024年3月底前已完成清理，将持续巩固。
    """)
    assert not [ask for ask in draft.asks if "列为督办事项" in ask.ask]
