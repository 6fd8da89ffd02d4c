"""Skipped (免报), merged into the next one (并入下期): the office alone decides, with a reason; both are counted."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from db import ledger, matters
from db.ledger import LedgerContext, Report
from db.ledger.replay import verify
from db.models import Alert, AuditEntry, Escalation, Period
from plan.types import PeriodState, TimeState
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

Act = Callable[[LedgerContext], object]
FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
OUTCOMES = {"on_time": 0, "late": 0, "skipped": 0, "merged": 0}


@pytest.fixture
def late(activated: Activate, patrol_at: PatrolAt) -> None:
    """February's report is red, and March's is open."""
    activated("2025-02-03T09:00", plan_of(measure()))
    patrol_at("2025-02-03T09:00")
    patrol_at("2025-03-12T09:00")


def _skip(reason: str = "本月停工，无事项可报", period: int = 1) -> Act:
    return lambda ctx: ledger.skip(ctx, period, reason)


def _merge(reason: str = "与三月合并报送", period: int = 1) -> Act:
    return lambda ctx: ledger.merge_into_next(ctx, period, reason)


def _refused(ledger_at: ContextAt, act: Act, actor: str = "office", moment: str = "2025-03-12T10:00") -> str:
    with pytest.raises(Refusal) as refused, ledger_at(moment, actor) as ctx:
        act(ctx)
    return refused.value.code


def _form(ctx: LedgerContext, period: int) -> str:
    return matters.form_context(ctx, matters.matter(ctx, "period", period)).card


def test_a_skipped_period_asks_nothing_more_and_whoever_got_its_sheet_is_told(
    late: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    with ledger_at("2025-03-12T10:00", "office") as ctx:
        assert ledger.outcome(ledger.skip(ctx, 1, "本月停工，无事项可报")) == "免报"
        assert set(ctx.session.execute(select(Escalation.state)).scalars()) == {"closed"}
        ended = matters.matter(ctx, "period", 1)
        assert (ended.kind, ended.outcome) == ("", "免报")
        assert "本月停工" in matters.history(ctx, ended)
        moot, told = ctx.session.execute(select(Alert).order_by(Alert.id.desc())).scalars().all()[:2][::-1]
        assert "本期免报" in f"{moot.note}{told.note}"
    patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:00") as ctx:
        assert ctx.session.get_one(Period, 1).next_step_at is None
        view = ledger.ledger_view(ctx)
        assert view["outcomes"] == OUTCOMES | {"skipped": 1}
        assert view["measures"][0]["last_closed"] == "2025年2月 免报"
        line = ledger.measure_view(ctx, "01-1")["periods"][0]
        assert (line["outcome"], line["ended_by"], line["end_reason"]) == ("免报", "office", "本月停工，无事项可报")
        assert line["time_state"] == TimeState.NOT_APPLICABLE
        assert ledger.health(ctx)["unarmed"] == 0
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "skip")).scalar_one()
        assert (entry.actor, entry.facts["reason"]) == ("office", "本月停工，无事项可报")
        assert verify(ctx.session).whole


def test_a_merged_period_is_reported_with_the_next_one_whose_form_says_so(late: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-12T10:00", "office") as ctx:
        assert ledger.outcome(ledger.merge_into_next(ctx, 1, "与三月合并报送")) == "并入下期"
        assert "本期一并填报**：2025年2月（与三月合并报送）" in _form(ctx, 2)
        told = ctx.session.execute(select(Alert.note).where(Alert.rung == "merge:1")).scalars().all()
        assert told == ["已并入2025年3月一并填报：与三月合并报送（office）"]
        assert ledger.ledger_view(ctx)["outcomes"] == OUTCOMES | {"merged": 1}
    with ledger_at("2025-03-12T11:00", "office") as ctx:
        ledger.merge_into_next(ctx, 2, "四月一并报送")  # its own next one is still to come
    with ledger_at("2025-04-02T09:00") as ctx:
        assert ledger.open_duty(ctx, 1) == 1
        assert "2025年2月（与三月合并报送）；2025年3月（四月一并报送）" in _form(ctx, 3)


def test_the_younger_missed_period_takes_the_ladder_over(
    activated: Activate, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure()))
    for moment in ("2025-02-03T09:00", "2025-03-12T09:00", "2025-04-14T09:00"):
        patrol_at(moment)
    with ledger_at("2025-04-14T10:00", "office") as ctx:
        ledger.skip(ctx, 1, "已由专报代替")
    patrol_at("2025-04-16T09:00")
    with ledger_at("2025-04-16T09:00") as ctx:
        fired = ctx.session.execute(select(Alert.rung).where(Alert.period_id == 2)).scalars().all()
        assert "red" in fired
        assert verify(ctx.session).whole


@pytest.mark.parametrize("act", [_skip(), _merge()])
def test_only_the_office_decides_and_never_the_unit(late: None, ledger_at: ContextAt, act: Act) -> None:
    assert _refused(ledger_at, act, "handler") == "actor_is_unit"
    assert _refused(ledger_at, act, "leader") == "actor_is_unit"
    assert _refused(ledger_at, act, "head") == "actor_may_not"
    assert _refused(ledger_at, act, "李科长") == "actor_may_not"
    assert _refused(ledger_at, act, "某人") == "actor_unknown"
    with ledger_at("2025-03-12T11:00") as ctx:
        assert ctx.session.get_one(Period, 1).state == PeriodState.WAITING


def test_it_needs_a_reason_and_a_period_that_waits(late: None, ledger_at: ContextAt) -> None:
    assert _refused(ledger_at, _skip(" ")) == "reason_empty"
    with ledger_at("2025-03-12T10:00", "handler") as ctx:
        ledger.submit(ctx, 1, Report(body="已报", percent=10))
    assert _refused(ledger_at, _skip(), moment="2025-03-12T11:00") == "transition"
    with ledger_at("2025-03-12T12:00", "office") as ctx:
        ledger.review(ctx, 1, accept=True)
    assert _refused(ledger_at, _merge(), moment="2025-03-12T13:00") == "period_closed"


def test_work_that_is_to_be_finished_is_not_excused(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    assert _refused(ledger_at, _skip()) == "finish_not_excused"
    assert _refused(ledger_at, _merge()) == "finish_not_excused"


def test_the_last_period_has_no_next_one_to_be_merged_into(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(ends_on="2025-03-31")])))
    assert _refused(ledger_at, _merge()) == "merge_no_next"
    with ledger_at("2025-03-12T10:00", "office") as ctx:
        assert ledger.skip(ctx, 1, "停工").state == PeriodState.SKIPPED
