"""One period from its opening to its closing, as handlers, reviewers and supervisors live it."""

from datetime import date

import pytest
from sqlalchemy import select

from config.types import PeriodState, WorkState
from db import ledger
from db.ledger import Report, audit, letters, outbox
from db.models import Alert, Escalation, Message, Period
from rules.refusal import Refusal
from tests.conftest import DeskAt
from tests.plans import duty, measure, plan_of

REPORT = Report(body="已完成管网普查", percent=60)


def _rungs(desk: ledger.Desk) -> list[str]:
    return list(desk.session.execute(select(Alert.rung).order_by(Alert.id)).scalars())


def test_activation_opens_the_period_that_contains_the_instant(activated, desk_at: DeskAt) -> None:
    activated("2025-01-17T09:00")
    with desk_at("2025-01-17T09:00") as desk:
        period = desk.session.execute(select(Period)).scalar_one()
        assert (period.label, period.due_on, period.state) == ("2025年1月", date(2025, 1, 31), PeriodState.WAITING)
        assert ledger.activate(desk, plan_of(measure())).measures == 0  # the same plan again changes nothing


def test_another_plan_is_refused(activated, desk_at: DeskAt) -> None:
    activated()
    with desk_at("2025-01-18T09:00") as desk, pytest.raises(Refusal) as refused:
        ledger.activate(desk, plan_of(measure("02-1")))
    assert refused.value.code == "plan_loaded"


def test_a_silent_period_climbs_to_the_head_and_each_person_gets_one_letter(
    activated, patrol_at, desk_at: DeskAt
) -> None:
    activated("2025-02-03T09:00")
    totals = patrol_at("2025-03-20T09:00")
    with desk_at("2025-03-20T09:00") as desk:
        assert [(p.label) for p in desk.session.execute(select(Period).order_by(Period.id)).scalars()] == [
            "2025年2月",
            "2025年3月",
        ]
        first = desk.session.execute(select(Period).order_by(Period.id)).scalars().first()
        assert first is not None
        assert sorted(first.fired) == ["due", "open", "orange", "red", "remind", "yellow"]
        assert ledger.run_name(desk, first) == "逾期·红"
        states = desk.session.execute(select(Escalation.rung, Escalation.state).order_by(Escalation.id)).tuples().all()
        assert states == [("orange", "superseded"), ("red", "open")]
        assert ledger.health(desk) == {"overlooked": 0, "unarmed": 0, "open_escalations": 1, "unsent": 5}
    assert (totals.opened, totals.escalations, totals.messages, totals.truncated) == (1, 2, 5, False)
    again = patrol_at("2025-03-20T09:05")
    assert (again.opened, again.alerts, again.messages) == (0, 0, 0)


def test_a_report_stops_the_ladder_and_a_late_one_closes_late(activated, patrol_at, desk_at: DeskAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-06T09:00")
    with desk_at("2025-03-06T10:00", "经办人") as desk:
        period = ledger.the_period(desk.session, "01-1", None)
        ledger.submit(desk, period.id, REPORT)
        assert period.state == PeriodState.SUBMITTED
        assert desk.session.execute(select(Escalation.state)).scalars().all() == ["closed"]
    patrol_at("2025-03-06T11:00")
    with desk_at("2025-03-06T12:00", "审核人") as desk:
        assert [rung for rung in _rungs(desk) if "@" in rung] == ["review@1"]
        ledger.review(desk, 1, accept=True)
    with desk_at("2025-06-01T12:00") as desk:
        period = desk.session.get_one(Period, 1)
        assert (period.state, ledger.outcome(period), period.next_step_at) == (PeriodState.CLOSED, "逾期办结", None)
        assert audit.verify(desk.session).broken_at is None


def test_a_returned_report_opens_round_two_and_tells_the_handler(activated, desk_at: DeskAt) -> None:
    activated("2025-02-03T09:00")
    with desk_at("2025-02-10T10:00", "经办人") as desk:
        ledger.submit(desk, 1, REPORT)
    with desk_at("2025-02-11T10:00", "审核人") as desk:
        ledger.review(desk, 1, accept=False, reason="缺少数据")
    with desk_at("2025-02-11T10:05") as desk:
        period = desk.session.get_one(Period, 1)
        assert (period.state, period.round, ledger.run_name(desk, period)) == (PeriodState.WAITING, 2, "待填报")
        message = desk.session.execute(select(Message).where(Message.key.startswith("returned#1"))).scalar_one()
        assert [(e.kind, e.note) for e in letters.entries(desk, message.id)] == [("returned", "缺少数据")]
    with desk_at("2025-02-12T10:00", "经办人") as desk:
        ledger.submit(desk, 1, REPORT)
    with desk_at("2025-02-13T10:00", "审核人") as desk:
        assert ledger.outcome(ledger.review(desk, 1, accept=True)) == "按期办结"


def test_nothing_goes_out_about_what_is_closed(activated, patrol_at, desk_at: DeskAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-05T08:30")
    with desk_at("2025-02-05T08:40", "经办人") as desk:
        ledger.submit(desk, 1, REPORT)
    with desk_at("2025-02-05T09:00") as desk:
        leased = outbox.lease(desk, 10)
        assert [letters.entries(desk, message.id) for message in leased] == [[]]


def test_finishing_moves_the_measure(activated, desk_at: DeskAt) -> None:
    finish = duty("finish", kind="finish", title="按期完成", cadence="once", due_on="2025-05-31", precision="month")
    activated("2025-01-17T09:00", plan_of(measure(duties=[finish])))
    with desk_at("2025-05-20T10:00", "经办人") as desk:
        ledger.submit(desk, 1, Report(body="已完工", percent=100, finished=True))
        assert ledger.measure_by_code(desk.session, "01-1").work_state == WorkState.DONE_CLAIMED
    with desk_at("2025-05-21T10:00", "审核人") as desk:
        ledger.review(desk, 1, accept=True)
        assert ledger.measure_by_code(desk.session, "01-1").work_state == WorkState.ACCEPTED


def test_a_text_keeps_what_can_be_read(activated, desk_at: DeskAt) -> None:
    activated("2025-02-03T09:00")
    with desk_at("2025-02-10T10:00", "经办人\x00") as desk:
        found = ledger.submit(desk, 1, Report(body="  第一行\r\n\x00第二行\u202e\ud800  ", percent=60))
        assert (found.body, found.submitted_by) == ("第一行\n第二行?", "经办人")
