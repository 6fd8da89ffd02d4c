"""Activation: a checked plan becomes the ledger, in one transaction, and what it owes now opens at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.holdings import hold_by_plan
from db.ledger.inspections import before_codes
from db.ledger.periods import await_window, first_window, open_due
from db.ledger.suspend import carry_out_state
from db.models import Base, Duty, Finding, Inspection, Measure, Question, Recipient
from plan.audiences import gathered_from, roles_for
from plan.digest import is_same_plan, plan_digest
from plan.model import DutySpec, FindingSpec, MeasureSpec, Plan
from plan.round_duties import with_round_duties
from plan.supervisors import check_supervised
from plan.types import Cadence, WorkState
from rules.work_time import WorkTime
from text.refusals import Refusal

_Row = TypeVar("_Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Activated:
    """What activation wrote; all zero when this very plan was active already."""

    measures: int
    duties: int
    opened: int


def activate(ctx: LedgerContext, plan: Plan, *, without_supervisors: bool = False) -> Activated:
    """Put ``plan`` under supervision as of the context's ``now``, beside the inspections that are there already.

    Recurring duties start with the period that contains that instant; history before it is not invented. A one-off date
    already past is opened overdue. The same plan again changes nothing, but in a ledger of an earlier release, where it
    begins what the office itself owes (``plan.round_duties``).

    Args:
        ctx: the context; its ``now`` is when supervision begins.
        plan: a checked plan.
        without_supervisors: whether it is meant that nobody is told of what is late.

    Returns:
        How many measures, duties and first periods were written.

    Raises:
        Refusal: ``plan_loaded`` when the ledger supervises another plan of this inspection, ``supervisors_missing``.
    """
    # Whichever of two comes first is the first inspection of the ledger: they come one after the other.
    audit.queue(ctx.session)
    present = ctx.session.execute(select(Inspection).where(Inspection.key == plan.inspection.key)).scalar_one_or_none()
    if present is not None and not is_same_plan(plan, present.plan, present.plan_digest):
        raise Refusal("plan_loaded", title=present.title)
    if present is not None:
        _keep_plan(ctx, present, plan)
        return _begin_round(ctx, present, plan)
    if not without_supervisors:
        check_supervised(plan, ctx.policy)
    fields = inspection_fields(plan, None) | {"plan": plan.model_dump(mode="json"), "plan_digest": plan_digest(plan)}
    inspection = add(ctx, [Inspection(**fields, activated_at=ctx.now)])[0]
    recipients = add_recipients(ctx, inspection, plan, plan.roles)
    inspection.audiences = inspection_fields(plan, recipients)["audiences"]
    whole = with_round_duties(plan)
    return _begin(ctx, inspection, whole, whole.findings, recipients)


def is_amendment(session: Session, plan: Plan) -> bool:
    """Whether the ledger supervises another plan of the same inspection: to load this one is to amend that.

    Args:
        session: an open transaction on the ledger.
        plan: a checked plan.
    """
    of_it = select(Inspection).where(Inspection.key == plan.inspection.key)
    present = session.execute(of_it).scalar_one_or_none()
    return present is not None and not is_same_plan(plan, present.plan, present.plan_digest)


def _begin(
    ctx: LedgerContext,
    inspection: Inspection,
    plan: Plan,
    groups: Sequence[FindingSpec],
    recipients: dict[str, int],
) -> Activated:
    """Put findings of a plan under supervision, and open what they owe now."""
    findings = add(ctx, [finding_from(inspection, spec) for spec in groups])
    specs = [(finding, spec) for finding, group in zip(findings, groups, strict=True) for spec in group.measures]
    before = before_codes(ctx.session, inspection)
    measures = add(ctx, [measure_from(plan, finding, spec, recipients, before) for finding, spec in specs])
    owners = [(measure, spec) for measure, (_, spec) in zip(measures, specs, strict=True)]
    add(ctx, [question for measure, spec in owners for question in questions_from(measure, spec)])
    duties = add(ctx, [duty for measure, spec in owners for duty in duties_from(ctx, measure, spec.duties)])
    for measure in measures:
        if measure.work_state in (WorkState.SUSPENDED, WorkState.CLOSED):
            carry_out_state(ctx, measure, None)
    counts = {"measures": len(measures), "duties": len(duties)}
    audit.append(ctx, "activate", inspection.key, digest=inspection.plan_digest, **counts)
    # A call opens at most a thousand duties' periods; no grace, for nobody's schedule exists yet that could be first.
    opened = sum(iter(lambda: open_due(ctx, timedelta(0), inspection.id), 0))
    return Activated(len(measures), len(duties), opened)


def _begin_round(ctx: LedgerContext, present: Inspection, plan: Plan) -> Activated:
    """What the office owes in a round that an earlier release began, which did not chase it."""
    whole = with_round_duties(plan)
    of_it = select(Finding.code).where(Finding.inspection_id == present.id)
    known = set(ctx.session.execute(of_it).scalars())
    missing = [finding for finding in whole.findings if finding.code not in known]
    if not missing:
        return Activated(0, 0, 0)
    posts = select(Recipient.key, Recipient.id).where(Recipient.inspection_id == present.id)
    recipients = dict(ctx.session.execute(posts).tuples().all())
    return _begin(ctx, present, whole, missing, recipients)


def add(ctx: LedgerContext, rows: Sequence[_Row]) -> Sequence[_Row]:
    """Add new rows, which have their ids when this returns: those that name them come after.

    Args:
        ctx: the context whose transaction takes them.
        rows: rows of one table.

    Returns:
        The same rows.
    """
    ctx.session.add_all(rows)
    ctx.session.flush()
    return rows


def _keep_plan(ctx: LedgerContext, present: Inspection, plan: Plan) -> None:
    """A ledger older than the column has no plan of record: the very same plan, loaded once more, fills it."""
    # It is the same plan, so nothing but the missing copy is written.
    if present.plan is None:
        present.plan = plan.model_dump(mode="json")
        audit.append(ctx, "keep-plan", present.key, digest=present.plan_digest)


def add_recipients(ctx: LedgerContext, inspection: Inspection, plan: Plan, keys: Iterable[str]) -> dict[str, int]:
    """Write rows for posts that the ledger does not have yet, held by whom the plan names.

    Args:
        ctx: the context whose transaction takes them.
        inspection: whose posts they are; it has an id.
        plan: where the posts are described.
        keys: which of its roles to write.

    Returns:
        The new rows' ids by the key of their role.
    """
    of_it = {"inspection_id": inspection.id}
    rows = add(ctx, [Recipient(key=key, name=plan.roles[key].name, **of_it) for key in keys])
    ids = {row.key: row.id for row in rows}
    hold_by_plan(ctx, ids, plan.roles)
    return ids


def _ids(recipients: dict[str, int], keys: Iterable[str]) -> list[int]:
    # A role may stand in an audience twice; whoever holds it is told once.
    return list(dict.fromkeys(recipients[key] for key in keys))


def inspection_fields(plan: Plan, recipients: dict[str, int] | None) -> dict[str, Any]:
    """What the ledger keeps of the inspection itself.

    Args:
        plan: its plan.
        recipients: ids of its posts by key; None before they have rows, which name the inspection.

    Returns:
        Columns of an ``Inspection``; plan, digest and instant of activation are not among them.
    """
    staffed = plan.audiences.model_dump() if recipients is not None else {}
    return plan.inspection.model_dump(exclude={"phases"}) | {
        "phases": plan.inspection.phases.model_dump(mode="json"),
        "audiences": {name: _ids(recipients or {}, keys) for name, keys in staffed.items()},
    }


def finding_from(inspection: Inspection, spec: FindingSpec) -> Finding:
    """A row for one finding, not yet in any ledger.

    Args:
        inspection: its round, which has an id.
        spec: the finding as the plan says it.
    """
    return Finding(inspection_id=inspection.id, code=spec.code, title=spec.title, goal=spec.goal)


def measure_from(plan: Plan, finding: Finding, spec: MeasureSpec, recipients: dict[str, int], before: str) -> Measure:
    """A row for one measure, not yet in any ledger; its questions and duties come once it has an id.

    Args:
        plan: names the units and posts that ``spec`` refers to.
        finding: its finding, which has an id.
        spec: the measure as the plan says it.
        recipients: ids of the plan's posts by key.
        before: what stands before its code in its name, as ``before_codes`` has it.
    """
    fields = measure_fields(plan, spec, recipients)
    own = {"code": spec.code, "full_code": f"{before}{spec.code}", "inspection_id": finding.inspection_id}
    return Measure(finding_id=finding.id, work_state=spec.state, **own, **fields)


def measure_fields(plan: Plan, spec: MeasureSpec, recipients: dict[str, int]) -> dict[str, Any]:
    """What the ledger keeps of a measure as the plan says it; where its work stands is the ledger's own.

    Args:
        plan: names the units and posts that ``spec`` refers to.
        spec: the measure as the plan says it.
        recipients: ids of the plan's posts by key.

    Returns:
        Columns of a ``Measure``; finding, code and state of work are not among them.
    """
    return {
        "title": spec.title,
        "text": spec.text,
        "duration_class": spec.duration,
        "state_note": spec.state_note,
        "lead_unit": plan.units[spec.lead].name,
        "assisting_units": [plan.units[key].name for key in spec.assisting],
        "audiences": {name: _ids(recipients, keys) for name, keys in roles_for(plan, spec).items()},
        "gathers": {duty.key: units for duty in spec.duties if (units := _sources(plan, spec, duty, recipients))},
        "evidence_rule": spec.evidence,
        "warn_days": spec.warn_days,
    }


def _sources(plan: Plan, spec: MeasureSpec, duty: DutySpec, recipients: dict[str, int]) -> list[dict[str, Any]]:
    """The units a duty gathers parts from, as ``Measure.gathers`` keeps them."""
    return [
        {
            "unit": key,
            "name": plan.units[key].name,
            "handler": _ids(recipients, plan.units[key].handler),
            "leader": _ids(recipients, plan.units[key].leader),
        }
        for key in gathered_from(spec, duty, plan.units)
    ]


def questions_from(measure: Measure, spec: MeasureSpec) -> list[Question]:
    """Rows for the questions of a measure, not yet in any ledger.

    Args:
        measure: has an id.
        spec: the measure as the plan says it.
    """
    return [Question(measure_id=measure.id, **question.model_dump()) for question in spec.questions]


def duties_from(ctx: LedgerContext, measure: Measure, specs: Sequence[DutySpec]) -> list[Duty]:
    """Rows for duties of a measure, each waiting for its first window; not yet in any ledger.

    Args:
        ctx: the context; its ``today`` is the first day on which they are owed.
        measure: has an id.
        specs: the duties as the plan says them.
    """
    duties = [duty_from(spec, ctx.today, ctx.work_time) for spec in specs]
    for duty in duties:
        duty.measure_id = measure.id
    return duties


def duty_from(spec: DutySpec, today: date, work_time: WorkTime) -> Duty:
    """The duty a plan describes, waiting for its first window; not yet in any ledger.

    Args:
        spec: the duty as the plan says it.
        today: the day in the office's zone from which it is supervised.
        work_time: working days and zone of the office.
    """
    duty = Duty(**duty_fields(spec, today))
    await_window(duty, first_window(duty, today, work_time.calendar), work_time)
    return duty


def duty_fields(spec: DutySpec, since: date) -> dict[str, Any]:
    """What the ledger keeps of a duty.

    Args:
        spec: the duty as the plan says it.
        since: the day in the office's zone from which it is supervised; a one-off that names no first day runs from it,
            or from its own date where that is past already.

    Returns:
        Columns of a ``Duty``; measure, next window and retirement are not among them.
    """
    opens_on = spec.opens_on
    if spec.cadence is Cadence.ONCE and opens_on is None and spec.due_on is not None:
        # A date that is past already would lie before its own opening, which the cadence refuses.
        opens_on = min(since, spec.due_on)
    # What it gathers is kept with its measure, which knows the units' posts.
    return spec.model_dump(exclude={"due", "gather"}) | {"due": str(spec.due), "opens_on": opens_on}
