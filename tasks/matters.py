"""The steps of whatever waits for a person. Each is one transaction of the ledger and safe to repeat.

Results are never cached: after a resume the flow runs again from the top and must see the ledger as it is then.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE

from config import clock
from db import ledger, matters
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.matters import Answer, FormContext, Matter
from plan.types import Door
from tasks.context import ledger_context
from text.refusals import Refusal

T = TypeVar("T")


async def in_ledger(actor: str, work: Callable[[LedgerContext], T], door: Door | None = None) -> T:
    """Run ``work`` in a transaction of its own, in the name of ``actor`` who came by ``door``, off the event loop."""

    def run() -> T:
        with ledger_context(actor, door=door) as ctx:
            return work(ctx)

    return await to_thread.run_sync(run)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="开启 {measure} {duty}")
async def open_and_claim(measure: str, duty: str, ordinal: int | None, run_id: str) -> int | None:
    """Open what the duty owes and claim its period for this run; see ``ledger.claim_period``.

    While the clock is doubted nothing opens: the patrol opens it later, and gives it a run.

    Args:
        measure: code of the measure.
        duty: key of the duty.
        ordinal: names a period that is open already, or None.
        run_id: Prefect's id of this run.
    """

    def work(ctx: LedgerContext) -> int | None:
        sure = ledger.clock_doubt(ctx, clock.machine()) is None
        return ledger.claim_period(ctx, measure, duty, ordinal, run_id, opens=sure)

    return await in_ledger(SYSTEM_ACTOR, work)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="领取 {subject} {subject_id}")
async def claim_matter(subject: str, subject_id: int, run_id: str) -> bool:
    """Claim a subject for this run; False when another run has it or it does not exist.

    Args:
        subject: the kind of row, such as ``escalation``.
        subject_id: the row's id.
        run_id: Prefect's id of this run.
    """

    def work(ctx: LedgerContext) -> bool:
        return matters.exists(ctx, subject, subject_id) and ledger.claim(ctx, subject, subject_id, run_id)

    return await in_ledger(SYSTEM_ACTOR, work)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="核对台账")
async def read_matter(subject: str, subject_id: int) -> Matter:
    """A subject as it stands now; ``subject`` is the kind of row, ``subject_id`` its id."""
    return await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.matter(ctx, subject, subject_id))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="记表 {matter.name}")
async def keep_form(matter: Matter, form: str) -> None:
    """Remember the fingerprint ``form`` of what ``matter`` asks with, so that a form changed by hand is known."""
    await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.note_form(ctx, matter.subject, matter.id, form))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="备表 {matter.name}")
async def read_form_context(matter: Matter) -> FormContext:
    """What is shown to the person whom ``matter`` asks."""
    return await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.form_context(ctx, matter))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="登记 {matter.name}")
async def record_answer(matter: Matter, filled: dict[str, Any]) -> str | None:
    """Hand a filled form to the ledger, in the name of whoever filled it.

    Args:
        matter: as it was when it was asked.
        filled: the form's values by the name of their field.

    Returns:
        Why the ledger refused it, in the form's words; None when it did not, or when another door was quicker.
    """
    form: Answer = matters.MATTERS[matter.kind].form.model_validate(filled)
    try:
        await in_ledger(form.by, lambda ctx: matters.answer(ctx, matter, form), Door.CONSOLE)
    except Refusal as refusal:
        return matters.why_refused(matter, refusal)
    return None
