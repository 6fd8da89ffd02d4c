"""What would fire, when, to whom and why, if nobody reported: the firing functions under a clock that jumps ahead.

Pure. Nothing is reckoned here that the patrol reckons elsewhere: windows come from ``rules/cadence.py``, steps from
``rules/ladder.py``, decisions from ``rules/due_steps.py``. ``tests/forecast/engine_test.py`` patrols a real ledger at
every forecast instant and finds the same rungs, recipients, instants and limits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from plan.policy import Ladder, Policy, Rung
from plan.types import Audience, DutyKind, EventKind, Level, PeriodState
from rules.alert_kinds import ALERT_FACTS
from rules.cadence import CadenceRule, Window, next_window, window
from rules.due_steps import FRESH, LadderProgress, due_steps, first_at
from rules.ladder import PeriodDates, Step, shift, steps
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class PostHolder:
    """A post that receives letters; ``key`` tells two posts of one name apart."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period with the ladder frozen into it and how far it has climbed.

    ``ordinal``: which window of its duty it is. ``label``: what people call it. ``formal_due_on``: the due date (a day
    in the office's zone) before the holiday roll. ``provisional``: a work calendar still to be published may move it.
    ``extended``: its limit is a decision that no calendar moves. ``escalation_open``: an escalation of it
    waits for a supervisor, so that a repeat only reminds. ``next_at``: the UTC instant at which the patrol looks at it
    next; None reckons it anew (a calendar that changed, a parked period).
    """

    ordinal: int
    label: str
    dates: PeriodDates
    formal_due_on: date
    provisional: bool
    ladder: Ladder
    progress: LadderProgress = FRESH
    extended: bool = False
    escalation_open: bool = False
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndedPeriod:
    """A period that is over: what a phone was told of it earlier is to be taken back. ``due_on``: its last limit."""

    ordinal: int
    label: str
    due_on: date


@dataclass(frozen=True, slots=True, eq=False)
class ForecastDuty:
    """One duty of a measure: its open periods, whose dates and ladders are settled, and the rule of those to come.

    ``measure``: its full code, ``inspection``: the key of its inspection, ``unit``: its lead unit's name; ``key``: the
    duty's name inside the measure. ``next_ordinal``: the first period that is not open yet; None, like ``rule``, when
    none will open. ``people``: who stands for each audience. ``warn_days``: calendar days before a due date at which
    the measure wants its warning. ``heard_on``: the day in the office's zone of the last report on the measure.
    ``assumed``: the source does not give the cadence or the date. ``ended``: periods that ended of late. ``gathers``:
    the names of the units that give parts of it.
    """

    measure: str
    measure_title: str
    unit: str
    key: str
    title: str
    kind: DutyKind
    rule: CadenceRule | None
    next_ordinal: int | None
    people: Mapping[Audience, Sequence[PostHolder]]
    warn_days: int | None = None
    heard_on: date | None = None
    assumed: bool = False
    open: tuple[OpenPeriod, ...] = ()
    ended: tuple[EndedPeriod, ...] = ()
    inspection: str = ""
    gathers: tuple[str, ...] = ()

    def recipients(self, rung: Rung) -> tuple[PostHolder, ...]:
        """Whom ``rung`` speaks to, each once, in the order of its audiences; nobody where no audience is staffed."""
        return tuple(dict.fromkeys(one for audience in rung.audience for one in self.people.get(audience, ())))

    def vacant(self) -> frozenset[Audience]:
        """The audiences nobody stands for."""
        return frozenset(audience for audience in Audience if not self.people.get(audience))


@dataclass(frozen=True, slots=True)
class ForecastInput:
    """An inspection, or several, and all that their measures owe from now on; ``parked``: how much waits for repair."""

    key: str
    title: str
    duties: tuple[ForecastDuty, ...]
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that would happen. ``at`` is the UTC instant, for the due date the end of that day; ``day`` the
    office's day. ``step`` is None for the due date. ``limit_on``: the limit of the escalation that the rung opens.
    ``provisional``: a work calendar still to be published may move it.
    """

    at: datetime
    day: date
    kind: EventKind
    duty: ForecastDuty
    period: OpenPeriod
    step: Step | None
    limit_on: date | None
    provisional: bool

    @property
    def key(self) -> str:
        """Stable: the same event has the same key in every forecast, whatever day it falls on."""
        return f"{self.period_key}/{self.step.key if self.step else '@due'}"

    @property
    def period_key(self) -> str:
        """Stable name of the event's period: measure, duty, ordinal."""
        return f"{self.duty.measure}/{self.duty.key}/{self.period.ordinal}"

    @property
    def level(self) -> Level:
        """The colour of the rung."""
        return self.step.rung.level if self.step else Level.NONE

    @property
    def recipients(self) -> tuple[PostHolder, ...]:
        """Who is told; nobody for the due date itself and for an empty rung."""
        return self.duty.recipients(self.step.rung) if self.step else ()


@dataclass(frozen=True, slots=True)
class _FiredStep:
    """A step with the UTC instant and the office's day on which it fires, and the limit of the escalation it opens."""

    at: datetime
    day: date
    kind: EventKind
    step: Step
    limit_on: date | None
    provisional: bool


def opened_period(
    opens: Window, policy: Policy, warn_days: int | None, kind: DutyKind, heard_on: date | None
) -> OpenPeriod:
    """The period that the window ``opens`` becomes: today's policy is frozen into it (architecture 10).

    Args:
        opens: the window; one that is due before it starts (a date already past) opens on its due date.
        policy: gives the ladder, short or long by the days from the first day to the due date, both counted
            (domain.md 5.1, 5.3).
        warn_days: calendar days before the due date at which the measure wants its warning; None for the ladder's own.
        kind: of the duty; a word on the way is expected of work that is to be finished.
        heard_on: the day in the office's zone of the last report on the measure; None while there is none.

    Returns:
        The period as nobody has acted on it yet.
    """
    days = (opens.due_on - opens.starts_on).days + 1
    ladder = policy.short if days <= policy.short_until_days else policy.long
    opens_on = min(opens.starts_on, opens.due_on)
    heard = max(opens_on, heard_on or opens_on) if kind is DutyKind.FINISH else None
    dates = PeriodDates(opens_on, opens.due_on, None, 1, warn_days, heard_on=heard)
    return OpenPeriod(opens.ordinal, opens.label, dates, opens.formal_due_on, opens.provisional, ladder)


def forecast(
    duties: Sequence[ForecastDuty], policy: Policy, work_time: WorkTime, now: datetime, first: date, last: date
) -> Iterator[Event]:
    """Everything that would fire from ``first`` to ``last`` if nobody acted from ``now`` on (domain.md 5).

    Args:
        duties: what is owed as of ``now``.
        policy: the ladders of periods still to open; open ones keep theirs.
        work_time: working days, hours and zone.
        now: an aware instant; what has come due by then and is not recorded fires at it.
        first: a day in the office's zone; what would fire before it is reckoned, not told.
        last: a day in the office's zone, included like ``first``.

    Returns:
        The events in the order of time; at one instant in the order of ``duties``.
    """
    clock = _Clock(policy, work_time, now, last)
    # One ladder per duty, also where the plan changed its rhythm: what the old one left open is older.
    oldest: dict[tuple[str, str], date] = {}
    for one in duties:
        for period in one.open:
            if period.progress.state is PeriodState.WAITING:
                key = (one.measure, one.key)
                oldest[key] = min(period.dates.due_on, oldest.get(key, period.dates.due_on))
    found = [
        event
        for one in duties
        for event in clock.events(one, oldest.get((one.measure, one.key), date.max))
        if first <= event.day <= last
    ]
    yield from sorted(found, key=lambda event: event.at)


class _Clock:
    """A clock that jumps from step to step. Periods alike in dates, ladder and progress are reckoned once."""

    def __init__(self, policy: Policy, work_time: WorkTime, now: datetime, last: date) -> None:
        self.policy, self.work_time, self.now, self.last = policy, work_time, now.astimezone(UTC), last
        self._until = work_time.end_of(last)
        self._grace = timedelta(hours=policy.open_grace_hours)
        self._known: dict[object, tuple[_FiredStep, ...]] = {}
        self._openings: dict[object, list[tuple[OpenPeriod, datetime]]] = {}

    def events(self, one: ForecastDuty, oldest: date) -> Iterator[Event]:
        """All events of a duty until the last day, period by period; ``oldest`` is the first limit open under its key.

        As nobody acts, the period that is due first leads the others for ever.
        """
        vacant, leading = one.vacant(), oldest
        for period, since in [*((period, self.now) for period in one.open), *self._to_open(one)]:
            led = False
            if period.progress.state is PeriodState.WAITING:
                led, leading = period.dates.due_on > leading, min(leading, period.dates.due_on)
                day = period.dates.due_on
                at = self.work_time.end_of(day)
                yield Event(at, day, EventKind.DUE, one, period, None, None, period.provisional)
            for fired in self._fired_steps(period, since, vacant, led):
                provisional = fired.provisional or period.provisional
                yield Event(fired.at, fired.day, fired.kind, one, period, fired.step, fired.limit_on, provisional)

    def _to_open(self, one: ForecastDuty) -> list[tuple[OpenPeriod, datetime]]:
        """The periods still to open by the last day, each with the instant at which the patrol opens it."""
        key = (one.rule, one.next_ordinal, one.warn_days, one.kind, one.heard_on)
        if key not in self._openings:
            self._openings[key] = [
                (opened_period(found, self.policy, one.warn_days, one.kind, one.heard_on), self._opens_at(found))
                for found in _windows(one.rule, one.next_ordinal, self.last, self.work_time)
            ]
        return self._openings[key]

    def _opens_at(self, found: Window) -> datetime:
        return max(self.now, self.work_time.start_of(found.starts_on) + self._grace)

    def _fired_steps(
        self, period: OpenPeriod, since: datetime, vacant: frozenset[Audience], led: bool
    ) -> tuple[_FiredStep, ...]:
        progress, ladder = period.progress, period.ladder
        # A thousand duties share a dozen shapes: each is reckoned once.
        key = (id(ladder), period.dates, progress, period.escalation_open, period.next_at, since, vacant, led)
        if key not in self._known:
            self._known[key] = tuple(self._fire(period, since, vacant, led))
        return self._known[key]

    def _fire(self, period: OpenPeriod, now: datetime, vacant: frozenset[Audience], led: bool) -> Iterator[_FiredStep]:
        """Let the patrol look at a period whenever it would, and nobody do anything about what it says."""
        work_time, ladder, progress = self.work_time, period.ladder, period.progress
        escalation_open = period.escalation_open
        found = steps(ladder, period.dates, progress.state, work_time)
        today = work_time.day_of(now)
        next_at: datetime | None = period.next_at or first_at(ladder, found, progress, today, work_time)
        # What has come due already fires now and not in the past.
        while next_at is not None and (now := max(now, next_at)) < self._until:
            decided = due_steps(ladder, found, progress, now, work_time, vacant, led)
            # The patrol goes on looking; while nobody acts it finds nothing more.
            if not decided.steps:
                return
            for step in decided.steps:
                fired = self._fired_step(now, step, escalation_open, vacant)
                escalation_open = escalation_open or fired.limit_on is not None
                yield fired
            progress = progress.after(decided.steps, decided.repeats, work_time.day_of(now))
            next_at = decided.next_at

    def _fired_step(self, now: datetime, step: Step, escalation_open: bool, vacant: frozenset[Audience]) -> _FiredStep:
        """A step that fires at ``now``. A repeat opens an escalation only where none waits for a supervisor."""
        today, limit, calendar = self.work_time.day_of(now), step.rung.limit, self.work_time.calendar
        # As firing does: the first repeat opens an escalation, the others only remind of it.
        reminds_only = (escalation_open and _repeats(step)) or vacant.issuperset(step.rung.audience)
        limit_on = None if limit is None or reminds_only else shift(today, limit, calendar)
        return _FiredStep(now, today, _kind(step), step, limit_on, calendar.provisional(today))


def _windows(rule: CadenceRule | None, ordinal: int | None, last: date, work_time: WorkTime) -> Iterator[Window]:
    """The windows from this ordinal on that start by ``last``."""
    if rule is None or ordinal is None:
        return
    found: Window | None = window(rule, ordinal, work_time.calendar)
    while found is not None and found.starts_on <= last:
        yield found
        found = next_window(rule, found.starts_on, work_time.calendar)


def _kind(step: Step) -> EventKind:
    if _repeats(step):
        return EventKind.REPEAT
    kind = ALERT_FACTS[step.rung.kind].event
    assert kind is not None, "every kind that stands on ladders has one"
    return kind


def _repeats(step: Step) -> bool:
    return step.rung.key == "repeat"
