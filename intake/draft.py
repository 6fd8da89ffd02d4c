"""What intake makes of a document: findings, measures, what the wording says about time, and what it leaves open.

A draft is not a plan yet: it says what was read, where, and how surely. ``intake/plan_from_draft.py`` makes the plan.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from plan.types import Cadence, DurationClass, DutyKind, InspectionKind, Precision, WorkState


@dataclass(frozen=True, slots=True)
class Hint:
    """Wording that gives a cadence or a limit. ``start`` and ``end`` are its position in the measure's text.

    ``due`` is a date (``2025-05-31``), with a cadence a due rule of ``plan/due.py`` (``day 5``), and without a known
    starting day a relative rule (``feedback+30wd``). ``opens_on`` and ``ends_on`` are the first and last day on which a
    cadence is owed, where the wording names them. ``certain`` is False where a person must confirm it; ``note`` says
    in Chinese how it was read.
    """

    phrase: str
    start: int
    end: int
    kind: DutyKind
    cadence: Cadence | None = None
    due: str | None = None
    precision: Precision = Precision.DAY
    certain: bool = True
    note: str = ""
    opens_on: date | None = None
    ends_on: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """The hint as JSON values; of cadence, due and stretch only what the wording gives."""
        days = {"opens_on": self.opens_on, "ends_on": self.ends_on}
        stretch = {name: day.isoformat() for name, day in days.items() if day}
        given = {"cadence": self.cadence, "due": self.due, **stretch}
        return {
            "phrase": self.phrase,
            "kind": self.kind,
            **{name: value for name, value in given.items() if value is not None},
            "precision": self.precision,
            "certain": self.certain,
            "position": [self.start, self.end],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for a person: the wording, what is asked, what is suggested; ``where`` is a code, or a place."""

    phrase: str
    ask: str
    suggest: str
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The question as JSON values."""
        return {"where": self.where, "phrase": self.phrase, "ask": self.ask, "suggest": self.suggest}


@dataclass(frozen=True, slots=True)
class DocumentDates:
    """What the wording is read against: the days a document itself gives, as dates of the office's zone."""

    published_on: date | None = None
    feedback_on: date | None = None

    @property
    def read_on(self) -> date | None:
        """The day from which the document looks back and ahead: that of its publication, else that of the feedback."""
        return self.published_on or self.feedback_on


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stretch of wording says about time; ``duration`` only where the wording names the class.

    ``dated`` are those of ``asks`` whose wording names a time (每3天, 次月5日前), not a manner (定期, 持续).
    """

    hints: tuple[Hint, ...] = ()
    asks: tuple[Ask, ...] = ()
    duration: DurationClass | None = None
    dated: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What the document says about the inspection itself. Days are dates of the office's zone."""

    title: str = ""
    organisation: str | None = None
    inspector: str | None = None
    kind: InspectionKind | None = None
    inspected_from: date | None = None
    inspected_to: date | None = None
    feedback_on: date | None = None
    published_on: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """The facts as JSON values; what the document does not say is null."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class DraftMeasure:
    """One measure as read. ``due`` and the posts come from a ledger's columns; a notice seldom has them.

    ``source`` says where it begins: ``第31行`` of a text, ``台账!12`` of a sheet; ``places`` are all lines or rows it
    was read from, written so. ``limit`` is what the paper says of its limit, word for word. ``due_doubt`` is why a
    person must confirm the limit, empty where it is certain; ``lasting``: it is kept up after its limit
    (2025年底，并长期坚持).
    """

    code: str
    title: str
    text: str
    source: str
    duration: DurationClass | None = None
    state: WorkState | None = None
    state_note: str = ""
    hints: tuple[Hint, ...] = ()
    due: date | None = None
    precision: Precision = Precision.DAY
    lead: str | None = None
    assisting: tuple[str, ...] = ()
    leader: str | None = None
    handler: str | None = None
    due_doubt: str = ""
    lasting: bool = False
    limit: str = ""
    places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The measure as JSON values."""
        return {
            "code": self.code,
            "title": self.title,
            "text": self.text,
            "source": self.source,
            "places": list(self.places),
            "duration_class": self.duration,
            "state": self.state,
            "state_note": self.state_note,
            "limit": self.limit,
            "due": self.due,
            "due_doubt": self.due_doubt,
            "lasting": self.lasting,
            "precision": self.precision,
            "lead": self.lead,
            "assisting": list(self.assisting),
            "leader": self.leader,
            "handler": self.handler,
            "hints": [hint.as_dict() for hint in self.hints],
        }


