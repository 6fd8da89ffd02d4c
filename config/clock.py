"""The one place that reads the clock.

``DUBAN_CLOCK`` lets a person stand on any day of the plan: a fixed instant, or an offset from the real one.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pendulum

from config.dates import within
from config.settings import settings


class ClockError(ValueError):
    """A ``DUBAN_CLOCK`` that cannot be read."""


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """An aware UTC instant from ISO 8601 text; a text without offset is meant in ``zone``, a bare date at 09:00 there.

    Raises ``ValueError`` for anything that is not a date or an instant, or lies in a year that nobody may name.
    """
    try:
        moment = pendulum.parse(text, tz=zone.key, strict=True, exact=True)
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"“{text}”不是日期或时刻，请写成 2025-05-10 或 2025-05-10T09:00") from error
    if isinstance(moment, pendulum.Date):
        within(date(moment.year, moment.month, moment.day), text)
    if isinstance(moment, pendulum.DateTime):
        return datetime.fromtimestamp(moment.timestamp(), UTC)
    if isinstance(moment, pendulum.Date):
        return datetime(moment.year, moment.month, moment.day, 9, tzinfo=zone).astimezone(UTC)
    raise ValueError(f"“{text}”不是日期或时刻，请写成 2025-05-10 或 2025-05-10T09:00")


def machine() -> datetime | None:
    """What the machine's clock says, in UTC; None where ``DUBAN_CLOCK`` says that the office lives at another time."""
    return None if settings().clock else datetime.now(UTC)


def now() -> datetime:
    """The current instant in UTC, moved or fixed by ``DUBAN_CLOCK``. Raises ``ClockError``."""
    clock = settings().clock
    if not clock:
        return datetime.now(UTC)
    try:
        return parse_instant(clock, settings().zone) if clock[0] not in "+-" else _moved(clock)
    except (ValueError, OverflowError, TypeError) as error:
        raise ClockError(f"DUBAN_CLOCK: “{clock}”不是时刻；请写时刻（2025-05-10T09:00）或相差多久（-P30D）") from error


def _moved(clock: str) -> datetime:
    offset = pendulum.parse(clock[1:])
    if not isinstance(offset, pendulum.Duration):
        raise ValueError("not a duration")
    moved = datetime.now(UTC) + offset if clock[0] == "+" else datetime.now(UTC) - offset
    within(moved.date(), clock)
    return moved
