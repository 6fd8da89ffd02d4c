"""What the rows above a ledger say of the inspection."""

from datetime import date

import pytest

from intake.ledgers.title_facts import title_facts
from plan.types import InspectionKind


@pytest.mark.parametrize(
    ("title", "organisation", "kind", "published_on"),
    [
        ("某局党组巡察整改台账（截至2025年5月）", "某局党组", InspectionKind.PARTY, date(2025, 5, 31)),
        (
            "中共某某市生态环境局党组关于落实市委巡察反馈意见整改台账",
            "中共某某市生态环境局党组",
            InspectionKind.PARTY,
            None,
        ),
        ("某某县中央生态环境保护督察整改任务清单（2025年2月）", None, InspectionKind.ENVIRONMENT, date(2025, 2, 28)),
        ("某某区卫生健康局审计整改台账 2025.5.12", "某某区卫生健康局", InspectionKind.AUDIT, date(2025, 5, 12)),
        ("重点工作督查督办台账20250918", None, InspectionKind.GOVERNMENT, date(2025, 9, 18)),
        ("某某市委巡察整改问题清单", None, InspectionKind.PARTY, None),
        ("2024年度问题台账", None, None, None),
        ("附件1：某某局巡察整改台账", "某某局", InspectionKind.PARTY, None),
    ],
)
def test_a_title_row(
    title: str, organisation: str | None, kind: InspectionKind | None, published_on: date | None
) -> None:
    facts = title_facts([title])
    assert (facts.organisation, facts.kind, facts.published_on) == (organisation, kind, published_on)


def test_the_rows_below_the_title_name_unit_and_dates() -> None:
    facts = title_facts(
        ["附件2", "巡察整改台账", "填报单位（盖章）：某某局 填表日期：2025年5月12日", "反馈时间：2025年3月1日"]
    )
    assert facts.title == "巡察整改台账"
    assert (facts.organisation, facts.published_on, facts.feedback_on) == (
        "某某局",
        date(2025, 5, 12),
        date(2025, 3, 1),
    )


@pytest.mark.parametrize("unit", ["单位：万元", "金额单位：元", "单位：个、%", "单位:亿元 附件1"])
def test_what_a_table_counts_in_is_no_body(unit: str) -> None:
    assert title_facts(["整改台账", unit]).organisation is None


def test_nothing_above_says_nothing() -> None:
    facts = title_facts([])
    assert (facts.title, facts.organisation, facts.kind, facts.published_on) == ("", None, None, None)