@dataclass(frozen=True, slots=True)
class DraftFinding:
    """One problem as read, with its measures; ``goal`` is what it is to come to (整改目标), line by line.

    ``places`` are the lines that belong to it and to no one of its measures: its heading, its labels, who and when.
    """

    code: str
    title: str
    measures: tuple[DraftMeasure, ...] = ()
    goal: str = ""
    places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {
            "code": self.code,
            "title": self.title,
            "places": list(self.places),
            "goal": self.goal or None,
            "measures": [one.as_dict() for one in self.measures],
        }


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Text that found no place in the draft: told, never dropped."""

    where: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        """The text as JSON values."""
        return {"where": self.where, "text": self.text}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """How one column of a sheet was understood; ``field`` is None where nobody could say."""

    sheet: str
    column: str
    header: str
    field: str | None
    certain: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The column as JSON values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that could not be read: where, what stood there, and why it does not do. ``row`` counts from 1; ``line``
    is the line of the document that the row is, if one is."""

    sheet: str
    row: int
    column: str
    value: str
    why: str
    line: int | None = None

    @property
    def place(self) -> str:
        """The line or the row: ``第31行``, ``台账!12``."""
        return f"第{self.line}行" if self.line else f"{self.sheet}!{self.row}"

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class TakenFor:
    """What kind of paper a document was taken for: the key of the interpreter that read it, one line for people that
    says why, the keys of those that it fits nearly as well, and whether a person said what it is."""

    kind: str
    why: str
    perhaps: tuple[str, ...] = ()
    given: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The kind as JSON values."""
        return {"kind": self.kind, "why": self.why, "perhaps": list(self.perhaps), "given": self.given}


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole document as read. ``mapping`` and ``errors`` belong to sheets, ``unplaced`` to both.

    ``frame`` are the lines and rows that only hold the others together: the title, the heads of columns, bare numbers.
    Every line or row that says something stands in the places of a finding or a measure, in the frame, among the
    errors or the unplaced (``places``).
    """

    source: str
    facts: DraftFacts
    findings: tuple[DraftFinding, ...] = ()
    asks: tuple[Ask, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    mapping: tuple[MappedColumn, ...] = ()
    errors: tuple[CellError, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """Numbers the document states of itself (35个问题), kept to check the reading against."""
    taken: TakenFor | None = None
    """What it was taken for; None where only one reading was asked for."""
    frame: tuple[str, ...] = ()

    def places(self) -> dict[str, list[str]]:
        """What each line or row became: codes of findings and measures, ``frame``, ``error``, ``unplaced``; a line of
        several parts became several things."""
        found: dict[str, list[str]] = {}
        told = [(place, "frame") for place in self.frame]
        for finding in self.findings:
            told += [(place, finding.code) for place in finding.places]
            told += [(place, one.code) for one in finding.measures for place in one.places]
        told += [(one.place, "error") for one in self.errors]
        told += [(one.where.partition(" ")[0], "unplaced") for one in self.unplaced]
        for place, what in told:
            found.setdefault(place, []).append(what)
        return found

    def as_dict(self) -> dict[str, Any]:
        """The draft as JSON values."""
        return {
            "source": self.source,
            "taken_for": self.taken.as_dict() if self.taken else None,
            "inspection": self.facts.as_dict(),
            "counts": self.counts,
            "frame": list(self.frame),
            "findings": [finding.as_dict() for finding in self.findings],
            "questions": [ask.as_dict() for ask in self.asks],
            "unplaced": [one.as_dict() for one in self.unplaced],
            "mapping": [column.as_dict() for column in self.mapping],
            "errors": [error.as_dict() for error in self.errors],
        }
