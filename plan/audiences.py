"""Who stands for each audience of a measure: its units' posts first, the round's upper posts for the rest."""

from collections.abc import Iterator, Mapping, Sequence

from plan.model import DutySpec, MeasureSpec, Plan, UnitSpec
from plan.types import Audience, Gather


def roles_for(plan: Plan, measure: MeasureSpec) -> dict[Audience, Sequence[str]]:
    """The roles that a measure speaks to.

    Args:
        plan: the plan it belongs to.
        measure: the measure.

    Returns:
        For every audience the keys of its roles, in order; the measure's own deputy goes before the round's.
    """
    lead, upper = plan.units[measure.lead], plan.audiences
    return {
        Audience.HANDLER: lead.handler,
        Audience.LEADER: lead.leader,
        Audience.ASSISTING: [key for unit in measure.assisting for key in plan.units[unit].handler],
        Audience.CONTRIBUTOR: [
            key
            for duty in measure.duties
            for unit in gathered_from(measure, duty, plan.units)
            for key in (*plan.units[unit].handler, *plan.units[unit].leader)
        ],
        Audience.DEPUTY: measure.deputy or upper.deputy,
        Audience.HEAD: upper.head,
        Audience.DISCIPLINE: upper.discipline,
        Audience.OFFICE: upper.office,
    }


def gathered_from(measure: MeasureSpec, duty: DutySpec, units: Mapping[str, UnitSpec]) -> list[str]:
    """The units that a duty gathers parts from.

    Args:
        measure: whose duty it is.
        duty: the duty.
        units: of the plan, by their keys.

    Returns:
        Their keys, each once; never the lead unit, which gathers them.
    """
    meant = {
        Gather.ASSISTING: measure.assisting,
        Gather.SUBORDINATE: [key for key, unit in units.items() if unit.superior == measure.lead],
    }
    found = [key for one in duty.gather for key in (meant[Gather(one)] if one in list(Gather) else [one])]
    return [key for key in dict.fromkeys(found) if key != measure.lead]


def posts_above(units: Mapping[str, UnitSpec]) -> dict[str, tuple[str, ...]]:
    """To which posts a vacancy goes up: from a unit's handler to its leader, then to the handlers and leaders above.

    Args:
        units: of a plan, by their keys.

    Returns:
        For every role of a unit those above it, the nearest first; a leader's vacancy goes to leaders alone.
    """
    found: dict[str, dict[str, None]] = {}
    for key, unit in units.items():
        higher = list(_superiors(units, key))
        leaders = [role for one in higher for role in one.leader]
        for role in unit.leader:
            found.setdefault(role, {}).update(dict.fromkeys(leaders))
        acting = [*unit.leader, *(role for one in higher for role in (*one.handler, *one.leader))]
        for role in unit.handler:
            found.setdefault(role, {}).update(dict.fromkeys(acting))
    return {role: tuple(one for one in above if one != role) for role, above in found.items()}


def _superiors(units: Mapping[str, UnitSpec], key: str) -> Iterator[UnitSpec]:
    """The units above one, the nearest first; of a plan that an earlier release took none is sure to end."""
    seen = {key}
    while (superior := units[key].superior) and superior in units and superior not in seen:
        seen.add(superior)
        key = superior
        yield units[key]
