"""How much is asked of people and units: letters, not alerts, are what disturbs."""

from datetime import date

from foresight.listing import Forecast, ForecastSpan
from foresight.load import crowded
from foresight.planned import planned
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import ROLES, duty, gathering, measure, plan_of

NOW = at("2025-03-01T09:00")  # a Saturday: nothing leaves before Monday


def _six(work_time: WorkTime, policy: Policy) -> Forecast:
    plan = plan_of(*(measure(f"01-{number}", duties=[duty(ends_on="2025-03-31")]) for number in range(1, 7)))
    return Forecast(
        planned(plan, policy, work_time, NOW), policy, work_time, ForecastSpan(NOW, date(2025, 3, 1), date(2025, 4, 20))
    )


def test_alerts_of_one_day_are_one_letter_of_the_next_working_day(work_time: WorkTime, policy: Policy) -> None:
    weeks = {(week.week, week.person.key): week for week in _six(work_time, policy).people}
    opening = weeks["2025-W10", "handler"]  # Monday 3 March, not the Saturday of week 9
    assert (opening.alerts, opening.letters) == (6, 1)
    assert ("2025-W09", "handler") not in weeks
    overdue = weeks["2025-W14", "handler"]
    assert (overdue.alerts, overdue.letters) == (12, 2)  # due on Monday, yellow on Tuesday


def test_who_holds_two_posts_gets_one_letter(work_time: WorkTime, policy: Policy) -> None:
    roles = {role: {"name": "张三" if role in ("handler", "leader") else role} for role in ROLES}
    plan = plan_of(measure(duties=[duty(ends_on="2025-03-31")]), roles=roles)
    span = ForecastSpan(NOW, date(2025, 3, 1), date(2025, 4, 20))
    weeks = Forecast(planned(plan, policy, work_time, NOW), policy, work_time, span).people
    late = [(one.alerts, one.letters) for one in weeks if (one.week, one.person.name) == ("2025-W14", "张三")]
    assert late == [(3, 2)]  # due on Monday to the handler, yellow on Tuesday to both


def test_a_period_that_opens_and_falls_due_in_one_week_is_one_request(work_time: WorkTime, policy: Policy) -> None:
    plan = plan_of(measure(duties=[duty(cadence="weekly")]))
    span = ForecastSpan(NOW, date(2025, 3, 3), date(2025, 3, 9))
    [week] = Forecast(planned(plan, policy, work_time, NOW), policy, work_time, span).units
    assert (week.week, week.opening, week.due, week.requests) == ("2025-W10", 1, 1, 1)


def test_a_crowded_week_is_pointed_out(work_time: WorkTime, policy: Policy) -> None:
    made = _six(work_time, policy)
    assert [week.requests for week in crowded(made.units, policy.load.requests_per_week)] == [6, 6]
    assert "水科2025年第14周有6期开启或到期（开启0、到期6），超过5期" in list(made.warnings())
    assert crowded(made.units, 6) == []


def test_a_policy_without_the_setting_allows_five(policy: Policy) -> None:
    written = policy.model_dump(exclude={"load"})
    assert Policy.model_validate(written).load.requests_per_week == 5


def test_a_reader_is_told_that_parts_of_other_units_are_asked_besides(work_time: WorkTime, policy: Policy) -> None:
    span = ForecastSpan(NOW, date(2025, 3, 1), date(2025, 3, 31))
    made = Forecast(planned(gathering(), policy, work_time, NOW), policy, work_time, span)
    told = "1项督办事项由东站、法规科分报后汇总；分报比本期期限早3个工作日到期，其提醒不列入预测"
    assert told in list(made.warnings())
    assert not any("分报" in one for one in _six(work_time, policy).warnings())
