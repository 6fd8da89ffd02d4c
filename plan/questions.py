"""The questions of a plan as a person answers them: one for all measures that it is asked about in the same words."""

from bisect import bisect_right
from dataclasses import dataclass

from plan.model import MeasureSpec, Plan, QuestionSpec

MOST_TOGETHER = 100
"""Measures of one question: a longer list is nothing that anybody reads in a cell."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question and the measures it is asked about, in the order of the plan."""

    question: QuestionSpec
    measures: list[MeasureSpec]


def asked_questions(plan: Plan) -> list[AskedQuestion]:
    """The questions of a plan, those in the same words put together.

    Args:
        plan: a checked plan.

    Returns:
        In an order in which every measure meets its own questions as the plan has them.
    """
    found: list[AskedQuestion] = []
    places: dict[QuestionSpec, list[int]] = {}
    for measure in (measure for finding in plan.findings for measure in finding.measures):
        last = -1
        for question in measure.questions:
            known = places.setdefault(question, [])
            later = bisect_right(known, last)
            while later < len(known) and len(found[known[later]].measures) >= MOST_TOGETHER:
                later += 1
            if later == len(known):
                known.append(len(found))
                found.append(AskedQuestion(question, []))
            last = known[later]
            found[last].measures.append(measure)
    return found
