"""督办单: a page for each sheet. What it is about, on what ground, by when; signed for on paper or by its code."""

from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.matters import subject_tag
from db.paper_facts import SheetFacts, sheets_of
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, OfficialDocument
from plan.types import AlertKind
from text.catalogue import date_text, phrase, term
from text.clean import line
from text.refusals import Refusal

_STOP = "。"


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One sheet."""

    number: str = told("督办单编号")
    level: str = told("督办等级")
    matter: str = told("督办事项")
    addressee: str = told("督办领导")
    unit: str = told("责任单位")
    basis: str = told("督办依据")
    original_limit: str = told("原时限")
    days: str = told("逾期天数")
    demand: str = told("督办要求")
    limit: str = told("批示时限")
    new_limit: str = told("新时限")
    instruction: str = told("批示")
    receipt: str = told("签收人和时间")
    result: str = told("办理结果")
    opened_on: str = told("开具日期")
    code: str = told("二维码", code=True)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of some months, or one of them."""

    organisation: str = told("开具机关")
    months: str = told("期间")
    sheets: tuple[SheetPage, ...] = told("督办单")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Sheets:
    """The sheets that are ``asked`` for, as they stand at the ``now`` of ``ctx``.

    Raises:
        Refusal: those of ``chosen_sheets``.
    """
    found = chosen_sheets(ctx, asked, AlertKind.ESCALATION)
    return Sheets(
        organisation=inspection(ctx.session, asked.inspection).organisation,
        months=asked.span.label,
        sheets=tuple(_page(ctx, one, asked.pages) for one in found),
    )


def chosen_sheets(ctx: LedgerContext, asked: PaperAsked, kind: AlertKind) -> list[SheetFacts]:
    """The sheets of one kind that a paper is to speak of: those of its months, or the one that is named.

    Args:
        ctx: the context; they are told as they stand at its ``now``.
        asked: of which inspection and months, or which sheet.
        kind: one of ``SHEET_KINDS``.

    Raises:
        Refusal: ``paper_sheet_unknown``, and those of ``sheets_of``.
    """
    found = [one for one in sheets_of(ctx, asked.inspection, None if asked.sheet else asked.span) if one.kind == kind]
    if not asked.sheet:
        return found
    wanted = line(asked.sheet)
    chosen = [one for one in found if wanted in (one.number, one.number.partition("〕")[2].removesuffix("号"))]
    if not chosen:
        known = "、".join(one.number for one in found) or phrase("paper.none")
        raise Refusal("paper_sheet_unknown", kind=term(kind), number=wanted, known=known)
    # Numbers begin anew each year: the newest is meant.
    return chosen[-1:]


def basis_text(sheet: SheetFacts) -> str:
    """On what ground a sheet stands: finding, measure, and the words of the plan.

    Args:
        sheet: whichever kind.
    """
    return phrase(
        "paper.basis",
        finding=sheet.finding,
        code=sheet.code,
        measure=sheet.measure.rstrip(_STOP),
        source=sheet.basis.rstrip(_STOP),
    )


def situation_text(sheet: SheetFacts) -> str:
    """How late the matter of a sheet is, and why it was raised before its time.

    Args:
        sheet: whichever kind.
    """
    late = phrase("paper.still_late", days=phrase("paper.days", n=sheet.days)) if sheet.days else ""
    raised = phrase("paper.raised", why=sheet.raise_reason.rstrip(_STOP)) if sheet.raise_reason else ""
    return "；".join(one for one in (late, raised) if one)


def _page(ctx: LedgerContext, sheet: SheetFacts, pages: str) -> SheetPage:
    instructed_on = ctx.work_time.day_of(sheet.instructed_at) if sheet.instructed_at else None
    return SheetPage(
        number=sheet.number,
        level=term(sheet.level),
        matter=sheet.matter,
        addressee="、".join(sheet.to),
        unit=sheet.unit,
        basis=basis_text(sheet),
        original_limit=date_text(sheet.due_on),
        days=phrase("paper.days", n=sheet.days),
        demand=phrase("paper.demand", limit=date_text(sheet.limit_on), unit=sheet.unit),
        limit=date_text(sheet.limit_on),
        new_limit=date_text(sheet.new_limit_on) if sheet.new_limit_on else "",
        instruction=phrase(
            "paper.instructed", who=sheet.instructed_by, day=date_text(instructed_on), text=sheet.instruction
        )
        if instructed_on
        else "",
        receipt=phrase("paper.signed", who="、".join(sheet.acknowledged)) if sheet.acknowledged else "",
        result=sheet.result,
        opened_on=date_text(sheet.opened_on),
        code=f"{pages}/matter/{subject_tag('escalation', sheet.id)}" if pages else "",
    )


def _lay_out(document: OfficialDocument) -> None:
    """The page as it is shipped, once for each sheet."""
    with document.each("sheet in sheets"):
        document.title("督　办　单", new_page=True)
        document.centred("{{ sheet.number }}", BODY)
        document.form(
            [
                (12, [("开具机关", "{{ organisation }}"), ("督办等级", "{{ sheet.level }}色")]),
                (12, [("督办事项", "{{ sheet.matter }}")]),
                (12, [("督办领导", "{{ sheet.addressee }}"), ("责任单位", "{{ sheet.unit }}")]),
                (18, [("督办依据", "{{ sheet.basis }}")]),
                (12, [("原 时 限", "{{ sheet.original_limit }}"), ("逾期天数", "{{ sheet.days }}")]),
                (14, [("督办要求", "{{ sheet.demand }}")]),
                (12, [("批示时限", "{{ sheet.limit }}"), ("新 时 限", "{{ sheet.new_limit }}")]),
                (22, [("领导批示", "{{ sheet.instruction }}")]),
                (12, [("签　　收", "{{ sheet.receipt }}")]),
                (18, [("办理结果", "{{ sheet.result }}")]),
                (25, [("扫码办理", "{{ sheet.code }}"), ("开具日期", "{{ sheet.opened_on }}")]),
            ],
            (26, 52, 26, 52),
        )
    with document.where("not sheets"):
        document.title("督　办　单")
        document.body("{{ months }}没有开具督办单。")


PAPER = PaperKind("sheet", Sheets, _compose, _lay_out, of_sheets=AlertKind.ESCALATION)
