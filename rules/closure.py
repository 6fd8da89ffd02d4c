"""销号: the stages of closure and their dates, from the frozen chain alone. Pure."""

from datetime import date, datetime, timedelta

from plan.policy import ClosureChain, Offset
from plan.types import ClosureStage, Level
from rules.calendar import WorkCalendar
from rules.ladder import shift
from rules.work_time import WorkTime


def stage_after(chain: ClosureChain, stage: ClosureStage) -> ClosureStage | None:
    """The stage that follows another; None after the last.

    Args:
        chain: as it was frozen.
        stage: one of its stages.
    """
    stages = chain.order
    return next(iter(stages[stages.index(stage) + 1 :]), None)


def stages_before(chain: ClosureChain, stage: ClosureStage) -> list[ClosureStage]:
    """The stages to which a closure may be sent back, the first one first.

    Args:
        chain: as it was frozen.
        stage: the one that it is in.
    """
    stages = chain.order
    return stages[: stages.index(stage)]


def stage_due(opened_on: date, within: Offset, calendar: WorkCalendar) -> date:
    """The limit of a stage: a working day, the day on which it opened not counted (domain.md 7.2).

    Args:
        opened_on: a day in the office's zone.
        within: how long it may take.
        calendar: whose working days count.
    """
    return calendar.next_workday(shift(opened_on, within, calendar))


def window_end(first_day: date, window: Offset, calendar: WorkCalendar) -> date:
    """The last day of publicity, the first one counted (domain.md 7.2: a window counts its first day).

    Args:
        first_day: on which it was published, in the office's zone; of working days the first is that day or the next.
        window: how long it lasts.
        calendar: whose working days count.
    """
    if window.unit == "wd":
        return calendar.publicity_end(first_day, window.count)
    return first_day + timedelta(days=window.count - 1)


def first_rung(chain: ClosureChain, opened_on: date, due_on: date, calendar: WorkCalendar) -> int:
    """The first reminder of a stage that is still to come: of a short one none falls on the day on which it opens.

    Args:
        chain: as it was frozen.
        opened_on: a day in the office's zone, like the other.
        due_on: the limit of the stage.
        calendar: whose working days count.
    """
    days = (_rung_day(due_on, rung.offset, calendar) for rung in chain.rungs)
    return next((place for place, day in enumerate(days) if day > opened_on), len(chain.rungs))


def reminder_of(chain: ClosureChain, due_on: date, fired: int, told_on: date, work_time: WorkTime) -> datetime:
    """The UTC instant at which a stage is next reminded of: its next rung, then again and again.

    Args:
        chain: as it was frozen.
        due_on: the limit of the stage, a day in the office's zone, like the other.
        fired: how many rungs have fired, or were passed over when it opened.
        told_on: the day of the last reminder, or of the opening.
        work_time: its working days and hours count.
    """
    calendar = work_time.calendar
    if fired < len(chain.rungs):
        return work_time.at_opening(_rung_day(due_on, chain.rungs[fired].offset, calendar))
    return work_time.at_opening(calendar.next_workday(shift(max(told_on, due_on), chain.again, calendar)))


def stage_lamp(chain: ClosureChain, due_on: date, fired: int, today: date) -> Level:
    """The colour of a stage: that of the last reminder once its limit is past.

    Args:
        chain: as it was frozen.
        due_on: the limit of the stage, a day in the office's zone, like the other.
        fired: how many rungs have fired.
        today: the day of the look.
    """
    if today <= due_on:
        return Level.NONE
    return chain.rungs[min(fired, len(chain.rungs)) - 1].level if fired and chain.rungs else Level.YELLOW


def _rung_day(due_on: date, offset: Offset, calendar: WorkCalendar) -> date:
    day = shift(due_on, offset, calendar)
    return calendar.next_workday(day) if offset.count > 0 else calendar.previous_workday(day)
