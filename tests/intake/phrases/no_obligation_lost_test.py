"""An obligation that is worded by halves is read or asked about; it is never passed over."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording
from tests.intake.notices.reading import measures, notice

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

MONTHS = {
    "3月:制定方案": ["2025-03-31"],
    "3月：制定方案；4-5月：开展排查": ["2025-03-31", "2025-05-31"],
    "5月、10月:开展检查": ["2025-05-31", "2025-10-31"],
    "6月底:完成整治": ["2025-06-30"],
    "3月至4月:动员部署": ["2025-04-30"],
    "一季度:完成排查": ["2025-03-31"],
    "下半年:验收": ["2025-12-31"],
    "2025年6月:完成整治": ["2025-06-30"],
    "7月4日:提交报告": ["2025-07-04"],
}


@pytest.mark.parametrize("text", MONTHS)
def test_a_month_that_heads_a_line_is_the_limit_of_what_stands_behind_it(text: str) -> None:
    hints = read_wording(text, PAGE).hints
    assert [hint.due for hint in hints] == MONTHS[text]
    assert not any(hint.certain for hint in hints)


@pytest.mark.parametrize("text", ["3月:制定方案", "4-5月:开展排查", "于7月4日提交书面报告", "4月15日前报送"])
def test_without_a_year_anywhere_the_year_is_asked(text: str) -> None:
    said = read_wording(text, DocumentDates())
    assert said.hints == ()
    assert ["没有写年份" in ask.ask for ask in said.asks] == [True]


def test_the_months_of_a_work_ledger_say_what_falls_due_in_them() -> None:
    hints = read_wording("3月:制定方案;5月、10月:开展检查", PAGE).hints
    assert [hint.kind.value for hint in hints] == ["finish", "check", "check"]


ASKED = [
    "于7月4日提交书面报告",
    "于12月4日提交书面报告",
    "7月4日报送总结",
    "6月下旬上报自查情况",
    "全年:坚持巡查",
    "工作贯穿全年",
    "合同届满前20个工作日内报送续签方案",
    "任期届满前30日向组织部报告",
    "许可到期前3个月内提出申请",
    "每3天报告一次进展",
]


@pytest.mark.parametrize("text", ASKED)
def test_a_time_that_may_be_a_limit_is_asked(text: str) -> None:
    said = read_wording(text, PAGE)
    assert said.hints == ()
    assert len(said.asks) == 1
    assert said.dated == said.asks


@pytest.mark.parametrize(
    "text", ["已于7月4日提交书面报告", "第二季度报告已经提交", "届满前20日提醒", "2024年7月4日提交了报告"]
)
def test_what_is_over_or_only_reminds_is_not_asked(text: str) -> None:
    said = read_wording(text, PAGE)
    assert (said.hints, said.asks) == ((), ())


def test_a_meeting_of_a_day_of_the_week_recurs_if_somebody_confirms_it() -> None:
    (hint,) = read_wording("坚持周二例会制度", PAGE).hints
    assert (hint.cadence, hint.due, hint.certain) == ("weekly", "start+1d", False)


OUTSIDE = {
    "各乡镇：请于2024年3月10日前报送自查报告，每月底报送整改进展。": ["2024年3月10日前报送", "每月底报送"],
    "某县自查通知\n一、自查情况，每月5日前上报。": ["每月5日前上报"],
    "某县自查通知\n一、自查。30个工作日内上报。会后7日内上报结果。": ["30个工作日内上报", "会后7日内上报"],
    "某县自查通知\n一、自查。4月15日前报送。": ["4月15日前"],
    "某县自查通知\n一、自查。每3天报告一次进展。": ["每3天"],
    "某县自查通知\n一、自查。于7月4日提交书面报告。": ["7月4日"],
    "某县自查通知\n二、要求。集中整改期满前上报总结，次月5日前报台账。": ["集中整改期满前上报", "次月5日前"],
    "某县自查通知\n一、自查。持续推进，定期调度，及时报告。": [],
}


@pytest.mark.parametrize("text", OUTSIDE)
def test_what_is_promised_outside_the_measures_is_asked_even_where_it_is_read_with_a_doubt(text: str) -> None:
    asks = [ask for ask in notice(text).asks if "列为督办事项" in ask.ask]
    assert [ask.phrase for ask in asks] == OUTSIDE[text]


def test_the_days_of_the_inspection_in_the_opening_promise_nothing() -> None:
    draft = notice("""
        某区水务局党组巡察整改情况通报
        2024年3月10日至5月10日，区委第一巡察组开展巡察，7月2日反馈意见。
        1.关于学习不够的问题
        整改情况：每月学习。
        """)
    assert [ask.phrase for ask in draft.asks if "列为督办事项" in ask.ask] == []


def test_the_month_labels_of_a_measure_become_its_limits() -> None:
    draft = notice("""
        某局关于巡察整改情况的通报
        1.关于学习不够的问题
        整改措施：
        3月：制定方案
        4-5月：开展排查
        于7月4日提交书面报告
        2024年2月1日
        """)
    (measure,) = measures(draft)
    assert [hint.due for hint in measure.hints] == ["2024-03-31", "2024-05-31"]
    assert "7月4日" in [ask.phrase for ask in draft.asks]
