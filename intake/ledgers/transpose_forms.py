"""Forms instead of tables: records whose labels stand beside their values, brought into a table with one row for each.

1. Down the sheet, one card or several: ``反馈问题 | 河道治理不到位``, ``责任单位 | 水政科 | 完成时限 | 6月底``.
2. Across the sheet, one column for each record: ``反馈问题 | 甲 | 乙``, ``整改措施 | 改甲 | 改乙``.

A sheet that explains how the columns are to be filled in looks like a form, and is none.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from intake.documents import Grid
from intake.draft import Ask
from intake.ledgers.column_vocabulary import ColumnVocabulary
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import cell_as_text, normalised

_FEWEST = 3
"""Fields that a record has at least."""
_KNOWN = 0.6
"""The share of a form's labels that are known."""
_LONGEST = 400
"""Rows of a sheet of forms at most; a longer sheet is a table."""
_WIDEST = 24
"""Texts in a row of a card at most; more is a table."""

LabelledValue = tuple[str, str]


@dataclass(slots=True)
class _Record:
    """One card: the rows that it takes, and each label with its value, which may be empty."""

    rows: list[int] = field(default_factory=list)
    pairs: list[LabelledValue] = field(default_factory=list)


def transposed_forms(grid: Grid, columns: ColumnVocabulary) -> tuple[Grid, list[Ask]]:
    """A sheet of forms as a table, and the question whether that is right; any other sheet stays as it is."""
    if not 0 < len(grid.rows) <= _LONGEST:
        return grid, []
    forms = _Forms(grid, columns)
    if turned := forms.across():
        told = "这张表每一栏是一项，已按列读入，行号是转过来以后的，是否正确？"
        return turned, [Ask(grid.name, told, "每一栏按一项措施督办", grid.name)]
    records = forms.down()
    if not records:
        return grid, []
    told = f"这张表是竖排的一份单子，已按{len(records)}项措施读入，是否正确？".replace("按1项", "按一项")
    return forms.as_table(records), [
        Ask(grid.name, told, "按一项措施督办" if len(records) == 1 else "每份单子按一项措施督办", grid.name)
    ]


