"""A row that cannot be read or written is parked with its error, the operators are told, all other rungs fire."""

import pytest
from sqlalchemy import delete, select, update

from db import ledger
from db.models import Duty, Holding, LadderSnapshot, Measure, Period, QueuedMessage, Recipient
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt


@pytest.fixture
def three(activated: Activate) -> None:
    monthly, weekly = duty(), duty("weekly", cadence="weekly", title="每周调度")
    measures = (measure("01-1", duties=[weekly]), measure("02-1"), measure("03-1", duties=[monthly]))
    activated("2025-02-03T08:00", plan_of(*measures))


def _told(ctx: ledger.LedgerContext, key: str) -> list[str]:
    query = select(QueuedMessage).where(QueuedMessage.key.startswith(key)).order_by(QueuedMessage.id)
    return [message.person.name for message in ctx.session.execute(query).scalars()]


def test_an_unreadable_ladder(three: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-03T08:10") as ctx:
        broken = LadderSnapshot(digest="f" * 64, body={"rungs": "nonsense"})
        ctx.session.add(broken)
        ctx.session.flush()
        ctx.session.get_one(Period, 2).ladder_id = broken.id
    totals = patrol_at("2025-02-05T08:30")
    assert (totals.parked, totals.rungs) == (1, 2)
    with ledger_at("2025-02-05T09:00") as ctx:
        parked = ctx.session.get_one(Period, 2)
        assert parked.next_step_at is None
        assert (parked.parked_error or "").startswith("ValidationError: ")
        assert _told(ctx, "parked:2") == ["office"]
        assert ledger.health(ctx)["unarmed"] == 1
    assert patrol_at("2025-02-05T09:05").parked == 0


def test_what_was_mended_is_tried_again_after_an_hour(three: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-03T08:10") as ctx:
        second = ctx.session.get_one(Measure, 2)
        whole = second.audiences
        second.audiences = whole | {"handler": 7}
    assert patrol_at("2025-02-05T08:30").parked == 1
    with ledger_at("2025-02-05T08:40") as ctx:
        ctx.session.get_one(Measure, 2).audiences = whole
    assert [patrol_at(f"2025-02-05T{at}").rungs for at in ("09:00", "09:30", "09:35")] == [0, 1, 0]
    with ledger_at("2025-02-05T09:45") as ctx:
        assert (ledger.health(ctx)["unarmed"], ledger.health(ctx)["overlooked"]) == (0, 0)


@pytest.mark.parametrize("office_too", [False, True])
def test_a_deleted_post_even_one_of_the_operators(
    three: None, patrol_at: PatrolAt, ledger_at: ContextAt, office_too: bool
) -> None:
    gone = ["leader", "office"] if office_too else ["leader"]
    with ledger_at("2025-02-03T08:10") as ctx:
        ids = ctx.session.execute(select(Recipient.id).where(Recipient.key.in_(gone))).scalars().all()
        ctx.session.execute(delete(Holding).where(Holding.recipient_id.in_(ids)))
        ctx.session.execute(delete(Recipient).where(Recipient.id.in_(ids)))
        second = ctx.session.get_one(Measure, 2)
        second.audiences = second.audiences | {"handler": [ids[0]]}
    totals = patrol_at("2025-02-05T08:30")
    assert (totals.parked, totals.rungs) == (1, 2)
    with ledger_at("2025-02-05T09:00") as ctx:
        parked = ctx.session.execute(select(Period).where(Period.parked_at.is_not(None))).scalar_one()
        assert parked.duty.measure_id == 2
        assert (parked.parked_error or "").startswith("LookupError: there is no post ")
        assert _told(ctx, f"parked:{parked.id}") == ([] if office_too else ["office"])


def test_a_duty_that_cannot_be_reckoned(three: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-03T08:10") as ctx:
        ctx.session.execute(update(Duty).where(Duty.id == 1).values(due="when it suits"))
    totals = patrol_at("2025-03-03T08:30")
    assert totals.opened == 2
    with ledger_at("2025-03-03T09:00") as ctx:
        sick = ctx.session.get_one(Duty, 1)
        assert (sick.next_opens_at, _told(ctx, "duty:1")) == (None, ["office"])
        mended = sick.next_ordinal
        sick.due, sick.next_opens_at = "end", ctx.now
        assert mended is not None
    assert patrol_at("2025-03-03T12:00").opened == 4  # nothing it owed meanwhile is lost


def test_an_audience_that_is_no_list(three: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-03T08:10") as ctx:
        second = ctx.session.get_one(Measure, 2)
        second.audiences = second.audiences | {"handler": 7}
    totals = patrol_at("2025-02-05T08:30")
    assert (totals.parked, totals.rungs) == (1, 2)
