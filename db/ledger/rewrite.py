"""The rows of the ledger follow another plan, from the posts down to the duties of each measure."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import selectinload

from config.plan import DutySpec, FindingSpec, MeasureSpec, Plan, RoleSpec
from config.types import WorkState
from db.ledger.activate import (
    add,
    add_recipients,
    duties_from,
    finding_from,
    inspection_fields,
    measure_fields,
    measure_from,
    questions_from,
    recipient_fields,
)
from db.ledger.desk import Desk
from db.ledger.redate import drop_duties, follow_duty, open_of, rearm_open
from db.models import Base, Finding, Inspection, Measure, Message, Question, Recipient
from rules.lifecycle import move_measure


def rewrite(desk: Desk, inspection: Inspection, before: Plan, after: Plan) -> None:
    """Bring every row from the plan ``before`` to ``after``. Raises ``Refusal``: ``history_closed``, ``transition``."""
    recipients = _recipients(desk, after)
    _put(inspection, inspection_fields(after, recipients))
    with_duties = select(Measure).options(selectinload(Measure.duties))
    rows = {row.code: row for row in desk.session.execute(with_duties).scalars()}
    specs = {spec.code: spec for _, spec in _measures(before)}
    findings = _findings(desk, inspection, after)
    for place, (finding, spec) in enumerate(_measures(after)):
        row, was = rows.pop(spec.code, None), specs.get(spec.code)
        if row is None:
            row = _begin(desk, measure_from(after, findings[finding.code], spec, recipients), spec)
        else:
            _follow_measure(desk, row, after, was, spec, recipients)
        _put(row, {"place": place, "finding_id": findings[finding.code].id})
        _place_duties(row, spec)
    for row in rows.values():
        _retire(desk, row)
    desk.session.flush()


def _begin(desk: Desk, row: Measure, spec: MeasureSpec) -> Measure:
    """A measure that the plan did not have before."""
    add(desk, [row])
    add(desk, questions_from(row, spec))
    add(desk, duties_from(desk, row, spec.duties))
    return row


def _put(row: Base, fields: dict[str, Any]) -> None:
    """Set what differs: a row that is touched is looked at again before every query."""
    for name, value in fields.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _measures(plan: Plan) -> Iterator[tuple[FindingSpec, MeasureSpec]]:
    return ((finding, measure) for finding in plan.findings for measure in finding.measures)


def _recipients(desk: Desk, plan: Plan) -> dict[str, int]:
    """The ids of the plan's posts. A post it no longer names stays in the table, on no ladder."""
    present = {row.key: row for row in desk.session.execute(select(Recipient)).scalars()}
    for key in plan.roles.keys() & present.keys():
        _follow_role(desk, present[key], plan.roles[key])
    added = add_recipients(desk, plan, [key for key in plan.roles if key not in present])
    return {key: row.id for key, row in present.items()} | added


def _follow_role(desk: Desk, row: Recipient, role: RoleSpec) -> None:
    fields = recipient_fields(role)
    if row.channels != fields["channels"]:  # letters on their way count channels by their place in the old list
        waiting = update(Message).where(Message.recipient_id == row.id, Message.next_try_at.is_not(None))
        desk.session.execute(waiting.values(channel_index=0, attempts=0))
    row.name, row.channels = fields["name"], fields["channels"]


def _findings(desk: Desk, inspection: Inspection, plan: Plan) -> dict[str, Finding]:
    rows = {row.code: row for row in desk.session.execute(select(Finding)).scalars()}
    for place, spec in enumerate(plan.findings):
        if spec.code not in rows:
            rows[spec.code] = add(desk, [finding_from(inspection, spec)])[0]
        _put(rows[spec.code], {"title": spec.title, "place": place})
    return rows


def _follow_measure(
    desk: Desk, row: Measure, plan: Plan, was: MeasureSpec | None, spec: MeasureSpec, recipients: dict[str, int]
) -> None:
    """``was`` is None for a measure that was dropped earlier and comes back: its duties begin anew."""
    warned = row.warn_days
    _put(row, measure_fields(plan, spec, recipients) | {"retired_at": None})
    _follow_state(row, was, spec)
    if was is None or was.questions != spec.questions:
        _ask(desk, row, spec)
    if was is None or was.duties != spec.duties:
        _follow_duties(desk, row, was.duties if was else [], spec.duties)
    if warned != row.warn_days:
        for period in open_of(desk, row.duties):
            rearm_open(desk, period)


def _follow_state(row: Measure, was: MeasureSpec | None, spec: MeasureSpec) -> None:
    """What the plan says of the work counts where it says something new: reports may have moved the ledger on since."""
    if was is None:
        row.work_state = spec.state
    elif spec.state not in (was.state, row.work_state):
        row.work_state = move_measure(row.code, WorkState(row.work_state), spec.state)


def _ask(desk: Desk, row: Measure, spec: MeasureSpec | None) -> None:
    """The questions of a measure are those of its plan: one that is answered is gone."""
    desk.session.execute(delete(Question).where(Question.measure_id == row.id))
    add(desk, questions_from(row, spec) if spec else [])
    desk.session.expire(row, ["questions"])


def _follow_duties(desk: Desk, row: Measure, before: Sequence[DutySpec], after: Sequence[DutySpec]) -> None:
    known = {spec.key: spec for spec in before}
    drop_duties(desk, row, known.keys() - {spec.key for spec in after})
    present = {duty.key: duty for duty in row.owed}
    for spec in after:
        if spec.key in known and spec != known[spec.key]:
            follow_duty(desk, present[spec.key], known[spec.key], spec)
    add(desk, duties_from(desk, row, [spec for spec in after if spec.key not in known]))
    desk.session.expire(row, ["duties"])


def _place_duties(row: Measure, spec: MeasureSpec) -> None:
    places = {duty.key: place for place, duty in enumerate(spec.duties)}
    for duty in row.owed:
        _put(duty, {"place": places[duty.key]})


def _retire(desk: Desk, row: Measure) -> None:
    """A measure the plan dropped: what it owes is withdrawn, its questions are moot, its history stays."""
    if row.retired_at is None:
        drop_duties(desk, row, {duty.key for duty in row.duties})
        _ask(desk, row, None)
        row.retired_at = desk.now
