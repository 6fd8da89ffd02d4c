"""The tables of the ledger, in the words of ``docs/glossary.md``.

What the clock decides (overdue, lamp, progress) has no column here (architecture 13).
Instants are UTC; due *dates* are dates in the office's zone. Natural keys are the lock against doing a thing twice.
Rows name each other by id; the relationships are for reading alone, which spares every flush their bookkeeping.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from plan.model import FOLDER
from plan.types import (
    URGENT,
    AlertKind,
    Cadence,
    ClosureAct,
    ClosureStage,
    ClosureState,
    DurationClass,
    DutyKind,
    EscalationState,
    EvidenceRule,
    Ground,
    Level,
    LookbackResult,
    LookbackState,
    MessageState,
    PartState,
    PeriodState,
    Precision,
    Roll,
    TurnRhythm,
    WorkState,
)
from text.catalogue import term

_VOCABULARIES: tuple[type[StrEnum], ...] = (
    AlertKind,
    Cadence,
    ClosureAct,
    ClosureStage,
    ClosureState,
    DurationClass,
    DutyKind,
    EvidenceRule,
    EscalationState,
    Ground,
    Level,
    LookbackResult,
    LookbackState,
    PartState,
    PeriodState,
    Precision,
    Roll,
    TurnRhythm,
    WorkState,
)


IN_A_LEDGER_ALONE = "in a ledger alone"
"""Marks what the migrations make and a scratch ledger does without."""
NAMES_CONTENT = "names a kept content"
"""Marks a column that holds the digest of a content that the store keeps; its value is the column that says, for
people, what that is called. What is exported, verified and never thrown away follows from it."""
BETWEEN = "/"
"""Stands between the key of an inspection and a code of it: ``env-2025/02-3``. Neither has one of its own."""


def _vocabulary(words: type[StrEnum], length: int = 24) -> Enum:
    """A vocabulary as text in the table and as its own type in Python."""
    return Enum(
        words, native_enum=False, create_constraint=False, length=length, values_callable=lambda all_: list(all_)
    )


class Base(DeclarativeBase):
    """All tables; every instant column carries a time zone."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        **{words: _vocabulary(words) for words in _VOCABULARIES},
    }


def _key() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(), primary_key=True)


def _to(column: str, *, index: bool = True) -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey(column), index=index)


def _place() -> Mapped[int]:
    """The place in the plan, for showing things in its order; 0 in a ledger that was never amended."""
    return mapped_column(Integer, default=0, server_default="0")


def _by_pairs(name: str, *columns: str, where: str | None = None) -> Index:
    """An index of the pairs of neighbouring characters of some texts: of any word from two characters on it finds the
    rows in which that may stand (``db/search.py``). ``IN_A_LEDGER_ALONE``: a scratch ledger is never searched."""
    return Index(
        name,
        text(f"word_pairs(ARRAY[{', '.join(columns)}])"),
        postgresql_using="gin",
        postgresql_where=text(where) if where else None,
        info={IN_A_LEDGER_ALONE: True},
    )


class Inspection(Base):
    """One round of inspection: who was inspected, by whom, when; and since when the ledger supervises it.

    A ledger supervises several at once; codes and posts are those of one inspection.
    """

    __tablename__ = "inspections"

    id: Mapped[int] = _key()
    key: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str]
    organisation: Mapped[str]
    inspector: Mapped[str]
    kind: Mapped[str] = mapped_column(String(24))
    feedback_on: Mapped[date]
    published_on: Mapped[date | None]
    phases: Mapped[dict[str, Any]]
    source: Mapped[str]
    audiences: Mapped[dict[str, Any]]
    """Upper audiences of the whole round: audience name to recipient ids."""
    plan_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the plan in force: loading the same plan again changes nothing."""
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """The plan in force, as loaded or last amended; null in a ledger older than this column. As text: the order of a
    role's channels says which is tried first, and JSONB would sort them."""
    activated_at: Mapped[datetime]


class Recipient(Base):
    """A post of the plan: alerts belong to it, whoever holds it (``Holding``) gets them."""

    __tablename__ = "recipients"
    __table_args__ = (UniqueConstraint("inspection_id", "key", name="recipients_of_inspection"),)

    id: Mapped[int] = _key()
    inspection_id: Mapped[int] = _to("inspections.id", index=False)
    key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    """What the plan calls it, or who held it when the plan was written."""
    retired_at: Mapped[datetime | None]
    """When the plan dropped it: it is on no ladder any more."""
    inspection: Mapped[Inspection] = relationship(viewonly=True)

    @property
    def called(self) -> str:
        """How operators name it: ``KEY/role``, with the key of its inspection."""
        return f"{self.inspection.key}{BETWEEN}{self.key}"


