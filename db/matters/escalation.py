"""督办单: a supervisor is asked to acknowledge an escalation or to instruct."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, Select, Text, case, cast, func, or_, select
from sqlalchemy.orm import joinedload

from db.ledger.context import LedgerContext, acting_posts, name_of
from db.ledger.escalations import acknowledge, instruct, lock_escalation
from db.ledger.one_ladder import younger_missed, younger_text
from db.matters.kind import Answer, Button, MatterKind, lamp_tags, written_day
from db.matters.period import measure_of_period, sheet_card
from db.models import Alert, Duty, Escalation, Measure, Period
from plan.types import LIVE, Act, AlertKind, Audience, EscalationState, Level
from text.catalogue import term
from text.clean import markdown
from text.limits import LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT

_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
ESCALATED = "duban.period.escalated"


class InstructionForm(Answer):
    """督办: instruct the unit; without an instruction the escalation is only acknowledged."""

    instruction: str = Field(
        default="", title="批示内容", description="写明要求和措施；不填则为签收，只暂缓升级", max_length=LONGEST_TEXT
    )
    new_limit: str = Field(default="", title="新时限", description="如 2025-06-30；不填则按督办单时限", pattern=_DAY)
    hold_until: str = Field(
        default="", title="签收后暂缓至", description="仅签收时可填，如 2025-06-30；不填则按策略", pattern=_DAY
    )
    hold_reason: str = Field(
        default="", title="暂缓理由", description="写了暂缓日期的须写明，所有人可见", max_length=LONGEST_LINE
    )
    by: str = Field(title="处理人", min_length=1, max_length=LONGEST_NAME)

    def limit(self) -> date | None:
        """The new limit, a day in the office's zone. Raises ``Refusal`` (``date_wrong``) for a day that is none."""
        return written_day("新时限", self.new_limit) if self.new_limit else None

    def hold(self) -> date | None:
        """The last day of the hold, in the office's zone. Raises ``Refusal`` (``date_wrong``) for what is no day."""
        return written_day("签收后暂缓至", self.hold_until) if self.hold_until else None


