"""What waits for one unit, and its reports from a sheet: every row is the same ``submit`` as from anywhere else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from config.types import PeriodState
from db.ledger import audit
from db.ledger.desk import Desk, name_of
from db.ledger.queries import open_periods
from db.ledger.reports import Report, submit
from db.models import Duty, Measure, Period, Submission
from rules.refusal import Refusal

_NUMBER = re.compile(r"/([0-9]{1,18})$")
"""The number a period's key ends with; a sheet may hold anything."""


@dataclass(frozen=True, slots=True)
class SheetReport:
    """One filled row: the key of its period, who reports, and what."""

    key: str
    by: str
    report: Report


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row. ``period`` is its name, or its key where there is no such period; ``reason`` why not."""

    period: str
    result: Literal["submitted", "already", "refused"]
    reason: str = ""


def period_key(period: Period) -> str:
    """What names a period in a sheet; a sheet of another ledger does not fit by chance."""
    return f"{period.duty.measure.code}/{period.duty.key}/{period.ordinal}/{period.id}"


def waiting_for(session: Session, unit: str) -> list[Period]:
    """The periods whose report a unit owes, the earliest due first. Raises ``Refusal`` (``unit_unknown``)."""
    query = select(Measure.lead_unit).where(Measure.retired_at.is_(None)).distinct().order_by(Measure.lead_unit)
    known = session.execute(query).scalars().all()
    if unit not in known:
        raise Refusal("unit_unknown", unit=unit, known="、".join(known))
    waiting = (period for period in open_periods(session) if period.state == PeriodState.WAITING)
    return [period for period in waiting if period.duty.measure.lead_unit == unit]


def submit_sheet(desk: Desk, rows: Sequence[SheetReport], *, apply: bool) -> list[Taken]:
    """Report every row in the name of its reporter; a refused row stops none of the others.

    What a row says was reported for its period before, also when it was returned since: the same file again changes
    nothing. Without ``apply`` nothing is written.
    """
    with desk.session.begin_nested() as trial:
        periods = _lock(desk, [row.key for row in rows])
        done = [_submit(desk, row, periods.get(row.key)) for row in rows]
        if not apply:
            trial.rollback()
    return done


def _lock(desk: Desk, keys: Sequence[str]) -> dict[str, Period]:
    """The periods of these keys, all locked before the first is written: no other command can then wait for us."""
    ids = [int(number[1]) for key in keys if (number := _NUMBER.search(key))]
    fitting = select(Period).where(Period.id.in_(ids)).order_by(Period.id)
    options = joinedload(Period.duty).joinedload(Duty.measure)
    found = desk.session.execute(fitting.options(options).with_for_update(of=Period)).scalars().all()
    audit.queue(desk)
    return {period_key(period): period for period in found}


def _submit(desk: Desk, row: SheetReport, period: Period | None) -> Taken:
    if period is None:
        return Taken(row.key, "refused", str(Refusal("period_unknown", key=row.key)))
    if _said_before(desk, row.report, period):
        return Taken(name_of(period), "already")
    try:
        with desk.session.begin_nested():
            submit(replace(desk, actor=row.by), period.id, row.report)
    except Refusal as refusal:
        return Taken(name_of(period), "refused", str(refusal))
    return Taken(name_of(period), "submitted")


def _said_before(desk: Desk, report: Report, period: Period) -> bool:
    query = select(Submission).where(Submission.period_id == period.id)
    given = report.model_dump() | {"evidence": list(report.evidence)}
    earlier = desk.session.execute(query).scalars()
    return any(all(getattr(one, name) == value for name, value in given.items()) for one in earlier)
