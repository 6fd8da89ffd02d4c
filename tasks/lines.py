"""What the ledger says of a matter, as a line of a letter."""

from datetime import date

from config.words import Language, word
from db.ledger.letters import Entry
from tasks.render import Line


def line_of(entry: Entry, today: date, language: Language, link: str | None = None) -> Line:
    """The line of an entry in a letter of ``today`` (the office's zone); ``link`` leads to the period's run."""
    return Line(
        kind=entry.kind,
        level=entry.level,
        measure=entry.measure,
        title=entry.title,
        period=f"{entry.duty} {entry.label}".strip(),
        due_on=entry.due_on or today,
        days_late=entry.days_late,
        action=word(f"action.{entry.kind}", language),
        link=link,
        note=entry.note,
    )
