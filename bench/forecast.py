"""(d) The forecast: all that a thousand duties send in four hundred silent days, rules only, no database."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice

from bench.ground import POLICY, WORK_TIME
from bench.measuring import median_seconds, progress, show
from plan.due import DueRule
from plan.types import Audience, Cadence, DutyKind, EventKind, Roll
from rules.cadence import CadenceRule, next_window
from rules.forecast import ForecastDuty, PostHolder, forecast

FIRST = date(2025, 1, 17)
NOW = WORK_TIME.at_opening(FIRST)
DAY = timedelta(days=1)
DAYS, DUTIES = 400, 1_000

# What plans really hold: mostly monthly and longer, a few weekly ones; no daily reports.
CADENCES = (
    *(Cadence.MONTHLY,) * 8,
    *(Cadence.QUARTERLY,) * 5,
    *(Cadence.BIMONTHLY,) * 3,
    *(Cadence.HALF_YEARLY, Cadence.YEARLY, Cadence.WEEKLY, Cadence.TEN_DAY, Cadence.HALF_MONTHLY),
)
DUES = ("end", "end-3wd", "after day 5", "day 25")
ROLLS = (Roll.NONE, Roll.NEXT_WORKDAY, Roll.PREVIOUS_WORKDAY)


def rules() -> Iterator[CadenceRule]:
    """An endless mix of cadences, due rules and holiday rolls."""
    for cadence, due, roll in zip(cycle(CADENCES), cycle(DUES), cycle(ROLLS), strict=False):
        by_day = cadence in (Cadence.WEEKLY, Cadence.TEN_DAY, Cadence.HALF_MONTHLY)
        yield CadenceRule(cadence, due=DueRule.parse("end" if by_day else due), roll=roll)


def duties() -> list[ForecastDuty]:
    """A thousand duties, each with somebody for every audience and its first period still to open."""
    people = {audience: (PostHolder(audience, audience),) for audience in Audience}
    return [
        ForecastDuty(f"{number:04}", "", "", "report", "", DutyKind.REPORT, rule, found.ordinal, people)
        for number, rule in enumerate(islice(rules(), DUTIES))
        if (found := next_window(rule, FIRST - DAY, WORK_TIME.calendar))
    ]


def year() -> Counter[str]:
    """How many events of each kind a thousand duties have in four hundred days if nobody reports."""
    first, last = FIRST, FIRST + DAYS * DAY
    return Counter(event.kind for event in forecast(duties(), POLICY, WORK_TIME, NOW, first, last))


def main(runs: int) -> None:
    """Print the table; the figure is the median of ``runs`` runs."""
    progress("forecast")
    found = year()
    events = f"{found.total():,}"
    taken = median_seconds(runs, year)
    rows = [(DUTIES, DAYS, f"{found[EventKind.DUE]:,}", events, f"{taken:.2f}")]
    show("Forecast, rules only", ("duties", "days", "due dates", "events", "seconds"), rows)
