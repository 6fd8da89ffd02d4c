"""The forecast in a phone's calendar: each period once, moved instead of doubled, nothing that pesters."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from icalendar import Calendar, Component

from foresight.calendar_file import calendar_file
from foresight.listing import Forecast, ForecastSpan
from foresight.planned import planned
from plan.model import Plan
from plan.policy import Policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import duty, measure, one_measure, plan_of

NOW = at("2025-03-03T09:00")


@pytest.fixture
def made(work_time: WorkTime, policy: Policy):  # type: ignore[no-untyped-def]
    def of(plan: Plan, now=NOW, where: WorkTime = work_time) -> Forecast:  # type: ignore[no-untyped-def]
        span = ForecastSpan(now, now.date(), date(2025, 4, 30))
        return Forecast(planned(plan, policy, where, now), policy, where, span)

    return of


def _entries(content: bytes) -> list[Component]:
    return Calendar.from_ical(content).walk("VEVENT")


def test_a_period_is_one_all_day_entry_with_its_reminders_as_alarms(made) -> None:  # type: ignore[no-untyped-def]
    march, april = _entries(calendar_file(made(one_measure())))
    assert march["SUMMARY"] == "01-1 每月报送 · 2025年3月 到期"
    assert (march.decoded("DTSTART"), march.decoded("DTEND")) == (date(2025, 3, 31), date(2025, 4, 1))
    assert (march["STATUS"], march["TRANSP"]) == ("CONFIRMED", "TRANSPARENT")
    midnight = at("2025-03-31T00:00")
    rings = [midnight + alarm.decoded("TRIGGER") for alarm in march.walk("VALARM")]
    assert rings == [at("2025-03-26T08:30"), at("2025-03-31T08:30")]
    assert "督办时限" not in march["DESCRIPTION"]
    assert "2025-04-03 08:30 督办 → deputy" in march["DESCRIPTION"]
    assert april.decoded("DTSTART") == date(2025, 4, 30)


def test_what_is_overdue_already_stands_at_its_next_escalation(made) -> None:  # type: ignore[no-untyped-def]
    plan = one_measure(duties=[duty(cadence="once", due_on="2025-02-14", opens_on="2025-01-20")])
    content = calendar_file(made(plan))
    [entry] = _entries(content)
    assert entry.decoded("DTSTART") == NOW
    assert entry["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert entry.decoded("DURATION") == timedelta(minutes=15)
    [zone] = Calendar.from_ical(content).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert not entry.walk("VALARM")


def test_a_reminder_that_is_past_does_not_ring_at_once(made) -> None:  # type: ignore[no-untyped-def]
    [entry, *_] = _entries(calendar_file(made(one_measure(warn_days=30, duties=[duty(due="end")]))))
    rings = [at("2025-03-31T00:00") + alarm.decoded("TRIGGER") for alarm in entry.walk("VALARM")]
    assert rings == [at("2025-03-31T08:30")]


def test_a_span_without_events_is_an_empty_calendar(made) -> None:  # type: ignore[no-untyped-def]
    content = calendar_file(made(one_measure(duties=[])))
    assert _entries(content) == []
    assert content.endswith(b"END:VCALENDAR\r\n")


def test_the_same_forecast_gives_the_same_bytes(made) -> None:  # type: ignore[no-untyped-def]
    assert calendar_file(made(one_measure())) == calendar_file(made(one_measure()))


def test_a_moved_date_keeps_its_uid_and_supersedes_the_earlier_export(made) -> None:  # type: ignore[no-untyped-def]
    first = _entries(calendar_file(made(one_measure())))
    later = NOW + timedelta(minutes=3)
    moved = _entries(calendar_file(made(one_measure(duties=[duty(due="day 20")]), later)))
    assert [entry["UID"] for entry in moved] == [entry["UID"] for entry in first]
    assert [entry.decoded("DTSTART") for entry in moved] == [date(2025, 3, 20), date(2025, 4, 20)]
    assert {b["SEQUENCE"] - a["SEQUENCE"] for a, b in zip(first, moved, strict=True)} == {3}
    assert {entry.decoded("DTSTAMP") for entry in moved} == {later.astimezone(UTC)}


def test_uids_are_unique_in_a_whole_plan(made) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of(measure(duties=[duty(), duty("weekly", cadence="weekly")]), measure("01-2"))
    uids = [entry["UID"] for entry in _entries(calendar_file(made(plan)))]
    assert len(uids) == len(set(uids)) > 10


def test_what_may_still_move_is_tentative(made, work_time: WorkTime) -> None:  # type: ignore[no-untyped-def]
    assumed = _entries(calendar_file(made(one_measure(duties=[duty(assumed=True)]))))
    unpublished = replace(work_time, calendar=WorkCalendar({}, 2024, 2024))
    rolled = one_measure(duties=[duty(roll="next_workday")])
    provisional = _entries(calendar_file(made(rolled, where=unpublished)))
    assert {entry["STATUS"] for entry in [*assumed, *provisional]} == {"TENTATIVE"}


def test_hostile_titles_stay_text(made) -> None:  # type: ignore[no-untyped-def]
    title = "报送,进度;含\\反斜杠" + "很长" * 60
    plan = one_measure(title="END:VEVENT\\n", duties=[duty(title=title, ends_on="2025-03-31")])
    content = calendar_file(made(plan))
    [entry] = _entries(content)
    assert title in entry["SUMMARY"]
    assert "措施：END:VEVENT\\n\n" in entry["DESCRIPTION"]
    assert content.count(b"\r\nEND:VEVENT\r\n") == 1


def test_lines_are_folded_by_octets_and_end_as_the_standard_asks(made) -> None:  # type: ignore[no-untyped-def]
    content = calendar_file(made(one_measure(duties=[duty(title="长" * 150)])))
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)
    for line in lines:
        line.decode("utf-8")  # no character is torn apart
    calendar = Calendar.from_ical(content)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert calendar["PRODID"]
    assert calendar["X-WR-CALNAME"] == "督办 · 第一轮巡察"
