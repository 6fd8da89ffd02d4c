"""Sheets laid out otherwise than as a table with one column for each thing, brought into that form.

1. Columns named by states with ticks below (``已完成 | 正在整改``, ``√``) become columns of the state.
2. A sheet of one unit, named by its name or above its table (``责任单位：水政科``), has that unit on every row.
"""

from collections.abc import Iterator
from dataclasses import replace

from intake.draft import Ask
from intake.ledgers.column_vocabulary import ColumnVocabulary, LedgerField
from intake.ledgers.header import ColumnHeader, LedgerTable
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.ledgers.rows import LedgerRow
from intake.normalise import cell_as_text, normalised, one_line

_STATE = "整改状态"


def with_states(table: LedgerTable, columns: ColumnVocabulary) -> LedgerTable:
    """The table with ticks below a state's name replaced by that name; two ticks in a row stay two states."""
    ticked = {column: table.headings[column].parts[-1] for column in _ticked(table, columns)}
    if not ticked:
        return table
    rows = list(table.grid.rows)
    for row in table.body:
        rows[row] = tuple(
            ticked[column] if column in ticked and cell_as_text(cell) else cell for column, cell in enumerate(rows[row])
        )
    state = ColumnHeader((_STATE,), columns.sense(_STATE))
    headings = tuple(state if column in ticked else one for column, one in enumerate(table.headings))
    return replace(table, grid=replace(table.grid, rows=tuple(rows)), headings=headings)


def _ticked(table: LedgerTable, columns: ColumnVocabulary) -> Iterator[int]:
    wording = load_ledger_wording().layouts
    for column, heading in enumerate(table.headings):
        cells = {cell_as_text(table.grid.rows[row][column]) for row in table.body}
        if heading.parts and normalised(heading.parts[-1]) in columns.states.states and cells <= {*wording.ticks, ""}:
            yield column


def with_unit(table: LedgerTable, entries: list[LedgerRow]) -> tuple[list[LedgerRow], list[Ask]]:
    """The rows of a table without a column for units, each with the unit that its sheet names, and a question."""
    wording = load_ledger_wording().layouts
    above = [one_line(cell_as_text(cell)) for row in table.grid.rows[: table.top] for cell in row]
    named = next((found[1] for text in above if (found := wording.owner.search(text))), None)
    unit = named or (table.grid.name if wording.unit.fullmatch(table.grid.name) else None)
    if unit is None:
        return entries, []
    ask = Ask(
        unit, f"本表没有责任单位一栏，暂以“{unit}”为各项措施的牵头单位，是否正确？", f"由{unit}牵头", table.grid.name
    )
    return [replace(one, values={**one.values, LedgerField.LEAD: unit}) for one in entries], [ask]
