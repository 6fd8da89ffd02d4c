"""What a column holds: how its value is written for people, and how what people wrote is read back."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from intake.draft import DocumentDates
from intake.phrases import read_limit
from intake.serial_dates import day_of_serial
from papers.workbook.cells import Cell, Unreadable, Value, cell_text
from papers.workbook.paint import CellLook
from plan.due import GRAMMAR, NTH_WORDS, DueRule
from text.catalogue import term

_EXCEL_BEGINS = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was: earlier days are written as text."""
_SERIALS = range(36_526, 73_051)
"""Serial numbers of 2000 to 2099: a date pasted as a plain number."""
_DAY = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?前?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class CellKind:
    """``write`` gives a cell's value, None for none. ``read`` gives the plan's text, None for none; it raises
    ``Unreadable``. ``look`` is one of the looks of ``paint.py``; ``choices`` are offered in the cell."""

    write: Callable[[Any], Value]
    read: Callable[[Cell], Any]
    look: CellLook = "居中"
    choices: tuple[str, ...] = ()


def _line(cell: Cell) -> str | None:
    return cell_text(cell).strip() or None


def _text(cell: Cell) -> str | None:
    return cell_text(cell) or None


def _code(cell: Cell) -> str | None:
    # Refused and not guessed: what the number was before Excel took it cannot be told.
    if cell.value is not None and cell.data_type in ("n", "d"):  # 01 has become 1, and 2-3 the third of February
        raise Unreadable("被当成了数字或日期，编号已走样；请把单元格格式设为“文本”后重新填写")
    return _line(cell)


def read_day(cell: Cell) -> date | None:
    """A day: a date ``cell``, a serial number somebody pasted, or a date in words. Raises ``Unreadable``."""
    value = cell.value
    if isinstance(value, datetime):
        if value.time() != datetime.min.time():
            raise Unreadable("带有钟点；请只填日期")
        return value.date()
    if isinstance(value, date):
        return value
    # A fraction is no day: ``in`` a range knows whole numbers only.
    if isinstance(value, int | float) and value in _SERIALS:
        return day_of_serial(int(value))
    return _day_in(text) if (text := _line(cell)) else None


def _day_in(text: str) -> date:
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    found = _DAY.fullmatch(compact) or _COMPACT_DAY.fullmatch(compact)
    if not found:
        raise Unreadable("不是日期；请填到日，如 2025年5月31日")
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise Unreadable("没有这一天；请核对日期") from None


def _write_day(value: date | None) -> Value:
    return value.isoformat() if value is not None and value < _EXCEL_BEGINS else value


def _iso(cell: Cell) -> str | None:
    found = read_day(cell)
    return found.isoformat() if found else None


def _limit(cell: Cell) -> str | None:
    """A day by which something is due; there people also write 2025年5月底前, which means its last day."""
    try:
        return _iso(cell)
    except Unreadable:
        said = read_limit(cell.value, DocumentDates()) if isinstance(cell.value, str) else None
        # Only what is one day beyond doubt; whatever intake would ask about is told as unreadable.
        if said is None or said.due is None or said.ask is not None or said.keep_up or len(said.hints) > 1:
            raise
        return said.due.isoformat()


def _whole(cell: Cell) -> str | None:
    text = unicodedata.normalize("NFKC", cell_text(cell)).strip()
    if text and not re.fullmatch(r"\d{1,6}", text):
        raise Unreadable("不是整数；请填数字")
    return text or None


def _order(cell: Cell) -> float | None:
    """A place in the list; people fill it with formulas and words, and then the row's own place counts."""
    return float(cell.value) if cell.data_type == "n" and isinstance(cell.value, int | float) else None


def _yes(cell: Cell) -> str | None:
    return _known({"是": "true", "否": "false"}, _line(cell))


def _known(words: dict[str, str], text: str | None) -> str | None:
    if text is None or text in words:
        return None if text is None else words[text]
    if text in words.values():
        return text
    raise Unreadable(f"不在可选之列：{'、'.join(words)}")


