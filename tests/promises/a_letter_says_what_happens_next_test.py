"""Whoever is asked reads when and to whom the matter climbs if nothing is reported; and nothing that will not be."""

from datetime import date

import pytest
from sqlalchemy import delete, select

from db import ledger
from db.models import Escalation, Holding, Person, QueuedMessage, Recipient
from plan.model import Plan
from rules.message import MessageItem
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import ROLES, duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

MONTHLY = [duty(title="月报")]


def _items(ledger_at: ContextAt, moment: str, name: str) -> list[MessageItem]:
    """What the letters of somebody say of the first measure at an instant, the last letter last."""
    with ledger_at(moment) as ctx:
        of_name = select(QueuedMessage.id).join(Person).where(Person.name == name).order_by(QueuedMessage.id)
        return [
            one
            for letter in ctx.session.execute(of_name).scalars()
            for one in items_of(ctx, letter)
            if one.label == "2025年2月"
        ]


def _next(ledger_at: ContextAt, moment: str, name: str) -> tuple[date | None, str]:
    found = _items(ledger_at, moment, name)[-1]
    return found.climbs_on, found.climbs_to


@pytest.fixture
def late(activated: Activate, patrol_at: PatrolAt) -> None:
    """The report of February is overdue since the first of March; the handler and his leader have been told."""
    activated("2025-02-03T09:00", plan_of(measure(duties=MONTHLY)))
    for moment in ("2025-02-25T09:00", "2025-03-03T09:00"):
        patrol_at(moment)


def test_the_unit_reads_to_whom_its_matter_climbs_and_each_supervisor_reads_the_next(
    late: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    assert _next(ledger_at, "2025-03-03T09:01", "handler") == (date(2025, 3, 5), "deputy")
    assert _next(ledger_at, "2025-03-03T09:01", "leader") == (date(2025, 3, 5), "deputy")
    patrol_at("2025-03-05T09:00")
    # The discipline contact is told as well, and not asked.
    assert _next(ledger_at, "2025-03-05T09:01", "deputy") == (date(2025, 3, 11), "head")
    assert _next(ledger_at, "2025-03-05T09:01", "handler") == (date(2025, 3, 11), "head")
    patrol_at("2025-03-12T09:00")
    assert _next(ledger_at, "2025-03-12T09:01", "head") == (None, "")


def test_it_says_what_becomes_of_it_when_the_sheet_is_acknowledged(
    late: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at("2025-03-05T09:00")
    with ledger_at("2025-03-10T15:00", "deputy") as ctx:
        hold = ledger.acknowledge(ctx, 1).acknowledged_until
        assert hold is not None
        assert ctx.work_time.day_of(hold) > date(2025, 3, 11)
        held_until = ctx.work_time.day_of(hold)
    day, who = _next(ledger_at, "2025-03-10T15:01", "handler")
    assert (day, who) == (held_until, "head")
    # And so it comes.
    patrol_at("2025-03-11T09:00")
    assert _asked_by_sheet(ledger_at) == ["deputy"]
    patrol_at(f"{held_until}T09:00")
    assert _asked_by_sheet(ledger_at) == ["deputy", "head"]


def _asked_by_sheet(ledger_at: ContextAt) -> list[str]:
    with ledger_at("2025-03-20T09:00") as ctx:
        first = [
            sheet.recipients[0] for sheet in ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars()
        ]
        return [ctx.session.get_one(Recipient, one).name for one in first]


def test_what_is_suspended_or_reported_climbs_to_nobody(late: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-03T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, ledger.Report(body="已完成", percent=100, finished=True))
    assert _items(ledger_at, "2025-03-03T10:01", "leader") == []
    with ledger_at("2025-03-03T11:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=False, reason="缺佐证")
    with ledger_at("2025-03-03T12:00", "整改办") as ctx:
        ledger.suspend(ctx, "01-1", reason="等待用地批复", evidence=["复函"], until=date(2025, 4, 20))
    assert {one.climbs_on for one in _items(ledger_at, "2025-03-03T12:01", "handler")} <= {None}


def test_an_empty_rung_is_passed_by(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", _without_deputy())
    patrol_at("2025-03-03T09:00")
    assert _next(ledger_at, "2025-03-03T09:01", "handler")[1] == "head"


def _without_deputy() -> Plan:
    audiences = {name: [name] for name in ("head", "discipline", "office")}
    return plan_of(measure(duties=MONTHLY), roles={name: {"name": name} for name in ROLES}, audiences=audiences)


def test_somebody_whose_row_is_gone_holds_up_nobodys_letter(late: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-03T09:00") as ctx:
        gone = select(Recipient.id).where(Recipient.name == "deputy")
        ctx.session.execute(delete(Holding).where(Holding.recipient_id.in_(gone)))
        ctx.session.execute(delete(Recipient).where(Recipient.id.in_(gone)))
    assert _next(ledger_at, "2025-03-03T09:00", "handler") == (None, "")
