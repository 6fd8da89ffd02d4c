"""The limits of the round (plan, progress report, publication) are duties of the office, chased like any other."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db import ledger, matters
from db.ledger import Report
from db.ledger.replay import verify
from db.models import Alert, Escalation, Finding, Measure, Period, Recipient
from foresight.planned import planned
from papers.workbook.plan_sheets import read_plan, write_plan
from papers.workbooks import plan_status
from plan.model import Plan
from plan.policy import Policy
from plan.types import EventKind
from rules.forecast import forecast
from rules.work_time import WorkTime
from tests.conftest import ContextAt, at, staff
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

ROUND = {
    "key": "test-round",
    "title": "第一轮巡察",
    "organisation": "某局党组",
    "inspector": "某巡察组",
    "kind": "party",
    "feedback_on": "2025-02-20",
    "source": "通报",
}
PHASES = {"plan_due": "2025-03-14", "progress_report_due": "2025-06-20", "publish_due": "2025-07-31"}
NAMES = [
    "00-1 上报整改方案 · 2025年3月14日前",
    "00-2 上报整改进展报告 · 2025年6月20日前",
    "00-3 公开整改情况 · 2025年7月31日前",
]


def _plan(**phases: str | None) -> Plan:
    return plan_of(measure("01-1"), inspection=ROUND | {"phases": PHASES | phases})


def _of_round(ledger_at: ContextAt, moment: str) -> list[tuple[str, str]]:
    with ledger_at(moment) as ctx:
        open_ones = ledger.open_periods(ctx.session)
        return [(ledger.name_of(one), str(one.due_on)) for one in open_ones if one.duty.measure.code[:2] == "00"]


def test_the_office_is_reminded_and_its_superiors_are_told(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _plan())
    assert [name for name, _ in _of_round(ledger_at, "2025-03-03T10:00")] == NAMES
    for moment in ("2025-03-03T09:00", "2025-03-11T09:00", "2025-03-14T09:00", "2025-03-19T09:00", "2025-03-25T09:00"):
        patrol_at(moment)
    with ledger_at("2025-03-25T10:00") as ctx:
        to = select(Alert.rung, Recipient.name).join(Recipient, Recipient.id == Alert.recipient_id)
        told = set(
            ctx.session.execute(to.where(Alert.period_id == Period.id, Period.label == "2025年3月14日前")).tuples()
        )
        assert {("remind", "office"), ("due", "office"), ("orange", "deputy"), ("red", "head")} <= told
        assert ctx.session.execute(select(Escalation.level).order_by(Escalation.id.desc())).scalars().first() == "red"
    with ledger_at("2025-03-25T11:00", "office") as ctx:
        meant = ledger.meant_period(ctx.session, "00-1")
        ledger.submit(ctx, meant.id, Report(body="已上报巡察组", percent=100))
    with ledger_at("2025-03-25T12:00", "head") as ctx:
        ledger.review(ctx, meant.id, accept=True)
        assert matters.matter(ctx, "period", meant.id).outcome == "逾期办结"
        assert ledger.ledger_view(ctx)["findings"][0] == {"code": "00", "title": "本轮整改工作", "goal": None}
        assert verify(ctx.session).whole


def test_the_forecast_of_the_plan_tells_what_the_ledger_will_fire(
    activated: Activate, ledger_at: ContextAt, work_time: WorkTime, policy: Policy
) -> None:
    plan, now, first = _plan(), at("2025-03-03T09:00"), date(2025, 3, 3)
    activated("2025-03-03T09:00", plan)
    with ledger_at(now) as ctx:
        owed = ledger.forecast_input(ctx).duties
    of_ledger = list(forecast(owed, policy, work_time, now, first, first + timedelta(days=200)))
    of_plan = list(
        forecast(
            planned(plan, policy, work_time, now).duties, policy, work_time, now, first, first + timedelta(days=200)
        )
    )
    assert [(one.at, one.key) for one in of_plan] == [(one.at, one.key) for one in of_ledger]
    due = [str(one.day) for one in of_plan if one.kind is EventKind.DUE and one.duty.measure[:2] == "00"]
    assert due == list(PHASES.values())


def test_a_date_that_is_moved_or_dropped_moves_or_ends_the_offices_period(
    activated: Activate, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _plan())
    with ledger_at("2025-03-04T09:00", "office") as ctx:
        moved = _plan(plan_due="2025-03-28", publish_due=None)
        done = ledger.amend(ctx, moved, base_digest=None, apply=True)
        assert len(done.changes) == 2
    assert _of_round(ledger_at, "2025-03-04T10:00") == [
        ("00-1 上报整改方案 · 2025年3月28日前", "2025-03-28"),
        (NAMES[1], "2025-06-20"),
    ]


def test_a_ledger_that_began_without_them_goes_on_until_its_plan_is_loaded_again(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    plan = _plan()
    with ledger_at("2025-03-03T09:00") as ctx:
        # As an earlier release left it: the dates are on record, and nothing of the ledger asks for them.
        ledger.activate(ctx, _plan(plan_due=None, progress_report_due=None, publish_due=None))
        staff(ctx)
        present = ledger.inspection(ctx.session)
        present.plan, present.phases = plan.model_dump(mode="json"), plan.inspection.phases.model_dump(mode="json")
    patrol_at("2025-03-04T09:00")
    assert _of_round(ledger_at, "2025-03-04T10:00") == []
    with ledger_at("2025-03-05T09:00") as ctx:
        assert ledger.activate(ctx, plan).measures == 3
    assert [name for name, _ in _of_round(ledger_at, "2025-03-05T10:00")] == NAMES
    with ledger_at("2025-03-06T09:00") as ctx:
        assert ledger.activate(ctx, plan).measures == 0


def test_the_workbook_keeps_them_as_dates_of_the_round(
    activated: Activate, ledger_at: ContextAt, tmp_path: Path
) -> None:
    plan = _plan()
    activated("2025-03-03T09:00", plan)
    with ledger_at("2025-03-04T09:00") as ctx:
        write_plan(ledger.plan_in_force(ctx.session), tmp_path / "a.xlsx", plan_status(ctx))
    back = read_plan(tmp_path / "a.xlsx")
    assert (back.plan, back.edited_periods) == (plan, ())


@pytest.mark.parametrize(("used", "given"), [("00", "000"), ("01", "00")])
def test_a_code_of_the_inspectors_is_not_taken(
    activated: Activate, ledger_at: ContextAt, used: str, given: str
) -> None:
    activated("2025-03-03T09:00", plan_of(measure(f"{used}-1"), inspection=ROUND | {"phases": PHASES}))
    with ledger_at("2025-03-03T10:00") as ctx:
        assert set(ctx.session.execute(select(Finding.code)).scalars()) == {used, given}
        units = ctx.session.execute(select(Measure.lead_unit).where(Measure.code == f"{given}-1")).scalar_one()
        assert units == "office"
