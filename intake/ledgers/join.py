"""三清单: problems, measures and responsibilities on three sheets, told together by their numbers.

Joined only where a sheet has problems without measures and another measures without problems, and every number of the
second stands in the first; a person is asked about it.
"""

from dataclasses import dataclass, replace

from intake.draft import Ask, CellError
from intake.ledgers.cells import number_of
from intake.ledgers.columns import Field
from intake.ledgers.mapping import Mapping
from intake.ledgers.rows import Entry


@dataclass(frozen=True, slots=True)
class Listed:
    """One table with its entries."""

    mapping: Mapping
    entries: list[Entry]

    def has(self, *fields: Field) -> bool:
        """Whether the table has columns for all these."""
        return all(field in self.mapping.fields for field in fields)

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.mapping.table.sheet.name

    def numbers(self) -> list[int | None]:
        """The number of each entry; one without a number has that of the entry above."""
        found: list[int | None] = []
        for entry in self.entries:
            number = number_of(entry.get(Field.NUMBER))
            above = found[-1] if found and not entry.get(Field.NUMBER) else None
            found.append(number[0] if number else above)
        return found


def join(lists: list[Listed]) -> tuple[list[Listed], list[Ask], list[CellError]]:
    """The tables with those that belong together made one, what is asked about that, and problems left without one."""
    problems = [one for one in lists if one.has(Field.NUMBER, Field.PROBLEM) and not one.has(Field.MEASURE)]
    measures = [one for one in lists if one.has(Field.NUMBER, Field.MEASURE) and not one.has(Field.PROBLEM)]
    if len(problems) != 1 or len(measures) != 1 or not _answer(measures[0], problems[0]):
        return lists, [], []
    others = [one for one in lists if one not in (*problems, *measures)]
    duties = [one for one in others if _is_supplement(one) and _answer(one, problems[0])]
    joined = _filled(measures[0], [*problems, *duties])
    names = "、".join(f"“{one.name}”" for one in (*problems, *measures, *duties))
    ask = Ask(measures[0].name, f"{names}已按序号对应成一份台账，是否正确？", "按序号对应", measures[0].name)
    rest = [one for one in others if one not in duties]
    return [joined, *rest], [ask], _unanswered(problems[0], measures[0])


def _unanswered(problems: Listed, measures: Listed) -> list[CellError]:
    """The problems under whose number no measure stands."""
    named, known = problems.mapping.titled(Field.PROBLEM), set(measures.numbers())
    pairs = zip(problems.numbers(), problems.entries, strict=True)
    why = f"“{measures.name}”中没有这一序号的整改措施；请补填"
    return [
        CellError(problems.name, entry.row + 1, named, entry.get(Field.PROBLEM), why)
        for number, entry in pairs
        if number not in known
    ]


def _is_supplement(one: Listed) -> bool:
    return one.has(Field.NUMBER) and not one.has(Field.PROBLEM) and not one.has(Field.MEASURE)


def _answer(later: Listed, first: Listed) -> bool:
    """Whether every entry of a list has a number, and each stands in the first list."""
    numbers = later.numbers()
    return bool(numbers) and None not in numbers and set(numbers) <= set(first.numbers())


def _filled(measures: Listed, givers: list[Listed]) -> Listed:
    """The measures with what the other lists say under the same number; a measure's own cells come first."""
    said: dict[int | None, dict[Field, str]] = {}
    for giver in givers:
        for number, entry in zip(giver.numbers(), giver.entries, strict=True):
            said[number] = entry.values | said.get(number, {})
    pairs = zip(measures.numbers(), measures.entries, strict=True)
    entries = [
        Entry(entry.row, said.get(number, {}) | {Field.NUMBER: str(number)} | entry.values) for number, entry in pairs
    ]
    fields = {field: () for giver in givers for field in giver.mapping.fields} | measures.mapping.fields
    return Listed(replace(measures.mapping, fields=fields), entries)
