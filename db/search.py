"""Finding measures by whatever was written about them: plan, reports, reviews, instructions, extensions.

What may hold a word is found by an index of pairs of neighbouring characters (``word_pairs``, a plain function of the
migrations), and whether it does by ``ILIKE``. Most Chinese words have two characters: an index of trigrams makes
nothing of them, and not every account may make its extension. A single character is looked for in every text.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute

from db.board import ONE_SNAPSHOT, BoardFilter, measures_chosen
from db.ledger.bulk import among
from db.ledger.context import LedgerContext
from db.ledger.inspections import titles_to_tell
from db.ledger.queries import measure_lines
from db.models import Duty, Escalation, Extension, Finding, Measure, Part, Period, Submission

MOST_WORDS, MOST_PASSAGES = 6, 3
_OF_MEASURE = (
    Measure.full_code,
    Measure.title,
    Measure.text,
    Measure.lead_unit,
    Measure.state_note,
)
_WRITTEN: tuple[tuple[str, Any, tuple[InstrumentedAttribute[Any], ...]], ...] = (
    ("report", Submission, (Submission.body, Submission.difficulty, Submission.help_needed, Submission.reason)),
    ("part", Part, (Part.text,)),
    ("sheet", Escalation, (Escalation.instruction,)),
    ("extension", Extension, (Extension.reason, Extension.decision_reason)),
)
"""What people wrote about a period: the word for it in the catalogue, its table, its texts."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in which a word was found: what it is (report, part, sheet, extension), of which period, and itself."""

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
    in_order = chosen.order_by(Measure.inspection_id, Measure.place, Measure.id)
    page = in_order.add_columns(func.count().over()).offset(start).limit(most)
    rows = ctx.session.execute(page, given).all()
    # Behind the last page nothing says how many there are.
    of_all = select(func.count()).select_from(chosen.subquery())
    total = rows[0][1] if rows else ctx.session.execute(of_all, given).scalar_one() if start else 0
    ids = [row[0] for row in rows]
    lines, rounds = measure_lines(ctx, ids), titles_to_tell(ctx.session)
    passages = _passages(ctx, ids, words[:MOST_WORDS]) if words else {}
    return total, [
        FoundMeasure(line, one.full_code, rounds.get(one.inspection_id, ""), passages.get(one.id, []))
        for one, line in lines
    ]


def _written_about(word: str) -> ColumnElement[bool]:
    """Whether a word stands in the plan of a measure, or in anything that was written about it."""
    of_findings = select(Finding.id).where(Finding.title.icontains(word, autoescape=True))
    of_plans = [
        select(Measure.id).where(_may_have(_OF_MEASURE, word)),
        select(Measure.id).where(Measure.finding_id.in_(of_findings)),
    ]
    of_periods = (
        select(Duty.measure_id)
        .join(Period, Period.duty_id == Duty.id)
        .join(table, table.period_id == Period.id)
        .where(_may_have(texts, word))
        for _, table, texts in _WRITTEN
    )
    # One look for each place, each by its own index; a condition over all of them would read every measure.
    return Measure.id.in_(union_all(*of_plans, *of_periods))


def _may_have(texts: Sequence[InstrumentedAttribute[Any]], word: str) -> ColumnElement[bool]:
    """Whether a word stands in one of some texts of a row, for a query that the index answers."""
    if len(word) < 2:
        return _any_has(texts, word)
    # A partial index knows only rows in which somebody wrote anything.
    known = [texts[0].is_not(None)] if len(texts) == 1 else []
    pairs, wanted = (func.word_pairs(array(those), type_=ARRAY(Text)) for those in (texts, [literal(word, Text)]))
    return and_(*known, pairs.contains(wanted), _any_has(texts, word))


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
