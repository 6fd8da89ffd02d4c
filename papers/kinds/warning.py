"""提醒函、预警函: a page for each unit. What of it is due or late, by when, what follows; as grave as its worst."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.ledger.context import LedgerContext
from db.paper_facts import RoundFacts, TaskFacts, round_facts
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, OfficialDocument
from papers.paper_words import until_text
from plan.types import Level
from rules.sections import SOON
from rules.timestate import worst
from text.catalogue import date_text, phrase, term


@dataclass(frozen=True, slots=True)
class WarningLine:
    """Something that is due or late."""

    number: str = told("序号")
    text: str = told("事项、时限和逾期天数")


@dataclass(frozen=True, slots=True)
class WarningPage:
    """One unit."""

    heading: str = told("文种和颜色")
    unit: str = told("责任单位")
    late: tuple[WarningLine, ...] = told("逾期事项")
    due: tuple[WarningLine, ...] = told("临期事项")
    code: str = told("二维码", code=True)


@dataclass(frozen=True, slots=True)
class Warnings:
    """A page for each unit of which something is due or late."""

    round_title: str = told("轮次名称")
    organisation: str = told("发函机关")
    number: str = told("文号")
    as_of: str = told("数据截止日")
    date: str = told("发函日期")
    contact: str = told("联系人及电话")
    units: tuple[WarningPage, ...] = told("各单位")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Warnings:
    """What is due within two weeks or late at the ``now`` of ``ctx``, whatever months are ``asked``."""
    facts = round_facts(ctx, asked.inspection, asked.span)
    of_unit: dict[str, list[TaskFacts]] = {}
    for task in facts.tasks:
        of_unit.setdefault(task.lead_unit, []).append(task)
    # What a reader has to do stands together on his own page, behind signing in.
    code = f"{asked.pages}/me" if asked.pages else ""
    pages = (_page(facts, unit, tasks, code) for unit, tasks in of_unit.items())
    return Warnings(
        round_title=facts.title,
        organisation=facts.organisation,
        number="",
        as_of=date_text(facts.as_of),
        date=date_text(facts.as_of),
        contact="",
        units=tuple(page for page in pages if page.late or page.due),
    )


def _page(facts: RoundFacts, unit: str, tasks: Sequence[TaskFacts], code: str) -> WarningPage:
    late = [
        phrase(
            "paper.late",
            title=task.title,
            code=task.code,
            what=one.matter,
            limit=date_text(one.due_on),
            days=one.days,
        )
        for task in tasks
        for one in task.late
    ]
    due = [
        phrase("paper.due", title=task.title, code=task.code, what=one.title, limit=until_text(one))
        for task in tasks
        for one in task.coming
        if timedelta() <= one.due_on - facts.as_of <= SOON
    ]
    colour = worst(one.lamp for task in tasks for one in task.late)
    return WarningPage(
        heading=phrase("paper.reminding") if colour is Level.NONE else phrase("paper.warned", colour=term(colour)),
        unit=unit,
        late=tuple(WarningLine(f"{place}.", said) for place, said in enumerate(late, 1)),
        due=tuple(WarningLine(f"{place}.", said) for place, said in enumerate(due, 1)),
        code=code,
    )


def _lay_out(document: OfficialDocument) -> None:
    """The page as it is shipped, once for each unit."""
    with document.each("unit in units"):
        document.title("{{ unit.heading }}", new_page=True)
        document.centred("{{ number }}", BODY)
        document.flush("{{ unit.unit }}：")
        document.body(
            "截至{{ as_of }}，{{ round_title }}中由你单位牵头的下列事项已逾期或即将到期，请按时限办结并填报。"
        )
        with document.where("unit.late"):
            document.level(1, "一、逾期事项")
        with document.each("row in unit.late"):
            document.body("{{ row.number }}{{ row.text }}。")
        with document.where("unit.due"):
            document.level(1, "临期事项")
        with document.each("row in unit.due"):
            document.body("{{ row.number }}{{ row.text }}。")
        document.body(
            "确有困难的，请在到期前申请延期并说明理由；逾期仍未办结的，将开具督办单，报分管领导、主要领导督办。",
            "联系人及电话：{{ contact }}",
        )
        document.signature("{{ organisation }}", "{{ date }}")
        document.empty()
        document.form([(25, [("签　　收", ""), ("扫码办理", "{{ unit.code }}")])], (26, 52, 26, 52))
    with document.where("not units"):
        document.title("提醒函")
        document.body("截至{{ as_of }}，没有逾期或十四天内到期的事项。")


PAPER = PaperKind("warning", Warnings, _compose, _lay_out)
