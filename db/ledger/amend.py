"""The plan in force becomes another one: the difference is shown first, then carried out whole, or not at all.

What is closed stays as it was; what is open follows; every difference stands in the audit trail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.ledger import audit
from db.ledger.context import LedgerContext, name_of
from db.ledger.deciders import authorised
from db.ledger.handover import hand_over, holders
from db.ledger.inspections import inspection
from db.ledger.periods import open_due
from db.ledger.queries import open_periods
from db.ledger.reproject import Moved, tell_change
from db.ledger.rewrite import rewrite
from db.models import Duty, Inspection, Measure, Period
from plan.differences import PlanChange, plan_changes
from plan.digest import plan_digest
from plan.model import Plan, kept_plan
from plan.supervisors import check_supervised, unsupervised
from plan.types import OPEN, Act, PeriodState
from text.refusals import Refusal

CONSOLE_ACTOR = "duban plan import"
"""Who amends where nobody is named: an operator at the machine itself."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What another plan changes: its differences, and what they do to periods, each by its name."""

    changes: tuple[PlanChange, ...] = ()
    moved: tuple[Moved, ...] = ()
    opened: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True)
class _OpenBefore:
    """An open period before the amendment. Whoever holds its row keeps the session from reading it again."""

    period: Period
    name: str
    label: str
    due_on: date
    next_at: datetime | None


def plan_in_force(session: Session, key: str | None = None) -> Plan:
    """The plan of an inspection that the ledger supervises, as loaded or last amended.

    Args:
        session: an open transaction on the ledger.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: ``plan_unrecorded`` in a ledger older than the record, and those of ``inspection``.
    """
    found = inspection(session, key)
    if found.plan is None:
        raise Refusal("plan_unrecorded", title=found.title)
    return kept_plan(found.plan)


def amend(
    ctx: LedgerContext, plan: Plan, *, base_digest: str | None, apply: bool, without_supervisors: bool = False
) -> Amendment:
    """Put ``plan`` in the place of the plan in force; without ``apply`` only tell what that would change.

    1. Lock and check; the same plan again changes nothing.
    2. What the old plan owes by now is opened by the old plan.
    3. Rows follow (``rewrite``), open periods are dated anew or withdrawn, what the new plan owes is opened.
    4. The audit trail takes every difference.

    Args:
        ctx: the context; its ``now`` is when the new plan takes effect, its actor who amends: by name, or the console.
        plan: a checked plan; its inspection says which of the plans in force it replaces, no other is touched.
        base_digest: digest of the plan that was edited; None where it is not known.
        apply: whether to write it; without it everything is taken back.
        without_supervisors: whether it is meant that nobody is told any more of what is late.

    Returns:
        The differences and what they do to open periods, whether applied or not.

    Raises:
        Refusal: ``ledger_empty``, ``plan_unrecorded``, ``inspection_unknown``, ``plan_stale`` when the plan
            changed since it was exported, ``clock_backwards``, ``supervisors_missing`` where somebody was there before,
            ``history_closed``, ``transition``, and those of ``authorised``.
    """
    present = _locked(ctx, plan.inspection.key)
    if ctx.actor != CONSOLE_ACTOR:
        ctx = authorised(ctx, Act.CONFIGURE)
    before = plan_in_force(ctx.session, present.key)
    found = plan_changes(before, plan)
    if not found:
        return Amendment(applied=apply)
    _check(ctx, present, base_digest)
    # An office that does without supervisors said so when it began.
    if not without_supervisors and not unsupervised(before, ctx.policy):
        check_supervised(plan, ctx.policy)
    # What would change is found by changing it: a savepoint is taken back when only the difference was asked for.
    with ctx.session.begin_nested() as trial:
        done = _carry_out(ctx, present, before, plan, found, apply)
        if not apply:
            trial.rollback()
            ctx.roster.forget()
            ctx.ladders.frozen.clear()  # snapshots frozen in the trial went with it
    return done


def _locked(ctx: LedgerContext, key: str) -> Inspection:
    """The inspection, held against every other amendment of it."""
    # Its id alone makes no object: the row is read after the lock was had, as whoever was first has left it.
    ctx.session.execute(select(Inspection.id).where(Inspection.key == key).with_for_update())
    return inspection(ctx.session, key)


