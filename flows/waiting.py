"""How a flow waits for a person: suspended, under a name an operator understands, with a form as its Resume dialog."""

from typing import Any, TypeVar
from uuid import UUID

from prefect import get_client
from prefect.input import RunInput
from pydantic import create_model
from pydantic.fields import FieldInfo

from flows.suspend import suspend_for
from tasks.supervise import Sheet

Form = TypeVar("Form", bound=RunInput)


async def ask(form: type[Form], sheet: Sheet, key: str, refusal: str | None, prefilled: dict[str, Any]) -> Form:
    """Suspend until somebody fills the form, and return it.

    Args:
        form: the form's class.
        sheet: what the form is about; its ``shown`` becomes the name of the waiting state.
        key: names this question inside the run: after a resume the same key gives back the stored answer.
        refusal: why the last answer was not taken, shown above the form.
        prefilled: values the form starts with.
    """
    card = f"{sheet.card}\n\n**未能登记：{refusal}**" if refusal else sheet.card
    return await suspend_for(prefill(form, prefilled).with_initial_data(description=card), key, sheet.shown)


def prefill(form: type[Form], values: dict[str, Any]) -> type[Form]:
    """The form with other defaults. Prefect's own initial data would lose the fields' titles and limits."""
    fields = {
        name: (form.model_fields[name].annotation, FieldInfo.merge_field_infos(form.model_fields[name], default=value))
        for name, value in values.items()
    }
    made: type[Form] = create_model(form.__name__, __base__=form, **fields)  # type: ignore[call-overload]
    return made


async def name_run(run_id: str, name: str) -> None:
    """Give a run the name people know it by."""
    async with get_client() as client:
        await client.update_flow_run(UUID(run_id), name=name)