class Person(Base):
    """Somebody who gets messages and acts: for the posts that he holds, or because the operators let him.

    Channel names only; the channel's secrets live in the environment.
    """

    __tablename__ = "people"

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(unique=True)
    """The name as it is compared, so that nobody stands here twice."""
    channels: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """``[channel, address]`` pairs, the preferred one first; the others are fall-backs. None is the folder's."""
    urgent_channels: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Those of what is urgent, in the same form; none: the same as ever."""
    hours: Mapped[str] = mapped_column(String(11), default="", server_default="")
    """When he wants letters on a working day, such as ``09:30-17:00`` in the office's zone; empty for office hours."""
    added: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether the operators let him act while he holds no post."""
    removed_at: Mapped[datetime | None]


class Holding(Base):
    """任职: who holds a post, from one day to another; or who stands in (B 岗) while its holder is absent."""

    __tablename__ = "holdings"
    __table_args__ = (
        # A post is held by one person at a time; several people are several posts of an audience.
        Index(
            "holdings_without_end",
            "recipient_id",
            unique=True,
            postgresql_where=text("until_on IS NULL AND NOT stand_in"),
        ),
        # Whom does the patrol still have to tell that he took over?
        Index("holdings_to_tell", "from_on", postgresql_where=text("told_at IS NULL")),
        # Whose messages may have to go to somebody else because his turn is over?
        Index("holdings_in_turn", "person_id", postgresql_where=text("turn IS NOT NULL")),
    )

    id: Mapped[int] = _key()
    recipient_id: Mapped[int] = _to("recipients.id")
    person_id: Mapped[int] = _to("people.id")
    from_on: Mapped[date]
    """The first day, in the office's zone."""
    until_on: Mapped[date | None]
    """The last day; null while no end is known."""
    stand_in: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    told_at: Mapped[datetime | None]
    """When he was told of what is open in the post; whoever was there from the beginning had nothing to be told."""
    turn: Mapped[int | None]
    """His place among those who take turns in the post, from 0; null for whoever holds it or stands in."""


class Rotation(Base):
    """值班轮换: a post goes round; those who take turns hold it with their place in the order (``Holding.turn``)."""

    __tablename__ = "rotations"

    id: Mapped[int] = _key()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"), unique=True)
    rhythm: Mapped[TurnRhythm]
    from_on: Mapped[date]
    """The first day, in the office's zone."""
    exceptions: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default="{}")
    """Who has a day instead of him whose turn it is: the person's id by the day, as ISO text."""


class Absence(Base):
    """Somebody who is away for some days: what is asked of him goes to who stands in."""

    __tablename__ = "absences"
    __table_args__ = (
        # Whose stand-in does the patrol still have to tell of what is open?
        Index("absences_to_tell", "from_on", postgresql_where=text("told_at IS NULL")),
    )

    id: Mapped[int] = _key()
    person_id: Mapped[int] = _to("people.id")
    from_on: Mapped[date]
    """The first day, in the office's zone."""
    until_on: Mapped[date]
    """The last day."""
    reason: Mapped[str]
    told_at: Mapped[datetime | None]
    """When who stands in was told of what was open; null until it begins."""


class Finding(Base):
    """One problem named by the inspectors; its goal (整改目标) is what acceptance is checked against."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("inspection_id", "code", name="findings_of_inspection"),)

    id: Mapped[int] = _key()
    inspection_id: Mapped[int] = _to("inspections.id", index=False)
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    goal: Mapped[str | None]
    place: Mapped[int] = _place()
    measures: Mapped[list["Measure"]] = relationship(viewonly=True, order_by="[Measure.place, Measure.id]")
    inspection: Mapped[Inspection] = relationship(viewonly=True)


class Measure(Base):
    """One measure of a finding; who does it, who leads it, how far it is."""

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("inspection_id", "code", name="measures_of_inspection"),
        _by_pairs("measures_by_pairs", "full_code", "title", "text", "lead_unit", "state_note"),
    )

    id: Mapped[int] = _key()
    inspection_id: Mapped[int] = _to("inspections.id", index=False)
    finding_id: Mapped[int] = _to("findings.id")
    code: Mapped[str] = mapped_column(String(32))
    full_code: Mapped[str] = mapped_column(String(100), unique=True)
    """What it is called wherever measures of several inspections meet: its code in the first inspection of the ledger,
    ``KEY/02-3`` in every later one. It never changes, so nothing of the first is renamed when a second comes."""
    title: Mapped[str]
    text: Mapped[str]
    duration_class: Mapped[DurationClass]
    work_state: Mapped[WorkState]
    state_note: Mapped[str]
    lead_unit: Mapped[str]
    assisting_units: Mapped[list[Any]]
    audiences: Mapped[dict[str, Any]]
    """Audience name to recipient ids, the inspection's upper audiences included."""
    gathers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """From which units its duties gather parts: by the key of a duty a list of ``{"unit", "name", "handler",
    "leader"}``, the unit's key and name and the ids of its posts. A duty that gathers none is not in it."""
    evidence_rule: Mapped[EvidenceRule]
    warn_days: Mapped[int | None]
    heard_on: Mapped[date | None]
    """The day of the last report on any of its duties, whatever became of it: silence counts from there."""
    percent: Mapped[int | None]
    """The progress last accepted, 0 to 100."""
    place: Mapped[int] = _place()
    retired_at: Mapped[datetime | None]
    """When the plan dropped it: it owes nothing more, and its history stays."""
    finding: Mapped[Finding] = relationship(viewonly=True)
    inspection: Mapped[Inspection] = relationship(viewonly=True)
    duties: Mapped[list["Duty"]] = relationship(viewonly=True, order_by="[Duty.place, Duty.id]")
    """Also those the plan dropped or gave another rhythm; ``owed`` has the present ones."""
    questions: Mapped[list["Question"]] = relationship(viewonly=True, order_by="Question.id")

    @property
    def qualified_code(self) -> str:
        """Its code with the key of its inspection, which nobody can misread: ``env-2025/02-3``."""
        return f"{self.inspection.key}{BETWEEN}{self.code}"

    @property
    def owed(self) -> list["Duty"]:
        """The duties of the plan in force; none for a measure without a date."""
        return [duty for duty in self.duties if duty.retired_at is None]


