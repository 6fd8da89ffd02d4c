"""(d) The forecast: every window and every step of a thousand duties for four hundred days, rules only, no database."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice

from bench.ground import OFFICE, POLICY
from bench.measuring import median_seconds, progress, show
from config.due import DueRule
from config.types import Cadence, PeriodState, Roll
from rules.cadence import CadenceRule, windows
from rules.ladder import Dates, steps

FIRST = date(2025, 1, 17)
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


def forecast() -> tuple[int, int]:
    """How many windows a thousand duties have in four hundred days, and how many steps."""
    found = reckoned = 0
    for rule in islice(rules(), DUTIES):
        for window in windows(rule, FIRST, FIRST + timedelta(days=DAYS), OFFICE.calendar):
            ladder = POLICY.ladder_for((window.due_on - window.starts_on).days + 1)
            dates = Dates(min(window.starts_on, window.due_on), window.due_on)
            reckoned += len(steps(ladder, dates, PeriodState.WAITING, OFFICE))
            found += 1
    return found, reckoned


def main(runs: int) -> None:
    """Print the table; the figure is the median of ``runs`` runs."""
    progress("forecast")
    found, reckoned = forecast()
    heads = ("duties", "days", "windows", "steps", "seconds")
    taken = median_seconds(runs, forecast)
    show("Forecast, rules only", heads, [(DUTIES, DAYS, f"{found:,}", f"{reckoned:,}", f"{taken:.2f}")])
