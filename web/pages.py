"""What pages are made of: a matter as its reader sees it, the list of what is asked of him, a refusal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from anyio import to_thread
from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from db import ledger, matters
from db.desk import delegate, delegated_by, done_by, mark_read, may_delegate_to, readings, take_back, to_read
from db.ledger.closure_stages import closures_of, lookbacks_of
from db.ledger.deciders import may
from db.ledger.doors import Reader, drop_kept_form, keep_written, kept_form
from db.ledger.escalations import raisable, step_name
from db.ledger.evidence import add_evidence, evidence_file, evidence_of, evidence_of_measure, remove_evidence
from db.matters import MATTERS, Matter
from db.models import Evidence, Period
from papers.board import BoardSection, board_sections
from papers.evidence import keep_file
from papers.evidence_store import kept_content
from papers.paper_code import paper_code
from plan.types import SHEET_KINDS, Act
from rules.actors import is_one_of
from tasks.context import ledger_context
from tasks.doors import printed_address
from tasks.follow import follow_ledger
from tasks.kept_evidence import evidence_store
from text.catalogue import PHRASES, date_text, phrase, term
from text.clean import line
from text.refusals import Refusal
from web.forms import KEEP, FormFault, answer_of, button_of, fields_of, written

READER = "duban web"
SAID = ("taken", "kept", "read", "delegated", "taken_back", "raised", "resent", "password_set")
"""What a page says after a form was taken: only these, for whoever makes up an address."""
TABS = ("todo", "unread", "done", "read", "given")
"""Of a reader's desk: 待办, 待阅, 已办, 已阅, 委托."""
MOST_LINES = 100
LED_BACK_TO = re.compile(r"/(matter|measure|paper)(/[\w-][\w.-]{0,60}){1,2}")
"""The pages that paper leads to: who has to sign in for one is led back to it, and never anywhere else."""
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {"phrases": PHRASES, "phrase": phrase, "term": term, "date_text": date_text}
_templates.globals |= {
    "printed_address": printed_address,
    "paper_code": lambda address: Markup(paper_code(address)),  # noqa: S704 (our own drawing of an address)
}
# Cards escape what came from outside; beyond that no HTML passes and nothing becomes a link by itself.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_STATUS = {"sign_in_needed": 401, "too_many_tries": 429}
_STATUS |= dict.fromkeys(
    ("link_wrong", "link_revoked", "link_expired", "link_left", "operators_only", "metrics_closed"), 403
)
_STATUS |= {"evidence_store_away": 503, "oidc_away": 503, "oidc_wrong": 403, "oidc_unknown": 403}
_STATUS |= dict.fromkeys(("matter_unknown", "measure_unknown", "inspection_unknown", "evidence_unknown"), 404)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: who he is, below which address his pages lie, what his forms carry; ``operates``: whether he
    is of the office that runs the engine."""

    reader: Reader
    home: str
    csrf: str = ""
    operates: bool = False

    def matter(self, tag: str) -> str:
        """The address of a matter for this reader; ``tag`` names it."""
        one = self.reader.matter == tag
        return self.home if one else f"{self.home}/{tag}"

    @property
    def listed(self) -> str | None:
        """The address of all that is asked of him; None behind a link that opens one matter alone."""
        return None if self.reader.matter else self.home


def html_page(request: Request, name: str, status: int = 200, **facts: Any) -> Response:
    """A page.

    Args:
        request: which is answered.
        name: of its template, without the ending.
        status: of HTTP.
        facts: what the template says.
    """
    written_page = _templates.get_template(f"{name}.html").render(**{"request": request, "said": ""} | facts)
    return HTMLResponse(written_page, status_code=status)


def refused_page(request: Request, refusal: Refusal, status: int = 409) -> Response:
    """Why there is nothing to see, and what to do.

    Args:
        request: which is answered.
        refusal: what the ledger said.
        status: of HTTP, where the refusal itself is no known one.
    """
    sign_in = refusal.code == "sign_in_needed"
    status = _STATUS.get(refusal.code, status)
    wanted = f"?{urlencode({'page': request.url.path})}" if LED_BACK_TO.fullmatch(request.url.path) else ""
    return html_page(request, "refused", status, message=str(refusal), sign_in=sign_in, wanted=wanted, place=None)


def matter_page(
    request: Request,
    place: Place,
    tag: str,
    *,
    status: int = 200,
    said: str = "",
    values: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    """A matter as it stands: what is asked of this reader and the buttons for it, or what became of it.

    Args:
        request: which is answered.
        place: of the reader.
        tag: of the matter.
        status: of HTTP.
        said: what to say on top.
        values: what the reader wrote, by the names of the fields; None: what was kept, or what the form starts with.
        faults: what is wrong with it.
    """
    person = place.reader.person
    with ledger_context(READER) as ctx:
        found = matters.found_by_tag(ctx, tag)
        asked = is_one_of(person, found.may_answer)
        facts: dict[str, Any] = {"fields": [], "buttons": (), "kept": None, "question": found.question}
        facts["files"] = _files(ctx, found)
        facts["takes_files"] = asked and MATTERS[found.kind].takes_files
        facts["own"] = found.keeps_files
        facts["excusable"] = bool(place.csrf) and found.kind == "report" and _may_excuse(ctx, person, found)
        facts["rungs"] = _rungs_above(ctx, person, found)
        facts["delegates"] = may_delegate_to(ctx, found, person) if asked else []
        facts["unread"] = bool(to_read(ctx, person, tag))
        if found.kind:
            form = matters.form_context(ctx, found)
            card = form.card
        else:
            card = matters.history(ctx, found)
        if asked:
            kind = MATTERS[found.kind]
            kept = kept_form(ctx, person, tag) if values is None else None
            start = values if values is not None else {**form.prefilled, **(kept.values if kept else {})}
            zone = ctx.work_time.zone
            facts |= {
                "fields": fields_of(kind, start, faults),
                "buttons": kind.buttons,
                "kept": f"{kept.kept_at.astimezone(zone):%m-%d %H:%M}" if kept else None,
            }
        said = said or said_after(request)
        return html_page(
            request, "matter", status, place=place, matter=found, asked=asked, card=as_html(card), said=said, **facts
        )


def _files(ctx: ledger.LedgerContext, found: Matter) -> list[Evidence]:
    """The files of a period, or of the one part of it that a matter is about; in a closure and in a look-back all of
    its measure."""
    if found.subject in ("closure", "lookback"):
        measure = ledger.measure_called(ctx.session, found.measure)
        return [one for one, _ in evidence_of_measure(ctx, measure.id)]
    if found.period_id is None or found.subject not in ("period", "part"):
        return []
    part = found.keeps_files.part_id
    return [one for one in evidence_of(ctx, found.period_id) if part in (None, one.part_id)]


def _rungs_above(ctx: ledger.LedgerContext, person: str, found: Matter) -> list[tuple[str, str]]:
    """The rungs to which a reader may raise a matter, by key and name; none for whoever may not instruct."""
    if found.period_id is None or found.kind not in ("report", *SHEET_KINDS):
        return []
    if not may(ctx, Act.INSTRUCT, ledger.measure_called(ctx.session, found.measure), person):
        return []
    period = ctx.session.get_one(Period, found.period_id)
    return [(step.key, step_name(step)) for step in raisable(ctx, period)]


def _may_excuse(ctx: ledger.LedgerContext, person: str, found: Matter) -> bool:
    return may(ctx, Act.EXCUSE, ledger.measure_called(ctx.session, found.measure), person)


async def hand_in(request: Request, place: Place, tag: str) -> Response:
    """Take the form of a matter, keep it for later, or say why neither.

    Args:
        request: a form.
        place: of the reader; his session's form was checked.
        tag: of the matter.
    """
    posted = await request.form()
    return await to_thread.run_sync(_hand_in, request, place, tag, posted)


def _hand_in(request: Request, place: Place, tag: str, posted: FormData) -> Response:
    person = place.reader.person
    with ledger_context(READER) as ctx:
        found = matters.found_by_tag(ctx, tag)
    if not matters.asks_still(found, posted.get("question")):
        return matter_page(request, place, tag, status=409, said=str(Refusal("matter_moved_on")))
    if not is_one_of(person, found.may_answer):
        raise Refusal("matter_not_asked", person=person, asked="、".join(found.asked))
    kind = MATTERS[found.kind]
    values = written(kind, posted)
    try:
        _take_files(place.reader, found, posted)
    except Refusal as refusal:
        return matter_page(request, place, tag, status=422, values=values, said=str(refusal))
    if posted.get("button") == KEEP:
        with ledger_context(person) as ctx:
            keep_written(ctx, person, tag, values)
        return RedirectResponse(f"{place.matter(tag)}?said=kept", status_code=303)
    try:
        filled = answer_of(kind, button_of(kind, str(posted.get("button"))), values, person)
        with ledger_context(person, door=place.reader.door) as ctx:
            taken = matters.answer(ctx, found, filled)
            if taken:
                drop_kept_form(ctx, person, tag)
    except FormFault as fault:
        return matter_page(request, place, tag, status=422, values=values, faults=fault.faults)
    except Refusal as refusal:
        said = matters.why_refused(found, refusal)
        return matter_page(request, place, tag, status=422, values=values, said=said)
    if not taken:
        return matter_page(request, place, tag, status=409, said=str(Refusal("matter_moved_on")))
    return RedirectResponse(
        f"{place.matter(tag)}?said=taken", status_code=303, background=BackgroundTask(follow_ledger)
    )


def _take_files(reader: Reader, found: Matter, posted: FormData) -> None:
    """Keep the files of a report or a part, and take back those that its writer no longer wants; each is an act of its
    own."""
    if not MATTERS[found.kind].takes_files or found.period_id is None:
        return
    for sent in posted.getlist("files"):
        if isinstance(sent, UploadFile) and sent.filename:
            with ledger_context(reader.person, door=reader.door) as ctx:
                most = ctx.policy.evidence.file_megabytes * 2**20
                file = keep_file(evidence_store(), sent.filename, sent.file, most)
                add_evidence(ctx, found.period_id, file, found.keeps_files)
    for unwanted in posted.getlist("unwanted"):
        if str(unwanted).isdecimal():
            with ledger_context(reader.person, door=reader.door) as ctx:
                remove_evidence(ctx, int(str(unwanted)), found.period_id, found.keeps_files)


def evidence_answer(place: Place, evidence_id: int) -> Response:
    """A file of evidence, to be saved and never shown as a page of ours.

    Args:
        place: of the reader.
        evidence_id: from anywhere.

    Raises:
        Refusal: ``evidence_unknown``, also for a file of a matter that this reader's link does not open; and those of
            ``kept_content``.
    """
    with ledger_context(READER) as ctx:
        file = evidence_file(ctx, evidence_id)
        found = matters.matter(ctx, "period", file.period_id)
        measure = ledger.measure_called(ctx.session, found.measure)
        opens = {None, found.tag, f"part-{file.part_id}"}
        opens |= {f"closure-{one.id}" for one in closures_of(ctx, measure)}
        opens |= {f"lookback-{one.id}" for one in lookbacks_of(ctx, measure)}
    of_his = place.reader.matter in opens
    if not of_his and (place.reader.matter or not is_one_of(place.reader.person, (*found.asked, *found.posts))):
        raise Refusal("evidence_unknown")
    return saved_answer(file.name, kept_content(evidence_store(), file.sha256, file.name))


def saved_answer(name: str, content: bytes) -> Response:
    """A file that a browser saves and never shows.

    Args:
        name: under which.
        content: all of it.
    """
    headers = {
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def matters_page(request: Request, place: Place, said: str = "") -> Response:
    """A reader's desk: what is asked of him, the worst first; what is asked in the same words several times, at once.

    ``?tab=`` shows instead what he was only informed of, did, read, or handed over.

    Args:
        request: which is answered.
        place: of the reader.
        said: what to say on top.
    """
    tab, person = request.query_params.get("tab", TABS[0]), place.reader.person
    tab = tab if tab in TABS else TABS[0]
    with ledger_context(READER) as ctx:
        his, unread = matters.asked_of(ctx, person), to_read(ctx, person)
        given = delegated_by(ctx, person)
        facts: dict[str, Any] = {"minute": ctx.work_time.minute_text, "unread": unread, "given": given}
        facts["done"] = done_by(ctx, person, MOST_LINES) if tab == "done" else ()
        facts["read"] = readings(ctx, person, MOST_LINES) if tab == "read" else ()
        sections = [group for section in board_sections(his, ctx.today) for group in _by_kind(section)]
    several = {
        group.name: MATTERS[group.matters[0].kind]
        for group in sections
        if len(group.matters) > 1 and MATTERS[group.matters[0].kind].several
    }
    counts = {"todo": len(his), "unread": len(unread), "given": len(given)}
    return html_page(
        request,
        "matters",
        place=place,
        tab=tab,
        tabs=[one for one in TABS if one != "given" or given],
        counts=counts,
        sections=sections,
        several=several,
        forms={name: fields_of(kind, {}) for name, kind in several.items()},
        said=said or said_after(request),
        chosen=request.query_params.get("chosen") == "all",
        **facts,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """What is asked of a reader in the same words: ``name`` is no other group's, ``title`` is what people read."""

    name: str
    title: str
    matters: list[Matter]