def _check(ctx: LedgerContext, present: Inspection, base_digest: str | None) -> None:
    if base_digest not in (None, present.plan_digest):
        raise Refusal("plan_stale")
    if ctx.now < present.activated_at:
        said = ctx.work_time.minute_text
        raise Refusal("clock_backwards", at=said(ctx.now), since=said(present.activated_at))


def _carry_out(
    ctx: LedgerContext, present: Inspection, before: Plan, plan: Plan, found: tuple[PlanChange, ...], apply: bool
) -> Amendment:
    _lock_all(ctx, present)
    _open_all(ctx, present)
    before_open = _open_before(ctx, present)
    # Whatever of it has a higher id afterwards was opened by the new plan: its duties are locked against anybody else.
    last = ctx.session.execute(select(func.max(Period.id))).scalar_one() or 0
    held = holders(ctx)
    rewrite(ctx, present, before, plan)
    present.plan, present.plan_digest = plan.model_dump(mode="json"), plan_digest(plan)
    _open_all(ctx, present)
    of_it = select(Period).join(Period.duty).join(Duty.measure).where(Measure.inspection_id == present.id)
    fresh = of_it.where(Period.id > last, Period.state.in_(OPEN)).order_by(Period.id)
    done = Amendment(
        changes=found,
        moved=tuple(_moved(before_open)),
        opened=tuple(name_of(period) for period in ctx.session.execute(fresh).scalars()),
        withdrawn=tuple(was.name for was in before_open if was.period.state == PeriodState.WITHDRAWN),
        applied=apply,
    )
    _record(ctx, present, done)
    # The number of the entry just written names this amendment: a limit that is moved to and fro is told every time.
    event = f"amended:{audit.queue(ctx.session).number}"
    if apply:  # a trial is taken back, and what it told with it
        for was in before_open:
            _notify(ctx, was, event)
        hand_over(ctx, held, event)
    return done


def _lock_all(ctx: LedgerContext, present: Inspection) -> None:
    """Lock its duties and open periods, in the order other commands do, then queue for the audit trail."""
    duties = select(Duty.id).join(Duty.measure).where(Measure.inspection_id == present.id).order_by(Duty.id)
    # Who holds a period looks up its duty once more when writing it twice: that look must not wait for us.
    ctx.session.execute(duties.with_for_update(key_share=True, of=Duty))
    periods = select(Period.id).join(Period.duty).join(Duty.measure).where(Measure.inspection_id == present.id)
    ctx.session.execute(periods.where(Period.state.in_(OPEN)).order_by(Period.id).with_for_update(of=Period))
    audit.queue(ctx.session)
    ctx.session.expire_all()  # what was read before the locks may have changed while they were awaited


def _open_all(ctx: LedgerContext, present: Inspection) -> None:
    # Without grace: all that is owed by now must be there before it is compared or dated anew.
    while open_due(ctx, timedelta(0), present.id):
        pass


def _open_before(ctx: LedgerContext, present: Inspection) -> list[_OpenBefore]:
    return [
        _OpenBefore(period, name_of(period), period.label, period.due_on, period.next_step_at)
        for period in open_periods(ctx.session, inspection_id=present.id)
    ]


def _moved(before_open: Sequence[_OpenBefore]) -> Iterator[Moved]:
    for was in before_open:
        period = was.period
        after = (period.label, period.due_on, period.next_step_at)
        if period.state in OPEN and after != (was.label, was.due_on, was.next_at):
            name = was.name if period.label == was.label else f"{was.name} → {period.label}"
            yield Moved(name, was.due_on, period.due_on, was.next_at, period.next_step_at, period.provisional)


def _notify(ctx: LedgerContext, was: _OpenBefore, event: str) -> None:
    """Who works on a period hears of its new limit, or that it is not asked for any more."""
    if was.period.state == PeriodState.WITHDRAWN:
        tell_change(ctx, was.period, event, "整改方案调整，本期不再要求")
    elif was.period.due_on != was.due_on:
        tell_change(ctx, was.period, event, f"整改方案调整，期限由{was.due_on}改为{was.period.due_on}")


def _record(ctx: LedgerContext, present: Inspection, done: Amendment) -> None:
    told = [[one.kind, one.subject, one.where, one.field, one.before, one.after] for one in done.changes]
    moved = [[one.period, str(one.due_before), str(one.due_after)] for one in done.moved]
    facts = {"changes": told, "moved": moved, "opened": len(done.opened), "withdrawn": list(done.withdrawn)}
    audit.append(ctx, "amend", present.key, digest=present.plan_digest, **facts)
