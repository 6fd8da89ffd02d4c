"""Work follows the post: who takes one over gets one message with all that is open, who left gets nothing more."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.models import Escalation, Person, QueuedMessage, Recipient
from plan.model import Plan
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import ROLES, duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

Stage = Callable[[ContextAt, PatrolAt], None]
MONTHLY = [duty(title="月报")]


def _plan(**changes: str) -> Plan:
    """Two measures of one unit; ``changes`` says by which role a post is held now."""
    held = {name: changes.get(name, name) for name in ROLES}
    return plan_of(
        measure(duties=MONTHLY),
        measure("01-2", title="印发制度", duties=MONTHLY),
        roles={name: {"name": name} for name in [*ROLES, *changes.values()]},
        units={"water": {"name": "水科", "handler": [held["handler"]], "leader": [held["leader"]]}},
        audiences={name: [held[name]] for name in ("deputy", "head", "discipline", "office")},
    )


def _replace(ledger_at: ContextAt, moment: str, plan: Plan) -> None:
    with ledger_at(moment, "整改办") as ctx:
        ledger.amend(ctx, plan, base_digest=None, apply=True)


def _told(ledger_at: ContextAt, moment: str, name: str) -> list[list[str]]:
    """What waits for somebody: of every message that would say anything, each item's kind and measure."""
    with ledger_at(moment) as ctx:
        waiting = (
            select(QueuedMessage.id)
            .join(Person, Person.id == QueuedMessage.person_id)
            .where(Person.name == name, QueuedMessage.next_try_at.is_not(None))
            .order_by(QueuedMessage.id)
        )
        messages = ctx.session.execute(waiting).scalars().all()
        found = [[f"{one.kind} {one.measure}" for one in items_of(ctx, message)] for message in messages]
        return [items for items in found if items]


