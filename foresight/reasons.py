"""Why an event is forecast: its facts as data, and the same as one sentence."""

from datetime import date
from typing import Any

from plan.policy import Offset, rung_text
from plan.types import EventKind
from rules.forecast import Event
from rules.ladder import Step, shift
from rules.work_time import WorkTime
from text.catalogue import date_text, phrase


def facts(event: Event, work_time: WorkTime) -> dict[str, Any]:
    """What an event follows from.

    Args:
        event: of a forecast.
        work_time: working days and zone of the office.

    Returns:
        Dates (in the office's zone) of its period, the rung's anchor and offset, and what moved it. ``moved``: from a
        day off to a working day. ``fell_due_on``: only where it fires on another day.
    """
    dates, step = event.period.dates, event.step
    known: dict[str, Any] = {
        "opens_on": dates.opens_on,
        "due_on": dates.due_on,
        "formal_due_on": event.period.formal_due_on,
        "extended": event.period.extended,
        "provisional": event.provisional,
        "assumed": event.duty.assumed,
    }
    if step is None:
        return known
    if dates.submitted_on is not None:
        known["submitted_on"] = dates.submitted_on
    fell_due_on = work_time.day_of(step.at)
    return known | {
        "anchor": step.rung.anchor,
        "offset": _offset_text(event, step),
        "moved": event.kind is not EventKind.REPEAT and fell_due_on != _nominal(event, step, work_time),
        "fell_due_on": fell_due_on if fell_due_on != event.day else None,
        "vacant": not event.recipients,
        "limit_on": event.limit_on,
    }


def sentence(event: Event, work_time: WorkTime) -> str:
    """The reason of ``event`` in one line, its reservations behind it; dates are days in the zone of ``work_time``."""
    known = facts(event, work_time)
    written = {name: date_text(value) for name, value in known.items() if isinstance(value, date)}
    key, more = _main(event)
    main = phrase(f"forecast.why.{key}", **written, **more)
    notes = [phrase(f"forecast.note.{note}", **written) for note in _notes(event, known)]
    return "；".join([main, *notes])


def _main(event: Event) -> tuple[str, dict[str, Any]]:
    """The phrase of an event's cause, and what fills it besides the dates."""
    if event.step is None:
        return "due", {}
    rung = event.step.rung
    if event.kind is EventKind.REPEAT:
        number = event.step.key.rpartition("#")[2]
        return ("review_repeat" if rung.anchor == "submitted" else "repeat"), {"number": number}
    if rung.anchor in ("open", "submitted"):
        return ("open" if rung.anchor == "open" else "review"), {}
    offset = _offset(event, event.step)
    rung_said = rung_text(rung.anchor, offset, event.period.dates.anchor_day(rung.anchor))
    return ("late" if offset.count > 0 else "reminder"), {"rung": rung_said}


def _notes(event: Event, known: dict[str, Any]) -> list[str]:
    # It fires before its time only because nobody stands on the rungs below it.
    raised = event.step is not None and event.step.at > event.at
    changed = known["formal_due_on"] != known["due_on"]
    told = {
        "extended": changed and known["extended"],
        "rolled": changed and not known["extended"],
        "moved": known.get("moved"),
        "late": known.get("fell_due_on") and not raised,
        "raised": raised,
        "vacant": known.get("vacant"),
        "limit": known.get("limit_on"),
        "provisional": known["provisional"],
        "assumed": known["assumed"],
    }
    return [name for name, holds in told.items() if holds]


def _offset(event: Event, step: Step) -> Offset:
    """The distance in force: a measure's own lead time replaces that of the rung that warns."""
    own = event.period.dates.warn_days
    return Offset(count=-own, unit="d") if step.rung.warn and own is not None else step.rung.offset


def _offset_text(event: Event, step: Step) -> str:
    offset = _offset(event, step)
    return f"{offset.count:+d}{offset.unit}"


def _nominal(event: Event, step: Step, work_time: WorkTime) -> date | None:
    """The day the offset names, before days off move it."""
    anchor = event.period.dates.anchor_day(step.rung.anchor)
    return anchor and shift(anchor, _offset(event, step), work_time.calendar)
