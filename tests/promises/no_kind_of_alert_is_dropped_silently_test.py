"""An alert of a kind this version does not know ends as a dead letter that the operators hear of, never in silence."""

import pytest
from sqlalchemy import select, text

from db.models import QueuedMessage
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.promises.conftest import Activate, DeliverAt, PatrolAt


@pytest.mark.parametrize("about_the_engine", [False, True])
def test_an_unknown_kind_is_a_dead_letter_that_the_operators_hear_of(
    activated: Activate, patrol_at: PatrolAt, deliver_at: DeliverAt, ledger_at: ContextAt, about_the_engine: bool
) -> None:
    activated("2025-02-03T08:00")
    patrol_at("2025-02-05T08:35")
    with ledger_at("2025-02-05T08:36") as ctx:
        ctx.session.execute(text("UPDATE alerts SET kind = 'gossip'"))
        if about_the_engine:
            ctx.session.execute(text("UPDATE alerts SET period_id = NULL"))
    assert deliver_at("2025-02-05T08:40") == ["office outbox sent"]
    with ledger_at("2025-02-05T09:00") as ctx:
        (dead,) = ctx.session.execute(select(QueuedMessage).where(QueuedMessage.state == "dead")).scalars()
        assert [one["result"] for one in dead.history] == ["alert_kind_unknown: 'gossip'"]
        (told,) = ctx.session.execute(select(QueuedMessage).where(QueuedMessage.state == "sent")).scalars()
        assert "alert_kind_unknown" in (items_of(ctx, told.id)[0].note or "")
