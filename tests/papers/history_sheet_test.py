"""The 台账 in Excel says what was done about each measure, and by whom; nothing of that sheet is taken back."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from db import ledger
from papers.workbook.plan_sheets import read_plan, write_plan
from papers.workbooks import plan_status
from plan.model import Plan
from tests.conftest import ContextAt
from tests.plans import measure, of_inspection, plan_of


def test_every_act_of_a_person_has_its_row_the_newest_first_and_no_other_rounds(
    activated: Callable[..., Plan], patrol_at: Callable[..., object], ledger_at: ContextAt, tmp_path: Path
) -> None:
    activated("2025-02-03T09:00", plan := plan_of(measure("01-1"), measure("02-1")))
    activated("2025-02-03T10:00", of_inspection("second", plan_of(measure("01-1"))))
    with ledger_at("2025-02-10T10:00", "handler") as ctx:
        first, other = (ledger.meant_period(ctx.session, f"{key}/01-1") for key in ("test-round", "second"))
        for period in (first, other):
            ledger.submit(ctx, period.id, ledger.Report(body="=1+1 管网过半", percent=60))
    with ledger_at("2025-02-11T10:00", "office") as ctx:
        ledger.review(ctx, first.id, accept=False, reason="请附清单")
    patrol_at("2025-03-10T09:30")
    with ledger_at("2025-03-10T10:00") as ctx:
        status = plan_status(ctx, "test-round")
    write_plan(plan, tmp_path / "台账.xlsx", status)
    sheet = load_workbook(tmp_path / "台账.xlsx")["历史记录"]
    rows = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows(min_row=2)]
    name = "01-1 每月报送 · 2025年2月"
    assert rows == [
        ["2025-02-11 10:00", "01-1", "每月调度工程进度", "退回", name, "office", "请附清单"],
        ["2025-02-10 10:00", "01-1", "每月调度工程进度", "填报", name, "handler", "=1+1 管网过半"],
    ]
    assert sheet.protection.sheet
    assert read_plan(tmp_path / "台账.xlsx").plan == plan
