"""Lines cut into tokens: numbered headings and items, labels, plain text, and what is no part of the notice."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from intake.chinese_numerals import dates_in_digits, numeral_value
from intake.documents import DocumentLine
from intake.normalise import half_width
from intake.notices.notice_grammar import (
    ATTRIBUTE_ROLES,
    WORK_ROLES,
    LabelRole,
    NoticeGrammar,
    NumberForm,
    matches_any,
)
from intake.states import load_states

_SIGNS = {chr(ord(first) + place): place + 1 for first in "①⑴⒈" for place in range(20)} | {
    chr(ord("㈠") + place): place + 1 for place in range(10)
}
_STARTS = re.compile(r"^|[。;:,!?、”〕】)(]\s*|\s+")
_ATTRIBUTES_ONLY = frozenset(",、(:")
"""Behind these signs only who and when is a label (责任单位:…): 对照问题,措施:… is a sentence."""
_SHORT = 2
"""Signs of a label word that may be any word of a sentence unless a colon follows: 整改, 措施."""
_LONGEST_SIGNATURE = 40


class TokenKind(Enum):
    """What a token is. PAGE is part of the web page, CLOSING ends the text."""

    TEXT = auto()
    MARK = auto()
    PAGE = auto()
    CLOSING = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line: a mark (with its form and number), a label (with its role and word), or both, then text.

    ``inline`` is a token that does not begin its line; ``mark`` is its number and label as written.
    """

    kind: TokenKind
    line: int
    text: str
    form: NumberForm | None = None
    number: int | None = None
    role: LabelRole | None = None
    word: str = ""
    group: bool = False
    inline: bool = False
    mark: str = ""


