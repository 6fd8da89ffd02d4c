"""Facts of the round from the papers that offices really put on show: metadata heads, numerals, odd inspectors."""

from datetime import date

import pytest

from intake.chinese_numerals import dates_in_digits
from tests.intake.notices.reading import measures, notice

BODY = "\n1.关于学习不够的问题\n整改情况：组织学习。\n"

HEADS = [
    "索 引 号：\t000/2024-1\t主题分类：\t通知公告\n发布机构：\t某县住建局\t成文日期：\t2024年5月6日\n"
    "标　　题：\t某县住建局党组关于巡察整改进展情况的通报\n发布日期：\t2024年5月8日\n",
    "- 索引号：000/2024-1\n- 主题分类：公示、公告、通知\n- 成文日期：2024-05-06\n- 发布日期：2024-05-08\n",
    "索引号 | 000/2024-1 | 主题分类 | 公告\n公开日期 | 2024-05-08\n成文日期 | 2024-05-06\n",
    "发文字号：某建发〔2024〕3号\n有 效 性：有效\n发布时间：2024-05-08 10:21\n",
]


@pytest.mark.parametrize("head", HEADS)
def test_the_head_of_a_page_is_not_the_title_and_its_day_on_show_counts(head: str) -> None:
    draft = notice(f"{head}某县住建局党组关于巡察整改进展情况的通报{BODY}")
    assert draft.facts.title == "某县住建局党组关于巡察整改进展情况的通报"
    assert draft.facts.organisation == "某县住建局党组"
    assert draft.facts.published_on == date(2024, 5, 8)


def test_the_title_may_stand_in_the_head_alone() -> None:
    draft = notice(f"索 引 号：\t000/2024-1\n标　　题：\t某县住建局党组关于巡察整改（2024年）进展情况的通报{BODY}")
    assert draft.facts.title == "某县住建局党组关于巡察整改（2024年）进展情况的通报"


SIGNED = {
    "二〇二五年五月八日": date(2025, 5, 8),
    "二○二五年五月八日": date(2025, 5, 8),
    "二零二四年十二月二十八日": date(2024, 12, 28),
    "二〇二三年十一月三十日": date(2023, 11, 30),
    "二〇二三年十月十日": date(2023, 10, 10),
}


@pytest.mark.parametrize("written", SIGNED)
def test_a_signature_in_chinese_numerals_dates_the_notice(written: str) -> None:
    draft = notice(f"某县住建局关于巡察整改情况的通报{BODY}某县住建局\n{written}")
    assert draft.facts.published_on == SIGNED[written]
    assert [one.text for one in measures(draft)] == ["组织学习。"]


def test_only_whole_dates_are_written_in_digits() -> None:
    assert dates_in_digits("二〇二五年底前；第二季度；二〇二五年五月八日") == "二〇二五年底前；第二季度；2025年5月8日"


INSPECTORS = {
    "县委专项巡察二组对县住建局党组开展巡察。": ("县委专项巡察二组", "县住建局党组"),
    "2024年3月，县委巡察二组对县住建局党组开展巡察。": ("县委巡察二组", "县住建局党组"),
    "县委专项巡察组对县住建局党组开展巡察。": ("县委专项巡察组", "县住建局党组"),
    "县委第二提级交叉巡察组对某镇党委开展巡察。": ("县委第二提级交叉巡察组", "某镇党委"),
    "市委提级交叉巡察组对某镇党委开展巡察。": ("市委提级交叉巡察组", "某镇党委"),
    "区委机动巡察三组对区民政局党组开展巡察。": ("区委机动巡察三组", "区民政局党组"),
}


@pytest.mark.parametrize("text", INSPECTORS)
def test_an_inspector_is_known_wherever_its_number_stands(text: str) -> None:
    facts = notice(text).facts
    assert (facts.inspector, facts.organisation) == INSPECTORS[text]


@pytest.mark.parametrize(
    "text",
    [
        "根据《青禾市人民代表大会常务委员会关于审计整改的决定》，现将整改情况报告如下。",
        "按照《中共青禾县委关于巡察整改的办法》，制定本方案。",
        "依据《青禾省委第二巡视组工作规则》，现将情况通报如下。",
    ],
)
def test_a_body_that_only_stands_in_the_name_of_a_rule_is_not_of_the_round(text: str) -> None:
    facts = notice(text).facts
    assert (facts.organisation, facts.inspector) == (None, None)


KINDS = {
    "督察通报第十七期\n市政府督查室对整改情况开展督查。": "government",
    "市政府督查室督查通报（第三期）\n反馈问题。": "government",
    "国家土地督察北京局督察反馈问题整改情况的通报": "government",
    "某市中央生态环境保护督察反馈问题整改情况公示": "environment",
    "某市督察反馈意见整改方案": "environment",
    "关于县委巡察反馈意见整改情况的督查通报": "party",
    "关于《中央环境保护督察反馈意见》整改方案的通知": "environment",
}


@pytest.mark.parametrize("text", KINDS)
def test_who_inspects_by_which_right(text: str) -> None:
    assert notice(text).facts.kind == KINDS[text]


COUNTS = {
    "梳理问题4个大方面26个大项。": {"items": 26, "aspects": 4},
    "梳理问题3个大类12个具体问题。": {"problems": 12, "aspects": 3},
    "完成40个订单班。": {},
    "完成12个项目建设，建成3条公路。": {},
    "反馈问题20个，完成18个，正在整改2个。": {"problems": 20, "closed": 18, "open": 2},
    "完成整改问题5个，完成5项整改任务。": {"closed": 5, "problems": 5},
}


@pytest.mark.parametrize("text", COUNTS)
def test_only_problems_are_counted(text: str) -> None:
    assert notice(text).counts == COUNTS[text]
