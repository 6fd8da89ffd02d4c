"""Which backups are kept: the newest of each of the last days, weeks and months of which there is any."""

from collections.abc import Iterable
from datetime import datetime


def kept_backups(made: Iterable[datetime], daily: int, weekly: int, monthly: int) -> set[datetime]:
    """Those that stay; the newest one always does.

    Args:
        made: when each was made, aware instants in the office's zone.
        daily: of how many days the newest one stays; days without any count for nothing.
        weekly: the same of weeks (ISO).
        monthly: the same of months.
    """
    newest_first = sorted(made, reverse=True)
    kept = set(newest_first[:1])
    for number, unit in (
        (daily, lambda at: at.date()),
        (weekly, lambda at: at.isocalendar()[:2]),
        (monthly, lambda at: (at.year, at.month)),
    ):
        newest_of = {unit(at): at for at in reversed(newest_first)}
        kept.update(sorted(newest_of.values(), reverse=True)[:number])
    return kept
