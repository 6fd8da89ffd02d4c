"""A ledger that an earlier release left in the middle of its work: data, trail and open runs go on under this one.

``data/ledger-0002.sql`` is what revision 0002 held after two months of ``data/ledger-0002.yaml``: a closed period, a
report that waits for its review, a request for a longer limit, an acknowledged escalation, and the runs of all of them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db import ledger, matters
from db.embedded import LEDGER
from db.ledger import LedgerContext
from db.ledger.replay import verify
from db.matters import Matter
from db.matters.extension import ExtensionForm
from db.matters.period import ReviewForm
from db.session import MIGRATIONS, make_engine, migrate
from plan.loader import load_plan
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import administer, as_account, at
from tests.promises.conftest import context_on

NEWEST = ScriptDirectory(str(MIGRATIONS)).get_current_head()
DATA = Path(__file__).parent / "data"
NOW = "2025-04-14T09:00"
At = Callable[..., AbstractContextManager[LedgerContext]]


@pytest.fixture
def old(postgres: Callable[[str], str]) -> Iterator[Engine]:
    """The ledger of the earlier release, as this release opens it."""
    name = f"old_{os.getpid()}"
    administer(postgres("postgres"), f"CREATE DATABASE {name}")
    owners, engine = make_engine(postgres(name)), make_engine(as_account(postgres(name), LEDGER))
    with owners.connect() as connection:
        connection.exec_driver_sql((DATA / "ledger-0002.sql").read_text(encoding="utf-8").replace("%", "%%"))
        connection.commit()
    migrate(owners, LEDGER)
    owners.dispose()
    yield engine
    engine.dispose()
    administer(postgres("postgres"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def old_at(old: Engine, work_time: WorkTime, policy: Policy) -> At:
    """Opens a context on it."""

    def open_context(moment: str = NOW, actor: str = "测试") -> AbstractContextManager[LedgerContext]:
        return context_on(Session(old, expire_on_commit=False), work_time, policy, at(moment), actor)

    return open_context


def _matters(ctx: LedgerContext) -> dict[tuple[str, int], Matter]:
    return {(one.subject, one.id): one for one in matters.unfinished(ctx)}


def test_its_plan_is_the_same_plan_and_its_trail_is_whole(old_at: At) -> None:
    with old_at() as ctx:
        verdict = verify(ctx.session)
        assert (verdict.entries, verdict.proven_from, verdict.whole) == (14, 14, True)
        plan = load_plan(DATA / "ledger-0002.yaml")
        assert ledger.plan_in_force(ctx.session) == plan
        assert ledger.activate(ctx, plan).measures == 0


def test_what_is_changed_behind_its_back_is_found_as_in_a_new_one(old_at: At) -> None:
    with old_at() as ctx:
        ctx.session.execute(text("UPDATE submissions SET body = '全部完成' WHERE id = 1"))
        ctx.session.execute(text("INSERT INTO people (name, folded) VALUES ('混入者', '混入者')"))
    with old_at() as ctx:
        found = {(one.table, one.column) for one in verify(ctx.session).differences}
    assert found == {("submissions", "body"), ("people", None)}


def test_its_open_runs_are_known_and_what_is_over_may_end(old_at: At) -> None:
    with old_at() as ctx:
        found = _matters(ctx)
    assert {key: (one.kind, (one.run_id or "")[-1:]) for key, one in found.items()} == {
        ("period", 1): ("review", "1"),
        ("period", 3): ("report", "3"),
        ("period", 4): ("report", "4"),
        ("period", 5): ("report", "5"),
        ("period", 6): ("report", "6"),
        ("escalation", 1): ("", "1"),  # closed by the report that came in; its run waits to be ended
        ("escalation", 3): ("escalation", "3"),
        ("extension", 1): ("extension", ""),  # earlier releases had no run for it
    }
    assert (found["escalation", 1].outcome, found["escalation", 3].announced) == ("已终止", True)


def test_people_and_patrols_go_on_in_it(old_at: At, old: Engine) -> None:
    with old_at(NOW, "分管领导") as ctx:
        assert matters.answer(ctx, _matters(ctx)["extension", 1], ExtensionForm(grant=True, by="分管领导"))
    with old_at(NOW, "整改办") as ctx:
        assert matters.answer(ctx, _matters(ctx)["period", 1], ReviewForm(accept=True, by="整改办"))
    totals = ledger.patrol(lambda: old_at("2025-04-16T09:00"))
    assert (totals.parked, totals.truncated) == (0, False)
    with old_at("2025-04-16T09:00") as ctx:
        assert ledger.health(ctx)["overlooked"] == 0
        assert ledger.meant_period(ctx.session, "01-3", None).due_on == date(2025, 6, 30)
        assert _matters(ctx)["period", 1].outcome == "逾期办结"
        verdict = verify(ctx.session)
        assert (verdict.broken_at, verdict.differences, verdict.entries > 14) == (None, (), True)
    with old.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == NEWEST
