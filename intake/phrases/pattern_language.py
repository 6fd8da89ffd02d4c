"""The little language in which the phrasebook says a wording; the head of ``phrases.yaml`` explains it.

It compiles to regular expressions whose every part is bounded, so that reading stays linear in the text.
"""

import re
from collections.abc import Mapping, Sequence

_Words = Mapping[str, Mapping[str, str]]

_TOKEN = re.compile(r"\{(\w+)\}|\\(.)|(.)", re.DOTALL)
_SPECIAL = re.compile(r"[\[\](){}|~\\]")
_MARKS = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "~": r"[^,，。；;\n]{0,12}?"}


class PatternError(ValueError):
    """A wording of the phrasebook that the little language does not allow; ``str()`` says why."""


def compile_wording(
    says: Sequence[str],
    words: _Words,
    numbers: Mapping[str, str],
    macros: Mapping[str, str],
    not_after: Sequence[str],
    not_before: Sequence[str],
) -> list[re.Pattern[str]]:
    """One pattern for each wording.

    Args:
        says: the wordings, in the little language.
        words: slot name to its words (and what they stand for).
        numbers: slot name to the pattern of its numbers.
        macros: slot name to the wording it abbreviates.
        not_after, not_before: words that may not stand directly before or after.

    Raises:
        SayError: an unknown slot, an unbalanced bracket, or a wording that could be empty.
    """
    before = "".join(f"(?<!{re.escape(word)})" for word in not_after)
    after = "".join(f"(?!{re.escape(word)})" for word in not_before)
    patterns = []
    for say in says:
        plain, seen = say, set[str]()
        for name, text in macros.items():
            plain = plain.replace(f"{{{name}}}", text)
        translated = "".join(_token(found, plain, words, numbers, seen) for found in _TOKEN.finditer(plain))
        try:
            compiled = re.compile(f"{before}(?:{translated}){after}")
        except re.error as error:
            raise PatternError(f"“{say}”的括号没有配对，或写法不对") from error
        if compiled.match(""):
            raise PatternError(f"“{say}”可以什么都不写，会处处读到")
        patterns.append(compiled)
    return patterns


def literal_prefix(say: str) -> str:
    """The plain characters every text of this wording begins with; a text without them need not be searched for it."""
    depth = 0
    for char in say:
        depth += (char in "[(") - (char in "])")
        if char == "|" and not depth:
            return ""
    return _SPECIAL.split(say, maxsplit=1)[0]


def _token(found: re.Match[str], say: str, words: _Words, numbers: Mapping[str, str], seen: set[str]) -> str:
    slot, escaped, plain = found.groups()
    if not slot:
        return re.escape(escaped) if escaped else _MARKS.get(plain, re.escape(plain))
    group = "?:" if slot in seen else f"?P<{slot}>"
    seen.add(slot)
    kind = slot.rstrip("0123456789")
    if kind in numbers:
        return f"({group}{numbers[kind]})"
    if kind not in words:
        known = "、".join(sorted({*numbers, *words}))
        raise PatternError(f"“{say}”里没有 {{{slot}}} 这种槽；现有：{known}")
    longest_first = sorted(words[kind], key=len, reverse=True)
    return f"({group}(?>{'|'.join(map(re.escape, longest_first))}))"