def word_of(vocabulary: type[StrEnum]) -> CellKind:
    """A closed ``vocabulary`` of ``plan/types.py``, chosen by its Chinese word; its value is read, too."""
    words = {term(one): one.value for one in vocabulary}
    return CellKind(term, lambda cell: _known(words, _line(cell)), choices=tuple(words))


DUE_EXAMPLES = (
    "期末",
    "期末前3个工作日",
    "期末前5天",
    "期初后9天",
    "第3个工作日",
    "倒数第1个工作日",
    "当月25日",
    "次月5日",
    "期末月25日",
    "期满次月5日",
    "第2个月10日",
)
_FIXED = {"期末": "end", "期初": "start+0d"}
_OFFSET = re.compile(r"(期末|期初)(前|后)(\d{1,3})(个工作日|工作日|天|日)")
_NTH = re.compile(r"(倒数)?第(\d{1,2})个(工作日|星期[一二三四五六日])")
_MONTHS_AFTER = ("次月", "下月", "期满次月")
_MONTH_DAY = re.compile(r"(当月|每月|末月|期末月|次月|下月|期满次月|第\d{1,2}个月)(?:(\d{1,2})[日号]|月?底)")


def due_rule(text: str) -> str:
    """A due rule in the words of ``due_text``, in those people use beside them, or in the plan's own grammar.

    Args:
        text: what a cell says; 当月 stands in older workbooks for the last month of any period.

    Returns:
        The rule in the plan's own grammar.

    Raises:
        Unreadable: it is none of these.
    """
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    if found := _OFFSET.fullmatch(compact):
        sign, unit = "-" if found[2] == "前" else "+", "wd" if "工作日" in found[4] else "d"
        text = f"{'end' if found[1] == '期末' else 'start'}{sign}{found[3]}{unit}"
    elif found := _NTH.fullmatch(compact):
        basis = next(one for one, name in NTH_WORDS.items() if name == found[3])
        text = f"{basis} {'-' if found[1] else ''}{found[2]}"
    elif found := _MONTH_DAY.fullmatch(compact):
        month = f"month {found[1][1:-2]} " if found[1].startswith("第") else ""
        text = f"{month}{'after day' if found[1] in _MONTHS_AFTER else 'day'} {found[2] or 31}"
    try:
        return str(DueRule.parse(_FIXED.get(compact, text)))
    except ValueError:
        raise Unreadable(f"读不懂；可填 {'、'.join(DUE_EXAMPLES)}（或 {GRAMMAR}）") from None


def _due(cell: Cell) -> str | None:
    text = _line(cell)
    return due_rule(text) if text else None


def _lines(cell: Cell) -> list[str] | None:
    return [part.strip() for part in cell_text(cell).split("\n") if part.strip()] or None


LINE = CellKind(lambda value: value, _line, "文字")
TEXT = CellKind(lambda value: value, _text, "文字")
CODE = CellKind(lambda value: value, _code)
DAY = CellKind(_write_day, _iso, "日期")
LIMIT = CellKind(_write_day, _limit, "日期")
WHOLE = CellKind(lambda value: value, _whole, "数字")
ORDER = CellKind(lambda value: value, _order, "数字")
YES_NO = CellKind(lambda value: "是" if value else "否", _yes, choices=("是", "否"))
DUE = CellKind(lambda value: value, _due, choices=DUE_EXAMPLES)
"""A due rule in words; it is written by ``due_text``, which has to know the cadence of its duty."""
NAMES = CellKind("\n".join, _lines, "文字")
"""Several names of the lists of units or posts, one to a line."""


def _codes(cell: Cell) -> list[str] | None:
    said = _code(cell)
    return [part for part in re.split(r"[\s、，,；;]+", said) if part] if said else None


CODES = CellKind("、".join, _codes)
"""Several codes of measures or findings, with 、 between them."""
