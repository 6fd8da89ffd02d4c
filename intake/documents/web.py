"""A web page as lines: what a browser would show of it, without running, fetching or following anything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from intake.documents.list_numbers import write_number
from intake.documents.plain_text import clean_line, decode, legible
from text.refusals import Refusal

MAX_PAGE_TAGS = 500_000
_LAYOUT = 30
"""A table's row with more blocks than this holds a page and not data."""

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]{0,100}?encoding=[\"']([\w-]+)", re.I)
_UNSEEN_NAMES = (
    "head script style template noscript iframe object svg select button textarea audio video canvas rt rp map"
)
_BLOCK_NAMES = (
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td "
    "tfoot th thead tr ul"
)
_UNSEEN, _BLOCKS = frozenset(_UNSEEN_NAMES.split()), frozenset(_BLOCK_NAMES.split())
_HIDDEN = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d]*[1-9])")
_LIST_TYPES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_CHINESE = "[⺀-鿿＀-￯]"
_WRAP = re.compile(f"(?<={_CHINESE})[ \t]*[\r\n]\\s*(?={_CHINESE})")
"""A line end of the page's source within Chinese text, which has no space between words."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NUMBERED = re.compile(r"[（(]?(\d+|[一二三四五六七八九十]+)[、．.）)]")


def parse_page(name: str, content: bytes) -> Any:
    """The page's tree. Raises ``Refusal`` for a page that is not readable as a whole."""
    text = legible(decode(name, content, _declared(content)))
    if text.count("<") > MAX_PAGE_TAGS:
        raise Refusal("document_costly", name=name)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        page = html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Refusal("document_blank", name=name) from error
    # The parser goes on without what lies too deep; a text that lost a part unseen is worse than none.
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise Refusal("document_costly", name=name)
    return page


def _declared(content: bytes) -> str:
    found = _META.search(content[:4096])
    return (found[1] or found[2]).decode().lower() if found else ""


@dataclass(slots=True)
class _Walk:
    """The line being gathered, the lists it stands in, and the number its next text will carry."""

    pieces: list[str] = field(default_factory=list)
    lists: list["_Counter | None"] = field(default_factory=list)
    label: str = ""
    preformatted: int = 0

    def add(self, text: str | None) -> Iterator[str]:
        """Text between two tags; in preformatted text its line ends are ends of lines."""
        parts = (text or "").split("\n") if self.preformatted else [text or ""]
        for part in parts[:-1]:
            self.pieces.append(part)
            yield from self.end()
        self.pieces.append(parts[-1])

    def end(self) -> Iterator[str]:
        """The line gathered so far, if it says anything."""
        text = clean_line(_SPACE.sub(" ", _WRAP.sub("", "".join(self.pieces))))
        self.pieces.clear()
        if text:
            yield text if _NUMBERED.match(text) else self.label + text
            self.label = ""

    def open(self, element: Any) -> None:
        """Step into a list or one of its items, or into preformatted text."""
        if element.tag == "pre":
            self.preformatted += 1
        elif element.tag in {"ol", "ul", "menu"}:
            self.lists.append(_Counter.of(element) if element.tag == "ol" else None)
        elif element.tag == "li":
            counter = self.lists[-1] if self.lists else None
            self.label = counter.next(element) if counter else ""

    def close(self, element: Any) -> None:
        """Step out again."""
        if element.tag == "pre":
            self.preformatted -= 1
        elif element.tag in {"ol", "ul", "menu"}:
            self.lists.pop()
        elif element.tag == "li":
            self.label = ""


@dataclass(slots=True)
class _Counter:
    """How far an ordered list has counted, and in which signs."""

    last: int
    format: str

    @classmethod
    def of(cls, element: Any) -> "_Counter | None":
        if "list-style:none" in _style(element) or "list-style-type:none" in _style(element):
            return None
        return cls(whole(element.get("start"), 1) - 1, _LIST_TYPES.get(element.get("type", ""), "decimal"))

    def next(self, item: Any) -> str:
        self.last = whole(item.get("value"), self.last + 1)
        return write_number(self.last, self.format) + "．"


def page_lines(root: Any) -> Iterator[str]:
    """The lines of an element. Walked by events: pages may be nested deeper than functions can call each other."""
    walk = _Walk()
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "start":
            yield from _enter(walk, element, events)
        else:
            yield from _leave(walk, element, element is root)
    yield from walk.end()


def _enter(walk: _Walk, element: Any, events: Any) -> Iterator[str]:
    if element.tag in _BLOCKS:
        yield from walk.end()
    if is_hidden(element):
        events.skip_subtree()
    elif element.tag == "tr" and _is_data(element):
        yield "\t".join(" ".join(page_lines(cell)) for cell in element.iterchildren("td", "th"))
        events.skip_subtree()
    else:
        walk.open(element)
        yield from walk.add(element.text)


def _leave(walk: _Walk, element: Any, is_root: bool) -> Iterator[str]:
    if element.tag in _BLOCKS:
        yield from walk.end()
    if not is_hidden(element):
        walk.close(element)
    if not is_root:
        yield from walk.add(element.tail)


def is_hidden(element: Any) -> bool:
    """Whether a browser shows nothing of an element."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    return _HIDDEN.search(_style(element)) is not None


def _is_data(row: Any) -> bool:
    """Whether a table's row holds data: several cells of text, and not parts of a page laid out by a table."""
    if len(list(row.iterchildren("td", "th"))) < 2 or next(row.iter("table", "h1", "h2", "h3"), None) is not None:
        return False
    return sum(1 for _ in row.iter("p", "div", "br", "li")) <= _LAYOUT


def _style(element: Any) -> str:
    return re.sub(r"\s", "", element.get("style", "")).lower()


def whole(text: str | None, default: int) -> int:
    """The number an attribute holds, else the default."""
    return int(text) if text and re.fullmatch(r"\s*-?\d{1,9}\s*", text) else default
