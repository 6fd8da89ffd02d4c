"""Activation: a checked plan becomes the ledger, in one transaction, and what it owes now opens at once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from config.plan import DutySpec, FindingSpec, MeasureSpec, Plan
from config.types import Audience, Cadence
from db.ledger import audit
from db.ledger.desk import Desk
from db.ledger.periods import first_window, open_due
from db.models import Duty, Finding, Inspection, Measure, Question, Recipient
from rules.ladder import Office
from rules.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Activated:
    """What activation wrote; all zero when this very plan was active already."""

    measures: int
    duties: int
    opened: int


def plan_digest(plan: Plan) -> str:
    """The SHA-256 of a plan's content, whatever its layout."""
    return hashlib.sha256(repr(plan.model_dump(mode="python")).encode()).hexdigest()


def activate(desk: Desk, plan: Plan) -> Activated:
    """Put ``plan`` under supervision as of the desk's ``now``.

    Recurring duties start with the period that contains that instant; history before it is not invented. A one-off date
    already past is opened overdue. The same plan again changes nothing. Raises ``Refusal`` (``plan_loaded``) when the
    ledger supervises another plan.
    """
    digest = plan_digest(plan)
    present = desk.session.execute(select(Inspection)).scalar_one_or_none()
    if present is not None and present.plan_digest != digest:
        raise Refusal("plan_loaded", title=present.title)
    if present is not None:
        return Activated(0, 0, 0)
    recipients = _recipients(desk, plan)
    inspection = _inspection(desk, plan, digest, recipients)
    specs = [(_finding(desk, inspection, spec), spec) for spec in plan.findings]
    measures = [
        (_measure(desk, plan, finding, measure, recipients), measure)
        for finding, spec in specs
        for measure in spec.measures
    ]
    duties = sum(len(_duties(desk, measure, spec.duties)) for measure, spec in measures)
    audit.append(desk, "activate", inspection.key, digest=digest, measures=len(measures), duties=duties)
    opened = sum(iter(lambda: open_due(desk, timedelta(0)), 0))
    return Activated(len(measures), duties, opened)


def _recipients(desk: Desk, plan: Plan) -> dict[str, int]:
    rows = [
        Recipient(key=key, name=role.name, channels=[list(pair) for pair in role.channels.items()])
        for key, role in plan.roles.items()
    ]
    desk.session.add_all(rows)
    desk.session.flush()
    return {row.key: row.id for row in rows}


def _ids(recipients: dict[str, int], keys: Iterable[str]) -> list[int]:
    return list(dict.fromkeys(recipients[key] for key in keys))


def _inspection(desk: Desk, plan: Plan, digest: str, recipients: dict[str, int]) -> Inspection:
    spec = plan.inspection
    upper = {name: _ids(recipients, keys) for name, keys in plan.audiences.model_dump().items()}
    row = Inspection(
        **spec.model_dump(exclude={"phases"}),
        phases=spec.phases.model_dump(mode="json"),
        audiences=upper,
        plan_digest=digest,
        activated_at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def _finding(desk: Desk, inspection: Inspection, spec: FindingSpec) -> Finding:
    finding = Finding(inspection_id=inspection.id, code=spec.code, title=spec.title)
    desk.session.add(finding)
    desk.session.flush()
    return finding


def _measure(desk: Desk, plan: Plan, finding: Finding, spec: MeasureSpec, recipients: dict[str, int]) -> Measure:
    measure = Measure(
        finding_id=finding.id,
        code=spec.code,
        title=spec.title,
        text=spec.text,
        duration_class=spec.duration,
        work_state=spec.state,
        state_note=spec.state_note,
        lead_unit=plan.units[spec.lead].name,
        assisting_units=[plan.units[key].name for key in spec.assisting],
        audiences=_audiences(plan, spec, recipients),
        evidence_rule=spec.evidence,
        warn_days=spec.warn_days,
        questions=[Question(**question.model_dump()) for question in spec.questions],
    )
    desk.session.add(measure)
    desk.session.flush()
    return measure


def _audiences(plan: Plan, spec: MeasureSpec, recipients: dict[str, int]) -> dict[str, Any]:
    lead, upper = plan.units[spec.lead], plan.audiences
    keys: dict[Audience, Sequence[str]] = {
        Audience.HANDLER: lead.handler,
        Audience.LEADER: lead.leader,
        Audience.ASSISTING: [key for unit in spec.assisting for key in plan.units[unit].handler],
        Audience.DEPUTY: spec.deputy or upper.deputy,
        Audience.HEAD: upper.head,
        Audience.DISCIPLINE: upper.discipline,
        Audience.OFFICE: upper.office,
    }
    return {name: _ids(recipients, found) for name, found in keys.items()}


def _duties(desk: Desk, measure: Measure, specs: Sequence[DutySpec]) -> list[Duty]:
    duties = [duty_from(spec, desk.today, desk.office) for spec in specs]
    for duty in duties:
        duty.measure_id = measure.id
    desk.session.add_all(duties)
    desk.session.flush()
    return duties


def duty_from(spec: DutySpec, today: date, office: Office) -> Duty:
    """The duty a plan describes, activated on ``today``: it waits for its first window; not yet in any ledger."""
    opens_on = spec.opens_on
    if spec.cadence is Cadence.ONCE and opens_on is None and spec.due_on is not None:
        opens_on = min(today, spec.due_on)
    fields = spec.model_dump(exclude={"due", "opens_on"})
    duty = Duty(**fields, due=str(spec.due), opens_on=opens_on)
    starting = first_window(duty, today, office.calendar)
    duty.next_ordinal = starting.ordinal if starting else None
    duty.next_opens_at = office.start_of(starting.starts_on) if starting else None
    return duty
