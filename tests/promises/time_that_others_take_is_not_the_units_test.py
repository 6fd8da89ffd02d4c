"""The unit's clock stands while a report waits for its review; a return gives back what was left of the limit."""

from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.models import Escalation, Extension, Period
from plan.policy import Policy
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
REPORT = Report(body="已完工", percent=100)


@pytest.fixture
def begun(activated: Activate) -> None:
    """Work to be finished by Friday, 14 March 2025."""
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))


def _submitted(ledger_at: ContextAt, moment: str, percent: int = 100) -> None:
    with ledger_at(moment, "经办人") as ctx:
        ledger.submit(ctx, 1, REPORT.model_copy(update={"percent": percent}))


def _returned(ledger_at: ContextAt, moment: str) -> Period:
    with ledger_at(moment, "整改办") as ctx:
        return ledger.review(ctx, 1, accept=False, reason="缺验收单")


def _sheets(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return list(ctx.session.execute(select(Escalation.rung).order_by(Escalation.id)).scalars())


def test_nobody_gets_a_sheet_right_after_a_return(begun: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    _submitted(ledger_at, "2025-03-12T10:00")
    period = _returned(ledger_at, "2025-03-26T10:00")
    assert period.due_on == date(2025, 3, 31)  # two days were left, the policy gives three working days to mend
    patrol_at("2025-03-26T10:05")
    assert _sheets(ledger_at, "2025-03-26T10:05") == []
    patrol_at("2025-04-03T09:00")
    assert _sheets(ledger_at, "2025-04-03T09:00") == ["orange"]  # three working days after the new limit


def test_what_was_left_is_given_back_where_it_is_more(begun: None, ledger_at: ContextAt) -> None:
    _submitted(ledger_at, "2025-03-05T10:00")
    assert _returned(ledger_at, "2025-03-26T10:00").due_on == date(2025, 4, 4)  # nine days


def test_a_report_mended_within_the_limit_given_back_is_in_time(begun: None, ledger_at: ContextAt) -> None:
    _submitted(ledger_at, "2025-03-14T10:00")
    _returned(ledger_at, "2025-03-26T10:00")
    _submitted(ledger_at, "2025-03-31T23:00")
    with ledger_at("2025-04-20T10:00", "整改办") as ctx:
        assert ledger.outcome(ledger.review(ctx, 1, accept=True)) == "按期办结"


def test_a_late_report_stays_late_and_climbs_on_from_where_it_stood(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    patrol_at("2025-03-18T09:00")
    _submitted(ledger_at, "2025-03-18T10:00")  # two working days late: yellow fired
    period = _returned(ledger_at, "2025-03-26T10:00")
    assert (period.due_on, period.next_step_at) == (date(2025, 3, 14), at("2025-04-01T00:00"))
    patrol_at("2025-03-31T17:00")
    assert _sheets(ledger_at, "2025-03-31T17:00") == []
    patrol_at("2025-04-01T09:00")
    assert _sheets(ledger_at, "2025-04-01T09:00") == ["orange"]  # and not orange and red together
    patrol_at("2025-04-02T09:00")
    assert _sheets(ledger_at, "2025-04-02T09:00") == ["orange", "red"]
    _submitted(ledger_at, "2025-04-02T10:00")
    with ledger_at("2025-04-03T10:00", "整改办") as ctx:
        assert ledger.outcome(ledger.review(ctx, 1, accept=True)) == "逾期办结"


def test_a_slow_look_at_a_report_on_the_way_does_not_climb_either(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    _submitted(ledger_at, "2025-03-12T10:00", percent=50)
    with ledger_at("2025-03-26T10:00", "整改办") as ctx:
        assert ledger.review(ctx, 1, accept=True).due_on == date(2025, 3, 14)
    patrol_at("2025-03-26T10:05")
    assert _sheets(ledger_at, "2025-03-26T10:05") == []
    patrol_at("2025-03-31T09:00")
    assert _sheets(ledger_at, "2025-03-31T09:00") == ["orange"]


def test_how_long_there_is_to_mend_is_the_policys(begun: None, ledger_at: ContextAt, policy: Policy) -> None:
    longer = Policy.model_validate(policy.model_dump() | {"correction": "+10d"})
    _submitted(ledger_at, "2025-03-12T10:00")
    with ledger_at("2025-03-26T10:00", "整改办", longer) as ctx:
        assert ledger.review(ctx, 1, accept=False, reason="缺验收单").due_on == date(2025, 4, 5)


def test_no_calendar_and_no_plan_takes_back_what_was_given(begun: None, ledger_at: ContextAt) -> None:
    _submitted(ledger_at, "2025-03-12T10:00")
    _returned(ledger_at, "2025-03-26T10:00")
    with ledger_at("2025-03-26T11:00") as ctx:
        assert ledger.reproject(ctx, apply=True) == []
        ledger.amend(ctx, plan_of(measure(duties=[FINISH | {"due_on": "2025-03-20"}])), base_digest=None, apply=True)
        assert ctx.session.get_one(Period, 1).due_on == date(2025, 3, 31)


def test_an_extension_that_was_overtaken_is_not_granted_any_more(begun: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-11T10:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 20), "雨天")
    _submitted(ledger_at, "2025-03-12T10:00")
    _returned(ledger_at, "2025-03-26T10:00")
    with ledger_at("2025-03-26T11:00") as ctx:
        assert ctx.session.execute(select(Extension.granted)).scalar_one() is False