class Question(Base):
    """Wording that gives no date, and what is assumed until a person answers."""

    __tablename__ = "questions"

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    phrase: Mapped[str]
    ask: Mapped[str]
    suggest: Mapped[str]
    measure: Mapped[Measure] = relationship(viewonly=True)


class Duty(Base):
    """What a measure owes in time."""

    __tablename__ = "duties"
    __table_args__ = (
        # A duty that gets another rhythm numbers its periods anew: a new row under the same key, the old one retired.
        Index("duties_in_force", "measure_id", "key", unique=True, postgresql_where=text("retired_at IS NULL")),
        # The patrol asks "which duties should have opened a period by now?" many times a day.
        Index("duties_to_open", "next_opens_at", postgresql_where=text("next_opens_at IS NOT NULL")),
        Index("duties_parked", "parked_at", postgresql_where=text("parked_at IS NOT NULL")),
    )

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[DutyKind]
    title: Mapped[str]
    cadence: Mapped[Cadence]
    anchor: Mapped[date | None]
    due: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[date | None]
    opens_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    roll: Mapped[Roll]
    roll_workdays: Mapped[int]
    precision: Mapped[Precision]
    receiver: Mapped[str | None]
    source: Mapped[str]
    assumed: Mapped[bool] = mapped_column(Boolean)
    next_ordinal: Mapped[int | None]
    next_opens_at: Mapped[datetime | None]
    """When the next period opens; null when none will, while the duty is parked, and while the state of its measure
    asks for nothing of it: then the number of the next one stays."""
    parked_at: Mapped[datetime | None]
    place: Mapped[int] = _place()
    retired_at: Mapped[datetime | None]
    """When the plan dropped it or changed its rhythm: it opens no more periods."""
    measure: Mapped[Measure] = relationship(viewonly=True)


class Suspension(Base):
    """挂账: a measure whose clock stands until something outside the unit's reach has happened."""

    __tablename__ = "suspensions"
    __table_args__ = (
        Index("suspensions_in_force", "measure_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("suspensions_to_review", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
    )

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[Any]]
    asked_by: Mapped[str]
    began_at: Mapped[datetime]
    expected_end: Mapped[date]
    remind_at: Mapped[datetime | None]
    """When the office is reminded to look whether it still holds; null once it has ended."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    measure: Mapped[Measure] = relationship(viewonly=True)


class Closure(Base):
    """销号: how a measure is being struck off, stage by stage; one at a time is open."""

    __tablename__ = "closures"
    __table_args__ = (
        Index("closures_open", "measure_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        # Of which stage does the patrol have to remind?
        Index("closures_to_tell", "next_step_at", postgresql_where=text("next_step_at IS NOT NULL")),
    )

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    chain: Mapped[dict[str, Any]]
    """Its stages and their rules, frozen when it began (``plan.policy.ClosureChain``)."""
    began_at: Mapped[datetime]
    began_by: Mapped[str]
    period_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("periods.id"))
    """The measure's last period when it began, with which files for it are kept; null where there was none."""
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[ClosureState]
    stage: Mapped[ClosureStage]
    entry: Mapped[int]
    """How many times a stage was entered; what was done in the stage belongs to it."""
    opened_on: Mapped[date]
    due_on: Mapped[date]
    """The limit of the stage, a day in the office's zone."""
    fired: Mapped[int]
    """How many of its reminders have fired."""
    told_on: Mapped[date]
    next_step_at: Mapped[datetime | None]
    announced_on: Mapped[date | None]
    """The first day of publicity; null until it was published."""
    announced_where: Mapped[str | None]
    window_ends_on: Mapped[date | None]
    """The last day of publicity as reckoned, beside the one that was printed."""
    printed_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    archive: Mapped[str | None]
    """The number under which it was filed."""
    measure: Mapped[Measure] = relationship(viewonly=True)
    steps: Mapped[list["ClosureStep"]] = relationship(viewonly=True, order_by="ClosureStep.id")
    objections: Mapped[list["Objection"]] = relationship(viewonly=True, order_by="Objection.id")


