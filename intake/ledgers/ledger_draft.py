"""A workbook of a ledger as a draft: every sheet read or told, every column shown, every bad row named."""

from collections.abc import Sequence

from intake.documents import Grid, Progress
from intake.draft import Ask, DocumentDates, Draft, DraftFacts, Unplaced
from intake.ledgers.column_vocabulary import ColumnVocabulary, LedgerField, load_columns
from intake.ledgers.findings import GatheredLedger, gather_rows, numbered_findings
from intake.ledgers.header import LedgerTable, ledger_tables
from intake.ledgers.layout_variants import with_states, with_unit
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.ledgers.mapping import ColumnMapping, map_columns
from intake.ledgers.merge_lists import LedgerList, merge_lists
from intake.ledgers.non_measure_rows import split_measure_rows
from intake.ledgers.row_measures import RowReader
from intake.ledgers.rows import ledger_rows
from intake.ledgers.title_facts import title_facts
from intake.ledgers.transpose_forms import transposed_forms
from intake.normalise import cell_as_text, one_line
from intake.truncate import truncate_line
from text.refusals import Refusal

_NO_DATES = DocumentDates()
_STEP = 200
"""Rows between two calls of the progress."""
_SEEN = 12
_COVER = 20
_ABOVE = "表头上方："
_TOLD = 200


def ledger_draft(
    sheets: tuple[Grid, ...],
    source: str,
    dates: DocumentDates = _NO_DATES,
    progress: Progress | None = None,
    columns: ColumnVocabulary | None = None,
) -> Draft:
    """Read a ledger's sheets.

    Args:
        sheets: the workbook as ``intake.documents.reader.read_sheets`` gives it.
        source: the file's name, for messages.
        dates: days the wording is read against; a date in a ledger's title stands in for the day of publication.
        progress: called now and then with the rows read and their number.
        columns: the vocabulary; the shipped one unless given.

    Returns:
        Findings and measures, the mapping of every column, an error for every cell that could not be read (its row is
        left out), questions, and what found no place.

    Raises:
        Refusal: no sheet has a header that names problems or measures.
    """
    columns = columns or load_columns()
    unread = [(one, "隐藏的工作表，没有读入") for one in sheets if one.hidden]
    seen = [one for one in sheets if not one.hidden]
    unread += [(one, "示例工作表，没有读入") for one in _examples(seen, columns)]
    turned = [transposed_forms(one, columns) for one in sheets if not any(one is other for other, _ in unread)]
    shown = [(grid, ledger_tables(grid, columns)) for grid, _ in turned]
    gathered = GatheredLedger(unplaced=[Unplaced(one.name, why) for one, why in unread])
    gathered.asks += [ask for _, asks in turned for ask in asks]
    lists = [_listed(table, columns, gathered) for _, tables in shown for table in tables]
    lists, asks, gathered.errors = merge_lists(lists)
    gathered.asks += asks
    if not any(_carries(one) for one in lists):
        raise _no_header([grid for grid, _ in shown], source, columns)
    facts = _facts(shown, gathered)
    dates = DocumentDates(dates.published_on or facts.published_on, dates.feedback_on or facts.feedback_on)
    _gather_all(lists, dates, columns, gathered, progress)
    return _draft(source, facts, gathered)


def _examples(sheets: Sequence[Grid], columns: ColumnVocabulary) -> list[Grid]:
    """The sheets named as examples, where another one holds a ledger."""
    wording = load_ledger_wording().layouts
    named = [one for one in sheets if wording.example.search(one.name)]
    others = [one for one in sheets if not wording.example.search(one.name)]
    return named if named and count_ledger_rows(others, columns) else []


def count_ledger_rows(sheets: Sequence[Grid], columns: ColumnVocabulary | None = None) -> int:
    """How many rows of several cells stand below headers that name problems or measures; 0 where none is a ledger."""
    columns = columns or load_columns()
    tables = [table for grid in sheets for table in ledger_tables(transposed_forms(grid, columns)[0], columns)]
    rows = (table.grid.rows[row] for table in tables if table.names_work for row in table.body)
    return sum(1 for row in rows if len({cell for cell in row if cell}) > 1)


def _draft(source: str, facts: DraftFacts, gathered: GatheredLedger) -> Draft:
    found = [*numbered_findings(gathered)]
    return Draft(
        source=source,
        facts=facts,
        findings=tuple(finding for finding, _ in found),
        asks=(*gathered.asks, *(ask for _, asks in found for ask in asks)),
        unplaced=tuple(gathered.unplaced),
        mapping=tuple(gathered.mapping),
        errors=tuple(gathered.errors),
        frame=tuple(gathered.frame),
    )


def _listed(table: LedgerTable, columns: ColumnVocabulary, gathered: GatheredLedger) -> LedgerList:
    """One table with its columns decided and its rows sorted; what is left over goes to ``gathered``."""
    table, others = split_measure_rows(with_states(table, columns), columns)
    mapping = map_columns(table, columns)
    entries, headings, bare = ledger_rows(mapping, columns)
    heads = (f"{table.grid.name}!{row + 1}" for row in (*range(table.top, table.bottom + 1), *table.again))
    gathered.frame += [*heads, *bare]
    gathered.mapping += mapping.columns()
    gathered.unplaced += [*others, *headings, *mapping.left_out()]
    gathered.asks += [*mapping.asks(columns), *_unseen(mapping)]
    if LedgerField.LEAD not in mapping.fields and table.names_work:
        entries, asks = with_unit(table, entries)
        gathered.asks += asks
    return LedgerList(mapping, entries)


