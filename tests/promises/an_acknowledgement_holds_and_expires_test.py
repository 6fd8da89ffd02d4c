"""An acknowledgement holds the climb two working days and no longer, an instruction to the end of its limit."""

from datetime import date

import pytest
from sqlalchemy import select

from db import ledger, matters
from db.ledger.appointments import hand_over_post
from db.ledger.replay import verify
from db.models import Escalation, Period
from papers.measure_text import history_lines
from plan.policy import Policy
from plan.types import Audience
from tests.conftest import ContextAt, at
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

RED_AT = "2025-03-11T08:30"


@pytest.fixture
def escalated(activated: Activate, patrol_at: PatrolAt) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-05T09:00")


def _fired(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return [key for key in ctx.session.get_one(Period, 1).fired if key == "red" or key.startswith("repeat")]


def test_the_climb_goes_on_the_moment_the_hold_ends(escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-10T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1)
        assert ctx.session.get_one(Period, 1).next_step_at == at("2025-03-12T08:30")
    with ledger_at("2025-03-11T10:00", "分管领导") as ctx, pytest.raises(Refusal) as refused:
        ledger.acknowledge(ctx, 1)
    assert refused.value.code == "escalation_acknowledged"
    patrol_at("2025-03-12T08:29:59")
    assert _fired(ledger_at, "2025-03-12T08:29:59") == []
    patrol_at("2025-03-12T08:30")
    assert _fired(ledger_at, "2025-03-12T08:30") == ["red"]
    with ledger_at("2025-03-12T09:00") as ctx:
        states = ctx.session.execute(select(Escalation.rung, Escalation.state).order_by(Escalation.id)).tuples().all()
        assert states == [("orange", "superseded"), ("red", "open")]


def test_without_an_acknowledgement_the_same_rung_comes_a_day_earlier(
    escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at(RED_AT)
    assert _fired(ledger_at, RED_AT) == ["red"]


def test_an_instruction_holds_to_the_end_of_the_new_limit(
    escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    with ledger_at("2025-03-06T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1)
    with ledger_at("2025-03-06T11:00", "分管领导") as ctx:
        assert ledger.instruct(ctx, 1, "请于本月20日前报送", date(2025, 3, 20)).new_limit_on == date(2025, 3, 20)
    patrol_at("2025-03-20T23:59:59")
    assert _fired(ledger_at, "2025-03-20T23:59:59") == []
    patrol_at("2025-03-21T00:00")
    assert _fired(ledger_at, "2025-03-21T00:00") == ["red"]
    with ledger_at("2025-03-21T09:00", "分管领导") as ctx, pytest.raises(Refusal) as refused:
        ledger.instruct(ctx, 1, "再催")
    assert refused.value.code == "escalation_closed"


def test_nagging_waits_for_the_hold_too(escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    patrol_at(RED_AT)
    with ledger_at("2025-03-11T10:00", "局长") as ctx:
        ledger.acknowledge(ctx, 2)
    patrol_at("2025-03-13T23:00")
    assert _fired(ledger_at, "2025-03-13T23:00") == ["red"]
    patrol_at("2025-03-14T08:30")
    assert _fired(ledger_at, "2025-03-14T08:30") == ["red", "repeat#1"]


def test_who_says_until_when_and_why_holds_longer_and_everybody_reads_it(
    escalated: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    with ledger_at("2025-03-06T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1, date(2025, 3, 14), "设备周四到货")
    patrol_at("2025-03-14T17:00")
    assert _fired(ledger_at, "2025-03-14T17:00") == []
    with ledger_at("2025-03-14T17:00") as ctx:
        report = matters.found_by_tag(ctx, "period-1")
        for found in (matters.found_by_tag(ctx, "escalation-1"), report):
            assert "分管领导已签收，有效至 2025-03-14，理由：设备周四到货" in matters.form_context(ctx, found).card
        lines = list(history_lines(ledger.measure_view(ctx, "01-1")))
        assert any(line.endswith("理由：设备周四到货") and "签收：分管领导" in line for line in lines)
        assert verify(ctx.session).whole
    patrol_at("2025-03-17T09:00")
    assert _fired(ledger_at, "2025-03-17T09:00") == ["red"]


@pytest.mark.parametrize(
    ("until", "reason", "code"),
    [
        (date(2025, 3, 14), " ", "reason_empty"),
        (date(2025, 3, 6), "等待", "hold_in_past"),
        (date(2025, 3, 21), "等待", "hold_too_long"),
        (date(9999, 12, 31), "等待", "hold_too_long"),
        (date(2025, 3, 20), "等" * 5001, "text_too_long"),
    ],
)
def test_no_acknowledgement_holds_for_ever_or_without_a_word(
    escalated: None, ledger_at: ContextAt, until: date, reason: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-06T10:00", "分管领导") as ctx:
        ledger.acknowledge(ctx, 1, until, reason)
    assert refused.value.code == code
    with ledger_at("2025-03-06T11:00", "分管领导") as ctx:
        assert ledger.acknowledge(ctx, 1, date(2025, 3, 20), "设备到货").state == "acknowledged"


def _two_must(policy: Policy, audience: tuple[Audience, ...] = (Audience.DEPUTY, Audience.HEAD)) -> Policy:
    rungs = tuple(
        one.model_copy(update={"acknowledge": 2, "audience": audience}) if one.key == "orange" else one
        for one in policy.short.rungs
    )
    return policy.model_copy(update={"short": policy.short.model_copy(update={"rungs": rungs})})


def test_where_two_must_acknowledge_the_climb_waits_for_the_second(ledger_at: ContextAt, policy: Policy) -> None:
    rules = _two_must(policy)
    with ledger_at("2025-02-03T09:00", rules=rules) as ctx:
        ledger.activate(ctx, plan_of(measure("02-1"), measure("02-2")), without_supervisors=True)
    ledger.patrol(lambda: ledger_at("2025-03-05T09:00", rules=rules))
    with ledger_at("2025-03-10T10:00", "deputy", rules) as ctx:
        for sheet in (1, 2):
            assert ledger.acknowledge(ctx, sheet).state == "open"
        with pytest.raises(Refusal, match="已签收"):
            ledger.acknowledge(ctx, 1)
        card = matters.form_context(ctx, matters.found_by_tag(ctx, "escalation-1")).card
        assert "须2人签收才暂缓升级，还差1人" in card
    with ledger_at("2025-03-10T11:00", "head", rules) as ctx:
        sheet = ledger.acknowledge(ctx, 1, date(2025, 3, 19), "已约谈")
        assert (sheet.state, sheet.acknowledged_by) == ("acknowledged", "deputy、head")
        assert sheet.acknowledged_until == at("2025-03-12T08:30"), "until the first of them expires"
    for moment in ("2025-03-11T09:00", "2025-03-12T09:00"):
        ledger.patrol(lambda: ledger_at(moment, rules=rules))  # noqa: B023
    with ledger_at("2025-03-12T09:00", rules=rules) as ctx:
        reds = select(Escalation.period_id).where(Escalation.rung == "red").order_by(Escalation.id)
        # The one that was acknowledged by one alone climbed a day earlier.
        assert ctx.session.execute(reds).scalars().all() == [2, 1]
        assert verify(ctx.session).whole


def test_no_more_must_acknowledge_than_are_asked(ledger_at: ContextAt, policy: Policy) -> None:
    rules = _two_must(policy)
    upper = {"deputy": ["deputy"], "head": [], "discipline": [], "office": ["office"]}
    with ledger_at("2025-02-03T09:00", rules=rules) as ctx:
        ledger.activate(ctx, plan_of(measure("02-1"), audiences=upper), without_supervisors=True)
    ledger.patrol(lambda: ledger_at("2025-03-05T09:00", rules=rules))
    with ledger_at("2025-03-06T10:00", "deputy", rules) as ctx:
        assert ledger.acknowledge(ctx, 1).state == "acknowledged"


@pytest.mark.parametrize("why", ["only-informed", "one-person"])
def test_whoever_is_asked_alone_need_not_wait_for_somebody_who_cannot_answer(
    ledger_at: ContextAt, policy: Policy, why: str
) -> None:
    second = Audience.DISCIPLINE if why == "only-informed" else Audience.HEAD
    rules = _two_must(policy, (Audience.DEPUTY, second))
    with ledger_at("2025-02-03T09:00", rules=rules) as ctx:
        ledger.activate(ctx, plan_of(measure("02-1")), without_supervisors=True)
    if why == "one-person":
        with ledger_at("2025-02-04T09:00", rules=rules) as ctx:
            hand_over_post(ctx, "head", "deputy")
    ledger.patrol(lambda: ledger_at("2025-03-05T09:00", rules=rules))
    with ledger_at("2025-03-06T10:00", "deputy", rules) as ctx:
        assert ledger.acknowledge(ctx, 1).state == "acknowledged"
        assert "还差" not in matters.form_context(ctx, matters.found_by_tag(ctx, "escalation-1")).card
