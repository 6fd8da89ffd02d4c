"""What the clock says about a period: time state, lamp, 序时进度. Computed from dates, never stored."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from plan.policy import Progress
from plan.types import OPEN, DutyKind, Level, PeriodState, TimeState, severity
from rules.ladder import Step
from rules.work_time import WorkTime

_URGENCY = tuple(TimeState)


def elapsed_share(opens_on: date, due_on: date, today: date) -> float:
    """The share of the time that is gone on the morning of a day (序时进度, domain.md 5.2).

    Args:
        opens_on: the first day of the period; like the others a day in the office's zone.
        due_on: its last day, which counts.
        today: the day asked for.

    Returns:
        0 to 1; 1 for a period that is due before it opens.
    """
    total = (due_on - opens_on).days + 1
    return min(1.0, max(0.0, (today - opens_on).days / total)) if total > 0 else 1.0


def time_state(
    *,
    opens_on: date,
    due_on: date,
    kind: DutyKind,
    percent: int | None,
    heard: bool,
    state: PeriodState,
    stopped: bool,
    now: datetime,
    work_time: WorkTime,
    bars: Progress,
) -> TimeState:
    """What the clock says of a period (domain.md 5.2).

    While a report waits for review, or the measure is suspended, the unit's clock stands; a closed period has none.
    Progress is a matter of work that is to be finished; of any other duty the clock says something near its date.
    Silence is not progress: where nobody reported, nothing is known.

    Args:
        opens_on: its first day, in the office's zone.
        due_on: the limit in force, a day there; it is kept until its end.
        kind: of its duty.
        percent: the progress last accepted, 0 to 100; None while nothing is.
        heard: whether anybody ever reported on the measure.
        state: whether a report is awaited.
        stopped: whether its measure is suspended.
        now: an aware instant.
        work_time: the office's zone.
        bars: from when on a date is near, and how many points make a period behind or ahead of schedule.
    """
    if state not in OPEN:
        return TimeState.NOT_APPLICABLE
    if stopped or state is PeriodState.SUBMITTED:
        return TimeState.STOPPED
    if now >= work_time.end_of(due_on):
        return TimeState.OVERDUE
    today = work_time.day_of(now)
    # Before the schedule: nobody who has a few days left is helped by being ahead.
    if due_on - today <= timedelta(days=bars.soon_days):
        return TimeState.DUE_SOON
    if kind is not DutyKind.FINISH:
        return TimeState.NOT_APPLICABLE if heard else TimeState.UNKNOWN
    if percent is None:
        return TimeState.UNKNOWN
    expected = elapsed_share(opens_on, due_on, today) * 100
    if percent < expected - bars.behind_points:
        return TimeState.BEHIND
    return TimeState.AHEAD if percent > expected + bars.ahead_points else TimeState.ON_SCHEDULE


def most_urgent(states: Iterable[TimeState]) -> TimeState:
    """The worst of several time ``states``; ``not_applicable`` for none."""
    return max(states, key=_URGENCY.index, default=TimeState.NOT_APPLICABLE)


def lamp(steps: Iterable[Step], now: datetime) -> Level:
    """The colour a period shows at ``now`` (an aware instant; domain.md 5.1): the most severe level among ``steps``
    whose time has come."""
    return worst(step.rung.level for step in steps if step.at <= now)


def worst(levels: Iterable[Level]) -> Level:
    """The most severe of several ``levels``; ``none`` for none."""
    return max(levels, key=severity, default=Level.NONE)
