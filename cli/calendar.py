"""``duban calendar``: what a new calendar of working days moves, and moving the periods that are open.

It tells of limits and alerts what ``duban forecast --against`` tells of the same file: both compare two forecasts.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from cli.forecast import DAYS, show_changes
from cli.shared import Json, existing_file, print_json, print_table, say
from config.settings import settings
from db import ledger
from db.ledger import LedgerContext, Moved
from foresight.difference import Difference, difference
from foresight.listing import Forecast, ForecastSpan
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tasks.context import ledger_context, policy, work_time
from text.catalogue import phrase

ACTOR = "duban calendar"
File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="尚未放入日历文件夹的放假调休表，只作比较；默认比较已放入的。")
]


def calendar_command(
    file: File = None,
    apply: Annotated[bool, typer.Option("--apply", help="按新日历调整已开启的期次；默认只列出差异。")] = False,
    as_json: Json = False,
) -> None:
    """工作日历：公布到哪一年，新日历使哪些期限和提醒改期，哪些已开启的期次须随之调整。"""
    if file is not None and apply:
        raise typer.BadParameter(f"--apply：请先把 {file.name} 放入 {settings().calendars}")
    with ledger_context(ACTOR) as ctx:
        before, after = _rules(file)
        found = _difference(ctx, before, after)
        moved = ledger.reproject(replace(ctx, work_time=after), apply=apply)
    until = after.calendar.published_until
    if as_json:
        print_json({"published_until": until, "moved": [asdict(m) for m in moved], **found.as_dict()})
        return
    say(f"放假安排已公布至 {until} 年")
    say(phrase("calendar.against.file", file=file.name) if file else phrase("calendar.against.published"))
    show_changes(found)
    _show_moved(moved, apply, after)


def _rules(file: Path | None) -> tuple[WorkTime, WorkTime]:
    """The working time before and after: without the corrections and with them, or without a file and with it."""
    if file is None:
        return replace(work_time(), calendar=WorkCalendar.china()), work_time()
    from foresight.proposed import ChangeKind, read_change  # workbooks and documents are slow to import

    change = read_change(existing_file(file), policy(), work_time(), settings().calendars)
    if change.kind is not ChangeKind.CALENDAR:
        raise typer.BadParameter(f"{file.name} 不是放假调休表；方案和策略请用 duban forecast --against")
    return work_time(), change.work_time


def _difference(ctx: LedgerContext, before: WorkTime, after: WorkTime) -> Difference:
    from foresight.proposed import ChangeKind, ProposedChange, ledger_under

    span = ForecastSpan(ctx.now, ctx.today, ctx.today + DAYS)
    changes = (ProposedChange(ChangeKind.CALENDAR, ctx.policy, rules) for rules in (before, after))
    made = [Forecast(ledger_under(one, ctx), ctx.policy, one.work_time, span) for one in changes]
    return difference(*made)


def _show_moved(moved: list[Moved], apply: bool, rules: WorkTime) -> None:
    if not moved:
        say("没有已开启的期次需要调整；尚未到时的提醒和今后的期次自动按新日历计算")
        return
    rows = [
        (
            m.period,
            m.due_before,
            m.due_after,
            *(at.astimezone(rules.zone) if at else "" for at in (m.next_before, m.next_after)),
        )
        for m in moved
    ]
    title = "已按新日历调整" if apply else "按新日历将调整（--apply 生效）"
    print_table(title, ("期次", "原期限", "新期限", "原下一节点", "新下一节点"), rows)
