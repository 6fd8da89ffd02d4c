"""The forecast is what fires: a ledger patrolled at every forecast instant records these rungs and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from config.settings import HERE
from db import ledger
from db.ledger import LedgerContext
from db.models import Alert, Duty, Escalation, Measure, Period, Recipient
from foresight.planned import planned
from plan.loader import load_plan
from plan.model import Plan
from plan.overrides import DayOverride
from plan.policy import Policy
from plan.types import EventKind
from rules.calendar import WorkCalendar
from rules.forecast import Event, forecast
from rules.work_time import WorkTime
from tests.conftest import ContextAt, at, staff
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import PassingDesk

START = at("2025-01-17T09:00")
Alerted = tuple[str, str, str, str, datetime, datetime]
Sheet = tuple[str, str, str, str, date]


def _names(event: Event) -> tuple[str, str, str]:
    return event.duty.measure, event.duty.key, event.period.label


def _alerts_of(events: list[Event]) -> list[Alerted]:
    return sorted(
        (*_names(one), f"{one.step.key} {person.key}", one.step.at, one.at)
        for one in events
        if one.step
        for person in one.recipients
    )


def _sheets_of(events: list[Event]) -> list[Sheet]:
    return sorted((*_names(one), one.step.key, one.limit_on) for one in events if one.step and one.limit_on)


def _recorded_alerts(ctx: LedgerContext, since: datetime) -> list[Alerted]:
    query = (
        select(Measure.code, Duty.key, Period.label, Alert.rung, Recipient.key, Alert.fell_due_at, Alert.recorded_at)
        .join(Period, Alert.period_id == Period.id)
        .join(Duty, Period.duty_id == Duty.id)
        .join(Measure, Duty.measure_id == Measure.id)
        .join(Recipient, Alert.recipient_id == Recipient.id)
        .where(Alert.recorded_at >= since)
    )
    rows = ctx.session.execute(query)
    return sorted((code, key, label, f"{rung} {who}", *when) for code, key, label, rung, who, *when in rows)


def _recorded_sheets(ctx: LedgerContext, since: datetime) -> list[Sheet]:
    query = (
        select(Measure.code, Duty.key, Period.label, Escalation.rung, Escalation.limit_on)
        .join(Period, Escalation.period_id == Period.id)
        .join(Duty, Period.duty_id == Duty.id)
        .join(Measure, Duty.measure_id == Measure.id)
        .where(Escalation.opened_at >= since)
    )
    return sorted(tuple(row) for row in ctx.session.execute(query))


def _patrol_through(open_context: ContextAt, events: list[Event]) -> None:
    for moment in sorted({one.at for one in events if one.step}):
        ledger.patrol(partial(open_context, moment))


def _compare(ctx: LedgerContext, events: list[Event], since: datetime) -> None:
    assert _recorded_alerts(ctx, since) == _alerts_of(events)
    assert _recorded_sheets(ctx, since) == _sheets_of(events)


def _silent(plan: Plan, days: int, open_context: ContextAt, work_time: WorkTime, policy: Policy) -> int:
    first = work_time.day_of(START)
    owed = planned(plan, policy, work_time, START).duties
    events = list(forecast(owed, policy, work_time, START, first, first + timedelta(days=days)))
    with open_context(START) as ctx:
        ledger.activate(ctx, plan, without_supervisors=True)
        staff(ctx)
    _patrol_through(open_context, events)
    with open_context(START + timedelta(days=days)) as ctx:
        _compare(ctx, events, START)
    return len(events)


def test_ezhou_for_120_silent_days(passing_desk: PassingDesk, work_time: WorkTime, policy: Policy) -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    with passing_desk() as open_context:
        assert _silent(plan, 120, open_context, work_time, policy) > 600


DUES = (
    "end",
    "end-3wd",
    "end-7d",
    "end-35d",
    "end+5d",
    "start+9d",
    "start+4wd",
    "workday -1",
    "day 25",
    "month 1 day 20",
    "after day 5",
)


@st.composite
def duties(draw: st.DrawFn) -> dict[str, object]:
    roll = draw(st.sampled_from(["none", "previous_workday", "next_workday", "nth_workday_after"]))
    if draw(st.integers(0, 3)) == 0:
        due_on = draw(st.dates(date(2024, 12, 1), date(2025, 4, 30)))
        opens_on = draw(st.sampled_from([None, due_on - timedelta(days=12)]))
        return duty(cadence="once", due_on=due_on, opens_on=opens_on, roll=roll)
    cadence = draw(st.sampled_from(["weekly", "ten-day", "half-monthly", "monthly", "bimonthly", "quarterly"]))
    due = draw(st.sampled_from(DUES if cadence in ("monthly", "bimonthly", "quarterly") else DUES[:1]))
    ends_on = draw(st.sampled_from([None, date(2025, 3, 10)]))
    return duty(cadence=cadence, due=due, roll=roll, ends_on=ends_on)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """One or two measures; any upper rung may be empty, and one person may stand on several."""
    measures = [
        measure(
            f"01-{number}",
            duties=[draw(duties())],
            warn_days=draw(st.sampled_from([None, 2, 15])),
            deputy=draw(st.sampled_from([[], ["head"]])),
        )
        for number in range(1, draw(st.integers(1, 2)) + 1)
    ]
    upper = {name: draw(st.sampled_from([[], [name], ["office"]])) for name in ("deputy", "head", "discipline")}
    leader = draw(st.sampled_from([[], ["leader"], ["handler"]]))
    units = {"water": {"name": "水科", "handler": ["handler"], "leader": leader}}
    return plan_of(*measures, audiences=upper | {"office": ["office"]}, units=units)


@given(plan=plans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_small_plan_for_60_silent_days(
    plan: Plan, passing_desk: PassingDesk, work_time: WorkTime, policy: Policy
) -> None:
    with passing_desk() as open_context:
        _silent(plan, 60, open_context, work_time, policy)


@pytest.fixture
def busy(activated, ledger_at: ContextAt, patrol_at) -> datetime:  # type: ignore[no-untyped-def]
    """A ledger people have worked on until 2025-03-14: reported, returned, extended, acknowledged, instructed."""
    once = partial(duty, cadence="once", opens_on="2025-01-20")
    activated(
        "2025-01-20T09:00",
        plan_of(
            measure("01-1", duties=[once(due_on="2025-02-20")]),
            measure("01-2", duties=[once(due_on="2025-02-28"), duty("monthly")]),
            measure("01-3", duties=[once(due_on="2025-03-20")]),
            measure("01-4", duties=[once(due_on="2025-03-05")]),
            measure("01-5", duties=[once(due_on="2025-02-14")], warn_days=9),
        ),
    )
    for day in range(20, 70):
        patrol_at(at("2025-01-01T09:00") + timedelta(days=day))
    with ledger_at("2025-03-13T10:00", "经办人") as ctx:
        numbers = {ledger.name_of(one): one.id for one in ledger.open_periods(ctx.session)}
        first, second, third, fourth, fifth = (
            next(id_ for name, id_ in numbers.items() if name.startswith(code) and "前" in name)
            for code in ("01-1", "01-2", "01-3", "01-4", "01-5")
        )
        done = ledger.Report(body="已完成", percent=100)
        ledger.submit(ctx, first, done)
        ledger.submit(ctx, second, done)
        ledger.ask_extension(ctx, third, date(2025, 4, 10), "等待批复")
    with ledger_at("2025-03-13T15:00", "分管领导") as ctx:
        ledger.review(ctx, second, accept=False, reason="缺少佐证")
        ledger.decide_extension(ctx, third, grant=True)
        ledger.acknowledge(ctx, ledger.open_escalation(ctx, fourth).id)
        ledger.instruct(ctx, ledger.open_escalation(ctx, fifth).id, "一周内办结", date(2025, 3, 21))
    return at("2025-03-14T07:00")


def test_a_ledger_people_have_worked_on(
    busy: datetime, ledger_at: ContextAt, work_time: WorkTime, policy: Policy
) -> None:
    with ledger_at(busy) as ctx:
        owed = ledger.forecast_input(ctx).duties
    first = work_time.day_of(busy)
    events = list(forecast(owed, policy, work_time, busy, first, first + timedelta(days=90)))
    assert {"review-late@1", "repeat#1"} <= {one.step.key for one in events if one.step}
    assert any(one.limit_on for one in events if one.kind is EventKind.REPEAT)  # the instruction ran out
    _patrol_through(ledger_at, events)
    with ledger_at("2025-06-30T09:00") as ctx:
        _compare(ctx, events, busy)


def test_a_calendar_amended_but_not_applied(  # type: ignore[no-untyped-def]
    activated, patrol_at, ledger_at: ContextAt, work_time: WorkTime, policy: Policy
) -> None:
    """Open periods are looked at when they were going to be, whatever the steps are by then."""
    start, first = at("2025-03-04T09:00"), date(2025, 3, 4)
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(due="end-2wd")])))
    patrol_at("2025-03-03T09:00")
    strike = [DayOverride(date(2025, 3, day), False, "放假") for day in (20, 21, 24, 25)]
    amended = replace(work_time, calendar=WorkCalendar.china(strike))

    @contextmanager
    def open_context(moment: datetime) -> Iterator[LedgerContext]:
        with ledger_at(moment) as ctx:
            yield replace(ctx, work_time=amended)

    with open_context(start) as ctx:
        owed = ledger.forecast_input(ctx).duties
    events = list(forecast(owed, policy, amended, start, first, first + timedelta(days=40)))
    late = [one for one in events if one.step and one.step.key == "remind" and one.at > one.step.at]
    assert len(late) == 1  # the reminder of March, which nobody moved
    _patrol_through(open_context, events)
    with open_context(start + timedelta(days=40)) as ctx:
        _compare(ctx, events, start)
