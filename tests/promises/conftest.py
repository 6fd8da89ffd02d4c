"""A delivery of its own, processes that may be killed, and a ledger that is put back after every try."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config.settings import HERE
from db.ledger import LedgerContext, Totals
from plan.model import Plan
from plan.policy import Policy
from rules.work_time import WorkTime
from tasks.channels import delivery
from tests.conftest import ContextAt, at, reread_settings

Activate = Callable[..., Plan]
PatrolAt = Callable[..., Totals]
DeliverAt = Callable[[str], list[str]]
KilledAt = Callable[[str, str], str]
PassingDesk = Callable[..., AbstractContextManager[ContextAt]]
DEAD_END = "json://127.0.0.1:9/"
"""A channel nobody listens on: every try fails and may be tried again."""
REFUSES_NAMES = "mailto://127.0.0.1:9/?from=duban@example.org&to={address}"
"""A mail channel: an address that is no mailbox is refused before anything is sent."""


@pytest.fixture
def installed(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An office whose settings lead to the test's ledger; its home folder."""
    monkeypatch.setenv("DUBAN_DATABASE_URL", database)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    monkeypatch.setenv("DUBAN_CHANNELS", json.dumps({"broken": DEAD_END, "mail": REFUSES_NAMES}))
    reread_settings()
    yield tmp_path
    reread_settings()


@pytest.fixture
def deliver_at(installed: Path) -> DeliverAt:
    """Delivers what may leave at an instant; gives the result of every letter in the order of leaving."""

    def run(moment: str) -> list[str]:
        now, results = at(moment), []
        office = delivery("督办引擎", lambda: now)
        while messages := office.lease():
            results += [f"{one.recipient} {one.channel} {office.deliver(one)}" for one in messages]
        return results

    return run


@pytest.fixture
def killed_at(installed: Path) -> KilledAt:
    """Runs a script in a process of its own that must end by SIGKILL; gives what it printed before."""

    def run(moment: str, script: str) -> str:
        done = process(moment, script)
        printed, errors = done.communicate(timeout=120)
        assert done.returncode == -9, errors
        return printed.strip()

    return run


def process(moment: str, script: str) -> subprocess.Popen[str]:
    """A process of our code, its clock fixed at ``moment``."""
    surroundings = os.environ | {"DUBAN_CLOCK": moment, "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, "-c", script]
    return subprocess.Popen(
        command, env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE
    )


@contextmanager
def context_on(
    session: Session, work_time: WorkTime, policy: Policy, now: datetime, actor: str = "测试"
) -> Iterator[LedgerContext]:
    """A context of any office, in a transaction of its own."""
    with session, session.begin():
        yield LedgerContext(session, work_time, policy, now, actor)


@pytest.fixture
def passing_desk(engine: Engine, work_time: WorkTime, policy: Policy) -> PassingDesk:
    """Gives contexts whose commits are undone when the block ends: a fresh ledger for every try of a property."""

    @contextmanager
    def all_desks(where: WorkTime = work_time) -> Iterator[ContextAt]:
        with engine.connect() as connection, connection.begin() as undone:

            def open_context(now: datetime, actor: str = "测试") -> AbstractContextManager[LedgerContext]:
                session = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
                return context_on(session, where, policy, now, actor)

            yield open_context
            undone.rollback()

    return all_desks
