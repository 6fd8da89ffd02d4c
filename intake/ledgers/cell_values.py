"""What single cells say: numbers, titles, states, shares of a hundred."""

import re

from intake.chinese_numerals import chinese_numeral, numeral_value
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import compatible, one_line
from intake.truncate import LONGEST_TITLE, truncate_line

_YEAR = re.compile(r"20\d\d")
"""What stands before a number and is none of a finding: 2025-01."""
_PAIR = re.compile(r"(\d{1,4})[-.—](\d{1,3})")
_CLAUSE = re.compile(r"[。；;，,：:！!？?\n]")
_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(%?)")
_FAULT = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|=[-+$'\"(\w].*", re.ASCII | re.DOTALL)


def is_fault(text: str) -> bool:
    """Whether a cell holds a formula that failed or was never computed, and not what it should give."""
    return _FAULT.fullmatch(text) is not None


def read_number(text: str) -> tuple[int, int] | None:
    """A clean number as (finding, measure), the measure 0 where only one number stands: ``问题1``, ``一``, ``1-2``."""
    wording = load_ledger_wording().cells
    plain = compatible(text).replace(" ", "")
    if pair := _PAIR.fullmatch(plain):
        if _YEAR.fullmatch(pair[1]):
            return (int(pair[2]), 0) if int(pair[2]) else None
        return (int(pair[1]), int(pair[2])) if int(pair[2]) or plain.endswith(".0") else None
    found = wording.number.fullmatch(plain)
    value = _counted(found[1]) if found else 0
    return (value, 0) if value else None


def _counted(written: str) -> int:
    """The value of a number as people count; 0 for signs that are not written so (一二)."""
    value = numeral_value(written)
    usual = chinese_numeral(value)
    return value if written.isdecimal() or written in (usual, f"一{usual}") else 0


def title_of(text: str) -> str:
    """The first clause of a text without its number, the rest of a longer one cut."""
    wording = load_ledger_wording().cells
    text = text[found.end() :] if (found := wording.counted.match(text)) else text
    line = one_line(text)
    clause = next((part for one in _CLAUSE.split(text) if (part := one_line(one)) and len(part) > 3), line)
    return truncate_line(clause, LONGEST_TITLE)


def read_percent(text: str) -> float | None:
    """A share of a hundred: ``60%``, ``60``, and ``0.6`` as spreadsheets store it. None for what is none, -1 beyond."""
    found = _PERCENT.fullmatch(compatible(text).strip())
    if not found:
        return None
    value = float(found[1]) if found[2] or float(found[1]) > 1 else float(found[1]) * 100
    return value if 0 <= value <= 100 else -1
