"""What a forecast is made of when it is not the ledger: a plan, as if it were activated at some instant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from db.ledger.activate import duty_from
from db.ledger.periods import rule_of
from plan.audiences import gathered_from, roles_for
from plan.model import DutySpec, MeasureSpec, Plan
from plan.policy import Policy
from plan.round_duties import with_round_duties
from plan.types import Audience
from rules.cadence import next_window, window
from rules.forecast import ForecastDuty, ForecastInput, OpenPeriod, PostHolder, opened_period
from rules.lifecycle import still_asked
from rules.work_time import WorkTime


def planned(plan: Plan, policy: Policy, work_time: WorkTime, now: datetime) -> ForecastInput:
    """What a plan would owe if it were activated; nothing is written.

    What contains ``now`` is open already, as activation leaves it; history before it is not invented.

    Args:
        plan: a checked plan.
        policy: gives every period its ladder.
        work_time: working days, hours and zone of the office.
        now: the aware instant of activation.
    """
    plan = with_round_duties(plan)
    measures = [measure for finding in plan.findings for measure in finding.measures]
    found = tuple(
        _forecast_duty(plan, one, duty, policy, work_time, now)
        for one in measures
        for duty in one.duties
        if still_asked(one.state, duty.kind)
    )
    return ForecastInput(plan.inspection.key, plan.inspection.title, found)


def _forecast_duty(
    plan: Plan, measure: MeasureSpec, spec: DutySpec, policy: Policy, work_time: WorkTime, now: datetime
) -> ForecastDuty:
    duty = duty_from(spec, work_time.day_of(now), work_time)
    rule = rule_of(duty)
    first = None if duty.next_ordinal is None else window(rule, duty.next_ordinal, work_time.calendar)
    opened: list[OpenPeriod] = []
    # As activation does: also a one-off whose date is over already is open at once.
    while first is not None and work_time.start_of(first.starts_on) <= now:
        opened.append(opened_period(first, policy, measure.warn_days, spec.kind, None))
        first = next_window(rule, first.starts_on, work_time.calendar)
    return ForecastDuty(
        inspection=plan.inspection.key,
        measure=measure.code,
        measure_title=measure.title,
        unit=plan.units[measure.lead].name,
        key=spec.key,
        title=spec.title,
        kind=spec.kind,
        rule=rule,
        next_ordinal=first.ordinal if first else None,
        people=_people(plan, measure),
        warn_days=measure.warn_days,
        assumed=spec.assumed,
        open=tuple(opened),
        gathers=tuple(plan.units[key].name for key in gathered_from(measure, spec, plan.units)),
    )


def _people(plan: Plan, measure: MeasureSpec) -> Mapping[Audience, Sequence[PostHolder]]:
    return {audience: tuple(_persons(plan, keys)) for audience, keys in roles_for(plan, measure).items()}


def _persons(plan: Plan, keys: Sequence[str]) -> Iterator[PostHolder]:
    return (PostHolder(key, plan.roles[key].name) for key in dict.fromkeys(keys))
