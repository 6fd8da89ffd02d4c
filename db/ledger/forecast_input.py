"""What the ledger as it stands owes from now on: open periods with their progress, and the rules of what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.context import LedgerContext, dates_of, progress_of
from db.ledger.inspections import inspection, inspections
from db.ledger.periods import rule_of
from db.ledger.queries import all_measures, open_periods
from db.models import Duty, Escalation, Measure, Period, Recipient
from plan.types import LIVE, OPEN, Audience, DutyKind, PeriodState
from rules.forecast import EndedPeriod, ForecastDuty, ForecastInput, OpenPeriod, PostHolder
from text.refusals import Refusal

REMEMBERED = timedelta(days=370)
"""How long after its limit a period that ended is still told of, for a calendar that is renewed once a year."""
People = Mapping[Audience, Sequence[PostHolder]]


def forecast_input(ctx: LedgerContext, key: str | None = None) -> ForecastInput:
    """What the ledger supervises, ready for ``rules.forecast.forecast``; reads only.

    Args:
        ctx: the context.
        key: of one inspection; None: all of them together.

    Raises:
        Refusal: ``ledger_empty``, ``inspection_unknown``.
    """
    present = [inspection(ctx.session, key)] if key is not None else inspections(ctx.session)
    if not present:
        raise Refusal("ledger_empty")
    only = present[0].id if key is not None else None
    keys = {one.id: one.key for one in present}
    escalated = _with_open_escalation(ctx.session)
    open_of: dict[int, list[OpenPeriod]] = {}
    parked = 0
    for period in open_periods(ctx.session, inspection_id=only):
        # While its measure is suspended nothing is asked, and nobody knows yet when it goes on.
        if period.stopped_on is not None and period.state == PeriodState.WAITING:
            continue
        # Every open period has a next step, the parked ones excepted.
        parked += period.next_step_at is None
        found = _open_period(ctx, period, period.id in escalated)
        open_of.setdefault(period.duty_id, []).append(found)
    ended: dict[int, list[EndedPeriod]] = {}
    over = select(Period.duty_id, Period.ordinal, Period.label, Period.due_on).where(Period.state.not_in(OPEN))
    recent = over.where(Period.due_on >= ctx.today - REMEMBERED).order_by(Period.id)
    for duty_id, ordinal, label, due_on in ctx.session.execute(recent).tuples():
        ended.setdefault(duty_id, []).append(EndedPeriod(ordinal, label, due_on))
    persons = _persons(ctx)
    duties = [
        (duty, measure, people)
        for measure in all_measures(ctx.session, inspection_id=only)
        for people in [_people(measure, persons)]
        for duty in measure.duties
    ]
    parked += sum(duty.parked_at is not None for duty, _, _ in duties)
    owed = tuple(
        replace(
            _forecast_duty(duty, measure, people, open_of.get(duty.id, ())),
            ended=tuple(ended.get(duty.id, ())),
            inspection=keys[measure.inspection_id],
        )
        for duty, measure, people in duties
    )
    titles = "、".join(one.title for one in present)
    return ForecastInput("、".join(keys.values()), titles, owed, parked)


def _with_open_escalation(session: Session) -> set[int]:
    return set(session.execute(select(Escalation.period_id).where(Escalation.state.in_(LIVE))).scalars())


def _open_period(ctx: LedgerContext, period: Period, escalation_open: bool) -> OpenPeriod:
    return OpenPeriod(
        ordinal=period.ordinal,
        label=period.label,
        dates=dates_of(period, period.duty.measure.warn_days),
        formal_due_on=period.formal_due_on,
        provisional=period.provisional,
        ladder=ctx.ladders.get(ctx.session, period.ladder_id),
        progress=progress_of(period),
        extended=period.limit_decided,
        escalation_open=escalation_open,
        next_at=period.next_step_at,
    )


def _persons(ctx: LedgerContext) -> dict[int, PostHolder]:
    """Who stands for each post today; who will later is not known before."""
    ctx.roster.read(ctx.session, ctx.today)
    keys = dict(ctx.session.execute(select(Recipient.id, Recipient.key)).tuples().all())
    stands = ctx.stands(keys)
    return {post: PostHolder(key, one.who.name) for post, key in keys.items() if (one := stands[post])}


def _people(measure: Measure, persons: Mapping[int, PostHolder]) -> People:
    return {
        Audience(name): tuple(persons[one] for one in ids if one in persons) for name, ids in measure.audiences.items()
    }


def _forecast_duty(duty: Duty, measure: Measure, people: People, periods: Sequence[OpenPeriod]) -> ForecastDuty:
    return ForecastDuty(
        measure=measure.full_code,
        measure_title=measure.title,
        unit=measure.lead_unit,
        key=duty.key,
        title=duty.title,
        kind=DutyKind(duty.kind),
        # Parked, or nothing of it is asked in the measure's present state.
        rule=None if duty.next_opens_at is None else rule_of(duty),
        next_ordinal=None if duty.next_opens_at is None else duty.next_ordinal,
        people=people,
        warn_days=measure.warn_days,
        heard_on=measure.heard_on,
        assumed=duty.assumed,
        open=tuple(periods),
        gathers=tuple(one["name"] for one in measure.gathers.get(duty.key, ())),
    )
