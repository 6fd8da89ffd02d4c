"""Which column holds what: sure spellings first, then ambiguous ones by their context, each of those asked about."""

from dataclasses import dataclass, replace

from intake.draft import Ask, MappedColumn, Unplaced
from intake.ledgers.cell_values import read_number
from intake.ledgers.column_vocabulary import WORK_FIELDS, ColumnRule, ColumnVocabulary, HeaderMeaning, LedgerField
from intake.ledgers.header import ColumnHeader, LedgerTable
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import cell_as_text, normalised
from intake.truncate import truncate_line

_SINGLE = frozenset(
    (
        LedgerField.NUMBER,
        LedgerField.PROBLEM,
        LedgerField.MEASURE,
        LedgerField.LIMIT,
        LedgerField.LEAD,
        LedgerField.STATE,
        LedgerField.DURATION,
        LedgerField.PERCENT,
    )
)
"""Fields of which a table has one column; of any other several may give their texts together."""
NOT_KEPT = frozenset(
    (
        LedgerField.EVIDENCE,
        LedgerField.PHONE,
        LedgerField.REMARK,
        LedgerField.CATEGORY,
        LedgerField.PLACE,
        LedgerField.OTHER,
    )
)
"""Fields that are understood and have no place in a draft: reported, column by column."""
_FURTHER_ASK = "这一栏在“{}”之下，是否也是措施？"
_NUMBER_ASK = "这一栏没有表头，像是序号，是否正确？"
_HEADERLESS = "（无表头）"
_PHRASE = 40


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What one column was taken for; ``ask`` is empty where that is sure."""

    column: int
    heading: ColumnHeader
    field: LedgerField | None
    rank: int
    ask: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The columns of each field of one table, in the order their texts are joined, and every choice made."""

    table: LedgerTable
    fields: dict[LedgerField, tuple[int, ...]]
    choices: tuple[ColumnChoice, ...]

    def titled(self, field: LedgerField) -> str:
        """The field's column by letter and header, for people; empty where another sheet gives the field."""
        return self.table.titled(self.fields[field][0]) if self.fields.get(field) else ""

    def place(self, field: LedgerField) -> str:
        """Where the field stands, for a question about it: its column, or the sheet where another one gives it."""
        return next(map(self.table.place, self.fields.get(field, ())), self.table.grid.name)

    def label(self, field: LedgerField) -> str:
        """The field's header, empty where another sheet gives the field."""
        return self.table.headings[self.fields[field][0]].label if self.fields.get(field) else ""

    def columns(self) -> list[MappedColumn]:
        """Every choice as it is shown."""
        name, letter = self.table.grid.name, self.table.letter
        return [
            MappedColumn(name, letter(one.column), one.heading.label, one.field, certain=not one.ask)
            for one in self.choices
        ]

    def asks(self, columns: ColumnVocabulary) -> list[Ask]:
        """The questions about columns that are not sure."""
        return [
            Ask(
                truncate_line(one.heading.label or _HEADERLESS, _PHRASE),
                one.ask,
                _suggestion(one, columns),
                self.table.place(one.column),
            )
            for one in self.choices
            if one.ask
        ]

    def left_out(self) -> list[Unplaced]:
        """The columns with content that go nowhere."""
        gone = [one for one in self.choices if one.field is None or one.field in NOT_KEPT]
        filled = [(one, texts) for one in gone if (texts := _texts(self.table, one.column))]
        return [
            Unplaced(
                self.table.place(one.column),
                f"{one.heading.label or _HEADERLESS}：共{len(texts)}格未读入，如“{truncate_line(texts[0], _PHRASE)}”",
            )
            for one, texts in filled
        ]


def map_columns(table: LedgerTable, columns: ColumnVocabulary) -> ColumnMapping:
    """Decide what each column of a table holds, whatever their order."""
    width = range(len(table.headings))
    used = [column for column in width if table.headings[column].parts or _texts(table, column)]
    sure = {one: table.headings[one].exact for one in used}
    present = {sense.field for sense in sure.values() if sense and sense.field}
    chosen: list[ColumnChoice] = []
    for column in sorted(used, key=lambda one: _order(table.headings[one], one)):
        choice = _choice(table, column, present, columns)
        chosen.append(choice)
        present |= {choice.field} if choice.field else set()
    kept = _without_doubles(chosen, columns)
    fields: dict[LedgerField, tuple[int, ...]] = {}
    for choice in kept:
        if choice.field:
            fields[choice.field] = (*fields.get(choice.field, ()), choice.column)
    if LedgerField.MEASURE in fields:
        fields[LedgerField.MEASURE] = tuple(sorted(fields[LedgerField.MEASURE]))
    return ColumnMapping(table, fields, tuple(sorted(kept, key=lambda one: one.column)))


