"""Text and cells: what may stand in a cell, and what a person may have left there.

Excel stores a character it cannot show as ``_x000D_``, and some readers undo that even where a text says so itself.
A word joiner breaks such a pattern apart on the way out. A plan cannot hold that character, so it marks nothing else
and is taken out on the way back.
"""

import re
from datetime import date, datetime
from typing import Any, Protocol

from plan.faults import hidden_character
from text.catalogue import date_text

LONGEST_CELL = 32_767
"""UTF-16 units in one cell: more is silently cut off by Excel."""
_JOINER = "\u2060"
_ESCAPE = re.compile(r"x(?=[0-9A-Fa-f]{4}_)")
_CARRIAGE_RETURN = re.compile("_x000[dD]_")
_ACTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula."""

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


def guarded(text: str) -> str:
    """``text`` as it is written into a cell, so that every program gives it back unchanged."""
    return _ESCAPE.sub(f"x{_JOINER}", text if hidden_character(text) is None else plain(text))


def acts(text: str) -> bool:
    """Whether a spreadsheet might take ``text`` for a formula if somebody edits the cell."""
    return text.startswith(_ACTS)


def plain(text: str) -> str:
    """Text of a cell without what nobody sees: line ends of other systems, tabs, characters that hide."""
    text = _CARRIAGE_RETURN.sub("", text)
    if hidden_character(text) is None:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in text if hidden_character(char) is None)


def cell_text(cell: Cell) -> str:
    """What a cell says, as text; empty for an empty cell. Raises ``Unreadable`` for formulas and errors."""
    value = cell.value
    if cell.data_type == "f":
        raise Unreadable("是公式；请复制后用“选择性粘贴—数值”改成文字")
    if cell.data_type == "e":
        raise Unreadable("是错误值；请重新填写")
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return date_text(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def complaint_text(cell: Cell) -> str:
    """A cell's content as a complaint shows it."""
    value = cell.value
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        return str(value)
    return date_text(value) if isinstance(value, date) else "" if value is None else str(value)
