"""A matter's form as a page shows it, and what a browser sends as the ledger's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from db.matters import Answer, MatterKind
from db.matters.kind import Button
from plan.faults import model_faults
from text.limits import LONGEST_TEXT
from text.refusals import Refusal

KEEP = "keep"
"""The button that keeps what was written without handing it in."""
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as a page shows it; ``kind`` is day, check, number, words, lines or choice, of ``options``."""

    name: str
    kind: str
    title: str
    help: str
    value: Any
    longest: int | None
    least: int | None
    most: int | None
    fault: str
    options: tuple[str, ...] = ()


def fields_of(
    kind: MatterKind[Any], values: Mapping[str, Any], faults: Mapping[str, str] | None = None
) -> list[FormField]:
    """The fields that a person fills in: not his name, which is known, and no switch that a button sets.

    Args:
        kind: of the matter.
        values: what the fields start with, by their names.
        faults: what is wrong with a field, by its name.
    """
    switches = {name for button in kind.buttons for name, value in button.sets.items() if isinstance(value, bool)}
    schema = kind.form.model_json_schema()["properties"]
    shown = []
    for name, about in schema.items():
        if name == "by" or name in switches:
            continue
        longest = about.get("maxLength")
        how = {"boolean": "check", "integer": "number"}.get(about["type"], "words")
        if about.get("pattern") == _DAY:
            how = "day"
        elif longest == LONGEST_TEXT:
            how = "lines"
        elif "enum" in about:
            how = "choice"
        shown.append(
            FormField(
                name=name,
                kind=how,
                title=about["title"],
                help=about.get("description", ""),
                value=values.get(name, about.get("default", "")),
                longest=longest,
                least=about.get("minimum"),
                most=about.get("maximum"),
                fault=(faults or {}).get(name, ""),
                options=tuple(about.get("enum", ())),
            )
        )
    return shown


def button_of(kind: MatterKind[Any], pressed: str) -> Button:
    """The button that was pressed.

    Args:
        kind: of the matter.
        pressed: its key, from anywhere.

    Raises:
        Refusal: ``form_foreign`` for one that the form does not have: none is ever assumed.
    """
    for button in kind.buttons:
        if button.key == pressed:
            return button
    raise Refusal("form_foreign")


def written(kind: MatterKind[Any], posted: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser sent of the form's fields, a switch that it does not name being off.

    Args:
        kind: of the matter.
        posted: fields by their names, from anywhere; what is no field is left out.
    """
    values: dict[str, Any] = {}
    for field in fields_of(kind, {}):
        sent = posted.get(field.name)
        values[field.name] = bool(sent) if field.kind == "check" else str(sent or "").strip()
    return values


def answer_of(kind: MatterKind[Any], button: Button, values: Mapping[str, Any], person: str) -> Answer:
    """What a person answers.

    Args:
        kind: of the matter.
        button: the one he pressed.
        values: as ``written`` gave them.
        person: who answers.

    Raises:
        FormFault: fields are wrong, or the button needs one that is empty.
    """
    titles = {name: field.title or name for name, field in kind.form.model_fields.items()}
    if empty := [name for name in button.needs if not values.get(name)]:
        raise FormFault({name: str(Refusal("answer_missing", field=titles[name])) for name in empty})
    given = {name: value for name, value in values.items() if value != "" or name in button.needs}
    try:
        return kind.form.model_validate({**given, **button.sets, "by": person})
    except ValidationError as error:
        raise FormFault({str(loc[0]): what for loc, what in model_faults(error, kind.form)}) from None


class FormFault(Exception):
    """What is wrong in a form, by the names of its fields."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = dict(faults)
