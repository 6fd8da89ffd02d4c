"""A notice of what was found and what is done about it (通报): numbered problems with their measures."""

from collections.abc import Callable

from intake.documents import Document, Progress
from intake.draft import DocumentDates, Draft
from intake.interpreters import Fit, Interpreter
from intake.notices import notice_draft, notice_structure
from text.catalogue import phrase


def _score(document: Document) -> Fit:
    if not document.lines:
        return Fit(-1, phrase("fit.no_text"))
    found = len(notice_structure(document.lines).problems)
    return Fit(found, phrase("fit.problems", n=found) if found else phrase("fit.no_problems"))


def _read(document: Document, dates: DocumentDates, _bar: Callable[[str], Progress]) -> Draft:
    return notice_draft(document.lines, document.name, dates)


INTERPRETER = Interpreter("notice", _score, _read, rank=0)
