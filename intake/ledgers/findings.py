"""Rows gathered into findings: by their problem, which may run over many rows, and numbered as the ledger numbers them.

A row with a problem and no measure is an error where the table has a column for measures. A row without a problem
belongs to the one above, and without people has those of that row. Without a column for problems each number, or each
row without one, is a finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from intake.draft import Ask, CellError, Column, DraftFinding, Unplaced
from intake.ledgers.cells import number_of
from intake.ledgers.columns import Field
from intake.ledgers.days import is_serial, plain_day
from intake.ledgers.measures import Read, Reader
from intake.ledgers.rows import Entry
from intake.ledgers.spelling import key, one_line, shortened

_PEOPLE = (Field.LEAD, Field.ASSISTING, Field.LEADER, Field.HANDLER)
LONGEST_PROBLEM = 200
"""Characters of a finding's title in a plan."""


@dataclass(slots=True)
class Case:
    """A finding while it is gathered: its problem, its number in the ledger, where it stands, its measures."""

    problem: str
    number: int | None
    where: str
    reads: list[Read] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """What the tables of a ledger give together."""

    cases: dict[tuple[str, int | None], Case] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    mapping: list[Column] = field(default_factory=list)
    seen: dict[tuple[object, ...], str] = field(default_factory=dict)


def gather(reader: Reader, entries: list[Entry], into: Gathered) -> Iterator[int]:
    """Add the rows of one table; yields how many are done after each, so that progress can be shown."""
    counts_problems = _counts_problems(entries)
    split: list[int] = []
    first_split, case, led = "", None, 0
    above: Entry | None = None
    for done, own in enumerate(entries, 1):
        before, case = case, _case(reader, own, _number(own) if counts_problems else None, case, into)
        above = entry = _led(own, above) if case is before else own
        led += entry.get(Field.LEAD) != own.get(Field.LEAD)
        fault = _missing(reader, entry, case)
        reads, errors = ([], [fault]) if fault else reader.measures(entry)
        into.errors += errors
        if case:
            _add(case, reads, into)
        if len(reads) > 1:
            split.append(len(reads))
            first_split = first_split or entry.get(Field.MEASURE)
        yield done
    if names := [name for entry in entries if (name := entry.get(Field.NUMBER)) and not number_of(name)]:
        into.unplaced.append(_renumbered(reader, names))
    if split:
        into.asks.append(_split_ask(reader, split, first_split))
    if led:
        into.asks.append(_led_ask(reader, led))
    if serials := [text for text in reader.limits if is_serial(text)]:
        into.asks.append(_serial_ask(reader, serials))


def _led(entry: Entry, above: Entry | None) -> Entry:
    """A row that names nobody has the people of the row above: a merged cell that was unmerged, or lost in a CSV."""
    if above is None or any(entry.get(one) for one in _PEOPLE):
        return entry
    return Entry(entry.row, {one: above.values[one] for one in _PEOPLE if one in above.values} | entry.values)


def _number(entry: Entry) -> int | None:
    found = number_of(entry.get(Field.NUMBER))
    return found[0] if found else None


def _counts_problems(entries: list[Entry]) -> bool:
    """Whether the numbers count problems. They count measures where they go on while the problem stays."""
    problem, before = "", None
    for entry in entries:
        number, here = _number(entry), key(entry.get(Field.PROBLEM))
        if number is None or not (here or problem):
            continue
        if here in ("", problem) and before not in (None, number):
            return False
        problem, before = here or problem, number
    return True


def _case(reader: Reader, entry: Entry, number: int | None, current: Case | None, into: Gathered) -> Case | None:
    """The finding of a row: the one above where it names no other, a known one where its problem was met before."""
    problem = entry.get(Field.PROBLEM)
    has_problems = Field.PROBLEM in reader.mapping.fields
    if current and (_same_problem if has_problems else _same_number)(current, entry, number):
        return current
    if has_problems and not problem:
        return None
    table = reader.mapping.table
    where = f"{table.sheet.name}!{entry.row + 1}"
    name = key(problem) or (f"{table.sheet.name}!{table.top}" if number else where)
    return into.cases.setdefault((name, number), Case(problem, number, where))


