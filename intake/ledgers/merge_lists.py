"""三清单: problems, measures and responsibilities on three sheets, told together by their numbers.

Joined only where a sheet has problems without measures and another measures without problems, and every number of the
second stands in the first; a person is asked about it.
"""

from dataclasses import dataclass, replace

from intake.draft import Ask, CellError
from intake.ledgers.cell_values import read_number
from intake.ledgers.column_vocabulary import LedgerField
from intake.ledgers.mapping import ColumnMapping
from intake.ledgers.rows import LedgerRow


@dataclass(frozen=True, slots=True)
class LedgerList:
    """One table with its entries."""

    mapping: ColumnMapping
    entries: list[LedgerRow]

    def has(self, *fields: LedgerField) -> bool:
        """Whether the table has columns for all these."""
        return all(field in self.mapping.fields for field in fields)

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.mapping.table.grid.name

    def numbers(self) -> list[int | None]:
        """The number of each entry; one without a number has that of the entry above."""
        found: list[int | None] = []
        for entry in self.entries:
            number = read_number(entry.get(LedgerField.NUMBER))
            above = found[-1] if found and not entry.get(LedgerField.NUMBER) else None
            found.append(number[0] if number else above)
        return found


def merge_lists(lists: list[LedgerList]) -> tuple[list[LedgerList], list[Ask], list[CellError]]:
    """The tables with those that belong together made one, what is asked about that, and problems left without one."""
    problems = [
        one for one in lists if one.has(LedgerField.NUMBER, LedgerField.PROBLEM) and not one.has(LedgerField.MEASURE)
    ]
    measures = [
        one for one in lists if one.has(LedgerField.NUMBER, LedgerField.MEASURE) and not one.has(LedgerField.PROBLEM)
    ]
    if len(problems) != 1 or len(measures) != 1 or not _answer(measures[0], problems[0]):
        return lists, [], []
    others = [one for one in lists if one not in (*problems, *measures)]
    duties = [one for one in others if _is_supplement(one) and _answer(one, problems[0])]
    joined = _filled(measures[0], [*problems, *duties])
    names = "、".join(f"“{one.name}”" for one in (*problems, *measures, *duties))
    ask = Ask(measures[0].name, f"{names}已按序号对应成一份台账，是否正确？", "按序号对应", measures[0].name)
    rest = [one for one in others if one not in duties]
    return [joined, *rest], [ask], _unanswered(problems[0], measures[0])


def _unanswered(problems: LedgerList, measures: LedgerList) -> list[CellError]:
    """The problems under whose number no measure stands."""
    named, known = problems.mapping.titled(LedgerField.PROBLEM), set(measures.numbers())
    pairs = zip(problems.numbers(), problems.entries, strict=True)
    why = f"“{measures.name}”中没有这一序号的整改措施；请补填"
    return [
        CellError(problems.name, entry.row + 1, named, entry.get(LedgerField.PROBLEM), why)
        for number, entry in pairs
        if number not in known
    ]


def _is_supplement(one: LedgerList) -> bool:
    return one.has(LedgerField.NUMBER) and not one.has(LedgerField.PROBLEM) and not one.has(LedgerField.MEASURE)


def _answer(later: LedgerList, first: LedgerList) -> bool:
    """Whether every entry of a list has a number, and each stands in the first list."""
    numbers = later.numbers()
    return bool(numbers) and None not in numbers and set(numbers) <= set(first.numbers())


def _filled(measures: LedgerList, givers: list[LedgerList]) -> LedgerList:
    """The measures with what the other lists say under the same number; a measure's own cells come first."""
    said: dict[int | None, dict[LedgerField, str]] = {}
    places: dict[int | None, tuple[str, ...]] = {}
    for giver in givers:
        for number, entry in zip(giver.numbers(), giver.entries, strict=True):
            said[number] = entry.values | said.get(number, {})
            places[number] = (*places.get(number, ()), *entry.places)
    pairs = zip(measures.numbers(), measures.entries, strict=True)
    entries = [
        LedgerRow(
            entry.row,
            said.get(number, {}) | {LedgerField.NUMBER: str(number)} | entry.values,
            (*entry.places, *places.get(number, ())),
        )
        for number, entry in pairs
    ]
    fields = {field: () for giver in givers for field in giver.mapping.fields} | measures.mapping.fields
    return LedgerList(replace(measures.mapping, fields=fields), entries)
