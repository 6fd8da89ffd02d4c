"""Month ends of 28 to 31 days, a leap day, an office whose clocks change: over a year every rung comes exactly once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from config.types import PeriodState
from db import ledger
from db.ledger.desk import steps_of
from db.models import Period
from tests.conftest import DeskAt
from tests.plans import duty, measure, plan_of

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
DUTIES = [
    duty("month-end", anchor="2023-12-31"),
    duty("leap", cadence="yearly", anchor="2020-02-29", title="年度"),
    duty("quarter", cadence="quarterly", title="季度"),
]


def _times_to_look(desk: ledger.Desk) -> list[datetime]:
    """The instant of every next look, a second before it, and nine hours after it."""
    query = select(Period.next_step_at).where(Period.next_step_at.is_not(None)).distinct()
    found = sorted(set(desk.session.execute(query).scalars()))[:1]
    return [at for one in found for at in (one - timedelta(seconds=1), one, one + timedelta(hours=9))]


@pytest.mark.parametrize(("zone", "first"), [(SHANGHAI, date(2024, 1, 1)), (NEW_YORK, date(2024, 2, 1))])
def test_a_year_of_silence_fires_every_rung_once_and_on_its_day(
    desk_at: DeskAt, passing_desk, zone: ZoneInfo, first: date
) -> None:
    with passing_desk() as open_desk:

        def look(now: datetime) -> ledger.Totals:
            def maker():
                return open_desk(now)

            return ledger.patrol(maker)

        with open_desk(datetime(first.year, first.month, first.day, 9, tzinfo=zone)) as desk:
            ledger.activate(desk, plan_of(measure(duties=DUTIES)))
        now = datetime(first.year, first.month, first.day, 9, tzinfo=zone)
        seen: dict[tuple[int, str], datetime] = {}
        while now < datetime(first.year + 1, first.month, first.day, tzinfo=zone):
            look(now)
            now += timedelta(hours=12)