class ClosureStep(Base):
    """What somebody did in a stage of closure: passed it, published, signed, sent it back."""

    __tablename__ = "closure_steps"

    id: Mapped[int] = _key()
    closure_id: Mapped[int] = _to("closures.id")
    stage: Mapped[ClosureStage]
    entry: Mapped[int]
    act: Mapped[ClosureAct]
    by: Mapped[str]
    at: Mapped[datetime]
    statement: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]
    """What belongs to the act: day of the visit, posts signed for, digest of what was signed, where it was sent."""


class Objection(Base):
    """异议: what somebody said against striking a measure off, and what was answered."""

    __tablename__ = "objections"

    id: Mapped[int] = _key()
    closure_id: Mapped[int] = _to("closures.id")
    said_by: Mapped[str]
    said: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    upheld: Mapped[bool | None]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Lookback(Base):
    """回头看: a look at a measure some months after it was struck off, drawn when it was filed."""

    __tablename__ = "lookbacks"
    __table_args__ = (Index("lookbacks_to_tell", "next_step_at", postgresql_where=text("next_step_at IS NOT NULL")),)

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    closure_id: Mapped[int] = _to("closures.id")
    months: Mapped[int]
    """After how many months; 0 for one more because something was to be improved."""
    opens_on: Mapped[date]
    due_on: Mapped[date]
    """Its limit; both are days in the office's zone."""
    asked: Mapped[list[Any]]
    """The audiences that are asked to look, as the policy had them."""
    state: Mapped[LookbackState]
    fired: Mapped[int]
    """How many of its reminders have fired; they are those of the closure's chain."""
    told_on: Mapped[date]
    next_step_at: Mapped[datetime | None]
    result: Mapped[LookbackResult | None]
    statement: Mapped[str | None] = mapped_column(Text)
    visited_on: Mapped[date | None]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    measure: Mapped[Measure] = relationship(viewonly=True)
    closure: Mapped[Closure] = relationship(viewonly=True)

    @property
    def period_id(self) -> int | None:
        """The period with which what is seen is kept: that of the closure."""
        return self.closure.period_id


class LadderSnapshot(Base):
    """A ladder as it stood when periods opened under it; shared by all that froze the same one."""

    __tablename__ = "ladders"

    id: Mapped[int] = _key()
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[dict[str, Any]]


class Period(Base):
    """One occurrence of a duty."""

    __tablename__ = "periods"
    __table_args__ = (
        UniqueConstraint("duty_id", "ordinal"),
        # The patrol's range scan. Closed and parked periods have no next step and are not in it.
        Index("periods_due", "next_step_at", postgresql_where=text("next_step_at IS NOT NULL")),
        Index("periods_parked", "parked_at", postgresql_where=text("parked_at IS NOT NULL")),
        Index("periods_open", "id", postgresql_where=text("state IN ('waiting', 'submitted')")),
        CheckConstraint("closed_at IS NULL OR next_step_at IS NULL", name="closed_periods_have_no_next_step"),
    )

    id: Mapped[int] = _key()
    duty_id: Mapped[int] = _to("duties.id", index=False)
    ordinal: Mapped[int]
    label: Mapped[str]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    """The limit in force; an extension moves it, and so does time that others took."""
    formal_due_on: Mapped[date]
    """The limit the cadence gave, before any roll or extension."""
    limit_decided: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether the limit is what somebody's decision made of it: then no plan and no calendar moves it."""
    climbs_from: Mapped[date | None]
    """The day that stands for the limit on the ladder, where the clock stood after the limit had passed."""
    stopped_on: Mapped[date | None]
    """Since when its measure is suspended: the clock stands and nothing fires."""
    provisional: Mapped[bool]
    opened_at: Mapped[datetime]
    state: Mapped[PeriodState]
    round: Mapped[int] = mapped_column(Integer, default=1)
    ladder_id: Mapped[int] = _to("ladders.id", index=False)
    fired: Mapped[list[str]] = mapped_column(ARRAY(String(48)), default=list)
    """Keys of the rungs recorded. A plain one counts for the limit in force, ``yellow@2025-03-14`` only for that one
    and earlier ones (``rules/ladder.py``)."""
    repeats: Mapped[int] = mapped_column(Integer, default=0)
    last_fired_on: Mapped[date | None]
    submitted_on: Mapped[date | None]
    hold_until: Mapped[datetime | None]
    """The climb waits until then: an acknowledgement or a supervisor's new limit."""
    limit_since: Mapped[datetime | None]
    """Since when a later limit than the first is in force: what its ladder said before speaks of another one."""
    next_step_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    ended_by: Mapped[str | None]
    """Who of the office let it end without a report (``EXCUSED``), and why."""
    end_reason: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None]
    parked_error: Mapped[str | None] = mapped_column(Text)
    duty: Mapped[Duty] = relationship(viewonly=True)
    ladder: Mapped[LadderSnapshot] = relationship(viewonly=True)
    submissions: Mapped[list["Submission"]] = relationship(viewonly=True, order_by="Submission.id")
    extensions: Mapped[list["Extension"]] = relationship(viewonly=True, order_by="Extension.id")
    escalations: Mapped[list["Escalation"]] = relationship(viewonly=True, order_by="Escalation.id")
    parts: Mapped[list["Part"]] = relationship(viewonly=True, order_by="Part.id")


