"""What stands around a wording: its clause and sentence, the nearest verb, signs of the past, the future, denial."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from intake.phrases.phrasebook import Phrasebook
from plan.types import DutyKind

_CLAUSE_AFTER = re.compile(r"[^,。;:!?\n]{0,40}")
_SENTENCE_AFTER = re.compile(r"[^。;!?\n]{0,60}")
_CLAUSE_BEFORE = re.compile(r"[^,。;:!?\n]*\Z")
_SENTENCE_BEFORE = re.compile(r"[^。;!?\n]*\Z")
_NEAR = 30


def clause_after(text: str, place: int) -> str:
    """The rest of the clause from ``place`` on, at most 40 characters."""
    found = _CLAUSE_AFTER.match(text, place)
    return found[0] if found else ""


def sentence_after(text: str, place: int) -> str:
    """The rest of the sentence from ``place`` on, at most 60 characters."""
    found = _SENTENCE_AFTER.match(text, place)
    return found[0] if found else ""


def clause_before(text: str, place: int) -> str:
    """The clause up to ``place``, at most 30 characters."""
    found = _CLAUSE_BEFORE.search(text[max(0, place - _NEAR) : place])
    return found[0] if found else ""


def sentence_before(text: str, place: int) -> str:
    """The sentence up to ``place``, at most 30 characters."""
    found = _SENTENCE_BEFORE.search(text[max(0, place - _NEAR) : place])
    return found[0] if found else ""


@dataclass(frozen=True, slots=True, eq=False)
class ContextSigns:
    """The context words of a book, compiled; every ``led`` pattern ends where the wording begins."""

    verbs: re.Pattern[str]
    general: re.Pattern[str]
    past_led: re.Pattern[str]
    since_led: re.Pattern[str]
    past_later: re.Pattern[str]
    past_after: tuple[str, ...]
    future_led: re.Pattern[str]
    latest_led: re.Pattern[str]
    forecast_led: re.Pattern[str]
    denied: re.Pattern[str]


@cache
def context_signs(book: Phrasebook) -> ContextSigns:
    """The signs of ``book``."""
    phrases = book.phrases
    link = f"(?:{_any(phrases.link)})?\\Z"
    return ContextSigns(
        verbs=_verbs(phrases.verbs),
        general=_verbs(phrases.general),
        past_led=re.compile(rf"(?:{_any(phrases.past.before)})\Z"),
        since_led=re.compile(rf"(?:{_any(phrases.past.since)})\Z"),
        past_later=re.compile(_any(phrases.past.later)),
        past_after=tuple(phrases.past.after),
        future_led=re.compile(rf"(?:{_any(phrases.future)}){link}"),
        latest_led=re.compile(rf"(?:{_any(phrases.latest)}){link}"),
        forecast_led=re.compile(rf"(?:{_any(phrases.forecast)}){link}"),
        denied=re.compile(rf"(?:{_any(phrases.negations)})(?!{_any(phrases.bounds)}){phrases.signs.not_done}\Z"),
    )


def denied(book: Phrasebook, text: str, start: int) -> bool:
    """Whether the wording that begins at ``start`` is something that was not done (未按季度报送)."""
    return context_signs(book).denied.search(clause_before(text, start)) is not None


def past(book: Phrasebook, text: str, start: int, end: int, *, window: bool = False) -> bool:
    """Whether the date between ``start`` and ``end`` is a fact, a beginning or a range instead of a limit.

    ``window``: it has both a beginning and an end.
    """
    signs, before = context_signs(book), sentence_before(text, start)
    return bool(
        signs.past_led.search(before)
        or (not window and signs.since_led.search(before))
        or text.startswith(signs.past_after, end)
        or signs.past_later.search(clause_after(text, end))
        or denied(book, text, start)
    )


def kind_of_limit(book: Phrasebook, text: str, start: int, end: int, until: int) -> DutyKind:
    """The kind of duty the nearest verb names: in the wording and the clause after it, else in the sentence up to
    ``until``; without a verb to finish."""
    reach = end + len(clause_after(text, end))
    clause = text[start : min(until, reach)]
    labels = text.startswith(":", reach)  # 5月、10月:开展检查
    follows = (
        clause
        if end < start + len(clause) and not labels
        else text[start : min(until, end + len(sentence_after(text, end)))]
    )
    return next(iter(_kinds(context_signs(book).verbs, follows)), DutyKind.FINISH)


def kind_of_recurrence(book: Phrasebook, text: str, start: int, end: int, until: int) -> DutyKind | None:
    """The kind of duty the nearest verb names: in the wording and the clause after it, before it, else in the sentence
    up to ``until``; None without such a verb.

    What recurs does not finish: there 完成 says nothing. Of a list (专栏每周五、卫视每周四刊播) all share the verb.
    """
    signs = context_signs(book)
    shared = clause_after(text, end) if text.startswith("、", end) else ""
    clause = text[start : min(until, end + len(clause_after(text, end)))]
    sentence = text[end : min(until, end + len(sentence_after(text, end)))]
    before = clause_before(text, start)
    places = [
        *((signs.verbs, place) for place in (clause, before, sentence)),
        (signs.general, clause + before),
        (signs.verbs, shared),
    ]
    return next((kind for verbs, place in places for kind in _duties(verbs, place)), None)


def names_duty(book: Phrasebook, text: str) -> bool:
    """Whether a verb of ``text`` dispatches, reports, checks, studies or confirms: what recurs does not finish."""
    signs = context_signs(book)
    return any(True for verbs in (signs.verbs, signs.general) for _ in _duties(verbs, text))


def through_verb(book: Phrasebook, text: str, end: int, until: int, gap: int) -> int:
    """The end of the verb that follows within ``gap`` characters of the same clause, else ``end``."""
    signs = context_signs(book)
    near = clause_after(text, end)[: min(gap + 4, max(0, until - end))].partition("、")[0]
    found = [here for verbs in (signs.verbs, signs.general) if (here := verbs.search(near)) and here.start() <= gap]
    return end + min(found, key=lambda here: here.start()).end() if found and "\0" not in near else end


def _duties(verbs: re.Pattern[str], text: str) -> Iterable[DutyKind]:
    return (kind for kind in _kinds(verbs, text) if kind is not DutyKind.FINISH)


def _kinds(verbs: re.Pattern[str], text: str) -> Iterable[DutyKind]:
    return (DutyKind(found.lastgroup) for found in verbs.finditer(text) if found.lastgroup)


def _verbs(kinds: Mapping[DutyKind, Iterable[str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind.value}>{_any(words)})" for kind, words in kinds.items()))


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
