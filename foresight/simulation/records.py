"""What a simulated ledger holds at the end, read once, for the report and for the checks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from db import ledger
from db.ledger import LedgerContext
from db.ledger.drafts import DRAFTS_AT
from db.ledger.inspections import inspection
from db.ledger.periods import rule_of
from db.ledger.records import (
    AlertRecord,
    ClosingRecord,
    EscalationRecord,
    MessageRecord,
    PaperRecord,
    PeriodRecord,
    alert_records,
    audit_records,
    closing_records,
    escalation_records,
    message_records,
    paper_records,
    period_records,
)
from db.ledger.release import ANSWERS
from db.ledger.replay import verify
from db.ledger.report_months import AHEAD, reporting_duty
from foresight.simulation.result import LedgerAct, SentLetter
from plan.policy import Ladder
from rules.cadence import window
from rules.month_span import MonthSpan, months, months_of
from rules.work_time import WorkTime


@dataclass(frozen=True, slots=True)
class WaitingInterval:
    """A time in which a report was awaited under one limit and one hold; ``until`` is not in it any more.

    ``climbs_from`` is the day that stands for the limit on the ladder, None for the limit itself.
    """

    since: datetime
    until: datetime
    due_on: date
    hold_until: datetime | None
    climbs_from: date | None = None


@dataclass(frozen=True, slots=True)
class OwedPaper:
    """A paper that the calendar demands of the office from ``since`` on, and the id of the period that it answers."""

    kind: str
    span: MonthSpan
    since: datetime
    period_id: int | None = None


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
    closures: Sequence[ClosingRecord]
    papers: Sequence[PaperRecord]
    owed_papers: Sequence[OwedPaper]
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
        closures=closing_records(ctx),
        papers=paper_records(ctx),
        owed_papers=list(_owed_papers(ctx, periods)),
        chain_broken_at=verify(ctx.session).broken_at,
    )


def _owed_papers(ctx: LedgerContext, periods: Sequence[PeriodRecord]) -> Iterator[OwedPaper]:
    """Told from months and periods, so that the checks do not believe what was put before the office each morning."""
    present, work_time = inspection(ctx.session, None), ctx.work_time
    begins = work_time.day_of(present.activated_at)
    for kind in ctx.policy.papers:
        if kind != ANSWERS:
            span = months(begins.year, begins.month)
            while (since := _morning(ctx, span.last + timedelta(days=1))) <= ctx.now:
                yield OwedPaper(kind, span, since)
                span = months(span.first.year, span.first.month + 1)
        elif duty := reporting_duty(ctx, present):
            for row in periods:
                if (row.measure, row.key) != (duty.measure.full_code, duty.key):
                    continue
                found = window(rule_of(duty), row.ordinal, work_time.calendar)
                whole = months_of(found.starts_on, found.ends_on)
                since = _morning(ctx, max(found.due_on - AHEAD, work_time.day_of(row.opened_at)))
                since += timedelta(days=since < row.opened_at)
                if whole and whole.last >= begins and since <= ctx.now:
                    yield OwedPaper(kind, whole, since, row.id)


def _morning(ctx: LedgerContext, day: date) -> datetime:
    return datetime.combine(day, DRAFTS_AT, ctx.work_time.zone).astimezone(UTC)


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
    due_on, hold, climbs_from = _first_limit(row, acts), None, None
    for act in acts:
        if since is not None:
            waiting.append(WaitingInterval(since, act.at, due_on, hold, climbs_from))
            since = act.at
        if act.command == "submit":
            since = hold = None
        # Returned, or accepted on its way: the clock goes on as the reviewer's entry says.
        elif act.command in ("return", "accept") and "due" in act.facts:
            since, due_on = act.at, date.fromisoformat(act.facts["due"])
            climbs_from = date.fromisoformat(act.facts["climbs_from"]) if "climbs_from" in act.facts else None
            hold = datetime.fromisoformat(act.facts["hold"]) if "hold" in act.facts else None
        elif act.command == "acknowledge":
            hold = datetime.fromisoformat(act.facts["until"])
        elif act.command in ("instruct", "interview", "circulate"):
            hold = ctx.work_time.end_of(date.fromisoformat(act.facts["limit"]))
        elif act.command == "decide-extension" and act.facts["granted"]:
            # A hold was about the limit that is no more.
            due_on, climbs_from, hold = date.fromisoformat(act.facts["due"]), None, None
    return [*waiting, WaitingInterval(since, ctx.now, due_on, hold, climbs_from)] if since is not None else waiting


def _first_limit(row: PeriodRecord, acts: Sequence[LedgerAct]) -> date:
    # The row holds the last limit; the first entry that could move it tells the limit before.
    known = next((act.facts["from"] for act in acts if "from" in act.facts), None)
    return date.fromisoformat(known) if known else row.due_on
