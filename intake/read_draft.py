"""A file from outside as a draft: a notice, a ledger in a spreadsheet, or a ledger in the table of a document."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from intake import ledgers, notices
from intake.documents import Document, Progress
from intake.documents.reader import is_ledger, read_document
from intake.draft import DocumentDates, Draft, DraftFacts, Unplaced

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
    document = read_document(file, begun_when_told(bar, "读取表格"))
    return draft_of(document, dates, bar)


def draft_of(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    """The draft of a document that was read: by its tables where these hold more than its text does.

    Args:
        document: as ``read_document`` gives it.
        dates: as for ``read_draft``.
        bar: as for ``read_draft``.

    Raises:
        Refusal: a spreadsheet without a ledger's header.
    """
    if is_ledger(document):
        return _ledger(document, dates, bar)
    notice = notices.notice_draft(document.lines, document.name, dates)
    if ledgers.count_ledger_rows(document.sheets) <= len(notice.findings):
        return notice
    return _ledger(document, dates, bar) if document.kind == "txt" else _table_ledger(document, dates, bar)


def begun_when_told(bar: Callable[[str], Progress], title: str) -> Progress:
    """A progress whose bar begins with the first thing it is told: a notice has none.

    Args:
        bar: begins a progress bar with a title.
        title: of the bar.
    """
    begun: list[Progress] = []

    def tell(done: int, total: int) -> None:
        begun[:] = begun or [bar(title)]
        begun[0](done, total)

    return tell


def _ledger(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    draft = ledgers.ledger_draft(document.sheets, document.name, dates, bar("理解各行"))
    return _dated(draft, draft.facts, dates)


def _table_ledger(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    """The draft of a document whose tables hold a ledger.

    What stands around the tables gives the facts, and is told as unplaced.
    """
    around = [line for line in document.lines if _CELLS not in line.text]
    facts = notices.notice_draft(around, document.name, dates).facts
    days = DocumentDates(facts.published_on, facts.feedback_on)
    draft = ledgers.ledger_draft(document.sheets, document.name, days, bar("理解各行"))
    above = ledgers.title_facts([line.text for line in around])
    inside = {text for table in document.sheets for row in table.rows for cell in row for text in _lines(cell)}
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
