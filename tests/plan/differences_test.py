"""Two plans compared: every difference is told once, in words that say where it is; equal plans differ in nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import HERE
from plan.differences import PlanChange, plan_changes
from plan.loader import load_plan
from plan.model import Plan
from tests.plans import duty, measure, plan_of

QUESTION = {"phrase": "定期", "ask": "多久一次？", "suggest": "每季度"}


def test_a_moved_deadline_a_new_measure_and_a_dropped_one() -> None:
    finish = duty("finish", kind="finish", cadence="once", due_on="2025-05-30")
    before = plan_of(measure(duties=[finish]), measure("01-2", title="印发制度"))
    after = plan_of(measure(duties=[finish | {"due_on": "2025-06-30"}]), measure("01-3", title="年度考核"))
    assert plan_changes(before, after) == (
        PlanChange("changed", "duty", "01-1 finish", "due_on", "2025-05-30", "2025-06-30"),
        PlanChange("added", "measure", "01-3", "", "", "年度考核"),
        PlanChange("added", "duty", "01-3 report", "", "", "每月报送"),
        PlanChange("removed", "measure", "01-2", "", "印发制度", ""),
        PlanChange("removed", "duty", "01-2 report", "", "每月报送", ""),
    )


def test_the_order_in_which_channels_are_tried_is_a_difference() -> None:
    def plan(**channels: str) -> Plan:
        return plan_of(measure(), roles=_roles() | {"head": {"name": "局长", "channels": channels}})

    mail_first, phone_first = plan(mail="a@b.cn", sms="139"), plan(sms="139", mail="a@b.cn")
    assert mail_first == phone_first
    (told,) = plan_changes(mail_first, phone_first)
    assert (told.where, told.field, told.before) == ("head", "channels", "mail a@b.cn、sms 139")


def test_an_answered_question_is_gone_and_a_second_one_about_the_same_wording_is_its_own() -> None:
    twice = plan_of(measure(questions=[QUESTION, QUESTION | {"ask": "报给谁？"}]))
    once = plan_of(measure(questions=[QUESTION]))
    assert plan_changes(twice, once) == (PlanChange("removed", "question", "01-1 定期 (2)", "", "报给谁？", ""),)


def test_only_the_order_of_measures() -> None:
    first, second = measure("01-1"), measure("01-2")
    told = plan_changes(plan_of(first, second), plan_of(second, first))
    assert told == (PlanChange("changed", "finding", "01", "order", "01-1、01-2", "01-2、01-1"),)


def test_the_shipped_plan_equals_itself() -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    assert plan_changes(plan, plan.model_copy(deep=True)) == ()


def _roles() -> dict[str, Any]:
    return {key: {"name": key} for key in ("handler", "leader", "deputy", "head", "discipline", "office")}


_duties = st.lists(
    st.builds(
        lambda key, title, cadence, due, roll, assumed: duty(
            key, title=title, cadence=cadence, due=due, roll=roll, assumed=assumed
        ),
        st.sampled_from(["report", "check"]),
        st.sampled_from(["报送", "抽查"]),
        st.sampled_from(["monthly", "quarterly"]),
        st.sampled_from(["end", "day 25"]),
        st.sampled_from(["none", "next_workday"]),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda one: one["key"],
)
_questions = st.lists(
    st.builds(
        lambda phrase, ask: QUESTION | {"phrase": phrase, "ask": ask}, st.sampled_from("甲乙"), st.sampled_from("子丑")
    ),
    max_size=2,
)
_measures = st.builds(
    measure,
    st.sampled_from(["01-1", "01-2", "02-1"]),
    title=st.sampled_from(["调度", "制度"]),
    warn_days=st.sampled_from([None, 5]),
    deputy=st.sampled_from([[], ["head"], ["head", "deputy"], ["deputy", "head"]]),
    duties=_duties,
    questions=_questions,
)
_plans = st.lists(_measures, min_size=1, max_size=3, unique_by=lambda one: one["code"]).map(lambda all_: plan_of(*all_))


@given(_plans, _plans)
@settings(max_examples=300)
def test_nothing_differs_without_a_line_and_every_line_differs(before: Plan, after: Plan) -> None:
    told = plan_changes(before, after)
    assert (told == ()) == (before == after)
    assert len(set(told)) == len(told)
    assert all(one.before != one.after for one in told)
    mirrored = plan_changes(after, before)
    flipped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(flipped[one.kind], one.where, one.field, one.after, one.before) for one in told} == {
        (one.kind, one.where, one.field, one.before, one.after) for one in mirrored
    }
