"""督办单, 约谈, 通报: a supervisor is asked to acknowledge a sheet or to answer it. One run shows one sheet."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_, select
from sqlalchemy.orm import joinedload

from db.ledger.circulars import circulate
from db.ledger.context import LedgerContext, acting_posts, name_of
from db.ledger.escalations import acknowledge, hold_interview, instruct, lock_escalation
from db.ledger.one_ladder import younger_missed, younger_text
from db.matters.kind import Answer, Button, MatterKind, lamp_tags, written_day
from db.matters.period import measure_of_period, sheet_card
from db.models import Alert, Duty, Escalation, Measure, Period
from plan.types import LIVE, SHEET_KINDS, Act, AlertKind, Audience, EscalationState, Level
from text.catalogue import phrase, term
from text.clean import markdown
from text.limits import LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT
from text.refusals import Refusal

_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
ESCALATED = "duban.period.escalated"


class SheetForm(Answer):
    """What every sheet may be answered with: an instruction, or that it is acknowledged and for how long."""

    def limit(self) -> date | None:
        """The new limit, a day in the office's zone. Raises ``Refusal`` (``date_wrong``) for a day that is none."""
        written = str(getattr(self, "new_limit", ""))
        return written_day("新时限", written) if written else None

    def hold(self) -> date | None:
        """The last day of the hold, in the office's zone. Raises ``Refusal`` (``date_wrong``) for what is no day."""
        written = str(getattr(self, "hold_until", ""))
        return written_day("签收后暂缓至", written) if written else None


_NEW_LIMIT = Field(default="", title="新时限", description="如 2025-06-30；不填则按本单时限", pattern=_DAY)
_HOLD_UNTIL = Field(
    default="", title="签收后暂缓至", description="仅签收时可填，如 2025-06-30；不填则按策略", pattern=_DAY
)
_HOLD_REASON = Field(
    default="", title="暂缓理由", description="写了暂缓日期的须写明，所有人可见", max_length=LONGEST_LINE
)
_BY = Field(title="处理人", min_length=1, max_length=LONGEST_NAME)


class InstructionForm(SheetForm):
    """督办: instruct the unit; without an instruction the sheet is only acknowledged."""

    instruction: str = Field(
        default="", title="批示内容", description="写明要求和措施；不填则为签收，只暂缓升级", max_length=LONGEST_TEXT
    )
    new_limit: str = _NEW_LIMIT
    hold_until: str = _HOLD_UNTIL
    hold_reason: str = _HOLD_REASON
    by: str = _BY


class InterviewForm(SheetForm):
    """约谈: record the interview; without its day the unit is instructed instead, or the sheet only acknowledged."""

    held_on: str = Field(
        default="", title="约谈日期", description="已约谈的，如 2025-06-30；不约谈、只批示的不填", pattern=_DAY
    )
    attended: str = Field(default="", title="约谈对象", description="参加约谈的人员和职务", max_length=LONGEST_LINE)
    instruction: str = Field(
        default="",
        title="约谈要求",
        description="约谈时提出的要求；不约谈的为批示内容；不填则为签收，只暂缓升级",
        max_length=LONGEST_TEXT,
    )
    new_limit: str = _NEW_LIMIT
    hold_until: str = _HOLD_UNTIL
    hold_reason: str = _HOLD_REASON
    by: str = _BY


class CircularForm(SheetForm):
    """通报: decide on a circular, or instruct the unit instead, or only acknowledge."""

    decision: Literal["", "予以通报", "不通报，仅批示"] = Field(
        default="", title="决定", description="予以通报的，文稿交整改办定稿印发"
    )
    instruction: str = Field(
        default="",
        title="通报内容",
        description="通报中对责任单位的要求；不通报的为批示内容；不填则为签收，只暂缓升级",
        max_length=LONGEST_TEXT,
    )
    new_limit: str = _NEW_LIMIT
    hold_until: str = _HOLD_UNTIL
    hold_reason: str = _HOLD_REASON
    by: str = _BY


