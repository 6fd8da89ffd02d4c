"""Other ways notices have of saying how often, beyond the 97: units, numbers, short names, and the day it falls due."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording
from plan.due import DueRule

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

CADENCES = [
    ("每天巡查", "daily"),
    ("逐日统计报送", "daily"),
    ("每日早上8点前报送", "daily"),
    ("每个工作日报告一次", "daily"),
    ("一日一报", "daily"),
    ("按周调度", "weekly"),
    ("每星期通报一次", "weekly"),
    ("周例会", "weekly"),
    ("周跟踪", "weekly"),
    ("建立“月审核”机制", "monthly"),
    ("季兑付", "quarterly"),
    ("按旬报送", "ten-day"),
    ("一旬一报", "ten-day"),
    ("每半月调度一次", "half-monthly"),
    ("每半个月报送", "half-monthly"),
    ("逐月报送进展", "monthly"),
    ("月月调度", "monthly"),
    ("一月一通报", "monthly"),
    ("一月调度一次", "monthly"),
    ("建立月度例会制度", "monthly"),
    ("每个月召开1次会议", "monthly"),
    ("每１个月检查一次", "monthly"),
    ("每两个月报送一次", "bimonthly"),
    ("每2个月报送", "bimonthly"),
    ("两月一报", "bimonthly"),
    ("每双月报送", "bimonthly"),
    ("每三个月检查一次", "quarterly"),
    ("每3个月检查一次", "quarterly"),
    ("逐季通报", "quarterly"),
    ("上、下半年各开展一次", "half-yearly"),
    ("上半年、下半年各检查1次", "half-yearly"),
    ("一季一抽查", "quarterly"),
    ("每个季度召开一次会议", "quarterly"),
    ("季度通报", "quarterly"),
    ("半年一次自查", "half-yearly"),
    ("每六个月评估一次", "half-yearly"),
    ("每年上半年、下半年各开展一次检查", "half-yearly"),
    ("每年开展一次评估", "yearly"),
    ("一年一次回头看", "yearly"),
    ("每年度总结", "yearly"),
    ("每学年评估一次", "yearly"),
    ("半年开展一次督查", "half-yearly"),
    ("三个月召开一次推进会", "quarterly"),
    ("每月开展1至2次暗访", "monthly"),
    ("按季度向市纪委报备", "quarterly"),
    ("以季度为周期开展评估", "quarterly"),
    ("半月一次例会", "half-monthly"),
    ("一旬一调度", "ten-day"),
    ("整改完成前每月报告一次进展", "monthly"),
    ("原则上不少于每月一次", "monthly"),
    ("从今年起，每年开展一次轮训", "yearly"),
]

TO_CONFIRM = [
    ("每10天报送一次", "ten-day"),
    ("每两周一次", "half-monthly"),
    ("隔月报送", "bimonthly"),
    ("每隔两个月检查", "bimonthly"),
    ("每逢单月报送", "bimonthly"),
    ("每年至少2次检查", "half-yearly"),
    ("一年两次检查", "half-yearly"),
    ("每月不少于2次检查", "half-monthly"),
    ("每周编发二期简报", "weekly"),
    ("每周一调度", "weekly"),
    ("每年春节前检查", "yearly"),
    ("已按月报送12期", "monthly"),
]

DUE = [
    ("每月25日前报送", "day 25", True),
    ("每月15日召开例会", "day 15", True),
    ("每月二十五日前报送", "day 25", True),
    ("每月５日前报送", "after day 5", False),
    ("每月5日前报送上月进展", "after day 5", True),
    ("每月5日前报送当月计划", "day 5", True),
    ("每月底前报送", "end", True),
    ("每月月末报送", "end", True),
    ("每个月底前报送", "end", True),
    ("每双月25日前报送", "day 25", False),
    ("双月底前报送", "end", False),
    ("每季度末月20日前报送", "day 20", True),
    ("每季度最后一个月20日前报送", "day 20", True),
    ("每季末报送", "end", True),
    ("每季度首月10日前报送", "after day 10", False),
    ("每季度次月10日前报送", "after day 10", True),
    ("每月结束后5日内报送", "end+5d", True),
    ("每季度结束后5个工作日内报送", "end+5wd", True),
    ("每年12月底前报送", "end", True),
    ("每年1月10日前报送", "after day 10", False),
    ("每周五前报送", "start+4d", True),
    ("每周一上午召开例会", "start+0d", True),
    ("每星期三报送", "start+2d", True),
    ("每月上旬报送", "day 10", False),
    ("每月第一个周一召开例会", "monday 1", True),
    ("每月最后一个星期五开展主题党日", "friday -1", True),
    ("每月首个周三学习", "wednesday 1", True),
    ("每月第五个周三学习", None, False),
    ("每月第一个工作日召开调度会", "workday 1", True),
    ("每月最后一个工作日前报送", "workday -1", True),
    ("每月倒数第二个工作日前报送", "workday -2", True),
    ("每周最后一个工作日下班前报送", "workday -1", True),
    ("每月前3个工作日内报送上月进展", "end+3wd", True),
    ("每月前5个工作日内报送", "end+5wd", False),
    ("每月情况于次月5个工作日内报送", "end+5wd", True),
    ("每月进展应于次月10日前报送", "after day 10", True),
    ("每月1日至5日报送上月情况", "after day 5", True),
    ("每月20日至25日开展检查", "day 25", True),
    ("每月25日左右报送", "day 25", False),
    ("季度结束后5个工作日内报送", "end+5wd", True),
    ("年度终了后20日内报送", "end+20d", True),
    ("每季度结束次月5日前报送", "after day 5", True),
    ("每季度首月10日前报送上季度情况", "after day 10", True),
    ("每季度第二个月10日前报送", "month 2 day 10", True),
    ("每季度（3月、6月、9月、12月）20日前报送", "month 3 day 20", True),
    ("每季度末（3、6、9、12月）25日前报送", "month 3 day 25", True),
    ("每季度（3、6、9、12月底）报送", "end", True),
    ("开展每周一学活动", None, True),
    ("每季度第2个月底前完成抽查", "month 2 day 31", True),
    ("每季度中间月的15日前报送", "month 2 day 15", True),
    ("每季度首月开展一次检查", "month 1 day 31", False),
    ("每季度最后一个月开展一次检查", "end", True),
    ("每年3月底前报送", "month 3 day 31", True),
    ("每年6月30日前完成年度评估", "month 6 day 30", True),
    ("每年10月中旬启动检查", "month 10 day 20", False),
    ("每年第一季度评估", "month 3 day 31", False),
    ("每年三季度末前完成评估", "month 9 day 31", True),
    ("每年上半年开展一次检查", "month 6 day 31", False),
    ("每年6月前报送", None, False),
    ("每年6月底和12月底前报送", "end", True),
    ("每半年（6月底、12月底前）报告1次", "end", True),
    ("每年3月、6月、9月、12月底前报送", "end", True),
    ("每年1月、4月、7月、10月10日前报送上季度情况", "after day 10", True),
    ("每年4月、7月、10月和次年1月10日前报送上季度情况", "after day 10", True),
    ("每年应于3月1日前报送", "month 3 day 1", True),
    ("每年11月至次年3月开展整治", None, False),
    ("每年汛前检查堤防", None, False),
    ("每月廿五日前报送", "day 25", True),
    ("每月卅日前报送", "day 30", True),
    ("每月 25 日 下班前报送", "day 25", True),
    ("每季度结束后的10个工作日内报送", "end+10wd", True),
    ("每季度最后10天内组织抽查", "end", False),
    ("每季度初10日内报送上季度总结", "after day 10", False),
    ("每月前10天开展检查", "day 10", False),
    ("季后15日内报送", "end+15d", True),
    ("季后5个工作日内上报", "end+5wd", True),
    ("每年年终考评", "end", True),
    ("每年年中、年末各检查一次", "end", True),
    ("年中、年末各组织一次考核", "end", True),
    ("年中和年底分别开展一次督查", "end", True),
    ("每年6月和12月底前报送半年总结", "end", True),
    ("每月报送一次（25日前）", "day 25", True),
    ("每年开展一次检查（6月底前）", "month 6 day 31", True),
    ("每季度开展一次抽查（每次不少于5个）", None, True),
    ("每半年报告一次落实情况（7月10日前、次年1月10日前）", "after day 10", False),
]


@pytest.mark.parametrize(("sentence", "cadence"), CADENCES)
def test_a_recurrence_is_read_with_certainty(sentence, cadence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.cadence, hint.due, hint.certain) == (cadence, None, "双月" not in sentence)


@pytest.mark.parametrize(("sentence", "cadence"), TO_CONFIRM)
def test_a_recurrence_that_fits_no_cadence_exactly_is_for_a_person_to_confirm(sentence, cadence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.cadence, hint.due, hint.certain) == (cadence, None, False)
    assert len(hint.note) > len("每半年；没有写哪一天截止")


@pytest.mark.parametrize(("sentence", "due", "certain"), DUE)
def test_the_day_it_falls_due_is_a_rule_the_cadences_know(sentence, due, certain):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.due, hint.certain) == (due, certain)
    assert due is None or str(DueRule.parse(due)) == due


@pytest.mark.parametrize(
    ("sentence", "dues"),
    [
        ("每月10日、25日前报送材料", ["day 10", "day 25"]),
        ("每月10、25日前报送材料", ["day 10", "day 25"]),
        ("每周二、周五报送", ["start+1d", "start+4d"]),
        ("每周一、三、五巡查", ["start+0d", "start+2d", "start+4d"]),
        ("每月15日和月底前报送", ["day 15", "end"]),
        ("每年1月和7月各报告一次", ["month 1 day 31", "month 7 day 31"]),
        ("每年4月15日、10月15日前报送", ["month 4 day 15", "month 10 day 15"]),
        ("每年7月15日前和次年1月15日前报送", ["month 7 day 15", "after day 15"]),
        ("每年7月底和次年1月底前报送", ["month 7 day 31", "after day 31"]),
        ("每年5月底前和11月底前报送", ["month 5 day 31", "month 11 day 31"]),
        ("每年3月、7月、11月检查", ["month 3 day 31", "month 7 day 31", "month 11 day 31"]),
    ],
)
def test_several_days_are_several_hints_of_one_phrase(sentence, dues):
    hints = read_wording(sentence, PAGE).hints
    assert [hint.due for hint in hints] == dues
    assert len({hint.phrase for hint in hints}) == 1
    assert all(f"共{len(dues)}个" in hint.note for hint in hints)


@pytest.mark.parametrize(
    "sentence", ["每两年开展一次", "每4个月调度", "三天一报", "每月或每季度调度", "每季度或半年报送一次"]
)
def test_a_rhythm_without_a_cadence_or_with_a_choice_of_two_is_asked_for(sentence):
    reading = read_wording(sentence, PAGE)
    assert reading.hints == ()
    assert "频次" in reading.asks[0].ask


@pytest.mark.parametrize(
    ("sentence", "cadence"),
    [
        ("由每月报送调整为每季度报送", "quarterly"),
        ("由每周一次改为每月一次", "monthly"),
        ("检查频次由每季度一次提高到每月一次", "monthly"),
        ("每月25日前将月报送至整改办", "monthly"),
        ("月度推进会每月召开一次", "monthly"),
        ("实行周报告制度，每周五17时前报送", "weekly"),
    ],
)
def test_a_rhythm_that_gave_way_and_a_name_are_not_a_second_duty(sentence, cadence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.cadence, hint.certain) == (cadence, True)


def test_short_names_are_a_duty_each():
    assert len(read_wording("实行月调度和月通报", PAGE).hints) == 2
    found = read_wording("月检查、季通报、年考核", PAGE).hints
    assert [hint.cadence for hint in found] == ["monthly", "quarterly", "yearly"]


@pytest.mark.parametrize("sentence", ["2024年以来每季度均开展检查", "一直坚持每月调度", "已按月调度"])
def test_what_may_only_tell_what_is_being_done_is_for_a_person_to_confirm(sentence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert not hint.certain


def test_a_date_of_the_year_that_is_over_on_the_page_is_for_a_person_to_confirm():
    in_july = DocumentDates(published_on=date(2025, 7, 10))
    (hint,) = read_wording("每年6月30日前报送", in_july).hints
    assert (hint.due, hint.certain) == ("month 6 day 30", False)
    assert "起始日期" in hint.note


def test_a_lesson_a_week_is_not_a_monday():
    (hint,) = read_wording("开展“每周一课”活动", PAGE).hints
    assert (hint.cadence, hint.due) == ("weekly", None)


def test_an_hour_goes_to_the_note():
    (hint,) = read_wording("每周二中午12时前报送", PAGE).hints
    assert hint.phrase == "每周二中午12时前报送"
    assert "中午12时前" in hint.note


def test_a_day_no_month_has_is_never_a_rule():
    (hint,) = read_wording("每月45日前报送", PAGE).hints
    assert (hint.due, hint.certain) == (None, False)


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("每月调度", ["dispatch"]),
        ("每月向市委上报", ["report"]),
        ("每季度开展督查", ["check"]),
        ("每月组织研讨", ["study"]),
        ("每月完成清理", ["report"]),
        ("2025年6月底前组织培训", ["study"]),
        ("2025年6月底前，完成整改", ["finish"]),
        ("2025年6月底前，将整改报告报送市委", ["report"]),
        ("月调度、季通报", ["dispatch", "report"]),
        ("每年6月开展预算评审", ["check"]),
        ("每年4月和10月检查", ["check", "check"]),
        ("每年6月30日前组织培训", ["study"]),
    ],
)
def test_the_verb_nearby_names_the_kind_of_duty(sentence, kinds):
    assert [hint.kind for hint in read_wording(sentence, PAGE).hints] == kinds


SEVERAL = [
    ("每年3月和9月开展两次专项检查", "yearly", ["month 3 day 31", "month 9 day 31"]),
    ("每月1日、11日、21日前报送旬报", "monthly", ["day 1", "day 11", "day 21"]),
    ("每月10日、25日前报送半月报", "monthly", ["day 10", "day 25"]),
    ("每年开展2次（6月、12月）", "yearly", ["month 6 day 31", "month 12 day 31"]),
]


@pytest.mark.parametrize(("sentence", "cadence", "dues"), SEVERAL)
def test_each_day_that_is_named_is_a_duty_and_the_name_of_the_paper_is_none(sentence, cadence, dues):
    hints = read_wording(sentence, PAGE).hints
    assert [hint.due for hint in hints] == dues
    assert {hint.cadence for hint in hints} == {cadence}


def test_a_rhythm_that_is_to_be_set_up_is_no_name_of_a_paper():
    assert [hint.cadence for hint in read_wording("每月调度，每周报送周报，3月底前建立月报告制度", PAGE).hints] == [
        "monthly",
        "weekly",
        None,
        "monthly",
    ]
