"""What may be told to the public, and papers that went out: kept, numbered, handed in for the period they answer."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from db.ledger import audit
from db.ledger.context import LedgerContext, name_of
from db.ledger.deciders import authorised
from db.ledger.evidence import StoredFile, add_evidence
from db.ledger.inspections import inspection, measure_by_code
from db.ledger.periods import rule_of
from db.ledger.reports import Report, submit
from db.models import Duty, Inspection, Measure, PaperDraft, Period, Person, Publication, Recipient, ReleasedPaper
from plan.types import MONTHS_OF, Act, DutyKind, Ground, PeriodState
from rules.cadence import window
from rules.month_span import MonthSpan, months_of
from rules.personal_details import personal_details
from text.catalogue import phrase
from text.reason import checked_reason, checked_text
from text.refusals import Refusal


def allow_publication(ctx: LedgerContext, code: str, text: str, disclosed: Collection[str] = ()) -> Publication:
    """Let a measure be told to the public in these very words.

    Args:
        ctx: the context; its actor decides, at its ``now``.
        code: of the measure, with the key of its inspection where several have it.
        text: the words.
        disclosed: names and numbers in them that may be told.

    Returns:
        The decision.

    Raises:
        Refusal: ``publication_nothing``, ``text_too_long``, ``publication_details``, and those of ``measure_by_code``
            and ``authorised``.
    """
    measure = measure_by_code(ctx.session, code)
    ctx = authorised(ctx, Act.RELEASE, measure)
    words = checked_text(text, "公开的文字", needed=False)
    if not words:
        raise Refusal("publication_nothing", measure=measure.full_code)
    if found := personal_details(words, person_names(ctx), disclosed):
        raise Refusal("publication_details", measure=measure.full_code, known="、".join(found))
    decision = _decide(ctx, measure, words, None, "")
    told = {"disclosed": list(disclosed)} if disclosed else {}
    audit.append(ctx, "allow-publication", measure.full_code, text=words, **told)
    return decision


def withhold(ctx: LedgerContext, code: str, ground: Ground, reason: str) -> Publication:
    """Keep a measure from the public.

    Args:
        ctx: the context; its actor decides, at its ``now``.
        code: of the measure, with the key of its inspection where several have it.
        ground: on which of the grounds that there are.
        reason: in words.

    Returns:
        The decision.

    Raises:
        Refusal: ``reason_empty``, ``text_too_long``, and those of ``measure_by_code`` and ``authorised``.
    """
    measure = measure_by_code(ctx.session, code)
    ctx = authorised(ctx, Act.RELEASE, measure)
    decision = _decide(ctx, measure, None, ground, checked_reason(reason, needed=True))
    audit.append(ctx, "withhold", measure.full_code, ground=ground, reason=decision.reason)
    return decision


def _decide(ctx: LedgerContext, measure: Measure, words: str | None, ground: Ground | None, reason: str) -> Publication:
    decision = Publication(
        measure_id=measure.id, text=words, ground=ground, reason=reason, decided_by=ctx.actor, decided_at=ctx.now
    )
    ctx.session.add(decision)
    ctx.session.flush()
    return decision


def publications(ctx: LedgerContext, inspection_id: int) -> dict[str, Publication]:
    """The decision that counts of every measure of an inspection about which one was made, by its full code.

    Args:
        ctx: the context.
        inspection_id: of the inspection.
    """
    query = (
        select(Measure.full_code, Publication)
        .join(Publication, Publication.measure_id == Measure.id)
        .where(Measure.inspection_id == inspection_id)
        .order_by(Publication.id)
    )
    return dict(ctx.session.execute(query).tuples().all())


def person_names(ctx: LedgerContext) -> list[str]:
    """The names of people, of whom papers for the public say nothing; what is the name of a post is no person's.

    Args:
        ctx: the context.
    """
    posts = ctx.session.execute(select(Recipient.name)).scalars().all()
    people = ctx.session.execute(select(Person.name).order_by(Person.id)).scalars()
    return [name for name in people if len(name) > 1 and not any(name in post for post in posts)]


def release_paper(
    ctx: LedgerContext, kind: str, title: str, key: str | None, span: MonthSpan, file: StoredFile, sheet: str = ""
) -> ReleasedPaper:
    """A paper goes out: it is kept as it is, under the next number, and handed in for the period that it answers.

    Args:
        ctx: the context; its ``now`` is when it went out, which decides whether that was in time; its actor releases.
        kind: key of the paper; only a report to whoever is above (``province``) answers a period.
        title: what people call it.
        key: of the inspection; None: the only one.
        span: the months of which it speaks.
        file: as it is kept already.
        sheet: number of the sheet of which alone it speaks; empty for all of the months.

    Returns:
        The paper; the same one again where the newest version has the same content.

    Raises:
        Refusal: those of ``inspection``, ``authorised``, and of ``submit``.
    """
    present = inspection(ctx.session, key)
    ctx = authorised(ctx, Act.RELEASE)
    # Two who release at once: the second finds the version of the first.
    ctx.session.execute(select(Inspection.id).where(Inspection.id == present.id).with_for_update(key_share=True))
    last = _newest(ctx, present.id, kind, span, sheet)
    if last is not None and last.sha256 == file.sha256:
        return last
    period = answered_period(ctx, present.id, span) if kind == ANSWERS else None
    paper = ReleasedPaper(
        inspection_id=present.id,
        kind=kind,
        first_on=span.first,
        last_on=span.last,
        sheet=sheet,
        version=last.version + 1 if last else 1,
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        period_id=period.id if period else None,
        released_by=ctx.actor,
        released_at=ctx.now,
    )
    ctx.session.add(paper)
    waiting = select(PaperDraft).where(PaperDraft.inspection_id == present.id, PaperDraft.kind == kind)
    if sheet:
        # A circular may go out in the month after it was decided on.
        waiting = waiting.where(PaperDraft.sheet == sheet)
    else:
        waiting = waiting.where(PaperDraft.first_on == span.first, PaperDraft.last_on == span.last)
    for draft in ctx.session.execute(waiting.where(PaperDraft.ended_at.is_(None)).with_for_update()).scalars():
        draft.ended_at, draft.ended_by = ctx.now, ctx.actor
    ctx.session.flush()
    said = phrase("paper.released", paper=title, span=sheet or span.label, version=paper.version)
    answered = {"period": period.id, "answers": name_of(period)} if period else {}
    audit.append(ctx, "release", said, name=file.name, sha256=file.sha256, **answered)
    if period is not None and period.state == PeriodState.WAITING:
        add_evidence(ctx, period.id, file, act=Act.RELEASE)
        handed_in = phrase("paper.handed_in", name=file.name, version=paper.version)
        report = Report(body=handed_in, percent=period.duty.measure.percent or 0)
        submit(ctx, period.id, report, act=Act.RELEASE)
    return paper


ANSWERS = "province"
"""The paper by which an inspection reports to whoever is above."""


def _newest(ctx: LedgerContext, inspection_id: int, kind: str, span: MonthSpan, sheet: str) -> ReleasedPaper | None:
    of_it = select(ReleasedPaper).where(ReleasedPaper.inspection_id == inspection_id, ReleasedPaper.kind == kind)
    same = of_it.where(ReleasedPaper.first_on == span.first, ReleasedPaper.last_on == span.last)
    same = same.where(ReleasedPaper.sheet == sheet)
    return ctx.session.execute(same.order_by(ReleasedPaper.version.desc()).limit(1)).scalar_one_or_none()


def answered_period(ctx: LedgerContext, inspection_id: int, span: MonthSpan) -> Period | None:
    """The period of a report duty that names its receiver and is of just these months; None where there is none.

    Args:
        ctx: the context.
        inspection_id: of the inspection.
        span: the months.
    """
    query = (
        select(Period)
        .join(Period.duty)
        .join(Duty.measure)
        .where(Measure.inspection_id == inspection_id, Duty.kind == DutyKind.REPORT, Duty.receiver.is_not(None))
        .where(Duty.cadence.in_(MONTHS_OF), Period.opens_on <= span.last, Period.due_on >= span.first)
        .order_by(Measure.place, Measure.id, Duty.place, Period.id)
    )
    for period in ctx.session.execute(query).scalars():
        found = window(rule_of(period.duty), period.ordinal, ctx.work_time.calendar)
        if months_of(found.starts_on, found.ends_on) == span:
            return period
    return None


def released_papers(ctx: LedgerContext, key: str | None) -> Sequence[ReleasedPaper]:
    """The papers of an inspection that went out, in the order in which they did.

    Args:
        ctx: the context.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: those of ``inspection``.
    """
    query = select(ReleasedPaper).where(ReleasedPaper.inspection_id == inspection(ctx.session, key).id)
    return ctx.session.execute(query.order_by(ReleasedPaper.id)).scalars().all()
