"""What a notice says of the round, and what it only seems to say."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from tests.intake.notices.reading import measures, notice


def test_the_round_may_be_told_below_the_first_heading() -> None:
    draft = notice("""
        某区水务局党组巡察整改情况通报
        一、基本情况
        2024年3月10日-5月10日，区委第一巡察组开展巡察，7月2日反馈意见。
        二、问题整改情况
        1.关于学习不够的问题
        整改情况：每月学习。
        """)
    facts = draft.facts
    assert (facts.organisation, facts.inspector) == ("某区水务局党组", "区委第一巡察组")
    assert (facts.inspected_from, facts.inspected_to) == (date(2024, 3, 10), date(2024, 5, 10))
    assert facts.feedback_on == date(2024, 7, 2)
    assert not [ask for ask in draft.asks if "列为督办事项" in ask.ask]


def test_a_report_to_a_congress_begins_with_its_day_and_no_list() -> None:
    draft = notice("""
        关于审计查出问题整改情况的报告
        ——2023年12月1日在区人大常委会会议上
        审计查出问题56个，已完成整改48个。2023年7月5日，区审计局反馈审计结果。
        1.关于预算不细的问题。完善办法。
        """)
    assert draft.facts.feedback_on == date(2023, 7, 5)
    assert draft.counts == {"problems": 56, "closed": 48}


def test_the_way_to_a_page_is_no_title_and_a_goal_no_count() -> None:
    draft = notice("""
        首页 > 信息公开 > 2023年 > 审计公告
        您当前所在位置：首页 > 通报
        某市审计局关于审计整改情况的公告
        1.关于断面超标的问题
        整改目标：完成7个断面治理。
        整改措施：清淤。
        """)
    assert draft.facts.title == "某市审计局关于审计整改情况的公告"
    assert draft.counts == {}


def test_a_year_named_without_a_day_holds_for_the_days_behind_it() -> None:
    draft = notice("2023年3月至5月，市委第一巡察组开展巡察，7月14日反馈意见。")
    assert draft.facts.feedback_on == date(2023, 7, 14)


def test_a_feedback_before_the_end_of_the_inspection_is_asked_about() -> None:
    draft = notice("2023年10月8日至12月20日，市委第一巡察组巡察，1月5日反馈。")
    assert draft.facts.feedback_on is None
    assert [ask.phrase for ask in draft.asks] == ["1月5日反馈"]


def test_the_end_of_the_inspection_is_no_feedback() -> None:
    draft = notice("2023年3月8日至5月20日，市委第一巡察组开展巡察并反馈意见。")
    assert draft.facts.feedback_on is None


def test_stars_instead_of_digits_say_nothing() -> None:
    draft = notice("*年*月*日至*月*日，中央第五督察组督察，*年*月*日反馈，共*项问题，已完成*项。")
    assert (draft.facts.inspected_from, draft.facts.feedback_on, draft.counts, draft.asks) == (None, None, {}, ())


def test_a_day_that_no_calendar_has_says_nothing() -> None:
    assert notice("2023年2月30日，市委第一巡察组反馈。").facts.feedback_on is None


def test_a_title_on_two_lines_is_one() -> None:
    draft = notice("中共某市水务局党组\n关于巡察整改情况的通报\n2023年5月20日反馈。")
    assert draft.facts.title == "中共某市水务局党组关于巡察整改情况的通报"
    assert draft.facts.organisation == "中共某市水务局党组"


SIGNED = [
    "1.关于学习不够的问题\n整改情况：组织学习。\n某市水务局\n2023年1月9日",
    "发布日期：2023-01-09\n1.关于学习不够的问题\n整改情况：组织学习。",
    "关于整改情况的通报 2023-01-09\n1.关于学习不够的问题\n整改情况：组织学习。",
]


@pytest.mark.parametrize("text", SIGNED)
def test_the_day_of_publication(text: str) -> None:
    draft = notice(text)
    assert draft.facts.published_on == date(2023, 1, 9)
    assert [one.text for one in measures(draft)] == ["组织学习。"]


def test_a_date_a_person_gives_counts_before_the_notice() -> None:
    draft = notice(
        "2023年5月20日反馈。\n1.关于学习不够的问题\n整改情况：反馈后30日内完成。",
        DocumentDates(feedback_on=date(2024, 12, 20)),
    )
    assert draft.facts.feedback_on == date(2024, 12, 20)
    assert [hint.due for hint in measures(draft)[0].hints] == ["2025-01-19"]


COUNTS = {
    "反馈问题35个，已完成28个，阶段性完成7个。": {"problems": 35, "closed": 28, "staged": 7},
    "11个问题，完成整改5个，阶段性完成整改6个。": {"problems": 11, "closed": 5, "staged": 6},
    "50个问题已整改40个，正在整改10个。": {"problems": 50, "closed": 40, "open": 10},
    "20个具体问题，制定整改措施83条。": {"problems": 20, "measures": 83},
    "第43项整改任务已完成。": {},
    "书记领办7个重点难点问题。": {},
}


@pytest.mark.parametrize("text", COUNTS)
def test_numbers(text: str) -> None:
    assert notice(text).counts == COUNTS[text]


def test_the_day_of_the_feedback_is_not_that_of_publication() -> None:
    facts = notice("整改方案\n制定本方案。反馈时间：2025年2月20日。\n1.关于学习不够的问题\n整改措施：组织学习。").facts
    assert (facts.feedback_on, facts.published_on) == (date(2025, 2, 20), None)


def test_a_table_has_a_title_too() -> None:
    assert notice("附件\n某集团党委巡视整改任务分解表（摘要）\n问题1.制度不全").facts.title == (
        "某集团党委巡视整改任务分解表（摘要）"
    )


INSPECTORS = {
    "为落实市委教育工委第四巡察组反馈的巡察意见，制定本方案。": "市委教育工委第四巡察组",
    "2025年3月，校党委第二巡察组对外国语学院党委开展巡察。": "校党委第二巡察组",
    "集团党委第一巡察组于2025年3月反馈。": "集团党委第一巡察组",
    "根据县委统一部署，县委第二巡察组对县交通局党组开展巡察。": "县委第二巡察组",
}


@pytest.mark.parametrize("text", INSPECTORS)
def test_the_inspector_is_named_as_the_notice_names_it(text: str) -> None:
    assert notice(text).facts.inspector == INSPECTORS[text]


def test_the_days_of_an_inspection_stand_below_a_title_that_speaks_of_a_publicity() -> None:
    draft = notice("""
        某市督察反馈问题整改进展情况公示
        2024年11月12日至12月10日，省督察组对某市开展了督察，2025年2月20日反馈督察意见。
        """)
    facts = draft.facts
    assert (str(facts.inspected_from), str(facts.inspected_to)) == ("2024-11-12", "2024-12-10")
    assert (str(facts.feedback_on), draft.asks) == ("2025-02-20", ())
