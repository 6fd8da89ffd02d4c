"""Files of evidence: handed in for a period by its unit, named in its next report, never changed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from db.ledger import audit
from db.ledger.closure_stages import ACTS, asked_now, asked_posts, asked_to_look
from db.ledger.context import LedgerContext, lock_period, name_of
from db.ledger.deciders import authorised
from db.ledger.parts import awaited_by
from db.models import NAMES_CONTENT, Base, Closure, Duty, Evidence, Lookback, Part, Period
from plan.types import Act, LookbackState, PeriodState
from rules.actors import is_one_of
from text.catalogue import term
from text.refusals import Refusal

_HELD = Evidence.removed_at.is_(None)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is kept: its cleaned name, what its content is (the usual ending), its bytes, their SHA-256."""

    name: str
    kind: str
    size: int
    sha256: str


class KeepsFiles(NamedTuple):
    """What keeps a file beside its period: the id of a part of the period, with which a unit hands it in, of a closure
    of the measure for which it is handed in, or of a look-back at it with what was seen. None of them: the lead unit
    hands it in with its report."""

    part_id: int | None = None
    closure_id: int | None = None
    lookback_id: int | None = None

    @property
    def of_the_measure(self) -> bool:
        """Whether it comes after the period, which was that of the closure."""
        return (self.closure_id, self.lookback_id) != (None, None)


THE_REPORT = KeepsFiles()


def add_evidence(
    ctx: LedgerContext, period_id: int, file: StoredFile, keeps: KeepsFiles = THE_REPORT, act: Act = Act.REPORT
) -> Evidence:
    """Hand a file in for a period; the next report on it names the file.

    Args:
        ctx: the context; its actor hands it in.
        period_id: a period that waits for its report.
        file: as it is kept already.
        keeps: what keeps it; for a closure or a look-back the period is that of the closure.
        act: by which right the lead unit's is handed in.

    Returns:
        The file as recorded; the same one again when the same content under the same name is there.

    Raises:
        Refusal: ``period_not_waiting``, ``part_over``, ``closure_over``, ``lookback_over``, ``evidence_too_many``, and
            those of ``authorised``.
    """
    period = lock_period(ctx, period_id)
    ctx = _authorised(ctx, period, keeps, act)
    if not keeps.of_the_measure and period.state != PeriodState.WAITING:
        raise Refusal("period_not_waiting", period=name_of(period))
    present = evidence_of(ctx, period_id, keeps)
    for one in present:
        own = (one.part_id, one.round) == (keeps.part_id, None)
        if own and (one.sha256, one.name) == (file.sha256, file.name):
            return one
    if len(present) >= ctx.policy.evidence.files:
        raise Refusal("evidence_too_many", limit=ctx.policy.evidence.files)
    added = Evidence(
        period_id=period_id,
        name=file.name,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        added_by=ctx.actor,
        added_at=ctx.now,
        **keeps._asdict(),
    )
    ctx.session.add(added)
    ctx.session.flush()
    audit.append(ctx, "add-evidence", name_of(period), period=period_id, name=file.name, sha256=file.sha256)
    return added


def _authorised(ctx: LedgerContext, period: Period, keeps: KeepsFiles, act: Act = Act.REPORT) -> LedgerContext:
    """The context in the name of whoever reports, hands a part in that is still awaited, acts in a closure, or looks
    back."""
    if keeps.lookback_id is not None:
        waiting = select(Lookback).where(Lookback.id == keeps.lookback_id).with_for_update(of=Lookback)
        look = ctx.session.execute(waiting.execution_options(populate_existing=True)).scalar_one()
        if look.state != LookbackState.WAITING or look.period_id != period.id:
            raise Refusal("lookback_over", measure=look.measure.full_code, state=term(LookbackState(look.state)))
        return authorised(ctx, Act.ACCEPT, look.measure, asked_to_look(look))
    if keeps.closure_id is not None:
        held = select(Closure).where(Closure.id == keeps.closure_id, Closure.period_id == period.id)
        closure = ctx.session.execute(held.with_for_update(of=Closure)).scalar_one()
        if closure.ended_at is not None:
            raise Refusal("closure_over", measure=closure.measure.full_code, state=term(closure.state))
        return authorised(ctx, ACTS[asked_now(closure)], closure.measure, asked_posts(closure))
    if keeps.part_id is None:
        return authorised(ctx, act, period.duty.measure)
    return awaited_by(ctx, period, ctx.session.get_one(Part, keeps.part_id, populate_existing=True))


