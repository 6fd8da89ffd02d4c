"""How a flow waits for a person: suspended, under a name an operator understands, with a form as its Resume dialog.

One body for every kind of matter. A resumed run starts again from the top, so every step asks the ledger first and
repeats nothing.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect import Flow, flow, get_client, runtime
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed

from db.matters import MATTERS, FormContext, Matter, MatterKind
from flows.suspend import suspend_for
from tasks.artifacts import publish_history
from tasks.matters import claim_matter, keep_form, read_form_context, read_matter, record_answer
from tasks.projection import run_tags
from tasks.waiting_runs import fingerprint, form_key, form_of


async def wait_until_over(subject: str, subject_id: int) -> State[Any]:
    """Ask what the ledger asks about a subject and hand every answer to it, until nothing is asked any more.

    Args:
        subject: the kind of row, such as ``period``; this run has claimed it.
        subject_id: the row's id.

    Returns:
        The state in which the run ends, named after the outcome.
    """
    matter = await read_matter(subject, subject_id)
    await _label(matter)
    asked, refusal, filled = 0, None, dict[str, Any]()
    while matter.kind:
        filled = await _ask(await read_form_context(matter), asked, refusal, filled if refusal else {})
        refusal = await record_answer(matter, filled)
        # Part of the form's key: asked again under the old one, the refused answer would come back at once.
        asked = asked + 1 if refusal else 0
        matter = await read_matter(subject, subject_id)
    await _label(matter)
    await publish_history(matter)
    return Cancelled(message="期次已撤销") if matter.outcome is None else Completed(name=matter.outcome)


async def _label(matter: Matter) -> None:
    """Name and tags of this run, as its matter stands."""
    async with get_client() as client:
        await client.update_flow_run(UUID(str(runtime.flow_run.id)), name=matter.name, tags=run_tags(matter))


async def _ask(wanted: FormContext, asked: int, refusal: str | None, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Suspend until somebody fills the form, and return what was filled in.

    After a resume the same question, asked for the same time, gives back the stored answer. A form that was refused
    keeps what was written (``kept``), and the run says what became of it, first of all in the name of its state.
    """
    matter, kind = wanted.matter, MATTERS[wanted.matter.kind]
    shown = f"未登记·{matter.waiting_name}" if refusal else matter.waiting_name
    form = form_of(wanted, refusal, kept)
    await keep_form(matter, fingerprint(form))
    filled = await suspend_for(form, form_key(matter, asked), shown, refusal and f"未能登记：{refusal}")
    return {name: getattr(filled, name) for name in kind.form.model_fields}


def flow_of(kind: MatterKind[Any]) -> Flow[..., Any]:
    """The flow of ``kind``, a kind of matter, where it needs none of its own."""

    @flow(name=kind.flow, description=kind.about, persist_result=True)
    async def wait_for_person(matter_id: int) -> State[Any]:
        return await take_up(kind.subject, matter_id)

    return wait_for_person


async def take_up(subject: str, subject_id: int) -> State[Any]:
    """Claim a subject for this run and wait; a second run for the same subject ends at once.

    Args:
        subject: the kind of row, such as ``escalation``.
        subject_id: the row's id, as the run's parameters give it.

    Returns:
        The state in which the run ends.
    """
    if not await claim_matter(subject, subject_id, str(runtime.flow_run.id)):
        return Completed(name="无需办理", message="该事项已由其他运行处理，或不存在")
    return await wait_until_over(subject, subject_id)
