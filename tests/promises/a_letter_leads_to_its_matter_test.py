"""Whoever must act gets there from his letter: to what is asked of him, whichever run shows it by then."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.ledger.suspend import remind_of_suspensions
from db.models import Person, QueuedMessage
from letters.render import render
from rules.message import Message
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import measure, plan_of

ADDRESS = "https://duban.example.org"
LATE = "2025-03-12T09:00"
"""The seventh working day after the end of February: the head is asked, as the deputy was."""


@pytest.fixture
def letters(activated: Callable[..., Any], ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> ContextAt:
    """01-1 and 03-1 are late and escalated, 02-1 waits for its review; 03-1 has asked for a longer limit."""
    activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("02-1"), measure("03-1")))
    with ledger_at("2025-02-28T09:00", "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已调度", percent=50))
        ledger.ask_extension(ctx, 3, date(2025, 3, 28), "雨季无法施工")
    patrol_at("2025-03-05T09:00")
    patrol_at(LATE)
    return ledger_at


def _links(ledger_at: ContextAt, reader: str) -> set[str]:
    """The matters to which the letters of a reader lead, by their tags."""
    with ledger_at(LATE) as ctx:
        of_reader = select(QueuedMessage.id).join(Person).where(Person.name == reader)
        items = [one for number in ctx.session.execute(of_reader).scalars() for one in items_of(ctx, number)]
    addressed = tuple(replace(one, address=f"{ADDRESS}/m/{one.tag}") if one.tag else one for one in items)
    message = Message(1, "key", "lease", 0, False, reader, "outbox", "", day=date(2025, 3, 12), items=addressed)
    return set(re.findall(rf"：{ADDRESS}/m/(\S+)", render(message).text))


def test_a_supervisor_is_led_to_his_sheet_and_never_to_the_form_of_the_unit(letters: ContextAt) -> None:
    assert _links(letters, "head") == {"escalation-3", "escalation-4"}
    # The deputy's sheets were taken over by those of the head; he decides the extension and hears of the late review.
    assert _links(letters, "deputy") == {"escalation-3", "escalation-4", "extension-1", "period-2"}


def test_the_unit_is_led_to_its_report_and_the_office_to_its_review(letters: ContextAt) -> None:
    assert _links(letters, "handler") >= {"period-1", "period-3"}
    assert all(tag.startswith("period-") for tag in _links(letters, "handler"))
    assert "period-2" in _links(letters, "office")


def test_the_office_is_led_to_the_suspension_that_it_is_to_look_at_again(letters: ContextAt) -> None:
    with letters(LATE, "office") as ctx:
        ledger.suspend(ctx, "02-1", reason="等待用地批复", evidence=["复函"], until=date(2025, 3, 20))
    with letters("2025-03-20T09:00") as ctx:
        assert remind_of_suspensions(ctx) == 1
    assert "suspension-1" in _links(letters, "office")


def test_a_letter_about_the_engine_leads_to_no_matter(letters: ContextAt) -> None:
    with letters(LATE) as ctx:
        ledger.notify_operators(ctx, "a-fault", "某处有误")
        last = ctx.session.execute(select(QueuedMessage.id).order_by(QueuedMessage.id.desc())).scalars().first()
        assert "" in {item.tag for item in items_of(ctx, last or 0)}
