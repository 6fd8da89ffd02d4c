"""销号: a measure is struck off by its chain: checked, accepted by somebody else, published, signed and filed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import HERE
from db import ledger, matters
from db.desk import delegate
from db.ledger import LedgerContext, Report
from db.ledger.added_people import add_people
from db.ledger.appointments import hand_over_post
from db.ledger.closure_view import lookback_view
from db.ledger.evidence import (
    KeepsFiles,
    StoredFile,
    add_evidence,
    evidence_of,
    evidence_of_measure,
    kept_contents,
    remove_evidence,
)
from db.ledger.records import audit_records
from db.ledger.replay import verify
from db.models import Alert, Closure, ClosureStep, Duty, Lookback, Measure, Period, Person, QueuedMessage
from plan.policy import LookbackRules, Policy, load_policy
from plan.types import AlertKind, ClosureStage, ClosureState, LookbackResult, PeriodState, WorkState
from rules.alert_kinds import ALERT_FACTS
from rules.lookback import is_sampled
from rules.message import MessageItem
from tests.conftest import ContextAt, ToldOnce
from tests.messages import items_of
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
CONFIRM = duty("confirm", kind="confirm", title="巩固", cadence="quarterly")
PHOTO = StoredFile("完工照片.jpg", "jpg", 1000, "a" * 64)
At = Callable[..., AbstractContextManager[LedgerContext]]


@pytest.fixture
def rules(policy: Policy) -> Policy:
    """The tests' policy with the closure that is shipped."""
    return policy.model_copy(update={"closure": load_policy(HERE / "policy.yaml").closure})


@pytest.fixture
def office(ledger_at: ContextAt, rules: Policy) -> At:
    return partial(ledger_at, rules=rules)


def _patrol(office: At, moment: str) -> None:
    ledger.patrol(lambda: office(moment))


@pytest.fixture
def claimed(told_once: ToldOnce, activated: Activate, office: At) -> At:
    """The finish was reported with a photo on Wednesday 2025-03-12 and accepted by the office an hour later."""

    def story() -> None:
        activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH, duty(), CONFIRM])))
        with office("2025-03-12T09:00", "handler") as ctx:
            finish = ledger.meant_period(ctx.session, "01-1", "finish")
            add_evidence(ctx, finish.id, PHOTO)
            ledger.submit(ctx, finish.id, Report(body="已完工", percent=100, finished=True))
        with office("2025-03-12T10:00", "office") as ctx:
            ledger.review(ctx, finish.id, accept=True)

    told_once(story)
    return office


def _stands(ctx: LedgerContext) -> tuple[str, str, tuple[str, ...], str]:
    """The stage of the closure, its limit, who is asked, and where the measure stands."""
    one = ctx.session.execute(select(Closure).order_by(Closure.id.desc()).limit(1)).scalar_one()
    found = matters.matter(ctx, "closure", one.id)
    for name in found.asked:
        assert found.tag in [each.tag for each in matters.asked_of(ctx, name)]
    state = ctx.session.execute(select(Measure.work_state)).scalar_one()
    return found.waiting_name or str(found.outcome), str(found.due_on), found.asked, state


