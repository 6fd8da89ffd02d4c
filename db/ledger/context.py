"""What every command works with: one transaction, the office's rules, who acts, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from db.ledger.known_names import known_name, known_names
from db.ledger.roster import Roster
from db.models import Escalation, LadderSnapshot, Measure, Part, Period, Submission
from plan.policy import Ladder, Policy
from plan.types import ONLY_INFORMED, Act, AlertKind, Door, DutyKind, Level, PartState, PeriodState
from rules.actors import is_one_of
from rules.due_steps import LadderProgress, first_at
from rules.ladder import PeriodDates, Step, steps
from rules.parts import first_asked, next_reminder, part_due
from rules.roster import Standing, Stands
from rules.work_time import WorkTime
from text.refusals import Refusal

SYSTEM_ACTOR = "督办引擎"
"""Who acts where no person does: the patrol, the schedules, the reconciliation with Prefect."""
LAST_ACT = "last act"
"""Where a session remembers when and in whose name it acts: what changes without a command has an entry, too."""


@dataclass(frozen=True, slots=True)
class SystemAccess:
    """A system of the office that speaks for people: its row, name, acts, and for whom (none: everybody)."""

    id: int
    name: str
    acts: frozenset[Act]
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class LedgerContext:
    """The surroundings of one command. ``now`` is an aware instant: nothing below reads a clock."""

    session: Session
    work_time: WorkTime
    policy: Policy
    now: datetime
    actor: str
    ladders: "Ladders" = field(default_factory=lambda: Ladders())
    roster: Roster = field(default_factory=Roster)
    batch: "Batch | None" = None
    """Set while several commands are carried out together."""
    door: Door | None = None
    """By which way a person acts; None where the engine does."""
    system: SystemAccess | None = None
    """The system that says who acts, and narrows what he may; None where no system speaks."""

    def __post_init__(self) -> None:
        self.session.info[LAST_ACT] = self.now, self.actor
        self.roster.calendar = self.work_time.calendar

    @property
    def today(self) -> date:
        """The office's calendar day of ``now``."""
        return self.work_time.day_of(self.now)

    @property
    def connection(self) -> Connection:
        """Where plain rows are read and written, after what objects still have to write; no object is made of them."""
        # Plain statements do not see what objects have not written yet.
        self.session.flush()
        return self.session.connection()

    def acting(self) -> "LedgerContext":
        """The same context in the name of whoever acts, as plan or operators spell it: for rows and trail alike.

        Raises:
            Refusal: ``actor_empty``, ``actor_too_long``, ``actor_unknown``, ``system_not_for``.
        """
        names = (self.batch.names if self.batch else None) or known_names(self.session, self.today)
        if self.batch:
            self.batch.names = names
        name = known_name(self.actor, names)
        if self.system and self.system.people and not is_one_of(name, self.system.people):
            raise Refusal("system_not_for", system=self.system.name, person=name)
        return replace(self, actor=name)

    def stands(self, posts: Iterable[int]) -> Mapping[int, Stands | None]:
        """Who stands for each of these posts on the day of ``now``, by their ids; None for one that is vacant."""
        return self.roster.stands(self.session, self.today, posts)

    def unheld(self) -> frozenset[int]:
        """The posts that are vacant all the way up on the day of ``now``, by their ids."""
        return self.roster.unheld(self.session, self.today)

    def acting_names(self, posts: Iterable[int]) -> tuple[str, ...]:
        """The names of all who may act for some of these posts on the day of ``now``, each once."""
        asked = tuple(posts)
        stands = self.stands(asked)
        return tuple(dict.fromkeys(name for post in asked if (one := stands[post]) for name in one.acting))

    def away_names(self, posts: Iterable[int]) -> tuple[str, ...]:
        """The names of those in whose place others stand for these posts on the day of ``now``, each once."""
        asked = tuple(posts)
        stands = self.stands(asked)
        return tuple(dict.fromkeys(name for post in asked if (one := stands[post]) for name in one.away))

    def asked_names(self, posts: Iterable[int]) -> tuple[str, ...]:
        """The names of those who stand for these posts on the day of ``now``, each once."""
        asked = tuple(posts)
        stands = self.stands(asked)
        return tuple(dict.fromkeys(one.who.name for post in asked if (one := stands[post])))

    def instead_of(self, posts: Iterable[int]) -> dict[str, str]:
        """Whom the actor stands in for in some of these posts, for the trail; nothing where he acts as himself."""
        asked = tuple(posts)
        found = [one for one in map(self.stands(asked).get, asked) if one and one.who.name == self.actor]
        if not found or any(one.why in (Standing.HOLDER, Standing.ABSENT) for one in found):
            return {}
        away = "、".join(dict.fromkeys(one.instead_of for one in found if one.instead_of))
        return {"for": away} if away else {}


