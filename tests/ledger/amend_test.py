"""The plan changes while it is supervised: the difference is shown, then carried out whole; what is closed stays."""

from collections import Counter
from datetime import date
from typing import Any, ClassVar

import pytest
from sqlalchemy import select, update

from config.settings import HERE
from db import ledger
from db.ledger import Report, message_queue
from db.ledger.replay import verify
from db.models import (
    AuditEntry,
    Duty,
    Escalation,
    Extension,
    Finding,
    Inspection,
    Measure,
    Period,
    Person,
    QueuedMessage,
)
from plan.digest import plan_digest
from plan.loader import load_plan
from plan.model import Plan
from plan.types import Fate, WorkState
from tests.conftest import ContextAt
from tests.messages import failed, items_of
from tests.plans import ROLES, duty, measure, plan_of
from text.refusals import Refusal

MONTHLY = duty(title="月报")
FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-05-30")
REPORT = Report(body="已完成", percent=100, finished=True)


def _roles(**changes: dict[str, Any]) -> dict[str, Any]:
    return {name: {"name": name} for name in ROLES} | changes


def _amend(ledger_at: ContextAt, moment: str, plan: Plan, **kwargs: Any) -> ledger.Amendment:
    with ledger_at(moment, "整改办") as ctx:
        return ledger.amend(ctx, plan, **({"base_digest": None, "apply": True} | kwargs))


def _refused(ledger_at: ContextAt, moment: str, plan: Plan, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as refused:
        _amend(ledger_at, moment, plan, **kwargs)
    return refused.value.code


def _ambiguous(ctx: ledger.LedgerContext) -> str:
    with pytest.raises(Refusal) as refused:
        ledger.meant_period(ctx.session, "01-1", "report")
    return str(refused.value)


def _periods(ctx: ledger.LedgerContext) -> list[tuple[str, str, str, str]]:
    """Duty, label, due date and state of every period."""
    found = ctx.session.execute(select(Period).order_by(Period.id)).scalars()
    return [(p.duty.key, p.label, str(p.due_on), p.state) for p in found]


def _report(ledger_at: ContextAt, moment: str, key: str, code: str = "01-1", *, accept: bool = True) -> None:
    with ledger_at(moment, "经办人") as ctx:
        period = ledger.meant_period(ctx.session, code, key)
        ledger.submit(ctx, period.id, REPORT)
    if accept:
        with ledger_at(moment, "审核人") as ctx:
            ledger.review(ctx, period.id, accept=True)


def test_an_office_moves_a_deadline_adds_a_measure_and_drops_one(activated, ledger_at: ContextAt, patrol_at) -> None:
    before = plan_of(measure(duties=[FINISH]), measure("01-2", title="印发制度", duties=[MONTHLY]))
    activated("2025-03-03T09:00", before)
    patrol_at("2025-03-10T09:00")
    after = plan_of(measure(duties=[FINISH | {"due_on": "2025-06-30"}]), measure("01-3", title="年度考核"))
    shown = _amend(ledger_at, "2025-03-10T10:00", after, apply=False)
    assert [(one.kind, one.where, one.field) for one in shown.changes] == [
        ("changed", "01-1 finish", "due_on"),
        ("added", "01-3", ""),
        ("added", "01-3 report", ""),
        ("removed", "01-2", ""),
        ("removed", "01-2 report", ""),
    ]
    (moved,) = shown.moved
    assert moved.period == "01-1 完工 · 2025年5月30日前 → 2025年6月30日前"
    assert (moved.due_before, moved.due_after) == (date(2025, 5, 30), date(2025, 6, 30))
    # Thirty days without a word, whatever the limit; the warnings follow it.
    assert (moved.next_before, moved.next_after) == (_opening("2025-04-02"), _opening("2025-04-02"))
    assert (shown.opened, shown.withdrawn) == (("01-3 每月报送 · 2025年3月",), ("01-2 月报 · 2025年3月",))
    with ledger_at("2025-03-10T10:00") as ctx:
        assert ledger.plan_in_force(ctx.session) == before  # showing wrote nothing
        assert [due_on for _, _, due_on, _ in _periods(ctx)] == ["2025-03-31", "2025-05-30"]
    done = _amend(ledger_at, "2025-03-10T10:00", after)
    assert (done.changes, done.moved, done.opened, done.withdrawn) == (
        shown.changes,
        shown.moved,
        shown.opened,
        shown.withdrawn,
    )
    with ledger_at("2025-03-10T10:05") as ctx:
        assert _periods(ctx) == [
            ("report", "2025年3月", "2025-03-31", "withdrawn"),
            ("finish", "2025年6月30日前", "2025-06-30", "waiting"),
            ("report", "2025年3月", "2025-03-31", "waiting"),
        ]
        assert ledger.plan_in_force(ctx.session) == after
        assert [line["code"] for line in ledger.ledger_view(ctx)["measures"]] == ["01-1", "01-3"]
        assert verify(ctx.session).broken_at is None
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "amend")).scalar_one()
        assert (entry.actor, entry.facts["digest"]) == ("整改办", plan_digest(after))
        assert ["changed", "duty", "01-1 finish", "due_on", "2025-05-30", "2025-06-30"] in entry.facts["changes"]


