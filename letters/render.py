"""One grouped message for one recipient, in every form a channel may want: subject, text, HTML, Markdown, one line.

Everything in a letter is hostile until shown otherwise: what people typed is flattened to one line, cut to a length,
escaped in HTML and stripped of meaning in Markdown; only http(s) links survive. Rendering reads no clock and sends
nothing. ``render_test.py`` proves it with any text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from plan.types import AlertKind, Level
from rules.alert_kinds import ALERT_FACTS, COUNTS, OVERDUE
from text.catalogue import PHRASES, date_text, phrase, term

SECTION_CAP = 20
FIELD_LIMIT = 300
MARKDOWN_BYTES = 4096  # what a WeCom group robot accepts in one message; DingTalk and Feishu accept 20 000
_MARKDOWN_WIDE = str.maketrans("\\`*_[]#<>|~!", "＼｀＊＿［］＃＜＞｜～！")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "config" / "templates"),
    autoescape=select_autoescape(["html.j2"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class Line:
    """One alert of a message. ``days_late`` counts working days; ``due_on`` is a day in the office's zone."""

    kind: AlertKind
    level: Level
    measure: str
    title: str
    period: str
    due_on: date
    days_late: int
    action: str
    link: str | None
    note: str | None


@dataclass(frozen=True)
class Letter:
    """What one recipient is told at one time. ``key`` is the same for every attempt to send it."""

    key: str
    recipient: str
    office: str
    subject_date: date
    lines: tuple[Line, ...]
    resend: bool


@dataclass(frozen=True)
class Rendered:
    """The letter in every form a channel may want; ``short`` is one line for an SMS, ``recipient`` is the To name."""

    subject: str
    text: str
    html: str
    markdown: str
    short: str
    recipient: str


def render(letter: Letter) -> Rendered:
    """Write the letter: most severe first, per line what, due when, how late, what to do and where.

    Args:
        letter: one recipient's lines; at most ``SECTION_CAP`` of each colour are printed, the rest are counted.
    Returns:
        The forms. ``markdown`` keeps within ``MARKDOWN_BYTES`` by printing fewer lines of each colour.
    Raises:
        ValueError: no lines.
        KeyError: a line of an unknown kind.
    """
    if not letter.lines:
        raise ValueError("a letter needs at least one line")
    heading = subject(letter)
    return Rendered(
        subject=heading,
        text=_fill("digest.txt.j2", letter, SECTION_CAP, str),
        html=_fill("digest.html.j2", letter, SECTION_CAP, str),
        markdown=_short_enough(_fill("digest.md.j2", letter, cap, plain) for cap in (SECTION_CAP, 10, 5, 2, 1, 0)),
        short=" ".join([heading, *_links(letter)][:2]),
        recipient=clean(letter.recipient, 60),
    )


def clean(text: str, limit: int = FIELD_LIMIT) -> str:
    """Text on one line, without control, formatting or broken characters, cut to ``limit`` characters.

    Args:
        text: anything a person, a file or the network brought.
        limit: most characters to keep; a cut shows as ``…``.
    Returns:
        A single line that cannot end a mail header, reverse the reading direction or hide text.
    """
    spaced = re.sub(r"\s+", " ", "".join(_visible(char) for char in text)).strip()
    return spaced if len(spaced) <= limit else spaced[: limit - 1] + "…"


def plain(text: str) -> str:
    """Text whose Markdown signs are wide look-alikes; robots differ in whether they know the backslash."""
    return text.translate(_MARKDOWN_WIDE)


def safe_link(link: str | None) -> str | None:
    """The link if it is http(s) with a host, percent-encoded so that no form of message can be broken by it."""
    try:
        parts = urlsplit(clean(link or "", 2000))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return quote(parts.geturl(), safe=":/?#@&=+$,;%~-.")


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs", "Cn", "Co") else char


def _fill(template: str, letter: Letter, cap: int, escape: Callable[[str], str]) -> str:
    def shown(text: str, limit: int = FIELD_LIMIT) -> str:
        return escape(clean(text, limit))

    return _templates.get_template(template).render(
        w=PHRASES,
        subject=escape(subject(letter)),
        resend=letter.resend,
        recipient=shown(letter.recipient, 60),
        office=shown(letter.office, 60),
        key=shown(letter.key, 120),
        today=date_text(letter.subject_date),
        count=len(letter.lines),
        sections=list(_sections(letter, cap, shown)),
    )


def _sections(letter: Letter, cap: int, shown: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """The lines by colour from red to none, the latest first in each."""
    for level in reversed(Level):
        lines = [line for line in letter.lines if line.level is level]
        if lines:
            lines.sort(key=lambda line: (-line.days_late, line.due_on, line.measure))
            yield {
                "level": level.value,
                "heading": _heading(level, len(lines)),
                "items": [_item(line, letter, shown) for line in lines[:cap]],
                "more": max(0, len(lines) - cap),
            }


def _heading(level: Level, count: int) -> str:
    if level is Level.NONE:
        return phrase("message.section_plain", n=count)
    return phrase("message.section", colour=term(level), n=count)


def _item(line: Line, letter: Letter, shown: Callable[[str], str]) -> dict[str, str | None]:
    return {
        "kind": term(line.kind),
        "measure": shown(line.measure),
        "title": shown(line.title),
        "period": shown(line.period),
        "when": _when(line, letter),
        "action": shown(line.action),
        "note": shown(line.note) if line.note else None,
        "link": safe_link(line.link),
    }


def _when(line: Line, letter: Letter) -> str:
    """The limit and how far it is: lateness in working days as the caller counted, time left in calendar days."""
    left = (line.due_on - letter.subject_date).days
    key = "days_late" if line.days_late > 0 else "days_left" if left > 0 else "due_today" if left == 0 else "due"
    days = line.days_late or left
    return phrase(f"message.{key}", due=date_text(line.due_on), n=days)


def subject(letter: Letter) -> str:
    """Counts in order of weight: ``【督办】2项逾期、3项临期 · 2025年5月12日``. Holds no text from outside."""
    named = [_count(line) for line in letter.lines]
    counts = [phrase(f"count.{name}", n=named.count(name)) for name in COUNTS if name in named]
    brand = phrase("message.brand") + (phrase("message.resend") if letter.resend else "")
    return f"{brand}{phrase('message.separator').join(counts)} · {date_text(letter.subject_date)}"


def _count(line: Line) -> str:
    """Which count of the subject the line adds to: what it asks for, else late, else due soon."""
    facts = ALERT_FACTS[line.kind]
    return OVERDUE if line.days_late > 0 and not facts.own_count else facts.count


def _short_enough(candidates: Iterable[str]) -> str:
    """The first that a robot accepts; the last one prints no lines, only counts, and always fits."""
    text = ""
    for text in candidates:
        if len(text.encode()) <= MARKDOWN_BYTES:
            break
    return text


def _links(letter: Letter) -> list[str]:
    found = (safe_link(line.link) for line in sorted(letter.lines, key=lambda line: -line.days_late))
    return [link for link in found if link]