@dataclass(frozen=True, slots=True)
class Notification:
    """Something to tell outside the daily message. ``rung`` is the event's stable key: nobody is told of it twice."""

    recipients: Sequence[int]
    rung: str
    kind: AlertKind
    level: Level
    note: str
    period_id: int | None


@dataclass(slots=True)
class Batch:
    """What commands share that are carried out together: locked periods by their ids, their escalations and present
    reports, the names that may act; what is to be told and noted when all are done."""

    periods: dict[int, Period] = field(default_factory=dict)
    escalations: dict[int, Escalation] = field(default_factory=dict)
    escalations_of: dict[int, list[Escalation]] = field(default_factory=lambda: defaultdict(list))
    reports: dict[int, Submission] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    notifications: list[Notification] = field(default_factory=list)
    audit_rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Ladders:
    """Frozen ladders and the steps they give, computed once per transaction for all periods that share them."""

    # By identity, the cheapest key: the policy outlives the context, so no other ladder gets the same one.
    frozen: dict[int, int] = field(default_factory=dict)
    """Identity of a policy's ladder to the id of its snapshot."""
    _ladders: dict[int, Ladder] = field(default_factory=dict)
    _steps: dict[tuple[int, PeriodDates, bool], tuple[Step, ...]] = field(default_factory=dict)

    def get(self, session: Session, ladder_id: int) -> Ladder:
        """The ladder frozen under ``ladder_id``.

        Args:
            session: reads it the first time.
            ladder_id: id of a snapshot.
        """
        if ladder_id not in self._ladders:
            body = session.execute(select(LadderSnapshot.body).where(LadderSnapshot.id == ladder_id)).scalar_one()
            self._ladders[ladder_id] = Ladder.model_validate(body)
        return self._ladders[ladder_id]

    def steps(self, ctx: LedgerContext, ladder_id: int, dates: PeriodDates, state: PeriodState) -> tuple[Step, ...]:
        """The steps of a period, reckoned once for all periods alike.

        Args:
            ctx: the context; its working days and hours turn offsets into instants.
            ladder_id: id of the snapshot frozen into the period.
            dates: what its steps are counted from.
            state: while a report waits for review other rungs apply.

        Returns:
            In the order in which they fall due.
        """
        # Of the state only this decides which rungs apply.
        key = (ladder_id, dates, state is PeriodState.SUBMITTED)
        if key not in self._steps:
            self._steps[key] = steps(self.get(ctx.session, ladder_id), dates, state, ctx.work_time)
        return self._steps[key]


def dates_of(period: Period, warn_days: int | None) -> PeriodDates:
    """What the ladder of a period is anchored on.

    Args:
        period: a loaded period.
        warn_days: calendar days before the due date at which its measure wants the warning; None for the ladder's own.
    """
    return period_dates(period, period.duty.kind, warn_days, period.duty.measure.heard_on)


def period_dates(row: Any, kind: str, warn_days: int | None, heard_on: date | None) -> PeriodDates:
    """What the ladder of a period is anchored on, from its columns.

    Args:
        row: a period, or a row with its columns.
        kind: of its duty; a word on the way is expected of work that is to be finished.
        warn_days: calendar days before the due date at which its measure wants the warning; None for the ladder's own.
        heard_on: the day in the office's zone of the last report on its measure; None while there is none.
    """
    heard = max(row.opens_on, heard_on or row.opens_on) if kind == DutyKind.FINISH else None
    return PeriodDates(
        row.opens_on, row.due_on, row.submitted_on, row.round, warn_days, climbs_from=row.climbs_from, heard_on=heard
    )


def progress_of(period: Period) -> LadderProgress:
    """How far a period has climbed.

    Args:
        period: a loaded period.
    """
    return LadderProgress(
        PeriodState(period.state), frozenset(period.fired), period.repeats, period.last_fired_on, period.hold_until
    )


