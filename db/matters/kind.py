"""What waits for a person: the one shape that every kind of matter has.

A matter is about one row of the ledger (its *subject*: a period, an escalation, an extension) and asks one question at
a time. A new kind is one file beside this one: reconciler, flow body and forms need no other word of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, null, true
from sqlalchemy.orm.interfaces import ORMOption

from config.dates import parse_day
from db.ledger.context import LedgerContext
from db.ledger.deciders import with_right
from db.ledger.evidence import KeepsFiles
from db.models import Alert, Base, Measure
from plan.types import Act, Audience, Level
from text.catalogue import phrase, term
from text.refusals import Refusal

RowT = TypeVar("RowT", bound=Base)


@dataclass(frozen=True, slots=True)
class Button:
    """One of the answers that a person may give: what it is called, which fields it sets, and which it needs filled.

    A form without buttons, as Prefect shows it, says the same by its switches and empty fields.
    """

    key: str
    label: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


class Answer(BaseModel):
    """A filled form. Every form says, as its last field, ``by`` whom; the ledger decides whether that person may."""

    if TYPE_CHECKING:  # each form declares it itself: a field of this class would stand first in the dialog
        by: str


def written_day(field: str, written: str) -> date:
    """A day that somebody wrote into a form, in the office's zone.

    Args:
        field: the title of the field.
        written: what stands in it, such as ``2025-06-30``.

    Raises:
        Refusal: ``date_wrong``.
    """
    try:
        return parse_day(written)
    except ValueError as error:
        raise Refusal("date_wrong", field=field, why=error) from None


class MatterKind(ABC, Generic[RowT]):
    """One kind of matter.

    ``key`` names the kind in lowercase letters and dashes; ``subject`` the kind of row it is about, a ``model``:
    several kinds may ask about one subject in turn, in the same run. ``flow`` is the flow of that run, which says
    ``about`` itself what it waits for. ``form`` is what the person fills in, ``placeholder`` a filled form that only
    wakes a run whose question was answered elsewhere: nothing of it is taken. ``event`` starts the run; without one
    reconciliation does.
    ``call`` names what a letter tells whoever is to answer, in the key of its alert before the row's id.
    """

    key: ClassVar[str]
    subject: ClassVar[str]
    model: ClassVar[Any]
    flow: ClassVar[str]
    about: ClassVar[str]
    act: ClassVar[Act]
    """What answering it is, in the table of rights."""
    form: ClassVar[type[Answer]]
    placeholder: ClassVar[Mapping[str, Any]]
    event: ClassVar[str | None] = None
    call: ClassVar[str | None] = None
    buttons: ClassVar[tuple[Button, ...]] = (Button("submit", "提交"),)
    """The answers a person may give, the usual one first."""
    takes_files: ClassVar[bool] = False
    """Whether files of evidence are handed in with an answer."""
    several: ClassVar[bool] = False
    """Whether several may be answered in the same words."""
    mending: ClassVar[Mapping[str, str]] = {}
    """Code of a refusal to the field of the form that mends it, in the form's words."""
    reading: ClassVar[tuple[ORMOption, ...]] = ()
    """How rows are loaded with all that the methods below look at."""

    @abstractmethod
    def asks(self) -> ColumnElement[bool]:
        """Whether a row asks this now, for a query."""

    @abstractmethod
    def is_open(self, row: RowT) -> bool:
        """Whether a loaded ``row`` asks this now; the same as ``asks``."""

    @abstractmethod
    def locked(self, ctx: LedgerContext, row_id: int) -> RowT | None:
        """The row, held against every other writer in the order of the ledger's commands; None when there is none.

        Args:
            ctx: the context whose transaction holds it.
            row_id: its id, from wherever it came.
        """

    @abstractmethod
    def question(self, row: RowT) -> str:
        """What tells this question about ``row`` from every one before and after it: the key, or the key and more."""

    def same_question(self, asked: str, answered: str) -> bool:
        """Whether an answer to one question about a row answers what is asked of it now.

        Args:
            asked: the question that the row asks now.
            answered: the one that was answered, as it was told when the form was shown.
        """
        return asked == answered

    @abstractmethod
    def name(self, row: RowT) -> str:
        """What the run of ``row`` is called."""

    @abstractmethod
    def waiting_name(self, ctx: LedgerContext, row: RowT) -> str:
        """What the run's state is called while ``row`` waits, at the ``now`` of ``ctx``."""

    @abstractmethod
    def outcome(self, row: RowT) -> str | None:
        """What the run's end is called once nothing is asked about ``row`` any more; None when it was withdrawn."""

    @abstractmethod
    def card(self, ctx: LedgerContext, row: RowT) -> str:
        """The text above the form, in Markdown.

        Args:
            ctx: the context; days are told in its zone.
            row: loaded as ``reading`` says; what came from outside is made harmless in the text.
        """

    @abstractmethod
    def asked_of(self, row: RowT) -> list[int]:
        """Ids of the recipients who are to answer for ``row``, each once, in order."""

    def may_answer(self, ctx: LedgerContext, row: RowT) -> list[int]:
        """Ids of the recipients whose answer for ``row`` is taken: those who are asked, and whoever has the right."""
        measure = self.measure(row)
        return list(dict.fromkeys([*self.asked_of(row), *(with_right(ctx, self.act, measure) if measure else ())]))

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Whether some posts may be among those who are to answer, for a query; a kind that cannot tell says yes.

        Args:
            posts: ids of recipients, at least one.
            held: the measures in which they stand, by audience.
        """
        return true()

    @abstractmethod
    def take(self, ctx: LedgerContext, row: RowT, answer: Any) -> None:
        """Hand a filled form to the ledger's command, in the name of the context's actor.

        Args:
            ctx: its actor is the person who filled the form.
            row: locked, and still asking what was answered.
            answer: an instance of ``form``.

        Raises:
            Refusal: the ledger does not take it.
        """

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Whether what a run shows of a row may have changed, for a query; a kind that cannot tell says yes to all.

        Args:
            periods: ids of the periods that commands have changed.
            since: aware instant at which the runs were last looked at.
            now: aware instant of this look.
        """
        return true()

    def deployment(self, row: RowT) -> str:
        """The name of the deployment under which the run of ``row`` waits."""
        return self.flow

    @abstractmethod
    def parameters(self, row: RowT) -> dict[str, Any]:
        """The parameters of the run of ``row``, as JSON values."""

    def alerted(self) -> ColumnElement[int | None] | None:
        """The id of the row that an alert leads to, for a query over ``Alert``: null for one about another kind of row.

        None where no alert leads to this kind but by its period.
        """
        # Whoever took the post over is told the same again, under a key that begins otherwise.
        return cast(func.substring(Alert.rung, f"(?:^|:){self.call}:([0-9]+)"), BigInteger) if self.call else None

    def measure_id(self) -> ColumnElement[Any]:
        """The id of the measure that a row is about, for a query; null where it is about none."""
        return cast(null(), BigInteger)

    def level(self) -> ColumnElement[str]:
        """The colour of a row, for a query; the same as ``lamp``. That of a period is no column: its clock says it."""
        return literal(Level.NONE.value)

    def measure(self, row: RowT) -> Measure | None:
        """The measure that ``row`` is about; None where it is about none."""
        return None

    def label(self, row: RowT) -> str:
        """What the period that ``row`` is about is called; empty where it is about none."""
        return ""

    def limit(self, row: RowT) -> date | None:
        """The day by which ``row`` is to be answered, in the office's zone; None where there is none."""
        return None

    def lamp(self, ctx: LedgerContext, row: RowT) -> Level:
        """The colour of ``row`` at the ``now`` of ``ctx``."""
        return Level.NONE

    def stages(self, ctx: LedgerContext, row: RowT) -> tuple[str, ...]:
        """The words by which runs are filtered while ``row`` waits at the ``now`` of ``ctx``: its stage, its lamp."""
        return (self.waiting_name(ctx, row),)

    def prefilled(self, row: RowT) -> dict[str, Any]:
        """Values the form for ``row`` starts with, by the name of their field."""
        return {}

    def history(self, ctx: LedgerContext, row: RowT) -> str:
        """What was said about ``row`` until it ended, in Markdown, for whoever opens its run afterwards.

        Args:
            ctx: the context; days are told in its zone.
            row: loaded as ``reading`` says.
        """
        return self.card(ctx, row)

    def announcement(self, row: RowT) -> dict[str, Any]:
        """What the event says that starts the run of ``row``, as JSON values."""
        return {}


