"""Who of several people has his turn in a post (值班轮换) on a day. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from plan.types import TurnRhythm
from rules.calendar import WorkCalendar


class Turns(NamedTuple):
    """How a post goes round: every week (Monday to Sunday) or every working day the next of ``people`` has his turn,
    from ``first`` on; what is no working day belongs to the turn before it. ``exceptions``: who has a day instead."""

    rhythm: TurnRhythm
    first: date
    people: Sequence[int]
    exceptions: Mapping[date, int] = {}


def turn_order(turns: Turns, day: date, calendar: WorkCalendar) -> tuple[int, ...]:
    """All who take turns, in the order in which they are asked on a day: who has his turn, then those who come next.

    Args:
        turns: as the office set them.
        day: in the office's zone.
        calendar: of working days.

    Returns:
        Each person once; nobody before the first day.
    """
    if day < turns.first or not turns.people:
        return ()
    if turns.rhythm is TurnRhythm.WEEK:
        number = (_monday(day) - _monday(turns.first)).days // 7
    else:
        number = max(0, calendar.count_workdays(turns.first, day) - 1)
    start = number % len(turns.people)
    order = (*turns.people[start:], *turns.people[:start])
    instead = turns.exceptions.get(day)
    return order if instead is None else (instead, *(one for one in order if one != instead))


def whose_turn(turns: Turns, day: date, calendar: WorkCalendar, is_away: Callable[[int, date], bool]) -> int | None:
    """Who is asked on a day: of those who take turns the first who is there, in the order of ``turn_order``.

    Args:
        turns: as the office set them.
        day: in the office's zone.
        calendar: of working days.
        is_away: whether somebody is away on a day.

    Returns:
        None where nobody is there, or before the first day.
    """
    return next((one for one in turn_order(turns, day, calendar) if not is_away(one, day)), None)


def days_of_turn(turns: Turns, day: date, calendar: WorkCalendar) -> Iterator[date]:
    """The days that belong to one turn: its week, or a working day with what is none behind it.

    Args:
        turns: as the office set them.
        day: one of them, in the office's zone.
        calendar: of working days.
    """
    if turns.rhythm is TurnRhythm.WEEK:
        begin = _monday(day)
        end = begin + timedelta(days=7)
    else:
        begin = calendar.previous_workday(day)
        end = calendar.add_workdays(begin, 1)
    for one in range((end - begin).days):
        if (found := begin + timedelta(days=one)) >= turns.first:
            yield found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
