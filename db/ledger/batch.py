"""Many commands in one context: a sheet of reports, or a morning on which many people act.

Every command does what it does alone. Only reading and writing are shared: the periods are locked and read at once, and
what the commands changed, said and noted is written when all are done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import contains_eager

from db.ledger import audit, message_queue
from db.ledger.bulk import among
from db.ledger.context import Batch, LedgerContext
from db.models import Duty, Escalation, Period, Submission
from plan.types import LIVE

_PERIODS = (
    select(Period)
    .join(Period.duty)
    .join(Duty.measure)
    .options(contains_eager(Period.duty).contains_eager(Duty.measure))
    .where(among(Period.id, bindparam("periods")))
    # One order for all who lock several periods; an amendment takes them in the same.
    .order_by(Period.id)
    .with_for_update(of=Period)
    .execution_options(populate_existing=True)
)
_ESCALATIONS = (
    select(Escalation)
    .where(among(Escalation.period_id, bindparam("periods")), Escalation.state.in_(LIVE))
    .order_by(Escalation.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_REPORTS = (
    select(Submission)
    .join(Period, and_(Period.id == Submission.period_id, Period.round == Submission.round))
    .where(among(Period.id, bindparam("periods")))
    .execution_options(populate_existing=True)
)


@contextmanager
def batched(ctx: LedgerContext, period_ids: Iterable[int]) -> Iterator[LedgerContext]:
    """A context for many commands on these periods, all locked before the first of them is changed.

    No other command can then wait for us. A period that is not among them is read by its command as ever.

    Args:
        ctx: the ledger.
        period_ids: the periods that the commands are about.

    Yields:
        The context to give to the commands.
    """
    batch = _locked(ctx, sorted(set(period_ids)))
    # After the periods, as every command does, and not in the midst of the first one's work.
    audit.queue(ctx.session)
    yield replace(ctx, batch=batch)
    audit.write(ctx.session, batch.audit_rows)
    message_queue.enqueue(ctx, batch.notifications)


def _locked(ctx: LedgerContext, period_ids: list[int]) -> Batch:
    batch, wanted = Batch(), {"periods": period_ids}
    batch.periods = {period.id: period for period in ctx.session.execute(_PERIODS, wanted).scalars()}
    for escalation in ctx.session.execute(_ESCALATIONS, wanted).scalars():
        batch.escalations[escalation.id] = escalation
        batch.escalations_of[escalation.period_id].append(escalation)
    batch.reports = {report.period_id: report for report in ctx.session.execute(_REPORTS, wanted).scalars()}
    return batch
