"""A forecast with what belongs to it: the events, the load they make, what a reader should be warned of."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from foresight.load import PersonWeek, UnitWeek, crowded, per_person, per_unit, week_name
from foresight.reasons import facts, sentence
from plan.policy import Policy, offset_text
from rules.forecast import Event, ForecastInput, forecast
from rules.work_time import WorkTime
from text.catalogue import phrase
from text.refusals import Refusal

LONGEST_DAYS = 3660
"""Days a forecast may look ahead: ten years."""


@dataclass(frozen=True, slots=True)
class ForecastSpan:
    """From which instant nobody acts (aware), and which days are wanted, both included, in the office's zone."""

    now: datetime
    first: date
    last: date

    def __post_init__(self) -> None:
        """Raises ``Refusal``: ``forecast_backwards``, ``forecast_too_long``."""
        if self.last < self.first:
            raise Refusal("forecast_backwards", first=self.first, last=self.last)
        days = (self.last - self.now.date()).days
        # From now, not from the first day: everything between is reckoned too.
        if days > LONGEST_DAYS:
            raise Refusal("forecast_too_long", days=days, limit=LONGEST_DAYS)


@dataclass(frozen=True)
class Forecast:
    """What would happen in a span under a policy and an office if nobody reported."""

    forecast_input: ForecastInput
    policy: Policy
    work_time: WorkTime
    span: ForecastSpan

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events in the order of time."""
        span = self.span
        found = forecast(self.forecast_input.duties, self.policy, self.work_time, span.now, span.first, span.last)
        return tuple(found)

    @cached_property
    def people(self) -> list[PersonWeek]:
        """What every person would be sent, by week."""
        return per_person(self.events, self.work_time)

    @cached_property
    def units(self) -> list[UnitWeek]:
        """What every unit would be asked for, by week."""
        return per_unit(self.events)

    def warnings(self) -> Iterator[str]:
        """What a reader should know before relying on the forecast, in Chinese, one line each."""
        limit = self.policy.load.requests_per_week
        for week in crowded(self.units, limit):
            asked = f"{week.requests}期开启或到期（开启{week.opening}、到期{week.due}）"
            yield f"{week.unit}{week_name(week.week)}有{asked}，超过{limit}期"
        vacant = {event.duty.measure for event in self.events if event.step and not event.recipients}
        if vacant:
            yield f"{len(vacant)}项措施有节点无人在岗：{'、'.join(sorted(vacant))}"
        if gathered := [one for one in self.forecast_input.duties if one.gathers]:
            units = "、".join(dict.fromkeys(name for one in gathered for name in one.gathers))
            distance = offset_text(self.policy.parts.days_before)
            yield phrase("part.forecast", n=len(gathered), units=units, distance=distance)
        if self.forecast_input.parked:
            yield f"{self.forecast_input.parked}项已搁置，修复后才会继续；用 duban doctor 查看"
        if any(event.provisional for event in self.events):
            yield f"{self.work_time.calendar.published_until}年之后的放假安排尚未公布，相应日期为暂定"


def narrowed(forecast_input: ForecastInput, measure: str | None, unit: str | None) -> ForecastInput:
    """Only what one measure, or one lead unit, owes.

    Args:
        forecast_input: what is owed in all.
        measure: a code; None for all.
        unit: name of a lead unit; None for all.
    """
    found = tuple(one for one in forecast_input.duties if measure in (None, one.measure) and unit in (None, one.unit))
    return replace(forecast_input, duties=found)


def check_known(inputs: Iterable[ForecastInput], measure: str | None, unit: str | None) -> None:
    """That one of several inputs knows a measure and a unit.

    Args:
        inputs: of the forecasts that will be narrowed.
        measure: a code, or None; one that owes nothing in time is unknown here.
        unit: name of a lead unit, or None.

    Raises:
        Refusal: ``measure_unknown``, ``unit_unknown``.
    """
    owed = [one for forecast_input in inputs for one in forecast_input.duties]
    if measure is not None and measure not in {one.measure for one in owed}:
        raise Refusal("measure_unknown", measure=measure)
    units = dict.fromkeys(one.unit for one in owed)
    if unit is not None and unit not in units:
        raise Refusal("unit_unknown", unit=unit, known="、".join(units))


def as_dict(made: Forecast) -> dict[str, Any]:
    """The whole forecast ``made`` as JSON values; instants in the office's zone."""
    return {
        "round": made.forecast_input.key,
        "title": made.forecast_input.title,
        "now": made.span.now.astimezone(made.work_time.zone).isoformat(),
        "from": made.span.first.isoformat(),
        "to": made.span.last.isoformat(),
        "calendar_published_until": made.work_time.calendar.published_until,
        "events": [event_dict(event, made.work_time) for event in made.events],
        "load": {
            "people": [asdict(week) for week in made.people],
            "units": [asdict(week) for week in made.units],
            "requests_per_week": made.policy.load.requests_per_week,
        },
        "warnings": list(made.warnings()),
    }


def event_dict(event: Event, work_time: WorkTime) -> dict[str, Any]:
    """One ``event`` as JSON values; instants in the zone of ``work_time``."""
    one = event.duty
    return {
        "key": event.key,
        "at": event.at.astimezone(work_time.zone).isoformat(),
        "day": event.day.isoformat(),
        "kind": event.kind,
        "level": event.level,
        "measure": one.measure,
        "measure_title": one.measure_title,
        "unit": one.unit,
        "duty": one.key,
        "duty_title": one.title,
        "duty_kind": one.kind,
        "period": event.period.label,
        "ordinal": event.period.ordinal,
        "due_on": event.period.dates.due_on.isoformat(),
        "rung": event.step.key if event.step else None,
        "to": [asdict(person) for person in event.recipients],
        "limit_on": event.limit_on.isoformat() if event.limit_on else None,
        "provisional": event.provisional,
        "assumed": one.assumed,
        "reason": sentence(event, work_time),
        "facts": {name: str(v) if isinstance(v, date) else v for name, v in facts(event, work_time).items()},
    }
