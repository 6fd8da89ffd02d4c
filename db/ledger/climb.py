"""The sweep: every rung that has come due is claimed and its alerts written, in one transaction a batch.

Set-based: one locked range scan, one decision per row in Python, then one statement per table. A row that cannot be
decided is parked with its error and the sweep goes on. ``tests/promises`` holds exactly-once under two sweeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Integer, Row, Text, bindparam, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from config.types import PeriodState
from db.ledger import audit, outbox
from db.ledger.bulk import UNSEEN, among, insert_rows
from db.ledger.desk import Desk, resolve, severity_of
from db.models import LIVE, Alert, Duty, Escalation, Measure, Period
from rules.climb import Climb, Standing
from rules.ladder import Dates, Step, shift
from rules.vacancy import climb_to_somebody

BATCH = 1000
_IF_NEW = "ON CONFLICT DO NOTHING RETURNING id"

_DUE = (
    select(
        Period.id,
        Period.opens_on,
        Period.due_on,
        Period.submitted_on,
        Period.round,
        Period.state,
        Period.fired,
        Period.repeats,
        Period.last_fired_on,
        Period.hold_until,
        Period.ladder_id,
        Measure.warn_days,
        Measure.audiences,
    )
    .join(Duty, Duty.id == Period.duty_id)
    .join(Measure, Measure.id == Duty.measure_id)
    .where(Period.next_step_at <= bindparam("now"))
    .order_by(Period.next_step_at)
    .limit(bindparam("batch"))
    .with_for_update(of=Period, skip_locked=True)
)

# One statement moves a whole batch on; an ORM update would be a round trip per row.
_MOVE_ON = text(
    """
    UPDATE periods SET
        fired = periods.fired || string_to_array(moved.keys, ','),
        repeats = moved.repeats, next_step_at = moved.next_at,
        last_fired_on = CASE WHEN moved.keys = '' THEN periods.last_fired_on ELSE moved.today END
    FROM unnest(:ids, :keys, :repeats, :next_at) AS moved_row(id, keys, repeats, next_at)
    CROSS JOIN LATERAL (SELECT moved_row.*, CAST(:today AS date) AS today) AS moved
    WHERE periods.id = moved.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(BigInteger)),
    bindparam("keys", type_=ARRAY(Text)),
    bindparam("repeats", type_=ARRAY(Integer)),
    bindparam("next_at", type_=ARRAY(DateTime(timezone=True))),
)


