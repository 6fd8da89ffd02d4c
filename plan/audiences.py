"""Who stands for each audience of a measure: its units' posts first, the round's upper posts for the rest."""

from collections.abc import Sequence

from plan.model import MeasureSpec, Plan
from plan.types import Audience


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
        Audience.DEPUTY: measure.deputy or upper.deputy,
        Audience.HEAD: upper.head,
        Audience.DISCIPLINE: upper.discipline,
        Audience.OFFICE: upper.office,
    }
