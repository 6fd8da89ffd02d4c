"""What is paid, fined, open or counted by rule is nobody's duty: it is never scheduled with certainty."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording
from tests.intake.notices.reading import measures, notice

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

BY_RULE = [
    "一是对拒不改正的2家企业依法实施按日计罚。",
    "对3家企业实施按日连续处罚。",
    "督促企业农民工工资按月足额发放到位。",
    "农民工工资按月发放，专户监管",
    "资金按季拨付",
    "按月缴纳社保费",
    "按季结息",
    "按季度预缴税款",
    "按年计提折旧",
    "按日加收滞纳金",
    "按月领取养老金",
    "按年收取租金、按季结算水费",
    "每月支付利息",
    "每年享受补助",
    "每天客流2000人次",
    "每日接待游客3千人次",
    "每周一至周五对外开放",
    "每周六照常营业",
    "每月15日为开放日",
    "每月10日为局长接访日",
]


@pytest.mark.parametrize("text", BY_RULE)
def test_what_goes_on_by_rule_is_asked_and_never_scheduled(text: str) -> None:
    said = read_wording(text, PAGE)
    assert said.hints == ()
    assert said.asks
    assert all("是要按期督办的事吗" in ask.ask for ask in said.asks)


@pytest.mark.parametrize("text", ["做到日清月结。", "账目日清日结", "坚持月清季结", "垃圾日产日清"])
def test_a_standing_phrase_is_no_cadence(text: str) -> None:
    said = read_wording(text, PAGE)
    assert (said.hints, said.asks) == ((), ())


@pytest.mark.parametrize(
    "text", ["每月清理河道", "每周清洗路面", "每季度组织志愿服务", "按月更换滤芯", "每年完成造林任务", "逐月消化存量"]
)
def test_a_verb_that_is_no_duty_of_supervision_is_never_certain(text: str) -> None:
    (hint,) = read_wording(text, PAGE).hints
    assert hint.cadence
    assert not hint.certain
    assert "请确认是不是要督办的事" in hint.note


@pytest.mark.parametrize(
    "text",
    [
        "每月报送工资发放情况",
        "按季度检查资金拨付进度",
        "每月召开一次拨付推进会",
        "按月督促企业发放工资",
        "每周研判罚款缴纳情况",
        "每半年组织学习",
        "每季度末前上报收费台账",
    ],
)
def test_a_duty_about_money_stays_a_duty(text: str) -> None:
    said = read_wording(text, PAGE)
    assert [hint.certain for hint in said.hints] == [True]
    assert said.asks == ()


def test_one_recurrence_of_a_list_does_not_lend_its_verb_to_the_next() -> None:
    said = read_wording("工资按月发放、按季检查", PAGE)
    assert [hint.phrase for hint in said.hints] == ["按季检查"]
    assert [ask.phrase for ask in said.asks] == ["按月发放"]


def test_a_penalty_by_the_day_puts_no_duty_on_the_measure() -> None:
    draft = notice("""
        某市生态环境局关于督察反馈问题整改情况的通报
        （一）关于“执法偏软”问题的整改
        一是对拒不改正的2家企业依法实施按日计罚。
        二是每月调度办理进展。
        """)
    assert [[hint.phrase for hint in one.hints] for one in measures(draft)] == [[], ["每月调度"]]
    assert "按日计罚" in [ask.phrase for ask in draft.asks]
