"""What the clock says: time state, lamp and 序时进度, computed and never stored."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.policy import Policy
from plan.types import DutyKind, Level, PeriodState, TimeState
from rules.ladder import PeriodDates, steps
from rules.timestate import elapsed_share, lamp, most_urgent, time_state
from rules.work_time import WorkTime
from tests.conftest import at

OPENS, DUE = date(2025, 3, 1), date(2025, 4, 30)


@pytest.mark.parametrize(
    ("moment", "percent", "expected"),
    [
        ("2025-03-01T00:00", 0, TimeState.ON_SCHEDULE),
        ("2025-04-01T09:00", 50, TimeState.ON_SCHEDULE),  # 31 of 61 days are gone: 51 %
        ("2025-04-01T09:00", 40, TimeState.BEHIND),
        ("2025-04-01T09:00", 62, TimeState.AHEAD),
        ("2025-04-01T09:00", None, TimeState.UNKNOWN),  # nobody said how far: no reproach, and no praise
        ("2025-04-20T09:00", None, TimeState.DUE_SOON),
        ("2025-04-20T09:00", 0, TimeState.DUE_SOON),
        ("2025-04-30T23:59", 90, TimeState.DUE_SOON),  # the day is kept until it is over
        ("2025-05-01T00:00", 99, TimeState.OVERDUE),
    ],
)
def test_time_state(moment: str, percent: int | None, expected: TimeState, work_time: WorkTime, policy: Policy) -> None:
    state = time_state(
        opens_on=OPENS,
        due_on=DUE,
        kind=DutyKind.FINISH,
        percent=percent,
        heard=percent is not None,
        state=PeriodState.WAITING,
        stopped=False,
        now=at(moment),
        work_time=work_time,
        bars=policy.progress,
    )
    assert state is expected


@pytest.mark.parametrize(
    ("state", "stopped", "expected"),
    [
        (PeriodState.SUBMITTED, False, TimeState.STOPPED),
        (PeriodState.SUBMITTED, True, TimeState.STOPPED),
        (PeriodState.WAITING, True, TimeState.STOPPED),
        (PeriodState.CLOSED, False, TimeState.NOT_APPLICABLE),
        (PeriodState.WITHDRAWN, False, TimeState.NOT_APPLICABLE),
    ],
)
def test_what_waits_for_others_or_is_over_is_nobodys_delay(
    state: PeriodState, stopped: bool, expected: TimeState, work_time: WorkTime, policy: Policy
) -> None:
    found = time_state(
        opens_on=OPENS,
        due_on=DUE,
        kind=DutyKind.FINISH,
        percent=0,
        heard=True,
        state=state,
        stopped=stopped,
        now=at("2025-06-01T09:00"),
        work_time=work_time,
        bars=policy.progress,
    )
    assert found is expected


@pytest.mark.parametrize(("heard", "expected"), [(False, TimeState.UNKNOWN), (True, TimeState.NOT_APPLICABLE)])
@pytest.mark.parametrize("kind", [kind for kind in DutyKind if kind is not DutyKind.FINISH])
def test_progress_is_reckoned_only_where_there_is_work_to_finish(
    kind: DutyKind, heard: bool, expected: TimeState, work_time: WorkTime, policy: Policy
) -> None:
    found = time_state(
        opens_on=OPENS,
        due_on=DUE,
        kind=kind,
        percent=90 if heard else None,
        heard=heard,
        state=PeriodState.WAITING,
        stopped=False,
        now=at("2025-03-10T09:00"),
        work_time=work_time,
        bars=policy.progress,
    )
    assert found is expected


def test_the_lamp_shows_the_worst_colour_that_has_come(work_time: WorkTime, policy: Policy) -> None:
    found = steps(policy.long, PeriodDates(OPENS, DUE), PeriodState.WAITING, work_time)
    shown = [lamp(found, at(moment)) for moment in ("2025-03-10T09:00", "2025-04-11T09:00", "2025-04-18T09:00")]
    assert shown == [Level.NONE, Level.GREEN, Level.YELLOW]
    assert lamp(found, at("2025-05-08T09:00")) is Level.ORANGE
    assert lamp(found, at("2025-07-01T09:00")) is Level.RED


@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(0, 800), offset=st.integers(-30, 900))
def test_the_elapsed_share_grows_from_none_to_all(start: date, days: int, offset: int) -> None:
    due, today = start + timedelta(days=days), start + timedelta(days=offset)
    share = elapsed_share(start, due, today)
    assert 0.0 <= share <= 1.0
    assert share <= elapsed_share(start, due, today + timedelta(days=1))
    assert (share == 1.0) == (today > due)


def test_the_most_urgent_state_speaks_for_the_measure() -> None:
    assert most_urgent([TimeState.AHEAD, TimeState.OVERDUE, TimeState.DUE_SOON]) is TimeState.OVERDUE
    assert most_urgent([]) is TimeState.NOT_APPLICABLE
