"""The rows of a whole ledger as plain records, for whoever checks or retells what happened in it; nothing is changed.

Dates are days in the office's zone, instants UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from db.ledger.context import SYSTEM_ACTOR, LedgerContext, name_of
from db.ledger.known_names import known_names
from db.models import (
    Alert,
    AuditEntry,
    Closure,
    Duty,
    Escalation,
    Inspection,
    Measure,
    PaperDraft,
    Period,
    Person,
    QueuedMessage,
    ReleasedPaper,
    Submission,
)
from plan.types import OPEN, AlertKind, DutyKind, Level, WorkState
from rules.actors import folded
from rules.month_span import MonthSpan


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """A period with the titles of its duty and measure; ``key`` is the duty's.

    ``reported_at`` is its first report, ``on_time`` None while it is not closed, ``audiences`` who stands for which
    audience, ``warn_days`` the measure's own lead time.
    """

    id: int
    ordinal: int
    measure: str
    key: str
    title: str
    duty: str
    label: str
    opens_on: date
    due_on: date
    formal_due_on: date
    opened_at: datetime
    reported_at: datetime | None
    closed_at: datetime | None
    state: str
    round: int
    on_time: bool | None
    fired: list[str]
    ladder_id: int
    audiences: dict[str, Any]
    warn_days: int | None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert as recorded, and the message that carries it; ``limit_on`` is the limit that its rung belongs to."""

    period_id: int | None
    rung: str
    limit_on: date | None
    recipient_id: int
    kind: AlertKind
    level: str
    message_id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message: its key, how it stands, when it is tried next, and every try as the queue noted it."""

    id: int
    key: str
    state: str
    next_try_at: datetime | None
    history: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class EscalationRecord:
    """An escalation with the names of those it asks; ``new_limit_on`` is what the supervisor set."""

    number: str
    period_id: int
    level: str
    to: tuple[str, ...]
    opened_at: datetime
    limit_on: date
    state: str
    acknowledged_by: str | None
    instructed_at: datetime | None
    new_limit_on: date | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry of the audit trail."""

    at: datetime
    actor: str
    command: str
    subject: str
    facts: dict[str, Any]


_PERIODS = (
    select(Period.id, Period.ordinal, Measure.full_code, Duty.key, Measure.title, Duty.title.label("duty"))
    .add_columns(Period.label, Period.opens_on, Period.due_on, Period.formal_due_on, Period.opened_at)
    .add_columns(func.min(Submission.submitted_at).label("reported_at"), Period.closed_at, Period.state, Period.round)
    .add_columns(Period.on_time, Period.fired, Period.ladder_id, Measure.audiences, Measure.warn_days)
    .join(Duty, Duty.id == Period.duty_id)
    .join(Measure, Measure.id == Duty.measure_id)
    .outerjoin(Submission, Submission.period_id == Period.id)
    .group_by(Period.id, Duty.id, Measure.id)
    .order_by(Period.id)
)
_ALERTS = (
    select(Alert.period_id, Alert.rung, Alert.limit_on, Alert.recipient_id, Alert.kind, Alert.level)
    .add_columns(Alert.message_id, Alert.recorded_at)
    .order_by(Alert.id)
)
_MESSAGES = (
    select(QueuedMessage.id, QueuedMessage.key, QueuedMessage.state, QueuedMessage.next_try_at)
    .add_columns(QueuedMessage.history)
    .order_by(QueuedMessage.id)
)
_AUDIT = select(AuditEntry.at, AuditEntry.actor, AuditEntry.command, AuditEntry.subject, AuditEntry.facts).order_by(
    AuditEntry.id
)


def period_records(ctx: LedgerContext) -> list[PeriodRecord]:
    """Every period in the ledger of ``ctx``, in the order in which they opened."""
    return [PeriodRecord(*row) for row in ctx.connection.execute(_PERIODS)]


def alert_records(ctx: LedgerContext) -> list[AlertRecord]:
    """Every alert in the ledger of ``ctx``, in the order in which they were recorded."""
    return [
        AlertRecord(period_id, rung, limit_on, recipient_id, AlertKind(kind), *rest)
        for period_id, rung, limit_on, recipient_id, kind, *rest in ctx.connection.execute(_ALERTS)
    ]


def message_records(ctx: LedgerContext) -> list[MessageRecord]:
    """Every message in the ledger of ``ctx``, in the order in which they were queued."""
    return [MessageRecord(*row) for row in ctx.connection.execute(_MESSAGES)]


