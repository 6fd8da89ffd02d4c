"""A kind of matter that the product does not have, in one file: a leader signs that a measure is closed."""

from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement

from db.ledger import LedgerContext
from db.matters import Answer, MatterKind
from db.models import Measure
from plan.types import Act, WorkState
from rules.lifecycle import move_measure
from text.refusals import Refusal


class SignOffForm(Answer):
    """签字背书."""

    statement: str = Field(title="签字意见", min_length=1)
    by: str = Field(title="签字人", min_length=1)


class SignOff(MatterKind[Measure]):
    """待签字: a measure that was accepted waits for a signature, which closes it."""

    key = "signature"
    subject = "measure"
    model = Measure
    flow = "sign-off"
    about = "签字背书：等待签字。"
    act = Act.CLOSE
    form = SignOffForm
    placeholder: ClassVar = {"statement": "已由其他途径签字"}
    mending: ClassVar = {"reason_empty": "签字意见"}

    def asks(self) -> ColumnElement[bool]:
        return Measure.work_state == WorkState.ACCEPTED

    def is_open(self, row: Measure) -> bool:
        return row.work_state == WorkState.ACCEPTED

    def locked(self, ctx: LedgerContext, row_id: int) -> Measure | None:
        return ctx.session.get(Measure, row_id, with_for_update=True, populate_existing=True)

    def question(self, row: Measure) -> str:
        return self.key

    def name(self, row: Measure) -> str:
        return f"{row.code} 签字背书"

    def waiting_name(self, ctx: LedgerContext, row: Measure) -> str:
        return "待签字"

    def outcome(self, row: Measure) -> str | None:
        return "已销号"

    def parameters(self, row: Measure) -> dict[str, Any]:
        return {"matter_id": row.id}

    def asked_of(self, row: Measure) -> list[int]:
        return list(row.audiences["head"])

    def card(self, ctx: LedgerContext, row: Measure) -> str:
        return f"请为 {row.code} 签字"

    def take(self, ctx: LedgerContext, row: Measure, answer: SignOffForm) -> None:
        if answer.statement == "不同意":
            raise Refusal("reason_empty")
        row.work_state = move_measure(row.code, WorkState(row.work_state), WorkState.CLOSED)
