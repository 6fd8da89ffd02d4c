"""Runs that wait with a form: made waiting, named, given their form back. What goes below Prefect's verbs is here.

Prefect knows one way to wait: a worker starts the run, and the run suspends itself. That costs a whole run of the
engine for each period that opens, so a run that nobody has to start is created in the state in which it would end up:
paused, under the key of its question, with the inputs of its form. The client has no argument for a created run's
``empirical_policy``, without which a resumed run asks what was answered; so the server's route is called by its name.
A waiting run is renamed by setting a paused state with the same details, which keeps its form.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input import RunInput
from prefect.input.run_input import keyset_from_base_key
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from db.matters import MATTERS, FormContext, Matter
from tasks.doors import web_url
from text.catalogue import phrase
from text.clean import markdown
from text.links import page_link

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_REFUSED = "**未能登记："
"""How the text above a form begins whose last answer was not taken."""


def form_key(matter: Matter, asked: int = 0) -> str:
    """The key of a form: its question and how often it was asked in this run, so that a refused answer is not taken.

    Args:
        matter: a matter that asks something.
        asked: how often an answer to this question was refused.
    """
    return f"{matter.question}-{asked}"


def form_of(wanted: FormContext, refusal: str | None = None, kept: Mapping[str, Any] = _NOTHING) -> type[RunInput]:
    """The form of a matter as Prefect's input, with the values it starts with and the text above it.

    Args:
        wanted: what is needed to ask.
        refusal: why the last answer was not taken; said above all else.
        kept: what was written in it, by the name of the field.
    """
    form = MATTERS[wanted.matter.kind].form
    text = text_above(wanted)
    card = f"{_REFUSED}{markdown(refusal)}**\n\n{text}" if refusal else text
    return _prefilled(form, {**wanted.prefilled, **kept}).with_initial_data(description=card)


def text_above(wanted: FormContext) -> str:
    """The text above a form, with the ways to the first page and to the matter's own, in Markdown.

    Args:
        wanted: what is needed to ask.
    """
    links = [f"[{phrase('page.link')}]({page_link('')})"]
    if (pages := web_url()) is not None:
        links.append(f"[{phrase('page.matter')}]({pages.rstrip('/')}/matter/{wanted.matter.tag})")
    return f"{wanted.card}\n\n{'　·　'.join(links)}"


def _prefilled(form: type[BaseModel], values: Mapping[str, Any]) -> type[RunInput]:
    """With other defaults. Prefect's own initial data would lose the titles and limits of the fields."""
    fields: dict[str, Any] = {
        name: (form.model_fields[name].annotation, FieldInfo.merge_field_infos(form.model_fields[name], default=value))
        for name, value in values.items()
    }
    return create_model(form.__name__, __base__=(form, RunInput), **fields)  # type: ignore[arg-type]


async def save_form(client: PrefectClient, run_id: UUID, form: type[RunInput], key: str) -> None:
    """Save the inputs of a form for a run; what was saved before, by a run that was cut off, stays.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        form: as ``form_of`` makes it.
        key: of the form.
    """
    names = _parts(key)
    for part, value in _inputs(form).items():
        try:
            await client.create_flow_run_input(run_id, names[part], json.dumps(value, ensure_ascii=False))
        except PrefectHTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:
                raise


async def refresh_text(client: PrefectClient, run_id: UUID, key: str, card: str) -> bool:
    """Bring the text above a form up to what the ledger says now; why the last answer was refused stays above it.

    Args:
        client: a client of the Prefect server.
        run_id: of a run that waits with the form of ``key``.
        key: of the form.
        card: the text, in Markdown.

    Returns:
        Whether it was another.
    """
    name = keyset_from_base_key(key)["description"]
    try:
        shown = json.loads(await client.read_flow_run_input(run_id, name))
    except (PrefectHTTPStatusError, ValueError):  # none, or nothing that a form could show
        shown = None
    refused = shown.partition("\n\n")[0] if isinstance(shown, str) and shown.startswith(_REFUSED) else ""
    wanted = f"{refused}\n\n{card}" if refused else card
    if shown == wanted:
        return False
    # Prefect has no word for changing an input. Between the two the dialog has no text; a crash there leaves it to the
    # next reconciliation.
    with suppress(PrefectHTTPStatusError):
        await client.delete_flow_run_input(run_id, name)
    await client.create_flow_run_input(run_id, name, json.dumps(wanted, ensure_ascii=False))
    return True


async def refresh_start(client: PrefectClient, run_id: UUID, key: str, values: Mapping[str, Any]) -> None:
    """Let a waiting form start from what came in since it was saved: a text that goes on replaces its beginning.

    What stands there and is no beginning of it was written in the form, and stays.

    Args:
        client: a client of the Prefect server.
        run_id: of a run that waits with the form of ``key``.
        key: of the form.
        values: the values that the form would start with now, by the name of the field.
    """
    name = keyset_from_base_key(key)["schema"]
    schema = json.loads(await client.read_flow_run_input(run_id, name))
    shown = schema.get("properties", {})
    fields = [(shown[one], value) for one, value in values.items() if one in shown]
    goes_on = [
        (field, value)
        for field, value in fields
        if isinstance(value, str) and value != (had := field.get("default") or "") and value.startswith(had)
    ]
    if not goes_on:
        return
    for field, value in goes_on:
        field["default"] = value
    with suppress(PrefectHTTPStatusError):
        await client.delete_flow_run_input(run_id, name)
    await client.create_flow_run_input(run_id, name, json.dumps(schema, ensure_ascii=False))