def remove_evidence(ctx: LedgerContext, evidence_id: int, period_id: int, keeps: KeepsFiles = THE_REPORT) -> None:
    """Take a file back that was not reported yet; its content is kept, as the trail names it.

    Args:
        ctx: the context.
        evidence_id: the file's id; one that is not there, was reported or is of another period stays as it is.
        period_id: the period's id.
        keeps: what keeps it; what another part, closure or look-back keeps stays. For a closure or a look-back only
            whoever handed it in takes it back.

    Raises:
        Refusal: ``part_over``, ``closure_over``, ``lookback_over``, and those of ``authorised``.
    """
    period = lock_period(ctx, period_id)
    ctx = _authorised(ctx, period, keeps)
    for one in evidence_of(ctx, period_id, keeps):
        if keeps.of_the_measure and not is_one_of(ctx.actor, [one.added_by]):
            continue
        if (one.id, one.part_id, one.round) == (evidence_id, keeps.part_id, None):
            one.removed_at = ctx.now
            audit.append(ctx, "remove-evidence", name_of(period), period=period_id, name=one.name, sha256=one.sha256)


def evidence_of(ctx: LedgerContext, period_id: int, keeps: KeepsFiles = THE_REPORT) -> Sequence[Evidence]:
    """The files of a period that were not taken back, in the order in which they came.

    Args:
        ctx: the context.
        period_id: the period's id.
        keeps: a closure or a look-back whose files are kept with the period; else those of its reports and parts.
    """
    query = select(Evidence).where(
        Evidence.period_id == period_id,
        Evidence.closure_id.is_not_distinct_from(keeps.closure_id),
        Evidence.lookback_id.is_not_distinct_from(keeps.lookback_id),
        _HELD,
    )
    return ctx.session.execute(query.order_by(Evidence.id)).scalars().all()


def evidence_of_measure(ctx: LedgerContext, measure_id: int) -> Sequence[tuple[Evidence, Period]]:
    """The files of all periods of a measure that were not taken back, with their periods, in the order they came.

    Args:
        ctx: the context.
        measure_id: the measure's id.
    """
    of_period = select(Evidence, Period).join(Period, Period.id == Evidence.period_id).join(Duty)
    query = of_period.where(Duty.measure_id == measure_id, _HELD).order_by(Evidence.id)
    return ctx.session.execute(query).tuples().all()


def evidence_file(ctx: LedgerContext, evidence_id: int) -> Evidence:
    """One file.

    Args:
        ctx: the context.
        evidence_id: its id, from anywhere.

    Raises:
        Refusal: ``evidence_unknown``.
    """
    query = select(Evidence).where(Evidence.id == evidence_id, _HELD)
    found = ctx.session.execute(query).scalar_one_or_none() if evidence_id < 2**63 else None
    if found is None:
        raise Refusal("evidence_unknown")
    return found


def kept_contents(session: Session) -> Sequence[tuple[str, str]]:
    """Every content that the ledger names, also of files that were taken back, but for those that were given up: its
    digest, and a name that it had.

    Args:
        session: an open transaction on the ledger.
    """
    named = [
        select(column.label("sha256"), func.min(table.columns[column.info[NAMES_CONTENT]]).label("name"))
        .where(column.is_not(None), *(one.is_(None) for one in table.columns if one.name == "discarded_at"))
        .group_by(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if NAMES_CONTENT in column.info
    ]
    found = union_all(*named).subquery()
    query = select(found.c.sha256, func.min(found.c.name)).group_by(found.c.sha256).order_by(found.c.sha256)
    return session.execute(query).tuples().all()


def give_up_contents(ctx: LedgerContext, days: int) -> int:
    """Say of the files that were taken back so long ago, and were never reported, that their contents need not be kept.

    Args:
        ctx: the context; its ``now`` is when.
        days: how many days ago at least they were taken back.

    Returns:
        How many files.
    """
    long_ago = Evidence.removed_at < ctx.now - timedelta(days=days)
    query = select(Evidence).where(long_ago, Evidence.discarded_at.is_(None), Evidence.round.is_(None))
    found = ctx.session.execute(query.order_by(Evidence.id)).scalars().all()
    for one in found:
        one.discarded_at = ctx.now
        audit.append(ctx, "give-up-content", one.name, period=one.period_id, name=one.name, sha256=one.sha256)
    return len(found)


def name_in_report(ctx: LedgerContext, period: Period) -> list[str]:
    """Bind the files that came since the last report to the one that is handed in now.

    Args:
        ctx: the context.
        period: locked by this transaction.

    Returns:
        How the report names them.
    """
    named = []
    for one in evidence_of(ctx, period.id):
        if one.round is None:
            one.round = period.round
            unit = f"{ctx.session.get_one(Part, one.part_id).unit_name}，" if one.part_id else ""
            named.append(f"{one.name}（{unit}材料{one.id}）")
    return named
