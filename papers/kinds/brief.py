"""领导要情: half a page for one leader. What needs him, by when, what happens otherwise."""

from dataclasses import dataclass
from datetime import date

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.ledger.known_names import known_name, known_names
from db.matters import asked_of
from db.paper_facts import round_facts
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, OfficialDocument
from papers.paper_words import counts_text
from plan.types import Audience
from text.catalogue import PHRASES, date_text, phrase

MOST = 3


@dataclass(frozen=True, slots=True)
class AskedOfHim:
    """One thing that waits for him."""

    number: str = told("序号")
    text: str = told("须办事项")
    limit: str = told("办理时限")
    otherwise: str = told("逾期后果")


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the half page tells."""

    person: str = told("呈送领导")
    round_title: str = told("轮次名称")
    as_of: str = told("数据截止日")
    counts: str = told("各状态项数")
    late_count: str = told("逾期项数")
    asked_count: str = told("须办事项件数")
    more_count: str = told("未列出的件数")
    more: bool = told("是否有未列出的")
    asked: tuple[AskedOfHim, ...] = told("须办事项")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Brief:
    """What waits for somebody in the ledger of ``ctx`` at its ``now``.

    Raises:
        Refusal: those of ``known_name`` for a person who is ``asked`` for, and of ``inspection``.
    """
    facts = round_facts(ctx, asked.inspection, asked.span)
    if asked.person:
        person = known_name(asked.person, known_names(ctx.session, ctx.today))
    else:
        heads = inspection(ctx.session, asked.inspection).audiences.get(Audience.HEAD, ())
        person = next(iter(ctx.asked_names(heads)), "")
    found = [one for one in asked_of(ctx, person) if one.inspection in ("", facts.key)] if person else []
    found.sort(key=lambda one: (one.due_on is None, one.due_on, one.id))
    return Brief(
        person=person,
        round_title=facts.title,
        as_of=date_text(facts.as_of),
        counts=counts_text(facts.tasks),
        late_count=str(sum(bool(one.late) for one in facts.tasks)),
        asked_count=str(len(found)),
        more_count=str(max(0, len(found) - MOST)),
        more=len(found) > MOST,
        asked=tuple(
            AskedOfHim(
                number=f"{place}.",
                text=phrase("paper.asks", matter=one.name, what=one.waiting_name),
                limit=_limit(one.due_on, ctx.today),
                otherwise=PHRASES.get(f"paper.otherwise.{one.kind}", phrase("paper.otherwise")),
            )
            for place, one in enumerate(found[:MOST], 1)
        ),
    )


def _limit(due_on: date | None, today: date) -> str:
    if due_on is None:
        return phrase("paper.limit_open")
    return phrase("paper.passed" if due_on < today else "paper.by", day=date_text(due_on))


def _lay_out(document: OfficialDocument) -> None:
    """The half page as it is shipped."""
    document.title("整改工作要情")
    document.centred("{{ round_title }}　截至{{ as_of }}", BODY)
    document.flush("{{ person }}：")
    document.body("{{ counts }}；逾期{{ late_count }}项。请您办理的事项{{ asked_count }}件。")
    with document.each("row in asked"):
        document.body("{{ row.number }}{{ row.text }}‖，{{ row.limit }}。{{ row.otherwise }}。")
    with document.where("more"):
        document.body("另有{{ more_count }}件，见本人待办。")
    with document.where("not asked"):
        document.body("目前没有须您批示或决定的事项。")


PAPER = PaperKind("brief", Brief, _compose, _lay_out)
