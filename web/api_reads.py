"""What a system may look at: the same data as the command line gives with ``--json``."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from config.dates import parse_day
from db import ledger, matters
from db.ledger.context import SystemAccess
from db.ledger.doors import Reader
from db.ledger.events import events_after
from db.ledger.known_names import known_names
from db.ledger.records import TrailFilter, audit_records_of, rounds_of_entries
from db.ledger.roster_view import roster_view
from db.matters import MATTERS
from db.search import found_measures
from papers.as_data import ledger_data, matter_data, trail_data
from plan.types import Act, Door
from rules.actors import folded, is_one_of
from tasks.context import ledger_context
from tasks.doors import web_url
from text.catalogue import term
from text.clean import line
from text.refusals import Refusal
from web.api_door import AskingSystem
from web.overview import Asked, PageNumber, Word
from web.pages import Place, evidence_answer

router = APIRouter()
PAGE = 100
Inspection = Annotated[str | None, Query(description="轮次代号；不写为全部", max_length=64)]
MatterId = Annotated[str, Path(description="事项编号，如 period-12、escalation-7", max_length=64)]


class MatterLine(BaseModel):
    """一个待办事项，与 ``duban matters --json`` 相同。"""

    id: str
    kind: str = Field(description="report、review、part、escalation、extension …；不再问什么的为空")
    inspection: str
    measure: str
    period: str
    asked_of: list[str]
    due_on: Any
    lamp: str
    url: str | None


class ActLine(BaseModel):
    """现在可以怎样办理：POST /matters/{id}/{act}。"""

    act: str
    label: str


class MatterState(MatterLine):
    """一个事项现在的情况。"""

    name: str
    state: str = Field(description="现在等什么，或怎样办结的")
    question: str = Field(description="这一次问的是什么：原样带回（?question=）可防止答非所问；不再问什么的为空")
    may_answer: list[str] = Field(description="谁的答复算数")
    acts: list[ActLine]
    card: str = Field(description="说明（Markdown）")
    form: dict[str, Any] = Field(description="表单的初值")


class EventsSince(BaseModel):
    """一段时间内发生的事。"""

    events: list[dict[str, Any]]
    next: int = Field(description="下次以此为 after")
    more: bool = Field(description="是否还有：有则接着取")


class MeasurePage(BaseModel):
    """若干措施，每页一百项。"""

    count: int
    measures: list[dict[str, Any]]


def acts_of(kind: matters.MatterKind[Any]) -> dict[str, Any]:
    """The acts by which a matter is answered: each with its button. A form with one button is called as its kind is.

    Args:
        kind: of the matter.
    """
    if len(kind.buttons) == 1:
        return {kind.key: kind.buttons[0]}
    return {button.key: button for button in kind.buttons}


def matter_state(ctx: ledger.LedgerContext, found: matters.Matter) -> dict[str, Any]:
    """A matter as it stands, with how it can be answered.

    Args:
        ctx: the context.
        found: the matter.
    """
    acts: list[dict[str, str]] = []
    if found.kind:
        asked = matters.form_context(ctx, found)
        card, form = asked.card, dict(asked.prefilled)
        acts = [{"act": act, "label": one.label} for act, one in acts_of(MATTERS[found.kind]).items()]
    else:
        card, form = matters.history(ctx, found), {}
    return matter_data(found, (web_url() or "").rstrip("/")) | {
        "name": found.name,
        "state": found.waiting_name or found.outcome or "",
        "question": found.question,
        "may_answer": list(found.may_answer),
        "acts": acts,
        "card": card,
        "form": form,
    }


@router.get("/inspections", summary="轮次")
def inspections_json(system: AskingSystem) -> list[dict[str, Any]]:
    """在督的各轮次，各有多少措施、待办、逾期。"""
    with ledger_context(system.name) as ctx:
        return ledger.inspection_lines(ctx)


@router.get("/ledger", summary="台账")
def ledger_json(system: AskingSystem, inspection: Inspection = None) -> dict[str, Any]:
    """与 ``duban ledger --json`` 相同：一个轮次的台账，或各轮次的。"""
    with ledger_context(system.name) as ctx:
        return ledger_data(ctx, inspection)


@router.get("/measures", summary="整改措施")
def measures_json(system: AskingSystem, asked: Asked, q: Word = "", page: PageNumber = 1) -> MeasurePage:
    """查找措施：按轮次、单位、问题、责任领导、灯，和其中写到的字（q）。"""
    with ledger_context(system.name) as ctx:
        count, found = found_measures(ctx, asked, line(q).split(), (page - 1) * PAGE, PAGE)
        return MeasurePage(count=count, measures=[one.line | {"full_code": one.full_code} for one in found])


@router.get("/measures/{code:path}", summary="一项措施")
def measure_json(system: AskingSystem, code: str) -> dict[str, Any]:
    """与 ``duban show --json`` 相同：各期、填报、审核、延期、督办单。几个轮次都有的编号写 轮次代号/02-3。"""
    with ledger_context(system.name) as ctx:
        return ledger.measure_view(ctx, ledger.measure_called(ctx.session, code).qualified_code)


@router.get("/matters", summary="待办事项")
def matters_json(
    system: AskingSystem,
    person: Annotated[str | None, Query(description="只要请此人办理的", max_length=200)] = None,
    inspection: Inspection = None,
) -> list[MatterLine]:
    """与 ``duban matters --json`` 相同。"""
    with ledger_context(system.name) as ctx:
        if inspection is not None:
            ledger.inspection(ctx.session, inspection)
        if person is None:
            found = matters.unfinished(ctx)
        else:
            # As his desk does: what is asked of one is found without reading all.
            known = known_names(ctx.session, ctx.today).get(folded(person))
            found = matters.asked_of(ctx, known) if known else []
            found = [one for one in found if is_one_of(person, one.asked)]
        pages = (web_url() or "").rstrip("/")
        return [
            MatterLine(**matter_data(one, pages)) for one in found if one.kind and inspection in (None, one.inspection)
        ]


@router.get("/matters/{matter}", summary="一个事项")
def matter_json(system: AskingSystem, matter: MatterId) -> MatterState:
    """现在问什么，谁可以答，怎样答；不再问什么的，怎样办结的。"""
    with ledger_context(system.name) as ctx:
        return MatterState(**matter_state(ctx, matters.found_by_tag(ctx, matter)))


@router.get("/events", summary="发生的事")
def events_json(
    system: AskingSystem, after: Annotated[int, Query(ge=0, lt=2**63, description="上次所得的 next；0 为从头")] = 0
) -> EventsSince:
    """此后发生的事，按先后；与推送的相同。"""
    with ledger_context(system.name) as ctx:
        found = events_after(ctx, after)
    return EventsSince(events=list(found.events), next=found.upto, more=found.more)


@router.get("/evidence/{number}", summary="取佐证文件", response_class=Response)
def evidence_bytes(system: AskingSystem, number: Annotated[int, Path(ge=1)]) -> Response:
    """一份佐证文件的内容。"""
    return evidence_answer(Place(Reader(system.name, Door.API), ""), number)


@router.get("/people", summary="人员名册（须获准 configure）")
def people_json(system: AskingSystem) -> dict[str, Any]:
    """与 ``duban people list --json`` 相同。"""
    _operates(system)
    with ledger_context(system.name) as ctx:
        return asdict(roster_view(ctx))


@router.get("/audit", summary="审计链（须获准 configure）")
def audit_json(
    system: AskingSystem,
    person: Word = "",
    subject: Word = "",
    day: Annotated[str, Query(max_length=10)] = "",
    page: PageNumber = 1,
) -> list[dict[str, Any]]:
    """与 ``duban audit list --json`` 相同，最近的在前，每页一百条；可按人、按事、按日。"""
    _operates(system)
    try:
        on = parse_day(day) if day else None
    except ValueError as error:
        raise Refusal("date_wrong", field="day", why=error) from None
    asked = TrailFilter(line(person), line(subject), on)
    with ledger_context(system.name) as ctx:
        found = audit_records_of(ctx, asked, (page - 1) * PAGE, PAGE)
        return trail_data(found, rounds_of_entries(ctx), ctx.work_time.zone)


def _operates(system: SystemAccess) -> None:
    if Act.CONFIGURE not in system.acts:
        raise Refusal("system_may_not", system=system.name, act=term(Act.CONFIGURE))
