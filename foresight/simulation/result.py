"""What a simulation found: letters, acts, periods, escalations, checks; plain data, the same for the same input.

All instants are aware, in the office's zone; all dates are days there.
"""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from plan.types import DeliveryResult, EscalationState, Level
from rules.message import MessageItem


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that left: one recipient, one channel, one instant."""

    at: datetime
    key: str
    recipient: str
    channel: str
    subject: str
    digest: bool
    resend: bool
    entries: tuple[MessageItem, ...]


@dataclass(frozen=True, slots=True)
class FailedTry:
    """A try that the channel refused; ``result`` is retry, fallback or dead."""

    at: datetime
    key: str
    recipient: str
    channel: str
    result: DeliveryResult


@dataclass(frozen=True, slots=True)
class LedgerAct:
    """One entry of the audit trail."""

    at: datetime
    actor: str
    command: str
    subject: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """What a person tried and the ledger did not allow."""

    at: datetime
    actor: str
    act: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodOutcome:
    """How a period went. ``outcome``: on_time, late, review (reported, not judged yet), overdue, open."""

    id: int
    measure: str
    title: str
    duty: str
    label: str
    opens_on: date
    due_on: date
    formal_due_on: date
    reported_at: datetime | None
    closed_at: datetime | None
    rounds: int
    worst: Level
    outcome: str


@dataclass(frozen=True, slots=True)
class EscalationOutcome:
    """How an escalation (督办单) went; ``state`` as in the ledger."""

    number: str
    period_id: int
    measure: str
    period: str
    level: Level
    to: tuple[str, ...]
    opened_at: datetime
    limit_on: date
    state: EscalationState
    acknowledged_by: str | None
    instructed_at: datetime | None
    new_limit_on: date | None


@dataclass(frozen=True, slots=True)
class PaperOutcome:
    """How a paper that the office owed went. ``due_on``: the limit of the period that it answers, None for none.
    ``outcome``: released, late (released after that limit), left (not released at the end)."""

    kind: str
    title: str
    label: str
    begun_at: datetime
    due_on: date | None
    released_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, how many cases could have broken it, and the first few that did."""

    key: str
    title: str
    cases: int
    faults: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing broke the promise."""
        return not self.faults


@dataclass(slots=True)
class PersonCount:
    """What one person received."""

    name: str
    letters: int = 0
    alerts: int = 0
    most_a_day: int = 0
    levels: Counter[Level] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {
            "name": self.name,
            "letters": self.letters,
            "alerts": self.alerts,
            "most_a_day": self.most_a_day,
            "levels": {level.value: count for level, count in self.levels.items()},
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """A stretch of supervision as it would have gone."""

    scenario: str
    about: str
    plan: str
    organisation: str
    first: date
    last: date
    letters: tuple[SentLetter, ...]
    failures: tuple[FailedTry, ...]
    acts: tuple[LedgerAct, ...]
    refused: tuple[Refused, ...]
    periods: tuple[PeriodOutcome, ...]
    sheets: tuple[EscalationOutcome, ...]
    papers: tuple[PaperOutcome, ...]
    checks: tuple[Check, ...]
    instants: int

    def people(self) -> list[PersonCount]:
        """What everybody received, the most addressed first."""
        found: dict[str, PersonCount] = {}
        days: dict[str, Counter[date]] = defaultdict(Counter)
        for letter in self.letters:
            person = found.setdefault(letter.recipient, PersonCount(letter.recipient))
            person.letters += 1
            person.alerts += len(letter.entries)
            person.levels.update(entry.level for entry in letter.entries)
            days[letter.recipient][letter.at.date()] += 1
        for name, per_day in days.items():
            found[name].most_a_day = max(per_day.values())
        return sorted(found.values(), key=lambda person: (-person.letters, person.name))

    def outcomes(self) -> Counter[str]:
        """How many periods had which outcome."""
        return Counter(period.outcome for period in self.periods)

    def paper_outcomes(self) -> Counter[str]:
        """How many papers had which outcome."""
        return Counter(paper.outcome for paper in self.papers)

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values (dates and instants are left to the writer)."""
        found = asdict(self)
        for letter in found["letters"]:
            for entry in letter["entries"]:
                # By these the sender selected it; they are no part of what the letter says.
                del entry["rung"], entry["state"]
        return found | {
            "people": [person.as_dict() for person in self.people()],
            "outcomes": dict(self.outcomes()),
            "paper_outcomes": dict(self.paper_outcomes()),
            "checks": [asdict(check) | {"kept": check.kept} for check in self.checks],
        }
