"""Rows between the measures of a table that are none: totals, signatures, notes, headings across the sheet."""

import re
import unicodedata
from dataclasses import replace

from intake.draft import Unplaced
from intake.ledgers.columns import Columns, Ending
from intake.ledgers.header import Table
from intake.ledgers.spelling import shortened, written

_ENDS = r"(?=$|[:_]|\((?:盖章|公章|签章|签字|签名|项|条|个|件)|共?\d+[项条个件]?$|共\d)"
"""What follows such a word, so that a problem that begins with 累计12个项目 stays a problem."""
_NAMES = {Ending.TOTAL: "合计行", Ending.SIGNATURE: "签署行", Ending.NOTE: "说明行"}
_TOLD = 200


def without_asides(table: Table, columns: Columns) -> tuple[Table, list[Unplaced]]:
    """The table with only the rows that may be measures, and what the other rows say. Blank rows are dropped."""
    opens = _opening(columns)
    body: list[int] = []
    others: list[Unplaced] = []
    for row in table.body:
        texts = [text for cell in table.sheet.rows[row] if (text := written(cell))]
        if why := _aside(texts, opens):
            others.append(told(table, row, why))
        elif texts:
            body.append(row)
    return replace(table, body=body), others


def told(table: Table, row: int, why: str) -> Unplaced:
    """A row that is no measure, for people: where it stands, why, and each of its texts once."""
    texts = dict.fromkeys(text for cell in table.sheet.rows[row] if (text := written(cell)))
    return Unplaced(f"{table.sheet.name}!{row + 1}", f"{why}：{shortened(' '.join(texts), _TOLD)}")


def _opening(columns: Columns) -> dict[Ending, re.Pattern[str]]:
    """How a row begins that is no measure, one pattern for each kind; long words first, so that they are not cut."""
    words: dict[Ending, list[str]] = {}
    for word, ending in sorted(columns.endings.items(), key=lambda one: -len(one[0])):
        words.setdefault(ending, []).append(re.escape(word))
    return {ending: re.compile(f"(?:{'|'.join(found)}){_ENDS}") for ending, found in words.items()}


def _aside(texts: list[str], opens: dict[Ending, re.Pattern[str]]) -> str | None:
    """Why a row is no measure; None where it may be one. A note says one thing, or stands beside its word."""
    if not texts:
        return None
    first = "".join(unicodedata.normalize("NFKC", texts[0][:_TOLD]).split()).casefold()
    ending = next((kind for kind, pattern in opens.items() if pattern.match(first)), None)
    distinct = len(set(texts))
    if ending and (ending is not Ending.NOTE or distinct <= 2):
        return _NAMES[ending]
    return "小标题行" if distinct == 1 and len(texts) > 1 else None
