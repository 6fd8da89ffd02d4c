"""The steps of supervising one period. Each is one transaction of the ledger and safe to repeat.

Results are never cached: after a resume the flow runs again from the top and must see the ledger as it is then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report
from db.models import Duty, Escalation, Measure, Period
from plan.types import PeriodState
from tasks.cards import form_card, instruction_card
from tasks.context import ledger_context
from text.refusals import Refusal

T = TypeVar("T")
SYSTEM_ACTOR = "督办引擎"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a flow needs to know of a period or an escalation to ask the right person the right question."""

    id: int
    name: str
    state: str
    round: int
    shown: str
    card: str
    last_percent: int
    outcome: str | None = None


async def in_ledger(actor: str, work: Callable[[LedgerContext], T]) -> T:
    """Run ``work`` in a transaction of its own, off the event loop."""

    def run() -> T:
        with ledger_context(actor) as ctx:
            return work(ctx)

    return await to_thread.run_sync(run)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="开启 {measure} {duty}")
async def take_period(measure: str, duty: str, ordinal: int | None, run_id: str) -> int | None:
    """Open what the duty owes and claim its period for this run; ``None`` when another run has it or none is owed.

    ``ordinal`` names a period that is open already; without one the newest unclaimed open period is meant.
    """
    return await in_ledger(SYSTEM_ACTOR, lambda ctx: _take(ctx, measure, duty, ordinal, run_id))


def _take(ctx: LedgerContext, measure: str, duty: str, ordinal: int | None, run_id: str) -> int | None:
    query = select(Duty.id).join(Duty.measure).where(Measure.code == measure, Duty.key == duty)
    duty_ids = ctx.session.execute(query.order_by(Duty.id)).scalars().all()
    if not duty_ids:
        raise Refusal("duty_unknown", measure=measure, duty=duty, known="")
    for duty_id in duty_ids:  # a duty that got another rhythm has several rows; the last one still opens periods
        ledger.open_duty(ctx, duty_id)
    own = Period.flow_run_id == run_id  # whatever the plan made of the period since this run took it
    periods = select(Period).where(Period.duty_id.in_(duty_ids)).with_for_update()
    if ordinal is not None:
        periods = periods.where(own | (Period.ordinal == ordinal))
    else:
        periods = periods.where(own | Period.flow_run_id.is_(None), ~Period.settled)
    mine_first = (own.is_not(True), Period.flow_run_id.is_not(None), Period.duty_id.desc(), Period.ordinal.desc())
    period = ctx.session.execute(periods.order_by(*mine_first).limit(1)).scalar_one_or_none()
    if period is None or period.flow_run_id not in (None, run_id):
        return None
    period.flow_run_id = run_id
    return period.id


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="核对台账")
async def read_sheet(period_id: int) -> Sheet:
    """A period as it stands now."""
    return await in_ledger(SYSTEM_ACTOR, lambda ctx: _sheet(ctx, ctx.session.get_one(Period, period_id)))


def _sheet(ctx: LedgerContext, period: Period) -> Sheet:
    return Sheet(
        id=period.id,
        name=ledger.name_of(period),
        state=period.state,
        round=period.round,
        shown=ledger.run_name(ctx, period),
        card=form_card(ctx, period),
        last_percent=period.submissions[-1].percent if period.submissions else 0,
        outcome=ledger.outcome(period),
    )


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="登记填报")
async def record_report(period_id: int, round: int, report: Report, by: str) -> str | None:
    """Hand a report to the ledger; returns why it was refused, or ``None``."""
    return await _try(by, lambda ctx: _in_round(ctx, period_id, round, PeriodState.WAITING, _submit(report)))


def _submit(report: Report) -> Callable[[LedgerContext, int], object]:
    return lambda ctx, period_id: ledger.submit(ctx, period_id, report)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="登记审核")
async def record_review(period_id: int, round: int, accept: bool, reason: str, by: str) -> str | None:
    """Hand a review to the ledger; returns why it was refused, or ``None``."""

    def review(ctx: LedgerContext, which: int) -> object:
        return ledger.review(ctx, which, accept=accept, reason=reason)

    return await _try(by, lambda ctx: _in_round(ctx, period_id, round, PeriodState.SUBMITTED, review))


def _in_round(
    ctx: LedgerContext, period_id: int, round: int, state: PeriodState, command: Callable[[LedgerContext, int], object]
) -> None:
    """Carry out a form's command unless the period has moved on: another door was quicker, and the ledger decides."""
    period = ctx.session.execute(select(Period).where(Period.id == period_id).with_for_update()).scalar_one()
    if period.round == round and period.state == state:
        command(ctx, period_id)


async def _try(by: str, work: Callable[[LedgerContext], Any]) -> str | None:
    try:
        await in_ledger(by, work)
    except Refusal as refusal:
        return str(refusal)
    return None


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="领取督办单")
async def take_escalation(escalation_id: int, run_id: str) -> bool:
    """Claim an escalation for this run; ``False`` when another run has it or it does not exist."""

    def work(ctx: LedgerContext) -> bool:
        query = select(Escalation).where(Escalation.id == escalation_id).with_for_update()
        escalation = ctx.session.execute(query).scalar_one_or_none()
        if escalation is None or escalation.flow_run_id not in (None, run_id):
            return False
        escalation.flow_run_id = run_id
        return True

    return await in_ledger(SYSTEM_ACTOR, work)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="核对督办单")
async def read_escalation(escalation_id: int) -> Sheet:
    """An escalation as it stands now."""

    def work(ctx: LedgerContext) -> Sheet:
        found = ctx.session.get_one(Escalation, escalation_id)
        return Sheet(
            id=found.id,
            name=f"{found.number} · {ledger.name_of(found.period)}",
            state=found.state,
            round=1,
            shown="待批示" if found.state == "open" else "已签收",
            card=instruction_card(ctx, found),
            last_percent=0,
        )

    return await in_ledger(SYSTEM_ACTOR, work)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="登记签收")
async def record_acknowledgement(escalation_id: int, by: str) -> str | None:
    """Acknowledge an escalation; returns why it was refused, or ``None``."""
    return await _try(by, lambda ctx: ledger.acknowledge(ctx, escalation_id))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="登记批示")
async def record_instruction(escalation_id: int, text: str, limit: Any, by: str) -> str | None:
    """Record a supervisor's instruction; returns why it was refused, or ``None``."""
    return await _try(by, lambda ctx: ledger.instruct(ctx, escalation_id, text, limit))
