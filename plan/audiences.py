"""Who stands for each audience of a measure: its units' posts first, the round's upper posts for the rest."""

from collections.abc import Sequence

from plan.model import MeasureSpec, Plan
from plan.types import Audience


def posts(plan: Plan, measure: MeasureSpec) -> dict[Audience, Sequence[str]]:
    """The roles of ``plan`` (their keys, in order) that ``measure`` speaks to; its own deputy goes first."""
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
