"""Two forecasts of one span, side by side: dates that move, alerts that come and go, and what each person notices."""

from datetime import date

from foresight.difference import difference
from foresight.listing import Forecast, ForecastSpan
from foresight.planned import planned
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import duty, measure, plan_of

NOW = at("2025-03-03T09:00")


def _made(work_time: WorkTime, policy: Policy, **changes: object) -> Forecast:
    plan = plan_of(measure(duties=[duty(**changes)]))
    span = ForecastSpan(NOW, date(2025, 3, 3), date(2025, 4, 15))
    return Forecast(planned(plan, policy, work_time, NOW), policy, work_time, span)


def test_the_same_twice_differs_in_nothing(work_time: WorkTime, policy: Policy) -> None:
    made = _made(work_time, policy)
    found = difference(made, made)
    assert not found
    assert (found.dates, found.alerts) == ((), ())
    assert all(one.alerts_before == one.alerts_after for one in found.people)


def test_an_earlier_due_date_moves_the_date_and_its_alerts(work_time: WorkTime, policy: Policy) -> None:
    found = difference(_made(work_time, policy), _made(work_time, policy, due="day 25"))
    assert [(one.before, one.after) for one in found.dates] == [
        (date(2025, 3, 31), date(2025, 3, 25)),
        (date(2025, 4, 30), date(2025, 4, 25)),
    ][: len(found.dates)]
    assert found.counts()["moved"] > 0
    handler = next(one for one in found.people if one.person.key == "handler")
    assert handler.alerts_after >= handler.alerts_before
