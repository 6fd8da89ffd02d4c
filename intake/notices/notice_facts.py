"""What a notice says of the round itself: who, whom, when, and the numbers it states."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from intake.chinese_numerals import dates_in_digits
from intake.draft import Ask, DraftFacts
from intake.normalise import half_width
from intake.notices.notice_grammar import NoticeGrammar, NoticeSection, Patterns, load_notice_grammar, matches_any
from intake.notices.outline import NoticeOutline
from intake.notices.tokens import Token

WHOLE_NOTICE = "通报全文"
_LONGEST_TITLE = 90
_HEAD = 8
"""Paragraphs among which the title stands, behind what a web page prints above it."""
_IN_ADDRESS = re.compile(r"[/t](?P<y>20\d\d)[-/]?(?P<m>\d{1,2})[-/]?(?P<d>\d{1,2})(?=[/_])")
"""The day that the address of a page names: …/2024/1/18/art_1.html, …/t20250122_1.html."""
_QUOTED = re.compile("《[^《》]*》")
"""Rules that a notice names hold the names of other bodies."""
_LED = 10
"""Signs before a date in which 反馈时间 and 公示时间 stand."""


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What was read of the round, the numbers, what a person must answer, and whether the first line was the title."""

    facts: DraftFacts
    counts: dict[str, int]
    asks: tuple[Ask, ...]


def notice_facts(outline: NoticeOutline, context: Sequence[str], grammar: NoticeGrammar) -> NoticeFacts:
    """The facts of a notice.

    Args:
        tree: the whole notice.
        context: the text that belongs to no problem, where a notice states its numbers.
        grammar: the wording of names and numbers.

    Returns:
        The facts as far as the notice gives them; a date that lost characters is asked for, never guessed.
    """
    opening = [one.text for one in _opening(outline, grammar)]
    # The head of a web page names the title by its label.
    labelled = ((one.text, grammar.facts.title.search(half_width(one.text))) for one in outline.page)
    named = (text[slice(*match.span("x"))].strip() for text, match in labelled if match)
    title = next(filter(None, named), "") or _title(opening)
    said = _said("\n".join([title, *(one for one in opening if one not in title)]))
    around = "\n".join([said, *(_said(one.text) for one in outline.closing.paragraphs)])
    dates, asks = _dates(said)
    # The title says the kind before all the rest.
    texts = (said.split("\n", 1)[0], said)
    kinds = (kind for text in texts for kind, wording in grammar.kinds.items() if matches_any(wording, text))
    stated = "\n".join(map(half_width, context))
    counts = {key: _count(wording, stated) for key, wording in grammar.counts.items()}
    facts = DraftFacts(
        title=grammar.titles.dated.sub("", title),
        organisation=_name(grammar.facts.organisation, around),
        inspector=_name(grammar.facts.inspector, said),
        kind=next(kinds, None),
        inspected_from=dates.first,
        inspected_to=dates.last,
        feedback_on=dates.feedback,
        published_on=_published(outline, title),
    )
    return NoticeFacts(facts, {key: count for key, count in counts.items() if count is not None}, tuple(asks))


def _said(text: str) -> str:
    """Text as wording is looked for in it: half-width, its full dates in digits."""
    return dates_in_digits(half_width(text))


def _opening(outline: NoticeOutline, grammar: NoticeGrammar) -> list[Token]:
    """What stands above the first heading; where no date is among it, also what stands below a first heading that only
    tells of the round (一、基本情况)."""
    above = outline.root.paragraphs
    first = next((head for head in outline.root.heads if head.form), None)
    if first is None or any(grammar.dates.full.search(half_width(one.text)) for one in above):
        return above
    return above + first.paragraphs if grammar.section(first.title) is NoticeSection.ORGANISATION else above


def _title(opening: Sequence[str]) -> str:
    """The heading of the whole notice, also where it was broken into two lines behind the name of the organisation."""
    wording = load_notice_grammar().titles
    wholes = [
        first + second if second.startswith("关于") and wording.body.search(first) else first
        for first, second in pairwise([*opening[:_HEAD], ""])
    ]
    titles = [
        one for one in wholes if len(one) <= _LONGEST_TITLE and "。" not in one and wording.line.search(half_width(one))
    ]
    return next(
        (one for one in titles if wording.itself.search(half_width(one))),
        titles[0] if titles else "",
    )


