"""The office's own workbook: a plan or waiting reports out to Excel and back without loss."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from intake.draft import CellError
from plan.model import Plan
from plan.types import Level, PeriodState
from plan.yaml_reader import FileProblem, FileProblems
from text.clean import line

MOST_TOLD = 50
"""Problems of one workbook that are told one by one; the rest are counted."""


class WorkbookError(FileProblems):
    """A workbook was refused. ``errors`` has every problem found; ``str()`` gives one line for each, at most 50."""

    def __init__(self, path: Path, errors: Iterable[CellError]) -> None:
        self.errors = tuple(errors)
        super().__init__(FileProblem(path.name, one.row, f"{one.sheet} {one.column}", one.why) for one in self.errors)
        lines = [f"{path.name}：{cell_fault(one)}" for one in self.errors[:MOST_TOLD]]
        more = len(self.errors) - len(lines)
        self.args = ("\n".join([*lines, *([f"……另有{more}处问题，改正后重新导入即可看到"] if more else [])]),)


def cell_fault(one: CellError) -> str:
    """A problem in one sentence, with its sheet, row and column; ``one`` as a reader noted it."""
    place = f"“{one.sheet}”" + (f"第{one.row}行" if one.row else "") + (f"“{one.column}”栏" if one.column else "")
    shown = line(one.value, 30)
    return f"{place}填的是“{shown}”，{one.why}" if shown else f"{place}{one.why}"


@dataclass(frozen=True, slots=True)
class MeasureStatus:
    """Where one measure stands: its lamp, its time state, and the due date (office's zone) of its next period."""

    lamp: Level
    time_state: str
    next_due: date | None = None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period as the workbook lists it. ``key`` is the ledger's natural key; dates are days of the office's zone;
    ``outcome`` is 按期办结 or 逾期办结 of a closed one; ``last_text`` is what was reported last."""

    key: str
    measure: str
    duty: str
    label: str
    opens_on: date
    due_on: date
    state: PeriodState
    outcome: str | None = None
    last_text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What somebody did about a measure, as the trail has it: ``at`` in the office's zone, ``what`` in words."""

    at: str
    measure: str
    title: str
    what: str
    about: str
    who: str
    said: str


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """What the ledger adds to an exported plan: the digest of its plan, each measure's status by code, all periods,
    and what was done, the newest first."""

    digest: str
    measures: Mapping[str, MeasureStatus] = field(default_factory=dict)
    periods: tuple[PeriodRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()


@dataclass(frozen=True, slots=True)
class EditedPeriod:
    """A row of the read-only list of periods that no longer says what was exported; ``row`` counts from 1."""

    sheet: str
    row: int
    key: str
    what: str


@dataclass(frozen=True, slots=True)
class PlanBook:
    """A workbook as read: the plan, the digest of the plan it was exported from, tampered rows of 期次, and how many
    questions were answered in it."""

    plan: Plan
    digest: str | None = None
    edited_periods: tuple[EditedPeriod, ...] = ()
    answers: int = 0


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A period that waits for a unit's report; ``key`` comes back unchanged in ``FilledRow``. ``duty`` is the title of
    the duty; ``last_text`` is what was reported for the period before."""

    key: str
    measure: str
    duty: str
    label: str
    due_on: date
    last_text: str = ""


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """What a unit, named as its sheet was exported, filled in: the rows that can be taken, and what is wrong with the
    others."""

    unit: str
    rows: "tuple[FilledRow, ...]"
    faults: tuple[CellError, ...]


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One filled row of a report sheet: what ``db.ledger.reports.Report`` takes, the period's key and who reports.

    ``row`` counts from 1 in the sheet; ``percent`` is 0 to 100; ``by`` is never blank.
    """

    row: int
    key: str
    measure: str
    by: str
    body: str
    percent: int
    finished: bool = False
    difficulty: str = ""
    help_needed: str = ""
    evidence: tuple[str, ...] = ()
