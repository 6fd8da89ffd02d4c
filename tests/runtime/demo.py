"""Flows for the worker's tests and the burst measurement; ``python -m tests.runtime.demo`` is a worker for them."""

import asyncio
import os
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field

from flows.suspend import suspend_for


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
    report = await suspend_for(form, "report", "待填报")
    if report.body == "坏":
        raise ValueError("坏的填报")
    await suspend_for(Review, "review", "待审核")
    return Completed(name="按期办结", message=f"进度{report.percent}%")


@flow(name="hold")
async def hold(until: str) -> None:
    """Run until a file exists."""
    while not Path(until).exists():  # noqa: ASYNC110, ASYNC240 (another process makes it)
        await asyncio.sleep(0.05)


FLOWS: dict[str, Any] = {"demo": demo, "hold": hold}


if __name__ == "__main__":
    from flows.worker import serve

    serve(Path(os.environ["DUBAN_HOME"]), 4, FLOWS)
