"""Twenty-four published notices, most of them openings: read without a fault, with the numbers they state."""

from datetime import date

import pytest

from intake.draft import Draft
from tests.intake.notices.reading import NOTICES, measures, read

DRAFTS = {path.name[:2]: read(path) for path in NOTICES}

COUNTS = {
    "02": {"problems": 18, "aspects": 6, "measures": 164},
    "06": {"problems": 25, "closed": 19, "open": 6},
    "10": {"problems": 697, "closed": 688, "staged": 4, "open": 5},
    "14": {"aspects": 6, "measures": 186},
    "22": {"items": 11, "problems": 31, "measures": 86},
    "28": {"problems": 79, "measures": 427, "units": 54},
    "40": {"problems": 43, "measures": 141, "aspects": 4},
    "46": {"aspects": 4, "items": 13, "problems": 26, "measures": 29},
}

FINDINGS = {
    "02": ("关于“职能作用发挥不充分”问题的整改", 1),
    "06": ("关于“学思践悟……不深不透。未组织学习2021年某行动方案，结合本地公共文化实际〔摘录止〕", 0),
    "07": ("关于少数领导干部不守政治规矩的问题", 2),
    "08": ("关于“第一轮督察反馈指出，一些地方和部门推进环保部署多、落实少，重发展轻保护……", 1),
    "18": ("区委主体责任扛得不牢，上轮指出超配、超编问题，本轮仍然存在", 1),
    "30": ("园区河道某路段浮萍、垃圾经晾晒入河，污染水体", 1),
    "32": ("坑塘沟渠黑臭水体较普遍。某县城区大面积黑臭；", 2),
    "34": ("公路养护中心院内存有大量扫保尘土、废物，未防尘抑尘，产生扬尘", 0),
}
CODES = {"32": "43", "34": "07"}
"""Of closure publicities, which say the number of their task."""

DATES = {
    "02": (date(2024, 7, 9), date(2024, 9, 14), date(2025, 1, 17), date(2025, 9, 24)),
    "06": (date(2022, 9, 16), date(2022, 10, 18), date(2023, 1, 17), date(2023, 5, 4)),
    "07": (date(2016, 6, 30), date(2016, 8, 30), date(2016, 10, 10), None),
    "10": (date(2021, 11, 8), date(2021, 12, 20), date(2022, 1, 27), date(2023, 1, 29)),
    "12": (date(2023, 7, 6), date(2023, 9, 6), date(2023, 10, 19), date(2024, 1, 18)),
    "14": (date(2025, 4, 15), date(2025, 6, 30), date(2025, 9, 8), date(2026, 2, 13)),
    "16": (date(2020, 8, 24), date(2020, 9, 25), date(2020, 10, 20), date(2021, 12, 14)),
    "34": (None, None, None, None),
    "36": (date(2022, 3, 8), date(2022, 5, 7), date(2022, 8, 2), date(2023, 2, 9)),
    "40": (date(2023, 10, 16), date(2023, 10, 30), date(2023, 12, 25), date(2024, 3, 25)),
    "44": (None, None, None, None),
}

NAMES = {
    "04": ("市卫健委党委", "市委第六巡察组", "party"),
    "06": ("中共金华市婺城区文化和旅游体育局党组", "区委第二巡察组", "party"),
    "07": ("湖北省", "中央第三巡视组", "party"),
    "08": ("湖北省", "中央生态环境保护督察", "environment"),
    "22": ("龙穴街道", "区委第三巡察组", "party"),
    "28": ("中共上海市闵行区委员会", "市委", "party"),
    "38": (None, "青岛市审计局", "audit"),
    "40": ("中共泸州市委", "省督察组", "environment"),
}


def test_only_notices_that_print_problems_have_findings() -> None:
    assert len(DRAFTS) == 24
    assert {name for name, draft in DRAFTS.items() if draft.findings} == set(FINDINGS)


@pytest.mark.parametrize("name", FINDINGS)
def test_findings(name: str) -> None:
    [finding] = DRAFTS[name].findings
    title, count = FINDINGS[name]
    assert finding.title.startswith(title)
    assert (finding.code, len(finding.measures)) == (CODES.get(name, "01"), count)


def test_the_numbers_a_notice_states() -> None:
    assert {name: draft.counts for name, draft in DRAFTS.items() if draft.counts} == COUNTS


@pytest.mark.parametrize("name", DATES)
def test_dates(name: str) -> None:
    facts = DRAFTS[name].facts
    assert (facts.inspected_from, facts.inspected_to, facts.feedback_on, facts.published_on) == DATES[name]


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    facts = DRAFTS[name].facts
    assert (facts.organisation, facts.inspector, facts.kind) == NAMES[name]


def test_dates_that_lost_characters_are_asked_about() -> None:
    draft = DRAFTS["04"]
    assert [ask.phrase for ask in draft.asks] == ["2024717日至830日", "914日", "每月专题研究"]
    assert (draft.facts.inspected_from, draft.facts.feedback_on) == (None, None)


def test_done_and_kept_up_for_good_are_both_read() -> None:
    [measure] = measures(DRAFTS["08"])
    assert (measure.state, measure.duration, measure.state_note) == ("done_claimed", "standing", "已经完成，长期坚持")


def test_how_often_the_media_tell_of_work_that_is_done_is_no_sure_cadence() -> None:
    [measure] = measures(DRAFTS["08"])
    assert {hint.certain for hint in measure.hints if hint.cadence == "weekly"} == {False}


def test_each_deed_of_a_closure_is_told_with_its_measure() -> None:
    assert [one.state_note for one in measures(DRAFTS["32"])] == [
        "反馈的3处均已整改完毕。",
        "各县(区)持续排查，清单动态更新。",
    ]


def test_organisation_at_the_top_level_is_context() -> None:
    draft: Draft = DRAFTS["12"]
    assert [one.where for one in draft.unplaced][-3:] == ["第6行 整改工作组织"] * 3
