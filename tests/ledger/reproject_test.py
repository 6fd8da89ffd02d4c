"""A calendar published or amended later: the difference is shown before it is applied, and what fired stays fired."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from db import ledger
from db.ledger import LedgerContext
from db.models import Period
from plan.overrides import DayOverride
from rules.calendar import WorkCalendar
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of


@contextmanager
def _with(ledger_at: ContextAt, moment: str, *days: DayOverride):  # type: ignore[no-untyped-def]
    with ledger_at(moment) as ctx:
        yield replace(ctx, work_time=replace(ctx.work_time, calendar=WorkCalendar.china(days)))


def _period(ctx: LedgerContext) -> Period:
    return ctx.session.get_one(Period, 1)


def test_an_amended_year_moves_limit_and_reminders_after_showing_the_difference(
    activated, ledger_at: ContextAt
) -> None:
    rolled = duty(roll="next_workday", cadence="once", due_on="2025-03-31", opens_on="2025-03-03")
    activated("2025-03-03T09:00", plan_of(measure(duties=[rolled])))
    strike = [DayOverride(date(2025, 3, day), False, "放假") for day in (27, 28, 31)]
    with _with(ledger_at, "2025-03-10T09:00", *strike) as ctx:
        shown = ledger.reproject(ctx, apply=False)
        assert [(m.due_before, m.due_after) for m in shown] == [(date(2025, 3, 31), date(2025, 4, 1))]
    with ledger_at("2025-03-10T09:00") as ctx:
        assert _period(ctx).due_on == date(2025, 3, 31)  # showing changed nothing
    with _with(ledger_at, "2025-03-10T09:00", *strike) as ctx:
        assert ledger.reproject(ctx, apply=True) == shown
    with _with(ledger_at, "2025-03-10T09:05", *strike) as ctx:
        assert _period(ctx).due_on == date(2025, 4, 1)
        assert ledger.reproject(ctx, apply=True) == []


def test_fired_rungs_do_not_fire_again(activated, ledger_at: ContextAt, patrol_at) -> None:
    activated("2025-03-03T09:00")
    patrol_at("2025-03-26T09:00")  # the reminder of 26 March has fired
    day_off = DayOverride(date(2025, 3, 28), False, "放假")
    with _with(ledger_at, "2025-03-26T10:00", day_off) as ctx:
        ledger.reproject(ctx, apply=True)
    assert patrol_at("2025-03-27T09:00").alerts == 0


def test_an_extended_limit_is_a_decision_and_stays(activated, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(roll="next_workday")])))
    with ledger_at("2025-03-10T09:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 4, 20), "等待批复")
    with ledger_at("2025-03-11T09:00", "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
    with _with(ledger_at, "2025-03-12T09:00", DayOverride(date(2025, 4, 18), False, "放假")) as ctx:
        ledger.reproject(ctx, apply=True)
        assert _period(ctx).due_on == date(2025, 4, 20)