def _order(heading: ColumnHeader, column: int) -> tuple[bool, bool, int, str, int]:
    """Ambiguous columns last, spellings that are only near after exact ones, usual spellings before rare ones."""
    sense = heading.exact or heading.near
    ambiguous = bool(sense and sense.ambiguity)
    return (ambiguous, heading.exact is None, sense.rank if sense else 0, normalised(heading.label), column)


def _choice(table: LedgerTable, column: int, present: set[LedgerField], columns: ColumnVocabulary) -> ColumnChoice:
    wording = load_ledger_wording().cells
    heading = table.headings[column]
    sense = heading.exact or heading.near
    if sense is None:
        counts = LedgerField.NUMBER not in present and not heading.parts and _counts(_texts(table, column))
        return ColumnChoice(column, heading, LedgerField.NUMBER if counts else None, 0, _NUMBER_ASK if counts else "")
    texts = _texts(table, column)
    field, ask = _meant(sense, texts, present, columns)
    if _is_further_measure(heading, field, columns):
        field, ask = LedgerField.MEASURE, _FURTHER_ASK.format(heading.parts[0])
    if field in WORK_FIELDS and texts and all(wording.quantity.fullmatch(text) for text in texts):
        return ColumnChoice(column, heading, LedgerField.OTHER, sense.rank)
    if heading.exact is None:
        ask = f"这一栏的写法没有收录，是否就是“{columns.title(field)}”？"
    return ColumnChoice(column, heading, field, sense.rank, ask)


def _is_further_measure(heading: ColumnHeader, field: LedgerField, columns: ColumnVocabulary) -> bool:
    """Whether a column that says nothing by itself stands below a merged 整改措施: 长效机制 beside 短期措施."""
    group = columns.sense(heading.parts[0]) if len(heading.parts) > 1 else None
    return bool(group and group.field is LedgerField.MEASURE and field is LedgerField.OTHER)


def _counts(texts: list[str]) -> bool:
    """Whether a column without a header counts the rows: its first number is 1, and all are numbers."""
    return bool(texts) and read_number(texts[0]) == (1, 0) and all(map(read_number, texts))


def _meant(
    sense: HeaderMeaning, texts: list[str], present: set[LedgerField], columns: ColumnVocabulary
) -> tuple[LedgerField, str]:
    """The field of a column, and what is asked about it."""
    if sense.ambiguity is None:
        return sense.possible[0], ""
    rule = next(one for one in sense.ambiguity.rules if _fits(one, texts, present, columns))
    return rule.field, "" if rule.certain else sense.ambiguity.ask


def _fits(rule: ColumnRule, texts: list[str], present: set[LedgerField], columns: ColumnVocabulary) -> bool:
    if rule.values and not (texts and all(_is_state(text, columns) for text in texts)):
        return False
    return rule.when is None or rule.when in present


def _is_state(text: str, columns: ColumnVocabulary) -> bool:
    stand = columns.states.cell(text)
    return stand.state is not None and not stand.more


def _texts(table: LedgerTable, column: int) -> list[str]:
    """What stands in a column below the header, without the blanks."""
    rows = (table.grid.rows[row] for row in table.body)
    return [text for row in rows if column < len(row) and (text := cell_as_text(row[column]))]


def _without_doubles(chosen: list[ColumnChoice], columns: ColumnVocabulary) -> list[ColumnChoice]:
    """Of a field that only one column gives keep the first; columns under one merged header count as one.

    A second column of problems says more of the first.
    """
    first: dict[LedgerField, ColumnChoice] = {}
    kept = []
    for one in chosen:
        winner = first.setdefault(one.field, one) if one.field and one.field in _SINGLE else one
        if one.field and not _are_one(winner, one):
            ask = f"本表另有“{winner.heading.label}”一栏也是“{columns.title(one.field)}”，这一栏是什么？"
            one = replace(one, field=LedgerField.DETAIL if one.field is LedgerField.PROBLEM else None, ask=ask)
        kept.append(one)
    return kept


def _are_one(first: ColumnChoice, other: ColumnChoice) -> bool:
    """Whether two columns of one field have one header, or one merged header above them that says what they are."""
    upper = [one.heading.parts[:1] if len(one.heading.parts) > 1 else () for one in (first, other)]
    below_one = first.field is LedgerField.MEASURE and bool(upper[0]) and upper[0] == upper[1]
    return first.heading.label == other.heading.label or below_one


def _suggestion(choice: ColumnChoice, columns: ColumnVocabulary) -> str:
    return f"暂按“{columns.title(choice.field)}”读入" if choice.field else "暂不读入"
