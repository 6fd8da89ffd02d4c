"""Finding measures by whatever was written about them: plan, reports, reviews, instructions, extensions.

By plain ``ILIKE``, in any PostgreSQL and for words of any length: most Chinese words have two characters, fewer than
the three that an index of trigrams needs to be of use.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from db.board import ONE_SNAPSHOT, BoardFilter, measures_chosen
from db.ledger.bulk import among
from db.ledger.context import LedgerContext
from db.ledger.inspections import titles_to_tell
from db.ledger.queries import measure_lines
from db.models import Duty, Escalation, Extension, Finding, Measure, Period, Submission

MOST_WORDS, MOST_PASSAGES = 6, 3
_OF_MEASURE = (
    Measure.full_code,
    Measure.title,
    Measure.text,
    Measure.lead_unit,
    Measure.state_note,
    Finding.title,
)
_WRITTEN: tuple[tuple[str, Any, tuple[InstrumentedAttribute[Any], ...]], ...] = (
    ("report", Submission, (Submission.body, Submission.difficulty, Submission.help_needed, Submission.reason)),
    ("sheet", Escalation, (Escalation.instruction,)),
    ("extension", Extension, (Extension.reason, Extension.decision_reason)),
)
"""What people wrote about a period: the word for it in the catalogue, its table, its texts."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in which a word was found: what it is (report, sheet, extension), of which period, the text itself."""

    kind: str
    period_id: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class FoundMeasure:
    """A measure as ``ledger_view`` has it, its name in the whole ledger, what its inspection is called where there
    are several, and the passages in which words were found."""

    line: dict[str, Any]
    full_code: str
    round_title: str
    passages: list[Passage] = field(default_factory=list)


def found_measures(
    ctx: LedgerContext, asked: BoardFilter, words: Sequence[str], start: int, most: int
) -> tuple[int, list[FoundMeasure]]:
    """The measures in force that a filter chooses and about which every word was written, in the order of the plans.

    Args:
        ctx: the context of a transaction that has read nothing yet; lamps are as of its ``now``.
        asked: whose measures, under which lamp.
        words: each is found anywhere in a text, whatever its case; those after the sixth are not looked for.
        start: how many are left out before the first.
        most: how many at most.

    Returns:
        How many there are, and those asked for.
    """
    ctx.connection.execute(ONE_SNAPSHOT)
    chosen, given = measures_chosen(ctx, asked)
    for word in words[:MOST_WORDS]:
        chosen = chosen.where(_written_about(word))
    total = ctx.session.execute(select(func.count()).select_from(chosen.subquery()), given).scalar_one()
    in_order = chosen.order_by(Measure.inspection_id, Measure.place, Measure.id).offset(start).limit(most)
    ids = list(ctx.session.execute(in_order, given).scalars())
    lines, rounds = measure_lines(ctx, ids), titles_to_tell(ctx.session)
    passages = _passages(ctx, ids, words[:MOST_WORDS]) if words else {}
    return total, [
        FoundMeasure(line, one.full_code, rounds.get(one.inspection_id, ""), passages.get(one.id, []))
        for one, line in lines
    ]


def _written_about(word: str) -> ColumnElement[bool]:
    """Whether a word stands in the plan of a measure, or in anything that was written about it."""
    of_periods = (
        Measure.id.in_(
            select(Duty.measure_id)
            .join(Period, Period.duty_id == Duty.id)
            .join(table, table.period_id == Period.id)
            .where(_any_has(texts, word))
        )
        for _, table, texts in _WRITTEN
    )
    return or_(_any_has(_OF_MEASURE, word), *of_periods)


def _any_has(texts: Sequence[InstrumentedAttribute[Any]], word: str) -> ColumnElement[bool]:
    return or_(*(one.icontains(word, autoescape=True) for one in texts))


def _passages(ctx: LedgerContext, ids: Sequence[int], words: Sequence[str]) -> dict[int, list[Passage]]:
    """The newest passages of some measures in which a word stands."""
    found: list[Any] = []
    for kind, table, texts in _WRITTEN:
        whole = func.concat_ws(" ", *texts)
        found.append(
            select(Duty.measure_id, literal(kind).label("kind"), Period.id, Period.label)
            .add_columns(cast(whole, Text).label("text"))
            .join(Period, Period.duty_id == Duty.id)
            .join(table, table.period_id == Period.id)
            .where(among(Duty.measure_id, ids), or_(*(_any_has(texts, word) for word in words)))
        )
    passages = union_all(*found).subquery()
    place = func.row_number().over(partition_by=passages.c.measure_id, order_by=passages.c.id.desc()).label("place")
    ranked = select(passages, place).subquery()
    by_measure: dict[int, list[Passage]] = defaultdict(list)
    for row in ctx.session.execute(select(ranked).where(ranked.c.place <= MOST_PASSAGES).order_by(ranked.c.place)):
        by_measure[row.measure_id].append(Passage(row.kind, row.id, row.label, row.text))
    return by_measure
