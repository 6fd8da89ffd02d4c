"""A flow that waits twice for a person: what the worker's tests and the burst measurement run."""

from typing import Any, Literal

from prefect import flow, suspend_flow_run
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field


class Report(RunInput):
    """填报"""

    body: str = Field(title="完成情况", min_length=1)
    percent: int = Field(title="进度（%）", ge=0, le=100)


class Review(RunInput):
    """审核"""

    decision: Literal["通过", "退回"] = Field(title="审核结论")


@flow(name="demo", persist_result=True)
async def demo() -> State[Any]:
    """Report, review, done."""
    form = Report.with_initial_data(description="请填报本期情况")
    report = await suspend_flow_run(wait_for_input=form, key="report", timeout=None)
    if report.body == "坏":
        raise ValueError("坏的填报")
    await suspend_flow_run(wait_for_input=Review, key="review", timeout=None)
    return Completed(name="按期办结", message=f"进度{report.percent}%")
