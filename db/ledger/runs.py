"""Which Prefect run shows a subject of the ledger, whether it was announced and whether it has ended.

This is the projection's memory, not supervision: it is written through the ledger's door but leaves no audit entry.
"""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from db.ledger.context import LedgerContext
from db.ledger.periods import open_duty
from db.models import Duty, Measure, Period, Run
from text.clean import line
from text.refusals import Refusal

LARGEST_ORDINAL = 2**31 - 1
LONGEST_REASON = 500


def run_of(ctx: LedgerContext, subject: str, subject_id: int) -> Run | None:
    """What is known of the run of a subject, read anew; None before there is any.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.
    """
    return ctx.session.get(Run, (subject, subject_id), populate_existing=True)


def measures_with_runs(ctx: LedgerContext) -> set[str]:
    """Full codes of the measures of which some period has, or had, a run: Prefect had a deployment of them.

    Args:
        ctx: the context.
    """
    of_period = (Run.subject == "period") & Run.run_id.is_not(None)
    query = select(Measure.full_code).join(Duty, Duty.measure_id == Measure.id).join(Period, Period.duty_id == Duty.id)
    return set(ctx.session.execute(query.join(Run, (Run.subject_id == Period.id) & of_period).distinct()).scalars())


def claim(ctx: LedgerContext, subject: str, subject_id: int, run_id: str, instead_of: str | None = None) -> bool:
    """Make ``run_id`` the run of a subject, unless another run has it.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.
        run_id: Prefect's id of the run.
        instead_of: the run whose place it takes because that one is dead.

    Returns:
        Whether the run has the subject now; also when it had it before.
    """
    row = insert(Run).values(subject=subject, subject_id=subject_id, run_id=run_id, ended=False)
    # The condition is part of the write: of two runs that claim at once the second changes nothing, and ends.
    free = Run.run_id.is_(None) | (Run.run_id == run_id) | (Run.run_id == instead_of)
    taken = row.on_conflict_do_update(index_elements=[Run.subject, Run.subject_id], set_={"run_id": run_id}, where=free)
    return ctx.session.execute(taken.returning(Run.run_id)).scalar_one_or_none() == run_id


def claim_period(
    ctx: LedgerContext, measure: str, duty: str, ordinal: int | None, run_id: str, *, opens: bool = True
) -> int | None:
    """Open what a duty owes and claim its period for a run.

    Args:
        ctx: the context; what is owed by its ``now`` is opened.
        measure: full code of the measure.
        duty: key of the duty.
        ordinal: names a period that is open already; without one the newest period no run has yet is meant.
        run_id: Prefect's id of the run.
        opens: whether what is owed is opened; not while the clock is doubted.

    Returns:
        The id of the period, also of one that this run had before whatever the plan made of it since; None when another
        run has it or none is owed.

    Raises:
        Refusal: ``duty_unknown``.
    """
    if ordinal is not None and not 0 <= ordinal <= LARGEST_ORDINAL:
        return None  # a run's parameters are whatever somebody gave them; PostgreSQL would refuse it with an error
    query = select(Duty.id).join(Duty.measure).where(Measure.full_code == measure, Duty.key == duty)
    duty_ids = ctx.session.execute(query.order_by(Duty.id)).scalars().all()
    if not duty_ids:
        keys = ctx.session.execute(select(Duty.key).join(Duty.measure).where(Measure.full_code == measure)).scalars()
        raise Refusal("duty_unknown", measure=measure, duty=duty, known="、".join(dict.fromkeys(keys)))
    for duty_id in (
        duty_ids if opens else ()
    ):  # a duty that got another rhythm has several rows; the last one still opens periods
        open_duty(ctx, duty_id)
    own = Run.run_id == run_id
    periods = select(Period.id).outerjoin(Run, (Run.subject == "period") & (Run.subject_id == Period.id))
    periods = periods.where(Period.duty_id.in_(duty_ids)).with_for_update(of=Period)
    if ordinal is not None:
        periods = periods.where(own | (Period.ordinal == ordinal))
    else:
        periods = periods.where(own | (Run.run_id.is_(None) & Period.closed_at.is_(None)))
    # A run that comes back after a crash gets its own period; else the newest that nobody shows.
    mine_first = (own.is_not(True), Run.run_id.is_not(None), Period.duty_id.desc(), Period.ordinal.desc())
    period_id = ctx.session.execute(periods.order_by(*mine_first).limit(1)).scalar_one_or_none()
    return period_id if period_id is not None and claim(ctx, "period", period_id, run_id) else None


def note_form(ctx: LedgerContext, subject: str, subject_id: int, form: str) -> None:
    """Remember what the form says with which the run of a subject waits.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.
        form: a fingerprint of the form.
    """
    run = run_of(ctx, subject, subject_id)
    if run is not None:
        run.form = form


def mark_announced(ctx: LedgerContext, subject: str, subject_id: int) -> None:
    """Remember that the event that starts the run of a subject was sent.

    Args:
        ctx: the context; its ``now`` is when.
        subject: the kind of row, such as ``escalation``.
        subject_id: the row's id.
    """
    row = insert(Run).values(subject=subject, subject_id=subject_id, announced_at=ctx.now, ended=False)
    known = [Run.subject, Run.subject_id]
    ctx.session.execute(row.on_conflict_do_update(index_elements=known, set_={"announced_at": ctx.now}))


def mark_run_ended(ctx: LedgerContext, subject: str, subject_id: int) -> None:
    """Remember that nothing is asked about a subject and no run of it lives: Prefect has nothing left to show.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id; nothing is noted of one that never had a run.
    """
    run = run_of(ctx, subject, subject_id)
    if run is not None:
        run.ended = True


def park_run(ctx: LedgerContext, subject: str, subject_id: int, reason: str) -> bool:
    """Remember why the run of a subject could not be brought to what the ledger says; it is tried again.

    Args:
        ctx: the context; its ``now`` is when it first failed.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.
        reason: the error, of any length and content.

    Returns:
        Whether that is news: it was not parked before.
    """
    known = run_of(ctx, subject, subject_id)
    # A server's error may quote what it choked on, which may be as large as a report.
    parked = {"parked_at": (known and known.parked_at) or ctx.now, "parked_error": line(reason, LONGEST_REASON)}
    row = insert(Run).values(subject=subject, subject_id=subject_id, ended=False, **parked)
    ctx.session.execute(row.on_conflict_do_update(index_elements=[Run.subject, Run.subject_id], set_=parked))
    return known is None or known.parked_at is None


def unpark_run(ctx: LedgerContext, subject: str, subject_id: int) -> None:
    """Remember that the run of a subject is as the ledger says after all.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.
    """
    run = run_of(ctx, subject, subject_id)
    if run is not None:
        run.parked_at = run.parked_error = None


def parked_runs(ctx: LedgerContext) -> int:
    """How many subjects wait for a run that could not be made, named or woken. Must be 0.

    Args:
        ctx: the context.
    """
    return ctx.session.execute(select(func.count()).where(Run.parked_at.is_not(None))).scalar_one()