def _by_kind(section: BoardSection) -> list[_Group]:
    """A part of the board as a desk has it: each kind apart, since one form answers one kind."""
    title = phrase(f"web.section.{section.name}")
    kinds = dict.fromkeys(one.kind for one in section.matters)
    groups = []
    for kind in kinds:
        own = [one for one in section.matters if one.kind == kind]
        alone = len(kinds) == 1
        groups.append(
            _Group(
                f"{section.name}-{kind}",
                title if alone else f"{title} · {'、'.join(dict.fromkeys(one.waiting_name for one in own))}",
                own,
            )
        )
    return groups


async def change_desk(request: Request, place: Place, act: str) -> Response:
    """Take a form of a reader's desk: he has read something, hands a matter over, takes it back, or raises it higher.

    Args:
        request: a form.
        place: of the reader; his session's form was checked.
        act: ``read``, ``delegate``, ``take-back`` or ``raise``.
    """
    posted = await request.form()
    return await to_thread.run_sync(_change_desk, request, place, act, posted)


def _change_desk(request: Request, place: Place, act: str, posted: FormData) -> Response:
    tags = [str(one) for one in posted.getlist("matter")]
    # The link of one matter is good for that one alone.
    if place.reader.matter and tags != [place.reader.matter]:
        raise Refusal("link_wrong")
    person, door = place.reader.person, place.reader.door
    if act == "read":
        with ledger_context(person, door=door) as ctx:
            mark_read(ctx, tags)
        one = posted.get("back") == "matter" and len(tags) == 1
        target = f"{place.matter(line(tags[0], 40))}?" if one else f"{place.home}?tab=unread&"
        return RedirectResponse(f"{target}said=read", status_code=303)
    tag = tags[0] if tags else ""
    try:
        with ledger_context(person, door=door) as ctx:
            if act == "delegate":
                delegate(ctx, tag, str(posted.get("to", "")), str(posted.get("note", "")))
            elif act == "raise":
                _raise(ctx, tag, str(posted.get("rung", "")), str(posted.get("reason", "")))
            else:
                take_back(ctx, tag)
    except Refusal as refusal:
        if refusal.code in ("matter_unknown", "delegation_none"):
            raise
        return matter_page(request, place, tag, status=422, said=str(refusal))
    said = {"delegate": "delegated", "raise": "raised"}.get(act, "taken_back")
    return RedirectResponse(
        f"{place.matter(tag)}?said={said}", status_code=303, background=BackgroundTask(follow_ledger)
    )


