"""Who is there to act once something is late: the posts on the rungs of the ladder that ask a supervisor (督办单)."""

from plan.audiences import roles_for
from plan.model import Plan
from plan.policy import Policy
from plan.types import SHEET_KINDS, Audience
from text.catalogue import term
from text.refusals import Refusal

_TOLD = 3
"""Measures named in a refusal."""


def supervising(policy: Policy) -> tuple[Audience, ...]:
    """The audiences of the rungs that ask a supervisor in an office's ladders, each once, from the lowest rung up.

    Args:
        policy: the office's own.
    """
    rungs = [rung for ladder in (policy.short, policy.long) for rung in ladder.rungs]
    return tuple(dict.fromkeys(one for rung in rungs if rung.kind in SHEET_KINDS for one in rung.audience))


def unsupervised(plan: Plan, policy: Policy) -> list[str]:
    """The measures that owe something and of which nobody would be told once it is late.

    One empty rung among others is none of them: the next one that is staffed takes its place.

    Args:
        plan: a checked plan.
        policy: whose ladders they climb.

    Returns:
        Codes of measures, in the order of the plan.
    """
    asked = supervising(policy)
    return [
        measure.code
        for finding in plan.findings
        for measure in finding.measures
        if measure.duties and not any(roles_for(plan, measure)[audience] for audience in asked)
    ]


def empty_posts(plan: Plan, policy: Policy) -> tuple[Audience, ...]:
    """The audiences of escalation rungs on which nobody stands for at least one measure that owes something.

    Args:
        plan: a checked plan.
        policy: whose ladders its measures climb.

    Returns:
        From the lowest rung up.
    """
    staffed = [roles_for(plan, measure) for finding in plan.findings for measure in finding.measures if measure.duties]
    return tuple(audience for audience in supervising(policy) if not all(roles[audience] for roles in staffed))


def check_supervised(plan: Plan, policy: Policy) -> None:
    """Refuse a plan of which something could be late without anybody being told (architecture 10).

    Args:
        plan: a checked plan.
        policy: says which rungs ask a supervisor.

    Raises:
        Refusal: ``supervisors_missing``, which names the empty posts and says where to mend them.
    """
    if codes := unsupervised(plan, policy):
        told = "、".join([*codes[:_TOLD], *(["……"] if len(codes) > _TOLD else [])])
        posts = "、".join(f"{term(post)}（{post}）" for post in empty_posts(plan, policy))
        raise Refusal("supervisors_missing", count=len(codes), measures=told, posts=posts)