class EscalationMatter(MatterKind[Escalation]):
    """待批示, 已签收: until an instruction, the end of the period or a higher escalation."""

    key = "escalation"
    subject = "escalation"
    model = Escalation
    flow = "escalate"
    about = "督办单：等待督办领导签收或批示。"
    act = Act.INSTRUCT
    form = InstructionForm
    placeholder: ClassVar = {}
    mending: ClassVar = {
        "date_wrong": "新时限",
        "limit_in_past": "新时限",
        "limit_too_late": "新时限",
        "hold_in_past": "签收后暂缓至",
        "hold_too_long": "签收后暂缓至",
        "reason_empty": "暂缓理由",
        "escalation_acknowledged": "批示内容",
        "actor_empty": "处理人",
    }
    event = ESCALATED
    several = True
    buttons = (
        Button("instruct", "批示", needs=("instruction",)),
        Button("acknowledge", "仅签收", {"instruction": "", "new_limit": ""}),
    )
    reading = (
        joinedload(Escalation.period).joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),
    )

    def asks(self) -> ColumnElement[bool]:
        return Escalation.state.in_(LIVE)

    def is_open(self, row: Escalation) -> bool:
        """Whether the sheet ``row`` waits for its supervisor."""
        return row.state in LIVE

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Sheets of ``periods``, and those whose acknowledgement ran out between ``since`` and ``now``."""
        return or_(Escalation.period_id.in_(periods), Escalation.acknowledged_until.between(since, now))

    def locked(self, ctx: LedgerContext, row_id: int) -> Escalation | None:
        """The sheet ``row_id``, it and its period locked by the transaction of ``ctx``."""
        return lock_escalation(ctx, row_id)

    def question(self, row: Escalation) -> str:
        """One question for ``row`` as opened, another after each acknowledgement: its form must not be taken again."""
        until = row.acknowledged_until
        # By the hold's own end, which no later acknowledgement can have.
        return f"{self.key}-{until:%Y%m%d%H%M}" if until else self.key

    def name(self, row: Escalation) -> str:
        """The number of ``row`` and the name of its period."""
        return f"{row.number} · {name_of(row.period)}"

    def waiting_name(self, ctx: LedgerContext, row: Escalation) -> str:
        """Whether somebody's acknowledgement of ``row`` still holds at the ``now`` of ``ctx``; it expires by itself."""
        held = row.acknowledged_until is not None and row.acknowledged_until > ctx.now
        return "已签收" if held else "待批示"

    def measure_id(self) -> ColumnElement[Any]:
        return measure_of_period(Escalation.period_id)

    def level(self) -> ColumnElement[str]:
        return cast(Escalation.level, Text)

    def measure(self, row: Escalation) -> Measure:
        """The measure of the period of ``row``."""
        return row.period.duty.measure

    def label(self, row: Escalation) -> str:
        """That of the period of ``row``."""
        return row.period.label

    def limit(self, row: Escalation) -> date:
        """The limit of the sheet ``row``."""
        return row.limit_on

    def lamp(self, ctx: LedgerContext, row: Escalation) -> Level:
        """The lamp at which ``row`` was opened."""
        return Level(row.level)

    def stages(self, ctx: LedgerContext, row: Escalation) -> tuple[str, ...]:
        """Whether it waits or was acknowledged at the ``now`` of ``ctx``, and the lamp at which ``row`` was opened."""
        return (self.waiting_name(ctx, row), *lamp_tags(self.lamp(ctx, row)))

    def outcome(self, row: Escalation) -> str | None:
        """Instructed, or ended with the lateness of the period of ``row``."""
        return "已批示" if row.state == EscalationState.INSTRUCTED else "已终止"

    def parameters(self, row: Escalation) -> dict[str, Any]:
        """The id of ``row``."""
        return {"escalation_id": row.id}

    def asked_of(self, row: Escalation) -> list[int]:
        """Whom the rung of ``row`` spoke to when it opened; those who are only informed where nobody else is there."""
        acting = acting_posts(row.period.duty.measure.audiences)
        return [one for one in row.recipients if one in acting] or list(row.recipients)

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Sheets that were opened for one of ``posts``; ``held`` does not say which."""
        return or_(*(Escalation.recipients.contains([post]) for post in posts))

    def alerted(self) -> ColumnElement[int | None]:
        """The last sheet of the period, for whoever is told of an escalation: one that is open took over all before it.

        Nobody of them is asked for a report, so none is led to the form of the period.
        """
        last = select(func.max(Escalation.id)).where(Escalation.period_id == Alert.period_id).correlate(Alert)
        return case((Alert.kind == AlertKind.ESCALATION, last.scalar_subquery()))

    def announcement(self, row: Escalation) -> dict[str, Any]:
        """Number, level and period of ``row``, for whoever reads the event."""
        return {"id": row.id, "number": row.number, "level": row.level, "period": name_of(row.period)}

    def card(self, ctx: LedgerContext, row: Escalation) -> str:
        """What is late, the limit of ``row``, and until which day (zone of ``ctx``) somebody has acknowledged it."""
        period = row.period
        lines = [
            f"**{row.number}（{term(row.level)}色）{markdown(name_of(period))}：期限 {period.due_on}，至今未报**",
            markdown(period.duty.measure.text),
            f"牵头单位：{markdown(period.duty.measure.lead_unit)}　·　督办时限 **{row.limit_on}**",
        ]
        if missed := younger_missed(ctx, period):
            lines.append(markdown(younger_text(missed)))
        if said := sheet_card(row, ctx.work_time):
            lines.append(said + ("请批示。" if row.state in LIVE else ""))
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: Escalation, answer: InstructionForm) -> None:
        """Instruct in the name of the actor of ``ctx``; an ``answer`` without an instruction acknowledges ``row``."""
        # Blanks are no instruction; the form cannot refuse them by itself.
        if answer.instruction.strip():
            instruct(ctx, row.id, answer.instruction, answer.limit())
        else:
            acknowledge(ctx, row.id, answer.hold(), answer.hold_reason)
