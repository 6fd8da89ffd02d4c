"""通报: what is late, with reason and the help that is needed; facts by unit in the order of the plan, and no rank."""

from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.paper_facts import round_facts
from intake.chinese_numerals import chinese_numeral
from papers.kinds import PaperAsked, PaperKind, told
from papers.kinds.province import BehindRow, behind_rows
from papers.official import BODY, OfficialDocument
from text.catalogue import date_text


@dataclass(frozen=True, slots=True)
class UnitSection:
    """One unit with what is late of it."""

    number: str = told("序号")
    unit: str = told("牵头单位")
    count: str = told("逾期或滞后项数")
    rows: tuple[BehindRow, ...] = told("逾期或滞后事项")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """All that the bulletin tells."""

    round_title: str = told("轮次名称")
    organisation: str = told("发文机关")
    number: str = told("发文字号")
    months: str = told("通报期间")
    as_of: str = told("数据截止日")
    date: str = told("成文日期")
    tasks_count: str = told("措施项数")
    behind_count: str = told("逾期或滞后项数")
    units_count: str = told("涉及单位个数")
    demand: str = told("整改要求和新的时限")
    units: tuple[UnitSection, ...] = told("各单位情况")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Bulletin:
    """What the ledger of ``ctx`` knows of the months that are ``asked``, as of its ``now``."""
    facts = round_facts(ctx, asked.inspection, asked.span)
    by_unit: dict[str, list[BehindRow]] = {}
    for row in behind_rows(facts.tasks):
        by_unit.setdefault(row.unit, []).append(row)
    return Bulletin(
        round_title=facts.title,
        organisation=facts.organisation,
        number="",
        months=facts.span.label,
        as_of=date_text(facts.as_of),
        date=date_text(facts.as_of),
        tasks_count=str(len(facts.tasks)),
        behind_count=str(sum(map(len, by_unit.values()))),
        units_count=str(len(by_unit)),
        demand="",
        units=tuple(
            UnitSection(f"（{chinese_numeral(place)}）", unit, str(len(rows)), tuple(rows))
            for place, (unit, rows) in enumerate(by_unit.items(), 1)
        ),
    )


def _lay_out(document: OfficialDocument) -> None:
    """The bulletin as it is shipped."""
    document.centred("{{ number }}", BODY)
    document.empty()
    document.title("关于{{ round_title }}{{ months }}进展情况的通报")
    document.flush("各责任单位：")
    document.body(
        "截至{{ as_of }}，{{ round_title }}共{{ tasks_count }}项措施，其中逾期或滞后于序时进度的事项"
        "{{ behind_count }}项，涉及{{ units_count }}个单位。现将有关情况通报如下，"
        "各单位按整改方案的次序列出，不作排名。"
    )
    document.level(1, "一、逾期和滞后事项")
    with document.each("unit in units"):
        document.level(2, "{{ unit.number }}{{ unit.unit }}（{{ unit.count }}项）")
        with document.each("row in unit.rows"):
            document.body(
                "{{ row.title }}（{{ row.code }}）‖：{{ row.matter }}，原时限{{ row.limit }}，"
                "逾期{{ row.days }}个工作日。原因：{{ row.reason }}。"
                "需协调：{{ row.help }}。新的时限：{{ row.new_limit }}。"
            )
    with document.where("not units"):
        document.body("截至{{ as_of }}，没有逾期或滞后的事项。")
    document.level(1, "二、有关要求")
    document.body("{{ demand }}")
    document.signature("{{ organisation }}", "{{ date }}")


PAPER = PaperKind("bulletin", Bulletin, _compose, _lay_out)
