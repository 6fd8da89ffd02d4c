"""``duban calendar``: what a new calendar of working days would move, and moving it."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.shared import Json, print_json, print_table, say
from db import ledger
from tasks.context import ledger_context, work_time

ACTOR = "duban calendar"


def calendar_command(
    apply: Annotated[bool, typer.Option("--apply", help="按新日历调整；默认只列出差异。")] = False,
    as_json: Json = False,
) -> None:
    """工作日历：公布到哪一年，新日历会移动哪些期次。"""
    with ledger_context(ACTOR) as ctx:
        moved = ledger.reproject(ctx, apply=apply)
    if as_json:
        print_json({"published_until": work_time().calendar.published_until, "moved": [asdict(m) for m in moved]})
        return
    say(f"放假安排已公布至 {work_time().calendar.published_until} 年")
    if not moved:
        say("没有期次需要移动")
        return
    zone = work_time().zone
    rows = [
        (
            m.period,
            m.due_before,
            m.due_after,
            *(at.astimezone(zone) if at else "" for at in (m.next_before, m.next_after)),
        )
        for m in moved
    ]
    title = "已按新日历调整" if apply else "按新日历将调整（--apply 生效）"
    print_table(title, ("期次", "原期限", "新期限", "原下一节点", "新下一节点"), rows)
