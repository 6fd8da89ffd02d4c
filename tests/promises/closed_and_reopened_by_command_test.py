"""销号 and 重新整改 are commands with a reason, by somebody other than the unit; one asks no more, the other anew."""

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.ledger.replay import verify
from db.models import Alert, AuditEntry, Measure, Period
from plan.types import PeriodState, WorkState
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
CONFIRM = duty("confirm", kind="confirm", title="巩固", cadence="quarterly")


def _accepted(ledger_at: ContextAt) -> None:
    """The finish is reported and accepted."""
    with ledger_at("2025-03-12T09:00", "handler") as ctx:
        finish = ledger.meant_period(ctx.session, "01-1", "finish")
        ledger.submit(ctx, finish.id, Report(body="已完工", percent=100, finished=True))
    with ledger_at("2025-03-12T10:00", "office") as ctx:
        ledger.review(ctx, finish.id, accept=True)


def _open(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return [ledger.name_of(period) for period in ledger.open_periods(ctx.session)]


def _refused(ledger_at: ContextAt, actor: str, reason: str = "已完成", command: str = "close") -> str:
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-12T11:00", actor) as ctx:
        getattr(ledger, command)(ctx, "01-1", reason)
    return refused.value.code


def test_a_closed_measure_asks_nothing_more_but_to_confirm(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH, duty(), CONFIRM])))
    _accepted(ledger_at)
    with ledger_at("2025-03-13T09:00", "office") as ctx:
        assert ledger.close(ctx, "01-1", "验收通过，予以销号").work_state == WorkState.CLOSED
        told = ctx.session.execute(select(Alert.note).where(Alert.rung.startswith("closed:"))).scalars().all()
        assert told == ["01-1已销号，本期不再要求：验收通过，予以销号"]
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "close")).scalar_one()
        assert (entry.actor, entry.facts["reason"]) == ("office", "验收通过，予以销号")
        assert entry.facts["withdrawn"] == ["01-1 每月报送 · 2025年3月"]
    assert _open(ledger_at, "2025-03-13T10:00") == ["01-1 巩固 · 2025年第1季度"]
    patrol_at("2025-07-10T09:00")
    assert _open(ledger_at, "2025-07-10T10:00") == [f"01-1 巩固 · 2025年第{n}季度" for n in (1, 2, 3)]


def test_a_reopened_measure_gets_a_new_period_and_keeps_its_history(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    _accepted(ledger_at)
    with ledger_at("2025-03-13T09:00", "office") as ctx:
        ledger.close(ctx, "01-1", "验收通过")
    with ledger_at("2025-06-02T09:00", "office") as ctx:
        (period,) = ledger.reopen(ctx, "01-1", "回头看发现反弹")
        assert (period.round, str(period.due_on)) == (1, "2025-07-02")
        again = ctx.session.execute(select(Measure)).scalar_one()
        assert (again.work_state, again.percent) == (WorkState.REOPENED, None)
        told = ctx.session.execute(select(Alert.note).where(Alert.rung.startswith("reopened:"))).scalars().all()
        assert told == ["01-1重新整改：回头看发现反弹"]
        states = ctx.session.execute(select(Period.state).order_by(Period.id)).scalars().all()
        assert states == [PeriodState.CLOSED, PeriodState.WAITING]
        assert verify(ctx.session).whole


def test_what_only_goes_on_is_struck_off_without_a_finish(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure()))
    with ledger_at("2025-03-13T09:00", "office") as ctx:
        ledger.close(ctx, "01-1", "任务结束")
    assert _open(ledger_at, "2025-03-13T10:00") == []
    with ledger_at("2025-03-20T09:00", "office") as ctx:
        ledger.reopen(ctx, "01-1", "仍须调度")
    assert _open(ledger_at, "2025-03-20T10:00") == ["01-1 每月报送 · 2025年3月"]


def test_unfinished_work_is_not_struck_off(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    assert _refused(ledger_at, "office") == "transition"
    assert _refused(ledger_at, "office", command="reopen") == "transition"


def test_the_unit_neither_closes_nor_reopens_its_own(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure()))
    for command in ("close", "reopen"):
        assert _refused(ledger_at, "handler", command=command) == "actor_is_unit"
        assert _refused(ledger_at, "leader", command=command) == "actor_is_unit"
        assert _refused(ledger_at, "没有的人", command=command) == "actor_unknown"
        assert _refused(ledger_at, "office", reason="", command=command) == "reason_empty"
