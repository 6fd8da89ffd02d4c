"""Rows gathered into findings: by their problem, which may run over many rows, and numbered as the ledger numbers them.

A row with a problem and no measure is an error where the table has a column for measures. A row without a problem
belongs to the one above, and without people has those of that row. Without a column for problems each number, or each
row without one, is a finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from intake.draft import Ask, CellError, DraftFinding, MappedColumn, Unplaced
from intake.ledgers.cell_dates import date_written_out, is_serial_date
from intake.ledgers.cell_values import read_number
from intake.ledgers.column_vocabulary import LedgerField
from intake.ledgers.row_measures import MeasureReading, RowReader
from intake.ledgers.rows import LedgerRow
from intake.normalise import normalised, one_line
from intake.truncate import truncate_line
from text.limits import LONGEST_LINE

_PEOPLE = (LedgerField.LEAD, LedgerField.ASSISTING, LedgerField.LEADER, LedgerField.HANDLER)


@dataclass(slots=True)
class FindingRows:
    """A finding while it is gathered: its problem, its number in the ledger, where it stands, its measures."""

    problem: str
    number: int | None
    where: str
    reads: list[MeasureReading] = field(default_factory=list)


@dataclass(slots=True)
class GatheredLedger:
    """What the tables of a ledger give together."""

    cases: dict[tuple[str, int | None], FindingRows] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    mapping: list[MappedColumn] = field(default_factory=list)
    seen: dict[tuple[object, ...], str] = field(default_factory=dict)
    frame: list[str] = field(default_factory=list)


def gather_rows(reader: RowReader, entries: list[LedgerRow], into: GatheredLedger) -> Iterator[int]:
    """Add the rows of one table; yields how many are done after each, so that progress can be shown."""
    counts_problems = _counts_problems(entries)
    split: list[int] = []
    first_split, case, led = "", None, 0
    above: LedgerRow | None = None
    for done, own in enumerate(entries, 1):
        before, case = case, _case(reader, own, _number(own) if counts_problems else None, case, into)
        above = entry = _led(own, above) if case is before else own
        led += entry.get(LedgerField.LEAD) != own.get(LedgerField.LEAD)
        fault = _missing(reader, entry, case)
        reads, errors = ([], [fault]) if fault else reader.measures(entry)
        into.errors += errors
        if errors:
            into.unplaced += [Unplaced(one, f"与第{entry.row + 1}行是同一项，随之没有读入") for one in entry.places[1:]]
        if case:
            _add(case, reads, into)
        if len(reads) > 1:
            split.append(len(reads))
            first_split = first_split or entry.get(LedgerField.MEASURE)
        yield done
    if names := [name for entry in entries if (name := entry.get(LedgerField.NUMBER)) and not read_number(name)]:
        into.unplaced.append(_renumbered(reader, names))
    if split:
        into.asks.append(_split_ask(reader, split, first_split))
    if led:
        into.asks.append(_led_ask(reader, led))
    if serials := [text for text in reader.limits if is_serial_date(text)]:
        into.asks.append(_serial_ask(reader, serials))


def _led(entry: LedgerRow, above: LedgerRow | None) -> LedgerRow:
    """A row that names nobody has the people of the row above: a merged cell that was unmerged, or lost in a CSV."""
    if above is None or any(entry.get(one) for one in _PEOPLE):
        return entry
    people = {one: above.values[one] for one in _PEOPLE if one in above.values}
    return replace(entry, values=people | entry.values)


def _number(entry: LedgerRow) -> int | None:
    found = read_number(entry.get(LedgerField.NUMBER))
    return found[0] if found else None


def _counts_problems(entries: list[LedgerRow]) -> bool:
    """Whether the numbers count problems. They count measures where they go on while the problem stays."""
    problem, before = "", None
    for entry in entries:
        number, here = _number(entry), normalised(entry.get(LedgerField.PROBLEM))
        if number is None or not (here or problem):
            continue
        if here in ("", problem) and before not in (None, number):
            return False
        problem, before = here or problem, number
    return True


def _case(
    reader: RowReader, entry: LedgerRow, number: int | None, current: FindingRows | None, into: GatheredLedger
) -> FindingRows | None:
    """The finding of a row: the one above where it names no other, a known one where its problem was met before."""
    problem = entry.get(LedgerField.PROBLEM)
    has_problems = LedgerField.PROBLEM in reader.mapping.fields
    if current and (_same_problem if has_problems else _same_number)(current, entry, number):
        return current
    if has_problems and not problem:
        return None
    table = reader.mapping.table
    where = f"{table.grid.name}!{entry.row + 1}"
    name = normalised(problem) or (f"{table.grid.name}!{table.top}" if number else where)
    return into.cases.setdefault((name, number), FindingRows(problem, number, where))


def _same_problem(current: FindingRows, entry: LedgerRow, number: int | None) -> bool:
    problem = normalised(entry.get(LedgerField.PROBLEM))
    return not problem or (problem == normalised(current.problem) and number in (None, current.number))


def _same_number(current: FindingRows, entry: LedgerRow, number: int | None) -> bool:
    return current.number is not None and (number == current.number or not entry.get(LedgerField.NUMBER))


def _missing(reader: RowReader, entry: LedgerRow, case: FindingRows | None) -> CellError | None:
    """What a row lacks to be a measure of a finding."""
    if LedgerField.MEASURE in reader.mapping.fields and not entry.get(LedgerField.MEASURE):
        return reader.error(entry, LedgerField.MEASURE, "没有整改措施；请补填，或删去这一行")
    if case is None:
        return reader.error(entry, LedgerField.PROBLEM, "没有反馈问题，上方也没有可沿用的；请补填")
    return None


def _add(case: FindingRows, reads: list[MeasureReading], into: GatheredLedger) -> None:
    """Add measures to a finding; one that another sheet has as well is told, not added twice."""
    for read in reads:
        one = read.measure
        grid = one.source.rpartition("!")[0]
        note = f"（{one.state_note}）" if one.state_note else ""
        first = into.seen.setdefault((normalised(case.problem), one.text, one.lead, one.due), one.source)
        if first.rpartition("!")[0] == grid:
            case.reads.append(read)
        else:
            told = f"与{first}相同，没有重复读入：{one.title}{note}"
            into.unplaced += [Unplaced(place, told) for place in one.places]


def _split_ask(reader: RowReader, split: list[int], first: str) -> Ask:
    ask = f"共{len(split)}格各写有多条措施，已拆成{sum(split)}条，各用本行的时限和责任单位，是否正确？"
    return Ask(truncate_line(first, 40), ask, "按拆开的措施督办", reader.mapping.place(LedgerField.MEASURE))


def _led_ask(reader: RowReader, rows: int) -> Ask:
    phrase = reader.mapping.label(LedgerField.LEAD) or reader.columns.title(LedgerField.LEAD)
    ask = f"共{rows}行没有写牵头单位和人员，已沿用同一问题上一行的，是否正确？"
    return Ask(phrase, ask, "沿用上一行", reader.mapping.place(LedgerField.LEAD))


def _renumbered(reader: RowReader, names: list[str]) -> Unplaced:
    """What stands in the place of a number and is none: findings have numbers of their own."""
    told = f"共{len(names)}格不是序号，如“{truncate_line(names[0], 40)}”，已另行编号"
    return Unplaced(reader.mapping.place(LedgerField.NUMBER), f"{reader.mapping.label(LedgerField.NUMBER)}：{told}")


def _serial_ask(reader: RowReader, serials: list[str]) -> Ask:
    first = serials[0]
    ask = f"这一栏有日期序号（如{first}），已按表格软件的算法读作日期（{date_written_out(first)}），是否正确？"
    return Ask(first, ask, "按读出的日期", reader.mapping.place(LedgerField.LIMIT))


def numbered_findings(gathered: GatheredLedger) -> Iterator[tuple[DraftFinding, list[Ask]]]:
    """The findings with their codes, and the questions about their measures.

    A clean number of the ledger is the code (``01``); a number that is missing or taken gives the next free one.
    """
    cases = [case for case in gathered.cases.values() if case.reads]
    wanted = {case.number for case in cases}
    used: set[int] = set()
    last = 0
    for case in cases:
        free = (one for one in count(last + 1) if one not in used and one not in wanted)
        last = case.number if case.number and case.number not in used else next(free)
        used.add(last)
        yield _coded(case, f"{last:02d}", gathered)


def _coded(case: FindingRows, code: str, gathered: GatheredLedger) -> tuple[DraftFinding, list[Ask]]:
    title = truncate_line(case.problem, LONGEST_LINE) or case.reads[0].measure.title or f"问题{code}"
    if title.endswith("…") and title != one_line(case.problem):
        gathered.unplaced.append(Unplaced(case.where, f"问题全文（标题只取前{LONGEST_LINE}字）：{case.problem}"))
    asks = []
    if case.number and f"{case.number:02d}" != code:
        asks.append(Ask(f"序号{case.number}", "台账中不同的问题用了同一序号，已另行编号，是否正确？", code, code))
    measures = []
    for place, read in enumerate(case.reads, 1):
        measures.append(replace(read.measure, code=f"{code}-{place}"))
        asks += [replace(ask, where=f"{code}-{place}") for ask in read.asks]
    goals = dict.fromkeys(read.goal for read in case.reads if read.goal)
    return DraftFinding(code, title, tuple(measures), "\n".join(goals)), asks
