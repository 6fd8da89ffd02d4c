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

from letters.limit import SECTION_CAP, by_colour, fitting
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
    # A misspelt name in an office's own template is an error, not a hole in its letters.
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
    links = [link for item in latest if (link := _link(item, ui_url))]
    content = MessageContent(
        subject=heading,
        text=_fill("message.txt.j2", message, ui_url, clean.line, SECTION_CAP),
        html=_fill("message.html.j2", message, ui_url, clean.line, SECTION_CAP),
        markdown=fitting(partial(_fill, "message.md.j2", message, ui_url, clean.chat_markdown)),
        short=" ".join([heading, *links[:1]]),
        recipient=clean.line(message.recipient, 60),
    )
    return replace(message, content=content)


def subject(message: Message) -> str:
    """Counts in order of weight: ``【督办】2项逾期、3项临期 · 2025年5月12日``. Holds no text from outside.

    Args:
        message: merged.
    """
    facts = [(item, ALERT_FACTS[item.kind]) for item in message.items]
    named = [OVERDUE if item.days_late > 0 and not fact.own_count else fact.count for item, fact in facts]
    counts = [phrase(f"count.{name}", n=named.count(name)) for name in COUNTS if name in named]
    brand = phrase("message.brand") + (phrase("message.resend") if message.resend else "")
    return f"{brand}{phrase('message.separator').join(counts)} · {date_text(message.day)}"


def _fill(template: str, message: Message, ui_url: str | None, write: Callable[[str, int], str], cap: int) -> str:
    sections = [
        {
            "level": level.value,
            "heading": phrase("message.section_plain", n=len(items))
            if level is Level.NONE
            else phrase("message.section", colour=term(level), n=len(items)),
            "items": [_item(item, message, ui_url, write) for item in items[:cap]],
            "more": max(0, len(items) - cap),
        }
        for level, items in by_colour(message)
    ]
    return _templates.get_template(template).render(
        w=PHRASES,
        subject=write(subject(message), FIELD_LIMIT),
        resend=message.resend,
        recipient=write(message.recipient, 60),
        office=write(message.office, 60),
        key=write(message.key, 120),
        today=date_text(message.day),
        count=len(message.items),
        sections=sections,
    )


def _item(item: MessageItem, message: Message, ui_url: str | None, write: Callable[[str, int], str]) -> dict[str, Any]:
    due_on = item.due_on or message.day
    left = (due_on - message.day).days  # what is late is told in working days, what is left in calendar days
    when = "days_late" if item.days_late > 0 else "days_left" if left > 0 else "due_today" if left == 0 else "due"
    return {
        "kind": term(item.kind),
        "measure": write(item.measure, FIELD_LIMIT),
        "title": write(item.title, FIELD_LIMIT),
        "period": write(f"{item.duty} {item.label}", FIELD_LIMIT),
        "when": phrase(f"message.{when}", due=date_text(due_on), n=item.days_late or left),
        "action": write(phrase(f"action.{item.kind}"), FIELD_LIMIT),
        "note": write(item.note, FIELD_LIMIT) if item.note else None,
        "link": _link(item, ui_url),
    }


def _link(item: MessageItem, ui_url: str | None) -> str | None:
    if not ui_url or not item.flow_run_id:
        return None
    return clean.web_link(f"{ui_url.rstrip('/')}/runs/flow-run/{item.flow_run_id}")
