"""(f) Documents: a published notice read whole, an office's ledger of 5 000 rows, a workbook out and back."""

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from bench.measuring import median_seconds, progress, show
from config.settings import HERE
from intake import ledgers, notices
from intake.documents.reader import read_lines, read_sheets
from papers.workbook.plan_sheets import read_plan, write_plan
from plan.loader import load_plan
from plan.model import FindingSpec, Plan

ROWS = 5_000
NOTICE = HERE.parent / "tests/intake/data/ezhou.txt"
EZHOU = HERE / "plans/ezhou-2024.yaml"
HEADER = ("序号", "反馈问题", "整改措施", "牵头单位", "责任单位", "责任人", "整改时限", "整改进展情况", "整改状态")
LIMITS = ("2025年5月底前", "立行立改", "长期坚持", "2024年底前，并长期坚持", "2025.6.30")
WORK = ("每月调度一次工程进度", "按季度报送整改情况", "修订财务管理制度", "定期开展抽查", "完成管网改造并验收")


def sheet() -> Iterator[tuple[object, ...]]:
    """The rows of a large ledger, every problem with two measures."""
    yield HEADER
    for number, (limit, work) in enumerate(islice(zip(cycle(LIMITS), cycle(WORK), strict=False), ROWS)):
        problem = number // 2 + 1
        yield (
            problem,
            f"第{problem}个问题整改不力",
            f"{work}（{number}）",
            "水科",
            "建设科",
            "张三",
            limit,
            "",
            "整改中",
        )


def large(plan: Plan) -> Plan:
    """The same plan with its measures over and over under codes of their own, ``ROWS`` of them."""
    measures = cycle([measure for finding in plan.findings for measure in finding.measures])
    per_finding = 5
    findings = [
        FindingSpec(
            code=f"{code:04}",
            title=f"第{code}个问题",
            measures=[
                one.model_copy(update={"code": f"{code:04}-{place}"})
                for place, one in enumerate(islice(measures, per_finding), 1)
            ],
        )
        for code in range(1, ROWS // per_finding + 1)
    ]
    return plan.model_copy(update={"findings": findings})


def main(runs: int) -> None:
    """Print the table; every figure is the median of ``runs`` runs."""
    with TemporaryDirectory() as folder:
        ledger, book = Path(folder) / "ledger.xlsx", Path(folder) / "plan.xlsx"
        office = Workbook()
        for row in sheet():
            office.active.append(row)  # type: ignore[union-attr]
        office.save(ledger)
        plan = large(load_plan(EZHOU))
        parts: dict[str, Callable[[], object]] = {
            "the notice of Ezhou → 23 findings, 55 measures": lambda: notices.notice_draft(
                read_lines(NOTICE), NOTICE.name
            ),
            f"a ledger of {ROWS:,} rows → draft": lambda: ledgers.ledger_draft(read_sheets(ledger), ledger.name),
            f"a plan of {ROWS:,} measures → workbook": lambda: write_plan(plan, book),
            f"the workbook → a plan of {ROWS:,} measures": lambda: read_plan(book),
        }
        rows = []
        for name, work in parts.items():
            progress(name)
            rows.append((name, f"{median_seconds(runs, work):.2f}"))
    show("Documents", ("what", "seconds"), rows)
