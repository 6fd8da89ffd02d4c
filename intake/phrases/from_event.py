"""Limits that run from an event: a date where the document names the day of feedback, else a rule and a question."""

import re
from collections.abc import Iterator

from intake.chinese_numerals import numeral_value
from intake.draft import Ask, DocumentDates, Hint
from intake.phrases.date_spans import RelativeLimit
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import FromEvent
from intake.phrases.wording_context import clause_before, kind_of_limit, past, sentence_before, through_verb

_LENGTH = re.compile(r"(\d+)(d|wd|m|h)")
_GAP = 4
_EVENTS = {"feedback": "反馈", "receipt": "收到", "issue": "印发", "meeting": "会议", "event": "起算事项"}
_UNITS = {"d": "日", "wd": "个工作日", "m": "个月"}


def read_from_event(
    book: Phrasebook, folded: FoldedText, match: Match, dates: DocumentDates, since: int, until: int
) -> Iterator[Hint | Ask]:
    """The hint of one relative limit and, where its first day is not known, the question for that day.

    ``since`` is where, in the source, the hint before it ends, ``until`` where, in the folded text, the next begins.
    """
    assert isinstance(match.spec, FromEvent)
    anchor = _anchor(book, folded.text, match.start)
    first = _phrase_start(folded, match.start, anchor, since)
    over = past(book, folded.text, match.start, match.end) or past(book, folded.text, first, match.end, window=True)
    if over or (match.spec.anchored and anchor is None):
        return
    rule = _rule(match, match.spec, book, anchor[0] if anchor else "feedback")
    start, end = folded.span(first, through_verb(book, folded.text, match.end, until, _GAP))
    phrase = folded.source[start:end]
    due = _due(rule, dates) if anchor and anchor[0] == "feedback" else None
    yield Hint(
        phrase=phrase,
        start=start,
        end=end,
        kind=kind_of_limit(book, folded.text, match.start, match.end, until),
        due=due or str(rule),
        certain=due is not None,
        note=_note(rule, anchor, due),
    )
    if due is None:
        yield _ask(phrase, rule, dates)


def _anchor(book: Phrasebook, text: str, place: int) -> tuple[str, int] | None:
    """The event whose word stands nearest before ``place`` in the sentence, and how far before the first one stands."""
    near = sentence_before(text, place)
    words = [word for word, event in book.phrases.anchors.items() if _starts(book, near, word, event)]
    if not words:
        return ("event", 0) if near.endswith(book.phrases.after_event) else None
    nearest = max(words, key=lambda word: (near.rfind(word) + len(word), len(word)))
    clause = clause_before(text, place)
    first = min((clause.find(word) for word in words if word in clause), default=len(clause))
    return book.phrases.anchors[nearest], len(clause) - first


def _starts(book: Phrasebook, near: str, word: str, event: str) -> bool:
    """Whether ``word`` stands in ``near`` as a beginning: 反馈问题 is none, 反馈后 is one."""
    rest = near[near.rfind(word) :] if word in near else ""
    return bool(rest) and (event != "feedback" or any(sign in rest for sign in book.phrases.after_event))


def _rule(match: Match, spec: FromEvent, book: Phrasebook, event: str) -> RelativeLimit:
    """The length in days, working days or months; hours are whole days, a part of a day counts as one."""
    slot = "halflength" if "halflength" in match.slots else "length"
    found = _LENGTH.fullmatch(spec.length or book.value(slot, match.slots[slot]))
    assert found is not None
    count = int(found[1]) * numeral_value(match.slots.get("n") or match.slots.get("few", "1"))
    return RelativeLimit(event, -(-count // 24), "d") if found[2] == "h" else RelativeLimit(event, count, found[2])


def _phrase_start(folded: FoldedText, start: int, anchor: tuple[str, int] | None, since: int) -> int:
    """Where the phrase begins: at its event, unless the hint before it has that."""
    first = start - anchor[1] if anchor else start
    return first if folded.origin[first] >= since else start


def _due(rule: RelativeLimit, dates: DocumentDates) -> str | None:
    try:
        return rule.counted_from(dates.feedback_on).isoformat() if dates.feedback_on else None
    except (ValueError, OverflowError):
        return None


def _said(rule: RelativeLimit) -> str:
    return f"{rule.count}{_UNITS[rule.unit]}"


def _note(rule: RelativeLimit, anchor: tuple[str, int] | None, due: str | None) -> str:
    if due:
        return f"自反馈之日起{_said(rule)}，当日不计"
    start = f"自{_EVENTS[rule.event]}之日起" if anchor else "没有写从何时起算，暂记自反馈之日起"
    return f"{start}{_said(rule)}，起算日待确认"


def _ask(phrase: str, rule: RelativeLimit, dates: DocumentDates) -> Ask:
    due = _due(rule, dates) if rule.event == "feedback" else None
    suggest = f"若自反馈之日{dates.feedback_on}起算，为{due}" if due else f"请填写{_EVENTS[rule.event]}的日期"
    return Ask(phrase, f"“{phrase}”从哪一天起算？", suggest)
