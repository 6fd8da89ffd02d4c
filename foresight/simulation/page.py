"""The result of a simulation as one HTML file: it loads nothing, prints well, and escapes what came from outside."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import pendulum

from foresight.simulation.result import PeriodOutcome, SentLetter, Simulation
from papers.page_templates import page_template
from plan.types import Level, severity
from text.catalogue import phrase, term

SCALE = 900
"""Units of the drawing from the first to the last day."""
ENTRIES_SHOWN = 12
"""Matters listed of one letter; the others are counted."""
_OUTCOMES = ("on_time", "late", "review", "overdue", "open")


def page(found: Simulation) -> str:
    """The report of what was ``found``: tiles, checks, people, the timeline, the escalations, every letter by day."""
    counts = found.outcomes()
    return page_template("simulation.html.j2").render(
        found=found,
        days=(found.last - found.first).days + 1,
        outcomes=[(name, phrase(f"outcome.{name}"), counts[name]) for name in _OUTCOMES],
        levels=[(level.value, term(level)) for level in reversed(Level)],
        people=found.people(),
        drawing=_Drawing(found),
        months=list(_by_month(found)),
        sheets=found.sheets,
        sheet_states=Counter(sheet.state for sheet in found.sheets),
        shown=ENTRIES_SHOWN,
        term=term,
        phrase=phrase,
    )


def _by_month(found: Simulation) -> Iterator[tuple[str, int, list[tuple[str, list[SentLetter]]]]]:
    """The letters by month and day: the month's name, how many, and the days with theirs."""
    for month, letters in groupby(found.letters, key=lambda one: f"{one.at.year}年{one.at.month}月"):
        days = [(_day_name(day), list(sent)) for day, sent in groupby(letters, key=lambda one: one.at.date())]
        yield month, sum(len(sent) for _, sent in days), days


def _day_name(day: date) -> str:
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """One period in the drawing: where it begins and how long it is, what became of it, what a reader is told."""

    x: float
    width: float
    outcome: str
    tail: float
    told: str


@dataclass(slots=True)
class TimelineRow:
    """One duty in the drawing. ``ticks``: an SVG path per colour; ``sheets``: place and colour of escalations."""

    measure: str
    name: str
    bars: list[TimelineBar]
    ticks: list[tuple[str, str]]
    sheets: list[tuple[float, str, str]]


class _Drawing:
    """The timeline: every duty a row, every period a bar, a tick for every day with an alert, a mark per escalation."""

    scale = SCALE

    def __init__(self, found: Simulation) -> None:
        self._found = found
        self._first = found.first
        # Both days are drawn.
        self._units = SCALE / ((found.last - found.first).days + 1)
        self.months = list(self._months())
        self.rows = list(self._rows())

    def _x(self, day: date) -> float:
        return round(min(max((day - self._first).days * self._units, 0), SCALE), 1)

    def _months(self) -> Iterator[tuple[float, str]]:
        """Where each month begins, and its name; those that would stand too close keep their line only."""
        free_from = 0.0
        for day in pendulum.Interval(self._first.replace(day=1), self._found.last).range("months"):
            x = self._x(day)
            name = f"{day.year}年{day.month}月" if day.month == 1 or not free_from else f"{day.month}月"
            width = 8.5 * len(name)
            shown = free_from <= x <= SCALE - 40
            yield x, name if shown else ""
            free_from = x + width if shown else free_from

    def _rows(self) -> Iterator[TimelineRow]:
        alerts, sheets = self._alert_days(), self._sheets()
        by_duty: dict[tuple[str, str], list[PeriodOutcome]] = defaultdict(list)
        for period in self._found.periods:
            by_duty[period.measure, period.duty].append(period)
        for (measure, duty), periods in sorted(by_duty.items()):
            ids = [period.id for period in periods]
            ticks = {day: level for one in ids for day, level in sorted(alerts[one].items())}
            yield TimelineRow(
                measure=measure,
                name=f"{periods[0].title} · {duty}",
                bars=[self._bar(period) for period in periods],
                ticks=[(level, path) for level in Level if (path := self._path(ticks, level))],
                sheets=[mark for one in ids for mark in sheets[one]],
            )

    def _bar(self, period: PeriodOutcome) -> TimelineBar:
        start, end = self._x(period.opens_on), self._x(period.due_on + timedelta(days=1))
        over = period.reported_at.date() if period.reported_at else self._found.last
        late = period.outcome in ("late", "overdue")
        return TimelineBar(
            x=start,
            # A day of ten years would be thinner than a line.
            width=max(end - start - 1, 1.5),
            outcome=period.outcome,
            tail=max(self._x(over + timedelta(days=1)) - end, 0) if late else 0,
            told=_told(period),
        )

    def _alert_days(self) -> dict[int, dict[date, Level]]:
        """The days on which a letter spoke of a period, and the worst colour of each."""
        found: dict[int, dict[date, Level]] = defaultdict(dict)
        for letter in self._found.letters:
            for entry in letter.entries:
                if entry.period_id is not None:
                    days, day = found[entry.period_id], letter.at.date()
                    days[day] = max(days.get(day, Level.NONE), entry.level, key=severity)
        return found

    def _sheets(self) -> dict[int, list[tuple[float, str, str]]]:
        found: dict[int, list[tuple[float, str, str]]] = defaultdict(list)
        for sheet in self._found.sheets:
            told = f"{sheet.number} {sheet.opened_at:%Y-%m-%d} → {'、'.join(sheet.to)}（{term(sheet.state)}）"
            found[sheet.period_id].append((self._x(sheet.opened_at.date()), sheet.level.value, told))
        return found

    def _path(self, ticks: dict[date, Level], level: Level) -> str:
        return "".join(f"M{self._x(day)} 0v3" for day, found in sorted(ticks.items()) if found is level)


def _told(period: PeriodOutcome) -> str:
    parts = [f"{period.measure} {period.duty} · {period.label}", f"{period.opens_on} — {period.due_on}"]
    if period.due_on != period.formal_due_on:
        parts.append(f"原期限 {period.formal_due_on}")
    if period.reported_at:
        parts.append(f"首次填报 {_minute(period.reported_at)}")
    if period.rounds > 1:
        parts.append(f"共{period.rounds}轮")
    return "，".join([*parts, phrase(f"outcome.{period.outcome}")])


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
