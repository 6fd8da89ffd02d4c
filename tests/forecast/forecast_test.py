"""What a forecast says of small plans, date by date."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresight.planned import planned
from foresight.reasons import facts, sentence
from plan.model import Plan
from plan.policy import Policy
from plan.types import EventKind
from rules.calendar import WorkCalendar
from rules.forecast import Event, forecast
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import duty, measure, one_measure, plan_of

NOW = at("2025-03-03T07:00")
TO = date(2025, 6, 30)


def _events(
    plan: Plan, work_time: WorkTime, policy: Policy, first: date = date(2025, 3, 3), last: date = TO
) -> list[Event]:
    return list(forecast(planned(plan, policy, work_time, NOW).duties, policy, work_time, NOW, first, last))


def _told(events: list[Event], work_time: WorkTime) -> list[str]:
    return [
        " ".join((_clock(event, work_time), event.kind, *(who.key for who in event.recipients))) for event in events
    ]


def _clock(event: Event, work_time: WorkTime) -> str:
    return f"{event.at.astimezone(work_time.zone):%m-%d %H:%M}"


@pytest.fixture
def monthly() -> Plan:
    """One measure with a monthly report that ends in March."""
    return one_measure(duties=[duty(ends_on="2025-03-31")])


def test_a_silent_month_from_opening_to_the_first_repeats(monthly: Plan, work_time: WorkTime, policy: Policy) -> None:
    told = _told(_events(monthly, work_time, policy, last=date(2025, 4, 20)), work_time)
    assert told == [
        "03-03 08:30 open handler",
        "03-26 08:30 reminder handler",
        "03-31 08:30 reminder handler",
        "04-01 00:00 due",
        "04-01 08:30 reminder handler leader",
        "04-03 08:30 escalation deputy",
        "04-10 08:30 escalation head discipline",
        "04-11 08:30 repeat deputy head",
        "04-15 08:30 repeat deputy head",
    ]


def test_the_due_date_is_an_event_of_its_day_and_tells_nobody(
    monthly: Plan, work_time: WorkTime, policy: Policy
) -> None:
    [due] = [event for event in _events(monthly, work_time, policy) if event.kind is EventKind.DUE]
    assert (due.day, due.at, due.recipients) == (date(2025, 3, 31), at("2025-04-01T00:00"), ())


def test_escalations_carry_limits_and_repeats_only_remind(monthly: Plan, work_time: WorkTime, policy: Policy) -> None:
    limits = {event.step.key: event.limit_on for event in _events(monthly, work_time, policy) if event.step}
    assert limits["orange"] == date(2025, 4, 9)  # three working days, Qingming (4 April) and a weekend between
    assert limits["red"] == date(2025, 4, 17)
    assert limits["repeat#1"] is None


@pytest.mark.parametrize(
    ("rung", "said"),
    [
        ("open", "本期2025年3月1日开启，期限2025年3月31日；遇休移至工作日"),
        ("remind", "期限2025年3月31日前3个工作日"),
        ("due", "期限当日（2025年3月31日）"),
        ("yellow", "期限2025年3月31日后第1个工作日仍未填报"),
        ("orange", "期限2025年3月31日后第3个工作日仍未填报；督办时限2025年4月9日"),
        ("repeat#2", "期限2025年3月31日，逾期仍未填报，第2次"),
    ],
)
def test_every_event_says_why(monthly: Plan, work_time: WorkTime, policy: Policy, rung: str, said: str) -> None:
    [event] = [one for one in _events(monthly, work_time, policy) if one.step and one.step.key == rung]
    assert sentence(event, work_time) == said
    assert facts(event, work_time)["due_on"] == date(2025, 3, 31)


def test_a_lead_time_of_the_measure_is_what_is_said(work_time: WorkTime, policy: Policy) -> None:
    plan = one_measure(warn_days=9, duties=[duty(ends_on="2025-03-31")])
    [warned] = [one for one in _events(plan, work_time, policy) if one.step and one.step.key == "remind"]
    assert (warned.day, sentence(warned, work_time)) == (date(2025, 3, 21), "期限2025年3月31日前9天；遇休移至工作日")


def test_what_is_overdue_when_the_plan_is_activated_fires_at_once(work_time: WorkTime, policy: Policy) -> None:
    plan = one_measure(duties=[duty(cadence="once", due_on="2025-02-14", opens_on="2025-01-20")])
    events = _events(plan, work_time, policy, last=date(2025, 3, 7))
    assert [event.step.key for event in events if event.step and event.at == NOW][-3:] == ["yellow", "orange", "red"]
    assert [event.day.day for event in events if event.at != NOW] == [4, 6]  # repeats
    assert "应于2025年2月25日发出" in sentence(events[-3], work_time)
    assert all(event.kind is not EventKind.DUE for event in events)  # it lies before the span


def test_an_empty_rung_is_told_as_empty_and_the_next_one_fires_with_it(work_time: WorkTime, policy: Policy) -> None:
    upper = {"deputy": [], "head": ["head"], "discipline": [], "office": ["office"]}
    plan = plan_of(measure(duties=[duty(ends_on="2025-03-31")]), audiences=upper)
    escalations = [event for event in _events(plan, work_time, policy) if event.kind is EventKind.ESCALATION]
    assert [(event.step.key, event.day, event.limit_on is None) for event in escalations if event.step] == [
        ("orange", date(2025, 4, 3), True),
        ("red", date(2025, 4, 3), False),
    ]
    assert [sentence(event, work_time).split("；")[1] for event in escalations] == [
        "无人在岗",
        "下级无人在岗，提前上升",
    ]


def test_dates_of_a_year_without_a_published_calendar_are_provisional(policy: Policy, work_time: WorkTime) -> None:
    unpublished = replace(work_time, calendar=WorkCalendar({}, 2024, 2024))
    events = _events(one_measure(), unpublished, policy)
    assert {event.provisional for event in events if event.step} == {True}
    assert "放假安排未公布，暂定" in sentence(events[0], unpublished)
    # a limit at the end of the month without a roll stands whatever the calendar will say
    assert {event.provisional for event in events if event.kind is EventKind.DUE} == {False}


def test_an_assumed_cadence_is_marked(work_time: WorkTime, policy: Policy) -> None:
    [first, *_] = _events(one_measure(duties=[duty(assumed=True)]), work_time, policy)
    assert sentence(first, work_time).endswith("推定，待确认")


def test_a_moved_date_keeps_the_keys_of_its_events(work_time: WorkTime, policy: Policy) -> None:
    before = {event.key: event.day for event in _events(one_measure(duties=[duty(due="day 25")]), work_time, policy)}
    after = {event.key: event.day for event in _events(one_measure(duties=[duty(due="day 20")]), work_time, policy)}
    assert len(before) > 25
    assert [key for key in before if key.endswith("@due")] == [key for key in after if key.endswith("@due")]
    assert all(before[key] != after[key] for key in before if key.endswith("@due"))


@given(first=st.integers(0, 100), days=st.integers(0, 60))
def test_a_shorter_span_is_a_slice_of_a_longer_one(first: int, days: int, work_time: WorkTime, policy: Policy) -> None:
    plan = plan_of(measure(duties=[duty(), duty("weekly", cadence="weekly")]), measure("01-2"))
    begin = date(2025, 3, 3) + timedelta(days=first)
    whole = _events(plan, work_time, policy, last=date(2025, 9, 1))
    part = _events(plan, work_time, policy, begin, begin + timedelta(days=days))
    assert [one.key for one in part] == [one.key for one in whole if begin <= one.day <= begin + timedelta(days=days)]
    assert [one.at for one in part] == sorted(one.at for one in part)


def test_instants_are_utc_and_keys_are_unique(work_time: WorkTime, policy: Policy) -> None:
    events = _events(plan_of(measure(), measure("01-2", duties=[duty(cadence="ten-day")])), work_time, policy)
    assert {event.at.tzinfo for event in events} == {UTC}
    assert len({event.key for event in events}) == len(events)
