"""A file from outside as a draft: a notice, a ledger in a spreadsheet, or a ledger in the table of a document."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from intake import ledgers, notices
from intake.documents import Line, Progress, Sheet
from intake.documents.reader import is_ledger, read_lines, read_sheets, read_tables, read_text_cells
from intake.draft import Draft, Facts, Page, Unplaced
from text.refusals import Refusal

_CELLS = "\t"
"""What parts the cells of a table's row in the lines of a document."""


def draft_of(file: Path, page: Page, bar: Callable[[str], Progress]) -> Draft:
    """Read a notice or a ledger.

    Args:
        file: .txt, .html, .pdf and .docx are notices, .xlsx and .csv ledgers; so is a .txt, .html or .docx with a
            ledger's table.
        page: days a person knows better than the document (dates of the office's zone); they count before its own.
        bar: begins a progress bar with this title; called for ledgers only, which may be long.
    Returns:
        The draft.
    Raises:
        Refusal: the file cannot be read whole and safely, or is a spreadsheet without a ledger's header.
    """
    if is_ledger(file):
        return _ledger(file, read_sheets(file, bar("读取表格")), page, bar)
    lines = read_lines(file)
    notice = notices.draft_of(lines, file.name, page)
    if file.suffix.lower() == ".txt" and (ledger := _text_ledger(file, len(notice.findings), page, bar)):
        return ledger
    return _table_ledger(file, lines, len(notice.findings), page, bar) or notice


def _text_ledger(file: Path, findings: int, page: Page, bar: Callable[[str], Progress]) -> Draft | None:
    """The draft of a text whose rows of cells hold a ledger with more rows than it has findings as a notice."""
    try:
        sheets = read_text_cells(file)
    except Refusal:
        return None
    return _ledger(file, sheets, page, bar) if ledgers.rows_in(sheets) > findings else None


def _ledger(file: Path, sheets: tuple[Sheet, ...], page: Page, bar: Callable[[str], Progress]) -> Draft:
    draft = ledgers.draft_of(sheets, file.name, page, bar("理解各行"))
    return _dated(draft, draft.facts, page)


def _table_ledger(
    file: Path, lines: Sequence[Line], findings: int, page: Page, bar: Callable[[str], Progress]
) -> Draft | None:
    """The draft of a document whose tables hold a ledger with more rows than its text has findings, else None.

    What stands around the tables gives the facts, and is told as unplaced.
    """
    try:
        tables = read_tables(file)
    except Refusal:
        return None
    if ledgers.rows_in(tables) <= findings:
        return None
    around = [line for line in lines if _CELLS not in line.text]
    facts = notices.draft_of(around, file.name, page).facts
    draft = ledgers.draft_of(tables, file.name, Page(facts.published_on, facts.feedback_on), bar("理解各行"))
    above = ledgers.facts_of([line.text for line in around])
    inside = {text for table in tables for row in table.rows for cell in row for text in _lines(cell)}
    known = inside - {draft.facts.title} | {facts.title}
    told = [Unplaced(f"第{line.number}行 表外文字", line.text) for line in around if line.text not in known]
    return _dated(replace(draft, unplaced=(*told, *draft.unplaced)), _filled(facts, above), page)


def _lines(cell: str | date) -> list[str]:
    return cell.splitlines() if isinstance(cell, str) else []


def _filled(facts: Facts, others: Facts) -> Facts:
    """The facts, what they do not say taken from the others."""
    missing = {name: value for name, value in others.as_dict().items() if not getattr(facts, name)}
    return replace(facts, **missing)


def _dated(draft: Draft, facts: Facts, page: Page) -> Draft:
    return replace(draft, facts=replace(facts, feedback_on=page.feedback_on or facts.feedback_on))
