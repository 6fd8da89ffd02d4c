"""Allowed transitions, and a clear refusal for the rest."""

import re
from itertools import product

import pytest

from plan.types import PeriodState, WorkState
from rules.lifecycle import after_report, closing_name, move_measure, move_period
from text.catalogue import term
from text.refusals import REFUSALS, Refusal

MEASURE_MOVES = {
    ("not_started", "in_progress"),
    ("not_started", "done_claimed"),
    ("not_started", "suspended"),
    ("in_progress", "done_claimed"),
    ("in_progress", "suspended"),
    ("done_claimed", "accepted"),
    ("done_claimed", "in_progress"),
    ("accepted", "closed"),
    ("accepted", "reopened"),
    ("closed", "reopened"),
    ("reopened", "in_progress"),
    ("reopened", "done_claimed"),
    ("reopened", "suspended"),
    ("suspended", "in_progress"),
}
PERIOD_MOVES = {
    ("waiting", "submitted"),
    ("waiting", "withdrawn"),
    ("waiting", "skipped"),
    ("waiting", "merged"),
    ("submitted", "waiting"),
    ("submitted", "closed"),
    ("submitted", "withdrawn"),
}


@pytest.mark.parametrize(("before", "after"), product(WorkState, WorkState))
def test_a_measure_moves_only_where_the_life_cycle_leads(before: WorkState, after: WorkState) -> None:
    if (before, after) in MEASURE_MOVES:
        assert move_measure("02-3", before, after) is after
        return
    with pytest.raises(Refusal) as refused:
        move_measure("02-3", before, after)
    assert str(refused.value) == f"02-3不能由“{term(before)}”变为“{term(after)}”"


@pytest.mark.parametrize(("before", "after"), product(PeriodState, PeriodState))
def test_a_period_moves_only_where_the_life_cycle_leads(before: PeriodState, after: PeriodState) -> None:
    if (before, after) in PERIOD_MOVES:
        assert move_period("02-3 双月报送", before, after) is after
        return
    with pytest.raises(Refusal) as refused:
        move_period("02-3 双月报送", before, after)
    assert refused.value.code == "transition"


@pytest.mark.parametrize(
    ("before", "finished", "after"),
    [
        (WorkState.NOT_STARTED, False, WorkState.IN_PROGRESS),
        (WorkState.IN_PROGRESS, False, WorkState.IN_PROGRESS),
        (WorkState.IN_PROGRESS, True, WorkState.DONE_CLAIMED),
        (WorkState.REOPENED, False, WorkState.IN_PROGRESS),
        (WorkState.CLOSED, False, WorkState.CLOSED),  # a look-back report does not reopen
        (WorkState.CLOSED, True, WorkState.CLOSED),
    ],
)
def test_a_report_moves_the_measure(before: WorkState, finished: bool, after: WorkState) -> None:
    assert after_report(before, finished) is after


def test_closing_has_two_names() -> None:
    assert (closing_name(True), closing_name(False)) == ("按期办结", "逾期办结")


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_is_one_line_of_chinese(code: str) -> None:
    assert "\n" not in REFUSALS[code]
    assert re.search(r"[\u4e00-\u9fff]", REFUSALS[code])


def test_a_refusal_is_one_line_whatever_its_facts_hold() -> None:
    refusal = Refusal("measure_unknown", measure="02\r\n-3\x0b")
    assert str(refusal) == "没有整改措施“02 -3”；请核对编号"
