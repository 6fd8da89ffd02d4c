"""Checks the tree of a plan, whatever it was read from: a YAML file, or the rows of a workbook.

Every fault is found, each with its place in the tree; the caller knows where in its own document that is.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from plan.audiences import gathered_from
from plan.faults import Fault, Loc, fault_sentence, model_faults, nearest, quoted
from plan.model import AudienceSpec, Plan
from plan.types import Gather
from plan.yaml_reader import child
from text.clean import spelt_out


def check_plan(data: dict[str, Any], place: Callable[[Loc], str]) -> tuple[Plan | None, list[Fault]]:
    """Check a whole plan.

    Args:
        data: the plan as plain text, lists and mappings.
        place: says where in the caller's document a place of the tree is (``line 12``).

    Returns:
        The plan, or None when the models of ``plan/model.py`` refuse it, and every fault; a plan with faults is not
        to be used.
    """
    found = _Check(data, place)
    _check_codes(found)
    _check_names(found)
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        return None, [*found.faults, *model_faults(error, Plan)]
    if not found.faults:  # every name that is used is known
        _check_gathered(found, plan)
    return plan, found.faults


class _Check:
    """What is checked, and what was found so far."""

    def __init__(self, data: dict[str, Any], place: Callable[[Loc], str]) -> None:
        self.data, self.place = data, place
        self.faults: list[Fault] = []

    def report(self, loc: Loc, code: str, given: str, **facts: object) -> None:
        facts["given"] = quoted(given)
        self.faults.append((loc, fault_sentence(code, **facts)))


def _entries(parent: Any, name: str) -> Iterable[tuple[int | str, Any]]:
    found = child(parent, name)
    if isinstance(found, list):
        return enumerate(found)
    return found.items() if isinstance(found, dict) else ()


def _walk(data: Any, *names: str, at: Loc = ()) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """Every mapping below ``data`` along nested lists (or mappings) of these names, with its place."""
    if not names and isinstance(data, dict):
        yield at, data
    for part, item in _entries(data, names[0]) if names else ():
        yield from _walk(item, *names[1:], at=(*at, names[0], part))


def _check_codes(check: _Check) -> None:
    """Finding codes and measure codes are unique, duty keys within their measure; 02-3 belongs to finding 02."""
    measures = list(_walk(check.data, "findings", "measures"))
    _check_unique(check, _walk(check.data, "findings"), "code")
    _check_unique(check, measures, "code")
    for loc, measure in measures:
        _check_unique(check, _walk(measure, "duties", at=loc), "key")
        code, finding = measure.get("code"), child(check.data["findings"][loc[1]], "code")
        if isinstance(code, str) and isinstance(finding, str) and not code.startswith(f"{finding}-"):
            check.report((*loc, "code"), "code_prefix", code, finding=spelt_out(finding))


def _check_unique(
    check: _Check, entries: Iterable[tuple[Loc, dict[str, Any]]], field: str, fault: str = "used"
) -> None:
    seen: dict[str, Loc] = {}
    for loc, entry in entries:
        name = entry.get(field)
        if isinstance(name, str) and seen.setdefault(name, loc) != loc:
            check.report((*loc, field), fault, name, first=check.place((*seen[name], field)), field=field)


def _check_names(check: _Check) -> None:
    """Every role and unit that is named exists, and no two units have one name."""
    data = check.data
    _check_unique(check, _walk(data, "units"), "name", "unit_twice")
    measures = list(_walk(data, "findings", "measures"))
    duties = list(_walk(data, "findings", "measures", "duties"))
    for target, fields, entries in (
        ("roles", ("handler", "leader"), list(_walk(data, "units"))),
        ("roles", tuple(AudienceSpec.model_fields), [(("audiences",), data.get("audiences"))]),
        ("units", ("lead", "assisting"), measures),
        ("units", ("superior",), list(_walk(data, "units"))),
        ("units", ("gather",), [(loc, _without_words(duty)) for loc, duty in duties]),
        ("roles", ("deputy",), measures),
    ):
        known = data.get(target)
        if not isinstance(known, dict):
            continue  # the models report that
        for place, name in ((place, name) for loc, entry in entries for place, name in _named(loc, entry, fields)):
            if name not in known:
                check.report(place, "unknown_name", name, target=target, near=nearest(name, known))
    superiors = {loc[1]: child(unit, "superior") for loc, unit in _walk(data, "units")}
    for key, above in superiors.items():
        seen = set()
        while isinstance(above, str) and above != key and above not in seen:
            seen.add(above)
            above = superiors.get(above)
        if above == key:
            check.report(("units", key, "superior"), "superior_circle", str(superiors[key]))


def _without_words(duty: dict[str, Any]) -> dict[str, Any]:
    """What a duty gathers from, without the words that stand for units: the place of each name stays."""
    given = duty.get("gather")
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return {"gather": [None if name in list(Gather) else name for name in names]}


def _check_gathered(check: _Check, plan: Plan) -> None:
    """Whoever gathers has somebody to gather from; a unit always has a post that can fill its part in."""
    for at, finding in enumerate(plan.findings):
        for place, measure in enumerate(finding.measures):
            for number, duty in enumerate(measure.duties):
                if duty.gather and not gathered_from(measure, duty, plan.units):
                    loc = ("findings", at, "measures", place, "duties", number, "gather")
                    check.report(loc, "gathers_nobody", plan.units[measure.lead].name)


def _named(loc: Loc, entry: Any, fields: Iterable[str]) -> Iterator[tuple[Loc, str]]:
    for field in fields:
        value = child(entry, field)
        if isinstance(value, str):
            yield (*loc, field), value
        for part, name in enumerate(value if isinstance(value, list) else ()):
            if isinstance(name, str):
                yield (*loc, field, part), name