def audit_records(ctx: LedgerContext) -> list[AuditRecord]:
    """The whole audit trail of the ledger of ``ctx``, the oldest entry first."""
    return [AuditRecord(*row) for row in ctx.connection.execute(_AUDIT)]


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries of the trail are wanted: of one actor, about what holds some words, of a day in the office's zone;
    empty or None: all."""

    person: str = ""
    subject: str = ""
    day: date | None = None


def audit_records_of(ctx: LedgerContext, asked: TrailFilter, start: int, most: int) -> list[AuditRecord]:
    """Entries of the trail in the ledger of ``ctx`` that ``asked`` wants, the newest first.

    At ``most`` so many, without the first ``start``.
    """
    wanted = _AUDIT.order_by(None).order_by(AuditEntry.id.desc()).offset(start).limit(most)
    if asked.person:
        known = known_names(ctx.session, ctx.today)
        wanted = wanted.where(AuditEntry.actor == known.get(folded(asked.person), asked.person))
    if asked.subject:
        wanted = wanted.where(AuditEntry.subject.icontains(asked.subject, autoescape=True))
    if asked.day is not None:
        begins, ends = ctx.work_time.start_of(asked.day), ctx.work_time.end_of(asked.day)
        wanted = wanted.where(AuditEntry.at >= begins, AuditEntry.at < ends)
    return [AuditRecord(*row) for row in ctx.connection.execute(wanted)]


@dataclass(frozen=True, slots=True)
class ClosingRecord:
    """Where a measure stands on its way to be struck off: whether a closure was begun, whether one is open, and whether
    a report is awaited that says the work done."""

    code: str
    state: WorkState
    begun: bool
    is_open: bool
    to_finish: bool


def closing_records(ctx: LedgerContext) -> list[ClosingRecord]:
    """Every measure in the ledger of ``ctx`` with where it stands on its way to be struck off."""
    begun = exists().where(Closure.measure_id == Measure.id)
    is_open = begun.where(Closure.ended_at.is_(None))
    finish = (Duty.measure_id == Measure.id, Duty.kind == DutyKind.FINISH)
    awaited = exists().where(*finish, Period.duty_id == Duty.id, Period.state.in_(OPEN))
    to_come = exists().where(*finish, Duty.next_ordinal.is_not(None))
    query = select(Measure.full_code, Measure.work_state, begun, is_open, awaited | to_come).order_by(Measure.id)
    return [ClosingRecord(*row) for row in ctx.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A paper that was put before the office: of which months, or of which sheet alone (its number, else empty), since
    when, by which limit of the period that it answers (None where it answers none), when it went out first, and whether
    it waits no more."""

    id: int
    kind: str
    span: MonthSpan
    sheet: str
    due_on: date | None
    begun_at: datetime
    released_at: datetime | None
    over: bool


def paper_records(ctx: LedgerContext) -> list[PaperRecord]:
    """Every paper in the ledger of ``ctx`` that was put before the office, in the order in which that happened."""
    same = [getattr(ReleasedPaper, name) == getattr(PaperDraft, name) for name in ("inspection_id", "kind")]
    same += [ReleasedPaper.first_on == PaperDraft.first_on, ReleasedPaper.last_on == PaperDraft.last_on]
    same += [ReleasedPaper.sheet == PaperDraft.sheet]
    released_at = select(func.min(ReleasedPaper.released_at)).where(*same).scalar_subquery()
    query = select(PaperDraft, released_at).order_by(PaperDraft.id)
    return [
        PaperRecord(
            one.id,
            one.kind,
            MonthSpan(one.first_on, one.last_on),
            one.sheet,
            one.due_on,
            one.begun_at,
            released,
            one.ended_at is not None,
        )
        for one, released in ctx.session.execute(query).tuples()
    ]