def lamp_tags(colour: Level) -> tuple[str, ...]:
    """The tag of a lamp, such as 红灯; none for a lamp that is off.

    Args:
        colour: of the lamp.
    """
    return () if colour is Level.NONE else (phrase("tag.lamp", colour=term(colour)),)


def subject_tag(subject: str, subject_id: int) -> str:
    """The tag that the runs of one subject bear and no other: ``escalation-7``.

    Args:
        subject: the kind of row.
        subject_id: the row's id.
    """
    return f"{subject}-{subject_id}"


@dataclass(frozen=True, slots=True)
class Matter:
    """One subject as it stands, and how its run should look.

    ``kind`` is the key of the kind that asks, empty when nothing is asked any more; then ``outcome`` says how it ended
    (None: withdrawn). ``run_id``: the run that the ledger knows of. ``announced``: whether the event that starts the
    run was sent, true where there is none. ``tags``: those of its run, by which Prefect's pages filter: unit, leaders,
    stage, lamp, and ``tag``, which no other subject has. ``lamp``: its colour while something is asked. ``due_on``: a
    day in the office's zone; ``inspection``: the key of its inspection, and ``round_title`` what that is called where
    the ledger has several, so that things must say which they are of; ``measure``: its full code, ``label`` what the
    period is called and ``period_id`` its id, empty where it is about none; ``asked``: the names of those who are to
    answer, ``away``: of holders for whom one of them stands in, ``may_answer``: of those whose answer is taken on its
    page, ``posts``: of all who have to do with it, ``concerned``: of those whom any question about the subject asks,
    now or another time; ``delegated``: who handed it over to whom: ``asked`` names the other. ``parked``:
    whether its run could not be brought to this before; ``form``: a fingerprint of the form with which it waits.
    """

    subject: str
    id: int
    kind: str
    name: str
    waiting_name: str
    question: str
    deployment: str
    parameters: Mapping[str, Any]
    run_id: str | None
    announced: bool
    outcome: str | None
    tags: tuple[str, ...] = ()
    lamp: Level = Level.NONE
    due_on: date | None = None
    unit: str = ""
    inspection: str = ""
    round_title: str = ""
    measure: str = ""
    label: str = ""
    period_id: int | None = None
    asked: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    may_answer: tuple[str, ...] = ()
    concerned: tuple[str, ...] = ()
    delegated: tuple[tuple[str, str], ...] = ()
    posts: tuple[str, ...] = ()
    parked: bool = False
    form: str | None = None

    @property
    def tag(self) -> str:
        """The tag of this subject alone: its link finds whichever run shows it now."""
        return subject_tag(self.subject, self.id)

    @property
    def keeps_files(self) -> KeepsFiles:
        """What keeps the files of this matter; nothing beside its period for one that is about that itself."""
        name = f"{self.subject}_id"
        return KeepsFiles(**{name: self.id}) if name in KeepsFiles._fields else KeepsFiles()


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event that is to start the run of a subject, with the parameters that run will have."""

    subject: str
    id: int
    event: str
    parameters: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FormContext:
    """All that a flow needs to ask: the matter, the text above the form, and the values the form starts with."""

    matter: Matter
    card: str
    prefilled: Mapping[str, Any]
