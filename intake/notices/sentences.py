"""Sentences of Chinese text: where the first one ends, what a measure may be called, and how to shorten."""

import re

from intake.notices.notice_grammar import load_notice_grammar
from intake.truncate import LONGEST_TITLE, truncate_line

_ENDS = "。！？!?"
_OPENING, _CLOSING = "“「『《（(【", "”」』》）)】"
_BRACKETED = re.compile(r"\s*[【\[（(]([^【】\[\]（()）]{2,14})[】\]）)]")
_ENDS_IN_BRACKETS = re.compile(r"[【\[（(]([^【】\[\]（()）]{2,14})[】\]）)][。；;]?\s*$")


def split_title(text: str) -> tuple[str, str]:
    """A heading and what follows it on its line: the first sentence, a full stop within quotation marks not counted."""
    wording = load_notice_grammar().sentences
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth <= 0 and (char in _ENDS or wording.named.match(text, place)):
            return text[:place].strip(), text[place + 1 :].strip()
    return text.strip(), ""


def split_problem(text: str) -> tuple[str, str]:
    """A heading that names a problem, and the rest: what was done, where it only takes one up (针对…的问题，…)."""
    wording = load_notice_grammar().sentences
    title, rest = split_title(text)
    taken_up = wording.taken_up.match(text)
    return (taken_up[0], text[taken_up.end() + 1 :].strip()) if taken_up else (title, rest)


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence, clause or line, or the brackets before it; and the rest."""
    if said := _BRACKETED.match(text):
        return said[1], text[said.end() :].strip()
    sentence, _, rest = re.sub(r"[。；;！!\n]", "\0", text, count=1).partition("\0")
    return sentence.strip(), rest.strip()


def last_in_brackets(text: str) -> tuple[str, str]:
    """What stands in brackets at the end of a text, and the text before it."""
    said = _ENDS_IN_BRACKETS.search(text)
    return (said[1], text[: said.start()].strip()) if said else ("", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [one for one in re.split(r"[。；;！!\n]", text) if one.strip()]


def short_title(text: str) -> str:
    """What a measure is called: its first clause that says something, the rest of a longer one cut."""
    wording = load_notice_grammar().sentences
    clause = wording.clause.match(text.strip())
    return truncate_line((clause[0] if clause else text).strip("，,。；;：: "), LONGEST_TITLE)
