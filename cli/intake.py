"""``duban intake``: a published notice or an office's ledger becomes a plan, with the questions a person must answer.

Without ``-o`` nothing is written: people see what was read, how surely, and what found no place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.shared import Force, Json, day, existing_file, new_file, print_json, print_table, say, write_file
from intake.draft import Ask, DocumentDates
from papers.workbooks import WORKBOOK
from plan.loader import LARGEST
from plan.questions import asked_questions
from plan.types import InspectionKind
from text.catalogue import phrase, term
from text.refusals import Refusal

if TYPE_CHECKING:
    from intake.documents import Document, Progress
    from intake.draft import CellError, Draft, DraftMeasure, Hint
    from plan.model import Plan

_SHOWN = 60
_FACTS = {
    "title": "标题",
    "organisation": "单位",
    "inspector": "巡察（督察、审计）组",
    "kind": "类别",
    "inspected_from": "进驻",
    "inspected_to": "结束",
    "feedback_on": "反馈",
    "published_on": "公开",
}
_COUNTS = {
    "problems": "问题",
    "items": "大项",
    "aspects": "方面",
    "measures": "措施",
    "closed": "已完成",
    "staged": "阶段性完成",
    "open": "未完成",
    "units": "责任单位",
}

FileArg = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="通报（.txt .docx .html .pdf）或台账（.xlsx .csv，或 .docx .html .txt 里的表格）。"
    ),
]
Out = Annotated[
    Path | None, typer.Option("-o", "--output", help="写成整改方案：名称以 .xlsx 结尾的是工作簿，其余是 YAML。")
]
Rows = Annotated[Literal["all", "good"], typer.Option("--rows", help="good：台账有错时只导入没有问题的行。")]
Organisation = Annotated[str | None, typer.Option("--organisation", help="被巡察（督察、审计）的单位。")]
Inspector = Annotated[str | None, typer.Option("--inspector", help="巡察（督察、审计）组。")]
Kind = Annotated[InspectionKind | None, typer.Option("--kind", help="类别。")]
FeedbackOn = Annotated[str | None, typer.Option("--feedback-on", help="反馈日期，如 2024-12-20。")]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE.html", help="写成网页：原文逐行，读出的问题、措施、频次和疑问就地标出。"),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="KIND", help="写明是哪一种材料：notice 通报，ledger 台账，tasks 任务清单等；默认自行辨认。"
    ),
]
Key = Annotated[str | None, typer.Option("--key", help="方案代号，如 ezhou-2024；默认由类别和反馈年份组成。")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("intake")(intake_command)


def intake_command(
    file: FileArg,
    output: Out = None,
    rows: Rows = "all",
    organisation: Organisation = None,
    inspector: Inspector = None,
    kind: Kind = None,
    feedback_on: FeedbackOn = None,
    key: Key = None,
    html: Html = None,
    as_: As = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """导入：把通报或台账读成整改方案，读不准的列为待确认的问题；不加 -o 只看不写。"""
    target = new_file(output, force) if output else None
    page = new_file(html, force, ".html") if html else None
    feedback = day(feedback_on, "--feedback-on") if feedback_on else None
    document, draft = _read(existing_file(file), DocumentDates(feedback_on=feedback), as_)
    facts = draft.facts
    named = replace(
        facts,
        organisation=organisation or facts.organisation,
        inspector=inspector or facts.inspector,
        kind=kind or facts.kind,
    )
    draft = replace(draft, facts=named)
    if as_json:
        print_json(draft.as_dict())
    elif target is None and page is None:
        show_draft(draft)
    if page:
        from papers.review_page import review_page

        write_file(page, review_page(document, draft).encode())
        if not as_json:
            say(phrase("intake.review", file=page))
    if target:
        _save(draft, key, target, rows == "good", told=not as_json)


def _read(file: Path, page: DocumentDates, kind: str | None) -> "tuple[Document, Draft]":
    """A paper and its draft; the feedback date and the kind that a person gives count before the document's own."""
    from intake.documents.reader import read_document
    from intake.interpreters import INTERPRETERS
    from intake.read_draft import begun_when_told, draft_of

    if kind not in (None, *INTERPRETERS):
        raise Refusal("intake_as_unknown", given=kind, known="、".join(INTERPRETERS))
    with _bar() as bar:
        document = read_document(file, begun_when_told(bar, "读取表格"))
        return document, draft_of(document, page, bar, kind)


