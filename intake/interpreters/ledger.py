"""A ledger (台账): rows below a header that names problems or measures, in a workbook or in the table of a document."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from intake.documents import Document, Progress
from intake.documents.reader import is_ledger
from intake.draft import DocumentDates, Draft, Unplaced
from intake.interpreters import Fit, Interpreter
from intake.ledgers import count_ledger_rows, ledger_draft, title_facts
from intake.notices import notice_draft
from intake.notices.asks import promised_elsewhere
from intake.notices.problems import AROUND_LEDGER
from text.catalogue import phrase

_CELLS = "\t"
"""What parts the cells of a table's row in the lines of a document."""


def _score(document: Document) -> Fit:
    if is_ledger(document):
        return Fit(1, phrase("fit.sheets"))
    if not document.sheets:
        return Fit(-1, phrase("fit.no_tables"))
    rows = count_ledger_rows(document.sheets)
    return Fit(rows, phrase("fit.rows", n=rows) if rows else phrase("fit.no_header"))


def _read(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    """The rows as findings and measures; what stands around the tables of a document gives the facts, and is told."""
    if document.kind == "txt" or is_ledger(document):
        draft = ledger_draft(document.sheets, document.name, dates, bar("理解各行"))
        return _fed_back(draft, dates)
    around = [line for line in document.lines if _CELLS not in line.text]
    facts = notice_draft(around, document.name, dates).facts
    days = DocumentDates(facts.published_on, facts.feedback_on)
    draft = ledger_draft(document.sheets, document.name, days, bar("理解各行"))
    above = title_facts([line.text for line in around])
    inside = {text for table in document.sheets for row in table.rows for cell in row for text in _texts(cell)}
    known = inside - {draft.facts.title} | {facts.title}
    told = [Unplaced(f"第{line.number}行 {AROUND_LEDGER}", line.text) for line in around if line.text not in known]
    titles = (f"第{line.number}行" for line in around if line.text == facts.title)
    missing = {name: value for name, value in above.as_dict().items() if not getattr(facts, name)}
    whole = replace(
        draft,
        facts=replace(facts, **missing),
        asks=(*draft.asks, *promised_elsewhere(told, facts)),
        unplaced=(*told, *draft.unplaced),
        frame=(*titles, *draft.frame),
    )
    return _fed_back(whole, dates)


def _texts(cell: str | date) -> list[str]:
    return cell.splitlines() if isinstance(cell, str) else []


def _fed_back(draft: Draft, dates: DocumentDates) -> Draft:
    """The draft with the day of the feedback that a person knows, if any does."""
    return replace(draft, facts=replace(draft.facts, feedback_on=dates.feedback_on or draft.facts.feedback_on))


INTERPRETER = Interpreter("ledger", _score, _read)
