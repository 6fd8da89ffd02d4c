"""What a simulated ledger holds at the end, read once, for the report and for the checks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from db import ledger
from db.ledger import LedgerContext, audit
from db.models import Alert, AuditEntry, Duty, Measure, Period, QueuedMessage, Submission
from foresight.simulation.result import LedgerAct, SentLetter
from plan.policy import Ladder
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a report was awaited under one limit and one hold; ``until`` is not in it any more."""

    since: datetime
    until: datetime
    due_on: date
    hold_until: datetime | None


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a ledger at the end of a simulation, and what its post office noted."""

    work_time: WorkTime
    end: datetime
    chases: int
    periods: Sequence[Row[Any]]
    alerts: Sequence[Row[Any]]
    messages: Mapping[int, Row[Any]]
    letters: Sequence[SentLetter]
    acts: Sequence[LedgerAct]
    ladders: Mapping[int, Ladder]
    spells: Mapping[int, Sequence[Spell]]
    health: Mapping[str, int]
    chain_broken_at: int | None


def read(ctx: LedgerContext, letters: Sequence[SentLetter]) -> Records:
    """Everything the ledger of ``ctx`` holds; the context's ``now`` is the end of the simulation."""
    periods = ctx.connection.execute(_PERIODS).all()
    acts = _acts(ctx)
    return Records(
        work_time=ctx.work_time,
        end=ctx.now,
        chases=ctx.policy.budget.chases_per_period,
        periods=periods,
        alerts=ctx.connection.execute(_ALERTS).all(),
        messages={row.id: row for row in ctx.connection.execute(_MESSAGES)},
        letters=letters,
        acts=acts,
        ladders={one: ctx.ladders.get(ctx.session, one) for one in {row.ladder_id for row in periods}},
        spells=_spells(ctx, periods, acts),
        health=ledger.health(ctx),
        chain_broken_at=audit.verify(ctx.session).broken_at,
    )


_PERIODS = (
    select(*Period.__table__.columns, Duty.title.label("duty"), Measure.code, Measure.title)
    .add_columns(Measure.audiences, Measure.warn_days, func.min(Submission.submitted_at).label("reported_at"))
    .join(Duty, Duty.id == Period.duty_id)
    .join(Measure, Measure.id == Duty.measure_id)
    .outerjoin(Submission, Submission.period_id == Period.id)
    .group_by(Period.id, Duty.id, Measure.id)
    .order_by(Period.id)
)
_ALERTS = select(
    Alert.period_id, Alert.rung, Alert.recipient_id, Alert.kind, Alert.level, Alert.message_id, Alert.recorded_at
).order_by(Alert.id)
_MESSAGES = select(*QueuedMessage.__table__.columns).order_by(QueuedMessage.id)


def _acts(ctx: LedgerContext) -> list[LedgerAct]:
    query = select(AuditEntry.at, AuditEntry.actor, AuditEntry.command, AuditEntry.subject, AuditEntry.facts)
    zone = ctx.work_time.zone
    return [
        LedgerAct(row.at.astimezone(zone), row.actor, row.command, row.subject, row.facts)
        for row in ctx.connection.execute(query.order_by(AuditEntry.id))
    ]


def _spells(ctx: LedgerContext, periods: Sequence[Row[Any]], acts: Sequence[LedgerAct]) -> dict[int, list[Spell]]:
    """Told from the audit trail alone, so that the checks do not believe the rows they check."""
    by_period: dict[int, list[LedgerAct]] = defaultdict(list)
    for act in acts:
        if isinstance(period := act.facts.get("period"), int):
            by_period[period].append(act)
    return {row.id: _spells_of(ctx, row, by_period[row.id]) for row in periods}


def _spells_of(ctx: LedgerContext, row: Row[Any], acts: Sequence[LedgerAct]) -> list[Spell]:
    spells: list[Spell] = []
    since: datetime | None = row.opened_at
    due_on, hold = _first_limit(row, acts), None
    for act in acts:
        if since is not None:
            spells.append(Spell(since, act.at, due_on, hold))
            since = act.at
        if act.command == "submit":
            since = hold = None
        elif act.command == "return":
            since = act.at
        elif act.command == "acknowledge":
            hold = datetime.fromisoformat(act.facts["until"])
        elif act.command == "instruct":
            hold = ctx.work_time.end_of(date.fromisoformat(act.facts["limit"]))
        elif act.command == "decide-extension" and act.facts["granted"]:
            due_on = date.fromisoformat(act.facts["due"])
    return [*spells, Spell(since, ctx.now, due_on, hold)] if since is not None else spells


def _first_limit(row: Row[Any], acts: Sequence[LedgerAct]) -> date:
    asked = next((act.facts["from"] for act in acts if act.command == "ask-extension"), None)
    return date.fromisoformat(asked) if asked else row.due_on
