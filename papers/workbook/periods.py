"""The read-only list of periods, and how an edit to it is noticed.

The ledger alone says what happened in a period. Every row carries a print of each of its cells, so that an edit is
told by its column instead of being lost without a word.
"""

from datetime import date
from hashlib import sha256
from typing import Any

from papers.workbook import EditedPeriod, PeriodRow
from papers.workbook.cells import Unreadable, cell_text
from papers.workbook.kinds import DAY, read_day
from papers.workbook.layout import PERIODS
from papers.workbook.tables import WorkbookReader, WorkbookRow
from plan.model import Plan
from text import clean

_SHOWN = tuple(column for column in PERIODS.columns if column.name not in ("key", "print"))
_DAYS = {column.name for column in PERIODS.columns if column.kind is DAY}


def period_fields(plan: Plan, rows: tuple[PeriodRow, ...]) -> list[dict[str, Any]]:
    """The ``rows`` of 期次; a duty that ``plan`` still has is called by its title."""
    titles = {
        (measure.code, duty.key): duty.title
        for finding in plan.findings
        for measure in finding.measures
        for duty in measure.duties
    }
    return [_fields(row, titles.get((row.measure, row.duty), row.duty)) for row in rows]


def _fields(row: PeriodRow, duty: str) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(row, name) for name in type(row).__dataclass_fields__} | {"duty": duty}
    written = [fields[one.name] if fields[one.name] is None else one.kind.write(fields[one.name]) for one in _SHOWN]
    texts = [str(value) if isinstance(value, date) else _back(str(value or "")) for value in written]
    return fields | {"print": _print(_back(row.key), texts)}


def _back(text: str) -> str:
    """``text`` as it will be read from the cell it is written to."""
    return clean.from_cell(clean.cell(text))


def edited_periods(book: WorkbookReader) -> tuple[EditedPeriod, ...]:
    """The rows of 期次 in ``book`` that were added or do not say what was exported; a deleted one changes nothing."""
    found = ((row, _edit(row)) for row in book.rows(PERIODS, optional=True))
    return tuple(EditedPeriod(PERIODS.sheet, row.number, _said(row, "key"), what) for row, what in found if what)


def _edit(row: WorkbookRow) -> str:
    given, prints = _said(row, "key"), _said(row, "print")
    if not prints:
        return "是新增的行"
    now, before = _print(given, [_said(row, one.name) for one in _SHOWN]).split("-"), prints.split("-")
    if now[0] != before[0] or len(now) != len(before):
        return "技术栏被改动"
    changed = [one.header for one, new, old in zip(_SHOWN, now[1:], before[1:], strict=True) if new != old]
    return f"“{'”“'.join(changed)}”被改动" if changed else ""


def _print(key: str, texts: list[str]) -> str:
    # The place is part of it: two cells that change places are noticed, and eight digits are enough for a slip.
    return "-".join(
        sha256(f"{key}\n{place}\n{text}".encode()).hexdigest()[:8] for place, text in enumerate([key, *texts])
    )


def _said(row: WorkbookRow, name: str) -> str:
    """What a cell says, as it was when written; a cell that cannot be read says nothing that was."""
    cell = row.cells.get(name)
    if cell is None:
        return ""
    try:
        return str(read_day(cell)) if name in _DAYS else cell_text(cell)
    except Unreadable as error:
        return str(error)
