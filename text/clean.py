"""Text from outside made harmless for where it goes: one idea of what nobody should meet, a function per destination.

What people typed, files held and the network brought is hostile until it went through here. Two kinds of characters
never come through, wherever the text goes:

- **What hides** goes, and the text around it closes up, so that names which look alike are alike: controls, format
  signs (zero width, reading direction), what Unicode calls default-ignorable (variation selectors, fillers, joiners),
  and the blank Braille pattern.
- **What is broken** becomes `�`, so that a lost sign is seen: surrogates, private use, and what never is a character
  (U+FFFE, U+FFFF and their like). What is not assigned yet stays: a newer Unicode than ours may have it, and no text
  may read differently under another Python.

Tabs and the ends of lines (CR LF, CR, VT, FF, U+001C–1E, NEL, U+2028, U+2029: all that `str.splitlines` knows) are no
hiding characters; the destination says what they are there:

| function | end of a line | tab | blanks around the text | besides |
|---|---|---|---|---|
| `visible` | kept | kept | kept | for whoever folds the text himself, such as readers of documents |
| `lines` | line feed | blank | kept | what terminals show |
| `block` | line feed | blank | gone | what tables hold |
| `line` | blank | blank | gone | runs of blanks are one; cut to a limit |
| `spelt_out` | `\\n` | `\\t` | kept | escapes for what hides: faults of a file that its author has to find |
| `markdown` | blank | blank | gone | a backslash before signs that mark up: Prefect's pages |
| `chat_markdown` | blank | blank | gone | wide look-alikes of those signs: some chat robots print the backslash |
| `cell` | line feed | blank | kept | Excel's own escapes are broken apart |

Every result can stand in XML, in UTF-8 and in PostgreSQL. Done twice, nothing changes any more; only `markdown` and
`spelt_out` write their backslashes again.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

LONGEST_LINK = 2000
"""Characters of a web address: what every browser and mail program still takes."""

_UNUSUAL = re.compile(
    "[^\n -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u3001-\u303e\u3041-\u3096\u30a1-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff9f]"
)
"""What has to be looked up: all but the signs that make up nearly every text."""
_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Default-ignorable (DerivedCoreProperties.txt) beyond the format signs, and the Braille pattern without dots."""
_BROKEN = "\ufffd"
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_AUTOLINK = re.compile(r"(?i):(?=//)|@(?=\w)|(?<=\bwww)\.")
"""What a bare address is known by: where Markdown of today would make a link of it, nobody asked for one."""
_LIST = re.compile(r"^(\d{1,9}(?=[.)](?: |$))|(?=[-+=]))(.)")
"""What begins a list or underlines the line before: a number with its sign, or a sign."""
_WIDE = str.maketrans("\\`*_{}[]<>#|~!&-+=.)", "＼｀＊＿｛｝［］＜＞＃｜～！＆－＋＝．）")
_EXCEL_ESCAPE = re.compile(r"x(?=[0-9A-Fa-f]{4}_)")
_EXCEL_RETURN = re.compile("_x000[dD]_")
_JOINER = "\u2060"
_FORMULA = ("=", "+", "-", "@")


def visible(text: str) -> str:
    """Text without what no reader should meet; ends of lines, tabs and blanks stay as they are.

    Args:
        text: anything a person, a file or the network brought.
    """
    return _UNUSUAL.sub(_seen, text)


