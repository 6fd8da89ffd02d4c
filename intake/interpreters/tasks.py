"""A list of tasks (分工方案, 督查通知): numbered items that somebody is to do, and lines that ask for something."""

from collections.abc import Callable

from intake.documents import Document, Progress
from intake.draft import DocumentDates, Draft
from intake.interpreters import Fit, Interpreter
from intake.ledgers import count_ledger_rows
from intake.ledgers.table_lines import ledger_lines
from intake.notices import calls_itself, notice_draft, notice_structure
from intake.notices.notice_grammar import load_notice_grammar
from intake.notices.problems import TaskItems
from intake.task_list import with_obligations_as_tasks
from intake.text_and_tables import text_around, with_ledgers
from text.catalogue import phrase


def _score(document: Document) -> Fit:
    """How many tasks there are; none beside problems, which are what a notice is about."""
    if not document.lines:
        return Fit(-1, phrase("fit.no_text"))
    around = text_around(document)
    if calls_itself(load_notice_grammar().tasks.other, around):
        return Fit(0, phrase("fit.other_title"))
    if notice_structure(around).names_problems:
        return Fit(0, phrase("fit.not_tasks"))
    tasks = [one for finding in _owed(document, DocumentDates()).findings for one in finding.measures]
    if not tasks:
        return Fit(0, phrase("fit.no_tasks"))
    rows = count_ledger_rows(document.sheets) if _is_called(document) and ledger_lines(document) else 0
    return Fit(len(tasks) + rows, phrase("fit.tasks", n=len(tasks) + rows))


def _read(document: Document, dates: DocumentDates, bar: Callable[[str], Progress]) -> Draft:
    """The tasks and the rows of tables; where no item says who does it or when, every numbered one is taken for one."""
    draft = _owed(document, dates)
    if not draft.findings:
        draft = notice_draft(text_around(document), document.name, dates, TaskItems.ALL)
    return with_ledgers(draft, document, bar)


def _owed(document: Document, dates: DocumentDates) -> Draft:
    which = TaskItems.LISTED if _is_called(document) else TaskItems.OWED
    return with_obligations_as_tasks(notice_draft(text_around(document), document.name, dates, which))


def _is_called(document: Document) -> bool:
    """Whether a paper calls itself a list of tasks."""
    return calls_itself(load_notice_grammar().tasks.title, text_around(document))


INTERPRETER = Interpreter("tasks", _score, _read)
