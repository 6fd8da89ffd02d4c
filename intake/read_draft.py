"""A file from outside as a draft: a notice, a ledger in a spreadsheet, or a ledger in the table of a document."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from intake import ledgers, notices
from intake.documents import DocumentLine, Grid, Progress
from intake.documents.reader import is_ledger, read_lines, read_sheets, read_tables, read_text_cells
from intake.draft import DocumentDates, Draft, DraftFacts, Unplaced
from text.refusals import Refusal

_CELLS = "\t"
"""What parts the cells of a table's row in the lines of a document."""


def read_draft(file: Path, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    """Read a notice or a ledger.

    Args:
        file: .txt, .html, .pdf and .docx are notices, .xlsx and .csv ledgers; so is a .txt, .html or .docx with a
            ledger's table.
        dates: days a person knows better than the document (dates of the office's zone); they count before its own.
        bar: begins a progress bar with this title; called for ledgers only, which may be long.

    Returns:
        The draft.

    Raises:
        Refusal: the file cannot be read whole and safely, or is a spreadsheet without a ledger's header.
    """
    if is_ledger(file):
        return _ledger(file, read_sheets(file, bar("读取表格")), dates, bar)
    lines = read_lines(file)
    notice = notices.notice_draft(lines, file.name, dates)
    if file.suffix.lower() == ".txt" and (ledger := _text_ledger(file, len(notice.findings), dates, bar)):
        return ledger
    return _table_ledger(file, lines, len(notice.findings), dates, bar) or notice


def _text_ledger(file: Path, findings: int, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft | None:
    """The draft of a text whose rows of cells hold a ledger with more rows than it has findings as a notice."""
    try:
        sheets = read_text_cells(file)
    except Refusal:
        return None
    return _ledger(file, sheets, dates, bar) if ledgers.count_ledger_rows(sheets) > findings else None


def _ledger(file: Path, sheets: tuple[Grid, ...], dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    draft = ledgers.ledger_draft(sheets, file.name, dates, bar("理解各行"))
    return _dated(draft, draft.facts, dates)


def _table_ledger(
    file: Path, lines: Sequence[DocumentLine], findings: int, dates: DocumentDates, bar: Callable[[str], Progress]
) -> Draft | None:
    """The draft of a document whose tables hold a ledger with more rows than its text has findings, else None.

    What stands around the tables gives the facts, and is told as unplaced.
    """
    try:
        tables = read_tables(file)
    except Refusal:
        return None
    if ledgers.count_ledger_rows(tables) <= findings:
        return None
    around = [line for line in lines if _CELLS not in line.text]
    facts = notices.notice_draft(around, file.name, dates).facts
    draft = ledgers.ledger_draft(
        tables, file.name, DocumentDates(facts.published_on, facts.feedback_on), bar("理解各行")
    )
    above = ledgers.title_facts([line.text for line in around])
    inside = {text for table in tables for row in table.rows for cell in row for text in _lines(cell)}
    known = inside - {draft.facts.title} | {facts.title}
    told = [Unplaced(f"第{line.number}行 表外文字", line.text) for line in around if line.text not in known]
    return _dated(replace(draft, unplaced=(*told, *draft.unplaced)), _filled(facts, above), dates)


def _lines(cell: str | date) -> list[str]:
    return cell.splitlines() if isinstance(cell, str) else []


def _filled(facts: DraftFacts, others: DraftFacts) -> DraftFacts:
    """The facts, what they do not say taken from the others."""
    missing = {name: value for name, value in others.as_dict().items() if not getattr(facts, name)}
    return replace(facts, **missing)


def _dated(draft: Draft, facts: DraftFacts, dates: DocumentDates) -> Draft:
    return replace(draft, facts=replace(facts, feedback_on=dates.feedback_on or facts.feedback_on))
