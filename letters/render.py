"""render: a message in every form a channel may want: subject, text, HTML, Markdown, one line.

Everything in a message is hostile until shown otherwise: what people typed is flattened to one line, cut to a length,
escaped in HTML and stripped of meaning in Markdown; only http(s) links survive. Rendering reads no clock and sends
nothing. ``render_test.py`` proves it with any text. The wording around it is in ``config/templates``.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from letters.limit import SECTION_CAP, by_colour, fitting, sms_line
from plan.types import Level
from rules.alert_kinds import ALERT_FACTS, COUNTS, OVERDUE
from rules.message import Message, MessageContent, MessageItem
from text import clean
from text.catalogue import PHRASES, date_text, phrase, term

FIELD_LIMIT = 300
"""Characters of one field of an item; a cut shows as ``…``."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "config" / "templates"),
    autoescape=select_autoescape(["html.j2"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(message: Message, ui_url: str | None = None) -> Message:
    """Write the message: most severe first, per item what, due when, how late, what to do and where.

    Args:
        message: merged; at most ``SECTION_CAP`` items of each colour are printed, the rest are counted.
        ui_url: address of the Prefect UI as readers reach it, for the links; None gives none.

    Returns:
        The message with its content. Its Markdown keeps within ``ROBOT_BYTES`` by printing fewer items of each colour.
    Raises:
        ValueError: no items.
    """
    if not message.items:
        raise ValueError("a message needs at least one item")
    heading = subject(message)
    latest = sorted(message.items, key=lambda item: -item.days_late)
    content = MessageContent(
        subject=heading,
        text=_fill("message.txt.j2", message, ui_url, clean.line, SECTION_CAP),
        html=_fill("message.html.j2", message, ui_url, clean.line, SECTION_CAP),
        markdown=fitting(partial(_fill, "message.md.j2", message, ui_url, clean.chat_markdown)),
        short=sms_line(heading, [link for item in latest if (link := _link(item, ui_url))]),
        recipient=clean.line(message.recipient, 60),
    )
    return replace(message, content=content)


def subject(message: Message) -> str:
    """Counts in order of weight: ``【督办】2项逾期、3项临期 · 2025年5月12日``. Holds no text from outside.

    Args:
        message: merged.
    """
    named = [_count(item) for item in message.items]
    counts = [phrase(f"count.{name}", n=named.count(name)) for name in COUNTS if name in named]
    brand = phrase("message.brand") + (phrase("message.resend") if message.resend else "")
    return f"{brand}{phrase('message.separator').join(counts)} · {date_text(message.day)}"


def _count(item: MessageItem) -> str:
    """Which count of the subject the item adds to: what it asks for, else late, else due soon."""
    facts = ALERT_FACTS[item.kind]
    return OVERDUE if item.days_late > 0 and not facts.own_count else facts.count


def _fill(template: str, message: Message, ui_url: str | None, write: Callable[[str, int], str], cap: int) -> str:
    def shown(text: str, limit: int = FIELD_LIMIT) -> str:
        return write(text, limit)

    sections = [
        {
            "level": level.value,
            "heading": _heading(level, len(items)),
            "items": [_item(item, message, ui_url, shown) for item in items[:cap]],
            "more": max(0, len(items) - cap),
        }
        for level, items in by_colour(message)
    ]
    return _templates.get_template(template).render(
        w=PHRASES,
        subject=shown(subject(message)),
        resend=message.resend,
        recipient=shown(message.recipient, 60),
        office=shown(message.office, 60),
        key=shown(message.key, 120),
        today=date_text(message.day),
        count=len(message.items),
        sections=sections,
    )


def _heading(level: Level, count: int) -> str:
    if level is Level.NONE:
        return phrase("message.section_plain", n=count)
    return phrase("message.section", colour=term(level), n=count)


def _item(item: MessageItem, message: Message, ui_url: str | None, shown: Callable[[str], str]) -> dict[str, Any]:
    return {
        "kind": term(item.kind),
        "measure": shown(item.measure),
        "title": shown(item.title),
        "period": shown(f"{item.duty} {item.label}"),
        "when": _when(item, message),
        "action": shown(phrase(f"action.{item.kind}")),
        "note": shown(item.note) if item.note else None,
        "link": _link(item, ui_url),
    }


def _when(item: MessageItem, message: Message) -> str:
    """The limit and how far it is: lateness in working days, time left in calendar days."""
    due_on = item.due_on or message.day
    left = (due_on - message.day).days
    key = "days_late" if item.days_late > 0 else "days_left" if left > 0 else "due_today" if left == 0 else "due"
    return phrase(f"message.{key}", due=date_text(due_on), n=item.days_late or left)


def _link(item: MessageItem, ui_url: str | None) -> str | None:
    if not ui_url or not item.flow_run_id:
        return None
    return clean.web_link(f"{ui_url.rstrip('/')}/runs/flow-run/{item.flow_run_id}")
