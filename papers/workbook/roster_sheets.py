"""The roster out to a workbook and back: people with their channels, who holds which post, who is away."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from intake.documents import Progress
from papers.workbook import WorkbookError
from papers.workbook.kinds import CODE, DAY, LINE, NAMES, TEXT, YES_NO, word_of
from papers.workbook.marks import Marks, add_marks, read_marks
from papers.workbook.paint import StyledWorkbook
from papers.workbook.tables import WorkbookColumn, WorkbookReader, WorkbookRow, WorkbookTable, write_table
from plan.faults import Fault, Loc
from plan.roster_file import RosterFile, check_roster
from plan.types import TurnRhythm
from rules.actors import folded

_FORMAT = "duban-roster"
_FEWEST_CHANNELS = 3
_HOW = "只写要登记或改动的；没有写到的人和岗位保持不变。"
_NAME = WorkbookColumn("name", "姓名", 16, LINE, needed=True, hint="同一人各表写法须一致")
_FROM = WorkbookColumn("from", "起始日期", 15, DAY)
_UNTIL = WorkbookColumn("until", "结束日期", 15, DAY)


def _ways(prefix: str, title: str, count: int) -> tuple[WorkbookColumn, ...]:
    return tuple(
        column
        for place in range(1, count + 1)
        for column in (
            WorkbookColumn(f"{prefix}_channel{place}", f"{title}渠道{place}", 12, CODE, spare=True),
            WorkbookColumn(f"{prefix}_address{place}", f"{title}地址{place}", 26, TEXT, spare=True),
        )
    )


def _people(channels: int) -> WorkbookTable:
    hours = WorkbookColumn("hours", "接收时间", 14, CODE, spare=True, hint="如 09:30-17:00，须在办公时间之内；可以不填")
    ways = (*_ways("channels", "", channels), *_ways("urgent", "紧急", 2))
    return WorkbookTable("人员", (_NAME, *ways, hours), frozen=1)


_POST = WorkbookColumn("post", "岗位", 30, LINE, needed=True, hint="写作 轮次/岗位键")
_HOLDINGS = WorkbookTable(
    "任职",
    (
        _POST,
        _NAME,
        _FROM,
        _UNTIL,
        WorkbookColumn("stand_in", "代理（B岗）", 10, YES_NO, spare=True, hint="主岗不在时代理的，填“是”"),
    ),
    frozen=2,
)
_ABSENCES = WorkbookTable("不在岗", (_NAME, _FROM, _UNTIL, WorkbookColumn("reason", "事由", 30, LINE)), frozen=1)
_ROTATIONS = WorkbookTable(
    "值班轮换",
    (
        _POST,
        WorkbookColumn("every", "轮换", 14, word_of(TurnRhythm), needed=True),
        _FROM,
        WorkbookColumn("people", "值班人员", 30, NAMES, hint="按先后，一行一个；空着表示不再轮换"),
    ),
    frozen=1,
)
_TURNS = WorkbookTable("调班", (_POST, WorkbookColumn("day", "日期", 15, DAY, needed=True), _NAME), frozen=1)
_MOST_CHANNELS = 12


def write_roster(roster: RosterFile, path: Path) -> None:
    """Write a roster as a workbook; an existing file is replaced.

    Args:
        roster: as the ledger has it.
        path: where to, ending in ``.xlsx``.

    Raises:
        Refusal: ``workbook_cell_too_long``.
    """
    book = StyledWorkbook()
    channels = max(_FEWEST_CHANNELS, *(len(one.channels) for one in roster.people), 0)
    people = [
        {"name": one.name, "hours": one.hours or None} | _pairs("channels", one.channels) | _pairs("urgent", one.urgent)
        for one in roster.people
    ]
    write_table(book, _people(channels), people, "人员名册　人员", above=_HOW)
    holdings = [one.model_dump(by_alias=True) for one in roster.holdings]
    write_table(book, _HOLDINGS, holdings, "人员名册　任职", above=_HOW)
    absences = [one.model_dump(by_alias=True) for one in roster.absences]
    write_table(book, _ABSENCES, absences, "人员名册　不在岗", above=_HOW)
    rotations = [one.model_dump(by_alias=True) for one in roster.rotations]
    write_table(book, _ROTATIONS, rotations, "人员名册　值班轮换", above=_HOW)
    turns = [one.model_dump(by_alias=True) for one in roster.turns]
    write_table(book, _TURNS, turns, "人员名册　调班", above=_HOW)
    add_marks(book, Marks(_FORMAT))
    book.save(path)


def _pairs(prefix: str, ways: dict[str, str]) -> dict[str, Any]:
    return {
        f"{prefix}_{part}{place}": value
        for place, (channel, address) in enumerate(ways.items(), 1)
        for part, value in (("channel", channel), ("address", address))
    }


def read_roster(
    path: Path, progress: Progress | None = None
) -> tuple[RosterFile, Callable[[Iterable[Fault]], Exception]]:
    """Read a workbook that ``write_roster`` wrote and people edited.

    Args:
        path: the workbook.
        progress: called now and then with the rows read and the rows there are.

    Returns:
        The roster, and what makes an error of faults that are found in it later.

    Raises:
        WorkbookError: with every problem, each with its sheet, row and column.
        Refusal: the file is no workbook that may be read (``intake/documents/guard.py``), or of another kind.
    """
    book = WorkbookReader(path, progress)
    read_marks(book, _FORMAT)
    origins: dict[Loc, tuple[str, int, str]] = {}
    people, tree = _people(_MOST_CHANNELS), dict[str, Any]()
    tables = {"people": people, "holdings": _HOLDINGS, "absences": _ABSENCES, "rotations": _ROTATIONS, "turns": _TURNS}
    for section, table in tables.items():
        # An export of an earlier release has no sheets for turns.
        rows = book.rows(table, optional=table in (_ROTATIONS, _TURNS))
        tree[section] = [_entry(book, table, row, (section, place), origins) for place, row in enumerate(rows)]

    def refusal(faults: Iterable[Fault]) -> WorkbookError:
        for loc, what in faults:
            known = (origins[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in origins)
            sheet, row, column = next(known, (people.sheet, 0, ""))
            book.complain(sheet, row, column, "", what)
        return WorkbookError(path, book.problems)

    if book.errors:  # what could not be read would be told once more as missing
        raise refusal(())
    roster, faults = check_roster(tree, folded)
    if roster is None or faults:
        raise refusal(faults)
    return roster, refusal


def _entry(
    book: WorkbookReader, table: WorkbookTable, row: WorkbookRow, loc: Loc, origins: dict[Loc, tuple[str, int, str]]
) -> dict[str, Any]:
    """One row as an entry of the roster."""
    origins[loc] = (table.sheet, row.number, "")
    found: dict[str, Any] = {}
    for column in table.columns:
        if "_channel" in column.name or "_address" in column.name:
            continue
        origins[*loc, column.name] = (table.sheet, row.number, column.header)
        if (value := book.read(table, row, column.name)) is not None:
            found[column.name] = value
    for prefix in ("channels", "urgent") if table.sheet == "人员" else ():
        if ways := _read_ways(book, table, row, prefix, (*loc, prefix), origins):
            found[prefix] = ways
    return found


def _read_ways(
    book: WorkbookReader,
    table: WorkbookTable,
    row: WorkbookRow,
    prefix: str,
    loc: Loc,
    origins: dict[Loc, tuple[str, int, str]],
) -> dict[str, str]:
    found: dict[str, str] = {}
    places: Sequence[int] = [
        place
        for place in range(1, _MOST_CHANNELS + 1)
        if not row.cells.keys().isdisjoint({f"{prefix}_channel{place}", f"{prefix}_address{place}"})
    ]
    for place in places:
        name, address = (book.read(table, row, f"{prefix}_{part}{place}") for part in ("channel", "address"))
        header = table.header(f"{prefix}_channel{place}")
        if name is None:
            book.complain(table.sheet, row.number, header, "", "填了地址，没有填渠道；请补上渠道名")
        elif name in found:
            book.complain(table.sheet, row.number, header, name, "同一人的渠道重复；请只留一个")
        else:
            found[name] = address or ""
            origins[*loc, name] = (table.sheet, row.number, table.header(f"{prefix}_address{place}"))
    return found