class Part(Base):
    """分报: what an assisting or subordinate unit contributes to a period; the lead unit's report gathers it.

    A unit that did not give its part before the report came in is asked anew in the next round, by another row.
    """

    __tablename__ = "parts"
    __table_args__ = (
        Index("parts_once", "period_id", "unit", "round", unique=True, postgresql_where=text("state <> 'withdrawn'")),
        # Of whose part does the patrol have to remind?
        Index("parts_to_remind", "next_reminder_at", postgresql_where=text("next_reminder_at IS NOT NULL")),
        Index("parts_waiting", "period_id", postgresql_where=text("state = 'waiting'")),
        _by_pairs("parts_by_pairs", "text", where="text IS NOT NULL"),
    )

    id: Mapped[int] = _key()
    period_id: Mapped[int] = _to("periods.id", index=False)
    unit: Mapped[str] = mapped_column(String(64))
    """The key of the unit in the plan, which names its posts (``Measure.gathers``)."""
    unit_name: Mapped[str]
    round: Mapped[int]
    """The round of the period in which it was asked."""
    due_on: Mapped[date]
    """Its own limit, a day in the office's zone before that of the period."""
    asked_at: Mapped[datetime]
    state: Mapped[PartState]
    reminded_on: Mapped[date | None]
    """When the unit was last asked or reminded; null before it was told at all."""
    next_reminder_at: Mapped[datetime | None]
    text: Mapped[str | None] = mapped_column(Text)
    percent: Mapped[int | None]
    given_by: Mapped[str | None]
    given_at: Mapped[datetime | None]
    period: Mapped[Period] = relationship(viewonly=True)


class Submission(Base):
    """What the unit reported for a period, one per round."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("period_id", "round"),
        _by_pairs("submissions_by_pairs", "body", "difficulty", "help_needed", "reason"),
    )

    id: Mapped[int] = _key()
    period_id: Mapped[int] = _to("periods.id", index=False)
    round: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    percent: Mapped[int]
    finished: Mapped[bool]
    difficulty: Mapped[str]
    help_needed: Mapped[str]
    evidence: Mapped[list[Any]]
    missing: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The names of the units whose parts it went without."""
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime]
    accepted: Mapped[bool | None]
    """The review: null while it waits."""
    reason: Mapped[str | None]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    period: Mapped[Period] = relationship(viewonly=True)


class Evidence(Base):
    """佐证材料: a file that was handed in for a period, kept under the digest of its content."""

    __tablename__ = "evidence"

    id: Mapped[int] = _key()
    period_id: Mapped[int] = _to("periods.id")
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    """What it is by its content: the usual ending of such a file, such as ``pdf``."""
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes."""
    sha256: Mapped[str] = mapped_column(String(64), index=True, info={NAMES_CONTENT: "name"})
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    part_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("parts.id"))
    """The part with which a unit handed it in; null for what the lead unit hands in itself."""
    closure_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("closures.id"))
    """The closure for which it was handed in; its period is then the measure's last one."""
    lookback_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lookbacks.id"))
    """The look-back in which it was taken; its period is then that of the closure."""
    round: Mapped[int | None]
    """The report that it came with; null until one is handed in."""
    removed_at: Mapped[datetime | None]
    """When whoever added it took it back, before it was reported."""
    discarded_at: Mapped[datetime | None]
    """When its content was given up by the policy's rule, long after it was taken back."""


class Extension(Base):
    """A longer limit, asked before the due date and decided by somebody else."""

    __tablename__ = "extensions"
    __table_args__ = (
        Index("extensions_pending", "period_id", unique=True, postgresql_where=text("granted IS NULL")),
        _by_pairs("extensions_by_pairs", "reason", "decision_reason"),
    )

    id: Mapped[int] = _key()
    period_id: Mapped[int] = _to("periods.id")
    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    by_form: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether the form of the report asked; every other door leaves that form, and what is being written in it."""
    granted: Mapped[bool | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)
    period: Mapped[Period] = relationship(viewonly=True)


class System(Base):
    """A system of the office, such as its OA, that shows a token and then speaks for the people who work in it."""

    __tablename__ = "systems"
    __table_args__ = (
        Index("systems_in_force", "folded", unique=True, postgresql_where=text("revoked_at IS NULL")),
        UniqueConstraint("digest", name="systems_by_token"),
    )

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str]
    """The name as it is compared; one that was taken back may be given again."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of its token: whoever reads this table cannot speak for anybody."""
    acts: Mapped[list[Any]]
    """What it may do, in the words of the table of rights; none: it only looks."""
    people: Mapped[list[Any]]
    """For whom alone it may, as the plan or the operators spell them; none: for everybody."""
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    """When it last showed its token, to the minute."""
    hook_address: Mapped[str | None] = mapped_column(Text)
    """Where it wants to be told what happens; null: it asks."""
    hook_handle: Mapped[str | None] = mapped_column(String(32))
    """Names the secret that signs what it is told: by itself it signs nothing."""
    channel: Mapped[str | None] = mapped_column(String(32))
    """The channel by which it is told, its own: one that is down holds up no other."""
    told_upto: Mapped[int | None] = mapped_column(BigInteger)
    """The last entry of the audit trail of which it was told, or a message to it stands in the queue."""


