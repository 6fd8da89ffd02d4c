"""A duty to finish ends with an accepted report of the finish, evidenced as its rule says, and with nothing less."""

from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.models import Measure, Period
from plan.types import PeriodState, TimeState, WorkState
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
DUE = date(2025, 3, 14)


@pytest.fixture
def begun(activated: Activate) -> None:
    """Work to be finished by 14 March 2025, with evidence of the finish."""
    activated("2025-03-03T09:00", plan_of(measure(evidence="on_finish", duties=[FINISH])))


def _report(ledger_at: ContextAt, moment: str, percent: int, finished: bool = False, *evidence: str) -> None:
    with ledger_at(moment, "经办人") as ctx:
        report = Report(body="正在施工", percent=percent, finished=finished, evidence=evidence)
        ledger.submit(ctx, 1, report)


def _accept(ledger_at: ContextAt, moment: str) -> None:
    with ledger_at(moment, "整改办") as ctx:
        ledger.review(ctx, 1, accept=True)


def test_an_accepted_report_on_the_way_is_an_entry_of_the_open_period(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    patrol_at("2025-03-03T09:00")
    _report(ledger_at, "2025-03-05T10:00", 40)
    _accept(ledger_at, "2025-03-06T10:00")
    with ledger_at("2025-03-06T11:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.state, period.round, period.due_on) == (PeriodState.WAITING, 2, DUE)
        assert (ledger.outcome(period), period.next_step_at) == (None, at("2025-03-11T08:30"))
        line = ledger.measure_view(ctx, "01-1")
        assert (line["work_state"], line["percent"]) == (WorkState.IN_PROGRESS, 40)
        assert [(one["percent"], one["accepted"]) for one in line["periods"][0]["submissions"]] == [(40, True)]


def test_the_ladder_goes_on_against_the_same_limit(begun: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    _report(ledger_at, "2025-03-05T10:00", 40)
    _accept(ledger_at, "2025-03-06T10:00")
    patrol_at("2025-03-19T09:00")
    with ledger_at("2025-03-19T09:00") as ctx:
        fired = [key for key in ctx.session.get_one(Period, 1).fired if "@" not in key]
        assert fired == ["open", "remind", "due", "yellow", "orange"]


@pytest.mark.parametrize(("percent", "finished"), [(100, False), (90, True)])
def test_the_finish_needs_its_evidence_however_it_is_said(
    begun: None, ledger_at: ContextAt, percent: int, finished: bool
) -> None:
    with pytest.raises(Refusal) as refused:
        _report(ledger_at, "2025-03-10T10:00", percent, finished)
    assert refused.value.code == "evidence_missing"
    _report(ledger_at, "2025-03-10T10:00", percent, finished, "竣工验收单")
    _accept(ledger_at, "2025-03-11T10:00")
    with ledger_at("2025-03-11T11:00") as ctx:
        assert ledger.outcome(ctx.session.get_one(Period, 1)) == "按期办结"
        assert ctx.session.execute(select(Measure.work_state)).scalar_one() == WorkState.ACCEPTED


def test_a_measure_is_done_with_its_last_stage(activated: Activate, ledger_at: ContextAt) -> None:
    stages = [FINISH, FINISH | {"key": "second", "title": "二期", "due_on": "2025-06-30", "opens_on": "2025-04-01"}]
    activated("2025-03-03T09:00", plan_of(measure(duties=stages)))
    _report(ledger_at, "2025-03-10T10:00", 100)
    _accept(ledger_at, "2025-03-11T10:00")
    with ledger_at("2025-03-11T11:00") as ctx:
        assert ctx.session.get_one(Period, 1).state == PeriodState.CLOSED
        assert ctx.session.execute(select(Measure.work_state)).scalar_one() == WorkState.IN_PROGRESS


def _time_state(ledger_at: ContextAt, moment: str) -> tuple[str, str | None]:
    with ledger_at(moment) as ctx:
        line = ledger.ledger_view(ctx)["measures"][0]
        return line["time_state"], line["unknown_since"]


def test_progress_is_known_of_open_work_and_unknown_where_nobody_reported(
    activated: Activate, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH | {"due_on": "2025-06-30"}])))
    assert _time_state(ledger_at, "2025-04-15T09:00") == (TimeState.UNKNOWN, "2025-03-03")
    _report(ledger_at, "2025-04-15T10:00", 60)
    assert _time_state(ledger_at, "2025-04-15T11:00") == (TimeState.STOPPED, None)
    _accept(ledger_at, "2025-04-16T10:00")
    assert _time_state(ledger_at, "2025-04-16T11:00") == (TimeState.AHEAD, None)
    assert _time_state(ledger_at, "2025-05-10T11:00") == (TimeState.ON_SCHEDULE, None)
    assert _time_state(ledger_at, "2025-06-18T11:00") == (TimeState.BEHIND, None)


def test_a_returned_report_says_nothing_of_the_progress(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH | {"due_on": "2025-06-30"}])))
    _report(ledger_at, "2025-04-15T10:00", 90)
    with ledger_at("2025-04-16T10:00", "整改办") as ctx:
        ledger.review(ctx, 1, accept=False, reason="与现场不符")
    assert _time_state(ledger_at, "2025-04-17T09:00") == (TimeState.UNKNOWN, "2025-04-15")


def test_silence_is_told_of_before_the_limit_and_anew_after_every_word(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated(
        "2025-03-03T09:00", plan_of(measure(duties=[FINISH | {"due_on": "2025-08-29"}, duty(opens_on="2026-01-01")]))
    )
    patrol_at("2025-05-06T09:00")
    with ledger_at("2025-05-06T09:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert period.fired == ["open", "stale@20250303", "stale-long@20250303"]
        assert ledger.waiting_name(ctx, period) == "待填报"
    _report(ledger_at, "2025-05-07T10:00", 30)
    _accept(ledger_at, "2025-05-07T11:00")
    patrol_at("2025-06-05T09:00")
    with ledger_at("2025-06-05T09:00") as ctx:
        assert "stale@20250507" not in ctx.session.get_one(Period, 1).fired
    patrol_at("2025-06-06T09:00")
    with ledger_at("2025-06-06T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired[-1] == "stale@20250507"
    patrol_at("2025-09-30T09:00")
    with ledger_at("2025-09-30T09:00") as ctx:
        late = [key for key in ctx.session.get_one(Period, 1).fired if key.startswith("stale")]
        assert late[-1] == "stale-long@20250507"  # after the limit the ladder speaks
        assert ledger.health(ctx)["overlooked"] == 0
