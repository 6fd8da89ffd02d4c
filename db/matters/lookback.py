"""回头看: somebody looks whether what was struck off still holds."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import BigInteger, ColumnElement, Select, or_, type_coerce
from sqlalchemy.orm import joinedload

from db.ledger.closure_stages import LOOKBACK_ASKED, asked_to_look, chain_of
from db.ledger.context import LedgerContext
from db.ledger.lookbacks import lock_lookback, look_back
from db.matters.kind import Answer, Button, MatterKind, lamp_tags, written_day
from db.models import Lookback, Measure
from plan.types import Act, Audience, Level, LookbackResult, LookbackState
from rules.closure import stage_lamp
from text.catalogue import phrase, term
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT

_RESULTS = {term(one): one for one in LookbackResult}


class LookbackForm(Answer):
    """回头看: whether it holds; what rebounded is asked anew."""

    result: Literal["", "保持", "需完善", "反弹"] = Field(
        default="", title="结论", description="保持；需完善的过一阵再看；反弹的重新整改"
    )
    visited_on: str = Field(
        default="", title="现场核查日期", description="如 2025-09-30；没有的不填", pattern=r"^(\d{4}-\d{2}-\d{2})?$"
    )
    statement: str = Field(default="", title="回头看情况", description="写明所见", max_length=LONGEST_TEXT)
    by: str = Field(title="回头看的人", min_length=1, max_length=LONGEST_NAME)


class LookbackMatter(MatterKind[Lookback]):
    """待回头看: until somebody says how it went, or the measure is asked anew for another reason."""

    key = "lookback"
    subject = "lookback"
    model = Lookback
    flow = "look-back"
    call = LOOKBACK_ASKED
    about = "回头看：销号之后再看是否保持，反弹的重新整改。"
    act = Act.ACCEPT
    form = LookbackForm
    takes_files = True
    several = True
    placeholder: ClassVar = {}
    mending: ClassVar = {"date_wrong": "现场核查日期", "text_empty": "回头看情况", "actor_empty": "回头看的人"}
    buttons = (
        Button("holds", "保持", {"result": "保持"}, needs=("statement",)),
        Button("improve", "需完善", {"result": "需完善"}, needs=("statement",)),
        Button("rebounded", "反弹，重新整改", {"result": "反弹"}, needs=("statement",)),
    )
    reading = (
        joinedload(Lookback.measure).joinedload(Measure.finding),
        joinedload(Lookback.closure),
    )

    def asks(self) -> ColumnElement[bool]:
        return Lookback.state == LookbackState.WAITING

    def is_open(self, row: Lookback) -> bool:
        """Whether ``row`` was asked for and not answered."""
        return row.state == LookbackState.WAITING

    def locked(self, ctx: LedgerContext, row_id: int) -> Lookback | None:
        """The look-back ``row_id``, its measure held by the transaction of ``ctx``."""
        return lock_lookback(ctx, row_id)

    def question(self, row: Lookback) -> str:
        """The same for every ``row``: it is answered once."""
        return self.key

    def name(self, row: Lookback) -> str:
        """The measure of ``row``, and after how many months it is looked at."""
        return f"{_when(row)} · {row.measure.full_code} {row.measure.title}"

    def waiting_name(self, ctx: LedgerContext, row: Lookback) -> str:
        return phrase("lookback.waiting")

    def stages(self, ctx: LedgerContext, row: Lookback) -> tuple[str, ...]:
        """That it waits, and the lamp of ``row`` at the ``now`` of ``ctx``."""
        return (self.waiting_name(ctx, row), *lamp_tags(self.lamp(ctx, row)))

    def lamp(self, ctx: LedgerContext, row: Lookback) -> Level:
        """Dark until the limit of ``row`` is past; then as those above were told."""
        return stage_lamp(chain_of(row.closure), row.due_on, row.fired, ctx.today)

    def measure_id(self) -> ColumnElement[Any]:
        return type_coerce(Lookback.measure_id, BigInteger)

    def measure(self, row: Lookback) -> Measure:
        """The measure of ``row``."""
        return row.measure

    def limit(self, row: Lookback) -> date:
        """The limit of ``row``."""
        return row.due_on

    def outcome(self, row: Lookback) -> str | None:
        """How ``row`` went; None where it was asked for no more."""
        return phrase("lookback.done", result=term(LookbackResult(row.result))) if row.result else None

    def parameters(self, row: Lookback) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def asked_of(self, row: Lookback) -> list[int]:
        """Those whom the policy named when ``row`` was drawn."""
        return asked_to_look(row)

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Look-backs at the measures in which ``posts`` stand for anybody, as ``held`` has them."""
        return or_(*(Lookback.measure_id.in_(measures) for measures in held.values()))

    def card(self, ctx: LedgerContext, row: Lookback) -> str:
        """What was struck off and when (zone of ``ctx``), against which goal; how ``row`` went."""
        measure, closure = row.measure, row.closure
        filed = ctx.work_time.day_of(closure.ended_at) if closure.ended_at else ""
        lines = [
            f"**{markdown(self.name(row))}，时限 {row.due_on}**",
            markdown(measure.text),
            f"{filed} 销号（{markdown(closure.archive or '')}）　·　牵头单位：{markdown(measure.lead_unit)}",
        ]
        if goal := measure.finding.goal:
            lines.append(f"整改目标：{markdown(goal)}")
        if row.done_at is not None and row.result is not None:
            visited = f"，{row.visited_on} 现场核查" if row.visited_on else ""
            day, how = ctx.work_time.day_of(row.done_at), term(LookbackResult(row.result))
            said = f"{day} {how}（{markdown(row.done_by or '')}）"
            lines.append(f"{said}{visited}：{markdown(row.statement or '')}")
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: Lookback, answer: LookbackForm) -> None:
        """Say of ``row`` what ``answer`` says, in the name of the actor of ``ctx``."""
        visited = written_day("现场核查日期", answer.visited_on) if answer.visited_on else None
        look_back(ctx, row.id, _RESULTS[answer.result or term(LookbackResult.HOLDS)], answer.statement, visited)


def _when(row: Lookback) -> str:
    return phrase("lookback.months", n=row.months) if row.months else phrase("lookback.again")
