"""The plan is amended while people and engines act: each order of events gives a ledger that one order explains."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.replay import verify
from db.models import Measure, Period
from plan.differences import plan_changes
from plan.model import Plan
from plan.types import PeriodState
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate
from text.refusals import Refusal

REPORT = Report(body="已完成", percent=80)
NOW = "2025-03-20T09:00"


def _plan(*codes: str, **changed: Any) -> Plan:
    return plan_of(*(measure(code, duties=[duty(**changed)]) for code in codes))


class _Kill(Exception):
    """The process dies."""


def _amend_and_die(ledger_at: ContextAt, plan: Plan) -> None:
    with ledger_at(NOW) as ctx:
        assert ledger.amend(ctx, plan, base_digest=None, apply=True).applied
        raise _Kill


def test_killed_before_commit_leaves_the_old_plan_whole(activated: Activate, ledger_at: ContextAt) -> None:
    plan = _plan("01-1", "01-2")
    activated("2025-03-03T09:00", plan)
    with ledger_at(NOW) as ctx:
        head = verify(ctx.session).head
    with pytest.raises(_Kill):
        _amend_and_die(ledger_at, _plan("01-1", "01-3", due="day 25"))
    with ledger_at(NOW) as ctx:
        assert ledger.plan_in_force(ctx.session) == plan
        assert verify(ctx.session).head == head
        assert ctx.session.execute(select(Measure.code).order_by(Measure.id)).scalars().all() == ["01-1", "01-2"]
        assert {str(period.due_on) for period in ledger.open_periods(ctx.session)} == {"2025-03-31"}


def test_an_amendment_waits_for_the_person_and_keeps_what_they_reported(
    activated: Activate, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _plan("01-1"))
    started = Event()

    def amend() -> ledger.Amendment:
        with ledger_at(NOW) as ctx:
            started.set()
            return ledger.amend(ctx, _plan("01-1", cadence="quarterly"), base_digest=None, apply=True)

    with ThreadPoolExecutor(1) as pool:
        with ledger_at(NOW, "经办人") as person:
            ledger.submit(person, 1, REPORT)
            future = pool.submit(amend)
            started.wait(10)
            assert wait([future], timeout=1).done == set()
        done = future.result(timeout=30)
    assert done.moved == ()
    with ledger_at(NOW) as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.label, period.state) == ("2025年3月", PeriodState.SUBMITTED)


@pytest.mark.parametrize("attempt", range(2))
def test_a_crowd_of_people_engines_and_amendments(activated: Activate, ledger_at: ContextAt, attempt: int) -> None:
    """Twelve periods, an engine, people who report, review and acknowledge, and an office that changes its mind."""
    codes = [f"{number:02d}-1" for number in range(1, 13)]
    plans = [_plan(*codes), _plan(*codes[:6], due="day 10"), _plan(*codes, cadence="bimonthly"), _plan(*codes[3:])]
    activated("2025-02-03T09:00", plans[0])
    works = [
        _engine(ledger_at),
        _engine(ledger_at),
        _each(ledger_at, "经办人", lambda ctx, number: ledger.submit(ctx, number, REPORT)),
        _each(ledger_at, "审核人", lambda ctx, number: ledger.review(ctx, number, accept=True)),
        _each(ledger_at, "副局长", _acknowledge),
        _office(ledger_at, plans),
    ]
    barrier = Barrier(len(works))

    def together(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(together, work) for work in works]:
            future.result(timeout=60)
    with ledger_at("2025-03-20T10:00") as ctx:
        assert verify(ctx.session).broken_at is None
        assert ledger.health(ctx)["unarmed"] == 0
        assert plan_changes(ledger.plan_in_force(ctx.session), plans[-1]) == ()
        assert {period.duty.measure.code for period in ledger.open_periods(ctx.session)} <= set(codes[3:])


def _engine(ledger_at: ContextAt) -> Callable[[], None]:
    return lambda: [ledger.patrol(lambda: ledger_at(NOW)) for _ in range(4)] and None


def _each(ledger_at: ContextAt, actor: str, act: Callable[[LedgerContext, int], object]) -> Callable[[], None]:
    def run() -> None:
        for number in range(1, 13):
            with suppress(Refusal), ledger_at(NOW, actor) as ctx:
                act(ctx, number)

    return run


def _acknowledge(ctx: LedgerContext, number: int) -> None:
    if found := ledger.open_escalation(ctx, number):
        ledger.acknowledge(ctx, found.id)


def _office(ledger_at: ContextAt, plans: list[Plan]) -> Callable[[], None]:
    def run() -> None:
        for plan in [*plans, *plans]:
            with ledger_at(NOW, "整改办") as ctx:
                ledger.amend(ctx, plan, base_digest=None, apply=True)

    return run