class _Forms:
    """Looks for forms on one sheet."""

    def __init__(self, grid: Grid, columns: ColumnVocabulary) -> None:
        self._grid, self._columns = grid, columns
        covered = {
            (row, column)
            for top, left, bottom, right in grid.merged
            for row in range(top, min(bottom, len(grid.rows)) + 1)
            for column in range(left + 1, right + 1)
        }
        self._cells = [
            [cell_as_text(cell) for column, cell in enumerate(cells) if (row, column) not in covered]
            for row, cells in enumerate(grid.rows)
        ]
        lines = [[text for text in cells if text] for cells in self._cells]
        # What is merged down repeats the line.
        self._lines = [line if line != above else [] for above, line in pairwise([[], *lines])]

    def _is_label(self, text: str) -> bool:
        return not text[-1:].isdecimal() and self._columns.sense(text) is not None

    def _opens(self, labels: Sequence[str]) -> bool:
        return any(sense.names_work for label in labels if (sense := self._columns.sense(label)))

    def down(self) -> list[_Record]:
        """The cards down the sheet, if it is made of them."""
        records: list[_Record] = []
        if max(map(len, self._lines)) > _WIDEST:
            return []
        for row, line in enumerate(self._lines):
            pairs = self._pairs(self._cells[row]) if line else []
            if len(line) == 1 and not self._is_label(line[0]):
                # A label by itself has its value below.
                if records and records[-1].rows[-1] == row - 1 and len(self._lines[row - 1]) == 1:
                    records[-1].pairs[-1] = (records[-1].pairs[-1][0], line[0])
                    records[-1].rows.append(row)
            elif pairs and (records or self._is_label(pairs[0][0])):
                if not records or self._begins(pairs, records):
                    records.append(_Record())
                records[-1].pairs += pairs
                records[-1].rows.append(row)
        return records if records and self._are_forms(records) else []

    def _pairs(self, cells: Sequence[str]) -> list[LabelledValue]:
        """Labels and values in turn. A label has no value where another one or the end follows, or an empty cell and
        then texts in pairs."""
        label, *rest = cells
        if not label:
            return self._pairs(rest) if rest else []
        said = [text for text in takewhile(lambda text: not self._is_label(text), rest) if text]
        value = said[0] if said and (rest[0] or len(said) % 2) else ""
        after = rest[rest.index(value) + 1 :] if value else rest
        return [(label, value), *(self._pairs(after) if after else [])]

    def _begins(self, pairs: list[LabelledValue], records: list[_Record]) -> bool:
        """Whether a row begins the next card: with the label that the first one began with."""
        return normalised(pairs[0][0]) == normalised(records[0].pairs[0][0]) and len(records[-1].pairs) >= _FEWEST

    def _are_forms(self, records: list[_Record]) -> bool:
        pairs = [pair for record in records for pair in record.pairs]
        known = [(label, value) for label, value in pairs if self._is_label(label)]
        said = [value for _, value in known if value]
        enough = len(known) >= max(_FEWEST, _KNOWN * len(pairs)) and len(said) * 2 > len(known)
        two_rows = len(records[0].rows) > 1
        return enough and two_rows and self._opens([label for label, _ in known]) and not _explain(said)

    def as_table(self, records: list[_Record]) -> Grid:
        """The cards as a table: the header where the first one begins, each card's values where it ends."""
        places: dict[tuple[str, int], str] = {}
        filled: list[dict[tuple[str, int], str]] = []
        for record in records:
            met: Counter[str] = Counter()
            values = {}
            for label, value in record.pairs:
                met[normalised(label)] += 1
                places.setdefault((normalised(label), met[normalised(label)]), label)
                values[normalised(label), met[normalised(label)]] = value
            filled.append(values)
        taken = {row for record in records for row in record.rows}
        # What stands between the cards stands over the whole width, as headings in a table do.
        texts = ["" if row in taken else " ".join(line) for row, line in enumerate(self._lines)]
        blanks = [""] * (len(places) - 1)
        rows = [
            (text, *([text] * len(blanks) if row > records[0].rows[0] else blanks)) for row, text in enumerate(texts)
        ]
        for record, values in zip(records, filled, strict=True):
            rows[record.rows[-1]] = tuple(values.get(place, "") for place in places)
        rows[records[0].rows[0]] = tuple(places.values())
        return replace(self._grid, rows=tuple(rows), merged=())

    def across(self) -> Grid | None:
        """The sheet turned, if labels stand in its first column and one record in each further one."""
        labelled = [row for row, line in enumerate(self._lines) if len(line) > 1 and self._is_label(line[0])]
        tables = [line for line in self._lines if len(line) > 1]
        if len(labelled) < max(_FEWEST, _KNOWN * len(tables)) or max(map(len, tables), default=0) < _FEWEST:
            return None
        texts = [[cell_as_text(cell) for cell in self._grid.rows[row]] for row in labelled]
        first = next(place for place, text in enumerate(texts[0]) if text)
        labels = [row[first] for row in texts]
        records = [[*column] for column in zip(*texts, strict=True)][first + 1 :]
        records = [record for record in records if any(record)]
        said = [text for record in records for text in record if text]
        alone = not any(normalised(text) in self._columns.meanings for text in said)
        explained = any(_explain([text for text in record if text]) for record in records)
        if len(records) < 2 or not all(labels) or not alone or not self._opens(labels) or explained:
            return None
        above = [(" ".join(line), *[""] * (len(labels) - 1)) for line in self._lines[: labelled[0]]]
        below = [(" ".join(line), *[""] * (len(labels) - 1)) for line in self._others(labelled)]
        return replace(self._grid, rows=(*above, tuple(labels), *map(tuple, records), *below), merged=())

    def _others(self, labelled: list[int]) -> list[list[str]]:
        return [line for row, line in enumerate(self._lines) if row > labelled[0] and row not in labelled and line]


def _explain(values: Sequence[str]) -> bool:
    """Whether most of the values say how a field is to be filled in."""
    wording = load_ledger_wording().layouts
    return sum(1 for value in values if wording.explains.search(value)) * 2 > len(values)