def _same_problem(current: Case, entry: Entry, number: int | None) -> bool:
    problem = key(entry.get(Field.PROBLEM))
    return not problem or (problem == key(current.problem) and number in (None, current.number))


def _same_number(current: Case, entry: Entry, number: int | None) -> bool:
    return current.number is not None and (number == current.number or not entry.get(Field.NUMBER))


def _missing(reader: Reader, entry: Entry, case: Case | None) -> CellError | None:
    """What a row lacks to be a measure of a finding."""
    if Field.MEASURE in reader.mapping.fields and not entry.get(Field.MEASURE):
        return reader.error(entry, Field.MEASURE, "没有整改措施；请补填，或删去这一行")
    if case is None:
        return reader.error(entry, Field.PROBLEM, "没有反馈问题，上方也没有可沿用的；请补填")
    return None


def _add(case: Case, reads: list[Read], into: Gathered) -> None:
    """Add measures to a finding; one that another sheet has as well is told, not added twice."""
    for read in reads:
        one = read.measure
        sheet = one.source.rpartition("!")[0]
        note = f"（{one.state_note}）" if one.state_note else ""
        first = into.seen.setdefault((key(case.problem), one.text, one.lead, one.due), one.source)
        if first.rpartition("!")[0] == sheet:
            case.reads.append(read)
        else:
            into.unplaced.append(Unplaced(one.source, f"与{first}相同，没有重复读入：{one.title}{note}"))


def _split_ask(reader: Reader, split: list[int], first: str) -> Ask:
    ask = f"共{len(split)}格各写有多条措施，已拆成{sum(split)}条，各用本行的时限和责任单位，是否正确？"
    return Ask(shortened(first, 40), ask, "按拆开的措施督办", reader.mapping.place(Field.MEASURE))


def _led_ask(reader: Reader, rows: int) -> Ask:
    phrase = reader.mapping.label(Field.LEAD) or reader.columns.title(Field.LEAD)
    ask = f"共{rows}行没有写牵头单位和人员，已沿用同一问题上一行的，是否正确？"
    return Ask(phrase, ask, "沿用上一行", reader.mapping.place(Field.LEAD))


def _renumbered(reader: Reader, names: list[str]) -> Unplaced:
    """What stands in the place of a number and is none: findings have numbers of their own."""
    told = f"共{len(names)}格不是序号，如“{shortened(names[0], 40)}”，已另行编号"
    return Unplaced(reader.mapping.place(Field.NUMBER), f"{reader.mapping.label(Field.NUMBER)}：{told}")


def _serial_ask(reader: Reader, serials: list[str]) -> Ask:
    first = serials[0]
    ask = f"这一栏有日期序号（如{first}），已按表格软件的算法读作日期（{plain_day(first)}），是否正确？"
    return Ask(first, ask, "按读出的日期", reader.mapping.place(Field.LIMIT))


def findings_of(gathered: Gathered) -> Iterator[tuple[DraftFinding, list[Ask]]]:
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


def _coded(case: Case, code: str, gathered: Gathered) -> tuple[DraftFinding, list[Ask]]:
    title = shortened(case.problem, LONGEST_PROBLEM) or case.reads[0].measure.title
    if title.endswith("…") and title != one_line(case.problem):
        gathered.unplaced.append(Unplaced(case.where, f"问题全文（标题只取前{LONGEST_PROBLEM}字）：{case.problem}"))
    asks = []
    if case.number and f"{case.number:02d}" != code:
        asks.append(Ask(f"序号{case.number}", "台账中不同的问题用了同一序号，已另行编号，是否正确？", code, code))
    measures = []
    for place, read in enumerate(case.reads, 1):
        measures.append(replace(read.measure, code=f"{code}-{place}"))
        asks += [replace(ask, where=f"{code}-{place}") for ask in read.asks]
    return DraftFinding(code, title, tuple(measures)), asks
