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

from config.calendar import DayOverride
from config.loader import load_plan
from config.plan import Plan
from config.policy import Policy
from config.settings import HERE
from db import ledger
from db.ledger import Desk
from db.models import Alert, Duty, Escalation, Measure, Period, Recipient
from rules.calendar import WorkCalendar
from rules.forecast import Event, EventKind, forecast
from rules.ladder import Office
from tasks.forecast.sources import planned
from tests.conftest import DeskAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import PassingDesk

START = at("2025-01-17T09:00")
Alerted = tuple[str, str, str, str, datetime, datetime]
Sheet = tuple[str, str, str, str, date]


def _names(event: Event) -> tuple[str, str, str]:
    return event.obligation.measure, event.obligation.duty, event.period.label


def _alerts_of(events: list[Event]) -> list[Alerted]:
    return sorted(
        (*_names(one), f"{one.step.key} {person.key}", one.step.at, one.at)
        for one in events
        if one.step
        for person in one.recipients
    )


def _sheets_of(events: list[Event]) -> list[Sheet]:
    return sorted((*_names(one), one.step.key, one.limit_on) for one in events if one.step and one.limit_on)


def _recorded_alerts(desk: Desk, since: datetime) -> list[Alerted]:
    query = (
        select(Measure.code, Duty.key, Period.label, Alert.rung, Recipient.key, Alert.fell_due_at, Alert.recorded_at)
        .join(Period, Alert.period_id == Period.id)
        .join(Duty, Period.duty_id == Duty.id)
        .join(Measure, Duty.measure_id == Measure.id)
        .join(Recipient, Alert.recipient_id == Recipient.id)
        .where(Alert.recorded_at >= since)
    )
    rows = desk.session.execute(query)
    return sorted((code, key, label, f"{rung} {who}", *when) for code, key, label, rung, who, *when in rows)


def _recorded_sheets(desk: Desk, since: datetime) -> list[Sheet]:
    query = (
        select(Measure.code, Duty.key, Period.label, Escalation.rung, Escalation.limit_on)
        .join(Period, Escalation.period_id == Period.id)
        .join(Duty, Period.duty_id == Duty.id)
        .join(Measure, Duty.measure_id == Measure.id)
        .where(Escalation.opened_at >= since)
    )
    return sorted(tuple(row) for row in desk.session.execute(query))


def _patrol_through(open_desk: DeskAt, events: list[Event]) -> None:
    for moment in sorted({one.at for one in events if one.step}):
        ledger.patrol(partial(open_desk, moment))


def _compare(desk: Desk, events: list[Event], since: datetime) -> None:
    assert _recorded_alerts(desk, since) == _alerts_of(events)
    assert _recorded_sheets(desk, since) == _sheets_of(events)


def _silent(plan: Plan, days: int, open_desk: DeskAt, office: Office, policy: Policy) -> int:
    first = office.day_of(START)
    owed = planned(plan, policy, office, START).obligations
    events = list(forecast(owed, policy, office, START, first, first + timedelta(days=days)))
    with open_desk(START) as desk:
        ledger.activate(desk, plan)
    _patrol_through(open_desk, events)
    with open_desk(START + timedelta(days=days)) as desk:
        _compare(desk, events, START)
    return len(events)


def test_ezhou_for_120_silent_days(passing_desk: PassingDesk, office: Office, policy: Policy) -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    with passing_desk() as open_desk:
        assert _silent(plan, 120, open_desk, office, policy) > 600


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
    plan: Plan, passing_desk: PassingDesk, office: Office, policy: Policy
) -> None:
    with passing_desk() as open_desk:
        _silent(plan, 60, open_desk, office, policy)


@pytest.fixture
def busy(activated, desk_at: DeskAt, patrol_at) -> datetime:  # type: ignore[no-untyped-def]
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
    with desk_at("2025-03-13T10:00", "水科") as desk:
        numbers = {ledger.name_of(one): one.id for one in ledger.open_periods(desk.session)}
        first, second, third, fourth, fifth = (
            next(id_ for name, id_ in numbers.items() if name.startswith(code) and "前" in name)
            for code in ("01-1", "01-2", "01-3", "01-4", "01-5")
        )
        done = ledger.Report(body="已完成", percent=100)
        ledger.submit(desk, first, done)
        ledger.submit(desk, second, done)
        ledger.ask_extension(desk, third, date(2025, 4, 10), "等待批复")
    with desk_at("2025-03-13T15:00", "分管领导") as desk:
        ledger.review(desk, second, accept=False, reason="缺少佐证")
        ledger.decide_extension(desk, third, grant=True)
        ledger.acknowledge(desk, ledger.open_escalation(desk, fourth).id)
        ledger.instruct(desk, ledger.open_escalation(desk, fifth).id, "一周内办结", date(2025, 3, 21))
    return at("2025-03-14T07:00")


def test_a_ledger_people_have_worked_on(busy: datetime, desk_at: DeskAt, office: Office, policy: Policy) -> None:
    with desk_at(busy) as desk:
        owed = ledger.outlook(desk).obligations
    first = office.day_of(busy)
    events = list(forecast(owed, policy, office, busy, first, first + timedelta(days=90)))
    assert {"review-late@1", "repeat#1"} <= {one.step.key for one in events if one.step}
    assert any(one.limit_on for one in events if one.kind is EventKind.REPEAT)  # the instruction ran out
    _patrol_through(desk_at, events)
    with desk_at("2025-06-30T09:00") as desk:
        _compare(desk, events, busy)


def test_a_calendar_amended_but_not_applied(  # type: ignore[no-untyped-def]
    activated, patrol_at, desk_at: DeskAt, office: Office, policy: Policy
) -> None:
    """Open periods are looked at when they were going to be, whatever the steps are by then."""
    start, first = at("2025-03-04T09:00"), date(2025, 3, 4)
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(due="end-2wd")])))
    patrol_at("2025-03-03T09:00")
    strike = [DayOverride(date(2025, 3, day), False, "放假") for day in (20, 21, 24, 25)]
    amended = replace(office, calendar=WorkCalendar.china(strike))

    @contextmanager
    def open_desk(moment: datetime) -> Iterator[Desk]:
        with desk_at(moment) as desk:
            yield replace(desk, office=amended)

    with open_desk(start) as desk:
        owed = ledger.outlook(desk).obligations
    events = list(forecast(owed, policy, amended, start, first, first + timedelta(days=40)))
    late = [one for one in events if one.step and one.step.key == "remind" and one.at > one.step.at]
    assert len(late) == 1  # the reminder of March, which nobody moved
    _patrol_through(open_desk, events)
    with open_desk(start + timedelta(days=40)) as desk:
        _compare(desk, events, start)
