"""A year's working days are amended while a period runs: rungs not fired yet follow, fired ones are not fired again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db import ledger
from db.ledger import LedgerContext
from db.models import Alert, Period
from plan.overrides import DayOverride
from plan.policy import Policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tests.conftest import ContextAt, at
from tests.promises.conftest import Activate, PatrolAt, context_on


@pytest.fixture
def amended(work_time: WorkTime) -> WorkTime:
    """26 and 27 February 2025 are holidays, the Saturday 1 March is worked."""
    days = [(date(2025, 2, 26), False), (date(2025, 2, 27), False), (date(2025, 3, 1), True)]
    return replace(work_time, calendar=WorkCalendar.china([DayOverride(day, working, "t") for day, working in days]))


@pytest.fixture
def amended_at(
    engine: Engine, amended: WorkTime, policy: Policy
) -> Callable[[str], AbstractContextManager[LedgerContext]]:
    """Contexts of the office after the amendment."""
    return lambda moment: context_on(Session(engine, expire_on_commit=False), amended, policy, at(moment))


def _publish(opened: AbstractContextManager[LedgerContext]) -> None:
    with opened as ctx:
        ledger.reproject(ctx, apply=True)


def _fell_due(ctx: LedgerContext) -> dict[str, str]:
    query = select(Alert.rung, Alert.fell_due_at).where(Alert.period_id == 1).order_by(Alert.id)
    return {rung: str(ctx.work_time.day_of(moment)) for rung, moment in ctx.session.execute(query)}


def test_rungs_not_fired_yet_follow_the_new_working_days(
    activated: Activate, patrol_at: PatrolAt, amended_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-05T09:00")
    _publish(amended_at("2025-02-06T09:00"))
    for day in ("02-21T09:00", "03-01T08:30", "03-05T09:00"):
        ledger.patrol(partial(amended_at, f"2025-{day}"))
        with amended_at(f"2025-{day}") as ctx:
            assert ledger.health(ctx)["overlooked"] == 0
    with amended_at("2025-03-05T09:00") as ctx:
        assert _fell_due(ctx) == {
            "open": "2025-02-05",
            "remind": "2025-02-21",  # was the 25th
            "due": "2025-02-28",
            "yellow": "2025-03-01",  # was the 3rd
            "orange": "2025-03-04",  # was the 5th
        }


def test_what_fired_before_the_amendment_is_not_fired_again(
    activated: Activate, patrol_at: PatrolAt, amended_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-25T09:00")
    with amended_at("2025-02-25T09:30") as ctx:
        before = ctx.session.get_one(Period, 1)
        assert before.fired == ["open", "remind"]
    _publish(amended_at("2025-02-25T10:00"))
    ledger.patrol(lambda: amended_at("2025-02-25T10:00"))
    ledger.patrol(lambda: amended_at("2025-03-01T08:30"))
    with amended_at("2025-03-01T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["open", "remind", "due", "yellow"]
        assert _fell_due(ctx)["remind"] == "2025-02-25"
