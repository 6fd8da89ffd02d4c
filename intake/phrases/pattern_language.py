"""The little language in which the phrasebook says a wording; the head of ``phrases.yaml`` explains it.

It compiles to regular expressions whose every part is bounded, so that reading stays linear in the text.
"""

import re
from collections.abc import Mapping, Sequence

_Words = Mapping[str, Mapping[str, str]]

_NUMERAL = "〇零○一二两三四五六七八九十廿卅百"
_TOKEN = re.compile(r"\{(\w+)\}|\\(.)|(.)", re.DOTALL)
_SPECIAL = re.compile(r"[\[\](){}|~\\]")
_MARKS = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "~": r"[^,，。；;\n]{0,12}?"}
_NUMBERS = {
    "year": rf"(?<!\d)(?:20\d\d|2\d(?=年\d{{1,2}}月))(?!\d)|(?<![{_NUMERAL}])二[〇零○][{_NUMERAL}]{{2}}",
    "month": rf"(?<!\d)\d{{1,2}}(?!\d)|(?<![{_NUMERAL}])[一二三四五六七八九十]{{1,2}}(?![{_NUMERAL}])",
    "day": rf"(?<!\d)\d{{1,2}}(?!\d)|(?<![{_NUMERAL}])[一二三四五六七八九十廿卅]{{1,3}}(?![{_NUMERAL}])",
    "n": rf"(?<![\d.])\d{{1,3}}(?!\d)|(?<![{_NUMERAL}])[一二两三四五六七八九十百]{{1,4}}(?![{_NUMERAL}])",
    "ymd": r"(?<!\d)20\d{6}(?!\d)",
}
NUMBER_SLOTS = frozenset(_NUMBERS)


class PatternError(ValueError):
    """A wording of the phrasebook that the little language does not allow; ``str()`` says why."""


def compile_wording(
    says: Sequence[str], words: _Words, macros: Mapping[str, str], not_after: Sequence[str], not_before: Sequence[str]
) -> list[re.Pattern[str]]:
    """One pattern for each wording.

    Args:
        says: the wordings, in the little language.
        words: slot name to its words (and what they stand for); macros: slot name to the wording it abbreviates.
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
        translated = "".join(_token(found, plain, words, seen) for found in _TOKEN.finditer(plain))
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


def _token(found: re.Match[str], say: str, words: _Words, seen: set[str]) -> str:
    slot, escaped, plain = found.groups()
    if not slot:
        return re.escape(escaped) if escaped else _MARKS.get(plain, re.escape(plain))
    group = "?:" if slot in seen else f"?P<{slot}>"
    seen.add(slot)
    kind = slot.rstrip("0123456789")
    if kind in _NUMBERS:
        return f"({group}{_NUMBERS[kind]})"
    if kind not in words:
        known = "、".join(sorted(NUMBER_SLOTS | set(words)))
        raise PatternError(f"“{say}”里没有 {{{slot}}} 这种槽；现有：{known}")
    longest_first = sorted(words[kind], key=len, reverse=True)
    return f"({group}(?>{'|'.join(map(re.escape, longest_first))}))"
