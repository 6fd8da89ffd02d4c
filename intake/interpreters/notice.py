"""A notice of what was found and what is done about it (通报): numbered problems with their measures."""

from collections.abc import Callable

from intake.documents import Document, Progress
from intake.draft import DocumentDates, Draft
from intake.interpreters import Fit, Interpreter
from intake.ledgers import count_ledger_rows
from intake.ledgers.table_lines import ledger_lines, lines_above_tables
from intake.notices import notice_draft, notice_structure
from intake.text_and_tables import text_around, with_ledgers
from text.catalogue import phrase


def _score(document: Document) -> Fit:
    if not document.lines:
        return Fit(-1, phrase("fit.no_text"))
    rows, found = _rows_beside_text(document)
    if rows:
        return Fit(found + rows, phrase("fit.problems_and_rows", n=found, rows=rows))
    return Fit(found, phrase("fit.problems", n=found) if found else phrase("fit.no_problems"))


def _read(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    if _rows_beside_text(document)[0]:
        return with_ledgers(notice_draft(text_around(document), document.name, dates), document, bar)
    return notice_draft(document.lines, document.name, dates)


def _rows_beside_text(document: Document) -> tuple[int, int]:
    """How many rows of ledgers belong to a notice besides its text, and how many problems the text has.

    They do where the text names problems and tells what is done about one, or one heads a table of measures, or it has
    as many as there are rows; else what stands around a ledger is its title and its notes.
    """
    rows = count_ledger_rows(document.sheets) if ledger_lines(document) else 0
    if rows:
        read = notice_structure(text_around(document))
        over = lines_above_tables(document)
        heads = any(one.line in over and not over[one.line].has_problems for one in read.problems)
        worked = heads or any(one.work for one in read.problems)
        if (worked and read.names_problems) or len(read.problems) >= rows:
            return rows, len(read.problems)
    return 0, len(notice_structure(document.lines).problems)


INTERPRETER = Interpreter("notice", _score, _read, rank=0)