class QueuedMessage(Base):
    """One message in the queue, and how its sending goes: to a person the alerts of his posts that it groups, to a
    system some events."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("messages_to_send", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
        # Whose digest of today exists already? The years of letters before today must not be read for that.
        Index("messages_of_person", "person_id", "day"),
        # How many are under way by a channel?
        Index("messages_leased", "id", postgresql_where=text("state = 'leased'")),
        Index("messages_of_system", "system_id", postgresql_where=text("system_id IS NOT NULL")),
        CheckConstraint("(person_id IS NULL) <> (system_id IS NULL)", name="messages_to_one"),
    )

    id: Mapped[int] = _key()
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """Stable: the same letter has the same key however often it is sent."""
    person_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("people.id"))
    system_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("systems.id"))
    events: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What a system is told; null in a message to a person."""
    day: Mapped[date]
    """The working day it is for; at most one digest per person and day."""
    state: Mapped[MessageState] = mapped_column(_vocabulary(MessageState, 16))
    severity: Mapped[int]
    next_try_at: Mapped[datetime | None]
    channel_index: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease: Mapped[str | None] = mapped_column(String(36))
    resend: Mapped[bool] = mapped_column(Boolean, default=False)
    history: Mapped[list[Any]]
    """Every try: when, on which channel, with what result."""
    failing_since: Mapped[datetime | None]
    """When it was first not taken: what has failed for the policy's days is given up."""
    refused: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The channels that will never take it, by name."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    person: Mapped[Person | None] = relationship(viewonly=True)
    system: Mapped[System | None] = relationship(viewonly=True)

    @property
    def reader(self) -> str:
        """The name of whom it is to."""
        return self.person.name if self.person else self.system.name if self.system else ""

    @property
    def ways(self) -> list[Any]:
        """The channels by which it goes, the preferred one first."""
        if self.person is None:
            return [[self.system.channel, self.system.hook_address]] if self.system else []
        urgent = self.person.urgent_channels if self.severity >= URGENT else []
        return urgent or self.person.channels or [[FOLDER, ""]]


class ChannelState(Base):
    """How a channel fares, shared by all who send by it: what it was given lately, how it fails, whether it is down."""

    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    taken: Mapped[list[Any]] = mapped_column(default=list)
    """``[instant, messages]`` of the last minute, the instant in ISO form."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """With no success between."""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    rests_until: Mapped[datetime | None]
    """It is given nothing before then, and when it is down a single message to try it by."""
    down_since: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When the operators were told that it is down."""


class Link(Base):
    """A personal address that a message, or an operator, gave to somebody: it opens one matter, or all of his."""

    __tablename__ = "links"
    __table_args__ = (
        # One matter is given to one person under one address, however often he is written to.
        Index(
            "links_in_force",
            "person",
            "matter",
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND NOT signs_in"),
        ),
    )

    handle: Mapped[str] = mapped_column(String(32), primary_key=True)
    """What the address signs: by itself it opens nothing."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the signed address: whoever reads this table cannot open a page with it."""
    person: Mapped[str] = mapped_column(String(200))
    """Who is meant, as the plan or the operators spell him; what he may is asked when he acts."""
    matter: Mapped[str] = mapped_column(String(64))
    """The tag of the matter, such as ``escalation-7``; empty for all that is asked of him."""
    signs_in: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether it begins a session, once."""
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many wrong codes were typed while it was good."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    """When it was taken back, or used up by the session it began."""


class Password(Base):
    """The password of a person who set one, or whom the operators gave one: its argon2 hash, how it is guessed at."""

    __tablename__ = "passwords"

    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("people.id"), primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Wrong ones that were typed since the last right one, or since it was locked."""
    locked_until: Mapped[datetime | None]


class SignIn(Base):
    """A session of somebody who signed in; a browser holds its key, this table only the digest of it."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(200), index=True)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KeptAnswer(Base):
    """What a system was answered under a key of its own, so that a request that it sends twice acts once."""

    __tablename__ = "kept_answers"
    __table_args__ = (Index("kept_answers_by_age", "kept_at"),)

    system_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("systems.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was asked: another request under the same key is a mistake and is told so."""
    answer: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class KeptForm(Base):
    """What somebody wrote into a form and has not handed in: he goes on with it tomorrow, on any machine."""

    __tablename__ = "kept_forms"

    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    matter: Mapped[str] = mapped_column(String(64), primary_key=True)
    values: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class ReadReceipt(Base):
    """签收: somebody has read what he was only informed of, up to an alert."""

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("person", "matter", "alert_id", name="readings_once"),)

    id: Mapped[int] = _key()
    person: Mapped[str] = mapped_column(String(200))
    matter: Mapped[str] = mapped_column(String(64))
    """The tag of the matter, such as ``escalation-7``."""
    alert_id: Mapped[int] = mapped_column(BigInteger)
    """The newest alert that he had read; one after it is unread."""
    read_at: Mapped[datetime]
    door: Mapped[str] = mapped_column(String(24))