@contextmanager
def _bar() -> Iterator[Callable[[str], "Progress"]]:
    """How far a long ledger is, on stderr and only where somebody looks on: each call begins one bar."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:

        def begin(title: str) -> "Progress":
            task = bars.add_task(title, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield begin


def _save(draft: "Draft", key: str | None, target: Path, good_rows: bool, told: bool) -> None:
    """Compose the plan and write it whole or not at all. Raises ``Refusal``."""
    from intake.plan_from_draft import plan_from_draft

    if draft.errors and not good_rows:
        if told:
            _show_ledger(draft)
        raise Refusal("intake_bad_rows", source=draft.source, count=len(draft.errors))
    plan = plan_from_draft(draft, key or _key(draft))
    content = _workbook(plan) if target.suffix.lower() == WORKBOOK else _yaml(plan)
    write_file(target, content)
    if told:
        for line in (
            *([] if _names_problems(draft) else [phrase("intake.tasks_only")]),
            *_taken(draft),
            *_differing(draft),
        ):
            say(line)
        say(_written(plan, target))


def _yaml(plan: "Plan") -> bytes:
    from plan.dump import dump_plan

    text = dump_plan(plan).encode()
    if len(text) > LARGEST:
        raise Refusal("intake_too_large", size=len(text), limit=LARGEST)
    return text


def _workbook(plan: "Plan") -> bytes:
    """The plan's workbook: written aside first, because openpyxl writes files and a half-written one is nobody's."""
    from papers.workbook.plan_sheets import write_plan

    with TemporaryDirectory() as folder:
        file = Path(folder, f"plan{WORKBOOK}")
        write_plan(plan, file)
        return file.read_bytes()


def _key(draft: "Draft") -> str:
    """``party-2024``: what a round is called until a person gives it a name."""
    facts = draft.facts
    return f"{facts.kind or 'plan'}-{facts.feedback_on.year}" if facts.feedback_on else "plan"


def _written(plan: "Plan", target: Path) -> str:
    measures = [measure for finding in plan.findings for measure in finding.measures]
    duties = sum(len(measure.duties) for measure in measures)
    counts = {"findings": len(plan.findings), "measures": len(measures), "duties": duties}
    how = "intake.answer_sheet" if target.suffix.lower() == WORKBOOK else "intake.answer_file"
    written = phrase("intake.written", file=target, questions=len(asked_questions(plan)), **counts)
    return f"{written}\n{phrase(how)}duban plan check {target}"


def show_draft(draft: "Draft") -> None:
    """What was read, for people: facts, findings, a ledger's columns and errors, questions, and the rest."""
    if not _names_problems(draft):
        say(phrase("intake.no_findings"))
    for line in (*_taken(draft), *_facts(draft), *_counts(draft), *_findings(draft)):
        say(line)
    _show_ledger(draft)
    alike: dict[Ask, list[str]] = {}
    for ask in draft.asks:
        alike.setdefault(replace(ask, where=""), []).append(ask.where)
    if alike:
        say(f"\n待确认（{len(alike)}项）")
    for ask, places in alike.items():
        say(f"  {'、'.join(places)}「{ask.phrase}」{ask.ask}（建议：{ask.suggest}）")
    if draft.unplaced:
        unplaced = [(one.where, _short(one.text)) for one in draft.unplaced]
        print_table("没有归入问题和措施的文字", ("位置", "文字"), unplaced)


def _names_problems(draft: "Draft") -> bool:
    """Whether what was read are problems, and not just what a paper without any asks for."""
    return bool(draft.findings) and not (draft.taken and draft.taken.kind == "tasks" and not draft.taken.given)


def _taken(draft: "Draft") -> list[str]:
    """What kind of paper it was taken for and why, and how to say that it is another one."""
    if not draft.taken:
        return []
    options = "、".join(f"--as {key}" for key in draft.taken.perhaps)
    return [draft.taken.why + (phrase("taken.other", options=options) if options else "")]


def _facts(draft: "Draft") -> list[str]:
    said = draft.facts.as_dict()
    said["kind"] = term(draft.facts.kind) if draft.facts.kind else None
    return [f"{name}：{said[key] or '（原文没有）'}" for key, name in _FACTS.items()]


def _counts(draft: "Draft") -> list[str]:
    """The numbers the document states of itself, and a warning where other numbers were read."""
    if not draft.counts:
        return []
    said = "，".join(f"{_COUNTS.get(key, key)}{count}" for key, count in draft.counts.items())
    return [f"原文所述：{said}", *_differing(draft)]


def _differing(draft: "Draft") -> list[str]:
    """A warning where other numbers were read than the document states of itself."""
    read = {
        "problems": len(draft.findings),
        "measures": sum(len(finding.measures) for finding in draft.findings),
    }
    differ = [f"{_COUNTS[key]}{count}" for key, count in read.items() if draft.counts.get(key, count) != count]
    return [f"注意：读到的是{'、'.join(differ)}，与原文所述不同"] if differ else []


def _findings(draft: "Draft") -> Iterator[str]:
    yield f"\n问题和措施（{len(draft.findings)}个问题）"
    for finding in draft.findings:
        yield f"{finding.code} {finding.title}"
        for one in finding.measures:
            standing = " ".join(term(word) for word in (one.state, one.duration) if word)
            yield f"  {one.code} {one.title}〔{standing}〕"
            yield from (f"      {line}" for line in _times(one))


def _times(measure: "DraftMeasure") -> list[str]:
    limit = [f"时限 → {measure.due}{'（待确认）' if measure.due_doubt else ''}"] if measure.due else []
    lead = [f"牵头 {measure.lead}"] if measure.lead else []
    return lead + limit + [_said(hint) for hint in measure.hints]


def _said(hint: "Hint") -> str:
    what = " ".join(filter(None, (term(hint.cadence) if hint.cadence else "", hint.due or "")))
    return f"{hint.phrase} → {what}{'' if hint.certain else '（待确认）'}"


def _show_ledger(draft: "Draft") -> None:
    if draft.mapping:
        from intake.ledgers.column_vocabulary import LedgerField, load_columns

        title = load_columns().title
        columns = [
            (
                one.sheet,
                one.column,
                one.header,
                title(LedgerField(one.field)) if one.field else "（不认识）",
                "" if one.certain else "待确认",
            )
            for one in draft.mapping
        ]
        print_table("各栏读作", ("工作表", "列", "表头", "读作", ""), columns)
    if draft.errors:
        errors = [(_place(one), _short(one.value), one.why) for one in draft.errors]
        print_table(f"读不出来的格（{len(errors)}处，所在的行没有读入）", ("位置", "内容", "原因"), errors)


def _place(error: "CellError") -> str:
    """A cell as a spreadsheet names it, with its header: ``台账!G7（整改时限）``."""
    letter, _, header = error.column.partition(" ")
    return f"{error.sheet}!{letter}{error.row}" + (f"（{header}）" if header else "")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
