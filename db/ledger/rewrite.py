"""The rows of the ledger follow another plan, from the posts down to the duties of each measure."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from db.ledger.activate import (
    add,
    add_recipients,
    duties_from,
    finding_from,
    inspection_fields,
    measure_fields,
    measure_from,
    questions_from,
)
from db.ledger.closure_stages import withdraw_closure
from db.ledger.context import LedgerContext
from db.ledger.holdings import end_holdings, hold_by_plan, holder, leave, reach_by
from db.ledger.inspections import before_codes
from db.ledger.parts import follow_sources
from db.ledger.periods import open_of
from db.ledger.redate import drop_duties, follow_duty, reschedule_open
from db.ledger.row_images import note_gone
from db.ledger.suspend import carry_out_state
from db.models import Base, Finding, Inspection, Measure, Question, Recipient
from plan.model import DutySpec, FindingSpec, MeasureSpec, Plan
from plan.round_duties import with_round_duties
from plan.types import WorkState
from rules.actors import folded
from rules.lifecycle import move_measure
from text.catalogue import phrase


def rewrite(ctx: LedgerContext, inspection: Inspection, before: Plan, after: Plan) -> None:
    """Bring every row from one plan to another.

    Args:
        ctx: the context of the command.
        inspection: the row of the round.
        before: the plan in force.
        after: the plan that takes its place.

    Raises:
        Refusal: ``history_closed``, ``transition``.
    """
    before, after = with_round_duties(before), with_round_duties(after)
    recipients = _recipients(ctx, inspection, before, after)
    _put(inspection, inspection_fields(after, recipients))
    of_it = select(Measure).where(Measure.inspection_id == inspection.id)
    with_duties = of_it.options(selectinload(Measure.duties))
    rows = {row.code: row for row in ctx.session.execute(with_duties).scalars()}
    specs = {spec.code: spec for _, spec in _measures(before)}
    findings, before_its = _findings(ctx, inspection, after), before_codes(ctx.session, inspection)
    for place, (finding, spec) in enumerate(_measures(after)):
        row, was = rows.pop(spec.code, None), specs.get(spec.code)
        if row is None:
            row = _begin(ctx, measure_from(after, findings[finding.code], spec, recipients, before_its), spec)
        else:
            _follow_measure(ctx, row, after, was, spec, recipients)
        _put(row, {"place": place, "finding_id": findings[finding.code].id})
        _place_duties(row, spec)
    for row in rows.values():
        _retire(ctx, row)
    ctx.session.flush()


def _begin(ctx: LedgerContext, row: Measure, spec: MeasureSpec) -> Measure:
    """A measure that the plan did not have before."""
    add(ctx, [row])
    add(ctx, questions_from(row, spec))
    add(ctx, duties_from(ctx, row, spec.duties))
    carry_out_state(ctx, row, None)
    return row


def _put(row: Base, fields: dict[str, Any]) -> None:
    """Set what differs: a row that is touched is looked at again before every query."""
    for name, value in fields.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _measures(plan: Plan) -> Iterator[tuple[FindingSpec, MeasureSpec]]:
    return ((finding, measure) for finding in plan.findings for measure in finding.measures)


def _recipients(ctx: LedgerContext, inspection: Inspection, before: Plan, plan: Plan) -> dict[str, int]:
    """The ids of the plan's posts. A post it no longer names stays in the table, on no ladder, and nobody holds it.

    The roster says who holds the others, until the plan says something new of one.
    """
    of_it = select(Recipient).where(Recipient.inspection_id == inspection.id)
    present = {row.key: row for row in ctx.session.execute(of_it).scalars()}
    gone = [row for key, row in present.items() if key not in plan.roles]
    for row in gone:
        row.retired_at = row.retired_at or ctx.now
    end_holdings(ctx, [row.id for row in gone])
    changed: dict[str, int] = {}
    for key in present.keys() & plan.roles.keys():
        row, role = present[key], plan.roles[key]
        back, row.name, row.retired_at = row.retired_at is not None, role.name, None
        if back or before.roles.get(key) != role:
            held = holder(ctx, row.id)
            if held is not None and held.folded == folded(role.name):
                reach_by(ctx, held, [list(pair) for pair in role.channels.items()])
            else:
                changed[key] = row.id
    hold_by_plan(ctx, changed, plan.roles)
    added = add_recipients(ctx, inspection, plan, [key for key in plan.roles if key not in present])
    leave(ctx)
    return {key: row.id for key, row in present.items()} | added


def _findings(ctx: LedgerContext, inspection: Inspection, plan: Plan) -> dict[str, Finding]:
    of_it = select(Finding).where(Finding.inspection_id == inspection.id)
    rows = {row.code: row for row in ctx.session.execute(of_it).scalars()}
    for place, spec in enumerate(plan.findings):
        if spec.code not in rows:
            rows[spec.code] = add(ctx, [finding_from(inspection, spec)])[0]
        _put(rows[spec.code], {"title": spec.title, "goal": spec.goal, "place": place})
    return rows


def _follow_measure(
    ctx: LedgerContext, row: Measure, plan: Plan, was: MeasureSpec | None, spec: MeasureSpec, recipients: dict[str, int]
) -> None:
    """``was`` is None for a measure that was dropped earlier and comes back: its duties begin anew."""
    warned, gathered = row.warn_days, row.gathers
    _put(row, measure_fields(plan, spec, recipients) | {"retired_at": None})
    before = WorkState(row.work_state)
    _follow_state(row, was, spec)
    if was is None or was.questions != spec.questions:
        _ask(ctx, row, spec)
    if was is None or was.duties != spec.duties:
        _follow_duties(ctx, row, was.duties if was else [], spec.duties)
    if warned != row.warn_days:
        for period in open_of(ctx, row.duties):
            reschedule_open(ctx, period)
    if gathered != row.gathers:
        for period in open_of(ctx, row.duties):
            follow_sources(ctx, period)
    ctx.session.flush()
    carry_out_state(ctx, row, before)


def _follow_state(row: Measure, was: MeasureSpec | None, spec: MeasureSpec) -> None:
    """What the plan says of the work counts where it says something new: reports may have moved the ledger on since."""
    if was is None:
        row.work_state = spec.state
    # A state the plan repeats is no statement; one that the ledger reached by itself needs no step.
    elif spec.state not in (was.state, row.work_state):
        row.work_state = move_measure(row.full_code, WorkState(row.work_state), spec.state)


def _ask(ctx: LedgerContext, row: Measure, spec: MeasureSpec | None) -> None:
    """The questions of a measure are those of its plan: one that is answered is gone."""
    # Whole and not one by one: a question has no key, and nothing refers to one.
    gone = ctx.session.execute(delete(Question).where(Question.measure_id == row.id).returning(Question.id))
    note_gone(ctx.session, "questions", gone.scalars())
    add(ctx, questions_from(row, spec) if spec else [])
    ctx.session.expire(row, ["questions"])


def _follow_duties(ctx: LedgerContext, row: Measure, before: Sequence[DutySpec], after: Sequence[DutySpec]) -> None:
    known = {spec.key: spec for spec in before}
    drop_duties(ctx, row, known.keys() - {spec.key for spec in after})
    present = {duty.key: duty for duty in row.owed}
    for spec in after:
        if spec.key in known and spec != known[spec.key]:
            follow_duty(ctx, present[spec.key], known[spec.key], spec)
    add(ctx, duties_from(ctx, row, [spec for spec in after if spec.key not in known]))
    ctx.session.expire(row, ["duties"])


def _place_duties(row: Measure, spec: MeasureSpec) -> None:
    places = {duty.key: place for place, duty in enumerate(spec.duties)}
    for duty in row.owed:
        _put(duty, {"place": places[duty.key]})


def _retire(ctx: LedgerContext, row: Measure) -> None:
    """A measure the plan dropped: what it owes is withdrawn, its questions are moot, its history stays."""
    if row.retired_at is None:
        drop_duties(ctx, row, {duty.key for duty in row.duties})
        _ask(ctx, row, None)
        withdraw_closure(ctx, row, phrase("closure.retired"))
        row.retired_at = ctx.now
