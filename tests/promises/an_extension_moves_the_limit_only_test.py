"""A granted extension moves the limit, whose ladder is its own; a refused one leaves everything as it was."""

from datetime import date

import pytest
from sqlalchemy import func, select

from db import ledger
from db.models import Alert, Period
from tests.conftest import ContextAt, at
from tests.promises.conftest import Activate, PatrolAt

NEW = date(2025, 3, 14)


@pytest.fixture
def reminded(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    """A period due on 28 February 2025 whose reminder is out and whose extension to 14 March is asked."""
    activated("2025-02-03T09:00")
    patrol_at("2025-02-26T09:00")
    with ledger_at("2025-02-26T10:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, NEW, "汛期无法进场施工")


def test_a_granted_one_moves_what_is_still_to_fire(reminded: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-27T10:00", "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
        period = ctx.session.get_one(Period, 1)
        assert (period.due_on, period.formal_due_on) == (NEW, date(2025, 2, 28))
        assert period.next_step_at == at("2025-03-11T08:30")
    patrol_at("2025-03-10T18:00")
    with ledger_at("2025-03-10T18:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["open", "remind@2025-02-28"]
    patrol_at("2025-03-17T08:30")
    with ledger_at("2025-03-17T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["open", "remind@2025-02-28", "remind", "due", "yellow"]
        reminders = select(func.count()).select_from(Alert).where(Alert.rung == "remind", Alert.period_id == 1)
        assert ctx.session.scalar(reminders) == 2  # one for each limit


def test_a_refused_one_changes_nothing(reminded: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-27T10:00", "分管领导") as ctx:
        before = ctx.session.get_one(Period, 1).next_step_at
        ledger.decide_extension(ctx, 1, grant=False)
        period = ctx.session.get_one(Period, 1)
        assert (period.due_on, period.next_step_at) == (date(2025, 2, 28), before)
    patrol_at("2025-03-03T08:30")
    with ledger_at("2025-03-03T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["open", "remind", "due", "yellow"]


def test_one_granted_after_all_rungs_fired_begins_anew_with_the_reminder_of_the_new_limit(
    reminded: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at("2025-03-11T09:00")
    with ledger_at("2025-03-11T10:00", "分管领导") as ctx:
        assert ctx.session.get_one(Period, 1).fired[-1] == "red"
        ledger.decide_extension(ctx, 1, grant=True)
        assert ctx.session.get_one(Period, 1).next_step_at == at("2025-03-11T08:30")
    patrol_at("2025-03-25T18:00")
    with ledger_at("2025-03-25T18:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired[-5:] == ["remind", "due", "yellow", "orange", "red"]
    patrol_at("2025-03-26T08:30")
    with ledger_at("2025-03-26T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired[-1] == "repeat#1"
