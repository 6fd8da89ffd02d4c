"""What a notice says of the round, and what it only seems to say."""

from datetime import date

import pytest

from intake.draft import Page
from tests.intake.notices.reading import measures, notice


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
        "2023年5月20日反馈。\n1.关于学习不够的问题\n整改情况：反馈后30日内完成。", Page(feedback_on=date(2024, 12, 20))
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
