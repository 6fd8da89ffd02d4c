"""Which days a plan, a form, a command or a clock may name.

Beyond these years calendars are guesses and instants run out of range somewhere; between them every day works.
"""

from datetime import date

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def parse_day(text: str) -> date:
    """A day as a person writes it, such as ``2025-06-30``. Raises ``ValueError``, which says what is wrong with it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}”不是日期，请写成 2025-05-31") from None
    return within(day, text)


def within(day: date, text: str) -> date:
    """``day``, written as ``text``, if it may be named. Raises ``ValueError``."""
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"“{text}”不在{EARLIEST.year}年至{LATEST.year}年之间；请核对年份")
    return day