class Delegation(Base):
    """委托: somebody who is asked handed one matter over to somebody else who may answer it."""

    __tablename__ = "delegations"
    __table_args__ = (
        Index("delegations_in_force", "matter", "given_by", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = _key()
    matter: Mapped[str] = mapped_column(String(64))
    """The tag of the matter."""
    given_by: Mapped[str] = mapped_column(String(200))
    given_to: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When whoever gave it took it back."""


class Publication(Base):
    """准予公开: whether a measure may be told to the public, in which very words; the newest decision counts."""

    __tablename__ = "publications"

    id: Mapped[int] = _key()
    measure_id: Mapped[int] = _to("measures.id")
    text: Mapped[str | None] = mapped_column(Text)
    """The words that may be published; null where none may."""
    ground: Mapped[Ground | None]
    """Why not."""
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    measure: Mapped[Measure] = relationship(viewonly=True)


class ReleasedPaper(Base):
    """发布的文书: a paper as it went out, kept under the digest of its content; what is changed is a new version."""

    __tablename__ = "papers"
    __table_args__ = (
        UniqueConstraint("inspection_id", "kind", "first_on", "last_on", "sheet", "version", name="papers_numbered"),
    )

    id: Mapped[int] = _key()
    inspection_id: Mapped[int] = _to("inspections.id", index=False)
    kind: Mapped[str] = mapped_column(String(32))
    first_on: Mapped[date]
    """The first day of the months of which it speaks, in the office's zone."""
    last_on: Mapped[date]
    """The last one."""
    sheet: Mapped[str] = mapped_column(String(48), default="", server_default="")
    """Number of the sheet of which alone it speaks; empty for a paper of all its months."""
    version: Mapped[int]
    """From 1."""
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes."""
    sha256: Mapped[str] = mapped_column(String(64), info={NAMES_CONTENT: "name"})
    period_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("periods.id"))
    """The period of the report duty that it answers."""
    released_by: Mapped[str]
    released_at: Mapped[datetime]
    inspection: Mapped[Inspection] = relationship(viewonly=True)
    period: Mapped[Period | None] = relationship(viewonly=True)


class PaperDraft(Base):
    """待发布的文书: a paper of some months waits for the office to read it, amend it and release it."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("inspection_id", "kind", "first_on", "last_on", "sheet", name="drafts_once"),
        Index("drafts_open", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = _key()
    inspection_id: Mapped[int] = _to("inspections.id", index=False)
    kind: Mapped[str] = mapped_column(String(32))
    first_on: Mapped[date]
    """The first day of the months of which it speaks, in the office's zone."""
    last_on: Mapped[date]
    """The last one."""
    sheet: Mapped[str] = mapped_column(String(48), default="", server_default="")
    """Number of the sheet of which alone it speaks; empty for a paper of all its months."""
    due_on: Mapped[date | None]
    """The limit of the period that it answers, when it began; null where it answers none."""
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    """Why it is not wanted; null for one that was released."""
    inspection: Mapped[Inspection] = relationship(viewonly=True)


class Installation(Base):
    """Which ledger this is: what leaves carries its id and epoch, so that no two ledgers speak with one voice."""

    __tablename__ = "installation"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    epoch: Mapped[int]
    """Counted up when the ledger was restored: what it says from then on is not what it said before."""


class Alert(Base):
    """One step of one period for one recipient: written with the claim of its rung."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint(
            "period_id", "rung", "limit_on", "recipient_id", name="alerts_once", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[int] = _key()
    period_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("periods.id"))
    rung: Mapped[str] = mapped_column(String(200))
    limit_on: Mapped[date | None]
    """The limit that its rung belongs to; null for what belongs to none: the opening, a review, an event."""
    recipient_id: Mapped[int] = _to("recipients.id")
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[Level]
    fell_due_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    message_id: Mapped[int] = _to("messages.id")
    note: Mapped[str | None] = mapped_column(Text)
    period: Mapped[Period | None] = relationship(viewonly=True)


class Escalation(Base):
    """督办单, 约谈, 通报: a rung that asks a supervisor to act, with a limit of its own; all are sheets."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("period_id", "rung", "due_on", name="escalations_once"),
        UniqueConstraint("kind", "year", "serial", name="escalations_numbered"),
        Index("escalations_open", "id", postgresql_where=text("state IN ('open', 'acknowledged')")),
        _by_pairs("escalations_by_pairs", "instruction", where="instruction IS NOT NULL"),
    )

    id: Mapped[int] = _key()
    period_id: Mapped[int] = _to("periods.id", index=False)
    rung: Mapped[str] = mapped_column(String(48))
    kind: Mapped[AlertKind] = mapped_column(default=AlertKind.ESCALATION, server_default=AlertKind.ESCALATION)
    """What is asked of the supervisor: one of ``SHEET_KINDS``."""
    level: Mapped[Level]
    recipients: Mapped[list[Any]]
    raised_by: Mapped[str | None]
    """Who had it opened before its time; null where the climb did."""
    raise_reason: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    year: Mapped[int]
    """In which it was opened, in the office's zone."""
    serial: Mapped[int]
    """Its number among the sheets of its kind of that year, from 1 and without a gap, which an id of the database may
    leave."""
    due_on: Mapped[date]
    """The limit of the period that it is about; a later one ends it."""
    limit_on: Mapped[date]
    """The sheet's own limit: until when the supervisor is to act."""
    state: Mapped[EscalationState]
    acknowledgements: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """``{"by", "until", "reason"}`` of each that holds, the instant (UTC) in ISO form."""
    needed: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """How many must have acknowledged before the climb waits."""
    acknowledged_by: Mapped[str | None]
    acknowledged_until: Mapped[datetime | None]
    instruction: Mapped[str | None] = mapped_column(Text)
    """What was instructed; after an interview what was demanded, in a circular what it says."""
    held_on: Mapped[date | None]
    """The day of the interview; null where none was held, or the unit was instructed instead."""
    attended: Mapped[str | None] = mapped_column(Text)
    """Who of the unit was interviewed."""
    circulated: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether it was decided to send the circular out."""
    instructed_by: Mapped[str | None]
    instructed_at: Mapped[datetime | None]
    new_limit_on: Mapped[date | None]
    period: Mapped[Period] = relationship(viewonly=True)

    @property
    def number(self) -> str:
        """The number of the sheet, such as 督办〔2025〕7号."""
        return sheet_number(self.kind, self.year, self.serial)


def sheet_number(kind: AlertKind, year: int, serial: int) -> str:
    """What a sheet is called, such as 督办〔2025〕7号 or 约谈〔2025〕1号.

    Args:
        kind: one of ``SHEET_KINDS``.
        year: in which it was opened, in the office's zone.
        serial: its number in that year.
    """
    return f"{term(AlertKind(kind))}〔{year}〕{serial}号"


class Run(Base):
    """The Prefect run that shows a subject of the ledger: a period, an escalation, whatever a person is asked about."""

    __tablename__ = "runs"
    # What a reconciliation looks at besides open subjects: runs that must still end.
    __table_args__ = (Index("runs_to_end", "subject", "subject_id", postgresql_where=text("NOT ended")),)

    subject: Mapped[str] = mapped_column(String(24), primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[str | None] = mapped_column(String(36))
    announced_at: Mapped[datetime | None]
    """When the event that starts the run was sent."""
    ended: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether nothing is asked about the subject any more and its run has ended under the subject's outcome."""
    parked_at: Mapped[datetime | None]
    """Since when its run cannot be brought to what the ledger says, for the reason beside."""
    parked_error: Mapped[str | None] = mapped_column(Text)
    form: Mapped[str | None] = mapped_column(String(64))
    """A fingerprint of the form with which the run waits, as it was saved: one that differs was changed by hand."""


class Projection(Base):
    """How far Prefect is known to agree with the ledger; one row."""

    __tablename__ = "projection"

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_seen: Mapped[int] = mapped_column(BigInteger)
    """The last entry of the audit trail whose change Prefect shows."""
    at: Mapped[datetime]
    """When that was, by the office's clock."""
    looked_at: Mapped[datetime]
    """When Prefect was last read, by the machine's clock."""
    whole_on: Mapped[date | None]
    """The office's day on which all that is open was last looked at."""


class AuditEntry(Base):
    """One command that changed the ledger; ``hash`` covers the entry and the hash of the one before."""

    __tablename__ = "audit"
    # What somebody did is asked whenever he looks at his desk, of a trail that is years long.
    __table_args__ = (Index("audit_by_actor", "actor", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    command: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str]
    facts: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Backup(Base):
    """A copy of the whole office that was made on this machine, or was not; and whether one could be restored."""

    __tablename__ = "backups"

    id: Mapped[int] = _key()
    at: Mapped[datetime]
    """When, by the machine's clock."""
    file: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes."""
    entries: Mapped[int] = mapped_column(BigInteger)
    """Length of the audit trail in it."""
    head: Mapped[str] = mapped_column(String(64))
    missing: Mapped[int]
    """How many contents the store did not give."""
    error: Mapped[str | None] = mapped_column(Text)
    """Why there is no file."""
    rehearsed_at: Mapped[datetime | None]
    """When it was restored into scratch tables."""
    rehearsal_error: Mapped[str | None] = mapped_column(Text)
    """Why that failed."""


class Patrol(Base):
    """One completed patrol and its totals: the proof that the engine is awake."""

    __tablename__ = "patrols"

    id: Mapped[int] = _key()
    at: Mapped[datetime]
    totals: Mapped[dict[str, Any]]
