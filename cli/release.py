"""``duban release``: what may be told to the public, and papers that go out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.act import SheetOption
from cli.follow import reconcile_now
from cli.shared import By, InspectionOption, Json, existing_file, print_json, print_table, say
from db import ledger
from db.ledger.release import allow_publication, publications, released_papers, withhold
from plan.types import Door, Ground
from rules.month_span import MonthSpan
from tasks.context import ledger_context
from tasks.kept_evidence import evidence_store
from text.catalogue import phrase, term

app = typer.Typer(no_args_is_help=True)
READER = "duban release"
Codes = Annotated[list[str], typer.Argument(metavar="MEASURE", help="措施编号，可多个，如 02-3；也可写问题编号。")]
Disclose = Annotated[list[str], typer.Option("--disclose", help="可以公开的姓名或号码，可多次。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="release", help="公开和发布：逐项准予或不予公开，发布文书，列出已发布的。")


@app.command("items")
def release_items_command(
    codes: Codes,
    by: By,
    text: Annotated[str | None, typer.Option("--text", help="公开的文字；不写为拟公开的原文，只限一项措施。")] = None,
    disclose: Disclose = [],  # noqa: B006 (typer copies it)
    inspection: InspectionOption = None,
) -> None:
    """准予公开：逐项措施，以所示的文字为准；含姓名、号码的须改写或逐一写明。"""
    from papers.kinds.notice import public_text, tasks_meant

    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = tasks_meant(ctx, codes, inspection)
        if text is not None and len(meant) > 1:
            raise typer.BadParameter("--text：只能用于一项措施")
        for task in meant:
            allow_publication(ctx, task.code, public_text(task) if text is None else text, disclose)
    say(f"准予公开{len(meant)}项")


@app.command("withhold")
def withhold_command(
    codes: Codes,
    by: By,
    ground: Annotated[Ground, typer.Option("--ground", help="不予公开的情形。")],
    reason: Annotated[str, typer.Option("--reason", help="理由。")],
    inspection: InspectionOption = None,
) -> None:
    """不予公开：写明属于哪种情形和理由，通报中不出现。"""
    from papers.kinds.notice import tasks_meant

    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        meant = tasks_meant(ctx, codes, inspection)
        for task in meant:
            withhold(ctx, task.code, ground, reason)
    say(f"不予公开{len(meant)}项（{term(ground)}）")


@app.command("paper")
def release_paper_command(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="文书，如 province。")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="定稿：.docx 或有文字的 .pdf。")],
    by: By,
    period: Annotated[
        str | None, typer.Option("--period", help="期间，如 2025-03 或 2025-03..04；不写为最近结束的一期。")
    ] = None,
    disclose: Disclose = [],  # noqa: B006 (typer copies it)
    sheet: SheetOption = None,
    inspection: InspectionOption = None,
) -> None:
    """发布文书：按定稿存档、编版本号，并报送它所对应的一期；还有没补上的、不该公开的，不予发布。"""
    from papers.compiled import months_asked, paper_kind
    from papers.releasing import released

    kind, path = paper_kind(paper), existing_file(file)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        span = months_asked(ctx, kind, inspection, period)
        found = released(ctx, kind, inspection, span, path, evidence_store(), disclose, sheet or "")
        said = phrase("paper.released", paper=kind.title, span=found.sheet or span.label, version=found.version)
    reconcile_now()
    say(f"已发布：{said}，{found.sha256[:12]}")


@app.command("list")
def list_released_command(inspection: InspectionOption = None, as_json: Json = False) -> None:
    """列出已发布的文书，和各项措施是否准予公开。"""
    from papers.compiled import paper_kind

    with ledger_context(READER) as ctx:
        papers, at = released_papers(ctx, inspection), ctx.work_time.minute_text
        found: dict[str, list[dict[str, Any]]] = {
            "papers": [
                {
                    "paper": one.kind,
                    "from": str(one.first_on),
                    "to": str(one.last_on),
                    "sheet": one.sheet or None,
                    "version": one.version,
                    "name": one.name,
                    "sha256": one.sha256,
                    "by": one.released_by,
                    "at": at(one.released_at),
                    "answers": one.period.label if one.period else None,
                }
                for one in papers
            ],
            "items": [
                {
                    "measure": code,
                    "published": one.text is not None,
                    "text": one.text,
                    "ground": one.ground,
                    "reason": one.reason,
                    "by": one.decided_by,
                    "at": at(one.decided_at),
                }
                for code, one in publications(ctx, ledger.inspection(ctx.session, inspection).id).items()
            ],
        }
    if as_json:
        print_json(found)
        return
    rows = [
        (
            paper_kind(one.kind).title,
            one.sheet or MonthSpan(one.first_on, one.last_on).label,
            one.version,
            at(one.released_at),
            one.released_by,
            one.period.label if one.period else "",
        )
        for one in papers
    ]
    print_table("已发布的文书", ("文书", "期间", "版本", "发布时间", "发布人", "对应期次"), rows)
    decided = [
        (one["measure"], "准予公开" if one["published"] else term(Ground(one["ground"])), one["at"], one["by"])
        for one in found["items"]
    ]
    print_table("是否公开", ("措施", "决定", "时间", "决定人"), decided)
