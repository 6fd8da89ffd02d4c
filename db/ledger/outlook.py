"""What the ledger as it stands owes from now on: open periods as far as they have climbed, rules for the rest."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.context import LedgerContext, dates_of, progress_of
from db.ledger.periods import rule_of
from db.ledger.queries import all_measures, inspection, open_periods
from db.models import LIVE, Duty, Escalation, Extension, Measure, Period, Recipient
from plan.types import Audience, DutyKind
from rules.forecast import Obligation, OpenPeriod, Outlook, Person

People = Mapping[Audience, Sequence[Person]]


def outlook(ctx: LedgerContext) -> Outlook:
    """Everything the ledger supervises, ready for ``rules.forecast.forecast``; reads only.

    Raises ``Refusal`` (``ledger_empty``).
    """
    round_ = inspection(ctx.session)
    sheets, extended = _with_open_sheet(ctx.session), _extended(ctx.session)
    open_of: dict[int, list[OpenPeriod]] = {}
    parked = 0
    for period in open_periods(ctx.session):
        parked += period.next_step_at is None
        progress = _progress(ctx, period, period.id in sheets, period.id in extended)
        open_of.setdefault(period.duty_id, []).append(progress)
    persons = _persons(ctx.session)
    duties = [
        (duty, measure, people)
        for measure in all_measures(ctx.session)
        for people in [_people(measure, persons)]
        for duty in measure.duties
    ]
    parked += sum(duty.parked_at is not None for duty, _, _ in duties)
    found = tuple(_obligation(duty, measure, people, open_of.get(duty.id, ())) for duty, measure, people in duties)
    return Outlook(round_.key, round_.title, found, parked)


def _with_open_sheet(session: Session) -> set[int]:
    return set(session.execute(select(Escalation.period_id).where(Escalation.state.in_(LIVE))).scalars())


def _extended(session: Session) -> set[int]:
    return set(session.execute(select(Extension.period_id).where(Extension.granted.is_(True))).scalars())


def _progress(ctx: LedgerContext, period: Period, sheet_open: bool, extended: bool) -> OpenPeriod:
    return OpenPeriod(
        ordinal=period.ordinal,
        label=period.label,
        dates=dates_of(period, period.duty.measure.warn_days),
        formal_due_on=period.formal_due_on,
        provisional=period.provisional,
        ladder=ctx.ladders.get(ctx.session, period.ladder_id),
        progress=progress_of(period),
        extended=extended,
        sheet_open=sheet_open,
        next_at=period.next_step_at,
    )


def _persons(session: Session) -> dict[int, Person]:
    rows = session.execute(select(Recipient.id, Recipient.key, Recipient.name))
    return {row.id: Person(row.key, row.name) for row in rows}


def _people(measure: Measure, persons: Mapping[int, Person]) -> People:
    return {Audience(name): tuple(persons[one] for one in ids) for name, ids in measure.audiences.items()}


def _obligation(duty: Duty, measure: Measure, people: People, periods: Sequence[OpenPeriod]) -> Obligation:
    return Obligation(
        measure=measure.code,
        measure_title=measure.title,
        unit=measure.lead_unit,
        duty=duty.key,
        title=duty.title,
        kind=DutyKind(duty.kind),
        rule=None if duty.parked_at else rule_of(duty),
        next_ordinal=None if duty.parked_at else duty.next_ordinal,
        people=people,
        warn_days=measure.warn_days,
        assumed=duty.assumed,
        open=tuple(periods),
    )