def test_a_problem_is_given_a_goal_and_the_trail_knows(activated, ledger_at: ContextAt) -> None:
    before = plan_of(measure())
    activated("2025-03-03T09:00", before)
    finding = before.findings[0].model_copy(update={"goal": "断面水质达到Ⅲ类"})
    done = _amend(ledger_at, "2025-03-10T10:00", before.model_copy(update={"findings": [finding]}))
    assert [(one.kind, one.where, one.field, one.after) for one in done.changes] == [
        ("changed", "01", "goal", "断面水质达到Ⅲ类")
    ]
    assert (done.moved, done.opened, done.withdrawn) == ((), (), ())
    with ledger_at("2025-03-10T10:05") as ctx:
        assert ledger.ledger_view(ctx)["findings"][0]["goal"] == "断面水质达到Ⅲ类"
        assert ledger.measure_view(ctx, "01-1")["goal"] == "断面水质达到Ⅲ类"
        assert verify(ctx.session).whole
        ctx.session.execute(update(Finding).values(goal="基本达标"))
        assert [(one.table, one.column) for one in verify(ctx.session).differences] == [("findings", "goal")]
        ctx.session.rollback()


def test_the_same_plan_again_changes_nothing(activated, ledger_at: ContextAt) -> None:
    plan = activated()
    with ledger_at("2025-02-01T09:00") as ctx:
        head = verify(ctx.session).head
    assert _amend(ledger_at, "2025-02-01T09:00", plan, base_digest="an older one").changes == ()
    with ledger_at("2025-02-01T09:00") as ctx:
        assert verify(ctx.session).head == head


def test_what_fired_for_the_old_limit_is_history_and_the_new_one_has_its_ladder_before_it(
    activated, ledger_at: ContextAt, patrol_at
) -> None:
    activated("2025-05-06T09:00", plan_of(measure(duties=[FINISH | {"opens_on": "2025-05-06"}])))
    patrol_at("2025-05-28T09:00")  # the reminder three working days before has fired
    moved = FINISH | {"opens_on": "2025-05-06", "due_on": "2025-06-10"}
    _amend(ledger_at, "2025-05-28T10:00", plan_of(measure(duties=[moved])))
    with ledger_at("2025-05-28T10:05") as ctx:
        period = ctx.session.get_one(Period, 1)
        assert set(period.fired) == {"open", "remind@2025-05-30"}
        assert period.next_step_at == ctx.work_time.at_opening(date(2025, 6, 5))
    assert patrol_at("2025-06-04T09:00").rungs == 0
    assert patrol_at("2025-06-05T09:00").rungs == 1
    assert patrol_at("2025-06-10T09:00").rungs == 1


