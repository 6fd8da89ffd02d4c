"""What a person may have left in a cell, and how much may stand in one."""

from datetime import date, datetime
from typing import Any, Protocol

from text.catalogue import date_text
from text.clean import from_cell

LONGEST_CELL = 32_767
"""UTF-16 units in one cell: more is silently cut off by Excel."""

Value = str | int | float | date | None


class Cell(Protocol):
    """A cell of openpyxl, of whichever mode; ``data_type`` is ``f`` for a formula and ``e`` for an error."""

    @property
    def value(self) -> Any: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str: ...


class Unreadable(Exception):
    """A cell that cannot be read; ``str()`` says in Chinese why and how to mend it."""


def cell_text(cell: Cell) -> str:
    """What ``cell`` says, as text; empty for an empty cell. Raises ``Unreadable`` for formulas and errors."""
    value = cell.value
    if cell.data_type == "f":
        raise Unreadable("是公式；请复制后用“选择性粘贴—数值”改成文字")
    if cell.data_type == "e":
        raise Unreadable("是错误值；请重新填写")
    if value is None:
        return ""
    if isinstance(value, str):
        return from_cell(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return date_text(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def complaint_text(cell: Cell) -> str:
    """The content of ``cell`` as a complaint shows it."""
    value = cell.value
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        return str(value)
    return date_text(value) if isinstance(value, date) else "" if value is None else str(value)
