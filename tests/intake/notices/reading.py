"""Reads notices for the tests: from the data folder, or from a text in the test itself."""

from pathlib import Path
from textwrap import dedent

from intake.documents import DocumentLine
from intake.draft import DocumentDates, Draft, DraftMeasure
from intake.notices import notice_draft

DATA = Path(__file__).parents[1] / "data"
NOTICES = sorted((DATA / "notices").glob("*.txt"))
EZHOU = DATA / "ezhou.txt"


def lines_of(text: str) -> tuple[DocumentLine, ...]:
    """The lines of a text that hold something, with their numbers."""
    return tuple(DocumentLine(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def read(path: Path) -> Draft:
    """The draft of a notice in the data folder."""
    return notice_draft(lines_of(path.read_text(encoding="utf-8")), path.name)


def notice(text: str, page: DocumentDates | None = None) -> Draft:
    """The draft of a notice written in the test."""
    return notice_draft(lines_of(dedent(text)), "通报.txt", page or DocumentDates())


def outline(draft: Draft) -> list[tuple[str, list[str]]]:
    """The titles of the findings, each with the texts of its measures."""
    return [(finding.title, [one.text for one in finding.measures]) for finding in draft.findings]


def measures(draft: Draft) -> list[DraftMeasure]:
    """All measures in reading order."""
    return [measure for finding in draft.findings for measure in finding.measures]
