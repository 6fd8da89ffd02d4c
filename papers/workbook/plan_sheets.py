"""A plan out to the office's own workbook and back without loss.

Promise: for every plan that ``plan/loader.py`` accepts, what is written is read back as the same plan, also after
rows were sorted or the file was saved by LibreOffice or WPS (tests/papers/plan_sheets_test.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from intake.documents import Progress
from papers.workbook import PlanBook, PlanStatus, WorkbookError
from papers.workbook.answers import CHOICES, LEADS, SUPERVISORS
from papers.workbook.guide import add_guide
from papers.workbook.kinds import LINE, NAMES
from papers.workbook.layout import (
    DUTIES,
    FACTS,
    HISTORY,
    INSPECTION,
    MEASURES,
    PERIODS,
    QUESTIONS,
    ROLE_LIST,
    STATUS_COLUMNS,
    UNIT_LIST,
    UNITS,
    roles_table,
)
from papers.workbook.marks import Marks, add_marks, read_marks
from papers.workbook.paint import StyledWorkbook, style_of
from papers.workbook.periods import edited_periods, period_fields
from papers.workbook.plan_rows import PlanRows
from papers.workbook.plan_tree import PlanTree
from papers.workbook.tables import WorkbookColumn, WorkbookReader, WorkbookTable, offer, write_table
from plan.model import Plan

_FORMAT = "duban-plan"
_FEWEST_CHANNELS = 3
_HOW = "选一项，或填期限（如 2025-6-30），或频次、期限都填（如 每季度、2025年底）；不填的仍待确认"


def write_plan(plan: Plan, path: Path, status: PlanStatus | None = None) -> None:
    """Write ``plan`` as an Excel workbook to ``path``; an existing file is replaced.

    Args:
        plan: a plan as ``plan/loader.py`` accepts it.
        path: where to, ending in ``.xlsx``.
        status: what the ledger knows: it adds the lamps, the list of periods and the digest of the ledger's plan.

    Raises:
        Refusal: ``workbook_cell_too_long``, a text longer than a cell can hold.
    """
    book, rows, title = StyledWorkbook(), PlanRows(plan), plan.inspection.title
    add_guide(book, title, status)
    measures = (
        WorkbookTable(MEASURES.sheet, MEASURES.columns + STATUS_COLUMNS, MEASURES.frozen, MEASURES.wide)
        if status
        else MEASURES
    )
    write_table(book, measures, rows.measures(status), f"{title}　整改台账")
    write_table(book, DUTIES, rows.duties(), f"{title}　督办事项")
    _write_questions(book, rows.questions(), title)
    _write_facts(book, rows, title)
    write_table(book, UNITS, rows.units(), f"{title}　责任单位")
    channels = max(_FEWEST_CHANNELS, *(len(role.channels) for role in plan.roles.values()))
    write_table(book, roles_table(channels), rows.roles(), f"{title}　岗位")
    if status:
        write_table(book, PERIODS, period_fields(plan, status.periods), f"{title}　期次")
        done = write_table(book, HISTORY, [asdict(row) for row in status.history], f"{title}　历史记录")
        done.protection.sheet, done.protection.autoFilter, done.protection.sort = True, False, False
    add_marks(book, Marks(_FORMAT, status.digest if status else None))
    # Opens on the ledger and not on the guide, which is there to be looked up.
    book.active = book.worksheets.index(book[MEASURES.sheet])
    book.save(path)


def _write_questions(book: StyledWorkbook, rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """The sheet of questions: what may be answered differs from row to row, and so do the choices."""
    sheet = write_table(book, QUESTIONS, rows, f"{title}　待确认问题")
    letter = get_column_letter([column.name for column in QUESTIONS.columns].index("answer") + 1)
    lists = {question.ask: ROLE_LIST for question in SUPERVISORS.values()} | {LEADS.ask: UNIT_LIST}
    first = 2 + sum(row["ask"] in lists for row in rows)
    for number, row in enumerate(rows[: first - 2], 2):
        offer(sheet, f"{letter}{number}", WorkbookColumn("answer", "答复", 0, listed=lists[row["ask"]]))
    words = replace(LINE, choices=CHOICES)
    offer(sheet, f"{letter}{first}:{letter}{len(rows) + 500}", WorkbookColumn("answer", "答复", 0, words, hint=_HOW))


def _write_facts(book: StyledWorkbook, rows: PlanRows, title: str) -> None:
    """The sheet of facts: a row has a kind of its own, and with it its look and its choices."""
    sheet = write_table(book, INSPECTION, rows.facts(), f"{title}　巡察信息")
    for number, (_, header, kind, _) in enumerate(FACTS, 2):
        book.dress(sheet.cell(number, 2), style_of("文字" if kind.look == "居中" else kind.look))
        offer(sheet, f"B{number}", WorkbookColumn("value", header, 0, kind, listed=ROLE_LIST if kind is NAMES else ""))


def read_plan(path: Path, progress: Progress | None = None) -> PlanBook:
    """Read a workbook that ``write_plan`` wrote and people edited.

    Args:
        path: the workbook.
        progress: called now and then with the rows read and the rows there are.

    Returns:
        The plan, checked like any other; the digest of the plan it was exported from; edited rows of 期次.

    Raises:
        WorkbookError: with every problem, each with its sheet, row and column.
        Refusal: the file is no workbook that may be read (``intake/documents/guard.py``), or of another kind.
    """
    book = WorkbookReader(path, progress)
    marks = read_marks(book, _FORMAT)
    tree = PlanTree(book)
    plan = tree.plan()
    edited = edited_periods(book)
    # All problems at once: who mends one would else meet the next only after importing again.
    if plan is None or book.errors:
        raise WorkbookError(path, book.problems)
    return PlanBook(plan, marks.digest, edited, tree.answers)
