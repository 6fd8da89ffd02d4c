"""Suspend a run with its form, without the moment in which a kill would leave a waiting run that has none for good.

Prefect's own suspension sets the state first and saves the form after, and its server drops what was saved under the
keys that a run's first suspension names: a run cut off between the two can never be resumed. Here the form is there
first, the run is suspended without a word of it, and the name that people see brings the form along. A run cut off in
between waits as ``Suspended``, and the patrol gives it name and form.
"""

from typing import Any, TypeVar
from uuid import UUID

from prefect import get_client, runtime
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import Abort, Pause
from prefect.input import RunInput
from prefect.input.run_input import keyset_from_base_key
from prefect.states import Suspended

from tasks.waiting_runs import name_waiting_state, save_form

Form = TypeVar("Form", bound=RunInput)


async def suspend_for(form: type[Form], key: str, shown: str, message: str | None = None) -> Form:
    """Suspend the current run until the form is filled, and return it; asked before and answered, return at once.

    1. Save the form. 2. Propose to wait. 3. Accepted: give the waiting state its name and the form.
    4. Refused because this question was asked: load the answer.

    Args:
        form: the form's class; its description is the text above it.
        key: names the question inside the run.
        shown: name of the waiting state.
        message: what the state says besides; None for nothing of ours.

    Raises:
        Pause: the run waits now; the engine takes it from here.
        Abort: the run was ended meanwhile.
    """
    run_id = UUID(str(runtime.flow_run.id))
    async with get_client() as client:
        await save_form(client, run_id, form, key)
        waiting: State[Any] = Suspended(pause_key=key)
        verdict = await client.set_flow_run_state(run_id, waiting)
        if verdict.status == SetStateStatus.ACCEPT and verdict.state is not None:
            await name_waiting_state(client, run_id, verdict.state, shown, message)
            raise Pause(state=verdict.state)
    if verdict.state is None or not verdict.state.is_running():
        raise Abort(f"该运行不能转入等待：{verdict.details}")
    return await form.aload(keyset_from_base_key(key), run_id)
