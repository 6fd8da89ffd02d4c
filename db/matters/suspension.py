"""挂账: the office looks whether what stopped a measure's clock still holds, and lets it go on or waits longer."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import BigInteger, ColumnElement, Select, type_coerce
from sqlalchemy.orm import joinedload

from db.ledger.context import LedgerContext, recipients_of
from db.ledger.suspend import SUSPENSION_REVIEW, lock_suspension, prolong, resume
from db.matters.kind import Answer, Button, MatterKind, written_day
from db.models import Measure, Suspension
from plan.types import Act, Audience
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT


class SuspensionForm(Answer):
    """挂账复核: let the clock go on, or expect its end later. A switch left alone lets nothing go on."""

    goes_on: bool = Field(default=False, title="恢复计时", description="打开为恢复；不打开为继续挂账，须写明日期和理由")
    until: str = Field(
        default="", title="预计恢复日期", description="继续挂账的，如 2025-06-30", pattern=r"^(\d{4}-\d{2}-\d{2})?$"
    )
    reason: str = Field(default="", title="理由", max_length=LONGEST_TEXT)
    by: str = Field(title="复核人", min_length=1, max_length=LONGEST_NAME)

    def day(self) -> date:
        """The expected end, a day in the office's zone. Raises ``Refusal`` (``date_wrong``) where none is written."""
        return written_day("预计恢复日期", self.until)


class SuspensionMatter(MatterKind[Suspension]):
    """已挂账, 待复核 from its expected end on: until the clock goes on."""

    key = "suspension"
    subject = "suspension"
    model = Suspension
    flow = "suspend"
    call = SUSPENSION_REVIEW
    about = "挂账：到预计恢复之日复核，恢复计时或继续挂账。"
    act = Act.SUSPEND
    form = SuspensionForm
    buttons = (Button("keep-on", "继续挂账", {"goes_on": False}), Button("resume", "恢复计时", {"goes_on": True}))
    placeholder: ClassVar = {}
    mending: ClassVar = {
        "date_wrong": "预计恢复日期",
        "suspension_in_past": "预计恢复日期",
        "suspension_too_long": "预计恢复日期",
        "reason_empty": "理由",
        "actor_empty": "复核人",
    }
    reading = (joinedload(Suspension.measure).joinedload(Measure.finding),)

    def asks(self) -> ColumnElement[bool]:
        return Suspension.ended_at.is_(None)

    def is_open(self, row: Suspension) -> bool:
        """Whether the clock of the measure of ``row`` stands still."""
        return row.ended_at is None

    def locked(self, ctx: LedgerContext, row_id: int) -> Suspension | None:
        """The suspension ``row_id``, its measure held by the transaction of ``ctx``."""
        return lock_suspension(ctx, row_id)

    def question(self, row: Suspension) -> str:
        """One question for every expected end of ``row``: the form of an earlier one must not be taken again."""
        return f"{self.key}-{row.expected_end:%Y%m%d}"

    def name(self, row: Suspension) -> str:
        """The measure of ``row``."""
        return f"挂账 · {row.measure.full_code} {row.measure.title}"

    def waiting_name(self, ctx: LedgerContext, row: Suspension) -> str:
        """Whether the expected end of ``row`` has come at the ``now`` of ``ctx``."""
        return "待复核" if ctx.today >= row.expected_end else "已挂账"

    def outcome(self, row: Suspension) -> str | None:
        """The same for every ``row``: it ended."""
        return "已恢复"

    def parameters(self, row: Suspension) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def measure_id(self) -> ColumnElement[Any]:
        return type_coerce(Suspension.measure_id, BigInteger)

    def measure(self, row: Suspension) -> Measure:
        """The measure whose clock stands."""
        return row.measure

    def limit(self, row: Suspension) -> date:
        """The expected end of ``row``."""
        return row.expected_end

    def asked_of(self, row: Suspension) -> list[int]:
        """The rectification office of the measure of ``row``."""
        return recipients_of(row.measure, [Audience.OFFICE])

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Suspensions of the measures that ``posts`` supervise as the office, as ``held`` has them."""
        return Suspension.measure_id.in_(held[Audience.OFFICE])

    def card(self, ctx: LedgerContext, row: Suspension) -> str:
        """Why the clock of the measure of ``row`` stands, from when to when (zone of ``ctx``), and how that ended."""
        since = ctx.work_time.day_of(row.began_at)
        lines = [
            f"**{markdown(row.measure.full_code)} {markdown(row.measure.title)}**",
            f"自 {since} 起挂账，预计 {row.expected_end} 恢复（{markdown(row.asked_by)}）",
            f"理由：{markdown(row.reason)}",
        ]
        if row.evidence:
            lines.append("佐证材料：" + "；".join(markdown(one) for one in row.evidence))
        if row.ended_at is not None:
            ended = f"{ctx.work_time.day_of(row.ended_at)} 恢复（{markdown(row.ended_by or '')}）"
            lines.append(ended + (f"：{markdown(row.end_reason)}" if row.end_reason else ""))
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: Suspension, answer: SuspensionForm) -> None:
        """Let the measure of ``row`` go on, or wait as ``answer`` says, in the name of the actor of ``ctx``."""
        if answer.goes_on:
            resume(ctx, row.measure.qualified_code, reason=answer.reason)
        else:
            prolong(ctx, row, answer.day(), answer.reason)
