"""What a change would do to a forecast: due dates, alerts, and how much each person is told; nothing is applied."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from db.ledger.context import period_name
from foresight.listing import Forecast
from foresight.load import PersonWeek
from plan.types import EventKind
from rules.forecast import Event, PostHolder, forecast
from rules.work_time import WorkTime

BEYOND = timedelta(days=370)
"""How far past the span both forecasts look, to tell a date that moved out of it from one that is gone."""
What = Literal["added", "withdrawn", "moved", "others"]


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A due date; None where the period does not exist before or after."""

    period: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class ChangedAlert:
    """An event with letters. Instants are in the office's zone; None, and nobody, where it does not exist."""

    what: What
    period: str
    kind: EventKind
    before: datetime | None
    after: datetime | None
    to_before: tuple[str, ...]
    to_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """How much one person is told in the span: alerts, and the letters they are merged into."""

    person: PostHolder
    alerts_before: int
    alerts_after: int
    letters_before: int
    letters_after: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change would do in a span."""

    dates: tuple[MovedDate, ...]
    alerts: tuple[ChangedAlert, ...]
    people: tuple[PersonChange, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.dates or self.alerts)

    def counts(self) -> Counter[str]:
        """How many alerts are added, withdrawn, moved, or go to others."""
        return Counter(alert.what for alert in self.alerts)

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON values."""
        return {name: [asdict(one) for one in getattr(self, name)] for name in ("dates", "alerts", "people")}


def difference(before: Forecast, after: Forecast) -> Difference:
    """What differs from ``before`` to ``after``, two forecasts of one span: whatever touches it on either side."""
    span, work_time = before.span, before.work_time
    old, new = _by_key(before), _by_key(after)
    pairs = [(old.get(key), new.get(key)) for key in {**old, **new}]
    within = [pair for pair in pairs if any(one and span.first <= one.day <= span.last for one in pair)]
    dates = [moved for was, now in within if (moved := _date(was, now))]
    alerts = [alert for was, now in within if (alert := _alert(was, now, work_time))]
    return Difference(
        tuple(sorted(dates, key=lambda one: (one.before or one.after or date.max, one.period))),
        tuple(sorted(alerts, key=lambda one: (one.before or one.after or span.now, one.period))),
        tuple(_told(before, after)),
    )


def _by_key(made: Forecast) -> dict[str, Event]:
    """The events of the span and of what surrounds it."""
    # Without it a date that moved out of the span would read as withdrawn.
    last = made.span.last + BEYOND
    found = forecast(made.forecast_input.duties, made.policy, made.work_time, made.span.now, date.min, last)
    return {event.key: event for event in found}


def _date(was: Event | None, now: Event | None) -> MovedDate | None:
    known = now or was
    days = [one.day if one else None for one in (was, now)]
    if known is None or known.kind is not EventKind.DUE or days[0] == days[1]:
        return None
    return MovedDate(_name(known), days[0], days[1])


def _alert(was: Event | None, now: Event | None, work_time: WorkTime) -> ChangedAlert | None:
    known = now or was
    if known is None or known.step is None:
        return None
    to = [_names(one) for one in (was, now)]
    at = [one.at.astimezone(work_time.zone) if one else None for one in (was, now)]
    # A rung on which nobody stands before and after writes no letter.
    if not any(to) or (at[0] == at[1] and to[0] == to[1]):
        return None
    what: What = "added" if not to[0] else "withdrawn" if not to[1] else "moved" if at[0] != at[1] else "others"
    return ChangedAlert(what, _name(known), known.kind, at[0], at[1], to[0], to[1])


def _name(event: Event) -> str:
    return period_name(event.duty.measure, event.duty.title, event.period.label)


def _names(event: Event | None) -> tuple[str, ...]:
    return tuple(person.name for person in event.recipients) if event else ()


def _told(before: Forecast, after: Forecast) -> Iterator[PersonChange]:
    old, new = _sums(before.people), _sums(after.people)
    for person in sorted({*old, *new}, key=lambda one: (-new[one][0], one.key)):
        yield PersonChange(person, old[person][0], new[person][0], old[person][1], new[person][1])


def _sums(weeks: Iterable[PersonWeek]) -> Mapping[PostHolder, tuple[int, int]]:
    """Alerts and letters of every person over all weeks."""
    found: dict[PostHolder, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for week in weeks:
        alerts, letters = found[week.person]
        found[week.person] = alerts + week.alerts, letters + week.letters
    return found
