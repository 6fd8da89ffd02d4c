"""A paper with what intake read of it marked in place: one HTML file for whoever checks the reading.

It loads nothing and runs nothing; every line or row of the paper stands in it once, in its own order.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from intake.documents import Document
from intake.draft import Ask, Draft, DraftMeasure, Hint
from intake.normalise import cell_as_text
from text.catalogue import phrase, term

_STYLE = """
body{font:16px/1.7 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:64rem;margin:1rem auto;padding:0 1rem;
color:#222}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.line{display:grid;grid-template-columns:9rem 1fr;gap:.8rem;border-left:.35rem solid #bbb;padding:.2rem .6rem;
margin:.15rem 0}
.finding{border-color:#1f4e79;font-weight:600}.measure{border-color:#2e7d32}.unplaced{color:#555}
.tag{font-size:.85rem;color:#444;font-weight:400}.line p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.line p.note{font-weight:400;font-size:.9rem;color:#444}p.ask{font-weight:400;font-size:.9rem;color:#8a3b00}
mark.sure{background:#cfeacb}mark.unsure{background:#ffe3b0}mark.asked{background:#ffd2c2}
.legend span{margin-right:1.2rem}
@media(max-width:40rem){.line{grid-template-columns:1fr;gap:0}}
@media print{.line{break-inside:avoid}}
"""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(slots=True)
class _Read:
    """What was read of one line or row."""

    kind: str = "unplaced"
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)


def review_page(document: Document, draft: Draft) -> str:
    """The paper as a page.

    Args:
        document: the paper as it was read.
        draft: what intake made of it.

    Returns:
        The whole HTML file.
    """
    body = _paper(document, draft)
    legend = "".join(
        f"<span><mark class={kind}>{escape(phrase(f'review.{kind}'))}</mark></span>"
        for kind in ("sure", "unsure", "asked")
    )
    title = phrase("review.title", source=document.name)
    counts = phrase(
        "review.counts",
        findings=len(draft.findings),
        measures=sum(len(finding.measures) for finding in draft.findings),
        questions=len(draft.asks),
        unplaced=len(draft.unplaced),
    )
    return "".join(
        (
            '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
            f"<p>{escape(draft.taken.why if draft.taken else '')}</p>"
            f"<p>{escape(counts)}</p><p class=legend>{legend}</p>{''.join(body)}{''.join(_elsewhere(document, draft))}",
            "</body></html>\n",
        )
    )


def _read_at(draft: Draft) -> dict[str, _Read]:
    """What was read of each line and row, by the places that the draft gives."""
    asks = _asks_by_place(draft)
    read: dict[str, _Read] = defaultdict(_Read)
    for finding in draft.findings:
        heads = finding.places or tuple(one.places[0] for one in finding.measures[:1] if one.places)
        for place in heads[:1]:
            _tell(read[place], "finding", finding.code, finding.title, asks.pop(finding.code, ()))
        for place in heads[1:]:
            _tell(read[place], "context", finding.code, "", ())
        for one in finding.measures:
            _tell_measure(read[one.source], one, asks.pop(one.code, ()))
            for place in (place for place in one.places if place != one.source):
                _tell(read[place], "measure", one.code, "", ())
                read[place].hints += one.hints
    for aside in draft.unplaced:
        place, _, why = aside.where.partition(" ")
        read[place].tags += [why] if why else []
    for error in draft.errors:
        read[error.place].notes.append(f"{error.column}：{error.why}")
    for where, asked in asks.items():
        if _is_line(where):
            read[where].asks += asked
    return read


def _paper(document: Document, draft: Draft) -> Iterator[str]:
    """Every line and every row of the paper, the cells of a row beside each other; what was read by its tables stands
    in them, and the lines around them above."""
    read, places = _read_at(draft), draft.places()
    by_table = not document.lines or any("!" in place for place in places)
    for line in document.lines:
        if not by_table or f"第{line.number}行" in places:
            yield _shown(f"{line.number}", line.text, read[f"第{line.number}行"])
    for sheet in document.sheets if by_table else ():
        yield f"<h2>{escape(sheet.name)}</h2>"
        for number, row in enumerate(sheet.rows, 1):
            text = "　｜　".join(dict.fromkeys(filter(None, map(cell_as_text, row))))
            if text:
                yield _shown(f"{number}", text, read[f"{sheet.name}!{number}"])


def _tell(read: _Read, kind: str, code: str, note: str, asks: Iterable[Ask]) -> None:
    read.kind = kind if read.kind != "finding" else read.kind
    read.tags.append(f"{phrase(f'review.{kind}')} {code}")
    read.notes += [note] if note and kind == "finding" else []
    read.asks += asks


def _tell_measure(read: _Read, one: DraftMeasure, asks: Iterable[Ask]) -> None:
    _tell(read, "measure", one.code, "", asks)
    limit = phrase("review.limit", day=one.due) + (phrase("review.doubt") if one.due_doubt else "") if one.due else ""
    lead = phrase("review.lead", unit=one.lead) if one.lead else ""
    state = term(one.state) if one.state else ""
    said = "，".join(filter(None, (lead, limit, state, *(_hint_text(hint) for hint in one.hints))))
    read.notes += [f"{one.code} {said}"] if said else []
    read.hints += one.hints


def _hint_text(hint: Hint) -> str:
    what = " ".join(filter(None, (term(hint.cadence) if hint.cadence else "", hint.due or "")))
    return f"“{hint.phrase}”→{what}{'' if hint.certain else phrase('review.doubt')}"


def _shown(number: str, text: str, read: _Read) -> str:
    tags = "、".join(dict.fromkeys(read.tags)) or phrase("review.context")
    said = (note for note in dict.fromkeys(read.notes) if _bare(note) not in _bare(text))
    notes = "".join(f"<p class=note>{escape(note)}</p>" for note in said)
    asks = "".join(map(_asked, read.asks))
    marked = _marked(text, read.hints, read.asks)
    return (
        f"<div class='line {read.kind}'><div class=tag>{escape(number)}　{escape(tags)}</div>"
        f"<div><p>{marked}</p>{notes}{asks}</div></div>\n"
    )


def _asked(ask: Ask) -> str:
    return f"<p class=ask>{escape(phrase('review.ask', where=ask.where, ask=ask.ask, suggest=ask.suggest))}</p>\n"


def _marked(text: str, hints: Sequence[Hint], asks: Sequence[Ask]) -> str:
    """The text with the wordings that were read or are asked about marked where they stand, none inside another."""
    wanted = [(hint.phrase, "sure" if hint.certain else "unsure") for hint in hints]
    wanted += [(ask.phrase, "asked") for ask in asks]
    spans: list[tuple[int, int, str]] = []
    for said, kind in wanted:
        start = text.find(said) if said else -1
        if start >= 0 and not any(start < end and begin < start + len(said) for begin, end, _ in spans):
            spans.append((start, start + len(said), kind))
    done, parts = 0, list[str]()
    for start, end, kind in sorted(spans):
        parts += [escape(text[done:start]), f"<mark class={kind}>{escape(text[start:end])}</mark>"]
        done = end
    return "".join([*parts, escape(text[done:])])


def _elsewhere(document: Document, draft: Draft) -> Iterator[str]:
    """The questions about the paper as a whole."""
    codes = {finding.code for finding in draft.findings}
    codes |= {one.code for finding in draft.findings for one in finding.measures}
    whole = [ask for ask in draft.asks if ask.where not in codes and not (document.lines and _is_line(ask.where))]
    if whole:
        yield f"<h2>{escape(phrase('review.whole'))}</h2>"
    for ask in whole:
        yield _asked(ask)


def _asks_by_place(draft: Draft) -> dict[str, list[Ask]]:
    found: dict[str, list[Ask]] = {}
    for ask in draft.asks:
        found.setdefault(ask.where, []).append(ask)
    return found


def _is_line(where: str) -> bool:
    """Whether a place is a line: 第31行."""
    return re.fullmatch(r"第\d+行", where) is not None


def _bare(text: str) -> str:
    return _SIGNS.sub("", text)
