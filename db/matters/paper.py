"""文书: the office reads a paper that is due, amends it in Word and releases it, or says that it is not wanted."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy.orm import joinedload

from db.ledger.context import LedgerContext
from db.ledger.drafts import PAPER_DRAFTED, lock_draft, paper_name, set_aside
from db.matters.kind import Answer, Button, MatterKind
from db.models import Inspection, PaperDraft
from plan.types import Act, Audience
from rules.month_span import MonthSpan
from text.catalogue import phrase
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT


class PaperForm(Answer):
    """文书: not wanted. A paper is released with its file, on its page or by command."""

    reason: str = Field(default="", title="不需要的理由", max_length=LONGEST_TEXT)
    by: str = Field(title="办理人", min_length=1, max_length=LONGEST_NAME)


class PaperMatter(MatterKind[PaperDraft]):
    """待发布: until the paper is released, or is not wanted."""

    key = "paper"
    subject = "paper"
    model = PaperDraft
    flow = "release"
    call = PAPER_DRAFTED
    about = "文书：等待整改办阅改、定稿并发布。"
    act = Act.RELEASE
    form = PaperForm
    buttons = (Button("set-aside", "本期不需要", needs=("reason",)),)
    placeholder: ClassVar = {"reason": "已由其他途径办理"}
    mending: ClassVar = {"reason_empty": "不需要的理由", "actor_empty": "办理人"}
    reading = (joinedload(PaperDraft.inspection),)

    def asks(self) -> ColumnElement[bool]:
        return PaperDraft.ended_at.is_(None)

    def is_open(self, row: PaperDraft) -> bool:
        """Whether the paper ``row`` waits."""
        return row.ended_at is None

    def locked(self, ctx: LedgerContext, row_id: int) -> PaperDraft | None:
        """The paper ``row_id``, locked by the transaction of ``ctx``."""
        return lock_draft(ctx, row_id)

    def question(self, row: PaperDraft) -> str:
        """One question for every ``row``."""
        return self.key

    def name(self, row: PaperDraft) -> str:
        """What the paper ``row`` is called, and its months."""
        return paper_name(row)

    def waiting_name(self, ctx: LedgerContext, row: PaperDraft) -> str:
        """Whether the limit of what ``row`` answers is past at the ``now`` of ``ctx``."""
        late = row.due_on is not None and ctx.today > row.due_on
        return phrase("paper.waiting_late" if late else "paper.waiting")

    def outcome(self, row: PaperDraft) -> str | None:
        """Whether ``row`` was released."""
        return phrase("paper.set_aside" if row.end_reason else "paper.out")

    def parameters(self, row: PaperDraft) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def label(self, row: PaperDraft) -> str:
        """The months of ``row``."""
        return MonthSpan(row.first_on, row.last_on).label

    def limit(self, row: PaperDraft) -> date | None:
        """The limit of the period that ``row`` answers."""
        return row.due_on

    def asked_of(self, row: PaperDraft) -> list[int]:
        """The office of the inspection of ``row``."""
        return list(row.inspection.audiences.get(Audience.OFFICE, ()))

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Papers of the inspections whose office ``posts`` are, whatever measures they have, as ``held`` says."""
        office = (Inspection.audiences[Audience.OFFICE.value].contains([post]) for post in posts)
        return PaperDraft.inspection.has(or_(false(), *office))

    def card(self, ctx: LedgerContext, row: PaperDraft) -> str:
        """What ``row`` is, and how it goes out."""
        lines = [f"**{markdown(self.name(row))}**", markdown(row.inspection.title), phrase("paper.how")]
        if row.end_reason:
            lines.append(f"{phrase('paper.set_aside')}：{markdown(row.end_reason)}（{markdown(row.ended_by or '')}）")
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: PaperDraft, answer: PaperForm) -> None:
        """Set ``row`` aside as ``answer`` says, in the name of the actor of ``ctx``."""
        set_aside(ctx, row.id, answer.reason)
