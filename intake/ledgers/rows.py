"""The rows of a table as entries: the text of each field, merged measures joined, headings set aside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from intake.draft import Unplaced
from intake.ledgers.cell_values import read_number
from intake.ledgers.column_vocabulary import ColumnVocabulary, LedgerField
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.ledgers.mapping import NOT_KEPT, ColumnMapping
from intake.ledgers.non_measure_rows import unplaced_row
from intake.normalise import cell_as_text, normalised

_LONGEST_WORD = 8
_WHOLE = frozenset((LedgerField.NUMBER, LedgerField.PROBLEM, LedgerField.MEASURE))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row that says something of a problem or a measure: its row from 0, the text of each field, and every row
    it was read from (``台账!12``)."""

    row: int
    values: dict[LedgerField, str]
    places: tuple[str, ...] = ()

    def get(self, field: LedgerField) -> str:
        """The field's text, empty where the row or the table has none."""
        return self.values.get(field, "")


def ledger_rows(mapping: ColumnMapping, columns: ColumnVocabulary) -> tuple[list[LedgerRow], list[Unplaced], list[str]]:
    """The rows that carry content, the headings among them, and the places of rows with nothing but a number.

    Words that say nothing (无, /) are left out, only a limit keeps them, for the question about it; 同上 is what stands
    in the entry above.
    """
    entries: list[LedgerRow] = []
    headings: list[Unplaced] = []
    bare: list[str] = []
    spans = _spans(mapping)
    in_digits = any(number[:1].isdecimal() for number in _numbers(mapping))
    for row in mapping.table.body:
        values = _values(mapping, row, columns, entries[-1] if entries else None)
        place = f"{mapping.table.grid.name}!{row + 1}"
        if _is_heading(values, mapping, in_digits):
            headings.append(unplaced_row(mapping.table, row, "小标题行"))
        elif entries and _goes_on(entries[-1], values, spans.get(row)):
            entries[-1] = _joined(entries[-1], values, place)
        elif not set(values) - {LedgerField.NUMBER}:
            bare.append(place)
        elif entries and _adds_nothing(entries[-1], values, mapping):
            entries[-1] = replace(entries[-1], places=(*entries[-1].places, place))
        else:
            entries.append(LedgerRow(row, values, (place,)))
    return entries, headings, bare


def _values(
    mapping: ColumnMapping, row: int, columns: ColumnVocabulary, above: LedgerRow | None
) -> dict[LedgerField, str]:
    cells = mapping.table.grid.rows[row]
    found = {}
    for field, places in mapping.fields.items():
        texts = dict.fromkeys(cell_as_text(cells[one]) for one in places if one < len(cells))
        text = "\n".join(text for text in texts if text)
        short = normalised(text) if len(text) <= _LONGEST_WORD else text
        if short in columns.dittos:
            text = above.get(field) if above else ""
        if text and (field is LedgerField.LIMIT or short not in columns.states.blanks):
            found[field] = text
    return found


def _numbers(mapping: ColumnMapping) -> Iterator[str]:
    rows = (mapping.table.grid.rows[row] for row in mapping.table.body)
    return (
        cell_as_text(row[one]) for row in rows for one in mapping.fields.get(LedgerField.NUMBER, ()) if one < len(row)
    )


def _is_heading(values: dict[LedgerField, str], mapping: ColumnMapping, in_digits: bool) -> bool:
    """Whether a row has one text only: counted like a chapter, in the place of a number without being one, or in a
    column that gives nothing (类别).

    A problem alone beside 一 is a chapter where the problems themselves are counted in digits (``in_digits``).
    """
    wording = load_ledger_wording().rows
    fields = set(values)
    if len(fields) == 1 and fields <= NOT_KEPT:
        return True
    if fields == {LedgerField.NUMBER, LedgerField.PROBLEM} and in_digits:
        return bool(wording.chapter.fullmatch(values[LedgerField.NUMBER]))
    if fields == {LedgerField.PROBLEM}:
        return LedgerField.MEASURE in mapping.fields and bool(wording.headed.match(values[LedgerField.PROBLEM]))
    return fields == {LedgerField.NUMBER} and read_number(values[LedgerField.NUMBER]) is None


def _spans(mapping: ColumnMapping) -> dict[int, int]:
    """For each row that a measure's merged cell runs down into, the row where that cell begins."""
    columns = mapping.fields.get(LedgerField.MEASURE, ())
    found: dict[int, int] = {}
    for top, left, bottom, right in mapping.table.grid.merged:
        if any(left <= one <= right for one in columns):
            found.update(dict.fromkeys(range(top + 1, bottom + 1), top))
    return found


def _goes_on(entry: LedgerRow, values: dict[LedgerField, str], begins: int | None) -> bool:
    """Whether a row belongs to the measure above it: one merged cell, and one problem."""
    shared = LedgerField.PROBLEM if LedgerField.PROBLEM in entry.values else LedgerField.NUMBER
    same = values.get(shared, entry.get(shared)) == entry.get(shared)
    return begins is not None and entry.row >= begins and same


def _adds_nothing(entry: LedgerRow, values: dict[LedgerField, str], mapping: ColumnMapping) -> bool:
    """Whether a row without a measure only repeats, in merged cells, what stands above it."""
    if LedgerField.MEASURE in values or LedgerField.MEASURE not in mapping.fields:
        return False
    return all(entry.get(field) == text for field, text in values.items())


def _joined(entry: LedgerRow, values: dict[LedgerField, str], place: str) -> LedgerRow:
    """The entry with what a further row of its merged measure adds; its number and its texts stay."""
    merged = dict(entry.values)
    for field, text in values.items():
        before = merged.get(field, "")
        if field not in _WHOLE and text not in (before, *before.split("\n")):
            merged[field] = f"{before}\n{text}".strip()
    return LedgerRow(entry.row, merged, (*entry.places, place))
