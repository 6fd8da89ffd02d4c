"""Opening periods: whatever should have opened by now is opened, in order, once; the unique key decides who did it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from db.ledger import audit, message_queue
from db.ledger.bulk import among, insert_rows
from db.ledger.context import LedgerContext, name_of
from db.ledger.escalations import end_as_moot
from db.ledger.parts import Asking, ask_parts
from db.ledger.row_images import note_rows
from db.models import Duty, LadderSnapshot, Measure, Period
from plan.due import DueRule
from plan.policy import Ladder
from plan.types import OPEN, Cadence, DutyKind, PeriodState, Precision, Roll
from rules.cadence import CadenceRule, Window, next_window, window, window_at
from rules.calendar import WorkCalendar
from rules.due_steps import first_at
from rules.forecast import opened_period
from rules.lifecycle import move_period
from rules.work_time import WorkTime

OPENED_AT_ONCE = 1000


_IF_NEW = "ON CONFLICT (duty_id, ordinal) DO NOTHING RETURNING id, duty_id, ordinal"
_OWING = (
    select(Duty)
    .join(Duty.measure)
    .options(contains_eager(Duty.measure))
    .execution_options(populate_existing=True)  # the patrol wakes parked duties behind the session's back
)
# Mostly there is none: their numbers alone are asked for first.
_DUE = (
    select(Duty.id)
    .where(Duty.next_opens_at <= bindparam("until"))
    .order_by(Duty.next_opens_at, Duty.id)
    .limit(OPENED_AT_ONCE)
    .with_for_update(skip_locked=True, of=Duty)
)
_DUE_OF_ONE = _DUE.join(Duty.measure).where(Measure.inspection_id == bindparam("inspection"))
_THESE = _OWING.where(among(Duty.id, bindparam("duties"))).order_by(Duty.next_opens_at, Duty.id)
_NOT_YET = (
    "limit_since", "climbs_from", "stopped_on", "last_fired_on", "submitted_on", "hold_until", "closed_at", "on_time",
    "ended_by", "end_reason", "parked_at", "parked_error",
)  # fmt: skip
"""What a period has nothing of when it opens."""


def rule_of(duty: Duty) -> CadenceRule:
    """The cadence rule of a duty.

    Args:
        duty: a loaded duty.
    """
    return CadenceRule(
        cadence=Cadence(duty.cadence),
        anchor=duty.anchor,
        due=DueRule.parse(duty.due),
        due_on=duty.due_on,
        opens_on=duty.opens_on,
        ends_on=duty.ends_on,
        roll=Roll(duty.roll),
        roll_workdays=duty.roll_workdays,
        precision=Precision(duty.precision),
    )


def open_due(ctx: LedgerContext, grace: timedelta, inspection_id: int | None = None) -> int:
    """Open what should have been open already, of at most a thousand duties.

    Args:
        ctx: the context; the periods open at its ``now``.
        grace: how long ago a period should have opened. The patrol waits, so that the duty's own schedule is first.
        inspection_id: only of this inspection; None: of all.

    Returns:
        How many periods were opened.
    """
    asked = {"until": ctx.now - grace} | ({"inspection": inspection_id} if inspection_id is not None else {})
    due = ctx.connection.execute(_DUE if inspection_id is None else _DUE_OF_ONE, asked).scalars().all()
    if not due:
        return 0
    duties = ctx.session.execute(_THESE, {"duties": due}).scalars()
    return _open(ctx, list(duties), ctx.now - grace)


def open_duty(ctx: LedgerContext, duty_id: int) -> int:
    """Open what one duty owes by now. The schedule of its deployment calls this.

    Args:
        ctx: the context; what should be open at its ``now`` is opened.
        duty_id: the duty's id; one that owes nothing now opens nothing.

    Returns:
        How many periods were opened.
    """
    # Waits for a patrol that opens it just now, unlike the patrol itself: the run that asked needs the period.
    query = _OWING.where(Duty.id == duty_id, Duty.next_opens_at <= ctx.now).with_for_update(of=Duty)
    return _open(ctx, list(ctx.session.execute(query).scalars()), ctx.now)


def _open(ctx: LedgerContext, duties: Sequence[Duty], until: datetime) -> int:
    rows = [row for duty in duties for row in _rows_of(ctx, duty, until)]
    opened, by_id = list[int](), {duty.id: duty for duty in duties}
    for start in range(0, len(rows), OPENED_AT_ONCE):
        batch = rows[start : start + OPENED_AT_ONCE]
        written = insert_rows(ctx.connection, Period, batch, _IF_NEW, opened_at=ctx.now).all()
        of_window = {(row["duty_id"], row["ordinal"]): row for row in batch}
        images = ({"id": period, **of_window[duty, ordinal]} for period, duty, ordinal in written)
        shared = {"opened_at": ctx.now, "limit_decided": False, **dict.fromkeys(_NOT_YET)}
        note_rows(ctx.session, "periods", images, **shared)
        ask_parts(
            ctx,
            (
                Asking(one, of_window[duty, ordinal]["due_on"], 1, sources)
                for one, duty, ordinal in written
                if (sources := by_id[duty].measure.gathers.get(by_id[duty].key))
            ),
        )
        opened += (period for period, _, _ in written)
    if opened:
        audit.append(ctx, "open", f"{len(opened)} periods", periods=sorted(opened))
    return len(opened)


def _rows_of(ctx: LedgerContext, duty: Duty, until: datetime) -> list[dict[str, Any]]:
    """The rows of what a duty owes by ``until``; the duty is moved on to the window after.

    One that cannot be reckoned opens nothing more, and the operators are told.
    """
    # Kept, because the loop moves the duty on before a later window may fail.
    ordinal, rows = duty.next_ordinal, list[dict[str, Any]]()
    try:
        rule, calendar = rule_of(duty), ctx.work_time.calendar
        while duty.next_ordinal is not None and duty.next_opens_at is not None and duty.next_opens_at <= until:
            found = window(rule, duty.next_ordinal, calendar)
            measure = duty.measure
            period = opened_period(found, ctx.policy, measure.warn_days, DutyKind(duty.kind), measure.heard_on)
            ladder_id = freeze(ctx, period.ladder)
            steps = ctx.ladders.steps(ctx, ladder_id, period.dates, period.progress.state)
            row = {
                "duty_id": duty.id,
                "ordinal": found.ordinal,
                "label": found.label,
                "opens_on": period.dates.opens_on,
                "due_on": found.due_on,
                "formal_due_on": found.formal_due_on,
                "provisional": found.provisional,
                "state": PeriodState.WAITING,
                "round": 1,
                "fired": [],
                "ladder_id": ladder_id,
                "repeats": 0,
                "next_step_at": first_at(period.ladder, steps, period.progress, ctx.today, ctx.work_time),
            }
            rows.append(row)
            await_window(duty, next_window(rule, found.starts_on, calendar), ctx.work_time)
    except Exception as error:  # a poison row is parked, whatever is wrong with it
        duty.next_ordinal, duty.next_opens_at, duty.parked_at = ordinal, None, ctx.now
        name = f"{duty.measure.full_code} {duty.title}"
        reason = f"{type(error).__name__}: {error}"[:200]
        message_queue.notify_operators(ctx, f"duty:{duty.id}:{ctx.today}", f"{name} 无法开启新一期，已搁置：{reason}")
        audit.append(ctx, "park", name, duty=duty.id, reason=reason)
        return []
    return rows


def await_window(duty: Duty, following: Window | None, work_time: WorkTime) -> None:
    """Note which window of a duty opens next, and when.

    Args:
        duty: of this transaction.
        following: the window; None when none will ever open.
        work_time: its zone says when the window's first day begins.
    """
    duty.next_ordinal = following.ordinal if following else None
    duty.next_opens_at = work_time.start_of(following.starts_on) if following else None


def freeze(ctx: LedgerContext, ladder: Ladder) -> int:
    """Keep a ladder as it stands now; the same ladder is stored once (architecture 10).

    Args:
        ctx: the context whose transaction keeps it.
        ladder: one of the context's policy.

    Returns:
        The id of its snapshot.
    """
    if known := ctx.ladders.frozen.get(id(ladder)):
        return known
    body = ladder.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    statement = insert(LadderSnapshot).values(digest=digest, body=body)
    # An update that changes nothing, because DO NOTHING would not return the id of the row that is there.
    statement = statement.on_conflict_do_update(index_elements=["digest"], set_={"digest": digest})
    found = ctx.session.execute(statement.returning(LadderSnapshot.id)).scalar_one()
    note_rows(ctx.session, "ladders", [{"id": found, "digest": digest, "body": body}])
    ctx.ladders.frozen[id(ladder)] = found
    return found


def first_window(duty: Duty, today: date, calendar: WorkCalendar) -> Window | None:
    """The window a duty starts with: the one that contains today, else the first to come (history is not invented).

    A one-off has a single window; a date already past is still owed.

    Args:
        duty: its rule counts; it needs no id.
        today: the day in the office's zone from which it is owed.
        calendar: the office's working days.

    Returns:
        None when the rule is over by ``today``.
    """
    rule = rule_of(duty)
    if rule.cadence is Cadence.ONCE:
        return window(rule, 0, calendar)
    # A rhythm that begins later has no window today.
    return window_at(rule, today, calendar) or next_window(rule, today, calendar)


def open_of(ctx: LedgerContext, duties: Iterable[Duty]) -> Sequence[Period]:
    """The open periods of ``duties`` in the ledger of ``ctx``, the earliest first."""
    query = select(Period).where(Period.duty_id.in_([duty.id for duty in duties]), Period.state.in_(OPEN))
    return ctx.session.execute(query.order_by(Period.id)).scalars().all()


def withdraw(ctx: LedgerContext, period: Period) -> None:
    """End a ``period`` that is no longer owed, at the ``now`` of ``ctx``.

    Its ladder stops, its letters have nothing left to say; whoever got a sheet of it is told that it is moot.
    """
    period.state = move_period(name_of(period), PeriodState(period.state), PeriodState.WITHDRAWN)
    period.closed_at, period.next_step_at, period.parked_at = ctx.now, None, None
    end_as_moot(ctx, period, f"{name_of(period)}不再要求")


def retire(ctx: LedgerContext, duties: Iterable[Duty]) -> None:
    """From the ``now`` of ``ctx`` these ``duties`` open no more periods; what they opened stays in the ledger."""
    for duty in duties:
        duty.retired_at, duty.parked_at = duty.retired_at or ctx.now, None
        await_window(duty, None, ctx.work_time)
    ctx.session.flush()  # before a new row takes the key: the unit of work would insert first
