"""The notice of Ezhou, whole: read as the plan that was written from it by hand."""

import time
from datetime import date
from pathlib import Path

import pytest

import config
from intake.draft import Draft
from plan.loader import load_plan
from tests.intake.notices.reading import EZHOU, measures, read

PLAN = Path(config.__file__).parent / "plans" / "ezhou-2024.yaml"

HINTS = {
    "02-3": [("bimonthly", None), ("quarterly", None)],
    "07-1": [("monthly", None)],
    "07-3": [(None, "2025-05-31")],
    "08-2": [("monthly", None)],
    "11-1": [("quarterly", None)],
    "20-2": [(None, "2025-12-31")],
    "22-2": [("monthly", None)],
}


@pytest.fixture(scope="module")
def draft() -> Draft:
    return read(EZHOU)


def test_it_has_the_findings_and_measures_of_the_plan(draft: Draft) -> None:
    plan = load_plan(PLAN)
    assert [[one.code for one in finding.measures] for finding in draft.findings] == [
        [one.code for one in finding.measures] for finding in plan.findings
    ]
    assert (len(draft.findings), len(measures(draft))) == (23, 55)


def test_only_seven_measures_say_when(draft: Draft) -> None:
    found = {one.code: [(hint.cadence, hint.due) for hint in one.hints] for one in measures(draft) if one.hints}
    assert found == HINTS


def test_every_hint_stands_where_it_says(draft: Draft) -> None:
    for one in measures(draft):
        assert [one.text[hint.start : hint.end] for hint in one.hints] == [hint.phrase for hint in one.hints]


def test_the_facts_of_the_round(draft: Draft) -> None:
    facts = draft.facts
    assert facts.title == "中共鄂州市生态环境局党组关于八届市委第六轮巡察反馈意见整改进展情况的通报"
    assert (facts.organisation, facts.inspector, facts.kind) == ("中共鄂州市生态环境局党组", "市委第三巡察组", "party")
    assert (facts.inspected_from, facts.inspected_to) == (date(2024, 3, 18), date(2024, 4, 30))
    assert (facts.feedback_on, facts.published_on) == (date(2024, 12, 20), date(2025, 1, 17))


def test_work_before_the_feedback_is_asked_about(draft: Draft) -> None:
    asked = [ask for ask in draft.asks if ask.where == "通报全文"]
    assert [ask.phrase for ask in asked] == ["2024年6月19日", "牵头单位"]
    assert "早于2024-12-20反馈" in asked[0].ask


def test_every_measure_without_a_date_is_asked_about_and_finished_ones_are_not(draft: Draft) -> None:
    asked = {ask.where for ask in draft.asks}
    silent = {one.code for one in measures(draft) if not one.hints and one.state != "done_claimed"}
    assert silent <= asked
    assert [one.code for one in measures(draft) if one.state == "done_claimed"] == ["13-1"]


def test_it_is_read_at_once(draft: Draft) -> None:
    before = time.process_time()
    read(EZHOU)
    assert time.process_time() - before < 0.5
