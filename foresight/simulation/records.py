"""What a simulated ledger holds at the end, read once, for the report and for the checks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from db import ledger
from db.ledger import LedgerContext, audit
from db.ledger.records import (
    AlertRecord,
    EscalationRecord,
    MessageRecord,
    PeriodRecord,
    alert_records,
    audit_records,
    escalation_records,
    message_records,
    period_records,
)
from foresight.simulation.result import LedgerAct, SentLetter
from plan.policy import Ladder
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class WaitingInterval:
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
    periods: Sequence[PeriodRecord]
    alerts: Sequence[AlertRecord]
    messages: Mapping[int, MessageRecord]
    escalations: Sequence[EscalationRecord]
    letters: Sequence[SentLetter]
    acts: Sequence[LedgerAct]
    ladders: Mapping[int, Ladder]
    waiting: Mapping[int, Sequence[WaitingInterval]]
    health: Mapping[str, int]
    chain_broken_at: int | None


def read_records(ctx: LedgerContext, letters: Sequence[SentLetter]) -> Records:
    """Everything the simulated ledger holds.

    Args:
        ctx: the ledger; its ``now`` is the end of the simulation.
        letters: what the recording channel noted.
    """
    periods, zone = period_records(ctx), ctx.work_time.zone
    acts = [
        LedgerAct(one.at.astimezone(zone), one.actor, one.command, one.subject, one.facts) for one in audit_records(ctx)
    ]
    return Records(
        work_time=ctx.work_time,
        end=ctx.now,
        chases=ctx.policy.budget.chases_per_period,
        periods=periods,
        alerts=alert_records(ctx),
        messages={one.id: one for one in message_records(ctx)},
        escalations=escalation_records(ctx),
        letters=letters,
        acts=acts,
        ladders={one: ctx.ladders.get(ctx.session, one) for one in {row.ladder_id for row in periods}},
        waiting=_waiting(ctx, periods, acts),
        health=ledger.health(ctx),
        chain_broken_at=audit.verify(ctx.session).broken_at,
    )


def _waiting(
    ctx: LedgerContext, periods: Sequence[PeriodRecord], acts: Sequence[LedgerAct]
) -> dict[int, list[WaitingInterval]]:
    """Told from the audit trail alone, so that the checks do not believe the rows they check."""
    by_period: dict[int, list[LedgerAct]] = defaultdict(list)
    for act in acts:
        if isinstance(period := act.facts.get("period"), int):
            by_period[period].append(act)
    return {row.id: _waiting_of(ctx, row, by_period[row.id]) for row in periods}


def _waiting_of(ctx: LedgerContext, row: PeriodRecord, acts: Sequence[LedgerAct]) -> list[WaitingInterval]:
    waiting: list[WaitingInterval] = []
    since: datetime | None = row.opened_at
    due_on, hold = _first_limit(row, acts), None
    for act in acts:
        if since is not None:
            waiting.append(WaitingInterval(since, act.at, due_on, hold))
            since = act.at
        if act.command == "submit":
            since = hold = None
        # The clock goes on under the limit in force; what was held before the report is held no longer.
        elif act.command == "return":
            since = act.at
        elif act.command == "acknowledge":
            hold = datetime.fromisoformat(act.facts["until"])
        elif act.command == "instruct":
            hold = ctx.work_time.end_of(date.fromisoformat(act.facts["limit"]))
        elif act.command == "decide-extension" and act.facts["granted"]:
            due_on = date.fromisoformat(act.facts["due"])
    return [*waiting, WaitingInterval(since, ctx.now, due_on, hold)] if since is not None else waiting


def _first_limit(row: PeriodRecord, acts: Sequence[LedgerAct]) -> date:
    # The row holds the last limit; the first request for more time tells the limit before any was granted.
    asked = next((act.facts["from"] for act in acts if act.command == "ask-extension"), None)
    return date.fromisoformat(asked) if asked else row.due_on
