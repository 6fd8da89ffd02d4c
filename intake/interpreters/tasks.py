"""A list of tasks (分工方案, 督查通知): numbered items that somebody is to do, and lines that ask for something."""

from collections.abc import Callable

from intake.documents import Document, Progress
from intake.draft import DocumentDates, Draft
from intake.interpreters import Fit, Interpreter
from intake.ledgers.table_lines import ledger_lines
from intake.notices import calls_itself, notice_draft, notice_structure
from intake.notices.notice_grammar import load_notice_grammar
from intake.notices.problems import TaskItems
from intake.task_list import with_obligations_as_tasks
from text.catalogue import phrase


def _score(document: Document) -> Fit:
    """How many tasks there are; none beside problems, which are what a notice is about."""
    if not document.lines:
        return Fit(-1, phrase("fit.no_text"))
    if calls_itself(load_notice_grammar().tasks.other, document.lines):
        return Fit(0, phrase("fit.other_title"))
    if notice_structure(document.lines).names_problems:
        return Fit(0, phrase("fit.not_tasks"))
    tasks = [one for finding in _owed(document, DocumentDates()).findings for one in finding.measures]
    return Fit(len(tasks), phrase("fit.tasks", n=len(tasks)) if tasks else phrase("fit.no_tasks"))


def _read(document: Document, dates: DocumentDates, _bar: Callable[[str], Progress]) -> Draft:
    """The tasks; where no item says who does it or when, every numbered one is taken for one."""
    draft = _owed(document, dates)
    return draft if draft.findings else notice_draft(document.lines, document.name, dates, TaskItems.ALL)


def _owed(document: Document, dates: DocumentDates) -> Draft:
    listed = calls_itself(load_notice_grammar().tasks.title, document.lines)
    inside = ledger_lines(document)
    lines = [one for one in document.lines if one.number not in inside]
    draft = notice_draft(lines, document.name, dates, TaskItems.LISTED if listed else TaskItems.OWED)
    return with_obligations_as_tasks(draft)


INTERPRETER = Interpreter("tasks", _score, _read)
