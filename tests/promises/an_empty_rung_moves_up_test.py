"""Nobody stands on a rung: it is recorded as empty, the next level fires at once, the operators hear of it."""

from sqlalchemy import select

from db.models import Alert, Escalation, Period, QueuedMessage
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

UPPER = {"deputy": [], "head": ["head"], "discipline": [], "office": ["office"]}


def test_without_a_deputy_the_head_is_told_at_once(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure(), audiences=UPPER))
    patrol_at("2025-03-05T08:30")  # the third working day: orange, the deputy's
    with ledger_at("2025-03-05T09:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert period.fired[-2:] == ["orange", "red"]
        recorded = select(Alert.rung).where(Alert.rung.in_(["orange", "red"]))
        assert ctx.session.execute(recorded).scalars().all() == ["red"]
        sheets = ctx.session.execute(select(Escalation.rung, Escalation.state)).tuples().all()
        assert sheets == [("red", "open")]
        told = ctx.session.execute(select(QueuedMessage).where(QueuedMessage.key.startswith("empty:"))).scalar_one()
        assert told.person.name == "office"
        assert "orange" in (items_of(ctx, told.id)[0].note or "")
        assert period.next_step_at is not None
        assert period.next_step_at > ctx.now


def test_with_nobody_above_the_engine_still_looks_again(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure(), audiences=UPPER | {"head": []}))
    patrol_at("2025-03-05T08:30")
    with ledger_at("2025-03-05T09:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert period.fired[-2:] == ["orange", "red"]
        assert ctx.session.execute(select(Escalation)).scalars().all() == []
        told = select(Alert.rung, Alert.message_id).where(Alert.kind == "operator").order_by(Alert.id)
        (first, letter), (second, same) = ctx.session.execute(told).tuples()
        assert (first, second) == ("empty:1:orange", "empty:1:red")
        assert letter == same  # which waited to leave
    patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:00") as ctx:
        assert "repeat#1" in ctx.session.get_one(Period, 1).fired