def _name(wording: Patterns, text: str) -> str | None:
    lines = _QUOTED.sub("《》", text).splitlines()
    matches = (pattern.search(line) for pattern in wording for line in lines)
    return next((match["x"].strip() for match in matches if match), None)


@dataclass(slots=True)
class _Dates:
    first: date | None = None
    last: date | None = None
    feedback: date | None = None


def _dates(said: str) -> tuple[_Dates, list[Ask]]:
    """The days of the inspection and of the feedback, in a text whose later dates may leave the year out."""
    wording = load_notice_grammar().dates
    said = wording.guessed.sub("", said)
    asks = [_damaged(match[0]) for match in wording.damaged.finditer(said)]
    days = list(_days(said))
    dates = _Dates()
    ranged: set[int] = set()
    for (first, start, end), (last, begin, _) in pairwise(days):
        led = said[max(0, start - _LED) : start].rpartition("\n")[2]
        if wording.until.fullmatch(said, end, begin) and wording.shown not in led:
            ranged |= {start, begin}
            dates.first, dates.last = dates.first or first, dates.last or last
    for place, (day, start, end) in enumerate(days):
        until = days[place + 1][1] if place + 1 < len(days) else len(said)
        after = re.split(r"[。;\n]", said[end:until], maxsplit=1)[0][:45]
        is_feedback = "反馈" in after or wording.feedback.search(said, max(0, start - _LED), start)
        if start not in ranged and dates.feedback is None and is_feedback:
            dates.feedback = day
    if dates.feedback and dates.last and dates.feedback < dates.last:
        asks.append(_before_its_end(dates.feedback, dates.last))
        dates.feedback = None
    return dates, asks


def _days(said: str) -> Iterable[tuple[date, int, int]]:
    """Every date with its place; a year left out is the last one named before it."""
    wording = load_notice_grammar().dates
    years = [(match.start(), match[1]) for match in wording.year.finditer(said)]
    for match in wording.day.finditer(said):
        named = bisect_left(years, (match.start(), ""))
        if not (match["y"] or named):
            continue
        year = match["y"] or years[named - 1][1]
        try:
            day = date(int(year), int(match["m"]), int(match["d"]))
        except ValueError:
            continue
        yield day, match.start(), match.end()


def _damaged(phrase: str) -> Ask:
    return Ask(phrase, "日期缺字，是哪一年哪一月哪一日？", "查对原件后用 --feedback-on 写明反馈日期", WHOLE_NOTICE)


def _before_its_end(feedback: date, last: date) -> Ask:
    ask = f"反馈日期没有写年份，按{feedback}算早于巡察结束的{last}，是哪一年？"
    return Ask(f"{feedback.month}月{feedback.day}日反馈", ask, "查对原件后用 --feedback-on 写明反馈日期", WHOLE_NOTICE)


def _published(outline: NoticeOutline, title: str) -> date | None:
    wording = load_notice_grammar().dates
    page = [_said(one.text) for one in outline.page if not one.text.startswith("http")]
    closing = [_said(text) for _, text in outline.closing.pieces]
    opening = [_said(one.text) for one in outline.root.paragraphs]
    places = [
        (wording.released, [*page, *opening]),
        (wording.published, [*page, *opening]),
        (wording.full, page),
        (wording.full, [half_width(title)]),
        (wording.full, closing[-2:]),
        (_IN_ADDRESS, [one.text for one in outline.page if one.text.startswith("http")]),
    ]
    matches = (pattern.search(text) for pattern, texts in places for text in texts)
    return next((day for match in matches if match and (day := _real(match))), None)


def _real(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


def _count(wording: Patterns, text: str) -> int | None:
    """The first number of the first wording that is there; 第43项 is no number of items."""
    words = load_notice_grammar().dates
    matches = (match for pattern in wording for match in pattern.finditer(text))
    return next(
        (int(match[1]) for match in matches if text[match.start(1) - 1 : match.start(1)] not in (*words.inside,)),
        None,
    )
