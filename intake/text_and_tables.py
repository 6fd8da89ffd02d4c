"""A paper whose text and whose tables both hold work, such as a notice that closes with a list of what is still open.

Its text is read without the rows of its ledgers, these by their columns; what both name is one problem.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, takewhile

from intake.documents import Document, DocumentLine, Progress
from intake.draft import Ask, DocumentDates, Draft, DraftFinding, DraftMeasure, Unplaced
from intake.ledgers.column_vocabulary import LedgerField, load_columns
from intake.ledgers.ledger_draft import ledger_draft
from intake.ledgers.table_lines import ledger_lines, lines_above_tables
from intake.notices.asks import not_printed
from intake.notices.notice_grammar import load_notice_grammar, matches_any
from intake.notices.notice_measures import NO_DATE
from intake.role_directory import WHO_LEADS

_CAPTIONS = 3
"""Lines that stand over a table and belong to it: its name, 单位：万元, the day."""
_SHORTEST = 5
"""Characters that a problem's name has at least where it stands inside another's."""
_PLACE = re.compile(r"[^!]+!\d+")
_OF_COLUMNS = ("due", "lead", "leader", "handler", "assisting", "limit", "state_note")


def text_around(document: Document) -> list[DocumentLine]:
    """The lines of a document that are neither a row of a ledger nor its name above it; one without text stands where
    a ledger stood."""
    inside, captions = ledger_lines(document), {line.number for line in _captions(document)}
    lines = [
        replace(one, text="") if one.number in inside else one for one in document.lines if one.number not in captions
    ]
    return [one for above, one in pairwise([DocumentLine(0, "-"), *lines]) if one.text or above.text]


def _captions(document: Document) -> list[DocumentLine]:
    over, wording = lines_above_tables(document), load_notice_grammar().captions
    found = list[DocumentLine]()
    for place, line in enumerate(document.lines, 1):
        if line.number in over:
            above = reversed(document.lines[max(0, place - _CAPTIONS) : place])
            found += takewhile(lambda one: matches_any(wording, one.text), above)
    return found


def with_ledgers(text: Draft, document: Document, bar: Callable[[str], Progress]) -> Draft:
    """The draft of a text with the rows of the ledgers that stand in its document.

    Args:
        text: the draft of ``text_around``.
        document: as it was read.
        bar: begins a progress bar of a title.

    Returns:
        One draft. A problem that the text names, too, has the measures of both, and a measure of the text the unit and
        the limit that its row gives; a heading of the text that only heads a table is told as unplaced.
    """
    inside, over = ledger_lines(document), lines_above_tables(document)
    if not inside:
        return text
    table, sheets = _tables(document, DocumentDates(text.facts.published_on, text.facts.feedback_on), bar)
    empty = {one.code: _bare(one.title) for one in text.findings if not one.measures}
    heads = [
        (line, over[line.number], code)
        for line in document.lines
        if line.number in over
        for code, title in empty.items()
        if title in _bare(line.text)
    ]
    left = {code for _, place, code in heads if place.has_problems}
    # Rows below a problem of the text have it for theirs, and its number.
    owners = {place.sheet: code for _, place, code in heads if not place.has_problems}
    owned = {code for code, sheet in sheets.items() if sheet in owners}
    findings = {one.code: one for one in text.findings if one.code not in left}
    codes, told = dict[str, str](), list[Unplaced]()
    for found in table.findings:
        owner = owners.get(sheets[found.code])
        same = next((one for one in findings.values() if one.code == owner or _same(one.title, found.title)), None)
        if same is None:
            number = max((int(code) for code in findings if code.isdecimal()), default=0) + 1
            same = replace(found, code=f"{number:02d}", measures=(), goal="", places=())
        elif not owner and _bare(found.title) not in _bare(same.title):
            told.append(Unplaced(f"{found.measures[0].source} 问题描述", found.title))
        findings[same.code], measures = _joined(same, found)
        codes |= {found.code: same.code} | measures
    unnamed = load_columns().title(LedgerField.PROBLEM)
    asks = [
        replace(ask, where=codes.get(ask.where, ask.where))
        for ask in table.asks
        if not (ask.where in owners and ask.phrase == unnamed) and ask.where not in owned
    ]
    named = {line.number: line for line, place, _ in heads if place.has_problems}
    named |= {line.number: line for line in _captions(document)}
    named |= {line.number: line for line in document.lines if line.number in inside and line.text == table.facts.title}
    draft = replace(
        text,
        findings=tuple(findings.values()),
        asks=tuple(dict.fromkeys((*(ask for ask in text.asks if ask.where not in left), *asks))),
        unplaced=(
            *text.unplaced,
            *(Unplaced(f"第{number}行 表题", line.text) for number, line in sorted(named.items())),
            *told,
            *table.unplaced,
        ),
        mapping=table.mapping,
        errors=table.errors,
        frame=(*text.frame, *table.frame),
    )
    return replace(draft, asks=tuple(ask for ask in draft.asks if not _is_answered(ask, draft)))


def _tables(document: Document, days: DocumentDates, bar: Callable[[str], Progress]) -> tuple[Draft, dict[str, str]]:
    """The draft of the ledgers in a document, its places the lines of this where they are rows, and of each finding the
    sheet it was read from."""
    inside = ledger_lines(document)
    lines = {place.where: number for number, place in inside.items()}
    kept = {place.sheet for place in inside.values()}
    grids = tuple(
        replace(
            grid,
            rows=tuple(
                row if document.kind != "txt" or f"{grid.name}!{number}" in lines else ("",) * len(row)
                for number, row in enumerate(grid.rows, 1)
            ),
        )
        for grid in document.sheets
        if grid.name in kept
    )
    table = ledger_draft(grids, document.name, days, bar("理解各行"))

    def placed(where: str) -> str:
        found = _PLACE.match(where)
        return f"第{lines[found[0]]}行{where[found.end() :]}" if found and found[0] in lines else where

    findings = [
        replace(
            one,
            places=tuple(map(placed, one.places)),
            measures=tuple(
                replace(each, source=placed(each.source), places=tuple(map(placed, each.places)))
                for each in one.measures
            ),
        )
        for one in table.findings
    ]
    # What is told of a whole sheet or of a column (表1!F列) stands in no line.
    unplaced = tuple(replace(one, where=placed(one.where).replace("!", " ")) for one in table.unplaced)
    errors = tuple(replace(one, line=lines.get(one.place)) for one in table.errors)
    sheets = {one.code: one.measures[0].source.rpartition("!")[0] for one in table.findings}
    frame = tuple(map(placed, table.frame))
    return replace(table, findings=tuple(findings), unplaced=unplaced, errors=errors, frame=frame), sheets


def _joined(same: DraftFinding, found: DraftFinding) -> tuple[DraftFinding, dict[str, str]]:
    """A problem with the measures of its rows, and the codes these have there by those they had."""
    measures, codes = [*same.measures], dict[str, str]()
    for one in found.measures:
        at = next((at for at, own in enumerate(same.measures) if _says_as_much(own, one)), len(measures))
        if at == len(measures):
            measures.append(replace(one, code=f"{same.code}-{at + 1}"))
        else:
            own = measures[at]
            more = {name: value for name in _OF_COLUMNS if (value := getattr(one, name)) and not getattr(own, name)}
            if "due" in more:
                more |= {"due_doubt": one.due_doubt, "precision": one.precision, "lasting": one.lasting}
            places = tuple(dict.fromkeys((*own.places, *one.places)))
            measures[at] = replace(own, **more, duration=own.duration or one.duration, places=places)
        codes[one.code] = measures[at].code
    goal = "\n".join(dict.fromkeys(filter(None, (same.goal, found.goal))))
    return replace(same, measures=tuple(measures), goal=goal, places=(*same.places, *found.places)), codes


def _says_as_much(own: DraftMeasure, row: DraftMeasure) -> bool:
    """Whether a measure of the text is that of a row, and the two do not differ in who and when."""
    pairs = ((getattr(own, name), getattr(row, name)) for name in _OF_COLUMNS)
    agree = all(not more or not said or said == more for said, more in pairs)
    return agree and _bare(row.text) in _bare(own.text) and _same(own.text, row.text)


def _is_answered(ask: Ask, draft: Draft) -> bool:
    """Whether what the text leaves open is said by a row: the measures of a problem, their units, their limit."""
    measures = {one.code: one for finding in draft.findings for one in finding.measures}
    if replace(ask, where="") == WHO_LEADS:
        return all(one.lead for one in measures.values())
    if ask.where in measures:
        return bool(measures[ask.where].due) and replace(ask, where="") == NO_DATE
    return any(one.measures and ask == not_printed(one) for one in draft.findings)


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same, or one stands inside the other: 工程调度不够, 关于“工程调度不够”问题的整改."""
    short, long = sorted((_bare(one), _bare(other)), key=len)
    return short == long or (len(short) >= _SHORTEST and short in long)


def _bare(text: str) -> str:
    return load_notice_grammar().marks.idle.sub("", text)
