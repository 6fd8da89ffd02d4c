"""A paper goes out as the office amended it: looked at first, then kept, numbered and handed in."""

import re
from collections.abc import Collection
from pathlib import Path

from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised
from db.ledger.inspections import inspection
from db.ledger.release import person_names, publications, release_paper
from db.models import ReleasedPaper
from intake.documents.reader import read_lines
from papers.evidence import keep_file
from papers.evidence_store import EvidenceStore
from papers.kinds import PaperAsked, PaperKind
from papers.kinds.notice import PAPER as NOTICE
from papers.kinds.notice import since_feedback
from papers.kinds.sheet import chosen_sheets
from plan.types import Act, AlertKind
from rules.month_span import MonthSpan
from rules.personal_details import personal_details
from text.refusals import Refusal

_MARKS = re.compile(r"〔待补：[^〕]*〕|〔未准予公开〕|〔隐去〕|编制提示")
_TOLD = 5


def released(
    ctx: LedgerContext,
    kind: PaperKind,
    key: str | None,
    span: MonthSpan,
    path: Path,
    store: EvidenceStore,
    disclosed: Collection[str] = (),
    sheet: str = "",
) -> ReleasedPaper:
    """Release a paper as it stands in a file.

    Args:
        ctx: the context; its actor releases, at its ``now``.
        kind: which paper.
        key: of the inspection; None: the only one.
        span: the months of which it speaks.
        path: of the file, .docx or .pdf, that can be read.
        store: where it is kept.
        disclosed: names and numbers of persons in it that may be told to the public.
        sheet: number of the sheet of which alone it speaks; empty for all of the months.

    Raises:
        Refusal: ``paper_lacking``; of a sheet ``paper_no_sheet``, ``circular_undecided``; of a notice
            ``paper_not_decided``, ``paper_withheld``, ``paper_details``; and those of ``read_lines``, ``keep_file``,
            ``chosen_sheets`` and ``release_paper``.
    """
    authorised(ctx, Act.RELEASE)
    inspection(ctx.session, key)
    if sheet:
        sheet = _sheet_meant(ctx, kind, key, span, sheet)
    text = "\n".join(line.text for line in read_lines(path))
    if marks := _MARKS.findall(text):
        raise Refusal("paper_lacking", name=path.name, n=len(marks), known=_several(marks))
    if kind is NOTICE:
        _may_be_published(ctx, key, path.name, text, disclosed)
    with path.open("rb") as content:
        file = keep_file(store, path.name, content, ctx.policy.evidence.file_megabytes * 2**20)
    return release_paper(ctx, kind.key, kind.title, key, span, file, sheet)


def _sheet_meant(ctx: LedgerContext, kind: PaperKind, key: str | None, span: MonthSpan, written: str) -> str:
    """The number of a sheet that has this paper to itself."""
    if kind.of_sheets is None:
        raise Refusal("paper_no_sheet", name=kind.title)
    (sheet,) = chosen_sheets(ctx, PaperAsked(key, span, sheet=written), kind.of_sheets)
    if kind.of_sheets is AlertKind.CIRCULAR and not sheet.circulated:
        raise Refusal("circular_undecided", number=sheet.number)
    return sheet.number


def _may_be_published(ctx: LedgerContext, key: str | None, name: str, text: str, disclosed: Collection[str]) -> None:
    """Refuse a notice that tells what nobody let be told."""
    decided = publications(ctx, inspection(ctx.session, key).id)
    tasks = since_feedback(ctx, key).tasks
    if missing := [task.code for task in tasks if task.code not in decided]:
        raise Refusal("paper_not_decided", n=len(missing), known=_several(missing))
    plain = "".join(text.split())
    kept = [task for task in tasks if decided[task.code].text is None]
    if told := [task.code for task in kept if any(one in plain for one in (task.title, _plain(task.text)))]:
        raise Refusal("paper_withheld", name=name, known=_several(told))
    names = person_names(ctx)
    allowed = {one for each in decided.values() for one in personal_details(each.text or "", names)} | set(disclosed)
    if details := personal_details(text, names, allowed):
        raise Refusal("paper_details", name=name, known=_several(details))


def _plain(text: str) -> str:
    return "".join(text.split())


def _several(found: Collection[str]) -> str:
    first = list(dict.fromkeys(found))
    return "、".join(first[:_TOLD]) + ("……" if len(first) > _TOLD else "")
