"""(i) A report to the province: five hundred tasks with a year of accepted reports, written as a Word document."""

from contextlib import nullcontext
from datetime import date, timedelta

from bench.ground import POLICY, WORK_TIME, temporary_home
from bench.measuring import median_seconds, progress, show
from cli.main import collect_rarely
from config.settings import HERE
from db import ledger
from db.embedded import embedded_ledger
from db.ledger import LedgerContext
from db.scratch import ScratchLedger, scratch_ledger
from papers.compiled import compiled
from papers.kinds import PAPERS, SHIPPED, PaperAsked
from plan.loader import load_plan
from plan.model import Plan
from plan.types import WorkState
from rules.month_span import months

FIRST, MONTHS, COPIES = date(2025, 1, 2), 12, 9


def main(runs: int) -> None:
    """Print the table; the figure is the median of ``runs`` runs."""
    collect_rarely()
    progress("papers")
    kind = PAPERS["province"]
    with scratch_ledger(embedded_ledger(temporary_home())) as scratch:
        tasks = _fill(scratch, _plan())
        last = FIRST + timedelta(days=MONTHS * 30 + 10)
        span = months(last.year, last.month - 2, 2)
        with scratch.transaction():
            ctx = _context(scratch, last)
            size = len(compiled(ctx, kind, PaperAsked(None, span), SHIPPED))
            taken = median_seconds(runs, lambda: compiled(ctx, kind, PaperAsked(None, span), SHIPPED))
    rows = [(tasks, MONTHS, f"{size // 1024} KiB", f"{taken:.2f}")]
    show("A report to the province", ("tasks", "months of reports", "document", "seconds"), rows)


def _plan() -> Plan:
    """The plan of Ezhou several times over, each task with a monthly report."""
    plan = load_plan(HERE / "plans/ezhou-2024.yaml")
    monthly = next(
        duty for one in plan.findings for task in one.measures for duty in task.duties if duty.cadence == "monthly"
    )
    findings = []
    for copy in range(1, COPIES + 1):
        for finding in plan.findings:
            measures = [
                task.model_copy(
                    update={"code": f"{copy}{task.code}", "state": WorkState.IN_PROGRESS, "duties": [monthly]}
                )
                for task in finding.measures
            ]
            findings.append(finding.model_copy(update={"code": f"{copy}{finding.code}", "measures": measures}))
    return plan.model_copy(update={"findings": findings})


def _context(scratch: ScratchLedger, day: date, actor: str = "整改办") -> LedgerContext:
    named = POLICY.model_copy(update={"evidence": POLICY.evidence.model_copy(update={"kept": False})})
    return LedgerContext(scratch.session, WORK_TIME, named, WORK_TIME.at_opening(day), actor)


def _fill(scratch: ScratchLedger, plan: Plan) -> int:
    with scratch.transaction():
        ledger.activate(_context(scratch, FIRST), plan, without_supervisors=True)
    for month in range(1, MONTHS):
        day = FIRST + timedelta(days=month * 30)
        with scratch.transaction():
            ledger.patrol(lambda day=day: nullcontext(_context(scratch, day)))  # type: ignore[misc]
        with scratch.transaction():
            for period in list(ledger.open_periods(scratch.session)):
                handler = plan.roles[plan.units[_unit(plan, period.duty.measure.lead_unit)].handler[0]].name
                said = f"第{month}月：管网完成{month * 7}%，泵站已进场，其余工序按计划推进。" * 4
                report = ledger.Report(body=said, percent=min(99, month * 7), evidence=("记录.pdf",))
                ledger.submit(_context(scratch, day, handler), period.id, report)
                ledger.review(_context(scratch, day), period.id, accept=True)
    return sum(len(finding.measures) for finding in plan.findings)


def _unit(plan: Plan, name: str) -> str:
    return next(key for key, unit in plan.units.items() if unit.name == name)