def steps_of(ctx: LedgerContext, period: Period) -> tuple[Step, ...]:
    """The steps of a period in the state it is in.

    Args:
        ctx: the context; its working days and hours turn offsets into instants.
        period: a loaded period.
    """
    dates = dates_of(period, period.duty.measure.warn_days)
    return ctx.ladders.steps(ctx, period.ladder_id, dates, PeriodState(period.state))


def reschedule_next_step(ctx: LedgerContext, period: Period) -> None:
    """Set when the patrol looks at a period next, after its state, dates or hold changed. What fired stays fired.

    Of what is suspended nothing fires; only whoever has a report to review is reminded.

    Args:
        ctx: the context; where nothing has fired yet, the gap of a repeat counts from its ``today``.
        period: locked by this transaction, its new state and dates set.
    """
    if period.duty.key in period.duty.measure.gathers:
        _date_parts(ctx, period)
    if period.stopped_on is not None and period.state == PeriodState.WAITING:
        period.next_step_at = None
        return
    ladder = ctx.ladders.get(ctx.session, period.ladder_id)
    period.next_step_at = first_at(ladder, steps_of(ctx, period), progress_of(period), ctx.today, ctx.work_time)


def _date_parts(ctx: LedgerContext, period: Period) -> None:
    """The parts that are awaited follow their period: its limit gives theirs, and while its clock stands theirs do."""
    runs = period.state == PeriodState.WAITING and period.stopped_on is None
    awaited = select(Part).where(Part.period_id == period.id, Part.state == PartState.WAITING)
    for part in ctx.session.execute(awaited).scalars():
        part.due_on = part_due(period.due_on, ctx.work_time.day_of(part.asked_at), ctx.policy.parts, ctx.work_time)
        part.next_reminder_at = reminder_at(ctx, part) if runs else None


def reminder_at(ctx: LedgerContext, part: Part) -> datetime:
    """When the unit of a ``part`` is next told of it, by the rules of ``ctx``; a new one when people work."""
    if part.reminded_on is None:
        return first_asked(part.asked_at, ctx.work_time)
    return ctx.work_time.at_opening(next_reminder(part.due_on, part.reminded_on, ctx.policy.parts, ctx.work_time))


_LOCKED = (
    select(Period)
    .where(Period.id == bindparam("period"))
    .with_for_update(of=Period)
    .execution_options(populate_existing=True)
)


def lock_period(ctx: LedgerContext, period_id: int) -> Period:
    """A period held against every other writer until the transaction ends.

    Args:
        ctx: the context; in a batch the period may be held already.
        period_id: an id that exists.

    Returns:
        The period as it stands now, read after the lock was had.
    """
    if ctx.batch and (period := ctx.batch.periods.get(period_id)):
        return period
    return ctx.session.execute(_LOCKED, {"period": period_id}).scalar_one()


def period_name(code: str, title: str, label: str) -> str:
    """How a period is named everywhere: ``02-3 双月报送 · 2025年3—4月``.

    Args:
        code: full code of the measure.
        title: title of the duty.
        label: the period's own.
    """
    return f"{code} {title} · {label}"


def name_of(period: Period) -> str:
    """The name of a loaded period.

    Args:
        period: with its duty and measure.
    """
    return period_name(period.duty.measure.full_code, period.duty.title, period.label)


def recipients_of(measure: Measure, audiences: Iterable[str]) -> list[int]:
    """The recipients of several audiences of a measure, each once, in order.

    Args:
        measure: says who stands for which audience.
        audiences: their names.

    Returns:
        Ids of recipients.
    """
    return recipients_for(measure.audiences, audiences)


def acting_posts(table: dict[str, Any]) -> set[int]:
    """The recipients of whom something may be asked; the others of a measure are only informed.

    Args:
        table: ids of recipients by the name of an audience.
    """
    return {one for name, held in table.items() if name not in ONLY_INFORMED for one in held}


def recipients_for(table: dict[str, Any], audiences: Iterable[str]) -> list[int]:
    """The recipients of several audiences, each once, in order.

    Args:
        table: ids of recipients by the name of an audience.
        audiences: their names; an unknown or empty one gives nobody.

    Returns:
        Ids of recipients.
    """
    return list(dict.fromkeys(recipient for name in audiences for recipient in table.get(name, ())))
