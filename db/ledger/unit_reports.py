"""What waits for one unit, and its reports from a sheet: every row is the same ``submit`` as from anywhere else."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.batch import batched
from db.ledger.bulk import among
from db.ledger.context import LedgerContext, name_of
from db.ledger.inspections import inspection
from db.ledger.queries import open_periods
from db.ledger.reports import Report, submit
from db.models import Measure, Period, Submission
from plan.types import PeriodState
from rules.actors import folded
from text.refusals import Refusal

# Eighteen digits always fit the column; a longer number from a sheet would be an error of the database.
_NUMBER = re.compile(r"/([0-9]{1,18})$")
"""The number a period's key ends with; a sheet may hold anything."""


@dataclass(frozen=True, slots=True)
class FilledReport:
    """One filled row: the key of its period, the unit whose sheet it stands in, who reports, and what."""

    key: str
    unit: str
    by: str
    report: Report


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row. ``period`` is its name, or its key where there is no such period; ``reason`` why not."""

    period: str
    result: Literal["submitted", "already", "refused"]
    reason: str = ""


def period_key(period: Period) -> str:
    """What names a period in a sheet; a sheet of another ledger does not fit by chance.

    Args:
        period: with its duty and measure.
    """
    return f"{period.duty.measure.full_code}/{period.duty.key}/{period.ordinal}/{period.id}"


def waiting_for(session: Session, unit: str, key: str | None = None) -> list[Period]:
    """The periods whose report a unit owes, the earliest due first.

    Args:
        session: an open transaction on the ledger.
        unit: name of a lead unit.
        key: of one inspection; None: of all.

    Raises:
        Refusal: ``unit_unknown``, ``inspection_unknown``.
    """
    query = select(Measure.lead_unit).where(Measure.retired_at.is_(None)).distinct().order_by(Measure.lead_unit)
    only = inspection(session, key).id if key is not None else None
    if only is not None:
        query = query.where(Measure.inspection_id == only)
    known = session.execute(query).scalars().all()
    if unit not in known:
        raise Refusal("unit_unknown", unit=unit, known="、".join(known))
    waiting = (period for period in open_periods(session, inspection_id=only) if period.state == PeriodState.WAITING)
    return [period for period in waiting if period.duty.measure.lead_unit == unit]


def submit_filled(ctx: LedgerContext, rows: Sequence[FilledReport], *, apply: bool) -> list[RowResult]:
    """Report every row in the name of its reporter; a refused row stops none of the others.

    What a row says was reported for its period before, also when it was returned since: the same file again changes
    nothing.

    Args:
        ctx: the context; its ``now`` is when the reports came in. Every row has an actor of its own.
        rows: filled rows of a sheet.
        apply: whether to write; without it everything is taken back.

    Returns:
        What became of each row, in their order.
    """
    with ctx.session.begin_nested() as trial:
        with batched(ctx, _numbers(row.key for row in rows)) as ctx:
            assert ctx.batch
            done = list(_submit_all(ctx, ctx.batch.periods.values(), rows))
        if not apply:
            trial.rollback()
    return done


def _numbers(keys: Iterable[str]) -> list[int]:
    return [int(number[1]) for key in keys if (number := _NUMBER.search(key))]


def _submit_all(ctx: LedgerContext, locked: Iterable[Period], rows: Sequence[FilledReport]) -> Iterator[RowResult]:
    periods = {period_key(period): period for period in locked}
    earlier: dict[int, list[Submission]] = defaultdict(list)
    query = select(Submission).where(among(Submission.period_id, (period.id for period in periods.values())))
    for report in ctx.session.execute(query).scalars():
        earlier[report.period_id].append(report)
    for row in rows:
        period = periods.get(row.key)
        if period is None:
            yield RowResult(row.key, "refused", str(Refusal("period_unknown", key=row.key)))
        # The key is hidden but can be changed; a unit's sheet speaks for that unit alone.
        elif folded(unit := period.duty.measure.lead_unit) != folded(row.unit):
            other = Refusal("period_of_other_unit", period=name_of(period), unit=unit)
            yield RowResult(name_of(period), "refused", str(other))
        # Word for word, in any round: who sends the same file again did not mean to report again.
        elif any(_says(report, row.report) for report in earlier[period.id]):
            yield RowResult(name_of(period), "already")
        else:
            yield _submit(ctx, row, period, earlier[period.id])


def _submit(ctx: LedgerContext, row: FilledReport, period: Period, earlier: list[Submission]) -> RowResult:
    try:
        earlier.append(submit(replace(ctx, actor=row.by), period.id, row.report))
    except Refusal as refusal:  # which changes nothing, so the other rows go on
        return RowResult(name_of(period), "refused", str(refusal))
    return RowResult(name_of(period), "submitted")


def _says(earlier: Submission, report: Report) -> bool:
    given = report.model_dump() | {"evidence": list(report.evidence)}
    return all(getattr(earlier, name) == value for name, value in given.items())
