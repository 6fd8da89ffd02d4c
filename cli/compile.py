"""``duban compile``: a paper of the office, written from the ledger as it stands; always a draft."""

from pathlib import Path
from typing import Annotated

import typer

from cli.act import SheetOption
from cli.forecast import MeasureOption
from cli.shared import Force, InspectionOption, coded, new_file, say, write_file
from config.settings import settings
from tasks.context import ledger_context
from tasks.doors import web_url
from tasks.kept_evidence import evidence_store
from text.refusals import Refusal

READER = "duban compile"
WRITTEN = (".docx", ".pdf", ".zip")
CLOSURE = "closure"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compile")(compile_command)


def compile_command(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="文书，如 province；写错时列出全部。")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE.docx", help="写到的文件：.docx 或 .pdf；销号卷宗还可以是 .zip。"),
    ],
    inspection: InspectionOption = None,
    period: Annotated[
        str | None, typer.Option("--period", help="期间，如 2025-03 或 2025-03..04；不写为最近结束的一期。")
    ] = None,
    sheet: SheetOption = None,
    measure: MeasureOption = None,
    person: Annotated[str, typer.Option("--for", help="领导要情呈送给谁；不写为主要领导。")] = "",
    force: Force = False,
) -> None:
    """编制文书：按台账现状写出草稿，缺的在原处标明；台账不因此改变。"""
    # python-docx and the templates' library are slow to load, and no other command needs them.
    from papers.compiled import compiled, months_asked, paper_kind
    from papers.dossier import dossier
    from papers.kinds import PaperAsked
    from papers.pdf import as_pdf

    kind = paper_kind(paper)
    if output.suffix.lower() not in WRITTEN:
        raise Refusal("paper_suffix", name=output.name, known="、".join(WRITTEN))
    packed = output.suffix.lower() == ".zip"
    if packed and kind.key != CLOSURE:
        raise Refusal("paper_no_zip", name=kind.title)
    target = new_file(output, force)
    with ledger_context(READER) as ctx:
        span = months_asked(ctx, kind, inspection, period)
        asked = PaperAsked(
            inspection,
            span,
            person=person,
            sheet=sheet or "",
            measure=coded(measure, inspection) if measure else "",
            pages=web_url() or "",
        )
        content = compiled(ctx, kind, asked, settings().paper_templates)
        if packed:
            content = dossier(ctx, asked, content, evidence_store())
    if target.suffix.lower() == ".pdf":
        content = as_pdf(content)
    write_file(target, content)
    say(f"已写好{kind.title}（{span.label}）：{target}")
