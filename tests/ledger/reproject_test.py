"""A calendar published or amended later: the difference is shown before it is applied, and what fired stays fired."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from config.calendar import DayOverride
from db import ledger
from db.ledger import Desk
from db.models import Period
from rules.calendar import WorkCalendar
from tests.conftest import DeskAt
from tests.plans import duty, measure, plan_of


@contextmanager
def _with(desk_at: DeskAt, moment: str, *days: DayOverride):  # type: ignore[no-untyped-def]
    with desk_at(moment) as desk:
        yield replace(desk, office=replace(desk.office, calendar=WorkCalendar.china(days)))


def _period(desk: Desk) -> Period:
    return desk.session.get_one(Period, 1)


def test_an_amended_year_moves_limit_and_reminders_after_showing_the_difference(activated, desk_at: DeskAt) -> None:
    rolled = duty(roll="next_workday", cadence="once", due_on="2025-03-31", opens_on="2025-03-03")
    activated("2025-03-03T09:00", plan_of(measure(duties=[rolled])))
    strike = [DayOverride(date(2025, 3, day), False, "放假") for day in (27, 28, 31)]
    with _with(desk_at, "2025-03-10T09:00", *strike) as desk:
        shown = ledger.reproject(desk, apply=False)
        assert [(m.due_before, m.due_after) for m in shown] == [(date(2025, 3, 31), date(2025, 4, 1))]
    with desk_at("2025-03-10T09:00") as desk:
        assert _period(desk).due_on == date(2025, 3, 31)  # showing changed nothing
    with _with(desk_at, "2025-03-10T09:00", *strike) as desk:
        assert ledger.reproject(desk, apply=True) == shown
    with _with(desk_at, "2025-03-10T09:05", *strike) as desk:
        assert _period(desk).due_on == date(2025, 4, 1)
        assert ledger.reproject(desk, apply=True) == []


def test_fired_rungs_do_not_fire_again(activated, desk_at: DeskAt, patrol_at) -> None:
    activated("2025-03-03T09:00")
    patrol_at("2025-03-26T09:00")  # the reminder of 26 March has fired
    day_off = DayOverride(date(2025, 3, 28), False, "放假")
    with _with(desk_at, "2025-03-26T10:00", day_off) as desk:
        ledger.reproject(desk, apply=True)
    assert patrol_at("2025-03-27T09:00").alerts == 0


def test_an_extended_limit_is_a_decision_and_stays(activated, desk_at: DeskAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(roll="next_workday")])))
    with desk_at("2025-03-10T09:00", "经办人") as desk:
        ledger.ask_extension(desk, 1, date(2025, 4, 20), "等待批复")
    with desk_at("2025-03-11T09:00", "分管领导") as desk:
        ledger.decide_extension(desk, 1, grant=True)
    with _with(desk_at, "2025-03-12T09:00", DayOverride(date(2025, 4, 18), False, "放假")) as desk:
        ledger.reproject(desk, apply=True)
        assert _period(desk).due_on == date(2025, 4, 20)
