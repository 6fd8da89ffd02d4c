"""Between the ledger and the office's own workbooks: what goes out, and what comes back as commands' arguments."""

from datetime import date
from pathlib import Path
from typing import Any

from db import ledger
from db.ledger import FilledReport, LedgerContext, Report
from db.ledger.records import acts_on_measures, all_periods, last_report_text
from db.models import Period
from intake.documents import Progress
from papers.workbook import FilledSheet, HistoryRow, MeasureStatus, PeriodRow, PlanBook, PlanStatus, WaitingRow
from plan.loader import load_plan
from plan.types import Level, PeriodState, TimeState, WorkState
from text.catalogue import PHRASES, term
from text.refusals import Refusal

WORKBOOK = ".xlsx"
_TOLD = 5
MOST_HISTORY = 20_000
"""Acts in a workbook, the newest; the trail has them all."""


def plan_from(path: Path, progress: Progress | None = None) -> PlanBook:
    """A plan from a workbook or a YAML file.

    Args:
        path: of the file; its suffix says which it is.
        progress: hears of a workbook's rows.

    Raises:
        FileProblems: with every problem.
        Refusal: ``history_edited`` for a workbook in which rows of periods were edited: the ledger alone says what
            happened in a period.
    """
    if path.suffix.lower() != WORKBOOK:
        return PlanBook(load_plan(path))
    from papers.workbook.plan_sheets import read_plan  # openpyxl is slow to load, and YAML needs none

    book = read_plan(path, progress)
    if book.edited_periods:
        told = [f"“{one.sheet}”第{one.row}行{one.what}" for one in book.edited_periods[:_TOLD]]
        more = "……" if len(book.edited_periods) > _TOLD else ""
        raise Refusal("history_edited", what="；".join(told) + more)
    return book


def plan_status(ctx: LedgerContext, key: str | None = None) -> PlanStatus:
    """What the ledger adds to an exported plan: where each measure stands, and every period there is.

    Args:
        ctx: the context.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: those of ``plan_in_force``.
    """
    plan, present = ledger.plan_in_force(ctx.session, key), ledger.inspection(ctx.session, key)
    stated = {spec.code: spec.state for finding in plan.findings for spec in finding.measures}
    lines = ledger.ledger_view(ctx, key)["measures"]
    return PlanStatus(
        digest=present.plan_digest,
        # What the office itself owes stands in the plan as dates of the round.
        measures={
            line["code"]: _measure_status(line, stated[line["code"]]) for line in lines if line["code"] in stated
        },
        periods=tuple(_period_row(period) for period in all_periods(ctx.session, present.id)),
        history=tuple(
            HistoryRow(
                at=ctx.work_time.minute_text(one.at),
                measure=one.measure,
                title=one.title,
                what=PHRASES.get(f"audit.act.{one.command}", one.command),
                about=one.subject,
                who=one.actor,
                said=one.said,
            )
            for one in acts_on_measures(ctx, present.id, MOST_HISTORY)
        ),
    )


def _measure_status(line: dict[str, Any], stated: WorkState) -> MeasureStatus:
    """Reports move the work on from what the plan states; the sheet says so beside the state it lets people edit."""
    due = [date.fromisoformat(duty["next_due_at"][:10]) for duty in line["duties"] if duty["next_due_at"]]
    # The sheet's column of states is the plan's; where the ledger has moved on is said beside it.
    now = term(TimeState(line["time_state"]))
    state = WorkState(line["work_state"])
    said = now if state == stated else f"{now}（现为{term(state)}）"
    return MeasureStatus(Level(line["lamp"]), said, min(due, default=None))


def _period_row(period: Period) -> PeriodRow:
    return PeriodRow(
        key=ledger.period_key(period),
        measure=period.duty.measure.code,
        duty=period.duty.key,
        label=period.label,
        opens_on=period.opens_on,
        due_on=period.due_on,
        state=PeriodState(period.state),
        outcome=ledger.outcome(period),
        last_text=period.submissions[-1].body if period.submissions else "",
    )


def waiting_rows(ctx: LedgerContext, unit: str, key: str | None = None) -> list[WaitingRow]:
    """What a unit owes a report for.

    Args:
        ctx: the context.
        unit: name of a lead unit.
        key: of one inspection; None: of all.

    Raises:
        Refusal: ``unit_unknown``, which lists the units, ``inspection_unknown``.
    """
    return [_waiting_row(ctx, period) for period in ledger.waiting_for(ctx.session, unit, key)]


def _waiting_row(ctx: LedgerContext, period: Period) -> WaitingRow:
    duty = period.duty
    return WaitingRow(
        key=ledger.period_key(period),
        measure=duty.measure.full_code,
        duty=duty.title,
        label=period.label,
        due_on=period.due_on,
        last_text=last_report_text(ctx.session, duty),
    )


def filled_reports(sheet: FilledSheet, by: str | None = None) -> list[FilledReport]:
    """The filled rows of a unit's sheet as the ledger takes them.

    Args:
        sheet: as it was read.
        by: who reports; None for the reporter each row names.
    """
    return [
        FilledReport(
            row.key,
            sheet.unit,
            by or row.by,
            Report(
                body=row.body,
                percent=row.percent,
                finished=row.finished,
                difficulty=row.difficulty,
                help_needed=row.help_needed,
                evidence=row.evidence,
            ),
        )
        for row in sheet.rows
    ]
