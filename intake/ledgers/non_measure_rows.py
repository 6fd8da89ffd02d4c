"""Rows between the measures of a table that are none: totals, signatures, notes, examples, headings, column numbers."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from intake.draft import Unplaced
from intake.ledgers.column_vocabulary import ColumnVocabulary, NonMeasureKind
from intake.ledgers.header import LedgerTable
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import cell_as_text, compatible
from intake.truncate import truncate_line

_NAMES = {
    NonMeasureKind.TOTAL: "合计行",
    NonMeasureKind.SIGNATURE: "签署行",
    NonMeasureKind.NOTE: "说明行",
    NonMeasureKind.EXAMPLE: "示例行",
}
_LATIN, _STEMS = "abcdefghijklmnopqrstuvwxyz", "甲乙丙丁戊己庚辛壬癸"
"""How the row below a header numbers the columns; the stems only those that hold text, before digits."""
_TOLD = 200


def split_measure_rows(table: LedgerTable, columns: ColumnVocabulary) -> tuple[LedgerTable, list[Unplaced]]:
    """The table with only the rows that may be measures, and what the other rows say. Blank rows are dropped."""
    opens = _opening(columns)
    body: list[int] = []
    others: list[Unplaced] = []
    for row in table.body:
        texts = [text for cell in table.grid.rows[row] if (text := cell_as_text(cell))]
        heads = row == table.bottom + 1 and _counts_columns(dict.fromkeys(texts))
        if why := "栏号行" if heads else _aside(texts, opens, bool(others)):
            others.append(unplaced_row(table, row, why))
        elif texts:
            body.append(row)
    return replace(table, body=body), others


def unplaced_row(table: LedgerTable, row: int, why: str) -> Unplaced:
    """A row that is no measure, for people: where it stands, why, and each of its texts once."""
    texts = dict.fromkeys(text for cell in table.grid.rows[row] if (text := cell_as_text(cell)))
    return Unplaced(f"{table.grid.name}!{row + 1}", f"{why}：{truncate_line(' '.join(texts), _TOLD)}")


def _opening(columns: ColumnVocabulary) -> dict[NonMeasureKind, re.Pattern[str]]:
    """How a row begins that is no measure, one pattern for each kind; long words first, so that they are not cut."""
    wording = load_ledger_wording().rows
    words: dict[NonMeasureKind, list[str]] = {}
    for word, ending in sorted(columns.endings.items(), key=lambda one: -len(one[0])):
        words.setdefault(ending, []).append(re.escape(word))
    return {ending: re.compile(f"(?:{'|'.join(found)}){wording.word_ends}") for ending, found in words.items()}


def _aside(texts: list[str], opens: dict[NonMeasureKind, re.Pattern[str]], closing: bool) -> str | None:
    """Why a row is no measure; None where it may be one. A note says one thing, or stands beside its word.

    ``closing``: rows that are none stand above, so that a date by itself belongs to a signature.
    """
    wording = load_ledger_wording().rows
    if not texts:
        return None
    first, second = (_plain(text) for text in (texts[0], texts[1] if len(texts) > 1 else ""))
    ending = next((kind for kind, pattern in opens.items() if pattern.match(first)), None)
    if first.isdecimal() and opens[NonMeasureKind.TOTAL].match(second):
        ending = NonMeasureKind.TOTAL
    if closing and len(set(texts)) == 1 and wording.date.fullmatch(first):
        ending = NonMeasureKind.SIGNATURE
    distinct = len(set(texts))
    if ending and (ending is not NonMeasureKind.NOTE or distinct <= 2):
        return _NAMES[ending]
    return "小标题行" if distinct == 1 and len(texts) > 1 else None


def _counts_columns(texts: Iterable[str]) -> bool:
    """Whether a row only numbers the columns: 1 2 3, A B C, 甲 乙 1 2 3."""
    said = [_plain(text).strip("()") for text in texts]
    letters = [*takewhile(lambda one: not one.isdecimal(), said)]
    digits = said[len(letters) :]
    counted = "".join(letters)
    known = _LATIN.startswith(counted) or (bool(digits) and _STEMS.startswith(counted))
    return len(said) > 2 and known and digits == [str(number) for number, _ in enumerate(digits, 1)]


def _plain(text: str) -> str:
    return "".join(compatible(text[:_TOLD]).split()).casefold()
