"""Ten thousand rungs due in the same minute are all recorded, one letter per recipient, the red letters leave first."""

import time

from sqlalchemy import func, insert, select

from db import ledger
from db.ledger import message_queue
from db.models import Alert, Period, QueuedMessage
from plan.model import Plan
from tests.conftest import ContextAt
from tests.plans import ROLES, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

ROWS = 5000
LIMIT_SECONDS = 30  # twice what it should take on two slow cores


def _plan() -> Plan:
    roles = {f"person{number}": {"name": f"经办{number}"} for number in range(40)}
    units = {f"unit{number}": {"name": f"科室{number}", "handler": [f"person{number}"]} for number in range(40)}
    return plan_of(
        *(measure(f"{number:02d}-1", lead=f"unit{number}") for number in range(40)),
        roles=roles | {name: {"name": name} for name in ROLES},
        units=units,
    )


def test_a_burst_is_recorded_whole_and_leaves_worst_first(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    with ledger_at("2025-02-03T09:00") as ctx:
        first = ctx.session.get_one(Period, 1)
        names = [column.name for column in Period.__table__.columns if column.name not in ("id", "duty_id", "ordinal")]
        common = {name: getattr(first, name) for name in names}
        one = [common | {"duty_id": 1 + row % 40, "ordinal": 10_000 + row} for row in range(ROWS)]
        ctx.session.execute(insert(Period), one)
    started = time.monotonic()
    totals = patrol_at("2025-02-25T08:30")
    assert time.monotonic() - started < LIMIT_SECONDS
    assert (totals.rungs, totals.alerts, totals.messages) == (2 * (ROWS + 40), 2 * (ROWS + 40), 40)
    with ledger_at("2025-03-12T08:00") as ctx:
        assert ledger.health(ctx)["overlooked"] == ROWS + 40
    patrol_at("2025-03-12T08:31")
    with ledger_at("2025-03-12T08:31") as ctx:
        recipients = select(QueuedMessage.person_id, func.count()).group_by(QueuedMessage.person_id)
        assert {count for _, count in ctx.session.execute(recipients)} == {1}
        # Each was told of at its opening, before and at its limit; one of each duty climbs on, to four people in all,
        # and the next period of each has opened.
        assert ctx.session.scalar(select(func.count()).select_from(Alert)) == (ROWS + 40) * 3 + 40 * 4 + 40
        ranks = [message.severity for message in message_queue.lease(ctx, 100)]
        assert ranks == sorted(ranks, reverse=True)
        assert ranks[0] > ranks[-1]
