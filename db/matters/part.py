"""分报: a unit that assists, or stands below, hands in its part; the lead unit's report gathers it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import joinedload

from db.ledger.context import LedgerContext, lock_period, name_of
from db.ledger.last_time import last_part
from db.ledger.parts import PART_ASKED, give_part, posts_of
from db.matters.kind import Answer, MatterKind, lamp_tags
from db.matters.period import measure_of_period, part_card
from db.models import Duty, Measure, Part, Period
from plan.types import Act, Audience, Level, PartState, PeriodState
from text.catalogue import term
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT


class PartForm(Answer):
    """分报: what the unit did, for the report of the lead unit."""

    body: str = Field(
        default="",
        title="分报内容",
        description="写明本单位做了什么、结果如何，由牵头单位汇总",
        max_length=LONGEST_TEXT,
    )
    percent: str = Field(
        default="", title="进度（%）", description="0至100；说不准的可以不填", pattern=r"^([1-9]?\d|100)?$"
    )
    by: str = Field(title="分报人", min_length=1, max_length=LONGEST_NAME)


class PartMatter(MatterKind[Part]):
    """待分报: until the unit gives its part, or the report goes without it."""

    key = "part"
    subject = "part"
    model = Part
    flow = "gather"
    about = "分报：等待配合单位或下级单位报送，由牵头单位汇总。"
    call = PART_ASKED
    act = Act.PART
    form = PartForm
    takes_files = True
    placeholder: ClassVar = {"body": "已由其他途径分报"}
    mending: ClassVar = {"text_empty": "分报内容", "actor_empty": "分报人"}
    reading = (joinedload(Part.period).joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),)

    def asks(self) -> ColumnElement[bool]:
        return and_(Part.state == PartState.WAITING, Part.period.has(Period.state == PeriodState.WAITING))

    def is_open(self, row: Part) -> bool:
        """Whether ``row`` is awaited and the report of its period, too."""
        return row.state == PartState.WAITING and row.period.state == PeriodState.WAITING

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Parts of ``periods``: from ``since`` to ``now`` only a command changes one, or the date."""
        return Part.period_id.in_(periods)

    def locked(self, ctx: LedgerContext, row_id: int) -> Part | None:
        """The part ``row_id``, read after its period was locked by the transaction of ``ctx``."""
        period_id = ctx.session.execute(select(Part.period_id).where(Part.id == row_id)).scalar_one_or_none()
        if period_id is None:
            return None
        lock_period(ctx, period_id)
        return ctx.session.get_one(Part, row_id, populate_existing=True)

    def question(self, row: Part) -> str:
        """The same for every ``row``: a part is given once."""
        return self.key

    def name(self, row: Part) -> str:
        """Whose part ``row`` is, and the name of its period."""
        return f"{row.unit_name}分报 · {name_of(row.period)}"

    def waiting_name(self, ctx: LedgerContext, row: Part) -> str:
        """Whether the part's own limit is past at the ``now`` of ``ctx``."""
        return "逾期未分报" if ctx.today > row.due_on else term(PartState.WAITING)

    def lamp(self, ctx: LedgerContext, row: Part) -> Level:
        """Yellow from the day after its limit on: a part that is late climbs no further by itself."""
        return Level.YELLOW if ctx.today > row.due_on else Level.NONE

    def stages(self, ctx: LedgerContext, row: Part) -> tuple[str, ...]:
        """The stage of ``row``, the unit that is asked, and its lamp at the ``now`` of ``ctx``."""
        return (self.waiting_name(ctx, row), row.unit_name, *lamp_tags(self.lamp(ctx, row)))

    def measure_id(self) -> ColumnElement[Any]:
        return measure_of_period(Part.period_id)

    def measure(self, row: Part) -> Measure:
        """The measure of the period of ``row``."""
        return row.period.duty.measure

    def label(self, row: Part) -> str:
        """That of the period of ``row``."""
        return row.period.label

    def limit(self, row: Part) -> date:
        """The part's own limit, before that of the report."""
        return row.due_on

    def outcome(self, row: Part) -> str | None:
        """Whether ``row`` was given or the report went without it; None where it was asked for no more."""
        return term(PartState(row.state)) if row.state in (PartState.GIVEN, PartState.MISSED) else None

    def parameters(self, row: Part) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def asked_of(self, row: Part) -> list[int]:
        """Those who handle matters in the unit of ``row``."""
        return posts_of(row)

    def may_answer(self, ctx: LedgerContext, row: Part) -> list[int]:
        """The posts of the unit of ``row``, its leaders included, and whoever has the right."""
        return list(dict.fromkeys([*posts_of(row, may=True), *super().may_answer(ctx, row)]))

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Parts of the measures to which ``posts`` contribute, as ``held`` has them."""
        contributed = Duty.measure_id.in_(held[Audience.CONTRIBUTOR])
        return Part.period.has(Period.duty.has(contributed))

    def card(self, ctx: LedgerContext, row: Part) -> str:
        """What ``row`` is asked for, by when, who gathers it, and what the unit gave last time."""
        period, measure = row.period, row.period.duty.measure
        lines = [
            f"**{markdown(self.name(row))}，分报期限 {row.due_on}**",
            markdown(measure.text),
            f"牵头单位：{markdown(measure.lead_unit)}，{period.due_on} 前汇总填报",
        ]
        if period.stopped_on is not None:
            lines.append(f"**已挂账**：自 {period.stopped_on} 起停止计时，恢复后再报。")
        if (last := last_part(ctx, row)) is not None:
            lines.append(f"上期分报（{markdown(last.period.label)}）：{markdown(last.text or '')}")
        return "\n\n".join(lines)

    def history(self, ctx: LedgerContext, row: Part) -> str:
        """What the unit of ``row`` gave, when and by whom; or how it ended without."""
        how = self.outcome(row) or term(PartState.WITHDRAWN)
        return f"**{markdown(self.name(row))}：{how}**" + (f"\n\n{part_card(ctx, row)}" if row.text else "")

    def take(self, ctx: LedgerContext, row: Part, answer: PartForm) -> None:
        """Hand in the part ``row`` as ``answer`` says, in the name of the actor of ``ctx``."""
        give_part(ctx, row.id, answer.body, int(answer.percent) if answer.percent else None)
