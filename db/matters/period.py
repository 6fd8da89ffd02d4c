"""The two matters of a period: its report is awaited from the unit, then its review from somebody else.

Both wait in one run, that of the period.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload, selectinload

from db.ledger.context import LedgerContext, lock_period, name_of, recipients_of
from db.ledger.queries import lamp_of, last_percent, waiting_name
from db.ledger.reports import Report, outcome, review, submit
from db.matters.kind import Answer, MatterKind, lamp_tags
from db.models import Duty, Measure, Period, Submission
from plan.types import Audience, PeriodState
from text.catalogue import term
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT


class ReportForm(Answer):
    """填报: what the unit reports for a period."""

    body: str = Field(title="完成情况", description="写明本期做了什么、结果如何", min_length=1, max_length=LONGEST_TEXT)
    percent: int = Field(title="进度（%）", ge=0, le=100)
    finished: bool = Field(default=False, title="该项工作已全部完成")
    difficulty: str = Field(default="", title="存在困难", max_length=LONGEST_TEXT)
    help_needed: str = Field(default="", title="需协调事项", max_length=LONGEST_TEXT)
    evidence: str = Field(default="", title="佐证材料（每行一份）", max_length=LONGEST_TEXT)
    by: str = Field(title="填报人", min_length=1, max_length=LONGEST_NAME)

    def report(self) -> Report:
        """The form as the ledger takes it."""
        lines = (line.strip() for line in self.evidence.splitlines())
        return Report(**self.model_dump(exclude={"evidence", "by"}), evidence=tuple(line for line in lines if line))


class ReviewForm(Answer):
    """审核: accept a report or return it. A switch left alone accepts nothing: a return needs its reason."""

    accept: bool = Field(default=False, title="通过", description="打开为通过；不打开为退回，须写明理由")
    reason: str = Field(default="", title="审核意见", description="退回时必须写明理由", max_length=LONGEST_TEXT)
    by: str = Field(title="审核人", min_length=1, max_length=LONGEST_NAME)


class _OfPeriod(MatterKind[Period]):
    """What report and review share: the period, its name, its run under the deployment of its measure."""

    subject = "period"
    model = Period
    flow = "supervise"
    about = "督办一期：等待填报，等待审核，直至办结。"
    reading = (
        joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),
        selectinload(Period.submissions),
    )
    state: ClassVar[PeriodState]

    def asks(self) -> ColumnElement[bool]:
        return Period.state == self.state

    def is_open(self, row: Period) -> bool:
        return row.state == self.state

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Those of ``periods``: from ``since`` to ``now`` only a command changes one, or the date."""
        return Period.id.in_(periods)

    def locked(self, ctx: LedgerContext, row_id: int) -> Period | None:
        return lock_period(ctx, row_id)

    def question(self, row: Period) -> str:
        # A returned report is asked for anew: the form of the last round must not answer it.
        return f"{self.key}-{row.round}"

    def name(self, row: Period) -> str:
        return name_of(row)

    def waiting_name(self, ctx: LedgerContext, row: Period) -> str:
        return waiting_name(ctx, row)

    def outcome(self, row: Period) -> str | None:
        return outcome(row)

    def measure(self, row: Period) -> Measure:
        return row.duty.measure

    def limit(self, row: Period) -> date:
        return row.due_on

    def stages(self, ctx: LedgerContext, row: Period) -> tuple[str, ...]:
        stage, shown, colour = term(PeriodState(row.state)), waiting_name(ctx, row).partition("·")[0], lamp_of(ctx, row)
        return (stage, shown, *lamp_tags(colour))

    def deployment(self, row: Period) -> str:
        return deployment_name(row.duty.measure.code, row.duty.measure.title)

    def parameters(self, row: Period) -> dict[str, Any]:
        return {"measure": row.duty.measure.code, "duty": row.duty.key, "ordinal": row.ordinal}

    def card(self, ctx: LedgerContext, row: Period) -> str:
        measure, duty = row.duty.measure, row.duty
        receiver = f"　·　报送：{markdown(duty.receiver)}" if duty.receiver else ""
        lines = [
            f"**{markdown(name_of(row))}，期限 {row.due_on}**",
            markdown(measure.text),
            f"牵头单位：{markdown(measure.lead_unit)}{receiver}",
        ]
        if row.provisional:
            lines.append("期限所在年度的放假安排尚未公布，工作日推算为暂定。")
        return "\n\n".join([*lines, *(submission_card(one) for one in row.submissions[-1:])])


class ReportMatter(_OfPeriod):
    """待填报: the unit reports."""

    key = "report"
    form = ReportForm
    placeholder: ClassVar = {"body": "已由其他途径填报", "percent": 0}
    state = PeriodState.WAITING

    def asked_of(self, row: Period) -> list[int]:
        """The handlers of the measure of ``row``."""
        return recipients_of(row.duty.measure, [Audience.HANDLER])

    def prefilled(self, row: Period) -> dict[str, Any]:
        """The progress last reported for ``row``."""
        return {"percent": last_percent(row) or 0}

    def take(self, ctx: LedgerContext, row: Period, answer: ReportForm) -> None:
        """Submit ``answer`` for ``row`` in the name of the actor of ``ctx``."""
        submit(ctx, row.id, answer.report())


class ReviewMatter(_OfPeriod):
    """待审核: somebody else accepts the report or returns it."""

    key = "review"
    form = ReviewForm
    placeholder: ClassVar = {"reason": "已由其他途径审核"}
    state = PeriodState.SUBMITTED

    def asked_of(self, row: Period) -> list[int]:
        """The rectification office of the measure of ``row``."""
        return recipients_of(row.duty.measure, [Audience.OFFICE])

    def take(self, ctx: LedgerContext, row: Period, answer: ReviewForm) -> None:
        """Accept or return the report of ``row`` as ``answer`` says, in the name of the actor of ``ctx``."""
        review(ctx, row.id, accept=answer.accept, reason=answer.reason)


def deployment_name(code: str, title: str) -> str:
    """The name of a measure's deployment; Prefect forbids ``/ % & < >`` in names.

    Args:
        code: code of the measure.
        title: its title.
    """
    return re.sub(r"[/%&<>\x00-\x1f]", "·", f"{code} {title}")


def submission_card(submission: Submission) -> str:
    """A report as Markdown: what was reported, by whom, and why it was returned if it was.

    Args:
        submission: a loaded report; every text of it is made harmless.
    """
    lines = [f"**第{submission.round}轮填报**（{markdown(submission.submitted_by)}，进度{submission.percent}%）"]
    lines.append(markdown(submission.body))
    extras = (("存在困难", submission.difficulty), ("需协调", submission.help_needed))
    lines += [f"{name}：{markdown(value)}" for name, value in extras if value]
    if submission.evidence:
        lines.append("佐证材料：" + "；".join(markdown(item) for item in submission.evidence))
    if submission.accepted is False:
        lines.append(f"**退回理由**：{markdown(submission.reason or '')}")
    return "\n\n".join(lines)
