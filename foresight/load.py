"""How much a forecast asks of people and units, week by week (ISO weeks, in the office's zone)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plan.types import EventKind
from rules.forecast import Event, PostHolder
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """What one person would be sent in a week: alerts, and the letters they are merged into."""

    week: str
    person: PostHolder
    alerts: int
    letters: int


@dataclass(frozen=True, slots=True)
class UnitWeek:
    """What one unit would be asked for in a week. ``requests`` counts a period that opens and falls due in it once."""

    week: str
    unit: str
    opening: int
    due: int
    requests: int


def week_of(day: date) -> str:
    """The ISO week of ``day``: ``2025-W07``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_name(week: str) -> str:
    """An ISO ``week`` as people say it: ``2025年第7周``."""
    year, number = week.split("-W")
    return f"{year}年第{int(number)}周"


def per_person(events: Iterable[Event], work_time: WorkTime) -> list[PersonWeek]:
    """Alerts and letters of every person and week in which there are any, by week.

    Alerts of one person leave as one digest per working day (architecture 8); an alert outside office hours counts for
    the day on which it may leave.

    Args:
        events: of a forecast.
        work_time: working days, hours and zone of the office.
    """
    alerts: dict[tuple[str, PostHolder], int] = defaultdict(int)
    days: dict[tuple[str, PostHolder], set[date]] = defaultdict(set)
    # Who holds several posts gets one letter; he stands under the first of them.
    readers: dict[str, PostHolder] = {}
    for event in events:
        # By when its letter leaves: an alert of a Saturday is Monday's reading.
        leaves_on = work_time.day_of(work_time.next_sending(event.at)) if event.recipients else event.day
        for person in (readers.setdefault(one.name, one) for one in event.recipients):
            alerts[week_of(leaves_on), person] += 1
            days[week_of(leaves_on), person].add(leaves_on)
    order = sorted(alerts, key=lambda at: (at[0], -alerts[at], at[1].key))
    return [PersonWeek(*at, alerts[at], len(days[at])) for at in order]


def per_unit(events: Iterable[Event]) -> list[UnitWeek]:
    """Periods that open and that fall due for every unit and week in which there are any among ``events``, by week."""
    opening: dict[tuple[str, str], set[str]] = defaultdict(set)
    due: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        # Reminders ask for nothing new.
        if event.kind in (EventKind.OPEN, EventKind.DUE):
            found = opening if event.kind is EventKind.OPEN else due
            found[week_of(event.day), event.duty.unit].add(event.period_key)
    asked = {at: len(opening[at] | due[at]) for at in {*opening, *due}}
    order = sorted(asked, key=lambda at: (at[0], -asked[at], at[1]))
    return [UnitWeek(*at, len(opening[at]), len(due[at]), asked[at]) for at in order]


def crowded(weeks: Iterable[UnitWeek], limit: int) -> list[UnitWeek]:
    """The ``weeks`` in which a unit is asked for more than ``limit`` periods (policy ``load.requests_per_week``)."""
    return [week for week in weeks if week.requests > limit]