@pytest.fixture
def late(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    """Two months overdue up to orange, all letters of it sent; nobody has answered."""
    activated("2025-02-03T09:00", _plan())
    patrol_at("2025-03-05T09:00")
    with ledger_at("2025-03-05T09:01") as ctx:
        for message in ctx.session.execute(select(QueuedMessage)).scalars():
            message.state, message.next_try_at = "sent", None


def test_who_takes_over_hears_at_once_of_all_that_is_open_in_one_message(late: None, ledger_at: ContextAt) -> None:
    _replace(ledger_at, "2025-03-05T10:00", _plan(handler="new-handler", deputy="new-deputy"))
    assert _told(ledger_at, "2025-03-05T10:01", "new-handler") == [
        ["chase 01-1", "chase 01-2", "notice 01-1", "notice 01-2"]  # of February, and of March
    ]
    assert _told(ledger_at, "2025-03-05T10:01", "new-deputy") == [["escalation 01-1", "escalation 01-2"]]
    for gone in ("handler", "deputy", "leader", "head"):
        assert _told(ledger_at, "2025-03-05T10:01", gone) == []


def test_he_is_asked_himself_and_may_answer(late: None, ledger_at: ContextAt) -> None:
    _replace(ledger_at, "2025-03-05T10:00", _plan(deputy="new-deputy"))
    with ledger_at("2025-03-05T10:01") as ctx:
        (message,) = ctx.session.execute(
            select(QueuedMessage.id).join(Person).where(Person.name == "new-deputy")
        ).scalars()
        assert {(one.informed, one.sheet_limit) for one in items_of(ctx, message)} == {(False, date(2025, 3, 10))}
        newcomer = ctx.session.execute(select(Recipient.id).where(Recipient.name == "new-deputy")).scalar_one()
        for sheet in ctx.session.execute(select(Escalation)).scalars():
            assert sheet.recipients == [newcomer]


def test_what_waited_for_the_one_who_left_is_told_to_the_one_who_came(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    patrol_at("2025-02-05T09:00")
    with ledger_at("2025-02-20T16:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完成", percent=100, finished=True))
    with ledger_at("2025-02-20T20:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=False, reason="缺佐证")
    assert ["returned 01-1"] in _told(ledger_at, "2025-02-20T20:01", "handler")
    _replace(ledger_at, "2025-02-20T20:30", _plan(handler="new-handler"))
    assert _told(ledger_at, "2025-02-20T20:31", "handler") == []
    ((*items,),) = _told(ledger_at, "2025-02-20T20:31", "new-handler")
    assert "returned 01-1" in items
    assert "notice 01-2" in items


def test_who_takes_over_a_request_is_led_to_the_request_itself(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-05T09:00", _plan())
    with ledger_at("2025-02-20T10:00", "handler") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 14), "雨季无法施工")
    _replace(ledger_at, "2025-02-20T11:00", _plan(deputy="new-deputy"))
    with ledger_at("2025-02-20T11:01") as ctx:
        his = select(QueuedMessage.id).join(Person).where(Person.name == "new-deputy")
        told = [one for message in ctx.session.execute(his).scalars() for one in items_of(ctx, message)]
        assert [(one.kind, one.tag) for one in told] == [("request", "extension-1")]


def _nothing(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    """The notices of March are sent; nobody is late."""
    patrol_at("2025-03-03T09:00")


def _sheets_open(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    """February is red: sheets lie before the head."""
    for moment in ("2025-03-05T09:00", "2025-03-12T09:00"):
        patrol_at(moment)


def _returned(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    """A report came in between the sheet to the deputy and that to the head, and was returned."""
    patrol_at("2025-03-05T09:00")
    with ledger_at("2025-03-11T16:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完成", percent=100, finished=True))
    with ledger_at("2025-03-11T16:30", "审核人") as ctx:
        ledger.review(ctx, 1, accept=False, reason="缺佐证")
    patrol_at("2025-03-12T09:00")


@pytest.mark.parametrize("sent", [True, False], ids=["sent", "queued"])
@pytest.mark.parametrize("stage", [_nothing, _sheets_open, _returned])
@pytest.mark.parametrize("post", ["handler", "leader", "deputy", "head"])
def test_at_every_stage_and_in_every_post_the_successor_gets_one_message_and_who_left_nothing(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, post: str, stage: Stage, sent: bool
) -> None:
    activated("2025-02-03T09:00", _plan())
    stage(ledger_at, patrol_at)
    with ledger_at("2025-03-12T09:10") as ctx:
        told = select(QueuedMessage).join(Person).where(Person.name == post)
        of_post = ctx.session.execute(told).scalars().all()
        open_matters = {one.measure for message in of_post for one in items_of(ctx, message.id)}
        if sent:
            for message in ctx.session.execute(select(QueuedMessage)).scalars():
                message.state, message.next_try_at = "sent", None
    _replace(ledger_at, "2025-03-12T09:20", _plan(**{post: "successor"}))
    letters = _told(ledger_at, "2025-03-12T09:21", "successor")
    assert [{told.split()[1] for told in items} for items in letters] == ([open_matters] if open_matters else [])
    for moment in ("2025-03-13T09:00", "2025-03-20T09:00", "2025-04-02T09:00"):
        patrol_at(moment)
        assert _told(ledger_at, moment, post) == []


def test_another_person_behind_the_same_post_hears_of_it_as_well(late: None, ledger_at: ContextAt) -> None:
    before = _plan()
    after = before.model_copy(
        update={"roles": before.roles | {"deputy": before.roles["deputy"].model_copy(update={"name": "李某"})}}
    )
    _replace(ledger_at, "2025-03-05T10:00", after)
    assert _told(ledger_at, "2025-03-05T10:01", "李某") == [["escalation 01-1", "escalation 01-2"]]


def test_a_plan_that_changes_nobody_tells_nobody(late: None, ledger_at: ContextAt) -> None:
    before = _plan()
    first = before.findings[0]
    measures = [first.measures[0].model_copy(update={"title": "每月调度进度"}), *first.measures[1:]]
    after = before.model_copy(update={"findings": [first.model_copy(update={"measures": measures})]})
    _replace(ledger_at, "2025-03-05T10:00", after)
    for name in ROLES:
        assert _told(ledger_at, "2025-03-05T10:01", name) == []
