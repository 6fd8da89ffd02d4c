"""After an hour, three days or forty days without an engine every passed rung is recorded in order, and each recipient
gets one letter that says nothing about what is closed.
"""

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report, message_queue
from db.models import Alert, QueuedMessage
from tests.conftest import ContextAt
from tests.messages import items_of, sent
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

TWO = plan_of(measure("01-1"), measure("02-1"))
ALL = ["open", "remind", "due", "yellow", "orange", "red"]


@pytest.mark.parametrize(
    ("back_at", "rungs", "who"),
    [
        ("2025-02-05T09:30", ["open"], ["handler"]),
        ("2025-02-08T09:00", ["open"], ["handler"]),
        ("2025-03-17T09:00", ALL, ["handler", "leader", "deputy", "head", "discipline"]),
    ],
)
def test_passed_rungs_are_recorded_in_order_and_letters_merged(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, back_at: str, rungs: list[str], who: list[str]
) -> None:
    activated("2025-02-05T08:00", TWO)
    with ledger_at("2025-02-05T08:10", "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已报送", percent=50))
    with ledger_at("2025-02-05T08:20", "审核人") as ctx:
        ledger.review(ctx, 2, accept=True)
    patrol_at(back_at)
    with ledger_at(back_at) as ctx:
        recorded = ctx.session.execute(select(Alert.rung).where(Alert.period_id == 1).order_by(Alert.id)).scalars()
        assert list(dict.fromkeys(recorded)) == rungs
        messages = ctx.session.execute(
            select(QueuedMessage).where(QueuedMessage.key.startswith("digest-")).order_by(QueuedMessage.id)
        )
        found = list(messages.scalars())
        assert [one.person.name for one in found] == who
        said = {(entry.measure, entry.label) for one in found for entry in items_of(ctx, one.id)}
        assert ("01-1", "2025年2月") in said
        assert ("02-1", "2025年2月") not in said


def test_a_letter_written_before_the_closing_leaves_without_it(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-05T08:00", TWO)
    patrol_at("2025-03-17T07:00")
    with ledger_at("2025-03-17T08:00", "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已报送", percent=50))
    with ledger_at("2025-03-17T08:10", "审核人") as ctx:
        ledger.review(ctx, 2, accept=True)
    with ledger_at("2025-03-17T08:30") as ctx:
        said = {entry.period_id for one in message_queue.lease(ctx, 50) for entry in items_of(ctx, one.id)}
        assert said == {1, 3, 4}  # not 2


def test_a_weekend_without_delivery_does_not_make_two_digests_on_monday(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    """Friday's letter leaves on Monday; what falls due after it that day goes into Tuesday's."""
    activated("2025-02-05T08:00", TWO)
    patrol_at("2025-02-07T08:30")
    with ledger_at("2025-02-10T08:30") as ctx:
        (late,) = message_queue.lease(ctx, 10)
        sent(ctx, late)
    patrol_at("2025-02-25T08:29")
    with ledger_at("2025-02-10T09:00") as ctx:
        assert message_queue.daily_messages(ctx, {1: 1})[1] == 1
        days = ctx.session.execute(
            select(QueuedMessage.day).where(QueuedMessage.person_id == 1).order_by(QueuedMessage.id)
        ).scalars()
        assert [str(day) for day in days] == ["2025-02-10", "2025-02-11"]
