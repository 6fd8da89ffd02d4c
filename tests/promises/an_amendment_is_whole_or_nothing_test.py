"""The plan is amended while people and engines act: each order of events gives a ledger that one order explains."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select

from config.plan import Plan
from config.types import PeriodState
from db import ledger
from db.ledger import Desk, Report, audit
from db.models import Measure, Period
from rules.changes import changes
from rules.refusal import Refusal
from tests.conftest import DeskAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate

REPORT = Report(body="已完成", percent=80)
NOW = "2025-03-20T09:00"


def _plan(*codes: str, **changed: Any) -> Plan:
    return plan_of(*(measure(code, duties=[duty(**changed)]) for code in codes))


class _Kill(Exception):
    """The process dies."""


def _amend_and_die(desk_at: DeskAt, plan: Plan) -> None:
    with desk_at(NOW) as desk:
        assert ledger.amend(desk, plan, base_digest=None, apply=True).applied
        raise _Kill


def test_killed_before_commit_leaves_the_old_plan_whole(activated: Activate, desk_at: DeskAt) -> None:
    plan = _plan("01-1", "01-2")
    activated("2025-03-03T09:00", plan)
    with desk_at(NOW) as desk:
        head = audit.verify(desk.session).head
    with pytest.raises(_Kill):
        _amend_and_die(desk_at, _plan("01-1", "01-3", due="day 25"))
    with desk_at(NOW) as desk:
        assert ledger.plan_in_force(desk.session) == plan
        assert audit.verify(desk.session).head == head
        assert desk.session.execute(select(Measure.code).order_by(Measure.id)).scalars().all() == ["01-1", "01-2"]
        assert {str(period.due_on) for period in ledger.open_periods(desk.session)} == {"2025-03-31"}


def test_an_amendment_waits_for_the_person_and_keeps_what_they_reported(activated: Activate, desk_at: DeskAt) -> None:
    activated("2025-03-03T09:00", _plan("01-1"))
    started = Event()

    def amend() -> ledger.Amendment:
        with desk_at(NOW) as desk:
            started.set()
            return ledger.amend(desk, _plan("01-1", cadence="quarterly"), base_digest=None, apply=True)

    with ThreadPoolExecutor(1) as pool:
        with desk_at(NOW, "经办人") as person:
            ledger.submit(person, 1, REPORT)
            future = pool.submit(amend)
            started.wait(10)
            assert wait([future], timeout=1).done == set()
        done = future.result(timeout=30)
    assert done.moved == ()
    with desk_at(NOW) as desk:
        period = desk.session.get_one(Period, 1)
        assert (period.label, period.state) == ("2025年3月", PeriodState.SUBMITTED)


@pytest.mark.parametrize("attempt", range(2))
def test_a_crowd_of_people_engines_and_amendments(activated: Activate, desk_at: DeskAt, attempt: int) -> None:
    """Twelve periods, an engine, people who report, review and acknowledge, and an office that changes its mind."""
    codes = [f"{number:02d}-1" for number in range(1, 13)]
    plans = [_plan(*codes), _plan(*codes[:6], due="day 10"), _plan(*codes, cadence="bimonthly"), _plan(*codes[3:])]
    activated("2025-02-03T09:00", plans[0])
    works = [
        _engine(desk_at),
        _engine(desk_at),
        _each(desk_at, "经办人", lambda desk, number: ledger.submit(desk, number, REPORT)),
        _each(desk_at, "审核人", lambda desk, number: ledger.review(desk, number, accept=True)),
        _each(desk_at, "副局长", _acknowledge),
        _office(desk_at, plans),
    ]
    barrier = Barrier(len(works))

    def together(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(together, work) for work in works]:
            future.result(timeout=60)
    with desk_at("2025-03-20T10:00") as desk:
        assert audit.verify(desk.session).broken_at is None
        assert ledger.health(desk)["unarmed"] == 0
        assert changes(ledger.plan_in_force(desk.session), plans[-1]) == ()
        assert {period.duty.measure.code for period in ledger.open_periods(desk.session)} <= set(codes[3:])


def _engine(desk_at: DeskAt) -> Callable[[], None]:
    return lambda: [ledger.patrol(lambda: desk_at(NOW)) for _ in range(4)] and None


def _each(desk_at: DeskAt, actor: str, act: Callable[[Desk, int], object]) -> Callable[[], None]:
    def run() -> None:
        for number in range(1, 13):
            with suppress(Refusal), desk_at(NOW, actor) as desk:
                act(desk, number)

    return run


def _acknowledge(desk: Desk, number: int) -> None:
    if found := ledger.open_escalation(desk, number):
        ledger.acknowledge(desk, found.id)


def _office(desk_at: DeskAt, plans: list[Plan]) -> Callable[[], None]:
    def run() -> None:
        for plan in [*plans, *plans]:
            with desk_at(NOW, "整改办") as desk:
                ledger.amend(desk, plan, base_digest=None, apply=True)

    return run
