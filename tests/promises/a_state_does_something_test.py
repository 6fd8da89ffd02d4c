"""Suspended stops the clock and keeps what is left; closed asks for confirmation alone; reopened asks anew."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.models import Alert, AuditEntry, Duty, Escalation, Measure, Period, Suspension
from plan.types import PeriodState, TimeState, WorkState
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
CONFIRM = duty("confirm", kind="confirm", title="巩固", cadence="quarterly")
UNTIL = date(2025, 6, 30)


@pytest.fixture
def begun(activated: Activate) -> None:
    """Work to be finished by Friday, 14 March 2025."""
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))


def _suspend(ledger_at: ContextAt, moment: str, **changes: Any) -> Suspension:
    given = {"reason": "等待土地批复", "evidence": ["批复受理单"], "until": UNTIL} | changes
    with ledger_at(moment, "整改办") as ctx:
        return ledger.suspend(ctx, "01-1", **given)


def _resume(ledger_at: ContextAt, moment: str) -> Period:
    with ledger_at(moment, "整改办") as ctx:
        return ledger.resume(ctx, "01-1", reason="已批复")[0]


def _amended(ledger_at: ContextAt, moment: str, **changes: Any) -> ledger.Amendment:
    with ledger_at(moment, "整改办") as ctx:
        return ledger.amend(ctx, plan_of(measure(**changes)), base_digest=None, apply=True)


def _fired(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return list(ctx.session.get_one(Period, 1).fired)


def test_a_suspended_clock_stands_and_goes_on_with_what_was_left(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    patrol_at("2025-03-05T09:00")
    _suspend(ledger_at, "2025-03-05T10:00")
    totals = patrol_at("2025-05-06T09:00")
    assert (totals.rungs, totals.escalations) == (0, 0)
    with ledger_at("2025-05-06T09:00") as ctx:
        assert ledger.health(ctx)["unarmed"] == 0
        line = ledger.measure_view(ctx, "01-1")
        assert (line["work_state"], line["time_state"]) == (WorkState.SUSPENDED, TimeState.STOPPED)
        assert line["suspensions"][0]["reason"] == "等待土地批复"
        assert ledger.waiting_name(ctx, ctx.session.get_one(Period, 1)) == "已挂账"
        assert ledger.forecast_input(ctx).duties[0].open == ()
    assert _resume(ledger_at, "2025-05-06T10:00").due_on == date(2025, 5, 15)  # nine days were left
    patrol_at("2025-05-20T09:00")
    assert _fired(ledger_at, "2025-05-20T09:00") == ["open", "remind", "due", "yellow", "orange"]
    with ledger_at("2025-05-20T09:00") as ctx:
        acts = ctx.session.execute(select(AuditEntry.command, AuditEntry.actor).order_by(AuditEntry.id)).tuples()
        assert [act for act in acts if act[0] in ("suspend", "resume")] == [("suspend", "整改办"), ("resume", "整改办")]


def test_what_was_late_when_it_was_suspended_stays_late_and_climbs_no_faster(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    patrol_at("2025-03-19T09:00")
    _suspend(ledger_at, "2025-03-19T10:00")
    with ledger_at("2025-03-19T11:00") as ctx:
        assert ctx.session.execute(select(Escalation.state)).scalar_one() == "closed"
    assert _resume(ledger_at, "2025-05-06T10:00").due_on == date(2025, 3, 14)
    patrol_at("2025-05-09T09:00")
    assert _fired(ledger_at, "2025-05-09T09:00")[-1] == "orange"
    patrol_at("2025-05-12T09:00")
    assert _fired(ledger_at, "2025-05-12T09:00")[-1] == "red"  # four working days after orange, as without it


def test_the_office_is_reminded_at_the_expected_end_and_again(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    _suspend(ledger_at, "2025-03-05T10:00")
    patrol_at("2025-06-27T09:00")
    for moment in ("2025-06-30T08:30", "2025-07-01T09:00", "2025-07-07T08:30"):
        patrol_at(moment)
    with ledger_at("2025-07-07T09:00") as ctx:
        told = select(Alert.rung).where(Alert.rung.startswith("suspension-review")).order_by(Alert.id)
        assert list(ctx.session.execute(told).scalars()) == [
            "suspension-review:1:2025-06-30",
            "suspension-review:1:2025-07-07",
        ]
    _suspend(ledger_at, "2025-07-07T10:00", until=date(2025, 9, 30))  # longer, for a reason
    assert patrol_at("2025-07-21T09:00").alerts == 0
    _resume(ledger_at, "2025-08-01T10:00")
    with ledger_at("2025-08-01T11:00") as ctx:
        assert ctx.session.execute(select(Suspension.remind_at, Suspension.ended_by)).one() == (None, "整改办")


def test_windows_that_pass_meanwhile_are_not_owed_and_are_named(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated("2025-03-03T09:00")
    _suspend(ledger_at, "2025-03-05T10:00")
    patrol_at("2025-06-10T09:00")
    with ledger_at("2025-06-10T10:00") as ctx:
        assert [p.label for p in ledger.open_periods(ctx.session)] == ["2025年3月"]
    _resume(ledger_at, "2025-06-10T11:00")
    with ledger_at("2025-06-10T12:00") as ctx:
        assert [(p.label, str(p.due_on)) for p in ledger.open_periods(ctx.session)] == [
            ("2025年6月", "2025-06-30"),
            ("2025年3月", "2025-07-06"),
        ]
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "resume")).scalar_one()
        assert entry.facts["not_owed"] == ["每月报送 2025年4月", "每月报送 2025年5月"]


@pytest.mark.parametrize(
    ("resumed", "first"),
    [
        ("2025-04-30T10:00", "2025-05-31"),  # the last day of April is no time for its report
        ("2025-04-27T10:00", "2025-04-30"),  # three working days are, this Sunday being one
        ("2025-04-28T10:00", "2025-05-31"),
    ],
)
def test_what_is_resumed_with_hardly_any_time_left_is_asked_for_the_next_window(
    activated: Activate, ledger_at: ContextAt, resumed: str, first: str
) -> None:
    activated("2025-03-03T09:00")
    _suspend(ledger_at, "2025-03-05T10:00")
    _resume(ledger_at, resumed)
    with ledger_at("2025-05-06T10:00") as ctx:
        due = sorted(str(one.due_on) for one in ledger.open_periods(ctx.session) if one.label != "2025年3月")
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "resume")).scalar_one()
    if first == "2025-04-30":
        assert (due[0], entry.facts["not_owed"]) == (first, [])
    else:
        assert (due, entry.facts["not_owed"]) == ([], ["每月报送 2025年4月"])


REFUSED = [
    ({"reason": " "}, "reason_empty"),
    ({"evidence": []}, "evidence_missing"),
    ({"evidence": [" "]}, "evidence_missing"),
    ({"until": date(2025, 3, 5)}, "suspension_in_past"),
    ({"until": date(9999, 12, 31)}, "suspension_too_long"),
]


@pytest.mark.parametrize(("changes", "code"), REFUSED)
def test_a_suspension_has_a_reason_evidence_and_an_end(
    begun: None, ledger_at: ContextAt, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        _suspend(ledger_at, "2025-03-05T10:00", **changes)
    assert refused.value.code == code
    with ledger_at("2025-03-05T11:00") as ctx:
        assert ctx.session.execute(select(Measure.work_state)).scalar_one() == WorkState.IN_PROGRESS


def test_nothing_is_reported_while_the_clock_stands_and_nothing_resumed_that_goes(
    begun: None, ledger_at: ContextAt
) -> None:
    with pytest.raises(Refusal) as refused:
        _resume(ledger_at, "2025-03-05T10:00")
    assert refused.value.code == "measure_not_suspended"
    _suspend(ledger_at, "2025-03-05T10:00")
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-06T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完工", percent=100))
    assert refused.value.code == "measure_suspended"


def test_a_plan_that_says_suspended_stops_the_ladder(begun: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    _amended(ledger_at, "2025-03-05T10:00", duties=[FINISH], state="suspended", state_note="等待土地批复")
    assert patrol_at("2025-04-03T09:00").rungs == 0
    with ledger_at("2025-04-04T09:00") as ctx:
        found = ctx.session.execute(select(Suspension)).scalar_one()
        assert (found.reason, found.expected_end, found.asked_by) == ("等待土地批复", date(2025, 4, 4), "整改办")
    _amended(ledger_at, "2025-05-06T10:00", duties=[FINISH], state="in_progress")
    with ledger_at("2025-05-06T11:00") as ctx:
        assert ctx.session.get_one(Period, 1).due_on == date(2025, 5, 15)


def _closed(ledger_at: ContextAt, *duties: dict[str, Any]) -> ledger.Amendment:
    for day, state in enumerate(("done_claimed", "accepted", "closed"), 10):
        done = _amended(ledger_at, f"2025-03-{day}T10:00", duties=list(duties), state=state)
    return done


def test_closed_asks_for_its_confirmation_alone(activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(), CONFIRM])))
    done = _closed(ledger_at, duty(), CONFIRM)
    assert done.withdrawn == ("01-1 每月报送 · 2025年3月",)
    patrol_at("2025-05-06T09:00")
    with ledger_at("2025-05-06T10:00") as ctx:
        assert [p.label for p in ledger.open_periods(ctx.session)] == ["2025年第1季度", "2025年第2季度"]
        line = {one["key"]: one["next_due_at"] for one in ledger.ledger_view(ctx)["measures"][0]["duties"]}
        assert line["report"] is None
        assert [one.next_ordinal for one in ledger.forecast_input(ctx).duties if one.key == "report"] == [None]


def test_a_plan_loaded_with_its_states_carries_them_out(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    closed, stopped = measure(state="closed", duties=[duty(), CONFIRM]), measure("01-2", state="suspended")
    activated("2025-03-03T09:00", plan_of(closed, stopped))
    patrol_at("2025-05-06T09:00")
    with ledger_at("2025-05-06T10:00") as ctx:
        assert {p.duty.key for p in ledger.open_periods(ctx.session)} == {"confirm"}
        assert ctx.session.execute(select(Suspension.expected_end)).scalar_one() == date(2025, 4, 2)


def test_reopened_opens_a_new_period_under_the_old_history(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    with ledger_at("2025-03-10T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完工", percent=100))
    with ledger_at("2025-03-11T10:00", "整改办") as ctx:
        ledger.review(ctx, 1, accept=True)
    _amended(ledger_at, "2025-03-12T10:00", duties=[FINISH], state="closed")
    done = _amended(ledger_at, "2025-06-10T10:00", duties=[FINISH], state="reopened")
    assert done.opened == ("01-1 完工 · 2025年7月10日前",)  # its own date is past: the policy's days from today
    with ledger_at("2025-06-10T11:00") as ctx:
        periods = ledger.measure_view(ctx, "01-1")["periods"]
        assert [(p["state"], p["due_on"]) for p in periods] == [
            (PeriodState.CLOSED, "2025-03-14"),
            (PeriodState.WAITING, "2025-07-10"),
        ]
        assert ledger.meant_period(ctx.session, "01-1").due_on == date(2025, 7, 10)
        assert [d.assumed for d in ctx.session.execute(select(Duty).order_by(Duty.id)).scalars()] == [False, True]
    patrol_at("2025-07-16T09:00")
    with ledger_at("2025-07-16T09:00") as ctx:
        assert "orange" in ledger.meant_period(ctx.session, "01-1").fired


def test_reopened_with_a_date_to_come_is_due_then(begun: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-10T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完工", percent=100))
    with ledger_at("2025-03-11T10:00", "整改办") as ctx:
        ledger.review(ctx, 1, accept=True)
    _amended(ledger_at, "2025-06-10T10:00", duties=[FINISH | {"due_on": "2025-09-30"}], state="reopened")
    with ledger_at("2025-06-10T11:00") as ctx:
        assert ledger.meant_period(ctx.session, "01-1").due_on == date(2025, 9, 30)


def test_reopened_goes_on_with_its_rhythm(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00")
    _closed(ledger_at, duty())
    done = _amended(ledger_at, "2025-03-20T10:00", state="reopened")
    assert done.opened == ("01-1 每月报送 · 2025年3月",)


@pytest.mark.parametrize("limit", ["2025-09-14", "2099-12-31", "9999-12-31"])
def test_an_instruction_is_bounded_as_an_extension_is(
    begun: None, ledger_at: ContextAt, patrol_at: PatrolAt, limit: str
) -> None:
    patrol_at("2025-03-19T09:00")
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-17T10:00", "分管领导") as ctx:
        ledger.instruct(ctx, 1, "以后再说", date.fromisoformat(limit))
    assert refused.value.code == "limit_too_late"
    with ledger_at("2025-03-19T10:00", "分管领导") as ctx:
        assert ledger.instruct(ctx, 1, "请抓紧", date(2025, 9, 13)).new_limit_on == date(2025, 9, 13)
        assert ctx.session.get_one(Period, 1).hold_until == at("2025-09-14T00:00")
