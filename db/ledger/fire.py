"""Firing: every rung that has come due is claimed and its alerts written, in one transaction a batch.

Set-based: one locked range scan, one decision per row in Python, then a few statements for all. A row that cannot be
decided is parked with its error and the others go on. ``tests/promises`` holds exactly-once under two sweeps.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, exists, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from db.ledger import audit, message_queue
from db.ledger.bulk import AnyRow, as_json, insert_rows
from db.ledger.context import LedgerContext, period_dates, recipients_for
from db.ledger.one_ladder import led
from db.ledger.row_images import note_rows, stated
from db.models import Duty, Escalation, Measure, Period
from plan.types import LIVE, Audience, DutyKind, EscalationState, PeriodState, severity
from rules.due_steps import DueSteps, LadderProgress, due_steps
from rules.ladder import Step, shift

# Decided and written in about 0.15 s (docs/performance.md): as long, and no longer, a report of these periods waits.
BATCH = 1000
# What is there of these periods, and the last number of the year; the chain is held, so nobody opens sheets meanwhile.
_SHEETS = text("SELECT period_id, rung, due_on FROM escalations WHERE period_id = ANY(:periods)")
_LAST_NUMBERS = text("SELECT kind, max(serial) FROM escalations WHERE year = :year GROUP BY kind")
_UNANSWERED = (
    "acknowledged_by", "acknowledged_until", "instruction", "instructed_by", "instructed_at", "new_limit_on",
    "held_on", "attended",
)  # fmt: skip
"""What a sheet has nothing of when it opens."""

_DUE = (
    select(
        Period.id,
        Period.next_step_at,
        Measure.audiences,
        exists().where(Escalation.period_id == Period.id, Escalation.state.in_(LIVE)).label("answered"),
        Period.fired,
        # From here on what decides with ``fired`` and who is there: see _WHAT_DECIDES.
        Period.state,
        Period.opens_on,
        Period.due_on,
        Period.submitted_on,
        Period.round,
        Period.repeats,
        Period.last_fired_on,
        Period.hold_until,
        Period.ladder_id,
        Period.climbs_from,
        Duty.kind,
        Measure.warn_days,
        case((Duty.kind == DutyKind.FINISH, Measure.heard_on)).label("heard_on"),
        led().label("led"),
    )
    .join(Duty, Duty.id == Period.duty_id)
    .join(Measure, Measure.id == Duty.measure_id)
    # By range: a day on which nobody patrolled is caught up with (architecture 5).
    .where(Period.next_step_at <= bindparam("now"))
    # By the index alone: with the id as well, the whole of what is due would be sorted for every batch.
    .order_by(Period.next_step_at)
    .limit(bindparam("batch"))
    # What another sweep or a command holds is left out and comes with the next batch, instead of being waited for.
    .with_for_update(of=Period, skip_locked=True)
)

_WHAT_DECIDES = slice(5, None)
# One statement writes the alerts of a batch and moves its periods on; an ORM update would be a round trip per row.
_WRITE = text(
    """
    WITH told AS (
        INSERT INTO alerts (period_id, rung, limit_on, recipient_id, kind, level, fell_due_at, message_id, recorded_at)
        SELECT period_id, rung, limit_on, recipient_id, kind, level, fell_due_at, message_id, :now
        FROM json_populate_recordset(CAST(NULL AS alerts), CAST(:alerts AS json))
        ON CONFLICT DO NOTHING RETURNING id
    ), moved_on AS (
        UPDATE periods SET
            fired = periods.fired || moved.keys, repeats = moved.repeats, next_step_at = moved.next_at,
            last_fired_on = CASE WHEN moved.keys = '{}' THEN periods.last_fired_on ELSE CAST(:today AS date) END
        FROM json_to_recordset(CAST(:moved AS json))
            AS moved(id bigint, keys text[], repeats integer, next_at timestamptz)
        WHERE periods.id = moved.id
    )
    SELECT count(*) FROM told
    """
)
_SUPERSEDE = text(
    "UPDATE escalations SET state = 'superseded' WHERE period_id = ANY(:periods) AND state = ANY(:live) RETURNING id"
)


_AUDIENCES: frozenset[str] = frozenset(Audience)


@dataclass(slots=True)
class Totals:
    """What a patrol did; ``truncated`` when it stopped before all that was due was done."""

    opened: int = 0
    rungs: int = 0
    alerts: int = 0
    escalations: int = 0
    messages: int = 0
    parked: int = 0
    truncated: bool = False

    def add(self, other: "Totals") -> None:
        """Add the counts of one batch.

        Args:
            other: its counts; whether it was cut short is the patrol's own to say.
        """
        for name in ("opened", "rungs", "alerts", "escalations", "messages", "parked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Raised(NamedTuple):
    """A period was raised to a higher rung before its time: by whom, and why."""

    by: str
    reason: str


@dataclass(slots=True)
class DueDecision:
    """What one period owes now: its steps, and whom each step speaks to.

    ``due_on``: the limit that its steps belong to. ``answered``: an escalation of the period waits for a supervisor.
    ``raised``: somebody had the last step taken early, and those before it passed over; None where the climb took it.
    """

    period_id: int
    due_on: date
    answered: bool
    due: DueSteps
    told: list[tuple[Step, list[int]]]
    raised: Raised | None = None


def fire_due(ctx: LedgerContext, totals: Totals, batch: int = BATCH, one_by_one: bool = False) -> int:
    """Record one batch of due rungs.

    Args:
        ctx: the context; what falls due at or before its ``now`` is due.
        totals: what was done is added to it.
        batch: the most periods to take; those another sweep holds are left to it.
        one_by_one: write every period by itself; one that cannot be written is parked and the others go on.

    Returns:
        How many periods were due in it.

    Raises:
        DataError: one of them cannot be written with the others: ``one_by_one`` finds which.
        IntegrityError: likewise.
    """
    found = ctx.connection.execute(_DUE, {"now": ctx.now, "today": ctx.today, "batch": batch}).all()
    # What is due at one instant comes in the order of its periods, so that sheets get the same numbers each time.
    rows = sorted(found, key=lambda row: (row.next_step_at, row.id))
    gone = ctx.unheld() if rows else frozenset()
    decisions = []
    # Periods that are alike in all that decides climb alike: nearly all of those that fall due together.
    alike: dict[tuple[Any, ...], DueSteps] = {}
    for row in rows:
        try:
            held = _held(row.audiences, gone) if gone else row.audiences
            vacant = _AUDIENCES.difference([name for name, posts in held.items() if posts])
            facts = (*row[_WHAT_DECIDES], *row.fired, vacant)
            if (due := alike.get(facts)) is None:
                due = alike[facts] = _due_steps_of(ctx, row, vacant)
            told = [(step, recipients_for(held, step.rung.audience)) for step in due.steps]
            decisions.append(DueDecision(row.id, row.due_on, row.answered, due, told))
        # Deciding writes nothing and reads a ladder at most: after any error of it the transaction is still whole.
        except Exception as error:  # a poison row is parked, whatever is wrong with it
            _park(ctx, row.id, error)
            totals.parked += 1
    decisions = _known(ctx, decisions, totals)
    if not one_by_one:
        if decisions:
            record(ctx, decisions, totals)
        return len(rows)
    for decision in decisions:
        try:
            # A savepoint each: PostgreSQL refuses everything after an error until one is rolled back.
            with ctx.session.begin_nested():
                record(ctx, [decision], totals)
        except (DataError, IntegrityError) as error:
            _park(ctx, decision.period_id, error)
            totals.parked += 1
    return len(rows)


def _due_steps_of(ctx: LedgerContext, row: AnyRow, vacant: frozenset[str]) -> DueSteps:
    state = PeriodState(row.state)
    dates = period_dates(row, row.kind, row.warn_days, row.heard_on)
    progress = LadderProgress(state, frozenset(row.fired), row.repeats, row.last_fired_on, row.hold_until)
    ladder = ctx.ladders.get(ctx.session, row.ladder_id)
    steps = ctx.ladders.steps(ctx, row.ladder_id, dates, state)
    return due_steps(ladder, steps, progress, ctx.now, ctx.work_time, vacant, row.led)


def _known(ctx: LedgerContext, decisions: Sequence[DueDecision], totals: Totals) -> list[DueDecision]:
    """The decisions whose posts exist; a period that speaks to one that does not is parked."""
    posts = {post for one in decisions for _, who in one.told for post in who}
    stands = ctx.stands(post for post in posts if isinstance(post, int))
    if not (strange := {post for post in posts if stands.get(post) is None}):
        return list(decisions)
    known = []
    for one in decisions:
        if missing := strange.intersection(post for _, who in one.told for post in who):
            _park(ctx, one.period_id, LookupError(f"there is no post {min(missing)}"))
            totals.parked += 1
        else:
            known.append(one)
    return known


def _held(audiences: dict[str, list[int]], gone: Collection[int]) -> dict[str, list[int]]:
    """Who stands for which audience, without the posts that are vacant all the way up."""
    return {name: [post for post in posts if post not in gone] for name, posts in audiences.items()}


def record(ctx: LedgerContext, decisions: Sequence[DueDecision], totals: Totals) -> None:
    """Write what was decided: letters, sheets, alerts and the periods themselves, the audit entry.

    Args:
        ctx: the context; it is written at its ``now``.
        decisions: of periods that are locked by this transaction.
        totals: what was done is added to it.
    """
    # The chain before the letters, so that no two sweeps wait for each other.
    audit.queue(ctx.session)
    raised = {one.period_id for one in decisions if one.raised}
    spoken = [(one.period_id, one.due_on, step, who) for one in decisions for step, who in one.told]
    posts = {post for _, _, _, who in spoken for post in who}
    stands = ctx.stands(posts)
    person_of = {post: one.who.person for post in posts if (one := stands[post])}
    severities: dict[int, int] = {}
    for _, _, step, recipients in spoken:
        rank = severity(step.rung.level)
        for recipient in recipients:
            person = person_of[recipient]
            severities[person] = max(rank, severities.get(person, 0))
    letters, messages = message_queue.daily_messages(ctx, severities) if severities else ({}, 0)
    escalations = _escalate(ctx, decisions)
    alerts = [
        {
            "period_id": period_id,
            "rung": step.key,
            "limit_on": due_on if step.rung.anchor == "due" else None,
            "recipient_id": recipient,
            "kind": step.rung.kind,
            "level": step.rung.level,
            "fell_due_at": step.at,
            "message_id": letters[person_of[recipient]],
        }
        for period_id, due_on, step, recipients in spoken
        for recipient in recipients
    ]
    moved = [
        {
            "id": decision.period_id,
            "keys": [step.key for step, _ in decision.told],
            "repeats": decision.due.repeats,
            "next_at": decision.due.next_at,
        }
        for decision in decisions
    ]
    written = {"alerts": as_json(alerts), "moved": as_json(moved), "now": ctx.now, "today": ctx.today}
    new: int = ctx.connection.execute(_WRITE, written).scalar_one()
    for period_id, _, step, recipients in spoken:
        if not recipients and period_id not in raised:
            said = "已直接上升到下一级" if step.late else "没有人收到"
            note = f"节点 {step.key} 无人在岗，{said}"
            message_queue.notify_operators(ctx, f"empty:{period_id}:{step.key}", note)
    message_queue.enqueue(ctx, message_queue.gap_words(ctx, posts))
    audit.append(ctx, audit.CLIMB, f"{len(decisions)} periods", **_claims(ctx, decisions))
    totals.add(Totals(rungs=len(spoken), alerts=new, escalations=escalations, messages=messages))


def _claims(ctx: LedgerContext, decisions: Sequence[DueDecision]) -> dict[str, Any]:
    """What the climb of many periods made of them and of their alerts, each fact once (``replay`` reads it back).

    A claim is a period, its number of repeats, the place of the instant of its next look, and of what was told.
    """
    instants: dict[datetime | None, int] = {}
    told: dict[tuple[str, date | None, str, str, tuple[int, ...]], int] = {}
    claims = []
    for decision in decisions:
        next_at, due_on = decision.due.next_at, decision.due_on
        claim = [decision.period_id, decision.due.repeats, instants.setdefault(next_at, len(instants))]
        for step, who in decision.told:
            rung = step.rung
            spoken = (step.key, due_on if rung.anchor == "due" else None, rung.kind, rung.level, tuple(who))
            claim.append(told.setdefault(spoken, len(told)))
        claims.append(claim)
    return {
        "on": stated(ctx.today),
        "instants": [stated(one) for one in instants],
        "told": [stated(one) for one in told],
        "claims": claims,
    }


def _escalate(ctx: LedgerContext, decisions: Sequence[DueDecision]) -> int:
    """Open an escalation for every rung that carries a limit; a higher one takes over from the lower.

    A repeat only reminds while an escalation is open; it opens one where none is.
    """
    asking = [
        (one, step, who, limit)
        for one in decisions
        for step, who in one.told
        if (limit := step.rung.limit) and who and not (one.answered and step.rung.key == "repeat")
    ]
    if not asking:
        return 0
    # Steps come in the order of time, so the last one of a period stays.
    highest = {one.period_id: step.key for one, step, _, _ in asking}
    rows = [
        {
            "period_id": one.period_id,
            "rung": step.key,
            "kind": step.rung.kind,
            "level": step.rung.level,
            "recipients": who,
            "needed": min(step.rung.acknowledge, len(who)),
            "due_on": one.due_on,
            "raised_by": one.raised.by if one.raised else None,
            "raise_reason": one.raised.reason if one.raised else None,
            # From the day on which it fires, not on which it fell due: a limit that is over already helps nobody.
            "limit_on": shift(ctx.today, limit, ctx.work_time.calendar),
            "state": EscalationState.OPEN if highest[one.period_id] == step.key else EscalationState.SUPERSEDED,
        }
        for one, step, who, limit in asking
    ]
    # A rung that has its sheet already opens no second one, whoever else fired it.
    there = {tuple(row) for row in ctx.connection.execute(_SHEETS, {"periods": list(highest)})}
    rows = [row for row in rows if (row["period_id"], row["rung"], row["due_on"]) not in there]
    # Before the insert, which would else be superseded along; a period never has two live sheets.
    over = ctx.connection.execute(_SUPERSEDE, {"periods": list(highest), "live": list(LIVE)}).scalars()
    note_rows(ctx.session, "escalations", ({"id": one} for one in over), state=EscalationState.SUPERSEDED)
    if not rows:
        return 0
    last: Counter[str] = Counter(dict(ctx.connection.execute(_LAST_NUMBERS, {"year": ctx.today.year}).tuples().all()))
    for row in rows:
        kind = str(row["kind"])
        last[kind] += 1
        row["serial"] = last[kind]
    shared = {"opened_at": ctx.now, "year": ctx.today.year}
    written = insert_rows(ctx.connection, Escalation, rows, "RETURNING id, kind, serial", **shared).all()
    opened = {(row["kind"], row["serial"]): row for row in rows}
    images = ({"id": one, **opened[kind, serial]} for one, kind, serial in written)
    nothing: dict[str, Any] = {"acknowledgements": [], "circulated": False, **dict.fromkeys(_UNANSWERED)}
    note_rows(ctx.session, "escalations", images, **shared, **nothing)
    return len(rows)


def _park(ctx: LedgerContext, period_id: int, error: Exception) -> None:
    # A database's error may quote the row, which may be as large as a report.
    reason = f"{type(error).__name__}: {error}"[:2000]
    parked = {"next_step_at": None, "parked_at": ctx.now, "parked_error": reason}
    ctx.session.execute(update(Period).where(Period.id == period_id).values(parked))
    note_rows(ctx.session, "periods", [{"id": period_id, **parked}])
    audit.append(ctx, "park", f"period {period_id}", period=period_id, reason=reason)
    note = f"期次 {period_id} 无法推进，已搁置：{reason[:200]}"
    # The day is part of the key: what fails every hour is told once a day.
    message_queue.notify_operators(ctx, f"parked:{period_id}:{ctx.today}", note)
