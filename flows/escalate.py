"""``escalate``: one escalation (督办单), from its announcement to the supervisor's instruction."""

from datetime import date
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from db.models import LIVE
from flows.forms import InstructionForm
from flows.waiting import ask, name_run
from tasks.supervise import Sheet, read_escalation, record_acknowledgement, record_instruction, take_escalation


@flow(name="escalate", persist_result=True)
async def escalate(escalation_id: int) -> State[Any]:
    """督办：等待督办领导签收或批示；签收只暂缓升级，批示定出新时限。

    Started by the automation on ``duban.period.escalated``; a second run for the same escalation ends at once.

    Args:
        escalation_id: the escalation in the ledger.
    """
    run_id = str(runtime.flow_run.id)
    if not await take_escalation(escalation_id, run_id):
        return Completed(name="无需办理", message="该督办单已由其他运行处理，或不存在")
    sheet = await read_escalation(escalation_id)
    await name_run(run_id, sheet.name)
    asked, refusal = 0, None
    while sheet.state in LIVE:
        refusal = await _ask(sheet, asked, refusal)
        asked += 1
        sheet = await read_escalation(escalation_id)
    return Completed(name="已批示" if sheet.state == "instructed" else "已终止")


async def _ask(sheet: Sheet, asked: int, refusal: str | None) -> str | None:
    filled = await ask(InstructionForm, sheet, f"instruct-{asked}", refusal, {})
    if not filled.instruction.strip():
        return await record_acknowledgement(sheet.id, filled.by)
    try:
        limit: date | None = filled.limit()
    except ValueError:
        return f"新时限 {filled.new_limit} 不是有效日期"
    return await record_instruction(sheet.id, filled.instruction, limit, filled.by)