@dataclass(slots=True)
class Totals:
    """What a sweep did; ``truncated`` when it stopped before all that was due was done."""

    opened: int = 0
    rungs: int = 0
    alerts: int = 0
    escalations: int = 0
    messages: int = 0
    parked: int = 0
    truncated: bool = False

    def add(self, other: "Totals") -> None:
        """Add the counts of one batch."""
        for name in ("opened", "rungs", "alerts", "escalations", "messages", "parked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Decision:
    """What one period owes now: its climb, and whom each step speaks to."""

    period_id: int
    climb: Climb
    told: list[tuple[Step, list[int]]]

    @property
    def empty(self) -> list[str]:
        """The steps nobody stands on."""
        return [step.key for step, recipients in self.told if not recipients]


def sweep(desk: Desk, totals: Totals, batch: int = BATCH) -> int:
    """Record one batch of due rungs and add to ``totals``; returns how many periods were due in it."""
    rows = desk.session.execute(_DUE, {"now": desk.now, "batch": batch}).all()
    decisions = []
    for row in rows:
        try:
            decisions.append(_decide(desk, row))
        except Exception as error:  # a poison row is parked, whatever is wrong with it
            _park(desk, row.id, error)
            totals.parked += 1
    if decisions and not _try_record(desk, decisions, totals):
        for decision in decisions:
            _record_alone(desk, decision, totals)
    return len(rows)


def _try_record(desk: Desk, decisions: Sequence[Decision], totals: Totals) -> bool:
    """Write a batch inside a savepoint; ``False`` when one of its rows cannot be written."""
    try:
        with desk.session.begin_nested():
            done = _record(desk, decisions)
    except (DataError, IntegrityError):
        return False
    totals.add(done)
    return True


def _record_alone(desk: Desk, decision: Decision, totals: Totals) -> None:
    try:
        with desk.session.begin_nested():
            done = _record(desk, [decision])
    except (DataError, IntegrityError) as error:
        _park(desk, decision.period_id, error)
        totals.parked += 1
    else:
        totals.add(done)


def _decide(desk: Desk, row: Row[Any]) -> Decision:
    state = PeriodState(row.state)
    dates = Dates(row.opens_on, row.due_on, row.submitted_on, row.round, row.warn_days)
    standing = Standing(state, frozenset(row.fired), row.repeats, row.last_fired_on, row.hold_until)
    ladder = desk.ladders.get(desk.session, row.ladder_id)
    steps = desk.ladders.steps(desk, row.ladder_id, dates, state)
    decided = climb_to_somebody(
        ladder, steps, standing, desk.now, desk.office, lambda rung: bool(resolve(row.audiences, rung.audience))
    )
    return Decision(row.id, decided, [(step, resolve(row.audiences, step.rung.audience)) for step in decided.steps])


def _record(desk: Desk, decisions: Sequence[Decision]) -> Totals:
    """Write one batch: letters, alerts, escalations, the periods themselves, the audit entry."""
    totals = Totals()
    audit.queue(desk)
    spoken = [(decision.period_id, step, who) for decision in decisions for step, who in decision.told]
    severities: dict[int, int] = {}
    for _, step, recipients in spoken:
        rank = severity_of(step.rung.level)
        for recipient in recipients:
            severities[recipient] = max(rank, severities.get(recipient, 0))
    if severities:
        letters, made = outbox.digests(desk, severities)
        totals.messages += made
        totals.alerts += _write_alerts(desk, spoken, letters)
    totals.escalations += _escalate(desk, spoken)
    _move_on(desk, decisions)
    totals.rungs += len(spoken)
    for decision in decisions:
        for key in decision.empty:
            outbox.tell_operators(desk, f"empty:{decision.period_id}:{key}", f"节点 {key} 无人在岗，已直接上升到下一级")
    claims = [[decision.period_id, *(step.key for step, _ in decision.told)] for decision in decisions if decision.told]
    if claims:
        audit.append(desk, "climb", f"{len(claims)} periods", claims=claims)
    return totals


def _write_alerts(desk: Desk, spoken: Sequence[tuple[int, Step, list[int]]], letters: dict[int, int]) -> int:
    rows = [
        {
            "period_id": period_id,
            "rung": step.key,
            "recipient_id": recipient,
            "kind": step.rung.kind,
            "level": step.rung.level,
            "fell_due_at": step.at,
            "message_id": letters[recipient],
        }
        for period_id, step, recipients in spoken
        for recipient in recipients
    ]
    return len(insert_rows(desk.session, Alert, rows, _IF_NEW, recorded_at=desk.now).all())


def _escalate(desk: Desk, spoken: Sequence[tuple[int, Step, list[int]]]) -> int:
    """Open an escalation for every rung that carries a limit; a higher one takes over from the lower."""
    raised = [(period_id, step, who) for period_id, step, who in spoken if step.rung.limit is not None and who]
    raised = _without_answered(desk, raised)
    if not raised:
        return 0
    highest = {period_id: step.key for period_id, step, _ in raised}
    live = among(Escalation.period_id, highest), Escalation.state.in_(LIVE)
    desk.session.execute(update(Escalation).where(*live).values(state="superseded"), execution_options=UNSEEN)
    rows = [
        {
            "period_id": period_id,
            "rung": step.key,
            "level": step.rung.level,
            "recipients": who,
            "limit_on": _limit(desk, step),
            "state": "open" if highest[period_id] == step.key else "superseded",
            "settled": highest[period_id] != step.key,
        }
        for period_id, step, who in raised
    ]
    return len(insert_rows(desk.session, Escalation, rows, _IF_NEW, opened_at=desk.now).all())


def _without_answered(desk: Desk, raised: list[tuple[int, Step, list[int]]]) -> list[tuple[int, Step, list[int]]]:
    """A repeat only reminds while an escalation is open; it opens one where none is."""
    repeats = {period_id for period_id, step, _ in raised if step.rung.key == "repeat"}
    if not repeats:
        return raised
    query = select(Escalation.period_id).where(among(Escalation.period_id, repeats), Escalation.state.in_(LIVE))
    answered = set(desk.session.execute(query).scalars())
    return [one for one in raised if one[1].rung.key != "repeat" or one[0] not in answered]


def _limit(desk: Desk, step: Step) -> date:
    assert step.rung.limit is not None
    return shift(desk.today, step.rung.limit, desk.office.calendar)


def _move_on(desk: Desk, decisions: Sequence[Decision]) -> None:
    next_at: list[datetime | None] = [decision.climb.next_at for decision in decisions]
    desk.session.execute(
        _MOVE_ON,
        {
            "ids": [decision.period_id for decision in decisions],
            "keys": [",".join(step.key for step, _ in decision.told) for decision in decisions],
            "repeats": [decision.climb.repeats for decision in decisions],
            "next_at": next_at,
            "today": desk.today,
        },
    )


def _park(desk: Desk, period_id: int, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:2000]
    parked = {"next_step_at": None, "parked_at": desk.now, "parked_error": reason}
    desk.session.execute(update(Period).where(Period.id == period_id).values(parked))
    audit.append(desk, "park", f"period {period_id}", period=period_id, reason=reason)
    note = f"期次 {period_id} 无法推进，已搁置：{reason[:200]}"
    outbox.tell_operators(desk, f"parked:{period_id}:{desk.today}", note)
