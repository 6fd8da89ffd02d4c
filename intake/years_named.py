"""The year that lines without one are read in: the last that a line above them names (一、2024年工作安排)."""

from collections.abc import Iterable, Iterator
from datetime import date

from intake.draft import DocumentDates, DraftFacts, Unplaced
from intake.normalise import half_width
from intake.phrases.phrasebook import shipped_phrasebook


def with_dates(lines: Iterable[Unplaced], facts: DraftFacts) -> Iterator[tuple[Unplaced, DocumentDates]]:
    """Lines with the days that their wording is read against.

    Args:
        lines: in the order of the paper.
        facts: of the paper; the day of its publication counts until a line names a later year.

    Returns:
        Each line with the paper's own days; where it has none, or the last year named above is a later one, with the
        first day of that year.
    """
    own = DocumentDates(facts.published_on, facts.feedback_on)
    dates = own
    for one in lines:
        yield one, dates
        for year in shipped_phrasebook().phrases.signs.year.findall(half_width(one.text)):
            since = own.read_on
            dates = (
                own if since and int(year) <= since.year else DocumentDates(date(int(year), 1, 1), facts.feedback_on)
            )