def escalation_records(ctx: LedgerContext) -> list[EscalationRecord]:
    """Every escalation in the ledger of ``ctx``, in the order in which they were opened."""
    ctx.roster.read(ctx.session, ctx.today)
    found = ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars()
    return [
        EscalationRecord(
            number=one.number,
            period_id=one.period_id,
            level=one.level,
            to=ctx.asked_names(one.recipients),
            opened_at=one.opened_at,
            limit_on=one.limit_on,
            state=one.state,
            acknowledged_by=one.acknowledged_by,
            instructed_at=one.instructed_at,
            new_limit_on=one.new_limit_on,
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class PatrolRecord:
    """What one patrol wrote: periods opened, with their limits; alerts, each with its period (None: the engine's own),
    kind, level and recipient; numbers of the sheets opened, with period and limit."""

    opened: tuple[tuple[str, date], ...]
    alerts: tuple[tuple[str | None, AlertKind, Level, str], ...]
    sheets: tuple[tuple[str, str, date], ...]


def patrol_record(ctx: LedgerContext) -> PatrolRecord:
    """What was opened, told and escalated at the very ``now`` of ``ctx``, in the order in which it was written."""
    whole = joinedload(Period.duty).joinedload(Duty.measure)
    opened = select(Period).options(whole).where(Period.opened_at == ctx.now).order_by(Period.id)
    alerts = (
        select(Alert, Person.name)
        .join(QueuedMessage, QueuedMessage.id == Alert.message_id)
        .join(Person, Person.id == QueuedMessage.person_id)
        .options(joinedload(Alert.period).joinedload(Period.duty).joinedload(Duty.measure))
        .where(Alert.recorded_at == ctx.now)
        .order_by(Alert.id)
    )
    sheets = select(Escalation).options(joinedload(Escalation.period).joinedload(Period.duty).joinedload(Duty.measure))
    sheets = sheets.where(Escalation.opened_at == ctx.now).order_by(Escalation.id)
    return PatrolRecord(
        tuple((name_of(one), one.due_on) for one in ctx.session.execute(opened).scalars()),
        tuple(
            (name_of(alert.period) if alert.period else None, AlertKind(alert.kind), alert.level, to)
            for alert, to in ctx.session.execute(alerts).tuples()
        ),
        tuple((one.number, name_of(one.period), one.limit_on) for one in ctx.session.execute(sheets).scalars()),
    )


def all_periods(session: Session, inspection_id: int) -> Sequence[Period]:
    """Every period of an inspection with its duty, measure and reports, in the order of the plan.

    Args:
        session: an open transaction on the ledger.
        inspection_id: of the inspection.
    """
    query = (
        select(Period)
        .join(Period.duty)
        .join(Duty.measure)
        .options(joinedload(Period.duty).joinedload(Duty.measure), selectinload(Period.submissions))
        .where(Measure.inspection_id == inspection_id)
        .order_by(Measure.place, Measure.id, Period.opens_on, Period.id)
    )
    return session.execute(query).scalars().all()


def last_report_text(session: Session, duty: Duty) -> str:
    """What was reported last under the key of ``duty``, whichever row of it took the report; empty for nothing yet.

    ``session`` reads the ledger.
    """
    query = select(Submission.body).join(Submission.period).join(Period.duty).order_by(Submission.id.desc()).limit(1)
    same = query.where(Duty.measure_id == duty.measure_id, Duty.key == duty.key)
    return session.execute(same).scalar_one_or_none() or ""


def periods_of_measure(ctx: LedgerContext, measure: Measure) -> frozenset[int]:
    """The ids of all periods that a measure ever had.

    Args:
        ctx: the context.
        measure: of the ledger.
    """
    query = select(Period.id).join(Duty, Duty.id == Period.duty_id).where(Duty.measure_id == measure.id)
    return frozenset(ctx.session.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class RoundsOfEntries:
    """Which inspection an entry of the trail is about: its key by the ids of periods, and by names of measures."""

    periods: Mapping[int, str]
    names: Mapping[str, str]

    def of(self, entry: AuditRecord) -> tuple[str, ...]:
        """The keys of the inspections that ``entry`` is about, in order; none for one about the engine or people."""
        facts = entry.facts
        named = [facts.get("period"), *facts.get("periods", ()), *(claim[0] for claim in facts.get("claims", ()))]
        found = {self.periods[one] for one in named if one in self.periods}
        by_name = self.names.get(entry.subject.split(" ")[0])
        return tuple(sorted(found | ({by_name} if by_name else set())))


def rounds_of_entries(ctx: LedgerContext) -> RoundsOfEntries:
    """Which inspection each entry of the trail in the ledger of ``ctx`` is about."""
    keys = dict(ctx.session.execute(select(Inspection.id, Inspection.key)).tuples().all())
    periods = select(Period.id, Measure.inspection_id).join(Period.duty).join(Duty.measure)
    measures = select(Measure.full_code, Measure.inspection_id)
    return RoundsOfEntries(
        {one: keys[its] for one, its in ctx.session.execute(periods).tuples()},
        {name: keys[its] for name, its in ctx.session.execute(measures).tuples()} | {key: key for key in keys.values()},
    )


@dataclass(frozen=True, slots=True)
class ActOnMeasure:
    """What somebody did about a measure: when, who, the command and its subject, the measure, what was said."""

    at: datetime
    actor: str
    command: str
    subject: str
    measure: str
    title: str
    said: str


_SAID = ("body", "reason", "text", "statement")


def acts_on_measures(ctx: LedgerContext, inspection_id: int, most: int) -> list[ActOnMeasure]:
    """What people did about the measures of an inspection and their periods, the newest first.

    Args:
        ctx: the context.
        inspection_id: of the inspection.
        most: how many at most.
    """
    of_period = AuditEntry.facts["period"].as_integer() == Period.id
    by_period = select(AuditEntry.id.label("entry"), Duty.measure_id.label("measure")).join(Period, of_period)
    by_period = by_period.join(Duty, Duty.id == Period.duty_id)
    named = func.split_part(AuditEntry.subject, " ", 1) == Measure.full_code
    by_name = select(AuditEntry.id, Measure.id).join(Measure, named)
    pairs = by_period.union(by_name).subquery()
    said = func.coalesce(*(AuditEntry.facts[name].as_string() for name in _SAID), "")
    query = (
        select(AuditEntry.at, AuditEntry.actor, AuditEntry.command, AuditEntry.subject)
        .add_columns(Measure.code, Measure.title, said)
        .join(pairs, pairs.c.entry == AuditEntry.id)
        .join(Measure, Measure.id == pairs.c.measure)
        .where(Measure.inspection_id == inspection_id, AuditEntry.actor != SYSTEM_ACTOR)
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    return [ActOnMeasure(*row) for row in ctx.connection.execute(query)]
