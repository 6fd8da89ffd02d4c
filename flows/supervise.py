"""``supervise``: one period of one measure, from its opening through report and review to its closing.

A resumed run starts again from the top, so every step before a form asks the ledger first and repeats nothing.
"""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed

from flows.forms import ReportForm, ReviewForm
from flows.waiting import ask, name_run
from plan.types import PeriodState
from tasks.supervise import Sheet, read_sheet, record_report, record_review, take_period


@flow(name="supervise", persist_result=True)
async def supervise(measure: str, duty: str, ordinal: int | None = None) -> State[Any]:
    """督办一期：开启期次，等待填报，等待审核，退回则再来一轮，通过则办结。

    1. Open and claim the period; if another run has it, end at once.
    2. Name the run after the period.
    3. Until the ledger says it is over: ask for what it waits for, hand the answer to the ledger.

    Args:
        measure: code of the measure, such as ``02-3``.
        duty: key of the duty.
        ordinal: the period, when it is open already; the schedule leaves it out.
    """
    run_id = str(runtime.flow_run.id)
    period_id = await take_period(measure, duty, ordinal, run_id)
    if period_id is None:
        return Completed(name="无需办理", message="该期次已由其他运行督办，或尚未到期次")
    sheet = await read_sheet(period_id)
    await name_run(run_id, sheet.name)
    asked, refusal = 0, None
    while sheet.state in (PeriodState.WAITING, PeriodState.SUBMITTED):
        refusal = await _ask(sheet, asked, refusal)
        asked = asked + 1 if refusal else 0
        sheet = await read_sheet(period_id)
    if sheet.outcome is None:
        return Cancelled(message="期次已撤销")
    return Completed(name=sheet.outcome)


async def _ask(sheet: Sheet, asked: int, refusal: str | None) -> str | None:
    """Wait for the form the period needs now and hand it to the ledger; returns why that refused it, if it did."""
    if sheet.state == PeriodState.WAITING:
        prefilled = {"percent": sheet.last_percent}
        report = await ask(ReportForm, sheet, f"report-{sheet.round}-{asked}", refusal, prefilled)
        return await record_report(sheet.id, sheet.round, report.report(), report.by)
    review = await ask(ReviewForm, sheet, f"review-{sheet.round}-{asked}", refusal, {})
    return await record_review(sheet.id, sheet.round, review.accept, review.reason, review.by)
