"""批示落实清单: each instruction of some months, to whom, by when, and what became of it."""

from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.paper_facts import sheets_of
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import OfficialDocument
from text.catalogue import date_text


@dataclass(frozen=True, slots=True)
class InstructionRow:
    """One instruction."""

    number: str = told("序号")
    sheet: str = told("督办单编号")
    who: str = told("批示领导")
    day: str = told("批示日期")
    text: str = told("批示内容")
    matter: str = told("督办事项")
    unit: str = told("承办单位")
    limit: str = told("办理时限")
    state: str = told("办理状态")
    result: str = told("落实情况")


@dataclass(frozen=True, slots=True)
class Minutes:
    """The instructions of some months."""

    round_title: str = told("轮次名称")
    organisation: str = told("编制机关")
    months: str = told("期间")
    as_of: str = told("数据截止日")
    count: str = told("批示件数")
    ended_count: str = told("已办结件数")
    rows: tuple[InstructionRow, ...] = told("批示")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Minutes:
    """What was instructed in the months that are ``asked``, and what became of it by the ``now`` of ``ctx``."""
    present, day = inspection(ctx.session, asked.inspection), ctx.work_time.day_of
    found = [
        (one, day(one.instructed_at))
        for one in sheets_of(ctx, asked.inspection, asked.span)
        if one.instructed_at is not None and asked.span.holds(day(one.instructed_at))
    ]
    return Minutes(
        round_title=present.title,
        organisation=present.organisation,
        months=asked.span.label,
        as_of=date_text(ctx.today),
        count=str(len(found)),
        ended_count=str(sum(one.ended for one, _ in found)),
        rows=tuple(
            InstructionRow(
                number=str(place),
                sheet=one.number,
                who=one.instructed_by,
                day=date_text(on),
                text=one.instruction,
                matter=one.matter,
                unit=one.unit,
                limit=date_text(one.new_limit_on or one.limit_on),
                state=one.outcome,
                result=one.result,
            )
            for place, (one, on) in enumerate(found, 1)
        ),
    )


def _lay_out(document: OfficialDocument) -> None:
    """The list as it is shipped."""
    document.title("{{ round_title }}{{ months }}批示落实清单")
    document.body("{{ organisation }}{{ months }}收到批示{{ count }}件，截至{{ as_of }}办结{{ ended_count }}件。")
    with document.where("rows"):
        document.empty()
    document.table(
        "row in rows",
        [
            ("序号", "{{ row.number }}", 10),
            ("督办单", "{{ row.sheet }}", 22),
            ("批示领导和日期", "{{ row.who }}\n{{ row.day }}", 26),
            ("批示内容", "{{ row.text }}", 36),
            ("承办单位和时限", "{{ row.unit }}\n{{ row.limit }}", 26),
            ("状态和落实情况", "{{ row.state }}。{{ row.result }}", 36),
        ],
        left=(3, 5),
    )


PAPER = PaperKind("minutes", Minutes, _compose, _lay_out)
