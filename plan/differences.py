"""What differs between two plans, in the words a person compares them by: one line per thing or field.

Promise: nothing differs without a line, and equal plans give none (tests/plan/differences_test.py).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from plan.model import FindingSpec, MeasureSpec, Plan

PlanChangeKind = Literal["added", "removed", "changed"]
Subject = Literal["inspection", "audience", "role", "unit", "finding", "measure", "duty", "question"]
_Thing = tuple[Subject, str]
_Fields = dict[str, Any]
ORDER = "order"
"""The field of a change that only puts things in another order."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One difference. ``where`` names the thing: a code (``02-3``), a code and a duty's key (``02-3 report``), the key
    of a role or unit. ``field`` is the plan's own name of it, empty when the whole thing came or went; then ``before``
    or ``after`` is its title. Values are text, empty for none."""

    kind: PlanChangeKind
    subject: Subject
    where: str
    field: str
    before: str
    after: str


def plan_changes(before: Plan, after: Plan) -> tuple[PlanChange, ...]:
    """Every difference between two plans.

    Args:
        before: the one plan.
        after: the other.

    Returns:
        First what came or changed, in the order of ``after``; then what went, in the order of ``before``; then what
        only stands in another order.
    """
    old, new = dict(_things(before)), dict(_things(after))
    found = [change for thing, fields in new.items() for change in _compare(thing, old.get(thing), fields)]
    found += [
        PlanChange("removed", *thing, "", _title(fields), "") for thing, fields in old.items() if thing not in new
    ]
    return (*found, *_reordered(before, after))


def _compare(thing: _Thing, old: _Fields | None, new: _Fields) -> Iterator[PlanChange]:
    if old is None:
        yield PlanChange("added", *thing, "", "", _title(new))
        return
    for name, value in new.items():
        if old[name] != value:
            yield PlanChange("changed", *thing, name, value_text(old[name]), value_text(value))


def _things(plan: Plan) -> Iterator[tuple[_Thing, _Fields]]:
    """Everything a plan consists of, by what names it, with its own fields."""
    inspection = _own(plan.inspection, "phases")
    yield ("inspection", plan.inspection.key), inspection | _own(plan.inspection.phases)
    for name, keys in _own(plan.audiences).items():
        yield ("audience", name), {"members": keys}
    for key, role in plan.roles.items():
        yield ("role", key), {"name": role.name, "channels": list(role.channels.items())}
    for key, unit in plan.units.items():
        yield ("unit", key), _own(unit)
    for finding in plan.findings:
        yield ("finding", finding.code), _own(finding, "measures")
        for measure in finding.measures:
            yield from _of_measure(finding, measure)


def _of_measure(finding: FindingSpec, measure: MeasureSpec) -> Iterator[tuple[_Thing, _Fields]]:
    yield ("measure", measure.code), _own(measure, "duties", "questions") | {"finding": finding.code}
    for duty in measure.duties:
        yield ("duty", f"{measure.code} {duty.key}"), _own(duty)
    for name, question in zip(_question_names(measure), measure.questions, strict=True):
        yield ("question", f"{measure.code} {name}"), _own(question)


def _question_names(measure: MeasureSpec) -> list[str]:
    """The wording each question is about; a wording asked about twice is numbered."""
    seen: Counter[str] = Counter()
    names = []
    for question in measure.questions:
        seen[question.phrase] += 1
        nth = seen[question.phrase]
        names.append(question.phrase if nth == 1 else f"{question.phrase} ({nth})")
    return names


def _own(spec: BaseModel, *parts: str) -> _Fields:
    """The fields of a spec without those of its parts."""
    return spec.model_dump(mode="json", exclude=set(parts))


def _title(fields: _Fields) -> str:
    return value_text(next((fields[name] for name in ("title", "ask", "name", "members") if name in fields), ""))


def _reordered(before: Plan, after: Plan) -> Iterator[PlanChange]:
    old, new = dict(_orders(before)), dict(_orders(after))
    for thing, names in new.items():
        kept = set(names) & set(old.get(thing, ()))
        was = [name for name in old.get(thing, ()) if name in kept]
        now = [name for name in names if name in kept]
        if was != now:
            yield PlanChange("changed", *thing, ORDER, value_text(was), value_text(now))


def _orders(plan: Plan) -> Iterator[tuple[_Thing, Sequence[str]]]:
    """The parts of everything that has some, in their order, each under a name of its own."""
    yield ("inspection", plan.inspection.key), [finding.code for finding in plan.findings]
    for finding in plan.findings:
        yield ("finding", finding.code), [measure.code for measure in finding.measures]
        for measure in finding.measures:
            parts = [*(duty.key for duty in measure.duties), *(f"“{name}”" for name in _question_names(measure))]
            yield ("measure", measure.code), parts


def value_text(value: Any) -> str:
    """A value of a plan as text on one line.

    Args:
        value: as ``model_dump`` gives it in JSON mode.

    Returns:
        The text: ``true`` as 是, a list with 、 between its items, empty for none.
    """
    if value is None or value is True or value is False:
        return {None: "", True: "是", False: "否"}[value]
    if isinstance(value, list | tuple):
        return "、".join(value_text(one) if not isinstance(one, list | tuple) else " ".join(one) for one in value)
    return str(value)