def _unseen(mapping: ColumnMapping) -> list[Ask]:
    """The questions about rows and columns that somebody has hidden, filtered away or struck through: they are read
    like the others."""
    table, unseen = mapping.table, mapping.table.grid.unseen
    rows, struck = (
        [f"第{row + 1}行" for row in sorted({*some} & {*table.body})] for some in (unseen.rows, unseen.struck)
    )
    places = [f"{table.letter(one.column)}列" for one in mapping.choices if one.column in unseen.columns]
    told = (("隐藏的行列", "是隐藏的", (rows, places)), ("划掉的行", "划了删除线", (struck,)))
    return [
        Ask(
            phrase,
            f"{'、'.join(map(_first_of, filter(None, lists)))}{how}，已照常读入，是否都要？",
            "照常读入",
            table.grid.name,
        )
        for phrase, how, lists in told
        if any(lists)
    ]


def _first_of(places: Sequence[str]) -> str:
    return places[0] + (f"等{len(places)}{places[0][-1]}" if len(places) > 1 else "")


def _carries(one: LedgerList) -> bool:
    return one.has(LedgerField.PROBLEM) or one.has(LedgerField.MEASURE)


def _gather_all(
    lists: list[LedgerList],
    dates: DocumentDates,
    columns: ColumnVocabulary,
    gathered: GatheredLedger,
    progress: Progress | None,
) -> None:
    total, before = sum(len(one.entries) for one in lists), 0
    for one in lists:
        if not _carries(one):
            gathered.unplaced.append(Unplaced(one.name, f"没有问题和措施，{len(one.entries)}行没有读入"))
            continue
        gathered.asks += _missing_columns(one.mapping, columns)
        for done in gather_rows(RowReader(one.mapping, columns, dates), one.entries, gathered):
            if progress and (before + done) % _STEP == 0:
                progress(before + done, total)
        before += len(one.entries)
    if progress:
        progress(total, total)


def _missing_columns(mapping: ColumnMapping, columns: ColumnVocabulary) -> list[Ask]:
    """What is asked once of a table that has no column for problems, measures or limits."""
    missing = {
        LedgerField.PROBLEM: ("本表没有问题一栏，暂以每个序号或每行为一个问题，是否正确？", "以措施作为问题的标题"),
        LedgerField.MEASURE: ("本表没有整改措施一栏，暂以问题原文作为措施，措施是什么？", "以问题原文作为措施"),
        LedgerField.LIMIT: ("本表没有整改时限一栏，各项措施何时完成？", "暂不定期限"),
    }
    return [
        Ask(columns.title(field), ask, suggest, mapping.table.grid.name)
        for field, (ask, suggest) in missing.items()
        if field not in mapping.fields
    ]


def _facts(shown: list[tuple[Grid, list[LedgerTable]]], gathered: GatheredLedger) -> DraftFacts:
    """What stands above the tables and on sheets without one; all of it but the title is told."""
    covers: list[str] = []
    titles: list[str] = []
    for grid, tables in shown:
        lines = _lines(grid, tables[0].top if tables else len(grid.rows))
        if tables:
            titles += [text for _, text in lines]
        elif not titles:
            covers += [text for _, text in lines[:_COVER]]
        gathered.unplaced += _told(grid, lines, bool(tables))
    facts = title_facts([*titles, *covers])
    titled = [one for one in gathered.unplaced if one.text == f"{_ABOVE}{facts.title}"]
    gathered.unplaced = [one for one in gathered.unplaced if one not in titled]
    gathered.frame += [one.where for one in titled]
    return facts


def _lines(grid: Grid, until: int) -> list[tuple[int, str]]:
    """The rows before ``until`` as (row from 0, text), each text of a row once, blank rows left out."""
    rows = (dict.fromkeys(one_line(cell_as_text(cell)) for cell in row if cell) for row in grid.rows[:until])
    return [(row, text) for row, texts in enumerate(rows) if (text := " ".join(texts))]


def _told(grid: Grid, lines: list[tuple[int, str]], has_table: bool) -> list[Unplaced]:
    if has_table:
        return [Unplaced(f"{grid.name}!{row + 1}", truncate_line(f"{_ABOVE}{text}", _TOLD)) for row, text in lines]
    text = " / ".join(text for _, text in lines[:_COVER])
    return [Unplaced(grid.name, truncate_line(f"没有认出表头，没有读入：{text}", _TOLD))] if lines else []


def _no_header(shown: list[Grid], source: str, columns: ColumnVocabulary) -> Refusal:
    """The refusal of a workbook without a header, with the rows that look most like one."""
    rows = [row for grid in shown for row in grid.rows[:_COVER]]
    widest = max(rows, key=lambda row: len({cell for cell in row if cell}), default=())
    seen = [truncate_line(cell_as_text(cell), 20) for cell in dict.fromkeys(widest) if cell][:_SEEN]
    return Refusal(
        "ledger_no_header",
        source=source,
        seen="、".join(seen) or "空白",
        problem=columns.title(LedgerField.PROBLEM),
        measure=columns.title(LedgerField.MEASURE),
        known="、".join(columns.titles.values()),
    )
