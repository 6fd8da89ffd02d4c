"""约谈通知书, 约谈纪要: of each interview the notice to the unit, and once it was held the record of it."""

from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.paper_facts import SheetFacts
from papers.kinds import PaperAsked, PaperKind, told
from papers.kinds.sheet import basis_text, chosen_sheets, situation_text
from papers.official import BODY, OfficialDocument
from plan.types import AlertKind
from text.catalogue import date_text


@dataclass(frozen=True, slots=True)
class InterviewRecord:
    """What came of an interview."""

    held_on: str = told("约谈日期")
    place: str = told("约谈地点")
    by: str = told("主持约谈的人")
    attended: str = told("参加约谈的人员")
    demands: str = told("约谈要求")
    new_limit: str = told("新时限")


@dataclass(frozen=True, slots=True)
class InterviewPage:
    """One interview. ``records`` has one once it was held."""

    number: str = told("约谈编号")
    unit: str = told("约谈对象单位")
    matter: str = told("约谈事项")
    basis: str = told("约谈依据")
    original_limit: str = told("原时限")
    situation: str = told("逾期天数或提级理由")
    interviewers: str = told("约谈人")
    limit: str = told("约谈时限")
    time: str = told("约谈时间")
    place: str = told("约谈地点")
    opened_on: str = told("发出日期")
    records: tuple[InterviewRecord, ...] = told("约谈纪要")


@dataclass(frozen=True, slots=True)
class Interviews:
    """The interviews of some months, or one of them."""

    organisation: str = told("约谈机关")
    months: str = told("期间")
    contact: str = told("联系人及电话")
    interviews: tuple[InterviewPage, ...] = told("约谈")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Interviews:
    """The interviews that are ``asked`` for, as they stand at the ``now`` of ``ctx``.

    Raises:
        Refusal: those of ``chosen_sheets``.
    """
    return Interviews(
        organisation=inspection(ctx.session, asked.inspection).organisation,
        months=asked.span.label,
        contact="",
        interviews=tuple(_page(one) for one in chosen_sheets(ctx, asked, AlertKind.INTERVIEW)),
    )


def _page(sheet: SheetFacts) -> InterviewPage:
    record = InterviewRecord(
        held_on=date_text(sheet.held_on) if sheet.held_on else "",
        place="",
        by=sheet.instructed_by,
        attended=sheet.attended,
        demands=sheet.instruction,
        new_limit=date_text(sheet.new_limit_on) if sheet.new_limit_on else "",
    )
    return InterviewPage(
        number=sheet.number,
        unit=sheet.unit,
        matter=sheet.matter,
        basis=basis_text(sheet),
        original_limit=date_text(sheet.due_on),
        situation=situation_text(sheet),
        interviewers="、".join(sheet.to),
        limit=date_text(sheet.limit_on),
        time=record.held_on,
        place="",
        opened_on=date_text(sheet.opened_on),
        records=(record,) if sheet.held_on else (),
    )


def _lay_out(document: OfficialDocument) -> None:
    """The notice as it is shipped, and behind it the record where there is one; once for each interview."""
    with document.each("one in interviews"):
        document.title("约谈通知书", new_page=True)
        document.centred("{{ one.number }}", BODY)
        document.flush("{{ one.unit }}：")
        document.body("你单位牵头的{{ one.matter }}，时限为{{ one.original_limit }}。依据：{{ one.basis }}。")
        document.body(
            "{{ one.situation }}。",
            "按照督办规定，现就此事对你单位主要负责人进行约谈。",
            "约谈人：{{ one.interviewers }}",
            "时间：{{ one.time }}（不迟于{{ one.limit }}）",
            "地点：{{ one.place }}",
            "请准备书面说明：未办结的原因、已采取的措施、下一步安排和办结时间。",
            "联系人及电话：{{ contact }}",
        )
        document.signature("{{ organisation }}", "{{ one.opened_on }}")
        with document.each("record in one.records"):
            document.title("约谈纪要", new_page=True)
            document.centred("{{ one.number }}", BODY)
            document.form(
                [
                    (12, [("约谈事项", "{{ one.matter }}")]),
                    (12, [("约谈日期", "{{ record.held_on }}"), ("约谈地点", "{{ record.place }}")]),
                    (12, [("主持约谈", "{{ record.by }}"), ("责任单位", "{{ one.unit }}")]),
                    (14, [("参加人员", "{{ record.attended }}")]),
                    (40, [("约谈要求", "{{ record.demands }}")]),
                    (12, [("新 时 限", "{{ record.new_limit }}")]),
                    (25, [("约谈人签字", ""), ("被约谈人签字", "")]),
                ],
                (26, 52, 26, 52),
            )
    with document.where("not interviews"):
        document.title("约谈通知书")
        document.body("{{ months }}没有约谈。")


PAPER = PaperKind("interview", Interviews, _compose, _lay_out, of_sheets=AlertKind.INTERVIEW)