def _raise(ctx: ledger.LedgerContext, tag: str, rung: str, reason: str) -> None:
    found = matters.found_by_tag(ctx, tag)
    if found.period_id is None:
        raise Refusal("matter_unknown", matter=line(tag, 40))
    ledger.raise_to(ctx, found.period_id, rung, reason)


async def hand_in_several(request: Request, place: Place) -> Response:
    """Answer several matters in the same words; each by itself, and those that were not taken are named.

    Args:
        request: a form.
        place: of the reader; his session's form was checked.
    """
    posted = await request.form()
    return await to_thread.run_sync(_hand_in_several, request, place, posted)


def _hand_in_several(request: Request, place: Place, posted: FormData) -> Response:
    person = place.reader.person
    taken, faults = 0, []
    for tag in dict.fromkeys(str(one) for one in posted.getlist("matter")):
        name = tag
        try:
            with ledger_context(READER) as ctx:
                found = matters.found_by_tag(ctx, tag)
            name = found.name
            if not matters.asks_still(found, posted.get(f"question:{tag}")):
                raise Refusal("matter_moved_on")
            if not is_one_of(person, found.may_answer):
                raise Refusal("matter_not_asked", person=person, asked="、".join(found.asked))
            kind = MATTERS[found.kind]
            filled = answer_of(kind, button_of(kind, str(posted.get("button"))), written(kind, posted), person)
            with ledger_context(person, door=place.reader.door) as ctx:
                if not matters.answer(ctx, found, filled):
                    raise Refusal("matter_moved_on")
        except FormFault as fault:
            faults.append(f"{name}：{'；'.join(fault.faults.values())}")
        except Refusal as refusal:
            faults.append(f"{line(name, 80)}：{refusal}")
        else:
            taken += 1
    said = phrase("web.taken_several", n=taken) + "".join(f"\n{fault}" for fault in faults)
    answer = matters_page(request, place, said)
    answer.background = BackgroundTask(follow_ledger)
    return answer


def as_html(card: str) -> Markup:
    """A card as HTML.

    Args:
        card: Markdown in which what came from outside was made harmless.
    """
    return Markup(_markdown.render(card))  # noqa: S704 (HTML of the card itself is written as text)


def said_after(request: Request) -> str:
    """What an address asks its page to say, if it is one of the things that pages say."""
    said = request.query_params.get("said", "")
    return phrase(f"web.{said}") if said in SAID else ""
