"""One period from its opening to its closing, as handlers, reviewers and supervisors live it."""

from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report, message_queue
from db.ledger.replay import verify
from db.models import Alert, Escalation, Period, QueuedMessage
from plan.types import PeriodState, WorkState
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal

REPORT = Report(body="已完成管网普查", percent=60)


def _rungs(ctx: ledger.LedgerContext) -> list[str]:
    return list(ctx.session.execute(select(Alert.rung).order_by(Alert.id)).scalars())


def test_activation_opens_the_period_that_contains_the_instant(activated, ledger_at: ContextAt) -> None:
    activated("2025-01-17T09:00")
    with ledger_at("2025-01-17T09:00") as ctx:
        period = ctx.session.execute(select(Period)).scalar_one()
        assert (period.label, period.due_on, period.state) == ("2025年1月", date(2025, 1, 31), PeriodState.WAITING)
        assert ledger.activate(ctx, plan_of(measure())).measures == 0  # the same plan again changes nothing


def test_another_plan_is_refused(activated, ledger_at: ContextAt) -> None:
    activated()
    with ledger_at("2025-01-18T09:00") as ctx, pytest.raises(Refusal) as refused:
        ledger.activate(ctx, plan_of(measure("02-1")))
    assert refused.value.code == "plan_loaded"


def test_a_silent_period_climbs_to_the_head_and_each_person_gets_one_letter(
    activated, patrol_at, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    totals = patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:00") as ctx:
        assert [(p.label) for p in ctx.session.execute(select(Period).order_by(Period.id)).scalars()] == [
            "2025年2月",
            "2025年3月",
        ]
        first = ctx.session.execute(select(Period).order_by(Period.id)).scalars().first()
        assert first is not None
        assert sorted(first.fired) == ["due", "open", "orange", "red", "remind", "yellow"]
        assert ledger.waiting_name(ctx, first) == "逾期·红"
        states = ctx.session.execute(select(Escalation.rung, Escalation.state).order_by(Escalation.id)).tuples().all()
        assert states == [("orange", "superseded"), ("red", "open")]
        assert ledger.health(ctx) == {
            "overlooked": 0,
            "unarmed": 0,
            "open_escalations": 1,
            "unsent": 5,
            "dead_letters": 0,
            "channels_down": 0,
            "oldest_undelivered_minutes": 0,
            "due_in_seven_days": 0,
            "minutes_since_patrol": 0,
            "parked_runs": 0,
        }
    assert (totals.opened, totals.escalations, totals.messages, totals.truncated) == (1, 2, 5, False)
    again = patrol_at("2025-03-20T09:05")
    assert (again.opened, again.alerts, again.messages) == (0, 0, 0)


def test_a_report_stops_the_ladder_and_a_late_one_closes_late(activated, patrol_at, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-06T09:00")
    with ledger_at("2025-03-06T10:00", "经办人") as ctx:
        period = ledger.meant_period(ctx.session, "01-1", label="2025年2月")
        ledger.submit(ctx, period.id, REPORT)
        assert period.state == PeriodState.SUBMITTED
        assert ctx.session.execute(select(Escalation.state)).scalars().all() == ["closed"]
    patrol_at("2025-03-06T11:00")
    with ledger_at("2025-03-06T12:00", "审核人") as ctx:
        assert [rung for rung in _rungs(ctx) if "@" in rung] == ["review@1"]
        ledger.review(ctx, 1, accept=True)
    with ledger_at("2025-06-01T12:00") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.state, ledger.outcome(period), period.next_step_at) == (PeriodState.CLOSED, "逾期办结", None)
        assert verify(ctx.session).broken_at is None


def test_a_returned_report_opens_round_two_and_tells_the_handler(activated, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    with ledger_at("2025-02-10T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, REPORT)
    with ledger_at("2025-02-11T10:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=False, reason="缺少数据")
    with ledger_at("2025-02-11T10:05") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert (period.state, period.round, ledger.waiting_name(ctx, period)) == (PeriodState.WAITING, 2, "待填报")
        message = ctx.session.execute(
            select(QueuedMessage).where(QueuedMessage.key.startswith("returned#1"))
        ).scalar_one()
        note = "缺少数据（期限由2025-02-28顺延至2025-03-01）"  # the day of the review is not the unit's
        assert [(e.kind, e.note) for e in items_of(ctx, message.id)] == [("returned", note)]
    with ledger_at("2025-02-12T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, REPORT)
    with ledger_at("2025-02-13T10:00", "审核人") as ctx:
        assert ledger.outcome(ledger.review(ctx, 1, accept=True)) == "按期办结"


def test_nothing_goes_out_about_what_is_closed(activated, patrol_at, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-05T08:30")
    with ledger_at("2025-02-05T08:40", "经办人") as ctx:
        ledger.submit(ctx, 1, REPORT)
    with ledger_at("2025-02-05T09:00") as ctx:
        leased = message_queue.lease(ctx, 10)
        assert [items_of(ctx, message.id) for message in leased] == [()]


def test_finishing_moves_the_measure(activated, ledger_at: ContextAt) -> None:
    finish = duty("finish", kind="finish", title="按期完成", cadence="once", due_on="2025-05-31", precision="month")
    activated("2025-01-17T09:00", plan_of(measure(duties=[finish])))
    with ledger_at("2025-05-20T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已完工", percent=100, finished=True))
        assert ledger.measure_by_code(ctx.session, "01-1").work_state == WorkState.DONE_CLAIMED
    with ledger_at("2025-05-21T10:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=True)
        assert ledger.measure_by_code(ctx.session, "01-1").work_state == WorkState.ACCEPTED


def test_a_text_keeps_what_can_be_read(activated, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    with ledger_at("2025-02-10T10:00", "经办人\x00") as ctx:
        found = ledger.submit(ctx, 1, Report(body="  第一行\r\n\x00第二行\u202e\ud800  ", percent=60))
        assert (found.body, found.submitted_by) == ("第一行\n第二行�", "经办人")
