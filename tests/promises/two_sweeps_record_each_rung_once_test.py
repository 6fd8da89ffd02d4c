"""Two engines sweep at the same instant: every rung is recorded once, their totals add up, neither is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, distinct, event, func, select, text

from db import ledger
from db.ledger import periods
from db.ledger.fire import Totals, fire_due
from db.ledger.patrol import fire_batch
from db.models import Alert, Escalation, Period, QueuedMessage
from plan.model import Plan
from tests.conftest import ContextAt
from tests.plans import ROLES, measure, plan_of
from tests.promises.conftest import Activate, process

MANY = plan_of(*(measure(f"{number:02d}-1") for number in range(1, 41)))
SCRIPT = """
import sys
from dataclasses import asdict
import json
from db import ledger
from tasks.context import ledger_context
with ledger_context("督办引擎") as one:
    pass
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(asdict(ledger.patrol(lambda: ledger_context("督办引擎")))), flush=True)
"""


def _assert_each_once(ledger_at: ContextAt, alerts: int) -> None:
    with ledger_at("2025-03-20T12:00") as ctx:
        of_periods = select(func.count()).select_from(Alert).where(Alert.period_id.is_not(None))
        assert ctx.session.scalar(of_periods) == alerts
        # Two processes that each write the office's summary write one.
        assert ctx.session.scalar(select(func.count()).where(Alert.kind == "summary")) <= 1
        per_period = ctx.session.execute(select(Period.fired)).scalars().all()
        assert all(len(fired) == len(set(fired)) for fired in per_period)
        assert sum(map(len, per_period)) == 280
        assert ctx.session.scalar(select(func.count()).select_from(Escalation)) == 80
        assert ledger.health(ctx)["overlooked"] == 0
        letters = select(func.count(distinct(QueuedMessage.person_id)), func.count()).select_from(QueuedMessage)
        people, messages = ctx.session.execute(letters).one()
        assert people == messages >= 5


def test_two_processes_at_a_barrier(activated: Activate, installed: Path, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", MANY)
    both = [process("2025-03-20T09:00", SCRIPT) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline().strip() == "ready", one.communicate()[1]
    totals = [one.communicate("go\n", timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], totals
    counts = [json.loads(printed) for printed, _ in totals]
    names = ("opened", "rungs", "alerts", "escalations", "parked")
    assert {name: sum(one[name] for one in counts) for name in names} == {
        "opened": 40,
        "rungs": 280,
        "alerts": 360,
        "escalations": 80,
        "parked": 0,
    }
    _assert_each_once(ledger_at, 360)


def test_four_threads_with_small_batches(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", MANY)
    with ledger_at("2025-03-20T09:00") as ctx:
        periods.open_due(ctx, timedelta(hours=2))
    barrier = Barrier(4)

    def run(_: int) -> Totals:
        totals = Totals()
        barrier.wait()
        for _ in range(60):
            with ledger_at("2025-03-20T09:00") as ctx:
                fire_due(ctx, totals, batch=3)
        return totals

    with ThreadPoolExecutor(4) as pool:
        every = list(pool.map(run, range(4)))
    assert (sum(one.rungs for one in every), sum(one.alerts for one in every)) == (280, 360)
    _assert_each_once(ledger_at, 360)


def test_two_sweeps_with_a_poison_row_each_do_not_wait_for_each_other(
    activated: Activate, ledger_at: ContextAt, owners_engine: Engine
) -> None:
    """A batch that cannot be written whole is written row by row; the other sweep wants the same letters meanwhile."""
    activated("2025-02-03T08:00", _five_handlers(40))
    with owners_engine.begin() as connection:
        connection.execute(text("ALTER TABLE alerts ADD CONSTRAINT poison CHECK (period_id NOT IN (1, 40))"))
    barrier = Barrier(2)

    def run(_: int) -> Totals:
        totals = Totals()
        barrier.wait()
        for _ in range(10):
            fire_batch(lambda: ledger_at("2025-02-05T09:00"), totals, batch=20)
        return totals

    with ThreadPoolExecutor(2) as pool:
        every = list(pool.map(run, range(2)))
    assert (sum(one.parked for one in every), sum(one.rungs for one in every)) == (2, 38)


def _five_handlers(measures: int) -> Plan:
    roles = {f"person{number}": {"name": f"经办{number}"} for number in range(5)}
    units = {f"unit{number}": {"name": f"科室{number}", "handler": [f"person{number}"]} for number in range(5)}
    listed = [measure(f"{number:02d}-1", lead=f"unit{number % 5}") for number in range(1, measures + 1)]
    return plan_of(*listed, roles={name: {"name": name} for name in ROLES} | roles, units=units)


@pytest.fixture(autouse=True)
def _ends_in_time(engine: Engine) -> None:
    """A deadlock shows as an error within a second, a wait without end as one within thirty."""

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '30s'")
        connection.commit()
