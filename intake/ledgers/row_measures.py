"""One row of a ledger as measures, or the cells that could not be read.

A row in which a cell cannot be read is left out whole and told with every such cell; the other rows load.
"""

from dataclasses import dataclass, field, replace

from intake.draft import Ask, CellError, DocumentDates, DraftMeasure, Hint, Reading
from intake.ledgers.cell_dates import date_written_out, may_be_october, with_years
from intake.ledgers.cell_values import is_fault, read_percent, title_of
from intake.ledgers.column_vocabulary import ColumnVocabulary, LedgerField
from intake.ledgers.items import MeasureItem, distribute, distribute_by_line, split_items
from intake.ledgers.mapping import ColumnMapping
from intake.ledgers.people import names_of, people_of, units_of
from intake.ledgers.rows import LedgerRow
from intake.normalise import normalised, one_line
from intake.phrases import Limit, read_limit, read_wording
from intake.states import FINISHED, StateReading
from plan.types import DurationClass
from text.limits import LONGEST_TEXT

_OPEN_ENDED = frozenset((DurationClass.IMMEDIATE, DurationClass.STANDING))
_NOTED = (LedgerField.DONE_ON, LedgerField.DIFFICULTY, LedgerField.NEXT, LedgerField.RESULT, LedgerField.EXTENSION)
"""What follows the progress in the note on its state."""
_RESTS_ON = (
    LedgerField.PROBLEM,
    LedgerField.MEASURE,
    LedgerField.GOAL,
    LedgerField.LIMIT,
    LedgerField.LEAD,
    LedgerField.ASSISTING,
    LedgerField.LEADER,
    LedgerField.HANDLER,
    LedgerField.STATE,
    LedgerField.DURATION,
)
"""What a measure rests on: a formula that failed there is an error, in a note it is told as it stands."""
_LASTING = "长期坚持"
"""What it leaves open is asked beside another question of a limit: 立行立改，长期坚持."""
_DEALT = (
    LedgerField.LEAD,
    LedgerField.ASSISTING,
    LedgerField.LEADER,
    LedgerField.HANDLER,
    LedgerField.PROGRESS,
    LedgerField.GOAL,
    LedgerField.RESULT,
)
"""What is dealt among the measures of a split cell, where it is counted like them."""


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """A measure that has no code yet, with the questions about it and the goal of its row."""

    measure: DraftMeasure
    asks: tuple[Ask, ...]
    goal: str = ""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one table against the days the document gives; a limit that repeats is read once."""

    mapping: ColumnMapping
    columns: ColumnVocabulary
    dates: DocumentDates
    limits: dict[str, Limit] = field(default_factory=dict)

    def measures(self, entry: LedgerRow) -> tuple[list[MeasureReading], list[CellError]]:
        """The measures of one row, or, with an error for every cell that could not be read, none."""
        items = self._items(entry)
        limits = [self._limit(text) for text in distribute_by_line(entry.get(LedgerField.LIMIT), len(items))]
        stand = self._stand(entry)
        if errors := self._errors(entry, stand, limits):
            return [], errors
        rows = _dealt(entry, len(items))
        return [self._read(row, stand, item, limit) for row, item, limit in zip(rows, items, limits, strict=True)], []

    def error(self, entry: LedgerRow, field: LedgerField, why: str) -> CellError:
        """What is wrong with one cell of a row, with the row as people count it."""
        name = self.mapping.table.grid.name
        return CellError(name, entry.row + 1, self.mapping.titled(field), entry.get(field), why)

    def _items(self, entry: LedgerRow) -> tuple[MeasureItem, ...]:
        """The row's measures; where a table has no column for them, the problem itself is to be put right."""
        if LedgerField.MEASURE in self.mapping.fields:
            return split_items(entry.get(LedgerField.MEASURE))
        return (MeasureItem("", entry.get(LedgerField.PROBLEM)),)

    def _limit(self, text: str) -> Limit:
        """What a limit cell says; a stroke or 无 says as little as an empty one."""
        if text not in self.limits:
            limit = (
                Limit()
                if normalised(text) in self.columns.states.blanks
                else read_limit(with_years(date_written_out(text)), self.dates)
            )
            self.limits[text] = replace(limit, ask=_october(text)) if may_be_october(text) else limit
        return self.limits[text]

    def _stand(self, entry: LedgerRow) -> StateReading:
        """The state of a row; where no column has it, a progress that names one and says nothing else (已完成)."""
        if LedgerField.STATE in self.mapping.fields:
            return self.columns.states.cell(entry.get(LedgerField.STATE))
        told = self.columns.states.cell(entry.get(LedgerField.PROGRESS))
        return StateReading() if told.more or told.clash else told

    def _errors(self, entry: LedgerRow, stand: StateReading, limits: list[Limit]) -> list[CellError]:
        """Everything wrong with a row, in the order of the columns."""
        text = entry.get(LedgerField.MEASURE)
        faults = [
            *(
                (field, "公式没有算出结果；请在表格软件中改正后保存")
                for field in _RESTS_ON
                if is_fault(entry.get(field))
            ),
            (LedgerField.LIMIT, next((limit.why for limit in limits if limit.why), "")),
            (LedgerField.MEASURE, f"共{len(text)}字，超过{LONGEST_TEXT}字；请精简" if len(text) > LONGEST_TEXT else ""),
            (
                LedgerField.STATE,
                "没有这种整改状态；请写未启动、整改中、已完成、已验收、已销号等" if stand.unknown else "",
            ),
            (LedgerField.STATE, "同时写了几种整改状态；请只保留一种" if stand.clash else ""),
            (LedgerField.PERCENT, "进度不在0至100之间" if read_percent(entry.get(LedgerField.PERCENT)) == -1 else ""),
        ]
        faults.sort(key=lambda fault: self.mapping.fields.get(fault[0], ()))
        first = {at: why for at, why in reversed(faults) if why}
        return [self.error(entry, at, first[at]) for at in dict.fromkeys(at for at, _ in faults) if at in first]

    def _read(self, entry: LedgerRow, stand: StateReading, item: MeasureItem, limit: Limit) -> MeasureReading:
        goal = entry.get(LedgerField.GOAL)
        wording = self._wording(item.text if LedgerField.MEASURE in self.mapping.fields else "", goal)
        units, helpers = units_of(entry.get(LedgerField.LEAD))
        measure = DraftMeasure(
            code="",
            title=title_of(item.own),
            text="\n".join((item.text, *self._named(entry, (LedgerField.DETAIL,)))),
            source=f"{self.mapping.table.grid.name}!{entry.row + 1}",
            places=entry.places,
            limit=one_line(entry.get(LedgerField.LIMIT)),
            duration=self._duration(entry, limit) or stand.duration or wording.duration,
            state=stand.state or limit.state,
            state_note=self._note(entry, stand),
            hints=(*_beside_due(limit), *wording.hints),
            due=limit.due,
            due_doubt=limit.doubt,
            precision=limit.precision,
            lasting=limit.keep_up,
            lead=next(iter(units), None),
            assisting=tuple(dict.fromkeys((*units[1:], *helpers, *names_of(entry.get(LedgerField.ASSISTING))))),
            leader=people_of(entry.get(LedgerField.LEADER)),
            handler=people_of(entry.get(LedgerField.HANDLER)),
        )
        return MeasureReading(measure, (*self._asks(entry, limit, measure), *wording.asks), goal)

    def _wording(self, text: str, goal: str) -> Reading:
        """What a measure and its goal say about time; the goal's wording does not stand in the measure's text.

        Of a problem that stands in for the measure nothing is read: 每月例会流于形式 is no cadence.
        """
        own, aim = read_wording(text, self.dates), read_wording(goal, self.dates)
        named = self.columns.title(LedgerField.GOAL)
        said = {(hint.kind, hint.cadence, hint.due) for hint in own.hints}
        hints = (
            replace(one, start=0, end=0, note=f"{named}：{one.note}".rstrip("："))
            for one in aim.hints
            if (one.kind, one.cadence, one.due) not in said
        )
        known = {ask.phrase for ask in own.asks}
        asks = (*own.asks, *(ask for ask in aim.asks if ask.phrase not in known))
        return Reading((*own.hints, *hints), asks, own.duration or aim.duration)

    def _duration(self, entry: LedgerRow, limit: Limit) -> DurationClass | None:
        """The class of the ledger's own column, then the limit's; a date makes a lasting measure a dated one."""
        named = self.columns.states.cell(entry.get(LedgerField.DURATION)).duration
        return limit.duration or named if named is DurationClass.STANDING else named or limit.duration

    def _note(self, entry: LedgerRow, stand: StateReading) -> str:
        """How far the work is, on one line: the progress, the percentage, and what stands beside them."""
        state = entry.get(LedgerField.STATE) if stand.more else ""
        parts = [
            state,
            entry.get(LedgerField.PROGRESS),
            _share(entry.get(LedgerField.PERCENT)),
            *self._named(entry, _NOTED),
        ]
        return "；".join(one_line(part).strip("；") for part in parts if part)

    def _named(self, entry: LedgerRow, fields: tuple[LedgerField, ...]) -> list[str]:
        """The texts of these fields, each after its name: ``整改目标：制度健全``."""
        texts = ((field, entry.get(field)) for field in fields)
        said = (
            (field, date_written_out(text) if field is LedgerField.DONE_ON else text) for field, text in texts if text
        )
        return [f"{self.columns.title(field)}：{text}" for field, text in said]

    def _asks(self, entry: LedgerRow, limit: Limit, measure: DraftMeasure) -> list[Ask]:
        """What the limit leaves open. A wording that names a date, or that none is meant, answers an empty cell."""
        if limit.ask:
            lasting = self.columns.states.durations.get(normalised(limit.ask.phrase)) is DurationClass.STANDING
            return [limit.ask, *(read_wording(_LASTING, self.dates).asks if limit.keep_up and not lasting else ())]
        told = limit.due or measure.duration in _OPEN_ENDED or any(hint.due for hint in measure.hints)
        told = told or limit.state in FINISHED
        if told or LedgerField.LIMIT not in self.mapping.fields:
            return []
        phrase = (
            entry.get(LedgerField.LIMIT)
            or self.mapping.label(LedgerField.LIMIT)
            or self.columns.title(LedgerField.LIMIT)
        )
        return [Ask(one_line(phrase), "台账没有写明整改时限，何时完成？", "暂不定期限")]


def _dealt(entry: LedgerRow, count: int) -> list[LedgerRow]:
    """The row once for each measure of its split cell, with what is counted like them dealt among them."""
    if count == 1:
        return [entry]
    beside = {field: distribute(entry.get(field), count) for field in _DEALT if entry.get(field)}
    return [
        replace(entry, values=entry.values | {field: texts[one] for field, texts in beside.items()})
        for one in range(count)
    ]


def _october(text: str) -> Ask:
    read = f"{text[:4]}年1月"
    return Ask(text, f"“{text}”读作{read}，还是原为{text[:4]}.10（10月）而丢了末尾的0？", f"暂按{read}")


def _beside_due(limit: Limit) -> list[Hint]:
    """What a limit says beside its date. Its wording does not stand in the measure's text, so its position is empty."""
    due = limit.due.isoformat() if limit.due else None
    return [replace(hint, start=0, end=0) for hint in limit.hints if hint.cadence or hint.due != due]


def _share(text: str) -> str:
    share = read_percent(text)
    return text if share is None else f"进度{share:g}%"
