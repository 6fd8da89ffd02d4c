"""An acknowledgement holds the climb two working days and no longer, an instruction to the end of its limit."""

from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.models import Escalation, Period
from tests.conftest import ContextAt, at
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

RED_AT = "2025-03-11T08:30"


@pytest.fixture
def escalated(activated: Activate, patrol_at: PatrolAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-05T09:00")


def _fired(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return [key for key in ctx.session.get_one(Period, 1).fired if key == "red" or key.startswith("repeat")]


def test_the_climb_goes_on_the_moment_the_hold_ends(escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-10T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1)
        assert ctx.session.get_one(Period, 1).next_step_at == at("2025-03-12T08:30")
    with ledger_at("2025-03-11T10:00", "分管领导") as ctx, pytest.raises(Refusal) as refused:
        ledger.acknowledge(ctx, 1)
    assert refused.value.code == "escalation_acknowledged"
    patrol_at("2025-03-12T08:29:59")
    assert _fired(ledger_at, "2025-03-12T08:29:59") == []
    patrol_at("2025-03-12T08:30")
    assert _fired(ledger_at, "2025-03-12T08:30") == ["red"]
    with ledger_at("2025-03-12T09:00") as ctx:
        states = ctx.session.execute(select(Escalation.rung, Escalation.state).order_by(Escalation.id)).tuples().all()
        assert states == [("orange", "superseded"), ("red", "open")]


def test_without_an_acknowledgement_the_same_rung_comes_a_day_earlier(
    escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at(RED_AT)
    assert _fired(ledger_at, RED_AT) == ["red"]


def test_an_instruction_holds_to_the_end_of_the_new_limit(
    escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    with ledger_at("2025-03-06T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1)
    with ledger_at("2025-03-06T11:00", "分管领导") as ctx:
        assert ledger.instruct(ctx, 1, "请于本月20日前报送", date(2025, 3, 20)).new_limit_on == date(2025, 3, 20)
    patrol_at("2025-03-20T23:59:59")
    assert _fired(ledger_at, "2025-03-20T23:59:59") == []
    patrol_at("2025-03-21T00:00")
    assert _fired(ledger_at, "2025-03-21T00:00") == ["red"]
    with ledger_at("2025-03-21T09:00", "分管领导") as ctx, pytest.raises(Refusal) as refused:
        ledger.instruct(ctx, 1, "再催")
    assert refused.value.code == "escalation_closed"


def test_nagging_waits_for_the_hold_too(escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    patrol_at(RED_AT)
    with ledger_at("2025-03-11T10:00", "局长") as ctx:
        ledger.acknowledge(ctx, 2)
    patrol_at("2025-03-13T23:00")
    assert _fired(ledger_at, "2025-03-13T23:00") == ["red"]
    patrol_at("2025-03-14T08:30")
    assert _fired(ledger_at, "2025-03-14T08:30") == ["red", "repeat#1"]
