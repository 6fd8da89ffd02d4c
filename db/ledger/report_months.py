"""Of which months papers speak: those of the duty by which an inspection reports, or the last month."""

from datetime import timedelta

from sqlalchemy import select

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.ledger.periods import rule_of
from db.models import Duty, Inspection, Measure
from plan.types import MONTHS_OF, DutyKind
from rules.cadence import window, window_at
from rules.month_span import MonthSpan, months, months_of

AHEAD = timedelta(days=7)
"""How long before its limit a report is put before the office."""


def reporting_duty(ctx: LedgerContext, present: Inspection) -> Duty | None:
    """The duty by which an inspection reports to whoever is above: the first of its plan that names a receiver and is
    counted in months.

    Args:
        ctx: the context.
        present: the inspection.
    """
    query = (
        select(Duty)
        .join(Duty.measure)
        .where(Measure.inspection_id == present.id, Measure.retired_at.is_(None), Duty.retired_at.is_(None))
        .where(Duty.kind == DutyKind.REPORT, Duty.receiver.is_not(None), Duty.cadence.in_(MONTHS_OF))
        .order_by(Measure.place, Measure.id, Duty.place, Duty.id)
        .limit(1)
    )
    return ctx.session.execute(query).scalar_one_or_none()


def finished_months(ctx: LedgerContext, key: str | None, *, of_report: bool) -> MonthSpan:
    """The months that a paper speaks of where nobody names any: the last that are over.

    Args:
        ctx: the context; over on its ``today``.
        key: of the inspection; None: the only one.
        of_report: the last window of the duty by which it reports, two months where it has none; else one month.

    Raises:
        Refusal: those of ``inspection``.
    """
    present = inspection(ctx.session, key)
    duty = reporting_duty(ctx, present) if of_report else None
    if duty is not None:
        rule, calendar = rule_of(duty), ctx.work_time.calendar
        if now := window_at(rule, ctx.today, calendar):
            last = window(rule, now.ordinal - 1, calendar)
            if found := months_of(last.starts_on, last.ends_on):
                return found
    count = 2 if of_report else 1
    return months(ctx.today.year, ctx.today.month - count, count)


def months_to_report(ctx: LedgerContext, present: Inspection) -> MonthSpan | None:
    """The months of which an inspection has to report now: of the window of its report duty that falls due within
    ``AHEAD``, else of the last one.

    Args:
        ctx: the context; it falls due from its ``today`` on.
        present: the inspection.

    Returns:
        None where no duty reports by whole months.
    """
    duty = reporting_duty(ctx, present)
    now = window_at(rule_of(duty), ctx.today, ctx.work_time.calendar) if duty else None
    if duty is None or now is None:
        return None
    if now.due_on - ctx.today > AHEAD:
        now = window(rule_of(duty), now.ordinal - 1, ctx.work_time.calendar)
    return months_of(now.starts_on, now.ends_on)
