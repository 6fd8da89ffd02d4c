"""A workbook of a ledger as a draft: every sheet read or told, every column shown, every bad row named."""

import re
from collections.abc import Sequence

from intake.documents import Progress, Sheet
from intake.draft import Ask, Draft, Facts, Page, Unplaced
from intake.ledgers.asides import without_asides
from intake.ledgers.columns import Columns, Field, load_columns
from intake.ledgers.facts import facts_of
from intake.ledgers.findings import Gathered, findings_of, gather
from intake.ledgers.header import Table, tables_of
from intake.ledgers.join import Listed, join
from intake.ledgers.mapping import Mapping, map_columns
from intake.ledgers.measures import Reader
from intake.ledgers.records import upright
from intake.ledgers.rows import entries_of
from intake.ledgers.shapes import with_states, with_unit
from intake.ledgers.spelling import one_line, shortened, written
from text.refusals import Refusal

_NO_DAYS = Page()
_STEP = 200
"""Rows between two calls of the progress."""
_SEEN = 12
_COVER = 20
_ABOVE = "表头上方："
_EXAMPLE = re.compile("示例|样例|范例|样表")
_TOLD = 200


def draft_of(
    sheets: tuple[Sheet, ...],
    source: str,
    page: Page = _NO_DAYS,
    progress: Progress | None = None,
    columns: Columns | None = None,
) -> Draft:
    """Read a ledger's sheets.

    Args:
        sheets: the workbook as ``intake.documents.reader.read_sheets`` gives it.
        source: the file's name, for messages.
        page: days the wording is read against; a date in a ledger's title stands in for the day of publication.
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
    turned = [upright(one, columns) for one in sheets if not any(one is other for other, _ in unread)]
    shown = [(sheet, tables_of(sheet, columns)) for sheet, _ in turned]
    gathered = Gathered(unplaced=[Unplaced(one.name, why) for one, why in unread])
    gathered.asks += [ask for _, asks in turned for ask in asks]
    lists = [_listed(table, columns, gathered) for _, tables in shown for table in tables]
    lists, asks, gathered.errors = join(lists)
    gathered.asks += asks
    if not any(_carries(one) for one in lists):
        raise _no_header([sheet for sheet, _ in shown], source, columns)
    facts = _facts(shown, gathered)
    page = Page(page.published_on or facts.published_on, page.feedback_on or facts.feedback_on)
    _gather_all(lists, page, columns, gathered, progress)
    return _draft(source, facts, gathered)


def _examples(sheets: Sequence[Sheet], columns: Columns) -> list[Sheet]:
    """The sheets named as examples, where another one holds a ledger."""
    named = [one for one in sheets if _EXAMPLE.search(one.name)]
    others = [one for one in sheets if not _EXAMPLE.search(one.name)]
    return named if named and rows_in(others, columns) else []


def rows_in(sheets: Sequence[Sheet], columns: Columns | None = None) -> int:
    """How many rows of several cells stand below headers that name problems or measures; 0 where none is a ledger."""
    columns = columns or load_columns()
    tables = [table for sheet in sheets for table in tables_of(upright(sheet, columns)[0], columns)]
    rows = (table.sheet.rows[row] for table in tables if table.names_work for row in table.body)
    return sum(1 for row in rows if len({cell for cell in row if cell}) > 1)


def _draft(source: str, facts: Facts, gathered: Gathered) -> Draft:
    found = [*findings_of(gathered)]
    return Draft(
        source=source,
        facts=facts,
        findings=tuple(finding for finding, _ in found),
        asks=(*gathered.asks, *(ask for _, asks in found for ask in asks)),
        unplaced=tuple(gathered.unplaced),
        mapping=tuple(gathered.mapping),
        errors=tuple(gathered.errors),
    )


def _listed(table: Table, columns: Columns, gathered: Gathered) -> Listed:
    """One table with its columns decided and its rows sorted; what is left over goes to ``gathered``."""
    table, others = without_asides(with_states(table, columns), columns)
    mapping = map_columns(table, columns)
    entries, headings = entries_of(mapping, columns)
    gathered.mapping += mapping.columns()
    gathered.unplaced += [*others, *headings, *mapping.left_out()]
    gathered.asks += [*mapping.asks(columns), *_unseen(mapping)]
    if Field.LEAD not in mapping.fields and table.names_work:
        entries, asks = with_unit(table, entries)
        gathered.asks += asks
    return Listed(mapping, entries)


def _unseen(mapping: Mapping) -> list[Ask]:
    """The question about rows and columns that somebody has hidden, or filtered away: they are read like the others."""
    table, unseen = mapping.table, mapping.table.sheet.unseen
    rows = [f"第{row + 1}行" for row in sorted({*unseen.rows} & {*table.body})]
    places = [f"{table.letter(one.column)}列" for one in mapping.choices if one.column in unseen.columns]
    hidden = [f"{some[0]}{f'等{len(some)}{some[0][-1]}' if len(some) > 1 else ''}" for some in (rows, places) if some]
    ask = f"{'、'.join(hidden)}是隐藏的，已照常读入，是否都要？"
    return [Ask("隐藏的行列", ask, "照常读入", table.sheet.name)] if hidden else []


def _carries(one: Listed) -> bool:
    return one.has(Field.PROBLEM) or one.has(Field.MEASURE)


def _gather_all(
    lists: list[Listed], page: Page, columns: Columns, gathered: Gathered, progress: Progress | None
) -> None:
    total, before = sum(len(one.entries) for one in lists), 0
    for one in lists:
        if not _carries(one):
            gathered.unplaced.append(Unplaced(one.name, f"没有问题和措施，{len(one.entries)}行没有读入"))
            continue
        gathered.asks += _missing_columns(one.mapping, columns)
        for done in gather(Reader(one.mapping, columns, page), one.entries, gathered):
            if progress and (before + done) % _STEP == 0:
                progress(before + done, total)
        before += len(one.entries)
    if progress:
        progress(total, total)


def _missing_columns(mapping: Mapping, columns: Columns) -> list[Ask]:
    """What is asked once of a table that has no column for problems, measures or limits."""
    missing = {
        Field.PROBLEM: ("本表没有问题一栏，暂以每个序号或每行为一个问题，是否正确？", "以措施作为问题的标题"),
        Field.MEASURE: ("本表没有整改措施一栏，暂以问题原文作为措施，措施是什么？", "以问题原文作为措施"),
        Field.LIMIT: ("本表没有整改时限一栏，各项措施何时完成？", "暂不定期限"),
    }
    return [
        Ask(columns.title(field), ask, suggest, mapping.table.sheet.name)
        for field, (ask, suggest) in missing.items()
        if field not in mapping.fields
    ]


def _facts(shown: list[tuple[Sheet, list[Table]]], gathered: Gathered) -> Facts:
    """What stands above the tables and on sheets without one; all of it but the title is told."""
    covers: list[str] = []
    titles: list[str] = []
    for sheet, tables in shown:
        lines = _lines(sheet, tables[0].top if tables else len(sheet.rows))
        if tables:
            titles += [text for _, text in lines]
        elif not titles:
            covers += [text for _, text in lines[:_COVER]]
        gathered.unplaced += _told(sheet, lines, bool(tables))
    facts = facts_of([*titles, *covers])
    gathered.unplaced = [one for one in gathered.unplaced if one.text != f"{_ABOVE}{facts.title}"]
    return facts


def _lines(sheet: Sheet, until: int) -> list[tuple[int, str]]:
    """The rows before ``until`` as (row from 0, text), each text of a row once, blank rows left out."""
    rows = (dict.fromkeys(one_line(written(cell)) for cell in row if cell) for row in sheet.rows[:until])
    return [(row, text) for row, texts in enumerate(rows) if (text := " ".join(texts))]


def _told(sheet: Sheet, lines: list[tuple[int, str]], has_table: bool) -> list[Unplaced]:
    if has_table:
        return [Unplaced(f"{sheet.name}!{row + 1}", shortened(f"{_ABOVE}{text}", _TOLD)) for row, text in lines]
    text = " / ".join(text for _, text in lines[:_COVER])
    return [Unplaced(sheet.name, shortened(f"没有认出表头，没有读入：{text}", _TOLD))] if lines else []


def _no_header(shown: list[Sheet], source: str, columns: Columns) -> Refusal:
    """The refusal of a workbook without a header, with the rows that look most like one."""
    rows = [row for sheet in shown for row in sheet.rows[:_COVER]]
    widest = max(rows, key=lambda row: len({cell for cell in row if cell}), default=())
    seen = [shortened(written(cell), 20) for cell in dict.fromkeys(widest) if cell][:_SEEN]
    return Refusal(
        "ledger_no_header",
        source=source,
        seen="、".join(seen) or "空白",
        problem=columns.title(Field.PROBLEM),
        measure=columns.title(Field.MEASURE),
        known="、".join(columns.titles.values()),
    )
