"""Dates in running text: which are limits, which are over, and which year a month without one belongs to."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

LIMITS = [
    ("2025年6月底前完成整改", "2025-06-30", True),
    ("6月底前完成整改", "2025-06-30", False),
    ("力争5月底前完成", "2025-05-31", False),
    ("确保2025年12月31日前整改到位", "2025-12-31", True),
    ("于2025年6月30日前完成", "2025-06-30", True),
    ("2025年6月30日17:00前报送", "2025-06-30", True),
    ("最迟2025年6月底完成", "2025-06-30", True),
    ("不迟于2025年5月31日", "2025-05-31", True),
    ("五月底前完成", "2025-05-31", False),
    ("年内完成整改", "2025-12-31", False),
    ("年度内完成整改", "2025-12-31", False),
    ("今年年底前完成", "2025-12-31", True),
    ("2025年三季度末完成", "2025-09-30", True),
    ("预计2025年6月竣工", "2025-06-30", False),
    ("拟于5月完工", "2025-05-31", False),
    ("2025年6月完成验收", "2025-06-30", False),
    ("延期至2025年6月30日", "2025-06-30", True),
    ("本月底前完成", "2025-01-31", False),
    ("5月20日至6月20日开展自查", "2025-06-20", False),
    ("收到反馈意见后30日内报送整改方案", "2025-01-19", True),
    ("自反馈之日起30个工作日内报送", "2025-02-08", True),
    ("反馈后两个月内完成", "2025-02-20", True),
    ("最迟不超过2025年6月30日", "2025-06-30", True),
    ("不得晚于2025年5月20日", "2025-05-20", True),
    ("截止日期2025年8月31日", "2025-08-31", True),
    ("于二〇二五年六月卅日前报送", "2025-06-30", True),
    ("２０２５ 年 ６ 月 ３０ 日 前完成", "2025-06-30", True),
    ("“十四五”末完成改造", "2025-12-31", False),
    ("十五五末全面建成", "2030-12-31", False),
    ("5月中旬前完成", "2025-05-10", False),
    ("2025年11月中旬完成主体施工", "2025-11-20", False),
    ("自8月1日起至10月31日开展整治", "2025-10-31", False),
    ("即日起至2025年3月底开展自查", "2025-03-31", True),
    ("本季度末前完成", "2025-03-31", False),
    ("下季度末完成清理", "2025-06-30", False),
    ("本周五前报送", "2025-01-17", False),
    ("下周三前完成", "2025-01-22", False),
    ("2024年底前完成并长期坚持", "2024-12-31", False),
    ("2025年底前完成并长期坚持", "2025-12-31", True),
    ("剩余问题将于2025年6月底前整改到位", "2025-06-30", True),
    ("对截至2024年12月底结余的资金，2025年3月底前全部收回", "2025-03-31", True),
    ("项目已于2024年10月开工，预计2025年8月完工", "2025-08-31", False),
]

NO_LIMITS = [
    "未在2024年底前完成整改",
    "2024年12月底前已完成整改",
    "6月底前完成了整改",
    "截至2025年6月底，完成10个",
    "自2025年5月1日起施行",
    "2025年7月1日起施行",
    "近三个月内发生的问题",
    "2024年度党建工作",
    "2025年完成整改任务",
    "公示期为2025年1月21日至2月8日",
    "3月组织学习，6月召开会议",
    "3日后再次检查",
    "已于2个月内完成",
    "问题已于反馈后30日内整改完毕",
    "执行《2025年6月底前完成事项清单》",
    "原定于6月底前完成",
    "原计划2024年底前完成，因故未完成",
    "2025年3月底前未整改到位的，予以约谈",
    "公示日期为2025年1月21日至2月8日",
    "质保期至2026年12月31日",
    "2025年6月30日到期的合同",
    "1个半月内完成",
    "上月25日至本月24日为统计周期",
    "合同有效期自2025年3月1日起至2027年2月28日",
    "15日内无异议的，予以公布",
    "30日内未整改的移交处理",
    "“十三五”末建成的设施",
    "新建管网6.5公里，投入6.30万元",
    "鄂州发〔2025〕6号文件",
    "党的二十届三中全会精神",
    "召开2024年度工作会议",
    "三年任期届满，干部年龄45岁",
    "闲置两年以上，拖欠3个月",
    "“五一”劳动奖章、“七一”表彰大会",
    "24小时在线监测、12345热线",
    "2021—2025年规划",
]


@pytest.mark.parametrize(("sentence", "due", "certain"), LIMITS)
def test_a_limit_is_its_last_day(sentence, due, certain):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.due, hint.cadence, hint.certain) == (due, None, certain)


@pytest.mark.parametrize("sentence", NO_LIMITS)
def test_a_fact_a_range_or_a_title_is_no_limit(sentence):
    assert read_wording(sentence, PAGE).hints == ()


@pytest.mark.parametrize(
    ("published", "due"),
    [(date(2025, 1, 17), "2025-05-31"), (date(2025, 5, 31), "2025-05-31"), (date(2025, 6, 1), "2026-05-31")],
)
def test_a_month_without_a_year_is_the_first_one_not_over_on_the_page(published, due):
    (hint,) = read_wording("预计5月完工", DocumentDates(published_on=published)).hints
    assert hint.due == due
    assert due[:4] in hint.note


@pytest.mark.parametrize(
    ("sentence", "dues"),
    [
        ("4月10日、6月10日前分别报送", ["2025-04-10", "2025-06-10"]),
        ("3月、6月、9月底前分别报送", ["2025-03-31", "2025-06-30", "2025-09-30"]),
        ("3、6、9、12月底前报送", ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]),
        ("于三、六、九月底前报送", ["2025-03-31", "2025-06-30", "2025-09-30"]),
        ("3月、6月、9月25日前报送", ["2025-03-25", "2025-06-25", "2025-09-25"]),
        ("于3、6、9月的25日前报送", ["2025-03-25", "2025-06-25", "2025-09-25"]),
        ("2025年4月、7月10日前完成", ["2025-04-10", "2025-07-10"]),
        ("1、6月底前完成", ["2025-06-30"]),
        ("2025年9月底和12月底前各报一次", ["2025-09-30", "2025-12-31"]),
    ],
)
def test_what_closes_the_last_date_of_a_list_closes_the_others_too(sentence, dues):
    assert [hint.due for hint in read_wording(sentence, PAGE).hints] == dues


def test_months_of_this_year_that_are_over_are_a_report_and_not_a_plan_for_the_next():
    in_july = DocumentDates(published_on=date(2025, 7, 10))
    in_december = DocumentDates(published_on=date(2024, 12, 20))

    assert read_wording("3月至5月，开展全面排查", in_july).hints == ()
    assert [hint.due for hint in read_wording("1月至3月开展排查", in_december).hints] == ["2025-03-31"]


def test_a_month_ahead_of_a_known_limit_is_no_limit_and_one_after_it_is():
    before = read_wording("3月组织学习，6月底前完成整改", PAGE).hints
    after = read_wording("6月30日前完成整改，7月4日提交报告", PAGE).hints

    assert [hint.due for hint in before] == ["2025-06-30"]
    assert [hint.due for hint in after] == ["2025-06-30", "2025-07-04"]


def test_a_limit_that_was_over_when_the_page_appeared_is_told_with_a_doubt():
    (hint,) = read_wording("2023年9月30日前完成清理", PAGE).hints
    assert (hint.due, hint.certain) == ("2023-09-30", False)
    assert "2025年1月17日" in hint.note


def test_a_day_that_does_not_exist_is_a_question():
    reading = read_wording("2025年2月30日前完成", PAGE)
    assert reading.hints == ()
    assert [ask.phrase for ask in reading.asks] == ["2025年2月30日前"]


def test_a_page_without_any_date_leaves_the_year_to_a_person():
    reading = read_wording("5月底前完成", DocumentDates())
    assert reading.hints == ()
    assert "哪一年" in reading.asks[0].ask


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("收到交办单后5个工作日内办结", "receipt+5wd"),
        ("方案印发后两周内分解", "issue+14d"),
        ("会后三日内上报", "meeting+3d"),
        ("验收合格后10日内销号", "event+10d"),
        ("48小时内上报", "feedback+2d"),
        ("半年内完成", "feedback+6m"),
        ("整改期限为3个月", "feedback+3m"),
    ],
)
def test_a_limit_from_a_day_nobody_knows_is_a_rule_and_a_question(sentence, rule):
    reading = read_wording(sentence, PAGE)
    (hint,) = reading.hints
    assert (hint.due, hint.certain) == (rule, False)
    assert [ask.phrase for ask in reading.asks] == [hint.phrase]


def test_without_the_day_of_feedback_a_limit_from_it_is_a_rule_too():
    (hint,) = read_wording("反馈后30个工作日内报送", DocumentDates()).hints
    assert (hint.due, hint.certain) == ("feedback+30wd", False)


@pytest.mark.parametrize("sentence", ["对反馈问题逐项分解，10日内报送", "反馈问题10日内办结"])
def test_a_mention_of_the_feedback_is_not_yet_the_day_to_count_from(sentence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.due, hint.certain) == ("feedback+10d", False)


@pytest.mark.parametrize("sentence", ["6月底前对已完成的任务开展回头看", "各镇均于6月底前完成", "各自6月底前完成"])
def test_words_that_only_sound_like_the_past_do_not_hide_a_limit(sentence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert hint.due == "2025-06-30"


def test_without_a_page_a_date_of_the_past_is_still_no_limit():
    assert read_wording("2024年6月底召开大会，2024年6月28日印发通知", DocumentDates()).hints == ()


LISTS = [
    ("2025年3月、6月、9月分别组织一次督查", ["2025-03-31", "2025-06-30", "2025-09-30"], "check", False),
    ("2025年6月和12月开展两次评估", ["2025-06-30", "2025-12-31"], "check", False),
    ("2025年5月底前、9月底前分别报送", ["2025-05-31", "2025-09-30"], "report", True),
    ("2025年一季度、三季度各开展1次检查", ["2025-03-31", "2025-09-30"], "check", False),
    ("2025年11月、2026年1月完成验收", ["2025-11-30", "2026-01-31"], "finish", False),
]


@pytest.mark.parametrize(("sentence", "dues", "kind", "certain"), LISTS)
def test_the_months_of_a_list_share_the_year_and_the_deed(sentence, dues, kind, certain):
    hints = read_wording(sentence, PAGE).hints
    assert [hint.due for hint in hints] == dues
    assert {(hint.kind, hint.certain) for hint in hints} == {(kind, certain)}


def test_a_list_that_turns_back_in_the_year_shares_nothing():
    first, second = read_wording("2025年11月底前、2月底前完成", PAGE).hints
    assert (first.due, second.due, second.certain) == ("2025-11-30", "2025-02-28", False)
