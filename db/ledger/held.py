"""What commands share that are carried out together: periods locked beforehand, words and entries for the end."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from db.models import Escalation, Period, Submission
from plan.types import Level


@dataclass(frozen=True, slots=True)
class Word:
    """Something to tell outside the digest. ``rung`` is the event's stable key: nobody is told of it twice."""

    recipients: Sequence[int]
    rung: str
    kind: str
    level: Level
    note: str
    period_id: int | None


@dataclass(slots=True)
class Held:
    """Locked periods by their ids, their sheets and present reports; what was said and noted meanwhile."""

    periods: dict[int, Period] = field(default_factory=dict)
    sheets: dict[int, Escalation] = field(default_factory=dict)
    sheets_of: dict[int, list[Escalation]] = field(default_factory=lambda: defaultdict(list))
    reports: dict[int, Submission] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
