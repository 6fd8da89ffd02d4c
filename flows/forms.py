"""The forms people fill in the Prefect UI: report, review, instruction. What they carry goes to the ledger."""

from datetime import date

from prefect.input import RunInput
from pydantic import Field

from db.ledger import Report

_LONGEST = 4000


class ReportForm(RunInput):
    """填报: what the unit reports for a period."""

    body: str = Field(title="完成情况", description="写明本期做了什么、结果如何", min_length=1, max_length=_LONGEST)
    percent: int = Field(title="进度（%）", ge=0, le=100)
    finished: bool = Field(default=False, title="该项工作已全部完成")
    difficulty: str = Field(default="", title="存在困难", max_length=_LONGEST)
    help_needed: str = Field(default="", title="需协调事项", max_length=_LONGEST)
    evidence: str = Field(default="", title="佐证材料（每行一份）", max_length=_LONGEST)
    by: str = Field(title="填报人", min_length=1, max_length=100)

    def report(self) -> Report:
        """The form as the ledger takes it."""
        return Report(
            body=self.body,
            percent=self.percent,
            finished=self.finished,
            difficulty=self.difficulty,
            help_needed=self.help_needed,
            evidence=tuple(line.strip() for line in self.evidence.splitlines() if line.strip()),
        )


class ReviewForm(RunInput):
    """审核: accept a report or return it. A switch left alone accepts nothing: a return needs its reason."""

    accept: bool = Field(default=False, title="通过", description="打开为通过；不打开为退回，须写明理由")
    reason: str = Field(default="", title="审核意见", description="退回时必须写明理由", max_length=_LONGEST)
    by: str = Field(title="审核人", min_length=1, max_length=100)


class InstructionForm(RunInput):
    """督办: instruct the unit; without an instruction the escalation is only acknowledged."""

    instruction: str = Field(
        default="", title="批示内容", description="写明要求和措施；不填则为签收，只暂缓升级", max_length=_LONGEST
    )
    new_limit: str = Field(
        default="", title="新时限", description="如 2025-06-30；不填则按督办单时限", pattern=r"^(\d{4}-\d{2}-\d{2})?$"
    )
    by: str = Field(title="处理人", min_length=1, max_length=100)

    def limit(self) -> date | None:
        """The new limit as a date. Raises ``ValueError`` for a day that does not exist."""
        return date.fromisoformat(self.new_limit) if self.new_limit else None