def _do(office: At, moment: str, actor: str, command: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with office(moment, actor) as ctx:
        return command(ctx, 1, *given, **named)


def _refused(office: At, moment: str, actor: str, command: Callable[..., Any], *given: Any) -> str:
    with pytest.raises(Refusal) as refused, office(moment, actor) as ctx:
        command(ctx, 1, *given)
    return refused.value.code


def _told(office: At, moment: str, name: str) -> list[tuple[str, str, str]]:
    """What the messages that wait for somebody say still."""
    with office(moment) as ctx:
        waiting = select(QueuedMessage.id).join(Person).where(Person.name == name, QueuedMessage.sent_at.is_(None))
        items: list[MessageItem] = [one for id_ in ctx.session.execute(waiting).scalars() for one in items_of(ctx, id_)]
    said = [one for one in items if one.duty in ("销号", "回头看") and ALERT_FACTS[one.kind].matters(one)]
    return [(one.label, str(one.due_on), one.level) for one in said]


def _until_publicity(office: At) -> None:
    _do(office, "2025-03-13T09:00", "handler", ledger.self_check, "对照目标逐项自查，均已完成")
    _do(office, "2025-03-14T09:00", "office", ledger.accept_work, "现场核实，与填报一致", date(2025, 3, 14))


def _until_signed(office: At) -> None:
    _until_publicity(office)
    _do(office, "2025-03-17T09:00", "office", ledger.publish, date(2025, 3, 17), "区政府网站")
    _do(office, "2025-03-24T09:00", "office", ledger.end_publicity, "无异议")
    _do(office, "2025-03-25T09:00", "deputy", ledger.sign_off, "同意")
    _do(office, "2025-03-25T10:00", "head", ledger.sign_off, "同意")


def test_a_claim_that_was_accepted_begins_the_chain_and_filing_ends_it(claimed: At) -> None:
    with claimed("2025-03-12T11:00") as ctx:
        assert _stands(ctx) == ("待自查", "2025-03-19", ("handler",), "done_claimed")
    _do(claimed, "2025-03-13T09:00", "handler", ledger.self_check, "对照目标逐项自查，均已完成")
    with claimed("2025-03-13T10:00") as ctx:
        assert _stands(ctx) == ("待验收", "2025-03-27", ("office",), "done_claimed")
    _do(claimed, "2025-03-14T09:00", "office", ledger.accept_work, "现场核实", date(2025, 3, 14))
    with claimed("2025-03-14T10:00") as ctx:
        assert _stands(ctx) == ("待公示", "2025-03-19", ("office",), "accepted")
    _do(claimed, "2025-03-17T09:00", "office", ledger.publish, date(2025, 3, 17), "区政府网站", date(2025, 3, 24))
    with claimed("2025-03-17T10:00") as ctx:
        assert _stands(ctx) == ("公示中", "2025-03-27", ("office",), "accepted")
        assert str(ctx.session.execute(select(Closure.window_ends_on)).scalar_one()) == "2025-03-23"
    # The printed day is kept, too: what was promised to the public holds.
    assert _refused(claimed, "2025-03-24T09:00", "office", ledger.end_publicity) == "publicity_not_over"
    _do(claimed, "2025-03-25T09:00", "office", ledger.end_publicity)
    _do(claimed, "2025-03-25T10:00", "deputy", ledger.sign_off, "同意")
    with claimed("2025-03-25T11:00") as ctx:
        assert _stands(ctx) == ("待签字", "2025-04-01", ("head",), "accepted")
    _do(claimed, "2025-03-26T10:00", "head", ledger.sign_off, "同意")
    struck = _do(claimed, "2025-03-27T10:00", "office", ledger.file_closure, "销〔2025〕1号")
    assert struck.work_state == WorkState.CLOSED
    with claimed("2025-03-27T11:00") as ctx:
        assert _stands(ctx) == ("已备案销号", "2025-04-02", (), "closed")
        open_now = [ledger.name_of(one) for one in ledger.open_periods(ctx.session)]
        assert open_now == ["01-1 巩固 · 2025年第1季度"]
        signed = ctx.session.execute(select(ClosureStep).where(ClosureStep.act == "signed")).scalars().all()
        assert [one.by for one in signed] == ["deputy", "head"]
        assert [one.facts["files"] for one in signed] == [["a" * 64]] * 2
        assert signed[0].facts["digest"] == signed[1].facts["digest"]
        assert verify(ctx.session).whole


def test_each_stage_asks_once_reminds_and_climbs_while_it_is_late_and_says_nothing_of_what_is_over(claimed: At) -> None:
    assert _told(claimed, "2025-03-12T11:00", "handler") == [("待自查", "2025-03-19", "none")]
    for day in ("2025-03-13", "2025-03-17"):
        _patrol(claimed, f"{day}T08:31")
    assert len(_told(claimed, "2025-03-17T09:00", "handler")) == 1
    for day in ("18", "19", "20", "24", "28"):
        _patrol(claimed, f"2025-03-{day}T08:31")
    assert [level for *_, level in _told(claimed, "2025-03-28T09:00", "handler")][-1] == "red"
    assert {one for one, *_ in _told(claimed, "2025-03-28T09:00", "head")} == {"待自查"}
    assert {one for one, *_ in _told(claimed, "2025-03-28T09:00", "leader")} == {"待自查"}
    _do(claimed, "2025-03-28T10:00", "handler", ledger.self_check, "已自查")
    for name in ("handler", "leader", "deputy", "head"):
        assert _told(claimed, "2025-03-28T11:00", name) == [], name
    assert [one for one, *_ in _told(claimed, "2025-03-28T11:00", "office")] == ["待验收"]


def test_whoever_did_the_work_neither_accepts_it_nor_answers_for_it_alone(claimed: At) -> None:
    assert _refused(claimed, "2025-03-13T09:00", "office", ledger.accept_work, "核实") == "closure_elsewhere"
    _do(claimed, "2025-03-13T09:00", "handler", ledger.self_check, "已自查")
    for doer in ("handler", "leader"):
        assert _refused(claimed, "2025-03-14T09:00", doer, ledger.accept_work, "核实") == "actor_is_unit"
    # Whoever reported, by whatever right, had a part in it.
    with claimed("2025-03-14T09:30", "经办人") as ctx:
        ledger.submit(ctx, ledger.meant_period(ctx.session, "01-1", "report").id, Report(body="三月", percent=100))
    assert _refused(claimed, "2025-03-14T10:00", "经办人", ledger.accept_work, "核实") == "acceptor_is_doer"
    assert _refused(claimed, "2025-03-14T10:00", "office", ledger.accept_work, "") == "text_empty"
    assert (
        _refused(claimed, "2025-03-14T10:00", "office", ledger.accept_work, "核实", date(2025, 3, 15))
        == "day_in_future"
    )
    with claimed("2025-03-14T11:00") as ctx:
        assert _stands(ctx)[0] == "待验收"


def test_nothing_is_accepted_without_a_file(activated: Activate, office: At) -> None:
    activated("2025-03-03T09:00", plan_of(measure()))
    with office("2025-03-12T09:00", "office") as ctx:
        assert ledger.close(ctx, "01-1", "调度已到期").work_state == WorkState.IN_PROGRESS
    assert (
        _refused(office, "2025-03-12T09:00", "office", lambda ctx, _: ledger.close(ctx, "01-1", "再提"))
        == "closure_open"
    )
    _do(office, "2025-03-13T09:00", "handler", ledger.self_check, "已自查")
    assert _refused(office, "2025-03-14T09:00", "office", ledger.accept_work, "核实") == "closure_evidence_missing"
    with office("2025-03-14T10:00", "office") as ctx:
        period = ctx.session.execute(select(Closure.period_id)).scalar_one()
        add_evidence(ctx, period, StoredFile("现场.jpg", "jpg", 9, "b" * 64), KeepsFiles(closure_id=1))
    _do(office, "2025-03-14T11:00", "office", ledger.accept_work, "核实")
    with office("2025-03-14T11:00", "handler") as ctx:
        # It is no file of the unit's report.
        report = ledger.submit(ctx, period, Report(body="三月", percent=50))
        assert report.evidence == []


def test_publicity_is_not_cut_short_and_a_holiday_makes_it_longer(claimed: At) -> None:
    with claimed("2025-03-12T10:30") as ctx:
        one = ctx.session.get_one(Closure, 1)
        one.chain = one.chain | {"window": {"count": 10, "unit": "wd"}}
    _do(claimed, "2025-03-13T09:00", "handler", ledger.self_check, "已自查")
    _do(claimed, "2025-03-27T09:00", "office", ledger.accept_work, "核实")
    early = (date(2025, 3, 28), "网站", date(2025, 4, 10))
    # Ten working days from the 28th on, Tomb-Sweeping Day (4 April) being none of them.
    assert _refused(claimed, "2025-03-28T09:00", "office", ledger.publish, *early) == "publicity_too_short"
    assert _refused(claimed, "2025-03-28T09:00", "office", ledger.publish, date(2025, 3, 29), "网站") == "day_in_future"
    before = _refused(claimed, "2025-03-28T09:00", "office", ledger.publish, date(2025, 3, 26), "网站")
    assert before == "publicity_before_acceptance"
    _do(claimed, "2025-03-28T09:00", "office", ledger.publish, date(2025, 3, 28), "网站", date(2025, 4, 11))
    assert _refused(claimed, "2025-04-11T09:00", "office", ledger.end_publicity) == "publicity_not_over"
    _do(claimed, "2025-04-14T09:00", "office", ledger.end_publicity)


def test_an_objection_is_answered_before_anything_goes_on_and_may_send_it_back(claimed: At) -> None:
    _until_publicity(claimed)
    assert _refused(claimed, "2025-03-14T10:00", "office", ledger.object_to, "居民", "没修") == "objection_too_early"
    _do(claimed, "2025-03-17T09:00", "office", ledger.publish, date(2025, 3, 17), "网站")
    _do(claimed, "2025-03-18T09:00", "office", ledger.object_to, "居民甲", "东侧未修")
    _do(claimed, "2025-03-18T10:00", "office", ledger.object_to, "居民乙", "路灯未装")
    with claimed("2025-03-18T11:00") as ctx:
        assert _stands(ctx) == ("待答复异议", "2025-04-01", ("office",), "accepted")
    assert _refused(claimed, "2025-03-25T09:00", "office", ledger.end_publicity) == "closure_elsewhere"
    _do(claimed, "2025-03-19T09:00", "office", ledger.answer_objection, "东侧不在范围")
    _do(claimed, "2025-03-20T09:00", "office", ledger.answer_objection, "确未装", "self-check")
    with claimed("2025-03-20T10:00") as ctx:
        assert _stands(ctx) == ("待自查", "2025-03-27", ("handler",), "done_claimed")
        assert ctx.session.get_one(Closure, 1).announced_on is None
        assert verify(ctx.session).whole


def test_what_is_sent_back_to_work_asks_anew_and_keeps_its_history(claimed: At) -> None:
    _until_signed(claimed)
    assert _refused(claimed, "2025-03-26T09:00", "office", ledger.send_back, "filing", "不对") == "closure_not_back"
    assert _refused(claimed, "2025-03-26T09:00", "office", ledger.send_back, "work", " ") == "reason_empty"
    closure = _do(claimed, "2025-03-26T09:00", "office", ledger.send_back, "work", "台账与现场不符")
    assert closure.state == ClosureState.RETURNED
    with claimed("2025-03-26T10:00") as ctx:
        assert _stands(ctx)[0] == "退回整改"
        finishes = select(Period.state).join(Period.duty).where(Duty.key == "finish").order_by(Period.id)
        assert ctx.session.execute(finishes).scalars().all() == [PeriodState.CLOSED, PeriodState.WAITING]
        assert ctx.session.execute(select(Measure.work_state)).scalar_one() == WorkState.REOPENED
    with claimed("2025-03-27T09:00", "handler") as ctx:
        again = ledger.meant_period(ctx.session, "01-1", "finish")
        ledger.submit(ctx, again.id, Report(body="已按现场整改", percent=100, finished=True))
    with claimed("2025-03-27T10:00", "office") as ctx:
        ledger.review(ctx, again.id, accept=True)
    with claimed("2025-03-27T11:00") as ctx:
        assert len(ctx.session.execute(select(Closure)).all()) == 2
        assert _stands(ctx)[0] == "待自查"
        assert verify(ctx.session).whole


def test_one_signs_once_and_after_a_return_everybody_signs_anew(claimed: At) -> None:
    _until_publicity(claimed)
    _do(claimed, "2025-03-17T09:00", "office", ledger.publish, date(2025, 3, 17), "网站")
    _do(claimed, "2025-03-24T09:00", "office", ledger.end_publicity)
    _do(claimed, "2025-03-24T10:00", "deputy", ledger.sign_off, "同意")
    assert _refused(claimed, "2025-03-24T11:00", "deputy", ledger.sign_off, "再签") == "signed_already"
    assert _refused(claimed, "2025-03-24T11:00", "office", ledger.sign_off, "代签") == "actor_may_not"
    _do(claimed, "2025-03-24T12:00", "head", ledger.send_back, "publicity", "公示载体不对")
    _do(claimed, "2025-03-25T09:00", "office", ledger.publish, date(2025, 3, 25), "报纸")
    _do(claimed, "2025-04-01T09:00", "office", ledger.end_publicity)
    with claimed("2025-04-01T10:00") as ctx:
        assert _stands(ctx)[2] == ("deputy", "head")


def test_after_filing_no_objection_is_taken_and_nothing_is_done_twice(claimed: At) -> None:
    _until_signed(claimed)
    _do(claimed, "2025-03-26T09:00", "office", ledger.file_closure, "1号")
    assert (
        _refused(claimed, "2025-03-27T09:00", "office", ledger.object_to, "居民", "又坏了") == "objection_after_filing"
    )
    assert _refused(claimed, "2025-03-27T09:00", "office", ledger.file_closure, "2号") == "closure_over"
    assert _refused(claimed, "2025-03-27T09:00", "deputy", ledger.sign_off, "同意") == "closure_over"
    assert _refused(claimed, "2025-03-27T09:00", "office", ledger.send_back, "work", "不对") == "closure_over"


def test_a_state_that_is_set_otherwise_withdraws_the_closure(activated: Activate, office: At) -> None:
    activated("2025-03-03T09:00", plan_of(measure()))
    with office("2025-03-12T09:00", "office") as ctx:
        ledger.close(ctx, "01-1", "调度已到期")
    with office("2025-03-13T09:00", "office") as ctx:
        ledger.suspend(ctx, "01-1", reason="待批复", evidence=["函"], until=date(2025, 4, 30))
    with office("2025-03-13T10:00") as ctx:
        one = ctx.session.execute(select(Closure)).scalar_one()
        assert (one.state, one.next_step_at) == (ClosureState.WITHDRAWN, None)
        assert _told(office, "2025-03-13T10:00", "handler")[-1][0] == "已撤回"


def test_an_inspection_without_a_chain_is_struck_off_by_a_decision(
    activated: Activate, office: At, rules: Policy
) -> None:
    plan = plan_of(measure())
    of_government = plan.inspection.model_copy(update={"kind": "government"})
    activated("2025-03-03T09:00", plan.model_copy(update={"inspection": of_government}))
    bare = rules.model_copy(update={"closure": rules.closure.model_copy(update={"chains": {}})})
    with office("2025-03-12T09:00", "office", rules=bare) as ctx:
        assert ledger.close(ctx, "01-1", "到期").work_state == WorkState.CLOSED
        assert ctx.session.execute(select(Closure)).all() == []


def test_the_chain_is_frozen_when_it_begins(claimed: At, rules: Policy) -> None:
    short = rules.closure.model_copy(update={"chains": {}})
    with claimed("2025-03-13T09:00", "handler", rules=rules.model_copy(update={"closure": short})) as ctx:
        assert ledger.self_check(ctx, 1, "已自查").stage == ClosureStage.ACCEPTANCE


def test_whoever_takes_the_post_over_hears_of_the_stage(claimed: At) -> None:
    with claimed("2025-03-13T09:00", "office") as ctx:
        add_people(ctx, ["新承办"])
        hand_over_post(ctx, "handler", "新承办")
    assert _told(claimed, "2025-03-13T10:00", "新承办") == [("待自查", "2025-03-19", "none")]
    assert _told(claimed, "2025-03-13T10:00", "handler") == []
    _do(claimed, "2025-03-13T11:00", "新承办", ledger.self_check, "已自查")


def _filed(office: At, rules: Policy, share: int) -> None:
    """Struck off on 2025-03-27; a share of what was filed is looked at again."""
    _until_signed(office)
    drawn = rules.model_copy(update={"lookback": LookbackRules(months=(3, 6), share=share, seed="2025")})
    with office("2025-03-27T09:00", "office", rules=drawn) as ctx:
        ledger.file_closure(ctx, 1, "1号")


def _looks(ctx: LedgerContext) -> list[tuple[int, str, str]]:
    found = ctx.session.execute(select(Lookback).order_by(Lookback.id)).scalars()
    return [(one.months, str(one.opens_on), one.state) for one in found]


def test_what_was_struck_off_is_looked_at_again_and_what_rebounded_is_asked_anew(claimed: At, rules: Policy) -> None:
    _filed(claimed, rules, 100)
    with claimed("2025-03-27T10:00") as ctx:
        assert _looks(ctx) == [(3, "2025-06-27", "planned"), (6, "2025-09-28", "planned")]  # a worked Sunday
    assert _told(claimed, "2025-06-26T09:00", "office") == []
    _patrol(claimed, "2025-06-27T08:31")
    assert _told(claimed, "2025-06-27T09:00", "office") == [("待回头看", "2025-07-11", "none")]
    refused = _refused(claimed, "2025-06-30T09:00", "handler", ledger.look_back, LookbackResult.HOLDS, "良好")
    assert refused == "actor_is_unit"
    _do(claimed, "2025-06-30T09:00", "office", ledger.look_back, LookbackResult.HOLDS, "良好", date(2025, 6, 30))
    again = _refused(claimed, "2025-07-01T09:00", "office", ledger.look_back, LookbackResult.HOLDS, "x")
    assert again == "lookback_over"
    _patrol(claimed, "2025-09-28T08:31")
    with claimed("2025-09-29T09:00", "office") as ctx:
        second = ledger.waiting_lookback(ctx, "01-1")
        ledger.look_back(ctx, second.id, LookbackResult.REBOUNDED, "又堆了垃圾")
    with claimed("2025-09-29T10:00") as ctx:
        assert ctx.session.execute(select(Measure.work_state)).scalar_one() == WorkState.REOPENED
        assert "01-1 完工 · 2025年10月29日前" in [ledger.name_of(one) for one in ledger.open_periods(ctx.session)]
        assert verify(ctx.session).whole


def test_what_is_to_be_improved_is_looked_at_once_more_and_what_is_reopened_no_more(claimed: At, rules: Policy) -> None:
    _filed(claimed, rules, 100)
    _patrol(claimed, "2025-06-27T08:31")
    _do(claimed, "2025-06-30T09:00", "office", ledger.look_back, LookbackResult.IMPROVE, "标识不全")
    with claimed("2025-07-01T09:00") as ctx:
        assert _looks(ctx)[2:] == [(0, "2025-07-30", "planned")]
    with claimed("2025-07-01T10:00", "office") as ctx:
        ledger.reopen(ctx, "01-1", "群众举报")
    with claimed("2025-07-01T11:00") as ctx:
        assert [state for *_, state in _looks(ctx)] == ["done", "dropped", "dropped"]


def test_the_sample_is_drawn_by_the_seed_and_takes_what_was_sent_back(claimed: At, rules: Policy) -> None:
    _do(claimed, "2025-03-12T12:00", "handler", ledger.self_check, "已自查")
    _do(claimed, "2025-03-12T13:00", "office", ledger.send_back, "self-check", "不清")
    _filed(claimed, rules, 0)
    with claimed("2025-03-27T10:00") as ctx:
        assert [months for months, *_ in _looks(ctx)] == [3, 6]
    drawn = LookbackRules(months=(3,), share=30, seed="2025")
    codes = [f"{finding:02}-{number}" for finding in range(1, 24) for number in range(1, 40)]
    sample = [code for code in codes if is_sampled(code, 3, drawn)]
    assert sample == [code for code in codes if is_sampled(code, 3, drawn)]
    assert 0.25 < len(sample) / len(codes) < 0.35
    assert sample != [code for code in codes if is_sampled(code, 3, LookbackRules(months=(3,), share=30, seed="2026"))]


def test_confirmations_that_were_missed_do_not_pile_up(activated: Activate, office: At) -> None:
    activated("2025-01-06T09:00", plan_of(measure(duties=[CONFIRM])))
    _patrol(office, "2025-07-10T09:00")
    with office("2025-07-11T09:00", "handler") as ctx:
        first = ledger.open_periods(ctx.session)[0]
        ledger.submit(ctx, first.id, Report(body="持续保持", percent=100))
    with office("2025-07-11T10:00", "office") as ctx:
        ledger.review(ctx, first.id, accept=True)
        states = ctx.session.execute(select(Period.label, Period.state).order_by(Period.id)).tuples().all()
        assert dict(states) == {
            "2025年第1季度": PeriodState.CLOSED,
            "2025年第2季度": PeriodState.MERGED,
            "2025年第3季度": PeriodState.WAITING,
        }
        assert verify(ctx.session).whole


def test_a_closure_that_cannot_be_read_stops_no_other_and_is_told(activated: Activate, office: At) -> None:
    activated("2025-03-03T09:00", plan_of(measure("01-1"), measure("01-2")))
    with office("2025-03-12T09:00", "office") as ctx:
        for code in ("01-1", "01-2"):
            ledger.close(ctx, code, "到期")
        ctx.session.get_one(Closure, 1).chain = {"stages": "坏了"}
    _patrol(office, "2025-03-18T08:31")
    with office("2025-03-18T09:00") as ctx:
        states = ctx.session.execute(select(Closure.id, Closure.next_step_at.is_(None))).tuples().all()
        assert sorted(states) == [(1, True), (2, False)]
        assert ledger.health(ctx)["unarmed"] == 1
        told = ctx.session.execute(select(Alert.note).where(Alert.kind == "operator")).scalars().all()
        assert any(note and note.startswith("销号 1 无法提醒：") for note in told)
        assert verify(ctx.session).whole


def test_what_is_seen_in_a_look_back_is_kept_with_it_and_never_with_a_report(claimed: At, rules: Policy) -> None:
    _filed(claimed, rules, 100)
    _patrol(claimed, "2025-06-27T08:31")
    seen = StoredFile("回头看.jpg", "jpg", 9, "b" * 64)

    def hand_in(moment: str, actor: str, name: str) -> Any:
        with claimed(moment, actor) as ctx:
            look = ctx.session.get_one(Lookback, 1)
            assert look.period_id is not None
            return add_evidence(ctx, look.period_id, replace(seen, name=name), KeepsFiles(lookback_id=1))

    with pytest.raises(Refusal, match="不能自行决定"):
        hand_in("2025-06-30T09:00", "handler", "自拍.jpg")
    mistaken = hand_in("2025-06-30T09:00", "office", "别处.jpg")
    with claimed("2025-06-30T09:30", "office") as ctx:
        remove_evidence(ctx, mistaken.id, mistaken.period_id, KeepsFiles(lookback_id=1))
    kept = hand_in("2025-06-30T10:00", "office", "回头看.jpg")
    _do(claimed, "2025-06-30T11:00", "office", ledger.look_back, LookbackResult.HOLDS, "良好")
    with pytest.raises(Refusal, match="不能再登记"):
        hand_in("2025-06-30T12:00", "office", "迟到.jpg")
    with claimed("2025-06-30T13:00") as ctx:
        told = [one.facts for one in audit_records(ctx) if one.command == "look-back"]
        assert told[0]["files"] == [seen.sha256]
        view = lookback_view(ctx, ctx.session.get_one(Lookback, 1))
        assert [one["name"] for one in view["files"]] == ["回头看.jpg"]
        assert kept.id in [one.id for one, _ in evidence_of_measure(ctx, 1)]
        assert kept.id not in [one.id for one in evidence_of(ctx, kept.period_id)]
        assert (seen.sha256, "别处.jpg") in kept_contents(ctx.session)
        assert verify(ctx.session).whole


def test_to_whom_a_stage_is_handed_over_the_letter_goes(claimed: At) -> None:
    _do(claimed, "2025-03-13T09:00", "handler", ledger.self_check, "已自查")
    with claimed("2025-03-17T09:00", "office") as ctx:
        delegate(ctx, "closure-1", "deputy", "请代为验收")
    with claimed("2025-03-17T10:00") as ctx:
        waiting = select(QueuedMessage.id).join(Person).where(Person.name == "deputy")
        items = [one for id_ in ctx.session.execute(waiting).scalars() for one in items_of(ctx, id_)]
        assert [ALERT_FACTS[one.kind].matters(one) for one in items if one.kind == AlertKind.DELEGATED] == [True]
