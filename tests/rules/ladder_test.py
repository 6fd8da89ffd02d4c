"""Rungs become instants: in order, on working days, the same whenever they are computed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import HERE
from plan.policy import Policy, load_policy
from plan.types import PeriodState
from plan.yaml_reader import FileProblems
from rules.due_steps import LadderProgress, due_steps, first_at
from rules.ladder import PeriodDates, steps
from rules.work_time import WorkTime
from tests.conftest import at

DAYS = st.dates(date(2020, 1, 1), date(2028, 12, 31))
NOBODY_IS_MISSING = frozenset[str]()


def _days(found: object, work_time: WorkTime) -> dict[str, str]:
    return {step.key: str(work_time.day_of(step.at)) for step in found}  # type: ignore[attr-defined]


def test_short_ladder_over_the_spring_festival(policy: Policy, work_time: WorkTime) -> None:
    """Due on 31 January 2025, inside the holiday; 26 January and 8 February are make-up working days."""
    found = steps(policy.short, PeriodDates(date(2025, 1, 1), date(2025, 1, 31)), PeriodState.WAITING, work_time)
    assert _days(found, work_time) == {
        "open": "2025-01-02",
        "remind": "2025-01-24",
        "due": "2025-01-27",
        "yellow": "2025-02-05",
        "orange": "2025-02-07",
        "red": "2025-02-12",
    }


def test_long_ladder_warns_twenty_and_ten_days_ahead(policy: Policy, work_time: WorkTime) -> None:
    found = steps(policy.long, PeriodDates(date(2025, 3, 1), date(2025, 4, 30)), PeriodState.WAITING, work_time)
    days = _days(found, work_time)
    assert days["green"] == "2025-04-10"
    assert days["yellow-notice"] == "2025-04-18"  # the 20th is a Sunday: the working day before
    assert days["remind"] == "2025-04-27"  # a Sunday, but a make-up working day
    assert days["yellow"] == "2025-05-06"  # after the Labour Day holiday


def test_warn_days_of_a_measure_move_its_first_warning(policy: Policy, work_time: WorkTime) -> None:
    dates = PeriodDates(date(2025, 3, 1), date(2025, 4, 30), warn_days=30)
    days = _days(steps(policy.long, dates, PeriodState.WAITING, work_time), work_time)
    assert days["green"] == "2025-03-31"


def test_a_waiting_review_has_rungs_of_its_own(policy: Policy, work_time: WorkTime) -> None:
    dates = PeriodDates(date(2025, 3, 1), date(2025, 3, 31), submitted_on=date(2025, 3, 28), round=2)
    days = _days(steps(policy.short, dates, PeriodState.SUBMITTED, work_time), work_time)
    assert days == {"review@2": "2025-03-28", "review-late@2": "2025-04-02", "review-red@2": "2025-04-09"}


def test_repeats_back_off_to_eight_working_days_and_never_to_zero(policy: Policy, work_time: WorkTime) -> None:
    day, gaps = date(2025, 6, 3), []
    for count in range(1, 8):
        progress = LadderProgress(PeriodState.WAITING, frozenset(), count - 1, day, None)
        following = work_time.day_of(first_at(policy.short, (), progress, day, work_time))
        gaps.append(work_time.calendar.count_workdays(day, following) - 1)
        day = following
    assert gaps == [1, 2, 4, 8, 8, 8, 8]


@given(opens=DAYS, length=st.integers(0, 400), ladder=st.sampled_from(["short", "long"]))
def test_steps_come_in_order_on_working_days_and_never_before_the_opening(
    opens: date, length: int, ladder: str, policy: Policy, work_time: WorkTime
) -> None:
    dates = PeriodDates(opens, opens + timedelta(days=length))
    found = steps(getattr(policy, ladder), dates, PeriodState.WAITING, work_time)
    assert [step.at for step in found] == sorted(step.at for step in found)
    assert len({step.key for step in found}) == len(found)
    for step in found:
        assert work_time.may_send(step.at)
    after = [step for step in found if step.key in ("yellow", "orange", "red")]
    assert [step.key for step in after] == ["yellow", "orange", "red"]
    assert all(step.at >= work_time.end_of(dates.due_on) for step in after)
    ahead = [step for step in found if step.rung.anchor == "due" and step.rung.offset.count < 0]
    assert all(step.at < work_time.end_of(dates.due_on) for step in ahead)


@given(opens=DAYS, length=st.integers(0, 90), wait=st.integers(0, 200))
def test_one_late_look_records_the_same_rungs_as_a_look_every_day(
    opens: date, length: int, wait: int, policy: Policy, work_time: WorkTime
) -> None:
    """Deciding by range: a sweep that slept records every passed rung, in the same order."""
    dates = PeriodDates(opens, opens + timedelta(days=length))
    found = steps(policy.long, dates, PeriodState.WAITING, work_time)
    end = work_time.start_of(dates.due_on + timedelta(days=wait))
    nothing = LadderProgress(PeriodState.WAITING, frozenset(), 0, None, None)
    at_once = [step.key for step in due_steps(policy.long, found, nothing, end, work_time, NOBODY_IS_MISSING).steps]
    daily: list[str] = []
    for day in range((work_time.day_of(end) - opens).days + 1):
        now = min(end, work_time.at_opening(opens + timedelta(days=day)))
        progress = LadderProgress(PeriodState.WAITING, frozenset(daily), 0, work_time.day_of(now), None)
        daily += [
            s.key
            for s in due_steps(policy.long, found, progress, now, work_time, NOBODY_IS_MISSING).steps
            if not s.key.startswith("repeat")
        ]
    assert at_once == daily


def test_a_hold_delays_all_but_the_opening(policy: Policy, work_time: WorkTime) -> None:
    dates = PeriodDates(date(2025, 3, 1), date(2025, 3, 31))
    found = steps(policy.short, dates, PeriodState.WAITING, work_time)
    held = LadderProgress(PeriodState.WAITING, frozenset(), 0, None, at("2025-04-30T08:30"))
    decided = due_steps(policy.short, found, held, at("2025-04-20T09:00"), work_time, NOBODY_IS_MISSING)
    assert [step.key for step in decided.steps] == ["open"]
    assert decided.next_at == at("2025-04-30T08:30")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "chases_per_period: 3|chases_per_period: 2",
            "policy.yaml:1: 文件: 阶梯 short 有3次催办，超过每期2次（budget.chases_per_period）",
        ),
        (
            "offset: +3wd, kind: escalation|offset: soon, kind: escalation",
            "short rungs orange offset: “soon”不是时距，请写成 -20d（20天前）或 +3wd（3个工作日后）",
        ),
        (
            "limit: +3wd|limit: null",
            "节点 orange：督办（escalation）、约谈（interview）、通报（circular）须写时限（limit），其他节点不写",
        ),
        ('open: "08:30"|open: "19:30"', ": hours: 开始（open）须早于结束（close）"),
        ("{key: remind,|{key: open,", "有两个节点的代号（key）相同；请改用别的代号"),
    ],
)
def test_a_broken_policy_is_refused_with_its_field(change: str, said: str, tmp_path: object) -> None:
    old, new = change.split("|")
    text = (HERE / "policy.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "policy.yaml"  # type: ignore[operator]
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FileProblems, match=r"^policy\.yaml:\d+: ") as refused:
        load_policy(path)
    assert said in str(refused.value)
