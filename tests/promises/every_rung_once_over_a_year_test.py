"""Month ends of 28 to 31 days, a leap day, an office whose clocks change: every rung comes once, on time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from db import ledger
from db.models import Alert, Duty, Period
from rules.work_time import WorkTime
from tests.conftest import staff
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import PassingDesk

PLAN = plan_of(
    measure(
        duties=[
            duty("month-end", due="day 31"),
            duty("leap", cadence="yearly", anchor="2020-02-29", due="start+0d"),
            duty("once", cadence="once", due_on="2024-02-29", opens_on="2024-02-29"),
        ]
    )
)
MONTH_ENDS = [
    "01-31",
    "02-29",
    "03-31",
    "04-30",
    "05-31",
    "06-30",
    "07-31",
    "08-31",
    "09-30",
    "10-31",
    "11-30",
    "12-31",
]


def _next_look(ctx: ledger.LedgerContext) -> datetime | None:
    step = ctx.session.scalar(select(func.min(Period.next_step_at)))
    opening = ctx.session.scalar(select(func.min(Duty.next_opens_at)))
    looks = [step, opening and opening + timedelta(hours=2)]
    return min((one for one in looks if one is not None), default=None)


@pytest.mark.parametrize("zone", [ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")])
def test_a_silent_year(passing_desk: PassingDesk, work_time: WorkTime, zone: ZoneInfo) -> None:
    local = replace(work_time, zone=zone)
    end = datetime(2025, 1, 20, tzinfo=zone)
    with passing_desk(local) as open_context:
        now = datetime(2024, 1, 1, 0, 0, tzinfo=zone)
        with open_context(now) as ctx:
            ledger.activate(ctx, PLAN)
            staff(ctx)
        while now < end:
            for look in (now - timedelta(seconds=1), now):
                ledger.patrol(partial(open_context, look))
            with open_context(now) as ctx:
                now = _next_look(ctx) or end
        with open_context(end) as ctx:
            _check(ctx, zone)


def _check(ctx: ledger.LedgerContext, zone: ZoneInfo) -> None:
    query = select(Period).where(Period.due_on < date(2025, 1, 1)).order_by(Period.due_on)
    periods = ctx.session.execute(query).scalars().all()
    by_duty = {key: [str(p.due_on)[5:] for p in periods if p.duty.key == key] for key in ("month-end", "leap", "once")}
    assert by_duty == {"month-end": MONTH_ENDS, "leap": ["02-28", "02-29"], "once": ["02-29"]}
    for period in periods:
        plain = [key for key in period.fired if not key.startswith("repeat#")]
        monthly = period.duty.key == "month-end"
        # The oldest of a duty climbs; the younger ones are told in it.
        first = str(period.due_on)[5:] == by_duty[period.duty.key][0]
        late = ["yellow", "orange", "red"] if first else []
        assert plain == ["open", *(["remind"] if monthly else []), "due", *late]
        assert len(period.fired) == len(set(period.fired))
    since = select(Alert).join(Alert.period).where(Period.due_on >= date(2024, 1, 5))
    alerts = ctx.session.execute(since).scalars().all()
    delayed = {one.rung for one in alerts if one.recorded_at != one.fell_due_at}
    assert delayed == set()
    assert {one.fell_due_at.astimezone(zone).strftime("%H:%M") for one in alerts} == {"08:30"}