class Tokenizer:
    """Cuts the lines of one notice; remembers the numbers it has seen, so that a mark in mid-line must carry on."""

    def __init__(self, grammar: NoticeGrammar, closure: bool) -> None:
        self._grammar = grammar
        self._states = load_states()
        self._closure = closure
        self._seen: dict[str, int] = {}
        # A label word with a colon, in heavy brackets, alone on its line, or with a space behind it.
        self._label = re.compile(
            rf"[【\[]?(?P<word>{grammar.words_of()})(?:[】\]]?\s*:\s*|[】\]]\s*|(?P<bare>\s*$)|(?P<spaced>\s+))"
        )
        self._numbered: frozenset[str] = frozenset()
        self._bare: frozenset[str] = frozenset()

    def tokens(self, lines: Sequence[DocumentLine], contents: frozenset[int] = frozenset()) -> Iterator[Token]:
        """The tokens of all lines, in reading order; ``contents`` numbers the lines of a table of contents."""
        # The forms that number a label of work at the start of a line ((二)整改措施:…), with its word and whether it
        # stands there alone.
        numbered = [
            (form.name, label["word"], label["bare"] is not None)
            for text in (half_width(line.text) for line in lines)
            for form in self._grammar.forms
            if (mark := form.mark.match(text)) and mark.end() and (label := self._label.match(text, mark.end()))
            if (known := self._grammar.label(label["word"], self._closure)) and known[0] in WORK_ROLES
            if not (form.section and label["bare"] is not None)
        ]
        words = {(name, word) for name, word, bare in numbered if bare}
        counted = Counter(name for name, _ in words)
        self._numbered = frozenset(name for name, _, bare in numbered if not bare)
        self._bare = frozenset(name for name, count in counted.items() if count > 1)
        started = False
        for place, line in enumerate(lines):
            text, footers = dates_in_digits(half_width(line.text)), self._grammar.footers
            after = dates_in_digits(half_width(lines[place + 1].text)) if place + 1 < len(lines) else ""
            kind: TokenKind | None = None
            of_page = matches_any(footers.page, text) and not self._states.sentence(text.strip("【】"))
            if line.number in contents or of_page:
                kind = TokenKind.PAGE
            elif matches_any(footers.closing, text):
                kind = TokenKind.CLOSING
            elif started and len(text) <= _LONGEST_SIGNATURE and self._grammar.dates.dated.match(after):
                kind = TokenKind.CLOSING if matches_any(footers.signature, text) else None
            cut = [Token(kind, line.number, line.text)] if kind else list(self._line(line))
            started = started or any(token.form for token in cut)
            yield from cut

    def _line(self, line: DocumentLine) -> Iterator[Token]:
        text, heads = line.text, list[_Head]()
        # Tokens begin at the start of the line and behind the signs a form or a label asks for.
        free, fresh = 0, True
        for sign in _STARTS.finditer(half := half_width(text)):
            if sign.end() < free:
                continue
            fresh = sign.end() == 0 or (fresh and sign.end() == free)
            head = self._head(half, sign.end(), "" if fresh else sign[0].strip()[:1] or sign[0][:1])
            fresh = bool(head and head.role)
            if head:
                free = max(head.begin, head.start + 1)
                heads.append(head)
        if not heads or heads[0].start > 0:
            heads.insert(0, _Head(0, 0))
        ends = [head.start for head in heads[1:]] + [len(text)]
        for place, (head, end) in enumerate(zip(heads, ends, strict=True)):
            yield Token(
                kind=TokenKind.MARK if head.form or head.role else TokenKind.TEXT,
                line=line.number,
                text=text[head.begin : end].strip(),
                form=head.form,
                number=head.number,
                role=head.role,
                word=head.word,
                group=head.group,
                inline=place > 0,
                mark=text[head.start : head.begin].strip(),
            )

    def _head(self, text: str, start: int, sign: str) -> "_Head | None":
        """What begins at ``start`` behind ``sign``, which is empty where a line or the text of a label begins."""
        form, count, begin = self._mark(text, start, sign)
        label = self._label.match(text, begin)
        known = self._grammar.label(label["word"], self._closure) if label else None
        if label is None or known is None or not self._may_stand(known[0], label, form, start, sign):
            return _Head(start, begin, form, count) if form else None
        role: LabelRole | None = known[0]
        if form and role is LabelRole.PROBLEM and not self._closure and form.name not in self._numbered:
            role = None  # 1.反馈问题:… is a heading that names its problem, unless 2.整改措施:… follows it
        return _Head(start, label.end(), form, count, role, label["word"], known[1])

    def _may_stand(self, role: LabelRole, label: re.Match[str], form: NumberForm | None, start: int, sign: str) -> bool:
        """Whether a label may stand here: in mid-line with care, without a colon only on a line of its own."""
        if label["bare"] is not None:
            return (self._closure or form.name in self._bare) if form else start == 0
        if label["spaced"] is not None:
            return start == 0 and len(label["word"]) > _SHORT
        return not sign or form is not None or sign not in _ATTRIBUTES_ONLY or (role in ATTRIBUTE_ROLES and sign != ":")

    def _mark(self, text: str, start: int, sign: str) -> tuple[NumberForm | None, int | None, int]:
        """The form that begins here, its number, and where the text behind it begins; a star adorns it only."""
        star = None if sign else self._grammar.marks.star.match(text, start)
        for place in (star.end(), start) if star else (start,):
            for form in self._grammar.forms:
                mark = form.mark.match(text, place) if not sign or sign in form.after else None
                if mark is None:
                    continue
                written = mark.groupdict().get("n")
                count = None if written is None else _SIGNS.get(written) or numeral_value(written)
                # Headings count wherever they begin a line; anything else begins at one or goes on counting.
                last = self._seen.get(form.name, 0)
                if count in (None, 1) or not (sign or form.item) or 0 < last <= (count or 0) <= last + 2:
                    self._seen[form.name] = count or 0
                    return form, count, mark.end()
        return None, None, start


@dataclass(frozen=True, slots=True)
class _Head:
    """Where a token begins, where its text begins, and what it is."""

    start: int
    begin: int
    form: NumberForm | None = None
    number: int | None = None
    role: LabelRole | None = None
    word: str = ""
    group: bool = False
