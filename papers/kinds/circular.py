"""专项通报: what is late is named before the other units, once a supervisor has decided so."""

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
class CircularPage:
    """One circular."""

    number: str = told("通报编号")
    unit: str = told("责任单位")
    matter: str = told("通报事项")
    basis: str = told("通报依据")
    original_limit: str = told("原时限")
    situation: str = told("逾期天数或提级理由")
    decided_by: str = told("决定通报的领导")
    text: str = told("通报内容")
    new_limit: str = told("新时限")
    date: str = told("成文日期")


@dataclass(frozen=True, slots=True)
class Circulars:
    """The circulars of some months, or one of them."""

    organisation: str = told("通报机关")
    months: str = told("期间")
    circulars: tuple[CircularPage, ...] = told("通报")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Circulars:
    """The circulars that are ``asked`` for, as they stand at the ``now`` of ``ctx``.

    One on which nobody has decided yet lacks its words.

    Raises:
        Refusal: those of ``chosen_sheets``.
    """
    # Where it was decided to instruct the unit instead there is nothing to send out.
    found = chosen_sheets(ctx, asked, AlertKind.CIRCULAR)
    return Circulars(
        organisation=inspection(ctx.session, asked.inspection).organisation,
        months=asked.span.label,
        circulars=tuple(_page(ctx, one) for one in found if one.circulated or not one.instruction),
    )


def _page(ctx: LedgerContext, sheet: SheetFacts) -> CircularPage:
    return CircularPage(
        number=sheet.number,
        unit=sheet.unit,
        matter=sheet.matter,
        basis=basis_text(sheet),
        original_limit=date_text(sheet.due_on),
        situation=situation_text(sheet),
        decided_by=sheet.instructed_by,
        text=sheet.instruction,
        new_limit=date_text(sheet.new_limit_on) if sheet.new_limit_on else "",
        date=date_text(ctx.today),
    )


def _lay_out(document: OfficialDocument) -> None:
    """The circular as it is shipped."""
    with document.each("one in circulars"):
        document.title("关于{{ one.unit }}一项整改事项的通报", new_page=True)
        document.centred("{{ one.number }}", BODY)
        document.flush("各责任单位：")
        document.body("{{ one.unit }}牵头的{{ one.matter }}，时限为{{ one.original_limit }}。依据：{{ one.basis }}。")
        document.body(
            "{{ one.situation }}。",
            "{{ one.text }}",
            "请{{ one.unit }}于{{ one.new_limit }}前办结并填报。其他单位对照检查本单位承担的事项，按时限办结。",
        )
        document.signature("{{ organisation }}", "{{ one.date }}")
    with document.where("not circulars"):
        document.title("专项通报")
        document.body("{{ months }}没有通报。")


PAPER = PaperKind("circular", Circulars, _compose, _lay_out, of_sheets=AlertKind.CIRCULAR)
