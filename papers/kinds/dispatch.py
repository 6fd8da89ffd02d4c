"""调度情况: one page a month for the leading group. What came in, what did not, three things to decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.paper_facts import LatePeriod, TaskFacts, round_facts
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, OfficialDocument
from papers.paper_words import by_unit, changes_text, counts_text
from text.catalogue import date_text, phrase

MOST = 3
NAMED = 12
"""More tasks than these are counted by unit: the page is one."""


@dataclass(frozen=True, slots=True)
class ToDecide:
    """One thing that only the leading group can decide."""

    number: str = told("序号")
    text: str = told("须研究决定的事项")


@dataclass(frozen=True, slots=True)
class Dispatch:
    """All that the page tells."""

    round_title: str = told("轮次名称")
    organisation: str = told("编发机关")
    number: str = told("期号")
    months: str = told("调度期间")
    as_of: str = told("数据截止日")
    date: str = told("编发日期")
    counts: str = told("各状态项数")
    changes: str = told("与期初相比")
    came_count: str = told("已报且审核通过的项数")
    came: str = told("已报且审核通过的措施")
    waits_count: str = told("已报待审核的项数")
    missing_count: str = told("应报未报的项数")
    missing: str = told("应报未报的措施")
    late_count: str = told("逾期项数")
    still_count: str = told("此前逾期仍未报的项数")
    still: str = told("此前逾期仍未报的措施")
    decide: tuple[ToDecide, ...] = told("须研究决定的事项")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Dispatch:
    """What the ledger of ``ctx`` knows of the months that are ``asked``, as of its ``now``."""
    facts = round_facts(ctx, asked.inspection, asked.span)
    tasks = facts.tasks
    came = [one for one in tasks if one.reports]
    missing = [one for one in tasks if one.gap in ("silent", "returned")]
    late = [one for one in tasks if one.late]
    still = [one for one in late if one not in missing]
    return Dispatch(
        round_title=facts.title,
        organisation=facts.organisation,
        number="",
        months=facts.span.label,
        as_of=date_text(facts.as_of),
        date=date_text(facts.as_of),
        counts=counts_text(tasks),
        changes=changes_text(tasks),
        came_count=str(len(came)),
        came=by_unit(came, NAMED),
        waits_count=str(sum(one.gap == "review" for one in tasks)),
        missing_count=str(len(missing)),
        missing=by_unit(missing, NAMED),
        late_count=str(len(late)),
        still_count=str(len(still)),
        still=by_unit(still, NAMED),
        decide=tuple(ToDecide(f"{place}.", said) for place, said in enumerate(_to_decide(tasks), 1)),
    )


def _to_decide(tasks: Sequence[TaskFacts]) -> list[str]:
    """What waits for those who lead: help that was asked for, then sheets, requests, silence; each task once."""
    found: dict[str, str] = {}
    for weigh in (_help, _sheets, _requests, _silence):
        for task in tasks:
            for said in weigh(task, task.late):
                found.setdefault(task.code, said)
    return list(found.values())[:MOST]


def _named(task: TaskFacts) -> str:
    return phrase("paper.one", title=task.title, code=task.code)


def _help(task: TaskFacts, late: Sequence[LatePeriod]) -> Iterator[str]:
    for what in [*(one.help_needed for one in late), *(one.help_needed for one in task.reports)]:
        if what:
            yield phrase("paper.decide.help", task=_named(task), unit=task.lead_unit, what=what)


def _sheets(task: TaskFacts, late: Sequence[LatePeriod]) -> Iterator[str]:
    if numbers := "、".join(number for one in late for number in one.sheets):
        yield phrase("paper.decide.sheet", task=_named(task), numbers=numbers)


def _requests(task: TaskFacts, late: Sequence[LatePeriod]) -> Iterator[str]:
    for one in late:
        if one.why.asked:
            yield phrase("paper.decide.asked", task=_named(task), unit=task.lead_unit, day=date_text(one.why.asked))


def _silence(task: TaskFacts, late: Sequence[LatePeriod]) -> Iterator[str]:
    for one in sorted(late, key=lambda one: -one.days)[:1]:
        yield phrase("paper.decide.late", task=_named(task), unit=task.lead_unit, days=one.days)


def _lay_out(document: OfficialDocument) -> None:
    """The page as it is shipped."""
    document.title("{{ round_title }}{{ months }}调度情况")
    document.centred("{{ number }}　　{{ date }}", BODY)
    document.body("截至{{ as_of }}，{{ counts }}；逾期{{ late_count }}项。{{ changes }}。")
    document.level(1, "一、来报情况")
    document.body("已报且审核通过{{ came_count }}项‖：{{ came }}。另有{{ waits_count }}项已报待审核。")
    document.level(1, "二、未报情况")
    document.body(
        "本期应报未报{{ missing_count }}项‖：{{ missing }}。", "此前逾期仍未报{{ still_count }}项‖：{{ still }}。"
    )
    document.level(1, "三、须研究决定的事项")
    with document.each("row in decide"):
        document.body("{{ row.number }}{{ row.text }}。")
    with document.where("not decide"):
        document.body("本期没有须提请研究决定的事项。")


PAPER = PaperKind("dispatch", Dispatch, _compose, _lay_out)
