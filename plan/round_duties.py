"""The limits of the round itself are duties of the rectification office: its plan, its progress report, publication.

A plan names them as dates of the round; whatever supervises it sees them as measures of the office, and so they are
opened, chased, escalated, forecast and reported like any other.
"""

from datetime import date

from plan.model import DutySpec, FindingSpec, MeasureSpec, PhaseSpec, Plan, UnitSpec
from plan.types import Cadence, DurationClass, DutyKind, WorkState

TITLE = "本轮整改工作"
"""What the finding is called that holds them; the round's own, and none of the inspectors'."""
_SOURCE = "本轮的期限"
_UNIT = "round-office"
_CODES = ("00", "000", "0000")


def with_round_duties(plan: Plan) -> Plan:
    """The plan as it is supervised: what the office itself owes stands before the findings.

    Args:
        plan: a checked plan.

    Returns:
        The same plan where the round has no limit; else one with a finding ``00`` (or, where the inspectors use that
        code, with one more nought), a measure for each limit, and the office as a unit where it is none yet.
    """
    limits = [(number, title, day) for number, (title, day) in enumerate(_limits(plan.inspection.phases), 1) if day]
    if not limits:
        return plan
    used = {finding.code for finding in plan.findings}
    code = next(one for one in _CODES if one not in used)
    office = plan.roles[plan.audiences.office[0]].name
    unit = next((key for key, one in plan.units.items() if one.name == office), None)
    units = plan.units if unit else plan.units | {_UNIT: UnitSpec(name=office, handler=plan.audiences.office)}
    measures = [_measure(f"{code}-{number}", title, day, unit or _UNIT) for number, title, day in limits]
    finding = FindingSpec(code=code, title=TITLE, measures=measures)
    return plan.model_copy(update={"units": units, "findings": [finding, *plan.findings]})


def _limits(phases: PhaseSpec) -> tuple[tuple[str, date | None], ...]:
    """In a fixed order, so that each keeps its number whichever of the others a plan names."""
    return (
        ("上报整改方案", phases.plan_due),
        ("上报整改进展报告", phases.progress_report_due),
        ("公开整改情况", phases.publish_due),
    )


def _measure(code: str, title: str, day: date, unit: str) -> MeasureSpec:
    duty = DutySpec(key="report", kind=DutyKind.REPORT, title=title, cadence=Cadence.ONCE, due_on=day, source=_SOURCE)
    return MeasureSpec(
        code=code,
        title=title,
        text=f"{title}：办理后填报办理情况",
        duration=DurationClass.DATED,
        state=WorkState.IN_PROGRESS,
        state_note=_SOURCE,
        lead=unit,
        duties=[duty],
    )
