"""A paper that waits: its draft as it would be written now, to read and to save; its final file, to release."""

import tempfile
from io import BytesIO
from pathlib import Path

from docx import Document
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from config.settings import settings
from db import matters
from db.ledger import LedgerContext
from db.ledger.deciders import authorised
from db.models import Escalation, PaperDraft
from papers.compiled import compiled, paper_kind
from papers.evidence import file_name
from papers.kinds import PAPERS, PaperAsked, PaperKind
from papers.releasing import released
from plan.types import Act
from rules.month_span import MonthSpan, months
from tasks.context import ledger_context
from tasks.doors import web_url
from tasks.follow import follow_ledger
from tasks.kept_evidence import evidence_store
from text.refusals import Refusal
from web.by_session import OwnForm, Session
from web.pages import Place, html_page, saved_answer

router = APIRouter()
MOST_SHOWN = 400
"""Paragraphs of a draft on its page; the file has them all."""


@router.get("/paper/{number}")
def paper(request: Request, place: Session, number: int) -> Response:
    """The draft as it would be written now."""
    return _page(request, place, number)


def _page(request: Request, place: Place, number: int, status: int = 200, said: str = "") -> Response:
    with ledger_context(place.reader.person, door=place.reader.door) as ctx:
        kind, draft, span = _meant(ctx, number)
        content = _compiled(ctx, kind, draft.inspection.key, span, draft.sheet)
        found = matters.found_by_tag(ctx, f"paper-{number}")
    lines = [(one.style.name if one.style else "", one.text) for one in Document(BytesIO(content)).paragraphs]
    shown = [(style.removeprefix("Heading ") if style.startswith("Heading") else style, text) for style, text in lines]
    return html_page(
        request,
        "paper",
        status,
        place=place,
        said=said,
        matter=found,
        lines=[(style, text) for style, text in shown if text.strip()][:MOST_SHOWN],
        more=max(0, len(lines) - MOST_SHOWN),
    )


def _meant(ctx: LedgerContext, number: int) -> tuple[PaperKind, PaperDraft, MonthSpan]:
    """Raises ``Refusal``: ``matter_unknown``, and those of ``authorised``: who may not release does not read drafts."""
    authorised(ctx, Act.RELEASE)
    matters.found_by_tag(ctx, f"paper-{number}")
    draft = ctx.session.get_one(PaperDraft, number)
    return paper_kind(draft.kind), draft, MonthSpan(draft.first_on, draft.last_on)


def _compiled(ctx: LedgerContext, kind: PaperKind, inspection: str, span: MonthSpan, sheet: str) -> bytes:
    asked = PaperAsked(inspection, span, sheet=sheet, pages=web_url() or "")
    return compiled(ctx, kind, asked, settings().paper_templates)


@router.get("/paper/{number}/draft.docx")
def paper_draft(place: Session, number: int) -> Response:
    """The draft as a Word document."""
    with ledger_context(place.reader.person, door=place.reader.door) as ctx:
        kind, draft, span = _meant(ctx, number)
        content = _compiled(ctx, kind, draft.inspection.key, span, draft.sheet)
    return saved_answer(f"{kind.title}（{draft.sheet or span.label}）草稿.docx", content)


@router.get("/matter/{tag}/sheet.docx")
def sheet_by_session(place: Session, tag: str) -> Response:
    """The paper of a sheet as it stands now."""
    return sheet_answer(place, tag)


def sheet_answer(place: Place, tag: str) -> Response:
    """The paper of a sheet, as a file to save.

    Args:
        place: of the reader.
        tag: of the matter.

    Raises:
        Refusal: ``matter_unknown`` for what is no sheet.
    """
    with ledger_context(place.reader.person, door=place.reader.door) as ctx:
        found = matters.found_by_tag(ctx, tag)
        if found.subject != "escalation":
            raise Refusal("matter_unknown", matter=tag)
        sheet = ctx.session.get_one(Escalation, found.id)
        kind = next(one for one in PAPERS.values() if one.of_sheets == sheet.kind)
        opened_on = ctx.work_time.day_of(sheet.opened_at)
        content = _compiled(ctx, kind, found.inspection, months(opened_on.year, opened_on.month), sheet.number)
    return saved_answer(f"{kind.title} {sheet.number}.docx", content)


@router.post("/paper/{number}")
async def release_paper_file(request: Request, place: OwnForm, number: int) -> Response:
    """Release the final file."""
    sent = (await request.form()).get("file")
    return await run_in_threadpool(_release, request, place, number, sent if isinstance(sent, UploadFile) else None)


def _release(request: Request, place: Place, number: int, sent: UploadFile | None) -> Response:
    try:
        if sent is None or not sent.filename:
            raise Refusal("paper_no_file")
        with tempfile.TemporaryDirectory(prefix="duban-") as made:
            path = Path(made) / file_name(sent.filename)
            path.write_bytes(sent.file.read())
            with ledger_context(place.reader.person, door=place.reader.door) as ctx:
                kind, draft, span = _meant(ctx, number)
                released(ctx, kind, draft.inspection.key, span, path, evidence_store(), sheet=draft.sheet)
    except Refusal as refusal:
        return _page(request, place, number, 422, str(refusal))
    address = f"/matter/paper-{number}?said=taken"
    return RedirectResponse(address, status_code=303, background=BackgroundTask(follow_ledger))
