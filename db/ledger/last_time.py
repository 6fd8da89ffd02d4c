"""What was reported last time: shown to whoever reports, and to the reviewer where the same words come again."""

from typing import TypeVar

from sqlalchemy import Select, select

from db.ledger.context import LedgerContext
from db.models import Duty, Part, Period, Submission
from rules.parts import same_words

_Row = TypeVar("_Row", Submission, Part)


def last_report(ctx: LedgerContext, period: Period, report: Submission | None = None) -> Submission | None:
    """The report before: of this period as far as it was accepted on its way, else of an earlier one of its duty.

    Args:
        ctx: the context.
        period: with its duty.
        report: the one before which it was; None: the one that is awaited.

    Returns:
        None where nothing was reported yet; what was returned does not count.
    """
    of_duty = _of_duty(select(Submission).join(Submission.period).join(Period.duty), period)
    found = of_duty.where(Submission.accepted.is_not(False))
    if report is not None:
        found = found.where(Submission.id != report.id, Submission.submitted_at <= report.submitted_at)
    return ctx.session.execute(found.order_by(Submission.id.desc()).limit(1)).scalar_one_or_none()


def last_part(ctx: LedgerContext, part: Part) -> Part | None:
    """What the same unit gave before: for an earlier period of the same duty.

    Args:
        ctx: the context.
        part: with its period and duty.
    """
    of_duty = _of_duty(select(Part).join(Part.period).join(Period.duty), part.period)
    given = of_duty.where(Part.unit == part.unit, Part.given_at.is_not(None), Part.period_id != part.period_id)
    return ctx.session.execute(given.order_by(Period.due_on.desc(), Part.id.desc()).limit(1)).scalar_one_or_none()


def _of_duty(query: Select[_Row], period: Period) -> Select[_Row]:
    """Rows of periods under the same duty's key, whichever row of it opened them, and not of a later one."""
    duty = period.duty
    same = (Duty.measure_id == duty.measure_id, Duty.key == duty.key, Period.due_on <= period.due_on)
    return query.where(*same)


def repeats(ctx: LedgerContext, said: Submission | Part) -> Period | None:
    """The period for which the same was said before, word for word; None where a report, or a part, says something new.

    Args:
        ctx: the context.
        said: loaded, with its period.
    """
    if isinstance(said, Part):
        last = last_part(ctx, said)
        return last.period if last and said.text and same_words(said.text, last.text or "") else None
    before = last_report(ctx, said.period, said)
    return before.period if before and same_words(said.body, before.body) else None
