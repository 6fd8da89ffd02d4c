"""The office reads once a working day, in its one message of the day, how the whole round stands."""

import pytest
from sqlalchemy import select

from config.settings import HERE
from db import ledger
from db.ledger import Report
from db.models import Person, QueuedMessage
from plan.policy import Policy, SummaryRhythm, load_policy
from plan.types import AlertKind
from rules.message import MessageItem
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.promises.conftest import Activate, PatrolAt


def _summaries(ledger_at: ContextAt, moment: str, policy: Policy | None = None) -> list[tuple[str, str, MessageItem]]:
    """After a patrol: whose message, for which day, and the summary in it."""
    chosen = {"rules": policy} if policy else {}
    ledger.patrol(lambda: ledger_at(moment, **chosen))
    with ledger_at(moment) as ctx:
        queued = select(QueuedMessage, Person.name).join(Person).order_by(QueuedMessage.id)
        return [
            (name, str(message.day), item)
            for message, name in ctx.session.execute(queued).tuples().all()
            for item in items_of(ctx, message.id)
            if item.kind == AlertKind.SUMMARY
        ]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """As it is shipped."""
    return load_policy(HERE / "policy.yaml")


@pytest.fixture
def march(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-10T20:00")
    with ledger_at("2025-03-11T08:45", "handler") as ctx:
        ledger.submit(ctx, 2, Report(body="已完成", percent=60, finished=False))


def test_it_says_what_is_late_what_waits_and_what_came_in(march: None, ledger_at: ContextAt) -> None:
    ((name, day, item),) = _summaries(ledger_at, "2025-03-11T09:00")
    assert (name, day) == ("office", "2025-03-11")
    assert item.note is not None
    assert item.note.startswith("在办2项：逾期1项，今日到期0项，14天内到期0项；待审核1项，")
    assert "上次汇总以来填报1次、办结0项" in item.note


def test_once_a_day_however_often_is_patrolled(march: None, ledger_at: ContextAt) -> None:
    for moment in ("2025-03-11T09:00", "2025-03-11T09:05", "2025-03-11T16:00"):
        assert len(_summaries(ledger_at, moment)) == 1
    assert len(_summaries(ledger_at, "2025-03-12T09:00")) == 2


def test_not_at_night_and_not_on_a_day_off(march: None, ledger_at: ContextAt) -> None:
    assert not _summaries(ledger_at, "2025-03-11T20:00")
    assert not _summaries(ledger_at, "2025-03-15T10:00")  # a Saturday


def test_an_office_may_want_it_weekly_or_not_at_all(march: None, ledger_at: ContextAt, policy: Policy) -> None:
    never = policy.model_copy(update={"summary": SummaryRhythm.NONE})
    weekly = policy.model_copy(update={"summary": SummaryRhythm.WEEKLY})
    assert not _summaries(ledger_at, "2025-03-11T09:00", never)
    assert not _summaries(ledger_at, "2025-03-12T09:00", weekly)  # a Wednesday
    assert len(_summaries(ledger_at, "2025-03-17T09:00", weekly)) == 1  # the Monday after
    assert len(_summaries(ledger_at, "2025-03-18T09:00", weekly)) == 1


def test_it_comes_in_the_offices_one_message_of_the_day(march: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-03-11T09:00")
    with ledger_at("2025-03-11T09:00") as ctx:
        office = select(QueuedMessage.id).join(Person).where(Person.name == "office")
        (message,) = ctx.session.execute(office.where(QueuedMessage.day == ctx.today)).scalars()
        assert {item.kind for item in items_of(ctx, message)} == {AlertKind.REVIEW, AlertKind.SUMMARY}
