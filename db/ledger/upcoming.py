"""What a ledger waits for next, and what came into it since: for whoever plays the clock and the people."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from db.ledger.closure_stages import asked_now, asked_posts, asked_to_look, lookbacks_of, signatures
from db.ledger.closure_view import open_closures
from db.ledger.context import LedgerContext
from db.ledger.message_queue import next_try
from db.ledger.release import ANSWERS, answered_period
from db.models import AuditEntry, Closure, Duty, Escalation, Lookback, Measure, PaperDraft, Part, Period
from plan.types import AlertKind, ClosureStage
from rules.month_span import MonthSpan

_STAGES = (
    "begin-closure",
    "closure-step",
    "object",
    "answer-objection",
    "withdraw-closure",
    "remind-lookbacks",
    "look-back",
)
"""The entries of the trail after which somebody else may be asked in a closure or for a look-back."""
# Few round trips: a simulated year asks this at every instant.
_UPCOMING = select(
    select(func.min(Duty.next_opens_at)).scalar_subquery().label("opens_at"),
    func.least(
        select(func.min(Period.next_step_at)).scalar_subquery(),
        select(func.min(Part.next_reminder_at)).scalar_subquery(),
        select(func.min(Closure.next_step_at)).scalar_subquery(),
        select(func.min(Lookback.next_step_at)).scalar_subquery(),
    ).label("step_at"),
    select(func.max(Period.id)).scalar_subquery().label("last_period"),
    select(func.max(Escalation.id)).scalar_subquery().label("last_escalation"),
    select(func.max(AuditEntry.id)).where(AuditEntry.command.in_(_STAGES)).scalar_subquery().label("last_stage"),
    select(func.max(PaperDraft.id)).scalar_subquery().label("last_draft"),
)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The UTC instants at which the next period opens, the next step or reminder falls due, and the next message may be
    tried.

    ``None`` is never. ``last_period``, ``last_escalation`` and ``last_draft`` (of a paper) are the newest ids,
    ``last_stage`` is the newest entry of the trail about a closure or a look-back; 0 while there is none.
    """

    opens_at: datetime | None
    step_at: datetime | None
    message_at: datetime | None
    last_period: int
    last_escalation: int
    last_stage: int
    last_draft: int


def upcoming(ctx: LedgerContext) -> Upcoming:
    """What the ledger of ``ctx`` waits for next; instants that have passed are told, too."""
    opens_at, step_at, *newest = ctx.connection.execute(_UPCOMING).one()
    return Upcoming(opens_at, step_at, next_try(ctx), *(one or 0 for one in newest))


@dataclass(frozen=True, slots=True)
class NewPeriod:
    """A period with what its duty and measure say of it. Dates are days in the office's zone; ``unit`` is the lead."""

    id: int
    label: str
    opens_on: date
    due_on: date
    duty_id: int
    duty: str
    duty_title: str
    kind: str
    cadence: str
    measure: str
    unit: str
    gathered: bool


def periods_after(ctx: LedgerContext, period_id: int) -> list[NewPeriod]:
    """The periods in the ledger of ``ctx`` opened after that with the id ``period_id`` (0: all), the earliest first."""
    query = (
        select(Period.id, Period.label, Period.opens_on, Period.due_on, Duty.id, Duty.key, Duty.title, Duty.kind)
        .add_columns(Duty.cadence, Measure.full_code, Measure.lead_unit, Measure.gathers.has_key(Duty.key))
        .join(Period.duty)
        .join(Duty.measure)
        .where(Period.id > period_id)
        .order_by(Period.id)
    )
    return [NewPeriod(*row) for row in ctx.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class NewEscalation:
    """A sheet that nobody has answered yet; ``supervisor`` stands for its first recipient."""

    id: int
    period_id: int
    kind: AlertKind
    supervisor: str


def escalations_after(ctx: LedgerContext, escalation_id: int) -> list[NewEscalation]:
    """The unanswered escalations in the ledger of ``ctx`` after the one with ``escalation_id`` (0: all), in order."""
    query = (
        select(Escalation.id, Escalation.period_id, Escalation.kind, Escalation.recipients)
        .where(Escalation.id > escalation_id, Escalation.state == "open")
        .order_by(Escalation.id)
    )
    return [
        NewEscalation(sheet, period, kind, "".join(ctx.asked_names(posts[:1])))
        for sheet, period, kind, posts in ctx.connection.execute(query)
    ]


def all_duties(ctx: LedgerContext) -> list[Duty]:
    """Every duty of the ledger of ``ctx`` with its measure; while somebody holds them no command loads them again."""
    return list(ctx.session.execute(select(Duty).options(joinedload(Duty.measure))).scalars())


@dataclass(frozen=True, slots=True)
class AskedStage:
    """What a closure or a look-back asks, of whom; ``question`` is no other one's. ``not_before`` is the last day in
    the office's zone on which it cannot be answered yet; None for none."""

    question: str
    id: int
    measure: str
    asks: str
    people: tuple[str, ...]
    lookback: bool = False
    not_before: date | None = None


def asked_in_stages(ctx: LedgerContext) -> list[AskedStage]:
    """What the open closures and look-backs in the ledger of ``ctx`` ask."""
    found = []
    for one in open_closures(ctx):
        asks, question = asked_now(one), f"closure-{one.id}-{one.entry}-{len(signatures(one))}"
        until = one.printed_until or one.window_ends_on if asks == ClosureStage.PUBLICITY else None
        people = ctx.asked_names(asked_posts(one))
        found.append(AskedStage(question, one.id, one.measure.full_code, asks, people, not_before=until))
    for look in lookbacks_of(ctx):
        people = ctx.asked_names(asked_to_look(look))
        found.append(AskedStage(f"lookback-{look.id}", look.id, look.measure.full_code, "", people, lookback=True))
    return found


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A paper that waits for the office: of which inspection and months, the number of the sheet of which alone it
    speaks (empty: of none), and the id of the period that it answers; None for none."""

    id: int
    kind: str
    inspection: str
    span: MonthSpan
    sheet: str
    period_id: int | None


def drafts_after(ctx: LedgerContext, draft_id: int) -> list[NewDraft]:
    """The papers in the ledger of ``ctx`` put before the office after that with ``draft_id`` (0: all), in order."""
    query = select(PaperDraft).options(joinedload(PaperDraft.inspection)).where(PaperDraft.id > draft_id)
    found = []
    for one in ctx.session.execute(query.order_by(PaperDraft.id)).scalars():
        span = MonthSpan(one.first_on, one.last_on)
        period = answered_period(ctx, one.inspection_id, span) if one.kind == ANSWERS else None
        found.append(NewDraft(one.id, one.kind, one.inspection.key, span, one.sheet, period.id if period else None))
    return found
