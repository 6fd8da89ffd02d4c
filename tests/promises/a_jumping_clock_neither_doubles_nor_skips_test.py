"""The engine's clock jumps forward a day or back an hour: no rung is recorded twice and none is left out."""

from sqlalchemy import func, select

from db.models import Alert, Period, QueuedMessage
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, PatrolAt

ALL = {"open", "remind", "due", "yellow", "orange", "red"}


def _recorded(ledger_at: ContextAt) -> tuple[list[str], int]:
    with ledger_at("2025-03-12T12:00") as ctx:
        fired = ctx.session.execute(select(Period.fired).where(Period.id == 1)).scalar_one()
        alerts = ctx.session.scalar(select(func.count()).select_from(Alert).where(Alert.period_id == 1))
        return list(fired), alerts or 0


def test_an_hour_back_repeats_nothing(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    assert patrol_at("2025-02-25T09:00").rungs == 2
    assert patrol_at("2025-02-25T08:00").rungs == 0
    assert patrol_at("2025-02-25T09:00").rungs == 0
    with ledger_at("2025-02-25T12:00") as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(QueuedMessage)) == 1


def test_a_day_forward_and_back_fires_each_rung_once(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-26T09:00")
    for day in ("02-25", "02-26", "02-27", "02-28", "03-03", "03-05", "03-11"):
        patrol_at(f"2025-{day}T09:00")
        patrol_at(f"2025-{day}T08:00")
    fired, alerts = _recorded(ledger_at)
    assert (sorted(fired), alerts) == (sorted(ALL), 8)
