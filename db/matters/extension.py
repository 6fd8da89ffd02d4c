"""延期: somebody other than the asker grants a longer limit, or refuses it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from db.ledger.context import LedgerContext, lock_period, name_of
from db.ledger.reports import EXTENSION_ASKED, decide_extension, deciders_of
from db.matters.kind import Answer, Button, MatterKind
from db.matters.period import extension_card, measure_of_period
from db.models import Duty, Extension, Measure, Period
from plan.types import OPEN, Act, Audience
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT


class ExtensionForm(Answer):
    """延期批复. A switch left alone grants nothing."""

    grant: bool = Field(default=False, title="同意延期", description="打开为同意；不打开为不同意")
    reason: str = Field(default="", title="批复意见", max_length=LONGEST_TEXT)
    by: str = Field(title="批复人", min_length=1, max_length=LONGEST_NAME)


class ExtensionMatter(MatterKind[Extension]):
    """待批复: until it is decided or its period ends."""

    key = "extension"
    subject = "extension"
    model = Extension
    flow = "extend"
    about = "延期申请：等待批复。"
    call = EXTENSION_ASKED
    act = Act.DECIDE
    form = ExtensionForm
    several = True
    buttons = (Button("grant", "同意延期", {"grant": True}), Button("refuse", "不同意", {"grant": False}))
    placeholder: ClassVar = {}
    mending: ClassVar = {"decider_is_asker": "批复人", "actor_empty": "批复人"}
    reading = (
        joinedload(Extension.period).joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),
    )

    def asks(self) -> ColumnElement[bool]:
        return and_(Extension.granted.is_(None), Extension.period.has(Period.state.in_(OPEN)))

    def is_open(self, row: Extension) -> bool:
        """Whether ``row`` is undecided and its period is not over."""
        return row.granted is None and row.period.state in OPEN

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Extensions of ``periods``; between ``since`` and ``now`` only a command changes what one shows."""
        return Extension.period_id.in_(periods)

    def locked(self, ctx: LedgerContext, row_id: int) -> Extension | None:
        """The extension ``row_id``, read after its period was locked by the transaction of ``ctx``."""
        period_id = ctx.session.execute(select(Extension.period_id).where(Extension.id == row_id)).scalar_one_or_none()
        if period_id is None:
            return None
        # The period first, as the commands lock; the extension itself is only changed under it.
        lock_period(ctx, period_id)
        return ctx.session.get_one(Extension, row_id, populate_existing=True)

    def question(self, row: Extension) -> str:
        """The same for every ``row``: an extension is decided once."""
        return self.key

    def name(self, row: Extension) -> str:
        """The limit that ``row`` asks for and the name of its period."""
        return f"延期至{row.new_due_on} · {name_of(row.period)}"

    def waiting_name(self, ctx: LedgerContext, row: Extension) -> str:
        """The same for every ``row`` and ``ctx``."""
        return "待批复"

    def measure_id(self) -> ColumnElement[Any]:
        return measure_of_period(Extension.period_id)

    def measure(self, row: Extension) -> Measure:
        """The measure of the period of ``row``."""
        return row.period.duty.measure

    def label(self, row: Extension) -> str:
        """That of the period of ``row``."""
        return row.period.label

    def limit(self, row: Extension) -> date:
        """The limit before which ``row`` must be decided."""
        return row.old_due_on

    def outcome(self, row: Extension) -> str | None:
        """How ``row`` was decided, or that its period ended first."""
        return {True: "同意延期", False: "不同意延期", None: "已终止"}[row.granted]

    def parameters(self, row: Extension) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def asked_of(self, row: Extension) -> list[int]:
        """The deciders of the measure of ``row``."""
        return deciders_of(row.period.duty.measure)

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Requests of the measures that ``posts`` decide about, as ``held`` has them."""
        decided = (Duty.measure_id.in_(held[audience]) for audience in (Audience.DEPUTY, Audience.OFFICE))
        return Extension.period.has(Period.duty.has(or_(*decided)))

    def card(self, ctx: LedgerContext, row: Extension) -> str:
        """From which limit to which ``row`` asks, why, and who asked on which day (zone of ``ctx``)."""
        period = row.period
        return "\n\n".join(
            [
                f"**{markdown(name_of(period))}：申请由 {row.old_due_on} 延至 {row.new_due_on}**",
                f"申请理由：{markdown(row.reason)}（{markdown(row.asked_by)}，{ctx.work_time.day_of(row.asked_at)}）",
                markdown(period.duty.measure.text),
                f"牵头单位：{markdown(period.duty.measure.lead_unit)}",
            ]
        )

    def history(self, ctx: LedgerContext, row: Extension) -> str:
        """What was asked about the period of ``row``, and what was decided."""
        return f"**{markdown(name_of(row.period))}**\n\n{extension_card(row)}"

    def take(self, ctx: LedgerContext, row: Extension, answer: ExtensionForm) -> None:
        """Decide ``row`` as ``answer`` says, in the name of the actor of ``ctx``."""
        decide_extension(ctx, row.period_id, grant=answer.grant, reason=answer.reason)