class SheetMatter(MatterKind[Escalation]):
    """What one kind of sheet asks; its key is the kind."""

    subject = "escalation"
    model = Escalation
    flow = "escalate"
    about = "督办单、约谈、通报：等待督办领导签收或办理。"
    act = Act.INSTRUCT
    placeholder: ClassVar = {}
    mending: ClassVar = {
        "date_wrong": "新时限",
        "limit_in_past": "新时限",
        "limit_too_late": "新时限",
        "hold_in_past": "签收后暂缓至",
        "hold_too_long": "签收后暂缓至",
        "reason_empty": "暂缓理由",
        "escalation_acknowledged": "批示内容",
        "circular_undecided": "决定",
        "actor_empty": "处理人",
    }
    event = ESCALATED
    reading = (
        joinedload(Escalation.period).joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),
    )

    def asks(self) -> ColumnElement[bool]:
        return and_(Escalation.kind == self.key, Escalation.state.in_(LIVE))

    def is_open(self, row: Escalation) -> bool:
        """Whether the sheet ``row`` is of this kind and waits for its supervisor."""
        return row.kind == self.key and row.state in LIVE

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
        return phrase("sheet.acknowledged") if held else phrase(f"sheet.waiting.{row.kind}")

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
        """Whether it waits or was acknowledged at the ``now`` of ``ctx``, and the lamp at which ``row`` was opened.

        Whatever a sheet asks, the search for all that waits for a supervisor finds it.
        """
        name = self.waiting_name(ctx, row)
        waits = () if name == phrase("sheet.acknowledged") else (phrase("sheet.waiting.escalation"),)
        return (name, *waits, *lamp_tags(self.lamp(ctx, row)))

    def outcome(self, row: Escalation) -> str | None:
        """What ``row`` was answered with, or that it ended with the lateness of its period."""
        if row.state != EscalationState.INSTRUCTED:
            return "已终止"
        return "已约谈" if row.held_on else "已决定通报" if row.circulated else "已批示"

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

    def announcement(self, row: Escalation) -> dict[str, Any]:
        """Number, level and period of ``row``, for whoever reads the event."""
        return {"id": row.id, "number": row.number, "level": row.level, "period": name_of(row.period)}

    def card(self, ctx: LedgerContext, row: Escalation) -> str:
        """What is late, the limit of ``row``, and until which day (zone of ``ctx``) somebody has acknowledged it."""
        period = row.period
        late = "，至今未报" if row.due_on < ctx.today else ""
        lines = [
            f"**{row.number}（{term(row.level)}色）{markdown(name_of(period))}：期限 {row.due_on}{late}**",
            markdown(period.duty.measure.text),
            f"牵头单位：{markdown(period.duty.measure.lead_unit)}　·　督办时限 **{row.limit_on}**",
        ]
        if row.raise_reason:
            lines.append(f"{markdown(row.raised_by or '')}提级，理由：{markdown(row.raise_reason)}")
        if missed := younger_missed(ctx, period):
            lines.append(markdown(younger_text(missed)))
        if said := sheet_card(row, ctx.work_time):
            lines.append(said + (f"{phrase(f'action.{row.kind}')}。" if row.state in LIVE else ""))
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: Escalation, answer: Any) -> None:
        """Answer ``row`` in the name of the actor of ``ctx``; an ``answer`` without an instruction acknowledges it."""
        # Blanks are no instruction; the form cannot refuse them by itself.
        if answer.instruction.strip():
            self.answer(ctx, row, answer)
        else:
            acknowledge(ctx, row.id, answer.hold(), answer.hold_reason)

    def answer(self, ctx: LedgerContext, row: Escalation, answer: Any) -> None:
        """Instruct the unit as ``answer`` says of ``row``, in the name of the actor of ``ctx``."""
        instruct(ctx, row.id, answer.instruction, answer.limit())


_ACKNOWLEDGE = {"instruction": "", "new_limit": ""}


class EscalationMatter(SheetMatter):
    """待批示, 已签收: until an instruction, the end of the period or a higher sheet."""

    key = AlertKind.ESCALATION.value
    form = InstructionForm
    several = True
    buttons = (
        Button("instruct", "批示", needs=("instruction",)),
        Button("acknowledge", "仅签收", _ACKNOWLEDGE),
    )

    def alerted(self) -> ColumnElement[int | None]:
        """The last sheet of the period, for whoever is told of an escalation: one that is open took over all before it.

        Nobody of them is asked for a report, so none is led to the form of the period.
        """
        last = select(func.max(Escalation.id)).where(Escalation.period_id == Alert.period_id).correlate(Alert)
        return case((Alert.kind.in_(SHEET_KINDS), last.scalar_subquery()))


class InterviewMatter(SheetMatter):
    """待约谈: until the interview was held, or the unit was instructed instead."""

    key = AlertKind.INTERVIEW.value
    form = InterviewForm
    several = True
    mending: ClassVar = {**SheetMatter.mending, "day_in_future": "约谈日期"}
    buttons = (
        Button("interview", "已约谈", needs=("held_on", "attended", "instruction")),
        Button("no-interview", "不约谈，仅批示", {"held_on": "", "attended": ""}, needs=("instruction",)),
        Button("acknowledge-interview", "仅签收", {"held_on": "", "attended": "", **_ACKNOWLEDGE}),
    )

    def answer(self, ctx: LedgerContext, row: Escalation, answer: InterviewForm) -> None:
        """Record the interview of ``answer`` about ``row``; without its day instruct the unit."""
        if answer.held_on:
            held_on = written_day("约谈日期", answer.held_on)
            hold_interview(ctx, row.id, held_on, answer.attended, answer.instruction, answer.limit())
        else:
            super().answer(ctx, row, answer)


class CircularMatter(SheetMatter):
    """待通报: until it was decided to send the circular out, or the unit was instructed instead."""

    key = AlertKind.CIRCULAR.value
    form = CircularForm
    several = True
    buttons = (
        Button("circulate", "予以通报", {"decision": "予以通报"}, needs=("instruction",)),
        Button("no-circular", "不通报，仅批示", {"decision": "不通报，仅批示"}, needs=("instruction",)),
        Button("acknowledge-circular", "仅签收", {"decision": "", **_ACKNOWLEDGE}),
    )

    def answer(self, ctx: LedgerContext, row: Escalation, answer: CircularForm) -> None:
        """Decide as ``answer`` says of ``row``."""
        if not answer.decision:
            raise Refusal("circular_undecided", number=row.number)
        if answer.decision == "予以通报":
            circulate(ctx, row.id, answer.instruction, answer.limit())
        else:
            super().answer(ctx, row, answer)


SHEET_MATTERS = (EscalationMatter, InterviewMatter, CircularMatter)