def _inputs(form: type[RunInput]) -> dict[str, Any]:
    """What is saved of a form. What the dialog cannot do without comes last: a run that has it has all."""
    schema = form.model_json_schema(by_alias=True)
    schema.pop("description", None)  # the docstring of the class, which is for developers
    # Without a text above it, this is the declaration of the attribute.
    text = {"description": form._description} if isinstance(form._description, str) else {}
    return {**text, "schema": schema}


def fingerprint(form: type[RunInput]) -> str:
    """What tells a form from every other that reads differently.

    Args:
        form: as ``form_of`` makes it.
    """
    return _digest(_inputs(form))


def _digest(inputs: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


async def stored_fingerprint(client: PrefectClient, run_id: UUID, key: str) -> str:
    """The fingerprint of the form that the server keeps for a run, whatever was made of it.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        key: of the form.
    """
    found: dict[str, Any] = {}
    for part, name in _parts(key).items():
        try:
            found[part] = json.loads(await client.read_flow_run_input(run_id, name))
        except (PrefectHTTPStatusError, ValueError):  # it is gone, or no form of ours
            continue
    return _digest(found)


async def save_form_anew(client: PrefectClient, run_id: UUID, form: type[RunInput], key: str) -> None:
    """Put a form in the place of whatever the server keeps for a run.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        form: as ``form_of`` makes it.
        key: of the form.
    """
    for name in _parts(key).values():
        with suppress(PrefectHTTPStatusError):
            await client.delete_flow_run_input(run_id, name)
    await save_form(client, run_id, form, key)


def _parts(key: str) -> dict[str, str]:
    keyset = keyset_from_base_key(key)
    return {"description": keyset["description"], "schema": keyset["schema"]}


async def create_waiting_run(
    client: PrefectClient, deployment_id: UUID, wanted: FormContext, queue: str, tags: Sequence[str]
) -> UUID:
    """Create the run of a matter as it would look after a worker had started it: waiting, named, with its form.

    Asked again for the same matter and the same run that this one replaces, the server gives back the first.

    Args:
        client: a client of the Prefect server.
        deployment_id: of the deployment under which it waits.
        wanted: the matter and what is needed to ask.
        queue: the work queue in which it goes on once somebody has answered.
        tags: those of the run, beside its deployment's.

    Returns:
        The id of the run.
    """
    matter, key = wanted.matter, form_key(wanted.matter)
    response = await client.request(
        "POST",
        "/deployments/{id}/create_flow_run",
        path_params={"id": str(deployment_id)},
        json={
            "name": matter.name,
            "parameters": dict(matter.parameters),
            "idempotency_key": f"{matter.subject}:{matter.id}:{matter.run_id}",
            "work_queue_name": queue,
            "tags": list(tags),
            "state": {"type": StateType.PAUSED, "name": matter.waiting_name, "state_details": _details(key)},
            # What a run remembers of the questions it asked: it takes the answer instead of asking once more.
            "empirical_policy": {"pause_keys": [key]},
        },
    )
    run_id = UUID(response.json()["id"])
    await save_form(client, run_id, form_of(wanted), key)
    return run_id


def _details(key: str) -> dict[str, Any]:
    """How a state says that its run waits for the form of ``key``, however long, and is queued when woken."""
    return {
        "pause_key": key,
        "run_input_keyset": dict(keyset_from_base_key(key)),
        "pause_reschedule": True,
        "pause_timeout": None,
    }


def waits_as_it_should(state: State[Any]) -> bool:
    """Whether a paused state leads to its form and to the queue, and never ends by itself.

    One that does not was cut off before it got its form, or was set by somebody else.

    Args:
        state: of a waiting run; it may hold anything.
    """
    details = state.state_details
    known = details.model_dump(mode="json")
    return all(known[name] == value for name, value in _details(str(details.pause_key)).items())


async def rename_waiting_state(client: PrefectClient, run_id: UUID, name: str) -> bool:
    """Name the waiting state of a run; its form stays, or comes back.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        name: as the ledger has it.

    Returns:
        Whether anything changed.
    """
    state = (await client.read_flow_run(run_id)).state
    if state is None or state.type != StateType.PAUSED or not state.state_details.pause_key:
        return False
    if state.name == name and waits_as_it_should(state):
        return False
    await name_waiting_state(client, run_id, state, name)
    return True


async def name_waiting_state(
    client: PrefectClient, run_id: UUID, state: State[Any], name: str, message: str | None = None
) -> None:
    """Give a waiting state its name and the form that was saved under its key.

    Args:
        client: a client of the Prefect server.
        run_id: of the run.
        state: a paused state with a key.
        name: as the ledger has it.
        message: what it says besides; None for what it says already.
    """
    details = state.state_details.model_copy(update=_details(str(state.state_details.pause_key)))
    named = State(type=StateType.PAUSED, name=name, message=message or state.message, state_details=details)
    await client.set_flow_run_state(run_id, named, force=True)