def test_a_limit_that_was_extended_is_a_decision_and_stays(activated, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00")
    with ledger_at("2025-03-10T09:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 4, 20), "等待批复")
    with ledger_at("2025-03-11T09:00", "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
    done = _amend(ledger_at, "2025-03-12T09:00", plan_of(measure(duties=[duty(due="day 25")])))
    assert done.moved == ()
    with ledger_at("2025-04-02T09:00") as ctx:
        duty_id = ctx.session.execute(select(Duty.id)).scalar_one()
        ledger.open_duty(ctx, duty_id)
        assert [due_on for _, _, due_on, _ in _periods(ctx)] == ["2025-04-20", "2025-04-25"]


def test_a_longer_limit_overtaken_by_the_plan_is_not_granted_any_more(activated, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    with ledger_at("2025-03-10T09:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 6, 10), "等待批复")
    _amend(ledger_at, "2025-03-12T09:00", plan_of(measure(duties=[FINISH | {"due_on": "2025-06-30"}])))
    with ledger_at("2025-03-13T09:00", "分管领导") as ctx:
        assert ctx.session.execute(select(Extension.granted)).scalar_one() is False
        with pytest.raises(Refusal):
            ledger.decide_extension(ctx, 1, grant=True)


def test_what_is_dropped_is_withdrawn_and_nobody_hears_of_it_again(activated, ledger_at: ContextAt, patrol_at) -> None:
    activated("2025-03-03T09:00", plan_of(measure(), measure("01-2", duties=[duty(title="周报", cadence="weekly")])))
    patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:05") as ctx:
        assert "open" in ctx.session.execute(select(Escalation.state)).scalars().all()
    done = _amend(ledger_at, "2025-03-20T10:00", plan_of(measure()))
    assert len(done.withdrawn) == 3
    with ledger_at("2025-03-20T10:05") as ctx:
        assert set(ctx.session.execute(select(Escalation.state)).scalars()) <= {"closed", "superseded"}
        told = [entry for letter in message_queue.lease(ctx, 20) for entry in items_of(ctx, letter.id)]
        assert {entry.measure for entry in told if entry.kind != "change"} == {"01-1"}
        assert Counter((entry.measure, entry.note) for entry in told if entry.kind == "change") == {
            ("01-2", "整改方案调整，本期不再要求"): 3,
            # To each who got them: the deputy and, of the red one, the head and the discipline group.
            ("01-2", "督办〔2025〕1号、督办〔2025〕2号不再办理：01-2 周报 · 2025年第10周不再要求"): 3,
        }
        view = ledger.measure_view(ctx, "01-2")
        assert {one["state"] for one in view["periods"]} == {"withdrawn"}
        assert (view["retired_at"], view["duties"]) == ("2025-03-20T10:00:00+08:00", [])
    totals = patrol_at("2025-04-30T09:00")
    with ledger_at("2025-04-30T09:05") as ctx:
        assert {p.duty.measure.code for p in ledger.open_periods(ctx.session)} == {"01-1"}
        assert (ledger.health(ctx)["unarmed"], totals.parked) == (0, 0)


def test_history_of_a_dropped_measure_stays_and_it_may_come_back(activated, ledger_at: ContextAt) -> None:
    both, one = plan_of(measure(), measure("01-2")), plan_of(measure())
    activated("2025-03-03T09:00", both)
    _report(ledger_at, "2025-03-10T09:00", "report", "01-2")
    _amend(ledger_at, "2025-03-12T09:00", one)
    _amend(ledger_at, "2025-03-14T09:00", both)
    with ledger_at("2025-03-14T09:05") as ctx:
        periods = ledger.measure_view(ctx, "01-2")["periods"]
        assert [(p["label"], p["state"]) for p in periods] == [("2025年3月", "closed"), ("2025年3月", "waiting")]
        assert ctx.session.execute(select(Measure.retired_at)).scalars().all() == [None, None]


class TestAnotherRhythm:
    """The running period takes the new rhythm; what is overdue or reported stays; no day is left out or owed twice."""

    def test_the_running_period_becomes_that_of_the_new_rhythm(
        self, activated, ledger_at: ContextAt, patrol_at
    ) -> None:
        activated("2025-02-03T09:00", plan_of(measure(duties=[MONTHLY])))
        patrol_at("2025-02-27T09:00")
        done = _amend(ledger_at, "2025-02-27T10:00", plan_of(measure(duties=[MONTHLY | {"cadence": "quarterly"}])))
        assert [one.period for one in done.moved] == ["01-1 月报 · 2025年2月 → 2025年第1季度"]
        assert (done.opened, done.withdrawn) == ((), ())
        patrol_at("2025-04-02T09:00")
        with ledger_at("2025-04-02T09:00") as ctx:
            assert [label for _, label, _, _ in _periods(ctx)] == ["2025年第1季度", "2025年第2季度"]
            fired = ctx.session.get_one(Period, 1).fired
            assert fired == ["open", "remind@2025-02-28", "remind", "due", "yellow"]

    def test_what_is_overdue_stays_due(self, activated, ledger_at: ContextAt, patrol_at) -> None:
        anchored = MONTHLY | {"cadence": "bimonthly", "anchor": "2025-01-01"}
        activated("2025-01-17T09:00", plan_of(measure(duties=[anchored])))
        patrol_at("2025-03-05T09:00")
        _amend(ledger_at, "2025-03-05T10:00", plan_of(measure(duties=[anchored | {"cadence": "quarterly"}])))
        with ledger_at("2025-03-05T10:00") as ctx:
            # Both are number 0 of their rhythm.
            assert [(p.label, p.ordinal) for p in ledger.open_periods(ctx.session)] == [
                ("2025年1—2月", 0),
                ("2025年第1季度", 0),
            ]
            both = "2025年1—2月（期限2025-02-28）、2025年第1季度（期限2025-03-31）"
            assert _ambiguous(ctx) == f"措施 01-1 有多期可选，请指明其中一期：{both}"
            assert [one["duty"] for one in ledger.explanation(ctx, "01-1")["duties"]] == ["report", "report"]

    @pytest.mark.parametrize(
        ("cadence", "first"),
        [("half-yearly", "2025年上半年"), ("quarterly", "2025年第2季度"), ("half-monthly", "2025年3月下半月")],
    )
    def test_what_is_reported_stays_and_the_new_rhythm_begins_beyond_it(
        self, activated, ledger_at: ContextAt, patrol_at, cadence: str, first: str
    ) -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[MONTHLY])))
        _report(ledger_at, "2025-03-05T09:00", "report", accept=False)
        done = _amend(ledger_at, "2025-03-06T09:00", plan_of(measure(duties=[MONTHLY | {"cadence": cadence}])))
        assert done.moved == ()
        patrol_at("2025-04-02T09:00")
        with ledger_at("2025-04-02T09:00") as ctx:
            labels = [(label, state) for _, label, _, state in _periods(ctx)]
        assert labels[:2] == [("2025年3月", "submitted"), (first, "waiting")]

    def test_of_two_running_periods_that_overlap_the_later_one_counts(self, activated, ledger_at, patrol_at) -> None:
        mid = MONTHLY | {"anchor": "2025-01-15"}
        activated("2025-03-18T09:00", plan_of(measure(duties=[mid])))
        later = MONTHLY | {"anchor": "2025-01-01", "opens_on": "2025-04-10"}
        _amend(ledger_at, "2025-03-18T10:00", plan_of(measure(duties=[later])))
        patrol_at("2025-04-01T09:00")
        with ledger_at("2025-04-01T09:00") as ctx:
            assert [label for _, label, _, _ in _periods(ctx)] == ["2025年3月15日—4月14日", "2025年4月"]
        _amend(ledger_at, "2025-04-01T10:00", plan_of(measure(duties=[MONTHLY | {"cadence": "quarterly"}])))
        with ledger_at("2025-04-01T10:05") as ctx:
            states = [(label, state) for _, label, _, state in _periods(ctx)]
            assert states == [("2025年3月15日—4月14日", "withdrawn"), ("2025年第2季度", "waiting")]

    def test_a_date_becomes_a_rhythm(self, activated, ledger_at: ContextAt) -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
        monthly = {name: value for name, value in FINISH.items() if name != "due_on"} | {"cadence": "monthly"}
        _amend(ledger_at, "2025-03-10T09:00", plan_of(measure(duties=[monthly])))
        with ledger_at("2025-03-10T09:05") as ctx:
            assert _periods(ctx) == [("finish", "2025年3月", "2025-03-31", "waiting")]


def test_a_duty_that_ends_sooner_owes_no_period_after_its_end(activated, ledger_at: ContextAt, patrol_at) -> None:
    activated("2025-03-03T09:00")
    done = _amend(ledger_at, "2025-03-10T09:00", plan_of(measure(duties=[duty(ends_on="2025-02-28")])))
    assert done.withdrawn == ("01-1 每月报送 · 2025年3月",)
    patrol_at("2025-06-10T09:00")
    with ledger_at("2025-06-10T09:00") as ctx:
        assert ledger.open_periods(ctx.session) == []


def test_a_start_set_too_late_by_mistake_and_set_back_loses_no_period(activated, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00")
    _amend(ledger_at, "2025-03-10T09:00", plan_of(measure(duties=[duty(opens_on="2025-09-01")])))
    done = _amend(ledger_at, "2025-03-11T09:00", plan_of(measure()))
    assert done.opened == ("01-1 每月报送 · 2025年3月",)


def test_a_duty_that_begins_sooner_opens_at_once(activated, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[duty(opens_on="2025-09-01")])))
    done = _amend(ledger_at, "2025-03-10T09:00", plan_of(measure(duties=[duty()])))
    assert done.opened == ("01-1 每月报送 · 2025年3月",)


@pytest.mark.parametrize("change", [{"due_on": "2025-06-30"}, {"cadence": "monthly", "due_on": None}])
def test_dates_of_a_closed_one_off_are_history(activated, ledger_at: ContextAt, change: dict[str, Any]) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    _report(ledger_at, "2025-03-10T09:00", "finish")
    with ledger_at("2025-03-11T09:00") as ctx:
        head = verify(ctx.session).head
    assert _refused(ledger_at, "2025-03-12T09:00", plan_of(measure(duties=[FINISH | change]))) == "history_closed"
    with ledger_at("2025-03-12T09:05") as ctx:
        assert verify(ctx.session).head == head  # a refused amendment changes nothing
    renamed = plan_of(measure(duties=[FINISH | {"title": "工程完工"}]))
    assert [one.field for one in _amend(ledger_at, "2025-03-12T09:00", renamed).changes] == ["title"]


def test_a_workbook_of_an_older_state_is_refused(activated, ledger_at: ContextAt) -> None:
    exported = activated("2025-03-03T09:00")
    _amend(ledger_at, "2025-03-04T09:00", plan_of(measure(title="改过的标题")), base_digest=plan_digest(exported))
    other = plan_of(measure(title="另一个标题"))
    assert _refused(ledger_at, "2025-03-05T09:00", other, base_digest=plan_digest(exported)) == "plan_stale"


def test_another_round_an_empty_ledger_and_a_time_before_the_start_are_refused(activated, ledger_at: ContextAt) -> None:
    assert _refused(ledger_at, "2025-03-03T09:00", plan_of(measure())) == "ledger_empty"
    plan = activated("2025-03-03T09:00")
    other_round = plan.model_copy(update={"inspection": plan.inspection.model_copy(update={"key": "other"})})
    assert _refused(ledger_at, "2025-03-04T09:00", other_round) == "inspection_unknown"
    assert _refused(ledger_at, "2025-03-02T09:00", plan_of(measure(title="新标题"))) == "clock_backwards"


def test_a_ledger_without_its_plan_gets_it_from_the_very_same_plan(activated, ledger_at: ContextAt) -> None:
    plan = activated("2025-03-03T09:00")
    with ledger_at("2025-03-04T09:00") as ctx:
        ctx.session.execute(select(Inspection)).scalar_one().plan = None
    assert _refused(ledger_at, "2025-03-04T09:00", plan_of(measure(title="新标题"))) == "plan_unrecorded"
    with ledger_at("2025-03-04T09:00") as ctx:
        assert ledger.activate(ctx, plan).measures == 0
        assert ledger.plan_in_force(ctx.session) == plan
    with ledger_at("2025-03-04T09:00") as ctx:
        head = verify(ctx.session).head
        ledger.activate(ctx, plan)
        assert verify(ctx.session).head == head


def test_the_plan_of_ezhou_is_kept_as_it_was_loaded(activated, ledger_at: ContextAt) -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    activated("2025-01-17T09:00", plan)
    with ledger_at("2025-01-17T09:05") as ctx:
        kept = ledger.plan_in_force(ctx.session)
    assert kept == plan
    assert plan_digest(kept) == plan_digest(plan)


class TestPeopleAndWork:
    """Who receives what, and where the work stands."""

    def test_a_new_address_is_tried_from_its_beginning(self, activated, ledger_at: ContextAt, patrol_at) -> None:
        two = {"name": "handler", "channels": {"mail": "a@b.cn", "sms": "139"}}
        activated("2025-03-03T09:00", plan_of(measure(), roles=_roles(handler=two)))
        patrol_at("2025-03-03T09:05")
        with ledger_at("2025-03-03T09:06") as ctx:
            (letter,) = message_queue.lease(ctx, 5)
            assert failed(ctx, letter, Fate.REFUSED) == "fallback"
        one = {"name": "handler", "channels": {"wecom": "zhang"}}
        _amend(ledger_at, "2025-03-03T09:10", plan_of(measure(), roles=_roles(handler=one)))
        with ledger_at("2025-03-03T09:30") as ctx:
            letter = next(one for one in message_queue.lease(ctx, 5) if one.key.startswith("digest"))
            assert (letter.channel, letter.address) == ("wecom", "zhang")

    def test_who_no_longer_stands_on_a_ladder_receives_nothing_new(self, activated, ledger_at, patrol_at) -> None:
        activated("2025-03-03T09:00")
        roles = {name: {"name": name} for name in ROLES if name != "handler"} | {"clerk": {"name": "新经办"}}
        units = {"water": {"name": "水务科", "handler": ["clerk"], "leader": ["leader"]}}
        _amend(ledger_at, "2025-03-03T09:10", plan_of(measure(), roles=roles, units=units))
        patrol_at("2025-03-03T10:00")
        with ledger_at("2025-03-03T10:00") as ctx:
            told = ctx.session.execute(select(Person.name).join(QueuedMessage, QueuedMessage.person_id == Person.id))
            assert told.scalars().all() == ["新经办"]
            assert ledger.measure_by_code(ctx.session, "01-1").lead_unit == "水务科"

    def test_the_state_in_the_sheet_counts_only_where_a_person_changed_it(
        self, activated, ledger_at: ContextAt
    ) -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
        _report(ledger_at, "2025-03-10T09:00", "finish")  # the ledger goes on to accepted
        _amend(ledger_at, "2025-03-11T09:00", plan_of(measure(duties=[FINISH], title="新标题")))
        with ledger_at("2025-03-11T09:05") as ctx:
            assert ledger.measure_by_code(ctx.session, "01-1").work_state == WorkState.ACCEPTED
        _amend(ledger_at, "2025-03-12T09:00", plan_of(measure(duties=[FINISH], title="新标题", state="closed")))
        with ledger_at("2025-03-12T09:05") as ctx:
            assert ledger.measure_by_code(ctx.session, "01-1").work_state == WorkState.CLOSED

    def test_a_state_that_may_not_follow_is_refused(self, activated, ledger_at: ContextAt) -> None:
        activated("2025-03-03T09:00")
        assert _refused(ledger_at, "2025-03-04T09:00", plan_of(measure(state="closed"))) == "transition"

    def test_more_days_of_warning_bring_the_warning_forward(self, activated, ledger_at: ContextAt, patrol_at) -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
        patrol_at("2025-03-03T09:05")
        done = _amend(ledger_at, "2025-03-04T09:00", plan_of(measure(duties=[FINISH], warn_days=60)))
        (moved,) = done.moved
        assert (moved.due_before, moved.next_after) == (moved.due_after, _opening("2025-03-31"))


def _opening(day: str) -> Any:
    from tests.conftest import at

    return at(f"{day}T08:30")


class TestAMeasureWithoutADate:
    """No date yet is a state: the measure stands in the ledger with its question, and gets its date by amendment."""

    QUESTION: ClassVar[dict[str, Any]] = {"phrase": "定期", "ask": "多久一次？", "suggest": "每季度"}

    def test_it_is_shown_and_owes_nothing(self, activated, ledger_at: ContextAt, patrol_at) -> None:
        activated("2025-03-03T09:00", plan_of(measure(), measure("01-2", duties=[], questions=[self.QUESTION])))
        patrol_at("2025-06-10T09:00")
        with ledger_at("2025-06-10T09:05") as ctx:
            line = ledger.ledger_view(ctx)["measures"][1]
            assert (line["code"], line["time_state"], line["lamp"], line["duties"]) == (
                "01-2",
                "not_applicable",
                "none",
                [],
            )
            assert ledger.measure_view(ctx, "01-2")["questions"] == [self.QUESTION]
            assert ledger.explanation(ctx, "01-2")["duties"] == []
            assert ledger.health(ctx)["unarmed"] == 0

    def test_the_answer_gives_it_a_duty_and_takes_the_question_away(self, activated, ledger_at: ContextAt) -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[], questions=[self.QUESTION])))
        done = _amend(ledger_at, "2025-03-10T09:00", plan_of(measure(duties=[duty(cadence="quarterly")])))
        assert done.opened == ("01-1 每月报送 · 2025年第1季度",)
        with ledger_at("2025-03-10T09:05") as ctx:
            assert ledger.measure_view(ctx, "01-1")["questions"] == []
