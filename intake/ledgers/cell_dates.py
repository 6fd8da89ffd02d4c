"""Days as spreadsheets and hurried people write them, for the phrasebook: ``25.5.31``, ``202505``, ``45808``."""

import re
from calendar import month_abbr
from functools import cache

from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import compatible
from intake.serial_dates import day_of_serial

_SERIAL = re.compile(r"([45]\d{4})(?:\.\d+)?")
"""The days from 2009 to 2064 as their number."""
_MONTH = r"(?P<m>1[0-2]|0?[1-9])"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_SHORT = r"(?P<y>[2-4]\d)"
_SHAPES = (
    rf"{_SHORT}([./-]){_MONTH}\2{_DAY}",
    rf"{_SHORT}[.](?P<m>1[0-2]|0[1-9]|[2-9])",
    r"(?P<y>20\d\d)(?P<m>1[0-2]|0[1-9])",
    rf"(?P<y>20\d\d)[、，,\s]{_MONTH}(?:[、，,\s]{_DAY})?",
    rf"{_MONTH}[./](?P<d>3[01]|[12]\d|0[1-9])",
    rf"{_DAY}([./-]){_MONTH}\2(?P<y>20\d\d)",
    rf"(?:{_DAY}-)?(?P<name>{'|'.join(month_abbr[1:])})-{_SHORT}",
)
"""``5.31`` is a day, ``5.3`` and ``25.1`` are none: a sheet that takes 5.30 and 25.10 for numbers drops their zeros.
``May-25`` is how Excel shows 2025年5月 in a .csv."""
_DROPPED = re.compile(r"20\d\d\.1")


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    rest = load_ledger_wording().cells.date_rest
    return tuple(re.compile(rf"(?:{shape}){rest}") for shape in _SHAPES)


def is_serial_date(text: str) -> bool:
    """Whether a cell holds a day as a spreadsheet counts it."""
    return _SERIAL.fullmatch(_plain(text)) is not None


def with_years(text: str) -> str:
    """The cell with the year said once written before each later month: ``2025年3月底前…，6月底前…``."""
    wording = load_ledger_wording().cells
    year, last = "", 0
    pieces: list[str] = []
    end = 0
    for found in wording.month.finditer(text):
        month = int(found["m"])
        goes_on = bool(year) and not found["y"] and month > last
        pieces += [text[end : found.start()], year if goes_on else "", found[0]]
        year, last, end = (found["y"] or year) if found["y"] or goes_on else "", month, found.end()
    return "".join((*pieces, text[end:]))


def may_be_october(text: str) -> bool:
    """Whether a cell looks like January and may be October, its zero dropped: ``2025.1``."""
    return _DROPPED.fullmatch(_plain(text)) is not None


def date_written_out(text: str) -> str:
    """The cell with its day written out; any other text as it stands."""
    plain = _plain(text)
    if serial := _SERIAL.fullmatch(plain):
        return day_of_serial(int(serial[1])).isoformat()
    found = next((one for form in _forms() if (one := form.fullmatch(plain))), None)
    return _written_out(found.groupdict()) if found else text


def _plain(text: str) -> str:
    return compatible(text).strip(" 。.;；")


def _written_out(parts: dict[str, str | None]) -> str:
    year, day, rest = parts.get("y"), parts.get("d"), (parts["rest"] or "").removeprefix("日")
    month = parts.get("m") or str(list(month_abbr).index(parts.get("name") or ""))
    head = f"{int(year) % 100 + 2000}年" if year else ""
    return f"{head}{int(month)}月" + (f"{int(day)}日" if day else "") + rest
