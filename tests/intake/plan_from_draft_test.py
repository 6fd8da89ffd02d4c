"""A draft becomes a plan: what is settled is a duty, what is not is a question, and every limit of a plan is kept."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.dates import EARLIEST, LATEST
from intake.draft import Ask, Draft, DraftFacts, DraftFinding, DraftMeasure, Hint
from intake.plan_from_draft import plan_from_draft
from plan.dump import dump_plan
from plan.loader import load_plan
from plan.model import MeasureSpec, Plan
from plan.types import Cadence, DurationClass, DutyKind, InspectionKind, Precision, WorkState
from tests.intake.notices.reading import EZHOU, read
from text.refusals import Refusal

FACTS = DraftFacts("整改通报", "某局党组", "市委第三巡察组", InspectionKind.PARTY, feedback_on=date(2024, 12, 20))
MEASURE = DraftMeasure("01-1", "调度", "调度工程进度", "第3行")


def draft(*measures: DraftMeasure, asks: tuple[Ask, ...] = (), facts: DraftFacts = FACTS) -> Draft:
    return Draft("通报.txt", facts, (DraftFinding("01", "调度不够", measures),), asks)


def only(plan: Plan) -> MeasureSpec:
    [finding] = plan.findings
    [measure] = finding.measures
    return measure


def test_the_notice_of_ezhou_becomes_a_plan(tmp_path: Path) -> None:
    plan = plan_from_draft(read(EZHOU), "ezhou-2024")
    measures = [one for finding in plan.findings for one in finding.measures]
    assert (len(plan.findings), len(measures), sum(len(one.duties) for one in measures)) == (23, 55, 8)
    assert {one.lead for one in measures} == {"unassigned"}
    assert plan.units["unassigned"].name == "待明确"
    (tmp_path / "plan.yaml").write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(tmp_path / "plan.yaml") == plan


def test_a_cadence_is_a_duty_that_quotes_its_wording() -> None:
    hint = Hint("每月5日前报送", 0, 7, DutyKind.REPORT, Cadence.MONTHLY, "day 5", note="每月")
    [duty] = only(plan_from_draft(draft(replace(MEASURE, hints=(hint,))), "round")).duties
    assert (duty.key, duty.title, str(duty.due), duty.assumed) == ("report", "每月报送", "day 5", False)
    assert duty.source == "第3行：“每月5日前报送”：每月"


def test_a_duty_is_owed_from_and_until_the_days_its_wording_names() -> None:
    days = {"opens_on": date(2025, 3, 1), "ends_on": date(2025, 12, 31)}
    hint = Hint("每月报送", 0, 4, DutyKind.REPORT, Cadence.MONTHLY, **days)
    [duty] = only(plan_from_draft(draft(replace(MEASURE, hints=(hint,))), "round")).duties
    assert (duty.opens_on, duty.ends_on) == (days["opens_on"], days["ends_on"])


def test_an_uncertain_date_is_assumed_and_asked_about() -> None:
    hint = Hint("预计5月完工", 0, 6, DutyKind.FINISH, None, "2025-05-31", Precision.MONTH, certain=False, note="是预测")
    measure = only(plan_from_draft(draft(replace(MEASURE, hints=(hint,))), "round"))
    [duty] = measure.duties
    assert (duty.cadence, duty.due_on, duty.precision, duty.assumed) == ("once", date(2025, 5, 31), "month", True)
    assert [(one.phrase, one.suggest) for one in measure.questions] == [("预计5月完工", "是预测")]
    assert measure.duration is DurationClass.DATED


def test_a_date_nobody_can_count_to_is_asked_not_guessed() -> None:
    hint = Hint("收到后30日内", 0, 7, DutyKind.FINISH, None, "receipt+30d")
    measure = only(plan_from_draft(draft(replace(MEASURE, hints=(hint,))), "round"))
    assert (measure.duties, [one.phrase for one in measure.questions]) == ([], ["收到后30日内"])


def test_the_limit_of_a_ledger_is_a_duty_to_finish() -> None:
    same = Hint("6月底前完成", 0, 6, DutyKind.FINISH, None, "2025-06-30")
    measure = replace(MEASURE, due=date(2025, 6, 30), precision=Precision.MONTH, source="台账!12", hints=(same,))
    [duty] = only(plan_from_draft(draft(measure), "round")).duties
    assert (duty.key, duty.due_on, duty.precision) == ("finish", date(2025, 6, 30), "month")
    assert duty.source == "台账!12：“整改时限”"


def test_two_duties_of_a_kind_have_keys_of_their_own() -> None:
    hints = tuple(Hint("报送", 0, 2, DutyKind.REPORT, one) for one in (Cadence.BIMONTHLY, Cadence.QUARTERLY))
    assert [one.key for one in only(plan_from_draft(draft(replace(MEASURE, hints=hints)), "round")).duties] == [
        "report",
        "report-2",
    ]


def test_keeping_up_for_good_is_a_question_not_a_schedule() -> None:
    measure = only(plan_from_draft(draft(replace(MEASURE, duration=DurationClass.STANDING)), "round"))
    assert (measure.duties, [one.phrase for one in measure.questions]) == ([], ["长期坚持"])


def test_what_is_done_owes_no_date_any_more() -> None:
    done = replace(MEASURE, state=WorkState.CLOSED, due=date(2024, 12, 31))
    measure = only(plan_from_draft(draft(done), "round"))
    assert (measure.state, measure.duties, [one.phrase for one in measure.questions]) == ("closed", [], ["已完成"])


def test_a_rhythm_in_what_is_done_is_a_question_and_no_schedule() -> None:
    hint = Hint("每月通报", 0, 4, DutyKind.REPORT, Cadence.MONTHLY)
    measure = only(plan_from_draft(draft(replace(MEASURE, state=WorkState.CLOSED, hints=(hint,))), "round"))
    assert (measure.duties, [one.phrase for one in measure.questions]) == ([], ["已完成", "每月通报"])


def test_done_and_kept_up_for_good_keeps_its_cadence() -> None:
    hint = Hint("每季度回头看", 0, 6, DutyKind.CONFIRM, Cadence.QUARTERLY)
    kept = replace(
        MEASURE, state=WorkState.CLOSED, duration=DurationClass.STANDING, due=date(2024, 12, 31), hints=(hint,)
    )
    assert [one.cadence for one in only(plan_from_draft(draft(kept), "round")).duties] == ["quarterly"]


def test_units_and_posts_come_from_the_ledger() -> None:
    first = replace(MEASURE, lead="水科", assisting=("气科", "水科"), leader="张局长", handler="王工")
    plan = plan_from_draft(draft(first, replace(MEASURE, code="01-2", lead="气科")), "round")
    assert {key: unit.name for key, unit in plan.units.items()} == {"unit-01": "水科", "unit-02": "气科"}
    one, other = plan.findings[0].measures
    assert (one.lead, one.assisting, one.deputy, other.lead) == ("unit-01", ["unit-02"], ["leader-01"], "unit-02")
    assert plan.roles["unit-01-handler"].name == "水科经办人王工"


def test_each_question_stands_at_its_measure_and_the_others_at_the_first() -> None:
    asks = (Ask("定期", "多久一次？", "每季度", "01-2"), Ask("双月", "哪月？", "逢双", "通报全文"))
    plan = plan_from_draft(draft(MEASURE, replace(MEASURE, code="01-2"), asks=asks), "round")
    assert [[one.phrase for one in measure.questions] for measure in plan.findings[0].measures] == [["双月"], ["定期"]]


def test_a_problem_without_measures_is_a_measure_to_be_filled_in() -> None:
    measure = only(plan_from_draft(draft(asks=(Ask("调度不够", "措施是什么？", "暂以问题为措施", "01"),)), "round"))
    assert (measure.code, measure.text, len(measure.questions)) == ("01-1", "调度不够", 1)


MISSING = {
    "organisation": "--organisation",
    "inspector": "--inspector",
    "kind": "--kind",
    "feedback_on": "--feedback-on",
}


@pytest.mark.parametrize("fact", MISSING)
def test_a_missing_fact_names_the_option_that_supplies_it(fact: str) -> None:
    without: dict[str, Any] = {fact: None}
    with pytest.raises(Refusal) as refusal:
        plan_from_draft(draft(MEASURE, facts=replace(FACTS, **without)), "round")
    assert refusal.value.code == "intake_fact_missing"
    assert refusal.value.facts["option"] == MISSING[fact]


def test_no_finding_and_no_key_are_refused() -> None:
    with pytest.raises(Refusal, match="没有读到反馈问题"):
        plan_from_draft(Draft("通报.txt", FACTS), "round")
    with pytest.raises(Refusal, match="方案代号"):
        plan_from_draft(draft(MEASURE), "轮次")


TEXT = st.one_of(st.text(max_size=30), st.text(min_size=1, max_size=3).map(lambda text: text * 2000))
CODE = st.one_of(st.sampled_from(["01", "01-1", "02", "02-1", "", "问题1", "x" * 40]), TEXT)
DUE = st.one_of(st.none(), st.sampled_from(["2025-05-31", "day 5", "feedback+30wd", "end-3wd", "2025-02-30"]), TEXT)
HINT = st.builds(
    Hint,
    TEXT,
    st.just(0),
    st.just(0),
    st.sampled_from(DutyKind),
    st.one_of(st.none(), st.sampled_from(Cadence)),
    DUE,
    st.sampled_from(Precision),
    st.booleans(),
    TEXT,
)
MEASURES = st.builds(
    DraftMeasure,
    CODE,
    TEXT,
    TEXT,
    TEXT,
    st.one_of(st.none(), st.sampled_from(DurationClass)),
    st.one_of(st.none(), st.sampled_from(WorkState)),
    TEXT,
    st.lists(HINT, max_size=3).map(tuple),
    st.one_of(st.none(), st.dates(EARLIEST, LATEST)),
    st.sampled_from(Precision),
    st.one_of(st.none(), TEXT),
    st.lists(TEXT, max_size=2).map(tuple),
    st.one_of(st.none(), TEXT),
    st.one_of(st.none(), TEXT),
)
FINDINGS = st.builds(DraftFinding, CODE, TEXT, st.lists(MEASURES, max_size=3).map(tuple))
DRAFTS = st.builds(
    Draft,
    TEXT,
    st.builds(replace, st.just(FACTS), title=TEXT),
    st.lists(FINDINGS, min_size=1, max_size=3).map(tuple),
    st.lists(st.builds(Ask, TEXT, TEXT, TEXT, CODE), max_size=3).map(tuple),
)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(DRAFTS)
def test_any_draft_becomes_a_plan_that_loads(tmp_path: Path, any_draft: Draft) -> None:
    plan, path = plan_from_draft(any_draft, "round"), tmp_path / "plan.yaml"
    path.write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(path) == plan


def _day(phrase: str, due: str, start: int = 0) -> Hint:
    return Hint(phrase, start, start + len(phrase), DutyKind.FINISH, None, due)


LIMIT = date(2024, 12, 31)
STEP = replace(
    MEASURE, text="2024年6月底前完成排查。", hints=(_day("2024年6月底前完成", "2024-06-30"),), due=LIMIT, code="01-1"
)
PLAIN = replace(MEASURE, code="01-2", due=LIMIT)
REPORTED = Hint("按月报送", 0, 4, DutyKind.REPORT, Cadence.MONTHLY)


def days_of(*measures: DraftMeasure) -> list[list[str]]:
    [finding] = plan_from_draft(draft(*measures), "round").findings
    return [[str(duty.due_on) for duty in one.duties if duty.due_on] for one in finding.measures]


def test_a_step_with_a_day_of_its_own_has_that_and_the_limit_of_the_finding_stands_at_the_others() -> None:
    assert days_of(STEP, PLAIN) == [["2024-06-30"], ["2024-12-31"]]
    assert days_of(PLAIN, STEP) == [["2024-12-31"], ["2024-06-30"]]


def test_the_limit_of_a_finding_stands_at_its_last_step_where_all_are_steps() -> None:
    later = replace(STEP, code="01-2", hints=(_day("9月底前", "2024-09-30"),))
    assert days_of(later, STEP) == [["2024-12-31", "2024-09-30"], ["2024-06-30"]]


def test_the_limit_of_a_finding_is_not_lost_at_what_is_done() -> None:
    assert days_of(STEP, replace(PLAIN, state=WorkState.CLOSED)) == [["2024-12-31", "2024-06-30"], []]


def test_a_row_of_its_own_keeps_its_limit_and_calls_the_step_by_its_clause() -> None:
    duties = only(plan_from_draft(draft(STEP), "round")).duties
    assert [(str(one.due_on), one.title) for one in duties] == [
        ("2024-12-31", "限期完成"),
        ("2024-06-30", "2024年6月底前完成排查"),
    ]


def test_days_of_several_cases_are_called_by_their_clauses() -> None:
    text = "对于甲类问题2024年5月底前整改；对于乙类问题2024年8月底前整改。"
    hints = tuple(
        _day(said, due, text.index(said))
        for said, due in (("2024年5月底前", "2024-05-31"), ("2024年8月底前", "2024-08-31"))
    )
    duties = only(plan_from_draft(draft(replace(MEASURE, text=text, hints=hints)), "round")).duties
    assert [one.title for one in duties] == ["对于甲类问题2024年5月底前整改", "对于乙类问题2024年8月底前整改"]


def test_what_recurs_ends_with_the_limit() -> None:
    measure = replace(MEASURE, due=LIMIT, hints=(REPORTED,))
    duties = only(plan_from_draft(draft(measure), "round")).duties
    assert [(one.key, one.ends_on) for one in duties] == [("finish", None), ("report", LIMIT)]
    named = replace(REPORTED, ends_on=date(2024, 9, 30))
    duties = only(plan_from_draft(draft(replace(measure, hints=(named,))), "round")).duties
    assert duties[1].ends_on == date(2024, 9, 30)


@pytest.mark.parametrize("lasting", [{"lasting": True}, {"duration": DurationClass.STANDING}])
def test_what_is_kept_up_for_good_is_asked_until_when(lasting: dict[str, Any]) -> None:
    measure = only(plan_from_draft(draft(replace(MEASURE, due=LIMIT, hints=(REPORTED,), **lasting)), "round"))
    report = measure.duties[1]
    assert (report.ends_on, report.assumed) == (None, True)
    assert measure.questions[-1].ask.endswith("办到哪一天为止？")


def test_a_limit_that_is_read_with_a_doubt_is_asked() -> None:
    measure = only(plan_from_draft(draft(replace(MEASURE, due=LIMIT, due_doubt="没有写年份，按2024年读")), "round"))
    assert [(one.due_on, one.assumed) for one in measure.duties] == [(LIMIT, True)]
    assert [(one.phrase, one.suggest) for one in measure.questions] == [("整改时限", "没有写年份，按2024年读")]
