"""What the rows above a ledger say of the inspection: ``某局党组巡察整改台账（截至2025年5月）``."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

import pendulum

from intake.draft import DraftFacts
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import compatible
from intake.truncate import truncate_line
from text.limits import LONGEST_LINE

_Value = TypeVar("_Value")
_LABEL = re.compile("[:：]")
_COMPACT = re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")


def title_facts(lines: Sequence[str]) -> DraftFacts:
    """Read the title rows, the first one as the title. What they do not say is None.

    A date to the month (截至2025年5月) is taken as that month's last day.
    """
    wording = load_ledger_wording().titles
    texts = [compatible(line) for line in lines]
    title = _title(lines)
    return DraftFacts(
        title=truncate_line(title, LONGEST_LINE),
        organisation=_first(map(_unit, texts)) or _organisation(compatible(title)),
        kind=_first(kind for text in texts for kind, pattern in wording.kinds.items() if pattern.search(text)),
        feedback_on=_first(_day(text) for text in texts if wording.feedback.search(text)),
        published_on=_first(_day(text) for text in texts if not wording.feedback.search(text)),
    )


def _title(lines: Sequence[str]) -> str:
    """The line that names a ledger, without 附件1：, else the first one that is no label with a colon."""
    wording = load_ledger_wording().titles
    lines = [wording.annex.sub("", line) for line in lines]
    named = (line for line in lines if wording.named.search(line) and not _LABEL.search(line))
    return next(named, next((line for line in lines if not _LABEL.search(line) and len(line) > 3), ""))


def _organisation(title: str) -> str | None:
    """What stands before 巡察, 整改 and the like, if it is a body and not the inspector (市委巡察)."""
    wording = load_ledger_wording().titles
    about = wording.about.search(title)
    body = "".join(title[: about.start()].split()) if about else ""
    inspects = about and about[0] in wording.inspections and wording.inspector.search(body)
    return body if len(body) > 2 and wording.body.search(body) and not inspects else None


def _unit(line: str) -> str | None:
    wording = load_ledger_wording().titles
    found = wording.unit.search(line)
    return found[1] if found else None


def _day(line: str) -> date | None:
    wording = load_ledger_wording().titles
    found = wording.date.search(line) or _COMPACT.search(line)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    last = pendulum.Date(year, month, 1).end_of("month")
    return last.replace(day=min(int(found[3] or last.day), last.day))


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value is not None), None)
