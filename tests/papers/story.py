"""Four months of Ezhou as its papers tell them: reports accepted, returned and awaited, parts, a sheet instructed, one
unit interviewed and another named, a later limit asked for, a measure struck off."""

from datetime import date

from config.settings import HERE
from db import ledger
from plan.loader import load_plan
from tests.conftest import ContextAt

CENTRAL = "中央督察反馈的{n}项任务均按序时推进，武昌湖拆围已过半。"
SHEET_WORDS = "四月底前完成管网改造，专人盯办，每周报进度。"


def tell(at: ContextAt) -> None:
    """Let it happen in an empty ledger, until 6 May 2025.

    Args:
        at: opens contexts.
    """
    with at("2025-01-17T09:00") as ctx:
        ledger.activate(ctx, load_plan(HERE / "plans" / "ezhou-2024.yaml"), without_supervisors=True)
    for day in ("2025-01-20", "2025-02-05", "2025-02-20", "2025-02-28"):
        ledger.patrol(lambda day=day: at(f"{day}T09:30"))  # type: ignore[misc]
    _report(at, "2025-02-28T10:00", "02-3", "督察科经办人", CENTRAL.format(n=12), 40, duty="report-central")
    _report(at, "2025-02-27T10:00", "07-1", "水生态环境科经办人", "管网完成42%。\n泵站已进场。", 42, label="2025年2月")
    for day in ("2025-03-03", "2025-03-14", "2025-03-31"):
        ledger.patrol(lambda day=day: at(f"{day}T09:30"))  # type: ignore[misc]
    _report(
        at, "2025-03-31T10:00", "07-1", "水生态环境科经办人", "管网完成42%。泵站已进场。", 42,
        label="2025年3月", difficulty="征地两户未谈妥", help_needed="请区政府出面协调",
    )  # fmt: skip
    _report(at, "2025-03-31T11:00", "11-1", "土壤生态环境科经办人", "抽查 31 座设施，<停运> 2 座 & 已恢复。", 60)
    _report(at, "2025-03-31T11:00", "22-2", "局办公室经办人", "开展专题学习3次。", 30, label="2025年3月", accept=False)
    _report(at, "2025-04-02T11:00", "07-3", "财务审计科经办人", "已核清工程量八成，拨付进度款。", 55)
    ledger.patrol(lambda: at("2025-04-08T09:30"))
    with at("2025-04-08T14:00", "局党组书记") as ctx:
        sheet = ledger.meant_sheet(ctx.session, "08-2", label="2025年1月")
        ledger.instruct(ctx, sheet.id, SHEET_WORDS, date(2025, 4, 30))
    for day in ("2025-04-15", "2025-04-30"):
        ledger.patrol(lambda day=day: at(f"{day}T09:30"))  # type: ignore[misc]
    _report(at, "2025-04-30T10:00", "02-3", "督察科经办人", CENTRAL.format(n=15), 65, duty="report-central")
    _report(at, "2025-04-30T15:00", "07-1", "水生态环境科经办人", "管网完成71%。", 71, label="2025年4月", decide=False)
    _raise(at, "08-2", "interview")
    with at("2025-04-30T15:30", "局党组书记") as ctx:
        talk = ledger.meant_sheet(ctx.session, "08-2", label="2025年4月")
        ledger.hold_interview(ctx, talk.id, date(2025, 4, 30), "水生态环境科科长、分管副科长", "五一假期不停工。")
    _raise(at, "22-2", "circular")
    with at("2025-04-30T15:40", "局党组书记") as ctx:
        named = ledger.meant_sheet(ctx.session, "22-2", label="2025年4月")
        ledger.circulate(ctx, named.id, "局办公室须补学补记，五月上旬报送。", date(2025, 5, 9))
    with at("2025-04-30T16:00", "整改办") as ctx:
        ledger.close(ctx, "23-1", "制度已印发，培训已办，抽查无超标准采购")
    ledger.patrol(lambda: at("2025-05-06T09:30"))


def _raise(at: ContextAt, code: str, rung: str) -> None:
    with at("2025-04-30T15:20", "局党组书记") as ctx:
        period = ledger.meant_period(ctx.session, code, label="2025年4月")
        ledger.raise_to(ctx, period.id, rung, "连续两个月没有进展")


def _report(
    at: ContextAt,
    moment: str,
    code: str,
    by: str,
    body: str,
    percent: int,
    *,
    duty: str | None = None,
    label: str | None = None,
    accept: bool = True,
    decide: bool = True,
    **more: str,
) -> None:
    """A unit reports, and the office accepts or returns it, unless it has not decided yet."""
    with at(moment, by) as ctx:
        period = ledger.meant_period(ctx.session, code, duty, label)
        ledger.submit(ctx, period.id, ledger.Report(body=body, percent=percent, evidence=("记录.pdf",), **more))
    if decide:
        with at(moment, "整改办") as ctx:
            ledger.review(ctx, period.id, accept=accept, reason="" if accept else "请写明每次学习的日期")
