"""The rows of a table as entries: the text of each field, merged measures joined, headings set aside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intake.draft import Unplaced
from intake.ledgers.asides import told
from intake.ledgers.cells import number_of
from intake.ledgers.columns import Columns, Field
from intake.ledgers.mapping import NOT_KEPT, Mapping
from intake.ledgers.spelling import key, written

_HEADED = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）、]|第[一二三四五六七八九十\d]{1,3}[章类部]")
_CHAPTER = re.compile(r"[(（第]?[一二三四五六七八九十]{1,3}[)）、.章类部]*")
_LONGEST_WORD = 8
_WHOLE = frozenset((Field.NUMBER, Field.PROBLEM, Field.MEASURE))


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that says something of a problem or a measure: its row from 0 and the text of each field."""

    row: int
    values: dict[Field, str]

    def get(self, field: Field) -> str:
        """The field's text, empty where the row or the table has none."""
        return self.values.get(field, "")


def entries_of(mapping: Mapping, columns: Columns) -> tuple[list[Entry], list[Unplaced]]:
    """The rows that carry content, and the headings among them; a row with nothing but a number is neither.

    Words that say nothing (无, /) are left out, only a limit keeps them, for the question about it; 同上 is what stands
    in the entry above.
    """
    entries: list[Entry] = []
    headings: list[Unplaced] = []
    spans = _spans(mapping)
    in_digits = any(number[:1].isdecimal() for number in _numbers(mapping))
    for row in mapping.table.body:
        values = _values(mapping, row, columns, entries[-1] if entries else None)
        if _is_heading(values, mapping, in_digits):
            headings.append(told(mapping.table, row, "小标题行"))
        elif entries and _goes_on(entries[-1], values, spans.get(row)):
            entries[-1] = _joined(entries[-1], values)
        elif set(values) - {Field.NUMBER} and not (entries and _adds_nothing(entries[-1], values, mapping)):
            entries.append(Entry(row, values))
    return entries, headings


def _values(mapping: Mapping, row: int, columns: Columns, above: Entry | None) -> dict[Field, str]:
    cells = mapping.table.sheet.rows[row]
    found = {}
    for field, places in mapping.fields.items():
        texts = dict.fromkeys(written(cells[one]) for one in places if one < len(cells))
        text = "\n".join(text for text in texts if text)
        short = key(text) if len(text) <= _LONGEST_WORD else text
        if short in columns.dittos:
            text = above.get(field) if above else ""
        if text and (field is Field.LIMIT or short not in columns.blanks):
            found[field] = text
    return found


def _numbers(mapping: Mapping) -> Iterator[str]:
    rows = (mapping.table.sheet.rows[row] for row in mapping.table.body)
    return (written(row[one]) for row in rows for one in mapping.fields.get(Field.NUMBER, ()) if one < len(row))


def _is_heading(values: dict[Field, str], mapping: Mapping, in_digits: bool) -> bool:
    """Whether a row has one text only: counted like a chapter, in the place of a number without being one, or in a
    column that gives nothing (类别).

    A problem alone beside 一 is a chapter where the problems themselves are counted in digits (``in_digits``).
    """
    fields = set(values)
    if len(fields) == 1 and fields <= NOT_KEPT:
        return True
    if fields == {Field.NUMBER, Field.PROBLEM} and in_digits:
        return bool(_CHAPTER.fullmatch(values[Field.NUMBER]))
    if fields == {Field.PROBLEM}:
        return Field.MEASURE in mapping.fields and bool(_HEADED.match(values[Field.PROBLEM]))
    return fields == {Field.NUMBER} and number_of(values[Field.NUMBER]) is None


def _spans(mapping: Mapping) -> dict[int, int]:
    """For each row that a measure's merged cell runs down into, the row where that cell begins."""
    columns = mapping.fields.get(Field.MEASURE, ())
    found: dict[int, int] = {}
    for top, left, bottom, right in mapping.table.sheet.merged:
        if any(left <= one <= right for one in columns):
            found.update(dict.fromkeys(range(top + 1, bottom + 1), top))
    return found


def _goes_on(entry: Entry, values: dict[Field, str], begins: int | None) -> bool:
    """Whether a row belongs to the measure above it: one merged cell, and one problem."""
    shared = Field.PROBLEM if Field.PROBLEM in entry.values else Field.NUMBER
    same = values.get(shared, entry.get(shared)) == entry.get(shared)
    return begins is not None and entry.row >= begins and same


def _adds_nothing(entry: Entry, values: dict[Field, str], mapping: Mapping) -> bool:
    """Whether a row without a measure only repeats, in merged cells, what stands above it."""
    if Field.MEASURE in values or Field.MEASURE not in mapping.fields:
        return False
    return all(entry.get(field) == text for field, text in values.items())


def _joined(entry: Entry, values: dict[Field, str]) -> Entry:
    """The entry with what a further row of its merged measure adds; its number and its texts stay."""
    merged = dict(entry.values)
    for field, text in values.items():
        before = merged.get(field, "")
        if field not in _WHOLE and text not in (before, *before.split("\n")):
            merged[field] = f"{before}\n{text}".strip()
    return Entry(entry.row, merged)
