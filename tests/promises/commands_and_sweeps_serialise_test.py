"""People act while the sweep holds their period: every order of events gives a ledger that one order alone explains."""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import date
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, event, select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.fire import Totals, fire_due
from db.ledger.message_queue import lease
from db.ledger.queued import resend
from db.ledger.replay import verify
from db.models import Alert, Escalation, Period
from plan.overrides import DayOverride
from plan.types import Fate, PeriodState
from rules.calendar import WorkCalendar
from tests.conftest import ContextAt, at
from tests.messages import failed, sent
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

REPORT = Report(body="已完成", percent=80)
DUE_DAY = "2025-02-28T09:00"


def _submit(ctx: LedgerContext) -> None:
    ledger.submit(ctx, 1, REPORT)


def _extend(ctx: LedgerContext) -> None:
    ledger.ask_extension(ctx, 1, date(2025, 3, 31), "汛期")


def _while_the_sweep_holds(ledger_at: ContextAt, act: Callable[[LedgerContext], None]) -> Future[None]:
    """Start ``act`` when the sweep has claimed the period and before it commits."""
    started = Event()

    def run() -> None:
        with ledger_at(DUE_DAY, "经办人") as ctx:
            started.set()
            act(ctx)

    with ThreadPoolExecutor(1) as pool:
        with ledger_at(DUE_DAY) as ctx:
            fire_due(ctx, Totals())
            future = pool.submit(run)
            started.wait(10)
            assert not future.done()
        future.result(timeout=30)
        return future


def test_a_report_waits_for_the_sweep_and_then_stops_the_ladder(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated("2025-02-03T09:00")
    _while_the_sweep_holds(ledger_at, _submit)
    patrol_at("2025-03-04T09:00")
    with ledger_at("2025-03-04T09:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.state, period.fired) == (PeriodState.SUBMITTED, ["open", "remind", "due", "review@1"])
        assert verify(ctx.session).broken_at is None


def test_an_extension_asked_and_granted_beside_the_sweep_keeps_what_fired(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated("2025-02-03T09:00")
    _while_the_sweep_holds(ledger_at, _extend)
    with ledger_at(DUE_DAY, "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
    patrol_at("2025-03-28T18:00")
    with ledger_at("2025-03-28T18:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["open", "remind@2025-02-28", "due@2025-02-28", "remind"]


def _locks(engine: Engine, act: Callable[[], object]) -> list[str]:
    """What ``act`` locks, in its order: the end of the trail, and letters."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "pg_advisory_xact_lock" in statement:
            found.append("trail")
        elif re.search(r"(INSERT INTO|UPDATE) messages\b|FROM messages\b.*FOR UPDATE", statement, re.DOTALL):
            found.append("letters")

    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


@pytest.mark.parametrize("what", ["a failed letter", "a returned report", "an ended sheet", "a letter sent again"])
def test_whoever_locks_letters_has_queued_for_the_trail(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, engine: Engine, what: str
) -> None:
    activated("2025-02-03T09:00", plan_of(measure()))
    patrol_at("2025-02-03T09:00")
    patrol_at("2025-03-12T09:00")
    now = "2025-03-12T09:30"
    with ledger_at(now) as ctx:
        leased = lease(ctx, 10)
    if what == "a returned report":
        with ledger_at(now, "handler") as ctx:
            _submit(ctx)
    if what == "a letter sent again":
        with ledger_at(now) as ctx:
            sent(ctx, *leased)

    def act() -> None:
        with ledger_at(now, "office") as ctx:
            if what == "a failed letter":
                failed(ctx, leased[0], Fate.REFUSED)
            elif what == "a returned report":
                ledger.review(ctx, 1, accept=False, reason="缺数据")
            elif what == "an ended sheet":
                ledger.skip(ctx, 1, "停工")
            else:
                resend(ctx, [leased[0].id])

    order = _locks(engine, act)
    assert "letters" in order
    assert order[0] == "trail"


def test_the_sweep_passes_over_a_period_that_a_person_holds(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    with ledger_at(DUE_DAY, "经办人") as person:
        _submit(person)
        with ledger_at(DUE_DAY) as ctx:
            assert fire_due(ctx, Totals()) == 0
    with ledger_at(DUE_DAY) as ctx:
        assert ctx.session.execute(select(Alert)).scalars().all() == []


def test_a_new_calendar_waits_for_the_person_and_keeps_what_they_did(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    day_off = WorkCalendar.china([DayOverride(date(2025, 2, 27), False, "放假")])
    started = Event()

    def publish() -> None:
        with ledger_at("2025-02-10T09:00") as ctx:
            started.set()
            ledger.reproject(replace(ctx, work_time=replace(ctx.work_time, calendar=day_off)), apply=True)

    with ThreadPoolExecutor(1) as pool:
        with ledger_at("2025-02-10T09:00", "经办人") as person:
            _submit(person)
            person.session.flush()
            future = pool.submit(publish)
            started.wait(10)
            assert wait([future], timeout=1).done == set()
        future.result(timeout=30)
    with ledger_at("2025-02-10T10:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.state, period.next_step_at) == (PeriodState.SUBMITTED, at("2025-02-10T08:30"))


@pytest.mark.parametrize("attempt", range(3))
def test_a_crowd_of_people_and_engines(activated: Activate, ledger_at: ContextAt, attempt: int) -> None:
    """Twelve periods, two engines, people who report, review, extend and acknowledge at the same time."""
    activated("2025-02-03T09:00", plan_of(*(measure(f"{number:02d}-1") for number in range(1, 13))))
    barrier = Barrier(6)

    def engine() -> None:
        ledger.patrol(lambda: ledger_at("2025-03-20T09:00"))

    def each(actor: str, act: Callable[[LedgerContext, int], object]) -> Callable[[], None]:
        def run() -> None:
            for number in range(1, 13):
                with suppress(Refusal), ledger_at("2025-03-20T09:00", actor) as ctx:
                    act(ctx, number)

        return run

    def hold(ctx: LedgerContext, number: int) -> None:
        if found := ledger.open_escalation(ctx, number):
            ledger.acknowledge(ctx, found.id)

    works = [
        engine,
        engine,
        each("经办人", lambda ctx, number: ledger.submit(ctx, number, REPORT)),
        each("审核人", lambda ctx, number: ledger.review(ctx, number, accept=number % 2 == 0, reason="退回")),
        each("副局长", hold),
        each("另一人", lambda ctx, number: ledger.submit(ctx, number, REPORT)),
    ]

    def together(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(together, work) for work in works]:
            future.result(timeout=60)
    with ledger_at("2025-03-20T10:00") as ctx:
        assert verify(ctx.session).broken_at is None
        assert ledger.health(ctx)["unarmed"] == 0
        for period in ctx.session.execute(select(Period)).scalars():
            assert len(period.fired) == len(set(period.fired))
            assert len(period.submissions) == period.round - (period.state == PeriodState.WAITING)
            is_live = Escalation.state.in_(["open", "acknowledged"])
            live = select(Escalation).where(Escalation.period_id == period.id, is_live)
            found = ctx.session.execute(live).scalars().all()
            assert len(found) <= (period.state == PeriodState.WAITING)
