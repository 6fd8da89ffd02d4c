"""What the ledger says of a matter, as a line of a letter."""

from datetime import date

from db.ledger.letters import Entry
from letters.render import Line
from text.catalogue import phrase


def line_of(entry: Entry, today: date, link: str | None = None) -> Line:
    """The line of an entry in a letter of ``today`` (the office's zone); ``link`` leads to the period's run."""
    return Line(
        kind=entry.kind,
        level=entry.level,
        measure=entry.measure,
        title=entry.title,
        period=f"{entry.duty} {entry.label}".strip(),
        due_on=entry.due_on or today,
        days_late=entry.days_late,
        action=phrase(f"action.{entry.kind}"),
        link=link,
        note=entry.note,
    )