def _seen(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\t" or _LINE_END.match(char):
        return char
    if _hides(char):
        return ""
    return _BROKEN if _is_broken(char) else char


def _hides(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") or _BLANK.match(char) is not None


def _is_broken(char: str) -> bool:
    return unicodedata.category(char) in ("Cs", "Co") or ord(char) & 0xFFFE == 0xFFFE


def hidden_character(text: str) -> str | None:
    """The first character that ``text`` may not hold where a person can still mend it; line feeds are fine, tabs not.

    Args:
        text: as it was written, such as a value of a plan.

    Returns:
        The character, or None for a text that every function here leaves as it is.
    """
    if not _UNUSUAL.search(text):  # as nearly every text: a large workbook asks this of a hundred thousand cells
        return None
    found = (match[0] for match in _UNUSUAL.finditer(text))
    return next((char for char in found if _hides(char) or _is_broken(char)), None)


def block(text: str) -> str:
    """Text of several lines, as tables hold it.

    Args:
        text: anything a person, a file or the network brought.

    Returns:
        The text without blanks around it; empty where it held nothing to see.
    """
    return lines(text).strip()


def lines(text: str) -> str:
    """Text of several lines with the blanks around it: what a command says, indented as it is.

    Args:
        text: anything a person, a file or the network brought.
    """
    return _LINE_END.sub("\n", visible(text)).replace("\t", " ")


def line(text: str, limit: int | None = None) -> str:
    """Text on one line, which cannot end a mail header, forge a line of a log or break out of a list.

    Args:
        text: anything a person, a file or the network brought.
        limit: the most characters to keep, at least 1; a cut shows as ``…``. None keeps all.

    Returns:
        One line, its words parted by single blanks.
    """
    whole = " ".join(visible(text).split())
    return whole if limit is None or len(whole) <= limit else f"{whole[: limit - 1].rstrip()}…"


def spelt_out(text: str, limit: int = 60) -> str:
    """Text on one line for the person who wrote it and has to find what is wrong: what hides is written as an escape.

    Args:
        text: as it was written.
        limit: the most characters to keep, at least 1; a cut shows as ``…``.

    Returns:
        The text with ``\\u200b``, ``\\n`` and the like in the place of what nobody sees.
    """
    whole = _UNUSUAL.sub(_escaped, text.replace("\n", r"\n"))
    return whole if len(whole) <= limit else f"{whole[: limit - 1]}…"


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    return char.encode("unicode_escape").decode() if hidden_character(char) else char


def markdown(text: str) -> str:
    """Text on one line that reads as itself inside Markdown: no markup, no HTML, no list, no link of a bare address.

    Args:
        text: anything a person, a file or the network brought.

    Returns:
        CommonMark that renders to ``line(text)``.
    """
    marked = _MARKUP.sub(r"\\\g<0>", line(text))
    return _LIST.sub(r"\1\\\2", _AUTOLINK.sub(r"\\\g<0>", marked))


def chat_markdown(text: str, limit: int | None = None) -> str:
    """Text on one line that reads as itself in the Markdown of a chat robot, whether or not it knows the backslash.

    Args:
        text: anything a person, a file or the network brought.
        limit: the most characters to keep, at least 1; a cut shows as ``…``. None keeps all.

    Returns:
        ``line(text, limit)`` with wide look-alikes for the signs that would mark up.
    """
    whole = _MARKUP.sub(lambda found: found[0].translate(_WIDE), line(text, limit))
    return _LIST.sub(lambda found: found[1] + found[2].translate(_WIDE), whole)


def cell(text: str) -> str:
    """Text as it is written into a cell of a workbook, so that every program gives it back unchanged.

    Excel stores a character it cannot show as ``_x000D_``, and some readers undo that even where a text says so
    itself. A word joiner breaks such a pattern apart; no text holds that character, so it marks nothing else, and
    ``from_cell`` takes it out.

    Args:
        text: anything; a text without hidden characters comes back from ``from_cell`` as it was.
    """
    return _EXCEL_ESCAPE.sub(f"x{_JOINER}", from_cell(text) if hidden_character(text) else text)


def from_cell(text: str) -> str:
    """Text as it was read from a cell: without what ``cell`` put in, and without what no reader should meet.

    Args:
        text: the cell's text, from whichever program.
    """
    return lines(_EXCEL_RETURN.sub("", text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take ``text`` for a formula if somebody edits the cell."""
    return text.startswith(_FORMULA)


def web_link(link: str | None) -> str | None:
    """The link if it is http(s) with a host, percent-encoded so that no form of message can be broken by it.

    Args:
        link: an address from a setting or a person, or None.

    Returns:
        The address in ASCII; None for anything else, and for more than ``LONGEST_LINK`` characters.
    """
    try:
        parts = urlsplit(line(link or ""))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(parts.geturl()) > LONGEST_LINK:
        return None
    return quote(parts.geturl(), safe=":/?#@&=+$,;%~-.")
