"""The matters: whatever waits for a person, and the one way in which each is listed, asked and answered.

``MATTERS`` is the registry. A kind is added by one file with a ``MatterKind`` and its line here (CONTRIBUTING.md).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, false, func, literal, not_, or_, select, true

from db.ledger import runs
from db.ledger.bulk import among
from db.ledger.changes import Changes
from db.ledger.context import LedgerContext
from db.ledger.inspections import inspections
from db.ledger.known_names import known_names
from db.matters.closure import CLOSURE_KINDS
from db.matters.escalation import SHEET_MATTERS
from db.matters.extension import ExtensionMatter
from db.matters.kind import Announcement, Answer, FormContext, Matter, MatterKind, subject_tag
from db.matters.lookback import LookbackMatter
from db.matters.paper import PaperMatter
from db.matters.part import PartMatter
from db.matters.period import ReportMatter, ReviewMatter
from db.matters.suspension import SuspensionMatter
from db.models import Alert, Delegation, Inspection, Measure, Run
from plan.types import AlertKind, Audience, Level
from text.catalogue import phrase
from text.clean import line, markdown
from text.refusals import Refusal

__all__ = [
    "MATTERS",
    "Announcement",
    "Answer",
    "FormContext",
    "Matter",
    "MatterKind",
    "answer",
    "asked_of",
    "exists",
    "form_context",
    "found_by_tag",
    "history",
    "mark_ended",
    "matter",
    "matters_of",
    "measures_held",
    "subject_tag",
    "tag_of_alert",
    "unannounced",
    "unfinished",
    "why_refused",
    "without_run",
]

LARGEST_ID = 2**63 - 1

MATTERS: dict[str, MatterKind[Any]] = {
    kind.key: kind
    for kind in (
        ReportMatter(),
        ReviewMatter(),
        *(kind() for kind in SHEET_MATTERS),
        ExtensionMatter(),
        SuspensionMatter(),
        PartMatter(),
        PaperMatter(),
        *(kind() for kind in CLOSURE_KINDS),
        LookbackMatter(),
    )
}


def subjects() -> Mapping[str, list[MatterKind[Any]]]:
    """The kinds that ask about each subject, in the order of the registry."""
    found: dict[str, list[MatterKind[Any]]] = {}
    for kind in MATTERS.values():
        # In the order of the registry: of two kinds that ask at once the first would speak.
        found.setdefault(kind.subject, []).append(kind)
    return found


def unfinished(
    ctx: LedgerContext,
    on_fault: Callable[[str, int, Exception], None] | None = None,
    only: Changes | None = None,
    ended: Collection[str] = (),
) -> list[Matter]:
    """Every subject that asks something, and those that ask nothing more while their run has not ended yet.

    Args:
        ctx: names are as of its ``now``.
        on_fault: told the subject, the id and the error of a row that cannot be told as a matter; the others are.
            Without it the error is raised.
        only: what changed; of all others it is known that their runs show what they should.
        ended: ids of runs of which that is not known all the same.
    """
    found: list[Matter] = []
    for kinds in subjects().values():
        first, model = kinds[0], kinds[0].model
        # Two indexed looks and not one condition over the join, which would read every row there ever was.
        asking = select(model.id).where(or_(*(kind.asks() for kind in kinds)))
        to_end = select(Run.subject_id).where(Run.subject == first.subject, Run.ended.is_(False))
        chosen = and_(model.id.in_(asking.union(to_end)), _may_differ(ctx, kinds, only, ended))
        found += _read(ctx, kinds, on_fault, chosen)
    return found


def asked_of(ctx: LedgerContext, person: str) -> list[Matter]:
    """Whatever is asked of one person now, or of whoever stands in for him while he is away.

    Args:
        ctx: names are as of its ``now``.
        person: as the plan or the operators spell him.
    """
    posts = ctx.roster.of_person(ctx.session, ctx.today, person)
    held = {audience: measures_held(audience, posts) for audience in Audience}
    handed = select(Delegation.matter).where(Delegation.given_to == person, Delegation.ended_at.is_(None))
    tags = ctx.session.execute(handed).scalars().all()
    found: list[Matter] = []
    for subject, kinds in subjects().items():
        given = among(kinds[0].model.id, _ids(subject, tags))
        chosen = or_(*(and_(kind.asks(), or_(given, kind.may_ask(posts, held))) for kind in kinds))
        found += _read(ctx, kinds, None, chosen)
    return [one for one in found if one.kind and person in (*one.asked, *one.away)]


def measures_held(audience: Audience, posts: Collection[int]) -> Select[Any]:
    """The ids of the measures in which some posts stand for an audience, for a query.

    Args:
        audience: such as the handlers.
        posts: ids of recipients; of none there are none.
    """
    stand = (Measure.audiences[audience.value].contains([post]) for post in posts)
    return select(Measure.id).where(or_(false(), *stand))


def _may_differ(
    ctx: LedgerContext, kinds: list[MatterKind[Any]], only: Changes | None, ended: Collection[str]
) -> ColumnElement[bool]:
    """Whether the run of a row may not show what it should: none, still to end, parked, or something changed."""
    if only is None or only.periods is None:
        return true()
    asks = or_(*(kind.asks() for kind in kinds))
    told = [kind.changed(only.periods, only.after, ctx.now) for kind in kinds]
    return or_(Run.run_id.is_(None), not_(asks), Run.parked_at.is_not(None), Run.run_id.in_(ended), *told)


def _read(
    ctx: LedgerContext,
    kinds: list[MatterKind[Any]],
    on_fault: Callable[[str, int, Exception], None] | None,
    chosen: ColumnElement[bool],
) -> Iterator[Matter]:
    first, model = kinds[0], kinds[0].model
    of_row = and_(Run.subject == first.subject, Run.subject_id == model.id)
    query = select(model, Run).outerjoin(Run, of_row).where(chosen).options(*first.reading).order_by(model.id)
    ctx.roster.read(ctx.session, ctx.today)
    rounds, handed = inspections(ctx.session), _delegations(ctx)
    for row, run in ctx.session.execute(query).tuples():
        try:
            found = _matter(ctx, kinds, row, run, rounds, handed)
        except Exception as error:  # a poison row, whatever is wrong with it
            if on_fault is None:
                raise
            on_fault(first.subject, row.id, error)
        else:
            yield found


def matter(ctx: LedgerContext, subject: str, subject_id: int) -> Matter:
    """One subject as it stands.

    Args:
        ctx: the context; names are as of its ``now``.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.

    Raises:
        LookupError: there is no such row.
    """
    kinds = subjects()[subject]
    row = ctx.session.get(kinds[0].model, subject_id, options=kinds[0].reading, populate_existing=True)
    if row is None:
        raise LookupError(f"there is no {subject} {subject_id}")
    run, rounds = runs.run_of(ctx, subject, subject_id), inspections(ctx.session)
    return _matter(ctx, kinds, row, run, rounds, _delegations(ctx))


def found_by_tag(ctx: LedgerContext, tag: str) -> Matter:
    """The matter that an address or a person names.

    Args:
        ctx: the context; names are as of its ``now``.
        tag: such as ``escalation-7``, from anywhere.

    Raises:
        Refusal: ``matter_unknown``.
    """
    subject, _, number = tag.rpartition("-")
    known = number.isascii() and number.isdigit() and len(number) < 20 and subject in subjects()
    if not known or not exists(ctx, subject, int(number)):
        raise Refusal("matter_unknown", matter=line(tag, 40))
    return matter(ctx, subject, int(number))


def tag_of_alert() -> ColumnElement[str]:
    """The tag of the subject that an alert leads to, for a query over ``Alert``; empty for one about the engine.

    It is the period, unless a kind of matter knows better: a supervisor is led to his sheet, and never to the form in
    which the unit reports.
    """
    # What was handed over is named by its tag itself.
    handed = func.substring(Alert.rung, f"^{AlertKind.DELEGATED}:([a-z]+-[0-9]+)")
    ids = [(kind.subject, kind.alerted()) for kind in MATTERS.values()] + [("period", Alert.period_id)]
    # As ``subject_tag`` writes it; whatever is joined to null is null.
    tags = [literal(f"{subject}-") + cast(row_id, Text) for subject, row_id in ids if row_id is not None]
    return func.coalesce(handed, *tags, "")


def matters_of(ctx: LedgerContext, tags: Collection[str]) -> dict[str, Matter]:
    """Several subjects as they stand.

    Args:
        ctx: the context; names are as of its ``now``.
        tags: of subjects that exist.

    Returns:
        By their tags.
    """
    found: dict[str, Matter] = {}
    for subject, kinds in subjects().items():
        if ids := _ids(subject, tags):
            found |= {one.tag: one for one in _read(ctx, kinds, None, among(kinds[0].model.id, ids))}
    return found


def _ids(subject: str, tags: Collection[str]) -> list[int]:
    """Of some tags the ids of those of one subject."""
    return [int(tag.rpartition("-")[2]) for tag in tags if tag.rpartition("-")[0] == subject]


def exists(ctx: LedgerContext, subject: str, subject_id: int) -> bool:
    """Whether there is such a subject.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id, from wherever it came.
    """
    # A run's parameters are whatever somebody gave them; PostgreSQL would refuse a larger number with an error.
    return subject_id <= LARGEST_ID and ctx.session.get(subjects()[subject][0].model, subject_id) is not None


def mark_ended(ctx: LedgerContext, subject: str, subject_id: int) -> None:
    """Note that no run of a subject lives, if nothing is asked about it any more: Prefect has nothing left to show.

    Args:
        ctx: the context.
        subject: the kind of row, such as ``period``.
        subject_id: the row's id.

    Raises:
        LookupError: there is no such row.
    """
    if not matter(ctx, subject, subject_id).kind:
        runs.mark_run_ended(ctx, subject, subject_id)


def unannounced(
    ctx: LedgerContext, on_fault: Callable[[str, int, Exception], None] | None = None
) -> list[Announcement]:
    """What is asked now and waits for the event that starts its run.

    Args:
        ctx: the context.
        on_fault: told the subject, the id and the error of a row that cannot be announced; the others are. Without it
            the error is raised.
    """
    found = []
    for kind in (kind for kind in MATTERS.values() if kind.event is not None):
        model = kind.model
        known = select(Run.subject_id).where(Run.subject == kind.subject, Run.announced_at.is_not(None))
        query = select(model).where(kind.asks(), model.id.not_in(known)).options(*kind.reading)
        for row in ctx.session.execute(query.order_by(model.id)).scalars():
            try:
                payload = kind.announcement(row)
                found.append(Announcement(kind.subject, row.id, str(kind.event), kind.parameters(row), payload))
            except Exception as error:  # a poison row, whatever is wrong with it
                if on_fault is None:
                    raise
                on_fault(kind.subject, row.id, error)
    return found


def without_run(ctx: LedgerContext, announced: Iterable[Announcement]) -> list[Announcement]:
    """Those of the announced subjects that no run has claimed yet.

    Args:
        ctx: the context, in a transaction of its own: runs claim while announcements are sent.
        announced: events that were sent.
    """
    return [one for one in announced if not (run := runs.run_of(ctx, one.subject, one.id)) or run.run_id is None]


def _matter(
    ctx: LedgerContext,
    kinds: list[MatterKind[Any]],
    row: Any,
    run: Run | None,
    rounds: Sequence[Inspection],
    handed: Mapping[str, Mapping[str, str]],
) -> Matter:
    asking = next((kind for kind in kinds if kind.is_open(row)), None)
    # Nothing is asked: any kind of the subject knows its name and its outcome.
    kind = asking or kinds[0]
    tag = subject_tag(kind.subject, row.id)
    delegates = handed.get(tag, {}) if asking else {}
    measure, outcome = kind.measure(row), None if asking else kind.outcome(row)
    stages = asking.stages(ctx, row) if asking else (outcome,) if outcome else ()
    tags = [tag, *stages]
    if measure is not None:
        leaders = ctx.asked_names(measure.audiences.get(Audience.LEADER, ()))
        tags += [phrase("tag.finding", code=measure.finding.code), measure.lead_unit, *leaders]
    its = next(one for one in rounds if one.id == measure.inspection_id) if measure is not None else None
    if its is not None and len(rounds) > 1:
        tags.append(phrase("tag.inspection", inspection=its.key))
    posts = asking.asked_of(row) if asking else []
    standing = ctx.asked_names(posts)
    return Matter(
        subject=kind.subject,
        id=row.id,
        kind=asking.key if asking else "",
        name=kind.name(row),
        waiting_name=asking.waiting_name(ctx, row) if asking else "",
        question=asking.question(row) if asking else "",
        deployment=kind.deployment(row),
        parameters=kind.parameters(row),
        run_id=run.run_id if run else None,
        announced=kind.event is None or bool(run and run.announced_at),
        outcome=outcome,
        tags=tuple(dict.fromkeys(tags)),
        lamp=asking.lamp(ctx, row) if asking else Level.NONE,
        due_on=kind.limit(row),
        unit=measure.lead_unit if measure else "",
        inspection=its.key if its else "",
        round_title=its.title if its and len(rounds) > 1 else "",
        measure=measure.full_code if measure else "",
        label=kind.label(row),
        period_id=row.id if kind.subject == "period" else getattr(row, "period_id", None),
        asked=tuple(dict.fromkeys(delegates.get(name, name) for name in standing)),
        away=tuple(name for name in ctx.away_names(posts) if name not in standing),
        may_answer=ctx.acting_names(asking.may_answer(ctx, row)) if asking else (),
        concerned=ctx.acting_names(one for kind in kinds for one in kind.asked_of(row)),
        delegated=tuple(delegates.items()),
        posts=ctx.acting_names(one for held in measure.audiences.values() for one in held) if measure else (),
        parked=bool(run and run.parked_at),
        form=run.form if run else None,
    )


def form_context(ctx: LedgerContext, found: Matter) -> FormContext:
    """What is needed to ask: who, above which text, with which values.

    Args:
        ctx: the context; the text is as of its ``now``.
        found: a matter that asks something.
    """
    kind = MATTERS[found.kind]
    row = ctx.session.get_one(kind.model, found.id, options=kind.reading)
    asked = found.asked
    card = _of_its_round(found, kind.card(ctx, row)) + (f"\n\n请办理：{markdown('、'.join(asked))}" if asked else "")
    return FormContext(found, card, kind.prefilled(row))


def history(ctx: LedgerContext, found: Matter) -> str:
    """What was said about a subject until it ended, in Markdown.

    Args:
        ctx: the context; days are told in its zone.
        found: a matter that asks nothing any more.
    """
    kind = subjects()[found.subject][0]
    return _of_its_round(found, kind.history(ctx, ctx.session.get_one(kind.model, found.id, options=kind.reading)))


def _of_its_round(found: Matter, card: str) -> str:
    return f"{phrase('round', title=markdown(found.round_title))}\n\n{card}" if found.round_title else card


def why_refused(found: Matter, refusal: Refusal) -> str:
    """Why the ledger did not take a form, in the words of that form.

    Args:
        found: the matter that was answered.
        refusal: what the ledger said.
    """
    field = MATTERS[found.kind].mending.get(refusal.code)
    return f"{refusal}（见“{field}”一栏）" if field else str(refusal)


def _delegations(ctx: LedgerContext) -> dict[str, dict[str, str]]:
    """By tag who handed the matter over to whom; whoever may act no more has nothing in his hands."""
    in_force = select(Delegation.matter, Delegation.given_by, Delegation.given_to).where(Delegation.ended_at.is_(None))
    rows = ctx.session.execute(in_force).tuples().all()
    present = set(known_names(ctx.session, ctx.today).values()) if rows else set[str]()
    found: dict[str, dict[str, str]] = {}
    for tag, giver, to in rows:
        if to in present:
            found.setdefault(tag, {})[giver] = to
    return found


def asks_still(found: Matter, question: object) -> bool:
    """Whether what a form was shown for is still what is asked.

    Args:
        found: the matter as it stands now.
        question: that of the matter when the form was shown, as the form brings it back.
    """
    return bool(found.kind) and MATTERS[found.kind].same_question(found.question, str(question))


def answer(ctx: LedgerContext, found: Matter, filled: Answer) -> bool:
    """Hand a filled form to the ledger, unless the matter has moved on: then another door was quicker.

    Args:
        ctx: its actor is the person who filled the form.
        found: the matter as it was when it was asked.
        filled: the form of its kind.

    Returns:
        Whether the ledger took it; False when the question is not asked any more.

    Raises:
        Refusal: the ledger does not take it.
    """
    kind = MATTERS[found.kind]
    row = kind.locked(ctx, found.id)
    # After the lock: a form that was open on two screens counts once, and an old one never for a new question.
    if row is None or not kind.is_open(row) or not kind.same_question(kind.question(row), found.question):
        return False
    kind.take(ctx, row, filled)
    return True
